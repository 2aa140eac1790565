//! The works `flood`, `lockstep`, `paced` and `stall`: some speak, all hear.

use std::error::Error;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::Common;
use crate::client::Phase;
use crate::meter::Meter;
use crate::net::Read;
use crate::outcome::Outcome;
use crate::room::{PATIENCE, Room};

/// Before the measuring begins: caches fill, and the kernel finds the sizes of its buffers.
const WARM_UP: Duration = Duration::from_millis(700);

/// How long the last messages may take to come to everybody.
const SETTLE: Duration = Duration::from_secs(10);

/// Bytes that the kernel keeps for a client that does not read: few, so that the server notices soon.
const STALLED_BUFFER: usize = 4096;

/// The same, once it reads: what the server's kernel has for it would take minutes by such small steps.
const READING_BUFFER: usize = 1 << 20;

/// Who speaks when.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// Each as fast as so many messages that have not come back allow.
    Window(u64),
    /// One after the other, so many messages a second in all.
    Rate(f64),
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) speakers: usize,
    pub(crate) pace: Pace,
    /// Clients that do not read.
    pub(crate) stalled: usize,
}

/// Whose turn it is, and when, if there is a rate.
struct Turns {
    began: Instant,
    taken: u64,
}

impl Talk {
    pub(crate) fn run(&self, work: &str, common: &Common) -> Result<Outcome, Box<dyn Error>> {
        if self.stalled + self.speakers.max(1) > common.clients {
            return Err("there are more speakers and stalled ones than clients".into());
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
            for speaker in &mut room.clients[self.stalled..][..self.speakers] {
                speaker.window = window;
                speaker.speak_on(now)?;
            }
        }

        let mut turns = Turns { began: Instant::now(), taken: 0 };
        let mut meter = Meter::start(common.pid, 0);
        self.talk(work, WARM_UP, &mut room, &mut meter, &mut turns)?;
        for client in &mut room.clients {
            client.measure();
        }
        let mut meter = Meter::start(common.pid, room.deliveries());
        self.talk(work, Duration::from_secs(common.seconds), &mut room, &mut meter, &mut turns)?;
        let mut outcome = Outcome::new(work, common);
        meter.finish(room.deliveries(), None, &mut outcome);

        for client in &mut room.clients {
            client.window = 0;
        }
        room.settle(SETTLE)?;
        latencies(&room, &mut outcome)?;
        if self.stalled > 0 {
            self.see_them_gone(&mut room, &mut outcome)?;
        }
        outcome.faults(room.faults());
        if let Some(client) = room.clients.iter().find(|client| client.strange().is_some()) {
            eprintln!("{} heard: {}", client.name, client.strange().unwrap_or_default());
        }
        Ok(outcome)
    }

    /// Lets them talk for some time.
    fn talk(
        &self,
        work: &str,
        time: Duration,
        room: &mut Room,
        meter: &mut Meter,
        turns: &mut Turns,
    ) -> Result<(), Box<dyn Error>> {
        while meter.elapsed() < time {
            let mut wait = Duration::from_millis(50);
            if let Pace::Rate(rate) = self.pace {
                while turns.due(rate) <= turns.began.elapsed() {
                    let index = usize::try_from(turns.taken % self.speakers as u64)?;
                    let now = room.now();
                    room.clients[self.stalled + index].speak(1, now)?;
                    turns.taken += 1;
                }
                wait = wait.min(turns.due(rate).saturating_sub(turns.began.elapsed()));
            }
            room.turn(wait)?;
            room.forget();
            meter.progress(work, || room.deliveries());
        }
        Ok(())
    }

    /// Those who do not read are to be ended, and the others told.
    fn see_them_gone(&self, room: &mut Room, outcome: &mut Outcome) -> Result<(), Box<dyn Error>> {
        let stalled = self.stalled as u64;
        let deadline = Instant::now() + PATIENCE;
        while room.log.byes < stalled && Instant::now() < deadline {
            room.turn(Duration::from_millis(50))?;
        }
        room.settle(SETTLE)?;
        // Now they do read: first what the kernel has kept for them, and the end when the server has had time for it.
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
        outcome.expect(log.byes == stalled, "who does not read is ended, and the others are told");
        outcome.expect(closed == stalled, "the connection of who does not read is closed");
        Ok(())
    }
}

impl Turns {
    /// When the next message is to be said.
    fn due(&self, rate: f64) -> Duration {
        Duration::from_secs_f64(self.taken as f64 / rate)
    }
}

/// How long messages took: to all receivers together, and to the one that waited longest.
fn latencies(room: &Room, outcome: &mut Outcome) -> Result<(), Box<dyn Error>> {
    let mut all = Histogram::<u64>::new(2)?;
    let mut slowest = 0;
    for latencies in room.hearers().filter_map(|client| client.latencies.as_ref()) {
        for bar in latencies.iter_recorded() {
            all.record_n(bar.value_iterated_to(), bar.count_at_value().into())?;
        }
        slowest = slowest.max(latencies.value_at_quantile(0.99));
    }
    outcome.quantiles("latency", &all);
    outcome.number("slowest_receiver_p99_us", slowest as f64 / 1000.0);
    Ok(())
}
