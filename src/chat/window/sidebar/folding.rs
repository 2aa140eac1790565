//! The width of the sidebar, and when it is folded away: in a narrow window by itself, elsewhere at the user's wish. Runs on
//! the UI thread; knows no widget.

use crate::ui::Settings;

/// Width of the window below which the sidebar folds away.
const NARROW: i32 = 640;
/// Least width of the sidebar, and of the text beside it.
const SIDE_MIN: i32 = 130;
const TEXT_MIN: i32 = 260;
/// Default width.
const USUAL: i32 = 190;
/// Keys in the settings.
const WIDTH: &str = "sidebar_width";
const FOLDED: &str = "sidebar_folded";

/// The wishes of the user, and the width of the window.
#[derive(Debug)]
pub(super) struct Folding {
    /// The wanted width of the sidebar.
    width: i32,
    /// Folded at the user's wish.
    folded: bool,
    /// Width of the window.
    window: i32,
    /// Shown in a narrow window, until that is wide or the user folds the sidebar again.
    insisted: bool,
    /// Shown until the filter is closed.
    filtering: bool,
}

impl Folding {
    /// Returns the remembered wishes, for a window that is not narrow yet.
    pub(super) fn remembered(settings: &Settings) -> Folding {
        let width = settings.get(WIDTH).and_then(|width| width.parse().ok()).unwrap_or(USUAL);
        let folded = settings.get(FOLDED).is_some_and(|word| word == "yes");
        Folding { width: width.max(SIDE_MIN), folded, window: i32::MAX, insisted: false, filtering: false }
    }

    /// Stores the wishes in the settings.
    pub(super) fn remember(&self, settings: &mut Settings) {
        settings.set(WIDTH, &self.width.to_string());
        settings.set(FOLDED, if self.folded { "yes" } else { "no" });
    }

    /// Records the width of the window.
    pub(super) fn fit(&mut self, window: i32) {
        self.window = window;
        self.insisted &= self.is_narrow();
    }

    fn is_narrow(&self) -> bool {
        self.window < NARROW
    }

    /// Returns whether the sidebar is shown.
    pub(super) fn is_shown(&self) -> bool {
        self.filtering || if self.is_narrow() { self.insisted } else { !self.folded }
    }

    /// Shows or folds the sidebar at the user's wish. In a narrow window the wish is not remembered.
    pub(super) fn set_shown(&mut self, shown: bool) {
        self.filtering = false;
        if self.is_narrow() {
            self.insisted = shown;
        } else {
            self.folded = !shown;
        }
    }

    /// Shows the sidebar for the time in which the filter is open, whatever the user's wish.
    pub(super) fn set_filtering(&mut self, filtering: bool) {
        self.filtering = filtering;
    }

    /// Changes the wanted width by a step of the drag.
    pub(super) fn widen(&mut self, by: i32) {
        // From what is seen, so that a drag back begins at once.
        self.width = self.width() + by;
        self.width = self.width();
    }

    /// Returns the width of the sidebar, which leaves room for the text.
    pub(super) fn width(&self) -> i32 {
        self.width.min(self.window - TEXT_MIN).max(SIDE_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(window: i32) -> Folding {
        let mut folding = Folding::remembered(&Settings::default());
        folding.fit(window);
        folding
    }

    #[test]
    fn a_narrow_window_folds_it_and_a_wide_one_shows_it_again() {
        let mut folding = at(800);
        assert!(folding.is_shown());
        folding.fit(639);
        assert!(!folding.is_shown());
        folding.set_shown(true);
        assert!(folding.is_shown(), "the user insists");
        folding.fit(640);
        assert!(folding.is_shown());
        folding.fit(600);
        assert!(!folding.is_shown(), "that was for the time in the narrow window");
    }

    #[test]
    fn the_filter_shows_it_for_a_time() {
        for mut folding in [at(600), at(800)] {
            folding.set_shown(false);
            folding.set_filtering(true);
            assert!(folding.is_shown());
            folding.set_filtering(false);
            assert!(!folding.is_shown());
            folding.set_filtering(true);
            folding.set_shown(false);
            assert!(!folding.is_shown(), "the user folds it meanwhile");
        }
    }

    #[test]
    fn what_the_user_has_folded_stays_folded_at_the_next_start() {
        let mut folding = at(800);
        folding.set_shown(false);
        folding.widen(-20);
        let mut settings = Settings::default();
        folding.remember(&mut settings);
        let mut again = Folding::remembered(&settings);
        again.fit(900);
        assert_eq!((again.is_shown(), again.width()), (false, USUAL - 20));
    }

    #[test]
    fn neither_it_nor_the_text_is_squeezed() {
        let mut folding = at(700);
        folding.widen(1000);
        assert_eq!(folding.width(), 700 - TEXT_MIN);
        folding.widen(-10);
        assert_eq!(folding.width(), 690 - TEXT_MIN, "a drag back begins at once");
        folding.widen(-1000);
        assert_eq!(folding.width(), SIDE_MIN);
        folding.widen(1000);
        folding.fit(500);
        assert_eq!(folding.width(), 500 - TEXT_MIN);
        folding.fit(700);
        assert_eq!(folding.width(), 700 - TEXT_MIN, "the wish is kept");
    }
}
