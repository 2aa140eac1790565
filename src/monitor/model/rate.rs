//! How fast a counter grows, from the values that were read lately.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Over how long it is averaged: long enough to be read, short enough to follow.
const OVER: Duration = Duration::from_secs(2);

/// The values of a counter that were read within the last [seconds](OVER), oldest first.
#[derive(Debug, Default)]
pub(super) struct Rate {
    readings: VecDeque<(Instant, u64)>,
}

impl Rate {
    /// Takes the counter's value at a moment.
    pub(super) fn add(&mut self, at: Instant, value: u64) {
        self.readings.push_back((at, value));
        // The first one that is kept may be older than the rest: it is what the others are compared with.
        while self.readings.len() > 2 && at - self.readings[1].0 >= OVER {
            self.readings.pop_front();
        }
    }

    /// The growth per second; 0 until there are two readings.
    pub(super) fn per_second(&self) -> f64 {
        let (Some((since, first)), Some((until, last))) = (self.readings.front(), self.readings.back()) else {
            return 0.0;
        };
        let seconds = (*until - *since).as_secs_f64();
        if seconds > 0.0 { last.saturating_sub(*first) as f64 / seconds } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pace after these readings, in milliseconds and the value.
    fn after(readings: &[(u64, u64)]) -> f64 {
        let start = Instant::now();
        let mut pace = Rate::default();
        for (millis, value) in readings {
            pace.add(start + Duration::from_millis(*millis), *value);
        }
        pace.per_second()
    }

    #[track_caller]
    fn assert_close(seen: f64, expected: f64) {
        assert!((seen - expected).abs() < 0.001, "{seen} instead of {expected}");
    }

    #[test]
    fn there_is_no_pace_before_the_second_reading() {
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
    fn what_is_long_past_counts_no_more() {
        let mut readings: Vec<(u64, u64)> = (0..8).map(|n| (n * 250, n * 1000)).collect();
        readings.extend((8..32).map(|n| (n * 250, 8000)));
        assert_close(after(&readings), 0.0);
    }

    #[test]
    fn a_window_that_was_busy_for_long_still_has_two_readings_to_compare() {
        assert_close(after(&[(0, 0), (10_000, 5000)]), 500.0);
    }
}
