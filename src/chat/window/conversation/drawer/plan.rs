//! The division of a conversation's height among its text, a bar and a pane. A pane has three rows at least, if
//! need be beside one line of text. In a small window it first does without what surrounds its rows, then covers the bar, and
//! at last the text. Pure.

use crate::ui::{Density, GAP, ROW_HEIGHT};

/// Thickness of the edge above a pane.
pub(super) const EDGE: i32 = 8;
/// Height of the plate of the text without its lines, and of a line.
const PLATE: i32 = 30;
const LINE: i32 = 20;

/// The parts to divide the height among.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    /// Height for the text, the bar and the pane, with the gaps between them.
    pub(super) height: i32,
    /// Height of the window.
    pub(super) window: i32,
    /// Height of the open bar, or 0.
    pub(super) bar: i32,
    /// The bar was opened after the pane.
    pub(super) bar_is_newer: bool,
    /// Height of the pane without its rows, by [`Density`].
    pub(super) around: [i32; 3],
    /// The wanted height of the pane.
    pub(super) wanted: i32,
}

/// The division.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) shows_text: bool,
    pub(super) shows_bar: bool,
    /// Height of the pane, and what it shows beside its rows; the edge above it is there in a roomy one only.
    pub(super) pane: Option<(i32, Density)>,
}

/// A division that is tried.
struct Attempt {
    density: Density,
    with_bar: bool,
    /// Least number of lines of the text, and of rows.
    lines: i32,
    rows: i32,
}

/// The divisions in the order in which they are tried.
const ATTEMPTS: [Attempt; 8] = {
    const fn attempt(density: Density, with_bar: bool, lines: i32, rows: i32) -> Attempt {
        Attempt { density, with_bar, lines, rows }
    }
    [
        attempt(Density::Roomy, true, 2, 3),
        attempt(Density::Compact, true, 2, 3),
        attempt(Density::Compact, true, 1, 3),
        attempt(Density::Compact, true, 2, 2),
        attempt(Density::Compact, false, 2, 3),
        attempt(Density::Compact, false, 1, 3),
        attempt(Density::Compact, false, 0, 3),
        attempt(Density::Least, false, 0, 0),
    ]
};

impl Plan {
    /// Returns the division while no pane is open.
    pub(super) const WITHOUT_PANE: Plan = Plan { shows_text: true, shows_bar: true, pane: None };

    /// Divides the height.
    pub(super) fn of(parts: &Parts) -> Plan {
        let found = ATTEMPTS.iter().find_map(|attempt| attempt.divide(parts));
        // Of a bar and a pane for which there is no room together, the newer one is there.
        found.filter(|plan| plan.shows_bar || parts.bar == 0 || !parts.bar_is_newer).unwrap_or(Plan::WITHOUT_PANE)
    }
}

impl Attempt {
    fn divide(&self, parts: &Parts) -> Option<Plan> {
        let &Attempt { density, with_bar, lines, rows } = self;
        let around = parts.around[density as usize];
        let bar = if with_bar && parts.bar > 0 { parts.bar + GAP } else { 0 };
        let edge = if density == Density::Roomy { EDGE + GAP } else { 0 };
        let text = if lines > 0 { PLATE + lines * LINE + GAP } else { 0 };
        let (room, least) = (parts.height - bar - edge - text, around + rows * ROW_HEIGHT);
        if room < least {
            return None;
        }
        // Two fifths of the window are the most, as long as the text is beside it.
        let most = if lines > 0 { room.min((parts.window * 2 / 5).max(least)) } else { room };
        let height = if parts.wanted.max(least) <= most && lines > 0 {
            parts.wanted.max(least)
        } else if lines > 0 {
            // Whole rows.
            most - (most - around) % ROW_HEIGHT
        } else {
            room
        };
        Some(Plan { shows_text: lines > 0, shows_bar: with_bar, pane: Some((height, density)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The wire in a window of this height, with the bar that finds text or without it.
    fn wire(window: i32, bar: i32) -> Parts {
        let height = window - 146;
        Parts { height, window, bar, bar_is_newer: false, around: [116, 72, 38], wanted: 220 }
    }

    fn shown(parts: &Parts) -> (bool, bool, i32, Density) {
        let plan = Plan::of(parts);
        let (height, density) = plan.pane.unwrap();
        (plan.shows_text, plan.shows_bar, (height - parts.around[density as usize]) / ROW_HEIGHT, density)
    }

    #[test]
    fn a_pane_has_two_fifths_at_most_and_the_wanted_height_where_there_is_room() {
        let height = |window, wanted| Plan::of(&Parts { wanted, ..wire(window, 0) }).pane.unwrap().0;
        assert_eq!(height(640, 220), 220);
        assert_eq!(height(640, 900), 116 + 5 * ROW_HEIGHT, "whole rows, not more than 256");
        assert_eq!(height(640, 10), 116 + 3 * ROW_HEIGHT, "three rows at least");
    }

    #[test]
    fn a_small_window_has_three_rows_beside_a_bar() {
        assert_eq!(shown(&wire(400, 36)), (true, true, 3, Density::Compact));
        assert_eq!(shown(&wire(384, 36)), (true, false, 3, Density::Compact), "the bar is covered");
        // The results of a search have less around them.
        assert_eq!(shown(&Parts { around: [56, 28, 28], ..wire(400, 36) }), (true, true, 4, Density::Compact));
        assert_eq!(shown(&wire(400, 0)), (true, true, 3, Density::Compact));
    }

    #[test]
    fn the_pane_covers_the_bar_and_then_the_text_but_what_is_newer_stays() {
        assert_eq!(shown(&Parts { around: [56, 28, 28], ..wire(333, 36) }), (true, false, 3, Density::Compact));
        assert_eq!(shown(&wire(333, 36)), (false, false, 4, Density::Compact));
        assert_eq!(shown(&wire(256, 36)), (false, false, 3, Density::Least));
        assert_eq!(shown(&wire(256, 0)), (false, false, 3, Density::Least));
        assert_eq!(Plan::of(&Parts { bar_is_newer: true, ..wire(256, 36) }), Plan::WITHOUT_PANE);
    }
}
