//! Division of the window's height between the people and the pages below them. The user drags the border between the two, and the
//! division is remembered. Pure; the layout is in `view.rs`.

use crate::ui::Settings;

/// Minimum heights of the upper and of the lower part, in pixels: three rows of people and two of a page, with everything around them.
const UPPER_MIN: i32 = 200;
const LOWER_MIN: i32 = 156;
/// Share of the upper part before the user has dragged the border.
const USUAL: f64 = 0.5;
/// Key in the settings.
const KEY: &str = "people_share";

/// The wish of the user, as the share of the height that the upper part has.
#[derive(Debug)]
pub(super) struct Split(f64);

impl Split {
    /// Returns the remembered wish.
    pub(super) fn remembered(settings: &Settings) -> Split {
        let share = settings.get(KEY).and_then(|share| share.parse().ok());
        Split(share.filter(|share| (0.0..=1.0).contains(share)).unwrap_or(USUAL))
    }

    /// Stores the wish in the settings.
    pub(super) fn remember(&self, settings: &mut Settings) {
        settings.set(KEY, &format!("{:.3}", self.0));
    }

    /// Returns the height of the upper part, of `room` pixels for both. Where there is no room for the minimum heights, both parts
    /// are shrunk alike.
    #[expect(clippy::cast_possible_truncation, reason = "a number of pixels")]
    pub(super) fn upper(&self, room: i32) -> i32 {
        let wanted = (self.0 * f64::from(room)).round() as i32;
        let most = room - LOWER_MIN;
        if most < UPPER_MIN { room.max(0) * UPPER_MIN / (UPPER_MIN + LOWER_MIN) } else { wanted.clamp(UPPER_MIN, most) }
    }

    /// Moves the border down by a step of the drag, in pixels.
    pub(super) fn drag(&mut self, step: i32, room: i32) {
        if room > 0 {
            // From what is seen, so that a drag back begins at once.
            self.0 = f64::from(self.upper(room) + step) / f64::from(room);
            self.0 = f64::from(self.upper(room)) / f64::from(room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_part_is_squeezed_and_a_drag_back_begins_at_once() {
        let mut split = Split::remembered(&Settings::default());
        assert_eq!(split.upper(800), 400);
        split.drag(50, 800);
        assert_eq!(split.upper(800), 450);
        assert_eq!(split.upper(400), 225, "the share is kept in a lower window");
        split.drag(10_000, 800);
        assert_eq!(split.upper(800), 800 - LOWER_MIN);
        split.drag(-10, 800);
        assert_eq!(split.upper(800), 790 - LOWER_MIN);
        split.drag(-10_000, 800);
        assert_eq!(split.upper(800), UPPER_MIN);
        assert!((100..150).contains(&split.upper(220)), "both parts have less than they need");
        assert_eq!((split.upper(0), split.upper(-5)), (0, 0));
    }

    #[test]
    fn it_is_remembered_and_a_damaged_value_is_none() {
        let mut settings = Settings::default();
        let mut split = Split::remembered(&settings);
        split.drag(80, 800);
        split.remember(&mut settings);
        assert_eq!(Split::remembered(&settings).upper(800), 480);
        for damaged in ["7", "-1", "NaN", "much"] {
            settings.set(KEY, damaged);
            assert_eq!(Split::remembered(&settings).upper(800), 400, "{damaged}");
        }
    }
}
