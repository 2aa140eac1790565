//! Times as text, in the time zone of this computer, which std does not know. Pure apart from reading that zone; any thread.

use std::time::SystemTime;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::protocol::Stamp;

/// Converts times to local time. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: TimeZone,
}

/// A local date and time, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The date, by which a conversation shows where a new day begins.
    pub date: Date,
    /// 0 to 23.
    pub hour: i8,
    /// 0 to 59.
    pub minute: i8,
}

impl Clock {
    /// Returns a clock in the time zone of this computer. It reads the zone from a file, so a window creates it before it is shown.
    pub fn system() -> Clock {
        Clock { zone: TimeZone::system() }
    }

    /// Returns a clock in UTC, for tests.
    #[cfg(test)]
    pub(crate) fn utc() -> Clock {
        Clock { zone: TimeZone::UTC }
    }

    /// Returns the local time of a stamp. A stamp beyond the calendar gives 1970-01-01 00:00 UTC.
    pub fn at_stamp(&self, stamp: Stamp) -> LocalTime {
        let micros = i64::try_from(stamp).unwrap_or(i64::MAX);
        let at = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.zone.clone());
        LocalTime { date: at.date(), hour: at.hour(), minute: at.minute() }
    }

    /// Formats as `14:02`, or as `Nov 23 14:02` if that is not the day of `now`.
    pub fn day_and_minute(&self, at: Stamp, now: Stamp) -> String {
        let (at, now) = (self.at_stamp(at), self.at_stamp(now));
        let time = format!("{:02}:{:02}", at.hour, at.minute);
        if at.date == now.date { time } else { format!("{} {time}", at.date.strftime("%b %d")) }
    }

    /// Formats as `11-23 14:03:07`: always as wide, so that the text after it is aligned.
    pub fn day_and_time(&self, at: SystemTime) -> String {
        self.local(at).strftime("%m-%d %H:%M:%S").to_string()
    }

    /// Formats as `14:03:07` if that is the day of `now`, otherwise as `11-23 14:03:07`.
    pub fn time_and_other_day(&self, at: SystemTime, now: SystemTime) -> String {
        let local = self.local(at);
        let format = if local.date() == self.local(now).date() { "%H:%M:%S" } else { "%m-%d %H:%M:%S" };
        local.strftime(format).to_string()
    }

    /// Formats as `14:03:07.042`.
    pub fn to_the_millisecond(&self, at: SystemTime) -> String {
        self.local(at).strftime("%H:%M:%S%.3f").to_string()
    }

    /// Formats as `2026-11-23 14:03:07`.
    pub fn in_full(&self, at: Stamp) -> String {
        let micros = i64::try_from(at).unwrap_or(i64::MAX);
        let at = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.zone.clone());
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Formats as `2026-11-23 14.03.07`: without a colon, which Windows does not allow in a file name.
    pub fn in_file_name(&self, at: SystemTime) -> String {
        self.local(at).strftime("%Y-%m-%d %H.%M.%S").to_string()
    }

    /// Formats as `14:03:07` if that is the day of `now`, otherwise as `Nov 23`.
    pub fn day_or_time(&self, at: SystemTime, now: SystemTime) -> String {
        let at = self.local(at);
        let format = if at.date() == self.local(now).date() { "%H:%M:%S" } else { "%b %d" };
        at.strftime(format).to_string()
    }

    /// Converts to local time. A time beyond the calendar becomes 1970-01-01 00:00 UTC.
    fn local(&self, at: SystemTime) -> Zoned {
        Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.zone.clone())
    }
}

/// Returns the stamp of the current time, by the clock of this computer.
pub fn stamp_now() -> Stamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Stamp::try_from(since.as_micros()).unwrap_or(Stamp::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn two_hours_east() -> Clock {
        Clock { zone: TimeZone::fixed(jiff::tz::offset(2)) }
    }

    #[test]
    fn a_moment_is_shown_in_the_zone_of_the_reader() {
        // 2023-11-14 22:13:20 UTC.
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(two_hours_east().day_and_time(at), "11-15 00:13:20");
    }

    #[test]
    fn a_moment_of_today_is_a_time_and_any_other_is_a_day() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(two_hours_east().day_or_time(at, at + Duration::from_hours(23)), "00:13:20");
        assert_eq!(two_hours_east().day_or_time(at, at + Duration::from_hours(24)), "Nov 15");
    }

    #[test]
    fn a_time_of_another_day_has_its_day() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(two_hours_east().time_and_other_day(at, at + Duration::from_hours(23)), "00:13:20");
        assert_eq!(two_hours_east().time_and_other_day(at, at + Duration::from_hours(24)), "11-15 00:13:20");
    }

    #[test]
    fn a_stamp_is_shown_in_the_zone_of_the_reader() {
        let local = two_hours_east().at_stamp(1_700_000_000_000_000);
        assert_eq!((local.date.to_string().as_str(), local.hour, local.minute), ("2023-11-15", 0, 13));
    }

    #[test]
    fn no_stamp_is_beyond_the_clock() {
        for stamp in [0, 1, u64::MAX / 2, u64::MAX] {
            Clock::system().at_stamp(stamp);
        }
    }
}
