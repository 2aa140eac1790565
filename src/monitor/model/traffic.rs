//! One minute of traffic: how fast a counter grew in each of the last sixty seconds.

use std::collections::VecDeque;
use std::time::Instant;

/// Seconds that are kept.
pub const SECONDS: usize = 60;

/// The growth of a counter, second by second.
#[derive(Debug, Default)]
pub struct Traffic {
    /// When the first value was read.
    start: Option<Instant>,
    /// The last second, by number from the start, in which a value was read, and the value.
    last: (u64, u64),
    /// The seconds before that one, oldest first.
    seconds: VecDeque<f64>,
}

impl Traffic {
    /// Takes the counter's value at a moment. What it grew by since the last value is shared among the seconds that have
    /// passed: a window that was busy draws a flat stretch, and no peak that never was.
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

    /// Per second, the oldest first; fewer than [`SECONDS`] if it has not been so long.
    pub fn per_second(&self) -> impl ExactSizeIterator<Item = f64> {
        self.seconds.iter().copied()
    }

    /// The number of the second that was added last, if there is a bar to be seen: the graph looks different when this does.
    pub(super) fn seen(&self) -> Option<u64> {
        self.seconds.iter().any(|rate| *rate > 0.0).then_some(self.last.0)
    }

    /// What the graph's height stands for: the next of 10, 20, 50, 100, 200, ... that nothing is above.
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

    /// After these readings, in milliseconds and the value.
    fn after(readings: &[(u64, u64)]) -> Traffic {
        let start = Instant::now();
        let mut traffic = Traffic::default();
        for (millis, value) in readings {
            traffic.add(start + Duration::from_millis(*millis), *value);
        }
        traffic
    }

    fn rounded(traffic: &Traffic) -> Vec<String> {
        traffic.per_second().map(|rate| format!("{rate:.0}")).collect()
    }

    #[test]
    fn each_second_has_its_growth_and_the_one_that_goes_on_is_not_shown() {
        let traffic = after(&[(0, 100), (500, 130), (1000, 150), (1500, 160), (2000, 180), (2900, 1000)]);
        assert_eq!(rounded(&traffic), ["50", "30"]);
    }

    #[test]
    fn a_window_that_was_busy_shows_no_peak_that_never_was() {
        assert_eq!(rounded(&after(&[(0, 0), (1000, 10), (5000, 410)])), ["10", "100", "100", "100", "100"]);
    }

    #[test]
    fn a_minute_is_kept() {
        let readings: Vec<(u64, u64)> = (0..100).map(|n| (n * 1000, n * n)).collect();
        let traffic = after(&readings);
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
