//! The clock that stamps relayed lines: time and identity in one number.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::protocol::Stamp;

/// Gives stamps that always rise. It lives beside the people in the registry, so their order is the order of the lines.
#[derive(Debug, Default)]
pub(super) struct StampClock {
    last: Stamp,
}

impl StampClock {
    /// A clock that gives later stamps than this one.
    pub(super) fn after(last: Stamp) -> StampClock {
        StampClock { last }
    }

    /// The first of `count` stamps that follow each other: now, or later if the clock was set back or two lines
    /// fall into one microsecond.
    pub(super) fn next(&mut self, count: u64) -> Stamp {
        let first = now().max(self.last + 1);
        self.last = first + count.saturating_sub(1);
        first
    }
}

/// What the system's clock says, whether or not it was set back.
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
