//! The growth of a counter in the last minute: now, and in each second. Main thread.
//!
//! Between two samples the counter is taken to have grown evenly. After a busy spell of the window the graph thus has a
//! flat stretch, and no peak that never was.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Number of seconds in the graph.
pub const SECONDS: u32 = 60;

/// Averaging period of the current rate: long enough for a steady number, short enough to follow changes.
const PERIOD: Duration = Duration::from_secs(2);

/// The values of a counter sampled within the last [minute](SECONDS), oldest first.
#[derive(Debug, Default)]
pub struct Rate {
    /// Time of the first sample ever, from which the seconds are counted.
    start: Option<Instant>,
    samples: VecDeque<(Instant, u64)>,
}

impl Rate {
    /// Adds the counter's value at a moment.
    pub(super) fn add(&mut self, at: Instant, value: u64) {
        self.start.get_or_insert(at);
        self.samples.push_back((at, value));
        // One sample older than the oldest second stays: the growth is measured from it.
        while self.samples.len() > 2 && at - self.samples[1].0 > Duration::from_secs(u64::from(SECONDS) + 1) {
            self.samples.pop_front();
        }
    }

    /// Returns the current growth per second, or 0 until there are two samples.
    pub(super) fn now(&self) -> f64 {
        let (Some((first, _)), Some((last, _))) = (self.samples.front(), self.samples.back()) else { return 0.0 };
        let since = last.checked_sub(PERIOD).map_or(*first, |since| since.max(*first));
        let seconds = (*last - since).as_secs_f64();
        if seconds > 0.0 { self.growth(since, *last) / seconds } else { 0.0 }
    }

    /// Returns the growth in each whole second, oldest first; fewer than [`SECONDS`] in the first minute.
    pub fn per_second(&self) -> impl ExactSizeIterator<Item = f64> {
        let newest = self.newest_second();
        let oldest = newest.saturating_sub(SECONDS);
        (oldest..newest).map(|second| {
            let at = |second| self.start.map(|start| start + Duration::from_secs(u64::from(second)));
            at(second).zip(at(second + 1)).map_or(0.0, |(since, until)| self.growth(since, until))
        })
    }

    /// Returns the number of the newest second, or `None` if all bars are empty. The graph looks different exactly when this
    /// value changes.
    pub(super) fn frame(&self) -> Option<u32> {
        self.per_second().any(|rate| rate > 0.0).then(|| self.newest_second())
    }

    /// Returns the value at the top of the graph: the smallest of 10, 20, 50, 100, 200, ... that no bar exceeds.
    pub fn axis(&self) -> f64 {
        let most = self.per_second().fold(0.0, f64::max);
        let mut axis = 10.0;
        for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
            if axis >= most {
                break;
            }
            axis *= factor;
        }
        axis
    }

    /// Returns the number of whole seconds from the first sample ever to the last one.
    fn newest_second(&self) -> u32 {
        let passed = self.start.zip(self.samples.back()).map_or(0, |(start, (last, _))| (*last - start).as_secs());
        u32::try_from(passed).unwrap_or(u32::MAX)
    }

    fn growth(&self, since: Instant, until: Instant) -> f64 {
        self.value(until) - self.value(since)
    }

    /// Returns the value at a moment, interpolated between the samples around it.
    fn value(&self, at: Instant) -> f64 {
        let after = self.samples.partition_point(|(sampled, _)| *sampled < at);
        let Some((next, value)) = self.samples.get(after) else { return 0.0 };
        let Some((last, before)) = after.checked_sub(1).map(|before| self.samples[before]) else {
            return *value as f64;
        };
        let part = (at - last).as_secs_f64() / (*next - last).as_secs_f64();
        before as f64 + value.saturating_sub(before) as f64 * part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the rate after these samples (milliseconds, value).
    fn after(samples: &[(u64, u64)]) -> Rate {
        let start = Instant::now();
        let mut rate = Rate::default();
        for (millis, value) in samples {
            rate.add(start + Duration::from_millis(*millis), *value);
        }
        rate
    }

    fn bars(samples: &[(u64, u64)]) -> Vec<String> {
        after(samples).per_second().map(|rate| format!("{rate:.0}")).collect()
    }

    #[test]
    fn the_rate_is_the_growth_over_the_last_two_seconds() {
        let often: Vec<(u64, u64)> = (0..32).map(|n| (n * 250, n.min(8) * 1000)).collect();
        let cases: [(&[(u64, u64)], f64); 7] = [
            (&[], 0.0),
            (&[(0, 500)], 0.0),
            (&[(0, 500), (0, 600)], 0.0),
            (&[(0, 100), (250, 150)], 200.0),
            (&[(0, 100), (250, 150), (500, 150)], 100.0),
            (&often, 0.0),
            (&[(0, 0), (10_000, 5000)], 500.0),
        ];
        for (samples, expected) in cases {
            let seen = after(samples).now();
            assert!((seen - expected).abs() < 0.001, "{seen} instead of {expected}: {samples:?}");
        }
    }

    #[test]
    fn each_second_has_its_growth_and_the_current_one_is_not_shown() {
        assert_eq!(bars(&[(0, 100), (500, 130), (1000, 150), (1500, 160), (2000, 180), (2900, 1000)]), ["50", "30"]);
    }

    #[test]
    fn a_window_that_was_busy_shows_no_peak_that_never_was() {
        assert_eq!(bars(&[(0, 0), (1000, 10), (5000, 410)]), ["10", "100", "100", "100", "100"]);
    }

    #[test]
    fn a_minute_is_kept() {
        let samples: Vec<(u64, u64)> = (0..400).map(|n| (n * 250, n * n)).collect();
        let bars_kept = bars(&samples);
        assert_eq!((bars_kept.len(), bars_kept[0].as_str(), bars_kept[59].as_str()), (60, "1264", "3152"));
        assert!(after(&samples).samples.len() < 250);
        assert_eq!(bars(&[(0, 0), (9_000_000, 9000)]), ["1"; SECONDS as usize]);
    }

    #[test]
    fn the_axis_is_a_round_number_that_nothing_is_above() {
        for (growth, axis) in
            [(0, "10"), (10, "10"), (11, "20"), (21, "50"), (51, "100"), (101, "200"), (4_000_000, "5000000")]
        {
            assert_eq!(format!("{:.0}", after(&[(0, 0), (1000, growth)]).axis()), axis, "{growth}");
        }
    }
}
