//! Numbers as people read them: bytes in KiB and MiB, thousands separated, durations in their largest unit.
//!
//! Pure functions, called on any thread. A leaf: the model, the window and the server worker use it.

use std::time::Duration;

/// Formats a number of bytes: `512 B`, `1.5 KiB`, `20 MiB`. Three digits are enough to compare two of them.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    // A value that would be rounded to 1024 is one of the next unit.
    while value >= 1023.5 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let digits = usize::from(value < 9.95);
    format!("{value:.digits$} {}", UNITS[unit])
}

/// Formats a count with its thousands separated: `1234567` is `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut shown = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Formats a rate as a whole number, or with one decimal place below ten.
pub fn rate(per_second: f64) -> String {
    if per_second > 0.0 && per_second < 9.95 {
        format!("{per_second:.1}")
    } else {
        // A rate is a positive number far below 2^53.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        count(per_second.round() as u64)
    }
}

/// Formats a duration: `3 s`, and `2 min` from two minutes on.
pub fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        secs @ 0..120 => format!("{secs} s"),
        secs => format!("{} min", secs / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_three_digits_and_the_unit_that_fits() {
        for (n, shown) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (10_188, "9.9 KiB"),
            (10_189, "10 KiB"),
            (1_047_552, "1023 KiB"),
            (1_048_575, "1.0 MiB"),
            (20 << 20, "20 MiB"),
            (u64::MAX, "16384 PiB"),
        ] {
            assert_eq!(bytes(n), shown, "{n}");
        }
    }

    #[test]
    fn counts_have_their_thousands_set_apart() {
        for (n, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(n), shown);
        }
    }

    #[test]
    fn small_rates_are_not_rounded_to_nothing() {
        for (n, shown) in [(0.0, "0"), (0.4, "0.4"), (9.94, "9.9"), (9.96, "10"), (12_345.6, "12,346")] {
            assert_eq!(rate(n), shown);
        }
    }

    #[test]
    fn durations_are_in_seconds_for_two_minutes() {
        assert_eq!(duration(Duration::from_millis(1900)), "1 s");
        assert_eq!(duration(Duration::from_secs(119)), "119 s");
        assert_eq!(duration(Duration::from_mins(2)), "2 min");
    }
}
