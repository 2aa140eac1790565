//! A list of the window: its rows, their order, and the marked one. The clients, the bans, the members, the reasons of
//! disconnects, the threads and the history are such lists; their columns are in files of their own.
//!
//! It keeps the rows of the last update and formats a cell only on request. A window that draws thirty rows thus pays for
//! thirty, however many there are. Main thread; the widget is in `window/list_page.rs`.

use std::cmp::Reverse;
use std::ops::Deref;

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
    /// Sorts rows by this column, descending or not. Equal rows stay in the order in which they came.
    pub sort: fn(&mut [T], bool),
}

/// Formats a cell.
type Cell<T> = fn(&T, &Clock) -> (String, Look);

impl<T> Column<T> {
    /// Creates a column of text, which is [sorted](Column::sorted) by nothing.
    pub(super) const fn text(title: &'static str, width: (i32, i32), cell: Cell<T>) -> Column<T> {
        Column { title, width, is_numeric: false, cell, sort: |_, _| () }
    }

    /// Creates a column of numbers, which is [sorted](Column::sorted) by nothing.
    pub(super) const fn number(title: &'static str, width: (i32, i32), cell: Cell<T>) -> Column<T> {
        Column { is_numeric: true, ..Column::text(title, width, cell) }
    }

    /// Returns the column with the function that sorts by it.
    pub(super) const fn sorted(self, sort: fn(&mut [T], bool)) -> Column<T> {
        Column { sort, ..self }
    }
}

/// A row of a list.
pub trait Listed: Sized + 'static {
    /// Identity of a row. The mark stays with it when rows move.
    type Key: PartialEq;

    /// Every column, from left to right.
    const COLUMNS: &'static [Column<Self>];

    /// Index of the column that names the row, which is bold.
    const NAME: usize = 0;

    /// Order of a list before the operator chooses one.
    const SORTING: Sorting = Sorting { column: None, descending: false };

    /// Returns the key of the row.
    fn key(&self) -> Self::Key;

    /// Returns true if this row is drawn like the other one. A list that does not know draws its rows anew.
    fn looks_like(&self, _other: &Self) -> bool {
        false
    }
}

/// The rows in the chosen order, and at most one mark.
#[derive(Debug)]
pub struct List<T: Listed> {
    rows: Vec<T>,
    sorting: Sorting,
    marked: Option<T::Key>,
    version: u64,
}

impl<T: Listed> Default for List<T> {
    fn default() -> List<T> {
        List { rows: Vec::new(), sorting: T::SORTING, marked: None, version: 0 }
    }
}

/// The rows, in their order.
impl<T: Listed> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.rows
    }
}

impl<T: Listed> List<T> {
    /// Returns the text and look of a cell, or `None` if there is no such row or column.
    pub fn cell(&self, row: usize, column: usize, clock: &Clock) -> Option<(String, Look)> {
        Some((T::COLUMNS.get(column)?.cell)(self.get(row)?, clock))
    }

    /// Returns a number that changes whenever the list must be drawn anew, or another row is marked.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns the row number of the marked row, if it is still in the list.
    pub fn marked_row(&self) -> Option<usize> {
        let marked = self.marked.as_ref()?;
        self.iter().position(|row| row.key() == *marked)
    }

    /// Returns the marked row.
    pub fn marked(&self) -> Option<&T> {
        self.get(self.marked_row()?)
    }

    /// Marks a row. A number beyond the last means the last.
    pub fn mark(&mut self, row: usize) {
        self.marked = self.get(row).or(self.last()).map(Listed::key);
        self.version += 1;
    }

    /// Returns the order of the rows.
    pub fn sorting(&self) -> Sorting {
        self.sorting
    }

    /// Sorts the rows.
    pub fn sort(&mut self, sorting: Sorting) {
        self.sorting = sorting;
        if let Some(column) = sorting.column.and_then(|column| T::COLUMNS.get(column)) {
            (column.sort)(&mut self.rows, sorting.descending);
        }
    }

    /// Replaces the rows. The order and the mark stay.
    pub(super) fn set(&mut self, rows: Vec<T>) {
        let before = std::mem::replace(&mut self.rows, rows);
        self.sort(self.sorting);
        let looks_same = before.len() == self.len() && self.iter().zip(&before).all(|(new, old)| new.looks_like(old));
        self.version += u64::from(!looks_same);
    }

    /// Removes all rows and the mark, because the server has stopped. The chosen order stays.
    pub(super) fn clear(&mut self) {
        (self.rows, self.marked) = (Vec::new(), None);
        self.version += 1;
    }
}

/// Sorts by a key that is computed once per row, not once per comparison: there may be ten thousand clients, sorted four
/// times a second.
pub(super) fn sort_by<T, K: Ord>(rows: &mut [T], descending: bool, key: impl Fn(&T) -> K) {
    if descending {
        rows.sort_by_cached_key(|row| Reverse(key(row)));
    } else {
        rows.sort_by_cached_key(key);
    }
}
