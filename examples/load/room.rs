//! All clients of a run. Everything that they receive is checked.
//!
//! The workloads differ in which clients send, and when. All of them call [`Room::turn`], which waits for events and handles
//! them.

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

/// Maximum number of clients that join at the same time.
const JOINING_MAX: usize = 64;

/// Maximum number of reads of one client per turn.
const READS: usize = 4;

/// Timeout for steps that should be immediate.
pub(crate) const TIMEOUT: Duration = Duration::from_mins(1);

/// The clients, their sockets and the log. See the [module](self).
pub(crate) struct Room {
    pub(crate) addr: SocketAddr,
    /// The server only copies lines, and announces no names.
    bare: bool,
    pub(crate) trust: Option<Trust>,
    pub(crate) net: Net,
    pub(crate) clients: Vec<Client>,
    pub(crate) log: Log,
    began: Instant,
}

impl Room {
    /// Creates a room without clients.
    pub(crate) fn new(common: &Common) -> Result<Room, Box<dyn Error>> {
        let Common { addr, bare, clients: size, .. } = *common;
        let (net, clients, log) = (Net::new(common.spin)?, Vec::with_capacity(size), Log::new(size));
        let trust = common.tls.as_deref().map(Trust::of).transpose()?;
        Ok(Room { addr, bare, trust, net, clients, log, began: Instant::now() })
    }

    /// Returns the nanoseconds since the beginning.
    pub(crate) fn now(&self) -> u64 {
        now(self.began)
    }

    /// Lets `size` clients join. Calls `joined` with the number of joined clients whenever it rises.
    pub(crate) fn fill(&mut self, size: usize, mut joined: impl FnMut(usize)) -> Result<(), Box<dyn Error>> {
        let mut joined_count = 0;
        let deadline = Instant::now() + TIMEOUT + Duration::from_millis(20 * size as u64);
        while joined_count < size {
            while self.clients.len() < size && self.clients.len() < joined_count + JOINING_MAX {
                self.connect(None)?;
            }
            self.turn_before(deadline, "joining")?;
            // A client that joined out of order is counted after those before it.
            let in_turn =
                self.clients[joined_count..].iter().take_while(|client| client.phase != Phase::Joining).count();
            if in_turn > 0 {
                joined_count += in_turn;
                joined(joined_count);
            }
        }
        Ok(())
    }

    /// Connects one more client and sends its HELLO.
    pub(crate) fn connect(&mut self, receive_buffer: Option<usize>) -> Result<(), Box<dyn Error>> {
        let index = self.clients.len();
        let mut client = Client::new(index, Link::connect(self.addr, receive_buffer, self.trust.as_ref())?);
        self.net.add(&mut client.link, index)?;
        client.link.send(&wire::hello(&client.name)?)?;
        self.clients.push(client);
        Ok(())
    }

    /// Waits until all clients have the HELLO of all others. Then sends the line after which everything is checked.
    pub(crate) fn start(&mut self) -> Result<(), Box<dyn Error>> {
        let deadline = Instant::now() + TIMEOUT;
        let size = self.clients.len() as u64;
        while !self.bare && self.clients.iter().map(|client| client.hellos).sum::<u64>() < size * size {
            self.turn_before(deadline, "receiving all HELLO lines")?;
        }
        let line = wire::start(&self.clients[0].name);
        self.clients[0].link.send(&line)?;
        while !self.clients.iter().all(|client| client.phase == Phase::Checked) {
            self.turn_before(deadline, "starting")?;
        }
        Ok(())
    }

    /// Waits for events, and lets the ready clients read. Returns the numbers of other ready links.
    pub(crate) fn turn(&mut self, limit: Duration) -> Result<Vec<usize>, Box<dyn Error>> {
        let ready = self.net.wait(limit)?;
        let mut others = Vec::new();
        for number in &ready {
            if *number < self.clients.len() { self.receive(*number)? } else { others.push(*number) }
        }
        self.net.done(ready);
        Ok(others)
    }

    /// The same; fails after a deadline.
    pub(crate) fn turn_before(&mut self, deadline: Instant, what: &str) -> Result<(), Box<dyn Error>> {
        if Instant::now() > deadline {
            return Err(format!("{what} takes too long").into());
        }
        self.turn(Duration::from_millis(50)).map(|_| ())
    }

    /// Lets one client read.
    fn receive(&mut self, index: usize) -> Result<(), Box<dyn Error>> {
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
            let used = client.receive(bytes, log, now(*began));
            client.link.keep(&bytes[used..]);
            // A client with a window sends again as soon as its echo has come.
            client.fill_window(now(*began))?;
            if !more {
                return Ok(());
            }
        }
        net.again(index);
        Ok(())
    }

    /// Returns the number of messages received by all clients together.
    pub(crate) fn deliveries(&self) -> u64 {
        self.clients.iter().map(|client| client.received).sum()
    }

    /// Returns the clients that read.
    pub(crate) fn readers(&self) -> impl Iterator<Item = &Client> {
        self.clients.iter().filter(|client| client.phase != Phase::Silent)
    }

    /// Discards the part of the log that all clients have received.
    pub(crate) fn trim_log(&mut self) {
        if self.log.is_short() {
            return;
        }
        if let Some(slowest) = self.readers().map(|client| client.receiver.place).min() {
            self.log.discard_before(slowest);
        }
    }

    /// Waits until all clients have received all messages, or until the timeout.
    pub(crate) fn settle(&mut self, limit: Duration) -> Result<(), Box<dyn Error>> {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            let sent: u64 = self.clients.iter().map(|client| client.sent).sum();
            let up_to_date = self.readers().all(|client| client.receiver.is_up_to_date(&self.log));
            if up_to_date && self.log.messages() >= sent {
                break;
            }
            self.turn(Duration::from_millis(20))?;
        }
        Ok(())
    }

    /// Returns the faults, after the last line has come.
    pub(crate) fn faults(&self) -> Faults {
        let never_came = self.log.never_came(self.clients.iter().map(|client| client.sent));
        let mut faults = Faults::default();
        for client in self.readers() {
            faults += client.faults(&self.log, never_came);
        }
        faults
    }
}

fn now(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
