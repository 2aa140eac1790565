//! A room full of clients: they join, hear, and some of them speak. What they hear is checked, always.
//!
//! The works differ in who speaks when; all of them call [`Room::turn`], which waits until something has come, and deals
//! with all that has.

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::Common;
use crate::client::{Client, Phase};
use crate::log::Log;
use crate::net::{Link, Net, Read};
use crate::receiver::Faults;
use crate::tls::Trust;
use crate::wire;

/// Clients that are let join at once.
const JOINING_MAX: usize = 64;

/// How often one client may read before the others have their turn.
const READS: usize = 4;

/// How long anything may take that should take a moment.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// See the [module](self).
pub(crate) struct Room {
    pub(crate) addr: SocketAddr,
    /// The server only copies: it does not tell who is here.
    bare: bool,
    pub(crate) trust: Option<Trust>,
    pub(crate) net: Net,
    pub(crate) clients: Vec<Client>,
    pub(crate) log: Log,
    began: Instant,
}

impl Room {
    /// A room with nobody in it yet.
    pub(crate) fn new(common: &Common) -> Result<Room, Box<dyn Error>> {
        let Common { addr, bare, clients: size, .. } = *common;
        let (net, clients, log) = (Net::new(common.spin)?, Vec::with_capacity(size), Log::new(size));
        let trust = common.tls.as_deref().map(Trust::of).transpose()?;
        Ok(Room { addr, bare, trust, net, clients, log, began: Instant::now() })
    }

    /// Nanoseconds since the beginning.
    pub(crate) fn now(&self) -> u64 {
        now(self.began)
    }

    /// Fills the room. `joined` is told how many are in, each time somebody more is.
    pub(crate) fn fill(&mut self, size: usize, mut joined: impl FnMut(usize)) -> Result<(), Box<dyn Error>> {
        let mut told = 0;
        let deadline = Instant::now() + PATIENCE + Duration::from_millis(20 * size as u64);
        while told < size {
            while self.clients.len() < size && self.clients.len() < told + JOINING_MAX {
                self.connect(None)?;
            }
            self.turn_before(deadline, "joining")?;
            // Those that joined out of turn are counted as soon as those before them have.
            let in_turn = self.clients[told..].iter().take_while(|client| client.phase != Phase::Joining).count();
            if in_turn > 0 {
                told += in_turn;
                joined(told);
            }
        }
        Ok(())
    }

    /// One more client begins to join.
    pub(crate) fn connect(&mut self, receive_buffer: Option<usize>) -> Result<(), Box<dyn Error>> {
        let index = self.clients.len();
        let mut client = Client::new(index, Link::connect(self.addr, receive_buffer, self.trust.as_ref())?);
        self.net.add(&mut client.link, index)?;
        client.link.send(&wire::hello(&client.name)?)?;
        self.clients.push(client);
        Ok(())
    }

    /// Waits until everybody knows of everybody; then draws the line behind which everything is checked.
    pub(crate) fn start(&mut self) -> Result<(), Box<dyn Error>> {
        let deadline = Instant::now() + PATIENCE;
        let size = self.clients.len() as u64;
        while !self.bare && self.clients.iter().map(|client| client.hellos).sum::<u64>() < size * size {
            self.turn_before(deadline, "hearing who is here")?;
        }
        let line = wire::start(&self.clients[0].name);
        self.clients[0].link.send(&line)?;
        while !self.clients.iter().all(|client| client.phase == Phase::Checked) {
            self.turn_before(deadline, "starting")?;
        }
        Ok(())
    }

    /// Waits for something to come, and deals with it.
    pub(crate) fn turn(&mut self, limit: Duration) -> Result<Vec<usize>, Box<dyn Error>> {
        let ready = self.net.wait(limit)?;
        let mut others = Vec::new();
        for number in &ready {
            if *number < self.clients.len() { self.hear(*number)? } else { others.push(*number) }
        }
        self.net.done(ready);
        Ok(others)
    }

    /// The same, before a deadline.
    pub(crate) fn turn_before(&mut self, deadline: Instant, what: &str) -> Result<(), Box<dyn Error>> {
        if Instant::now() > deadline {
            return Err(format!("{what} takes too long").into());
        }
        self.turn(Duration::from_millis(50)).map(|_| ())
    }

    /// One client reads.
    fn hear(&mut self, index: usize) -> Result<(), Box<dyn Error>> {
        let Room { net, clients, log, began, .. } = self;
        let client = &mut clients[index];
        if client.phase == Phase::Silent {
            return Ok(());
        }
        client.link.flush()?;
        for _ in 0..READS {
            let (bytes, more) = match client.link.read(&mut net.buffer)? {
                Read::Nothing => return Ok(()),
                Read::Closed => {
                    let why = client.strange().unwrap_or("no reason was given");
                    return Err(format!("the server closed the connection of {}: {why}", client.name).into());
                }
                Read::Bytes(bytes, more) => (bytes, more),
            };
            let used = client.hear(bytes, log, now(*began));
            client.link.keep(&bytes[used..]);
            // Those who speak as fast as they can do so as soon as they hear themselves.
            client.speak_on(now(*began))?;
            if !more {
                return Ok(());
            }
        }
        net.again(index);
        Ok(())
    }

    /// Messages that came to somebody.
    pub(crate) fn deliveries(&self) -> u64 {
        self.clients.iter().map(|client| client.received).sum()
    }

    /// Those who hear.
    pub(crate) fn hearers(&self) -> impl Iterator<Item = &Client> {
        self.clients.iter().filter(|client| client.phase != Phase::Silent)
    }

    /// Lets go of what all have heard.
    pub(crate) fn forget(&mut self) {
        if self.log.is_short() {
            return;
        }
        if let Some(slowest) = self.hearers().map(|client| client.receiver.place).min() {
            self.log.forget(slowest);
        }
    }

    /// Waits until everybody has heard everything that was said, or the time is over.
    pub(crate) fn settle(&mut self, limit: Duration) -> Result<(), Box<dyn Error>> {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            let sent: u64 = self.clients.iter().map(|client| client.sent).sum();
            let up_to_date = self.hearers().all(|client| client.receiver.is_up_to_date(&self.log));
            if up_to_date && self.log.messages() >= sent {
                break;
            }
            self.turn(Duration::from_millis(20))?;
        }
        Ok(())
    }

    /// What was wrong, when nothing more is to come.
    pub(crate) fn faults(&self) -> Faults {
        let never_came = self.log.never_came(self.clients.iter().map(|client| client.sent));
        let mut faults = Faults::default();
        for client in self.hearers() {
            faults += client.faults(&self.log, never_came);
        }
        faults
    }
}

fn now(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
