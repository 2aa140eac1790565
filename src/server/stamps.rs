//! The clock that stamps relayed lines: time and identity in one number.
//!
//! It lies under the registry's lock, next to the list of clients. A stamp is given and the line is pushed to every
//! outbox under the same lock, so the order of the stamps is the order of the lines, for every client.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::protocol::Stamp;

/// A source of stamps that always rise.
#[derive(Debug, Default)]
pub(super) struct StampClock {
    last: Stamp,
}

impl StampClock {
    /// Creates a clock whose stamps are all later than `last`: the newest one in the history, say.
    pub(super) fn after(last: Stamp) -> StampClock {
        StampClock { last }
    }

    /// Returns the first of `count` consecutive stamps. It is the current time in microseconds, or one more than the
    /// last stamp if the system's clock was set back or two lines fall into one microsecond.
    pub(super) fn next(&mut self, count: u64) -> Stamp {
        let first = now().max(self.last + 1);
        self.last = first + count.saturating_sub(1);
        first
    }
}

/// Returns the time of the system's clock in microseconds, even if that was set back.
pub(super) fn now() -> Stamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    Stamp::try_from(now).unwrap_or(Stamp::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_rise_however_fast_they_are_asked_for() {
        let mut clock = StampClock::default();
        let mut before = 0;
        for count in (1..=3).cycle().take(10_000) {
            let first = clock.next(count);
            assert!(first > before);
            before = first + count - 1;
        }
    }

    #[test]
    fn stamps_rise_when_the_clock_was_set_back() {
        let tomorrow = StampClock::default().next(1) + 86_400_000_000;
        assert_eq!(StampClock::after(tomorrow).next(1), tomorrow + 1);
    }
}
