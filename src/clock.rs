//! Moments as people read them: in the time zone of this computer, which std does not know.

use std::sync::LazyLock;
use std::time::SystemTime;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// The time zone of this computer, looked up once: it is in a file, and windows must not wait for a disk.
static HERE: LazyLock<TimeZone> = LazyLock::new(TimeZone::system);

/// Looks up the time zone, so that nobody has to wait for that later. Call it before the first window is shown.
pub fn prepare() {
    LazyLock::force(&HERE);
}

/// `Nov 23 14:03:07`.
pub fn day_and_time(at: SystemTime) -> String {
    here(at).map_or_else(String::new, |at| at.strftime("%b %d %H:%M:%S").to_string())
}

/// `14:03:07` if that was today, otherwise `Nov 23`.
pub fn day_or_time(at: SystemTime) -> String {
    let (Some(at), Some(now)) = (here(at), here(SystemTime::now())) else { return String::new() };
    let format = if at.date() == now.date() { "%H:%M:%S" } else { "%b %d" };
    at.strftime(format).to_string()
}

/// Nothing for a moment that is thousands of years away.
fn here(at: SystemTime) -> Option<Zoned> {
    Some(Timestamp::try_from(at).ok()?.to_zoned(HERE.clone()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_moment_of_today_is_a_time_and_any_other_is_a_day() {
        let now = SystemTime::now();
        let shown = day_or_time(now);
        assert!(shown.len() == 8 && shown.matches(':').count() == 2, "{shown}");
        assert!(day_and_time(now).ends_with(&shown[..5]) || day_and_time(now).contains(&shown[..4]));
        let shown = day_or_time(now - Duration::from_secs(3 * 86_400));
        assert!(shown.len() == 6 && !shown.contains(':'), "{shown}");
    }

    #[test]
    fn a_moment_is_told_with_its_day_and_its_time() {
        let shown = day_and_time(SystemTime::UNIX_EPOCH);
        // Wherever this runs, it was that day or the one before.
        assert!(shown.starts_with("Jan 01 ") || shown.starts_with("Dec 31 "), "{shown}");
        assert_eq!(shown.len(), "Nov 23 14:03:07".len(), "{shown}");
    }
}
