//! The workloads `flood`, `lockstep`, `paced` and `stall`: some clients send, all receive.

use std::error::Error;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::Common;
use crate::client::Phase;
use crate::meter::Meter;
use crate::net::Read;
use crate::outcome::Outcome;
use crate::room::{Room, TIMEOUT};

/// Duration of the warm-up: caches fill, and the kernel adapts the sizes of its buffers.
const WARM_UP: Duration = Duration::from_millis(700);

/// Timeout for the last messages to reach all clients.
const SETTLE: Duration = Duration::from_secs(10);

/// Receive buffer of a client that does not read, in bytes: small, so that the server's socket is full soon.
const STALLED_BUFFER: usize = 4096;

/// The same, once the client reads: through the small buffer, the bytes in the server's kernel would take minutes.
const READING_BUFFER: usize = 1 << 20;

/// The times at which clients send.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// Each sender as fast as a window of messages without an echo allows.
    Window(u64),
    /// One sender after the other, at a total rate in messages per second.
    Rate(f64),
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Messaging {
    pub(crate) senders: usize,
    pub(crate) pace: Pace,
    /// Clients that do not read.
    pub(crate) stalled: usize,
}

/// The sender whose turn is next, and its time, at a fixed rate.
struct Turns {
    began: Instant,
    taken: u64,
}

impl Messaging {
    pub(crate) fn run(&self, workload: &str, common: &Common) -> Result<Outcome, Box<dyn Error>> {
        if self.stalled + self.senders.max(1) > common.clients {
            return Err("there are more senders and stalled clients than clients: raise --clients".into());
        }
        let mut room = Room::new(common)?;
        for _ in 0..self.stalled {
            room.connect(Some(STALLED_BUFFER))?;
        }
        room.fill(common.clients, |_| {})?;
        room.start()?;
        for client in &mut room.clients[..self.stalled] {
            client.phase = Phase::Silent;
            room.net.remove(&mut client.link)?;
        }
        for client in &mut room.clients {
            client.set_size(common.size);
        }
        if let Pace::Window(window) = self.pace {
            let now = room.now();
            for sender in &mut room.clients[self.stalled..][..self.senders] {
                sender.window = window;
                sender.fill_window(now)?;
            }
        }

        let mut turns = Turns { began: Instant::now(), taken: 0 };
        let mut meter = Meter::start(common.pid, 0);
        self.send_for(workload, WARM_UP, &mut room, &mut meter, &mut turns)?;
        for client in &mut room.clients {
            client.measure();
        }
        let mut meter = Meter::start(common.pid, room.deliveries());
        self.send_for(workload, Duration::from_secs(common.seconds), &mut room, &mut meter, &mut turns)?;
        let mut outcome = Outcome::new(workload, common);
        meter.finish(room.deliveries(), None, &mut outcome);

        for client in &mut room.clients {
            client.window = 0;
        }
        room.settle(SETTLE)?;
        latencies(&room, &mut outcome)?;
        if self.stalled > 0 {
            self.check_stalled(&mut room, &mut outcome)?;
        }
        outcome.faults(room.faults());
        if let Some(client) = room.clients.iter().find(|client| client.strange().is_some()) {
            eprintln!("{} received: {}", client.name, client.strange().unwrap_or_default());
        }
        Ok(outcome)
    }

    /// Lets the clients send for a time.
    fn send_for(
        &self,
        workload: &str,
        time: Duration,
        room: &mut Room,
        meter: &mut Meter,
        turns: &mut Turns,
    ) -> Result<(), Box<dyn Error>> {
        while meter.elapsed() < time {
            let mut wait = Duration::from_millis(50);
            if let Pace::Rate(rate) = self.pace {
                while turns.due(rate) <= turns.began.elapsed() {
                    let index = usize::try_from(turns.taken % self.senders as u64)?;
                    let now = room.now();
                    room.clients[self.stalled + index].send(1, now)?;
                    turns.taken += 1;
                }
                wait = wait.min(turns.due(rate).saturating_sub(turns.began.elapsed()));
            }
            room.turn(wait)?;
            room.trim_log();
            meter.progress(workload, || room.deliveries());
        }
        Ok(())
    }

    /// Checks that clients that do not read are disconnected, and that the others get a BYE for them.
    fn check_stalled(&self, room: &mut Room, outcome: &mut Outcome) -> Result<(), Box<dyn Error>> {
        let stalled = self.stalled as u64;
        let deadline = Instant::now() + TIMEOUT;
        while room.log.byes < stalled && Instant::now() < deadline {
            room.turn(Duration::from_millis(50))?;
        }
        room.settle(SETTLE)?;
        // Now they read: first the bytes in the kernel's buffers, then the end of file.
        let mut closed = 0;
        for index in 0..self.stalled {
            room.clients[index].link.set_receive_buffer(READING_BUFFER)?;
            while Instant::now() < deadline {
                match room.clients[index].link.read(&mut room.net.buffer)? {
                    Read::Bytes(..) => {}
                    Read::Nothing => drop(room.turn(Duration::from_millis(1))?),
                    Read::Closed => {
                        closed += 1;
                        break;
                    }
                }
            }
        }
        let log = &room.log;
        outcome.count("stalled_announced", log.byes);
        outcome.count("stalled_closed", closed);
        outcome.expect(log.byes == stalled, "a client that does not read is announced with BYE");
        outcome.expect(closed == stalled, "the connection of a client that does not read is closed");
        Ok(())
    }
}

impl Turns {
    /// Returns the time of the next message, since the beginning.
    fn due(&self, rate: f64) -> Duration {
        Duration::from_secs_f64(self.taken as f64 / rate)
    }
}

/// Reports the latencies: of all receivers together, and of the slowest one.
fn latencies(room: &Room, outcome: &mut Outcome) -> Result<(), Box<dyn Error>> {
    let mut all = Histogram::<u64>::new(2)?;
    let mut slowest = 0;
    for latencies in room.readers().filter_map(|client| client.latencies.as_ref()) {
        for bar in latencies.iter_recorded() {
            all.record_n(bar.value_iterated_to(), bar.count_at_value().into())?;
        }
        slowest = slowest.max(latencies.value_at_quantile(0.99));
    }
    outcome.quantiles("latency", &all);
    outcome.number("slowest_receiver_p99_us", slowest as f64 / 1000.0);
    Ok(())
}
