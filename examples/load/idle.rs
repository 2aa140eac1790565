//! The workload `idle`: measures the time to join as the room fills, the memory per client, and the time of a message to all
//! clients.

use std::error::Error;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::Common;
use crate::meter::Meter;
use crate::outcome::Outcome;
use crate::room::Room;
use crate::usage::{self, Usage};

/// Timeout for a message to reach all clients.
const REACH: Duration = Duration::from_secs(30);

pub(crate) fn run(common: &Common, messages: u64) -> Result<Outcome, Box<dyn Error>> {
    let mut outcome = Outcome::new("idle", common);
    let mut room = Room::new(common)?;
    let before = common.pid.and_then(Usage::of);

    let meter = Meter::start(common.pid, 0);
    let mut tenths = Tenths::new(common);
    room.fill(common.clients, |joined| tenths.joined(joined))?;
    outcome.number("join_seconds", meter.elapsed().as_secs_f64());
    room.start()?;
    // A client's own HELLO may come before the others get theirs.
    outcome.number("known_to_all_seconds", meter.elapsed().as_secs_f64());
    tenths.report(&mut outcome);
    meter.finish(0, Some(("join", common.clients as u64)), &mut outcome);
    if let (Some(before), Some(now)) = (before, common.pid.and_then(Usage::of)) {
        let grown = now.resident.saturating_sub(before.resident);
        outcome.number("resident_kib_per_client", grown as f64 / common.clients as f64);
    }

    room.clients[0].set_size(common.size);
    let mut times = Histogram::<u64>::new(2)?;
    let meter = Meter::start(common.pid, room.deliveries());
    for _ in 0..messages {
        let began = Instant::now();
        let now = room.now();
        room.clients[0].send(1, now)?;
        room.settle(REACH)?;
        times.record(u64::try_from(began.elapsed().as_nanos())?)?;
    }
    outcome.quantiles("reached_all", &times);
    let mut reaching = Outcome::new("idle", common);
    meter.finish(room.deliveries(), None, &mut reaching);
    outcome.take(reaching, &["cpu_us_per_delivery"]);
    outcome.faults(room.faults());
    Ok(outcome)
}

/// Measures the joins per second, and the server's processor time per join, for each tenth of the clients.
struct Tenths {
    size: usize,
    pid: Option<u32>,
    began: (Instant, Duration, usize),
    /// For each tenth: joins per second, and microseconds of the server's processor time per join.
    each: Vec<(f64, f64)>,
}

impl Tenths {
    fn new(common: &Common) -> Tenths {
        let cpu = common.pid.and_then(usage::cpu).unwrap_or_default();
        Tenths { size: common.clients, pid: common.pid, began: (Instant::now(), cpu, 0), each: Vec::new() }
    }

    fn joined(&mut self, joined: usize) {
        if joined * 10 < self.size * (self.each.len() + 1) {
            return;
        }
        let (time, cpu_before, joined_before) = self.began;
        let count = (joined - joined_before).max(1) as f64;
        let cpu = self.pid.and_then(usage::cpu).unwrap_or_default();
        let per_second = count / time.elapsed().as_secs_f64();
        let cpu_each = cpu.saturating_sub(cpu_before).as_secs_f64() * 1e6 / count;
        eprintln!("{joined:>6} joined  {per_second:>8.0} joins/s  {cpu_each:>8.1} us of the server's time per join");
        self.each.push((per_second, cpu_each));
        self.began = (Instant::now(), cpu, joined);
    }

    fn report(&self, outcome: &mut Outcome) {
        for (tenth, (per_second, cpu_each)) in (1..).zip(&self.each) {
            outcome.number(&format!("joins_per_s_tenth_{tenth}"), *per_second);
            outcome.number(&format!("cpu_us_per_join_tenth_{tenth}"), *cpu_each);
        }
    }
}
