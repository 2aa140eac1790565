//! Measures deliveries, and the processor time of the server and of the generator itself, over a stretch of time.

use std::time::{Duration, Instant};

use crate::outcome::Outcome;
use crate::usage::{self, Usage};

/// A measurement, from its creation on.
#[derive(Debug)]
pub(crate) struct Meter {
    pid: Option<u32>,
    began: Instant,
    own: Duration,
    server: Option<Usage>,
    deliveries: u64,
    /// The last progress report: its time, and the deliveries and processor times then.
    reported: (Instant, u64, Duration, Duration),
}

impl Meter {
    /// Starts a measurement. `deliveries` is the number of deliveries before it.
    pub(crate) fn start(pid: Option<u32>, deliveries: u64) -> Meter {
        let server = pid.and_then(Usage::of);
        let (began, own) = (Instant::now(), usage::own_cpu());
        let reported = (began, deliveries, server.map_or(Duration::ZERO, |server| server.cpu), own);
        Meter { pid, began, own, server, deliveries, reported }
    }

    /// Prints the progress, once a second.
    pub(crate) fn progress(&mut self, what: &str, deliveries: impl FnOnce() -> u64) {
        let (at, count, server, own) = self.reported;
        let seconds = at.elapsed().as_secs_f64();
        if seconds < 1.0 {
            return;
        }
        let now = (Instant::now(), deliveries(), self.pid.and_then(usage::cpu).unwrap_or_default(), usage::own_cpu());
        eprintln!(
            "{what} {:>3} s  {:>12.0} deliveries/s  server {:>4.0} % of a core, generator {:>4.0} %",
            self.began.elapsed().as_secs(),
            (now.1 - count) as f64 / seconds,
            now.2.saturating_sub(server).as_secs_f64() / seconds * 100.0,
            now.3.saturating_sub(own).as_secs_f64() / seconds * 100.0,
        );
        self.reported = now;
    }

    /// Returns the time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Adds the results to the outcome. `each` names a unit by which the server's processor time is divided, besides deliveries,
    /// and its number.
    pub(crate) fn finish(self, deliveries: u64, each: Option<(&str, u64)>, outcome: &mut Outcome) {
        // The processor times first, since reading the rest takes time, too.
        let server_cpu = self.pid.and_then(usage::cpu);
        let (seconds, own) = (self.began.elapsed().as_secs_f64(), usage::own_cpu().saturating_sub(self.own));
        let deliveries = deliveries - self.deliveries;
        outcome.number("seconds", seconds);
        if deliveries > 0 {
            outcome.count("deliveries", deliveries);
            outcome.number("deliveries_per_s", deliveries as f64 / seconds);
        }
        outcome.number("generator_cpu_percent", own.as_secs_f64() / seconds * 100.0);
        let (Some(cpu), Some(before), Some(now)) = (server_cpu, self.server, self.pid.and_then(Usage::of)) else {
            return;
        };
        let cpu = cpu.saturating_sub(before.cpu).as_secs_f64();
        outcome.number("server_cpu_percent", cpu / seconds * 100.0);
        if deliveries > 0 {
            outcome.number("cpu_us_per_delivery", cpu * 1e6 / deliveries as f64);
        }
        if let Some((name, count)) = each {
            outcome.number(&format!("cpu_us_per_{name}"), cpu * 1e6 / count as f64);
        }
        outcome.number("switches_per_s", now.switches.saturating_sub(before.switches) as f64 / seconds);
        outcome.count("server_threads", now.threads);
        outcome.count("server_resident_kib", now.resident);
    }
}
