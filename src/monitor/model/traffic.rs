//! One minute of traffic: the growth of a counter in each of the last sixty seconds. Main thread.

use std::collections::VecDeque;
use std::time::Instant;

/// Number of seconds kept.
pub const SECONDS: usize = 60;

/// The growth of a counter, second by second.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Time of the first sample.
    start: Option<Instant>,
    /// The second of the last sample, counted from the start, and its value.
    last: (u64, u64),
    /// Growth in each second before that one, oldest first.
    seconds: VecDeque<f64>,
}

impl Traffic {
    /// Adds the counter's value at a moment. The growth since the last sample is divided evenly among the seconds that have
    /// passed: after a busy spell the graph has a flat stretch, and no peak that never was.
    pub(super) fn add(&mut self, at: Instant, value: u64) {
        let Some(start) = self.start else {
            (self.start, self.last) = (Some(at), (0, value));
            return;
        };
        let second = at.saturating_duration_since(start).as_secs();
        let (last, before) = self.last;
        let passed = second.saturating_sub(last);
        if passed > 0 {
            let growth = value.saturating_sub(before) as f64 / passed as f64;
            for _ in 0..passed.min(SECONDS as u64) {
                if self.seconds.len() == SECONDS {
                    self.seconds.pop_front();
                }
                self.seconds.push_back(growth);
            }
            self.last = (second, value);
        }
    }

    /// Returns the growth in each second, oldest first; fewer than [`SECONDS`] in the first minute.
    pub fn per_second(&self) -> impl ExactSizeIterator<Item = f64> {
        self.seconds.iter().copied()
    }

    /// Returns the number of the newest second, or `None` if all bars are empty. The graph looks different exactly when this
    /// value changes.
    pub(super) fn frame(&self) -> Option<u64> {
        self.seconds.iter().any(|rate| *rate > 0.0).then_some(self.last.0)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Returns the traffic after these samples (milliseconds, value).
    fn after(samples: &[(u64, u64)]) -> Traffic {
        let start = Instant::now();
        let mut traffic = Traffic::default();
        for (millis, value) in samples {
            traffic.add(start + Duration::from_millis(*millis), *value);
        }
        traffic
    }

    fn rounded(traffic: &Traffic) -> Vec<String> {
        traffic.per_second().map(|rate| format!("{rate:.0}")).collect()
    }

    #[test]
    fn each_second_has_its_growth_and_the_current_one_is_not_shown() {
        let traffic = after(&[(0, 100), (500, 130), (1000, 150), (1500, 160), (2000, 180), (2900, 1000)]);
        assert_eq!(rounded(&traffic), ["50", "30"]);
    }

    #[test]
    fn a_window_that_was_busy_shows_no_peak_that_never_was() {
        assert_eq!(rounded(&after(&[(0, 0), (1000, 10), (5000, 410)])), ["10", "100", "100", "100", "100"]);
    }

    #[test]
    fn a_minute_is_kept() {
        let samples: Vec<(u64, u64)> = (0..100).map(|n| (n * 1000, n * n)).collect();
        let traffic = after(&samples);
        assert_eq!((traffic.per_second().len(), rounded(&traffic)[59].as_str()), (SECONDS, "197"));
        assert_eq!(after(&[(0, 0), (9_000_000, 9000)]).per_second().len(), SECONDS);
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
