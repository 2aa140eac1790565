//! The time that messages are deleted by: the system clock, as far as it can be trusted.
//!
//! A clock that is wrong once (a dead battery, a typing error) and years ahead would make every message too old, and a
//! deleted message does not come back when the clock is right again. So the database stores the latest time that is known to
//! have passed, the *trusted time*. At a start, the clock may be ahead of it by a pause of a usual length. If it is further
//! ahead, a wrong clock cannot be told from a long pause. While the server runs there is no pause, so the clock may be ahead by
//! minutes only: small jumps would add up. The computer's sleep looks like a jump, too. A clock that is too far ahead is
//! doubted: then only time during which the server runs counts, until the clock has run on for a day.
//!
//! Only deletion needs this. Which messages a client gets is decided by the clock alone, since that is wrong only while the
//! clock is.
//!
//! Pure computation; [`Retention`](super::retention::Retention) reads the clock and the database.

use std::time::Duration;

use crate::protocol::Stamp;

/// Longest pause of a server after which the clock is trusted at once: a class that meets once a week.
const PAUSE_MAX: Duration = Duration::from_hours(8 * 24);

/// The same for a server that keeps messages for less than two hours.
const PAUSE_MIN: Duration = Duration::from_hours(1);

/// Maximum lead of the clock while the server runs: a time service sets it by less.
const LEAD_MAX: Duration = Duration::from_mins(10);

/// Running time after which a clock that is further ahead is trusted.
const TRUST_AFTER: Duration = Duration::from_hours(24);

/// The latest time that is known to have passed, as the database stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TrustedTime {
    /// A lower bound of the current time.
    pub(super) time: Stamp,
    /// Running time, in microseconds, during which the clock has been doubted without a break.
    pub(super) doubted: u64,
}

/// The result of a comparison with the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClockCheck {
    /// Messages before this stamp are too old.
    pub(super) cutoff: Stamp,
    /// The lead of the clock, if it is doubted.
    pub(super) ahead: Option<Duration>,
}

impl TrustedTime {
    /// Compares with the clock and advances. `passed` is the running time since the last call, or `None` at the first one after
    /// a start; `keep` is how long messages are kept.
    pub(super) fn advance(&mut self, now: Stamp, passed: Option<Duration>, keep: Duration) -> ClockCheck {
        let lead_max = match passed {
            // At most half of `keep`: a clock that is wrong by less than a trusted pause then costs half of the messages at most.
            None => PAUSE_MAX.min(keep / 2).max(PAUSE_MIN),
            Some(_) => LEAD_MAX,
        };
        let (passed, kept) = (micros(passed.unwrap_or_default()), micros(keep));
        self.time = self.time.saturating_add(passed);
        let ahead = now.saturating_sub(self.time);
        let is_doubtful = ahead > micros(lead_max) && self.doubted.saturating_add(passed) < micros(TRUST_AFTER);
        if is_doubtful {
            self.doubted = self.doubted.saturating_add(passed);
        } else {
            self.time = self.time.max(now);
            self.doubted = 0;
        }
        ClockCheck {
            cutoff: now.min(self.time).saturating_sub(kept),
            ahead: is_doubtful.then(|| Duration::from_micros(ahead)),
        }
    }
}

/// Returns whole microseconds, the unit of stamps.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);
    const KEEP: Duration = Duration::from_hours(24 * 30);
    const MINUTE: Duration = Duration::from_mins(1);

    /// Returns the stamp of a moment, a number of days after a fixed one.
    fn day(days: u32) -> Stamp {
        1_700_000_000_000_000 + micros(DAY * days)
    }

    #[test]
    fn the_clock_is_believed_while_it_goes_on_and_after_a_pause_of_a_week() {
        let mut trusted = TrustedTime { time: day(100), doubted: 0 };
        assert_eq!(trusted.advance(day(107), None, KEEP), ClockCheck { cutoff: day(77), ahead: None });
        assert_eq!(trusted.advance(day(107) + micros(MINUTE), Some(MINUTE), KEEP).cutoff, day(77) + micros(MINUTE));
        assert_eq!(
            trusted.advance(day(90), Some(MINUTE), KEEP),
            ClockCheck { cutoff: day(60), ahead: None },
            "it was set back"
        );
    }

    #[test]
    fn a_clock_that_jumps_ahead_deletes_nothing_before_its_time_until_a_day_has_passed() {
        let mut trusted = TrustedTime { time: day(100), doubted: 0 };
        assert_eq!(trusted.advance(day(500), None, KEEP), ClockCheck { cutoff: day(70), ahead: Some(DAY * 400) });
        // Restarts change nothing: the database stores how long the clock has been doubted.
        for minutes in 1..24 * 60 {
            let check = trusted.advance(day(500) + micros(MINUTE * minutes), Some(MINUTE), KEEP);
            assert_eq!(check.cutoff, day(70) + micros(MINUTE * minutes), "time that has passed counts");
            assert!(check.ahead.is_some());
        }
        assert_eq!(trusted.advance(day(501), Some(MINUTE), KEEP), ClockCheck { cutoff: day(471), ahead: None });
    }

    #[test]
    fn small_jumps_of_a_running_server_do_not_add_up() {
        let keep = DAY * 7;
        let mut trusted = TrustedTime { time: day(100), doubted: 0 };
        trusted.advance(day(100), None, keep);
        for jumps in 1..=3 {
            let passed = micros(MINUTE * jumps);
            let check = trusted.advance(day(100 + 3 * jumps) + passed, Some(MINUTE), keep);
            assert_eq!(check, ClockCheck { cutoff: day(93) + passed, ahead: Some(DAY * 3 * jumps) });
        }
    }

    #[test]
    fn a_clock_that_was_wrong_for_less_than_a_day_leaves_nothing_behind() {
        let mut trusted = TrustedTime { time: day(100), doubted: 0 };
        trusted.advance(day(500), Some(DAY / 2), KEEP);
        assert_eq!(trusted.advance(day(101), Some(DAY / 2), KEEP), ClockCheck { cutoff: day(71), ahead: None });
        assert_eq!(trusted, TrustedTime { time: day(101), doubted: 0 });
    }

    #[test]
    fn what_is_kept_for_a_day_is_not_lost_to_a_clock_that_is_a_day_ahead() {
        let mut trusted = TrustedTime { time: day(100), doubted: 0 };
        assert_eq!(trusted.advance(day(101), None, DAY), ClockCheck { cutoff: day(99), ahead: Some(DAY) });
    }
}
