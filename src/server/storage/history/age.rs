//! The time by which messages are deleted for their age: the system's clock, as far as it can be trusted.
//!
//! A clock that is wrong once (a dead battery, a slip of the hand) and years ahead would make every message too old, and what
//! is deleted does not come back when the clock is right again. So the database remembers up to when time is known to have
//! passed. The clock may be ahead of that by a pause of a usual length. If it is further ahead, nobody can tell a wrong clock
//! from a long pause: only time that passes while the server runs counts then, until the clock has gone on for a day.
//!
//! What is *told* of the past goes by the clock alone: that is wrong only for as long as the clock is.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::store;
use crate::protocol::Stamp;
use crate::server::observe::event::{EventKind, EventSink};
use crate::server::stamps;

/// How often it is looked whether messages have become too old.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// How much later it has to be before the database is told so.
const STORE_EVERY: Duration = Duration::from_hours(1);

/// Longest pause of a server after which the clock is believed at once: a class that meets once a week.
const PAUSE_MAX: Duration = Duration::from_hours(8 * 24);

/// The same, for a server that keeps messages for less than an hour or two.
const PAUSE_MIN: Duration = Duration::from_hours(1);

/// How long the server has to run before a clock that is further ahead is believed.
const DOUBT: Duration = Duration::from_hours(24);

/// What is known of the time; stored in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Age {
    /// So late it is, at least.
    pub(super) trusted: Stamp,
    /// For how long the clock has been doubted, in microseconds of running.
    pub(super) doubted: u64,
}

/// What a look at the clock gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Messages before this stamp are too old.
    pub(super) too_old: Stamp,
    /// The clock is ahead by so much, and doubted.
    pub(super) ahead: Option<Duration>,
}

impl Age {
    /// Looks at the clock, when so much time has passed since the last look.
    pub(super) fn look(&mut self, now: Stamp, passed: Duration, keep: Duration) -> Look {
        let (passed, kept) = (micros(passed), micros(keep));
        self.trusted = self.trusted.saturating_add(passed);
        let pause = micros(PAUSE_MAX.min(keep / 2).max(PAUSE_MIN));
        let ahead = now.saturating_sub(self.trusted);
        let is_doubtful = ahead > pause && self.doubted.saturating_add(passed) < micros(DOUBT);
        if is_doubtful {
            self.doubted = self.doubted.saturating_add(passed);
        } else {
            self.trusted = self.trusted.max(now);
            self.doubted = 0;
        }
        Look {
            too_old: now.min(self.trusted).saturating_sub(kept),
            ahead: is_doubtful.then(|| Duration::from_micros(ahead)),
        }
    }
}

/// The looks at the clock of a server that runs. Owned by the history's thread.
#[derive(Debug)]
pub(super) struct Aging {
    /// When to look next.
    pub(super) due: Instant,
    looked: Instant,
    keep: Duration,
    age: Age,
    /// What the database knows.
    stored: Age,
    /// The clock is doubted, and that was reported.
    in_doubt: bool,
}

impl Aging {
    /// Reads from the database how late it is.
    pub(super) fn new(connection: &Connection, keep: Duration) -> rusqlite::Result<Aging> {
        let age = store::age(connection, stamps::now())?;
        let now = Instant::now();
        Ok(Aging { due: now, looked: now, keep, age, stored: age, in_doubt: false })
    }

    /// Looks at the clock; returns the stamp before which messages are too old. Reports a clock that is doubted, once.
    pub(super) fn look(&mut self, now: Instant, events: &EventSink) -> Stamp {
        self.due = now + LOOK_EVERY;
        let passed = now.duration_since(std::mem::replace(&mut self.looked, now));
        let look = self.age.look(stamps::now(), passed, self.keep);
        if let Some(by) = look.ahead
            && !self.in_doubt
        {
            events.report(EventKind::ClockAhead { by });
        }
        self.in_doubt = look.ahead.is_some();
        look.too_old
    }

    /// Returns whether the database is far behind.
    pub(super) fn is_to_be_stored(&self) -> bool {
        self.age.trusted.abs_diff(self.stored.trusted) >= micros(STORE_EVERY)
    }

    /// Tells the database how late it is, for the next start.
    pub(super) fn store(&mut self, connection: &Connection) {
        // If the disk does not take it, it takes no messages either, and that is reported.
        if store::set_age(connection, self.age).is_ok() {
            self.stored = self.age;
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);
    const KEEP: Duration = Duration::from_hours(24 * 30);
    const MINUTE: Duration = Duration::from_mins(1);

    /// A moment, so many days after a beginning.
    fn day(days: u32) -> Stamp {
        1_700_000_000_000_000 + micros(DAY * days)
    }

    #[test]
    fn the_clock_is_believed_while_it_goes_on_and_after_a_pause_of_a_week() {
        let mut age = Age { trusted: day(100), doubted: 0 };
        assert_eq!(age.look(day(107), Duration::ZERO, KEEP), Look { too_old: day(77), ahead: None });
        assert_eq!(age.look(day(107) + micros(MINUTE), MINUTE, KEEP).too_old, day(77) + micros(MINUTE));
        assert_eq!(age.look(day(90), MINUTE, KEEP), Look { too_old: day(60), ahead: None }, "it was set back");
    }

    #[test]
    fn a_clock_that_jumps_ahead_deletes_nothing_before_its_time_until_a_day_has_passed() {
        let mut age = Age { trusted: day(100), doubted: 0 };
        assert_eq!(age.look(day(500), Duration::ZERO, KEEP), Look { too_old: day(70), ahead: Some(DAY * 400) });
        // As often as it is started again: the database keeps the doubt.
        for minutes in 1..24 * 60 {
            let look = age.look(day(500) + micros(MINUTE * minutes), MINUTE, KEEP);
            assert_eq!(look.too_old, day(70) + micros(MINUTE * minutes), "time that has passed counts");
            assert!(look.ahead.is_some());
        }
        assert_eq!(age.look(day(501), MINUTE, KEEP), Look { too_old: day(471), ahead: None });
    }

    #[test]
    fn a_clock_that_was_wrong_for_less_than_a_day_leaves_nothing_behind() {
        let mut age = Age { trusted: day(100), doubted: 0 };
        age.look(day(500), DAY / 2, KEEP);
        assert_eq!(age.look(day(101), DAY / 2, KEEP), Look { too_old: day(71), ahead: None });
        assert_eq!(age, Age { trusted: day(101), doubted: 0 });
    }

    #[test]
    fn what_is_kept_for_a_day_is_not_lost_to_a_clock_that_is_a_day_ahead() {
        let mut age = Age { trusted: day(100), doubted: 0 };
        assert_eq!(age.look(day(101), Duration::ZERO, DAY), Look { too_old: day(99), ahead: Some(DAY) });
    }
}
