//! The properties of the rows of a list: their columns and identity, and the look of a cell. Main thread.

use std::cmp::Ordering;
use std::hash::Hash;

use crate::clock::Clock;
use crate::sorting::Sorting;

/// The look of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As most text.
    Plain,
    /// Less important than the rest.
    Muted,
    /// It needs attention.
    Warn,
    /// It is severe.
    Error,
}

/// A column of a list of `T`.
#[derive(Debug)]
pub struct Column<T> {
    /// The title.
    pub title: &'static str,
    /// Minimum width in pixels, and number of shares of the remaining width.
    pub width: (i32, i32),
    /// The column is of numbers: aligned at the right, where they are easiest to compare.
    pub is_numeric: bool,
    /// Returns the text of a cell, and what it looks like.
    pub cell: Cell<T>,
    /// Compares two rows by this column. Equal rows stay in the order in which they came.
    pub compare: fn(&T, &T) -> Ordering,
}

/// Formats a cell.
type Cell<T> = fn(&T, &Clock) -> (String, Look);

impl<T> Column<T> {
    /// Creates a column of text, which is [sorted](Column::sorted) by nothing.
    pub(in crate::monitor::model) const fn text(title: &'static str, width: (i32, i32), cell: Cell<T>) -> Column<T> {
        Column { title, width, is_numeric: false, cell, compare: |_, _| Ordering::Equal }
    }

    /// Creates a column of numbers, which is [sorted](Column::sorted) by nothing.
    pub(in crate::monitor::model) const fn number(title: &'static str, width: (i32, i32), cell: Cell<T>) -> Column<T> {
        Column { is_numeric: true, ..Column::text(title, width, cell) }
    }

    /// Returns the column with the function that compares two rows by it.
    pub(in crate::monitor::model) const fn sorted(self, compare: fn(&T, &T) -> Ordering) -> Column<T> {
        Column { compare, ..self }
    }
}

/// A row of a list.
pub trait Listed: Sized + 'static {
    /// Identity of a row. A mark stays with it when rows move.
    type Key: Clone + Eq + Hash;

    /// Every column, from left to right.
    const COLUMNS: &'static [Column<Self>];

    /// Index of the column that names the row, which is bold and always shown. Letters that are typed lead to it.
    const NAME: usize = 0;

    /// The operator can hide columns, all but the one that names the row.
    const HIDES_COLUMNS: bool = false;

    /// The operator can choose an order.
    const IS_SORTED: bool = true;

    /// A reader at the end stays there when rows are added.
    const FOLLOWS: bool = false;

    /// Order of a list before the operator chooses one.
    const SORTING: Sorting = Sorting { column: None, descending: false };

    /// Returns the key of the row.
    fn key(&self) -> Self::Key;

    /// Returns true if this row is the other one, at another time.
    fn is_same(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// Returns true if the row contains these words, which are in lower case. A list without a filter is never asked.
    fn has(&self, _words: &str) -> bool {
        true
    }

    /// Returns true if this row is drawn like the other one. Then it is the same. A list that does not know draws
    /// its rows anew.
    fn looks_like(&self, _other: &Self) -> bool {
        false
    }
}
