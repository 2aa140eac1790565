//! Moments as people read them: in the time zone of this computer, which std does not know.

use std::time::SystemTime;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::protocol::Stamp;

/// What the clock on the wall says. Cloning it is cheap.
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
    /// In the time zone of this computer; reads its settings from a file, so a window makes it before it is shown.
    pub fn system() -> Clock {
        Clock { zone: TimeZone::system() }
    }

    /// In the time zone of nowhere, which is the same on every computer.
    #[cfg(test)]
    pub(crate) fn utc() -> Clock {
        Clock { zone: TimeZone::UTC }
    }

    /// What it said at a stamp. One beyond the calendar gives midnight of its first day.
    pub fn at_stamp(&self, stamp: Stamp) -> LocalTime {
        let micros = i64::try_from(stamp).unwrap_or(i64::MAX);
        let at = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.zone.clone());
        LocalTime { date: at.date(), hour: at.hour(), minute: at.minute() }
    }

    /// `14:02`, and on another day than that of `now` the day before it: `Nov 23 14:02`.
    pub fn day_and_minute(&self, at: Stamp, now: Stamp) -> String {
        let (at, now) = (self.at_stamp(at), self.at_stamp(now));
        let time = format!("{:02}:{:02}", at.hour, at.minute);
        if at.date == now.date { time } else { format!("{} {time}", at.date.strftime("%b %d")) }
    }

    /// `11-23 14:03:07`: always as wide, so that what stands behind it is aligned.
    pub fn day_and_time(&self, at: SystemTime) -> String {
        self.local(at).strftime("%m-%d %H:%M:%S").to_string()
    }

    /// `14:03:07.042`.
    pub fn to_the_millisecond(&self, at: SystemTime) -> String {
        self.local(at).strftime("%H:%M:%S%.3f").to_string()
    }

    /// `2026-11-23 14:03:07`.
    pub fn in_full(&self, at: Stamp) -> String {
        let micros = i64::try_from(at).unwrap_or(i64::MAX);
        let at = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.zone.clone());
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// `2026-11-23 14.03.07`.
    pub fn in_file_name(&self, at: SystemTime) -> String {
        self.local(at).strftime("%Y-%m-%d %H.%M.%S").to_string()
    }

    /// `14:03:07` if that is the day of `now`, otherwise `Nov 23`.
    pub fn day_or_time(&self, at: SystemTime, now: SystemTime) -> String {
        let at = self.local(at);
        let format = if at.date() == self.local(now).date() { "%H:%M:%S" } else { "%b %d" };
        at.strftime(format).to_string()
    }

    /// A moment beyond the calendar is shown as its first day.
    fn local(&self, at: SystemTime) -> Zoned {
        Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(self.zone.clone())
    }
}

/// The stamp of this moment, by the clock of this computer.
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
