//! The marked rows of a table, by number, and what a click or a key makes of them. Plain data on the UI thread.

use std::collections::BTreeSet;
use std::ops::Range;

/// The rows that can be marked at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marking {
    /// One.
    #[default]
    One,
    /// Several, with Shift, Ctrl and Ctrl+A.
    Several,
    /// Several, also by dragging: for rows that do not move under the mouse.
    Dragged,
}

/// Effect of a newly marked row on the other marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// No other row is marked any more.
    Only,
    /// All rows are marked from the row marked before.
    To,
    /// The other rows stay marked, and a marked row is not any more.
    Toggle,
    /// A marked row and the others stay as they are; otherwise no other row is marked any more. It is for a menu of all marked.
    Keep,
}

/// The marks.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) marking: Marking,
    rows: BTreeSet<u64>,
    /// Row from which a range is extended, and row with the keyboard.
    ends: Option<(u64, u64)>,
}

impl Marks {
    /// Marks a row.
    pub(super) fn mark(&mut self, row: u64, how: Mark) {
        let how = if self.marking == Marking::One { Mark::Only } else { how };
        let from = self.ends.filter(|_| how == Mark::To).map_or(row, |(from, _)| from);
        match how {
            Mark::Keep if self.rows.contains(&row) => {}
            Mark::Toggle if self.rows.remove(&row) => {}
            Mark::Toggle => drop(self.rows.insert(row)),
            Mark::Only | Mark::To | Mark::Keep => self.rows = (from.min(row)..=from.max(row)).collect(),
        }
        self.ends = Some((from, row));
    }

    /// Marks all of these rows. The keyboard stays in its row.
    pub(super) fn mark_all(&mut self, rows: Range<u64>) {
        let to = self.focus().filter(|row| rows.contains(row)).unwrap_or(rows.start);
        self.ends = Some((rows.start, to));
        self.rows = rows.collect();
    }

    /// Marks these rows and no others. Without ends, those from before stay, so that the keyboard continues from there.
    pub(super) fn set(&mut self, rows: impl IntoIterator<Item = u64>, ends: Option<(u64, u64)>) {
        self.rows = rows.into_iter().collect();
        self.ends = ends.or(self.ends);
    }

    /// Marks nothing.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.ends = None;
    }

    /// Returns true if a row is marked.
    pub(super) fn contains(&self, row: u64) -> bool {
        self.rows.contains(&row)
    }

    /// Returns the marked rows, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = u64> {
        self.rows.iter().copied()
    }

    /// Returns the row from which a range is extended, and the row with the keyboard.
    pub(super) fn ends(&self) -> Option<(u64, u64)> {
        self.ends
    }

    /// Returns the row with the keyboard.
    pub(super) fn focus(&self) -> Option<u64> {
        self.ends.map(|(_, to)| to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(marking: Marking, steps: &[(u64, Mark)]) -> Vec<u64> {
        let mut marks = Marks { marking, ..Marks::default() };
        steps.iter().for_each(|(row, how)| marks.mark(*row, *how));
        marks.rows().collect()
    }

    #[test]
    fn a_range_grows_and_shrinks_from_where_it_began_and_single_rows_come_and_go() {
        let several = |steps: &[(u64, Mark)]| marked(Marking::Several, steps);
        assert_eq!(several(&[(3, Mark::Only), (5, Mark::To)]), [3, 4, 5]);
        assert_eq!(several(&[(3, Mark::Only), (5, Mark::To), (2, Mark::To)]), [2, 3]);
        assert_eq!(several(&[(3, Mark::Only), (7, Mark::Toggle), (9, Mark::Toggle), (7, Mark::Toggle)]), [3, 9]);
        assert_eq!(several(&[(3, Mark::Only), (7, Mark::Toggle), (8, Mark::To)]), [7, 8]);
        assert_eq!(several(&[(5, Mark::To)]), [5]);
    }

    #[test]
    fn a_menu_is_for_all_marked_rows_or_for_the_one_that_was_not_marked() {
        let several = |row| marked(Marking::Several, &[(3, Mark::Only), (5, Mark::To), (row, Mark::Keep)]);
        assert_eq!(several(4), [3, 4, 5]);
        assert_eq!(several(6), [6]);
    }

    #[test]
    fn where_one_row_is_marked_no_key_marks_more() {
        for how in [Mark::To, Mark::Toggle, Mark::Keep] {
            assert_eq!(marked(Marking::One, &[(3, Mark::Only), (5, how)]), [5]);
        }
    }

    #[test]
    fn all_are_marked_and_the_keyboard_stays_in_its_row() {
        let mut marks = Marks { marking: Marking::Several, ..Marks::default() };
        marks.mark(7, Mark::Only);
        marks.mark_all(5..9);
        assert_eq!((marks.rows().collect::<Vec<_>>(), marks.focus()), (vec![5, 6, 7, 8], Some(7)));
        marks.mark_all(8..9);
        assert_eq!(marks.focus(), Some(8));
    }

    #[test]
    fn the_keyboard_continues_where_a_row_has_left() {
        let mut marks = Marks::default();
        marks.mark(4, Mark::Only);
        marks.set([], None);
        assert_eq!((marks.rows().count(), marks.focus()), (0, Some(4)));
        marks.set([2], Some((1, 2)));
        assert_eq!(marks.ends(), Some((1, 2)));
    }
}
