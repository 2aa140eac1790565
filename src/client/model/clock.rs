//! What the clock on the wall said at a stamp. Runs on the UI thread, and reads no file there: the time zone is asked
//! for once, when the model is made.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::protocol::Stamp;

/// Turns stamps into local time.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: TimeZone,
}

/// A local time, as the conversation shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The day, to see when a new one begins.
    pub date: Date,
    /// 0 to 23.
    pub hour: i8,
    /// 0 to 59.
    pub minute: i8,
}

impl Clock {
    /// In the time zone of this computer; reads its settings.
    pub fn system() -> Clock {
        Clock { zone: TimeZone::system() }
    }

    /// What the clock said. A stamp beyond the calendar gives midnight of its first day.
    pub fn local(&self, stamp: Stamp) -> LocalTime {
        let micros = i64::try_from(stamp).unwrap_or(i64::MAX);
        let at = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let local = at.to_zoned(self.zone.clone());
        LocalTime { date: local.date(), hour: local.hour(), minute: local.minute() }
    }
}

/// The stamp of this moment, by the clock of this computer.
pub(super) fn now() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_shown_in_the_zone_of_the_reader() {
        let clock = Clock { zone: TimeZone::fixed(jiff::tz::offset(2)) };
        let local = clock.local(1_700_000_000_000_000);
        assert_eq!((local.date.to_string().as_str(), local.hour, local.minute), ("2023-11-15", 0, 13));
    }

    #[test]
    fn no_stamp_is_beyond_the_clock() {
        for stamp in [0, 1, u64::MAX / 2, u64::MAX] {
            Clock::system().local(stamp);
        }
    }
}
