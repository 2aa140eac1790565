//! The growth rate of a counter, averaged over the last two seconds. Main thread.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Averaging period: long enough for a steady number, short enough to follow changes.
const PERIOD: Duration = Duration::from_secs(2);

/// The values of a counter sampled within the last [two seconds](PERIOD), oldest first.
#[derive(Debug, Default)]
pub(super) struct Rate {
    samples: VecDeque<(Instant, u64)>,
}

impl Rate {
    /// Adds the counter's value at a moment.
    pub(super) fn add(&mut self, at: Instant, value: u64) {
        self.samples.push_back((at, value));
        // One sample older than the period stays: the growth is measured from it.
        while self.samples.len() > 2 && at - self.samples[1].0 >= PERIOD {
            self.samples.pop_front();
        }
    }

    /// Returns the growth per second, or 0 until there are two samples.
    pub(super) fn per_second(&self) -> f64 {
        let (Some((since, first)), Some((until, last))) = (self.samples.front(), self.samples.back()) else {
            return 0.0;
        };
        let seconds = (*until - *since).as_secs_f64();
        if seconds > 0.0 { last.saturating_sub(*first) as f64 / seconds } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the rate after these samples (milliseconds, value).
    fn after(samples: &[(u64, u64)]) -> f64 {
        let start = Instant::now();
        let mut rate = Rate::default();
        for (millis, value) in samples {
            rate.add(start + Duration::from_millis(*millis), *value);
        }
        rate.per_second()
    }

    #[track_caller]
    fn assert_close(seen: f64, expected: f64) {
        assert!((seen - expected).abs() < 0.001, "{seen} instead of {expected}");
    }

    #[test]
    fn the_rate_is_zero_before_the_second_sample() {
        assert_close(after(&[]), 0.0);
        assert_close(after(&[(0, 500)]), 0.0);
        assert_close(after(&[(0, 500), (0, 600)]), 0.0);
    }

    #[test]
    fn it_is_the_growth_over_the_time_between() {
        assert_close(after(&[(0, 100), (250, 150)]), 200.0);
        assert_close(after(&[(0, 100), (250, 150), (500, 150)]), 100.0);
    }

    #[test]
    fn old_samples_count_no_more() {
        let mut samples: Vec<(u64, u64)> = (0..8).map(|n| (n * 250, n * 1000)).collect();
        samples.extend((8..32).map(|n| (n * 250, 8000)));
        assert_close(after(&samples), 0.0);
    }

    #[test]
    fn a_window_that_was_busy_for_long_still_has_two_samples_to_compare() {
        assert_close(after(&[(0, 0), (10_000, 5000)]), 500.0);
    }
}
