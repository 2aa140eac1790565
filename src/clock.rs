//! Moments as people read them: in the time zone of this computer, which std does not know.

use std::time::SystemTime;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// What the clock on the wall says. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: TimeZone,
}

impl Clock {
    /// In the time zone of this computer; reads its settings from a file, so a window makes it before it is shown.
    pub fn system() -> Clock {
        Clock { zone: TimeZone::system() }
    }

    /// `Nov 23 14:03:07`.
    pub fn day_and_time(&self, at: SystemTime) -> String {
        self.local(at).strftime("%b %d %H:%M:%S").to_string()
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
        assert_eq!(two_hours_east().day_and_time(at), "Nov 15 00:13:20");
    }

    #[test]
    fn a_moment_of_today_is_a_time_and_any_other_is_a_day() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        assert_eq!(two_hours_east().day_or_time(at, at + Duration::from_hours(23)), "00:13:20");
        assert_eq!(two_hours_east().day_or_time(at, at + Duration::from_hours(24)), "Nov 15");
    }
}
