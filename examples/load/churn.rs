//! The workload `churn`: some clients join and leave as fast as they can while the others read. At the end the server must hold
//! no thread and no descriptor of those that left.

use std::error::Error;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::Common;
use crate::meter::Meter;
use crate::net::{Link, Read};
use crate::outcome::Outcome;
use crate::room::Room;
use crate::usage::Usage;
use crate::wire::{self, Heard};

/// Timeout for the server to release everything.
const SETTLE: Duration = Duration::from_secs(10);

/// A client that joins, and leaves after its own HELLO.
struct Visitor {
    link: Link,
    name: String,
    came: Instant,
    joined: bool,
}

/// The counters of the visits.
struct Visits {
    begun: usize,
    over: u64,
    /// Times from connecting to the client's own HELLO, in nanoseconds.
    times: Histogram<u64>,
}

pub(crate) fn run(common: &Common, visitors: usize) -> Result<Outcome, Box<dyn Error>> {
    let mut room = Room::new(common)?;
    room.fill(common.clients, |_| {})?;
    room.start()?;
    let before = common.pid.and_then(Usage::of);

    let mut visits = Visits { begun: 0, over: 0, times: Histogram::new(2)? };
    let mut meter = Meter::start(common.pid, 0);
    let time = Duration::from_secs(common.seconds);
    let mut present = Vec::new();
    for place in 0..visitors {
        present.push(Some(visits.begin(&room, place)?));
    }
    while present.iter().any(Option::is_some) {
        if meter.elapsed() > time + SETTLE {
            return Err("clients that sent BYE are not disconnected".into());
        }
        for number in room.turn(Duration::from_millis(50))? {
            let place = number - room.clients.len();
            let Some(visitor) = present.get_mut(place).and_then(Option::as_mut) else { continue };
            if visits.go_on(&mut room, visitor)? {
                present[place] = if meter.elapsed() < time { Some(visits.begin(&room, place)?) } else { None };
            }
        }
        room.trim_log();
        meter.progress("churn", || 0);
    }
    let mut outcome = Outcome::new("churn", common);
    outcome.number("visits_per_s", visits.over as f64 / meter.elapsed().as_secs_f64());
    meter.finish(0, Some(("visit", visits.over)), &mut outcome);
    outcome.count("visits", visits.over);
    outcome.quantiles("join", &visits.times);

    // All remaining clients get a HELLO and a BYE for every visit.
    let deadline = Instant::now() + SETTLE;
    while room.log.byes < visits.over && Instant::now() < deadline {
        room.turn(Duration::from_millis(20))?;
    }
    room.settle(SETTLE)?;
    outcome.expect(room.log.hellos == visits.over, "every visit is announced with one HELLO");
    outcome.expect(room.log.byes == visits.over, "every visit is announced with one BYE");
    outcome.faults(room.faults());
    nothing_is_left(common, before, &mut outcome);
    Ok(outcome)
}

/// Checks that the server has as many threads and descriptors as before.
fn nothing_is_left(common: &Common, before: Option<Usage>, outcome: &mut Outcome) {
    let (Some(pid), Some(before)) = (common.pid, before) else { return };
    let left =
        |now: Usage| (now.threads.saturating_sub(before.threads), now.descriptors.saturating_sub(before.descriptors));
    let deadline = Instant::now() + SETTLE;
    let mut last = (0, 0);
    while let Some(now) = Usage::of(pid) {
        last = left(now);
        if last == (0, 0) || Instant::now() > deadline {
            outcome.number("resident_kib_grown", now.resident as f64 - before.resident as f64);
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    outcome.count("threads_left", last.0);
    outcome.count("descriptors_left", last.1);
    outcome.expect(last == (0, 0), "no thread and no descriptor is left of the visits");
}

impl Visits {
    /// Starts a visit.
    fn begin(&mut self, room: &Room, place: usize) -> Result<Visitor, Box<dyn Error>> {
        let name = format!("v{:07}", self.begun);
        self.begun += 1;
        let came = Instant::now();
        let mut link = Link::connect(room.addr, None, room.trust.as_ref())?;
        room.net.add(&mut link, room.clients.len() + place)?;
        link.send(&wire::hello(&name)?)?;
        Ok(Visitor { link, name, came, joined: false })
    }

    /// Reads; returns whether the visit is over.
    fn go_on(&mut self, room: &mut Room, visitor: &mut Visitor) -> Result<bool, Box<dyn Error>> {
        loop {
            let (bytes, more) = match visitor.link.read(&mut room.net.buffer)? {
                Read::Nothing => return Ok(false),
                Read::Closed if visitor.joined => {
                    self.over += 1;
                    return Ok(true);
                }
                Read::Closed => return Err(format!("{} was rejected", visitor.name).into()),
                Read::Bytes(bytes, more) => (bytes, more),
            };
            let mut rest = bytes;
            while let Some(lf) = memchr::memchr(b'\n', rest) {
                let line = &rest[..=lf];
                rest = &rest[lf + 1..];
                match wire::read(line) {
                    Heard::Hello(name) if name == visitor.name.as_bytes() => {
                        visitor.joined = true;
                        self.times.record(u64::try_from(visitor.came.elapsed().as_nanos())?)?;
                        visitor.link.send(b"BYE\n")?;
                    }
                    Heard::Strange => return Err(String::from_utf8_lossy(line).into()),
                    _ => {}
                }
            }
            visitor.link.keep(rest);
            if !more {
                return Ok(false);
            }
        }
    }
}
