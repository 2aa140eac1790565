//! A list of the window: its rows, their order, the filter, the marks, and the columns that are shown. The clients, the bans, the
//! members, the reasons of disconnects, the threads and the history are such lists; their columns are in files of their own.
//!
//! It keeps the rows of the last update and formats a cell only on request. A window that draws thirty rows thus pays for
//! thirty, however many there are. The rows are never moved: their order is a list of indices, which is sorted again from the
//! order of the last update. That is nearly right, so ten thousand clients take ten thousand comparisons. Main thread; the
//! widget is in `window/list_page.rs`.

mod listed;

use std::ops::Index;

use super::marks::Marks;
use crate::clock::Clock;
use crate::sorting::Sorting;
pub use listed::{Column, Listed, Look};

/// The rows that pass the filter, in the chosen order, and the marks.
#[derive(Debug)]
pub struct List<T: Listed> {
    /// All rows as they came.
    all: Vec<T>,
    /// Indices of all rows, in their order.
    order: Vec<usize>,
    /// Indices of those that pass the filter.
    shown: Vec<usize>,
    sorting: Sorting,
    /// Text that a shown row contains, in lower case.
    filter: String,
    /// Indices of the columns that are not shown.
    hidden: Vec<usize>,
    marks: Marks<T::Key>,
    /// Number of the first row, counting those above it that are gone.
    first: u64,
    version: u64,
}

impl<T: Listed> Default for List<T> {
    fn default() -> List<T> {
        List {
            all: Vec::new(),
            order: Vec::new(),
            shown: Vec::new(),
            sorting: T::SORTING,
            filter: String::new(),
            hidden: Vec::new(),
            marks: Marks::default(),
            first: 0,
            version: 0,
        }
    }
}

/// A shown row, by its number.
impl<T: Listed> Index<usize> for List<T> {
    type Output = T;

    fn index(&self, row: usize) -> &T {
        &self.all[self.shown[row]]
    }
}

/// The rows.
impl<T: Listed> List<T> {
    /// Returns all rows as they came, whether they pass the filter or not.
    pub fn all(&self) -> &[T] {
        &self.all
    }

    /// Returns the shown rows, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.shown.iter().map(|at| &self.all[*at])
    }

    /// Returns the number of shown rows.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Returns true if no row is shown.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Returns a shown row.
    pub fn get(&self, row: usize) -> Option<&T> {
        self.shown.get(row).map(|at| &self.all[*at])
    }

    /// Returns the text and look of a cell, or `None` if there is no such row or column.
    pub fn cell(&self, row: usize, column: usize, clock: &Clock) -> Option<(String, Look)> {
        Some((T::COLUMNS.get(column)?.cell)(self.get(row)?, clock))
    }

    /// Returns a number that changes whenever the list must be drawn anew.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Replaces the rows. The order, the filter, the columns and the marks stay.
    pub fn set(&mut self, rows: Vec<T>) {
        let before = std::mem::replace(&mut self.all, rows);
        let pairs = || before.iter().zip(&self.all);
        let looks_same = before.len() == self.all.len() && pairs().all(|(old, new)| new.looks_like(old));
        // Of the same rows, the last order is nearly right.
        let is_same = looks_same || before.len() == self.all.len() && pairs().all(|(old, new)| new.is_same(old));
        if !is_same {
            self.order = (0..self.all.len()).collect();
        }
        self.arrange();
        if !is_same {
            self.drop_hidden_marks();
        }
        self.version += u64::from(!looks_same);
    }

    /// Appends rows, and drops the oldest beyond `most`.
    pub(super) fn append(&mut self, rows: impl IntoIterator<Item = T>, most: usize) {
        self.all.extend(rows);
        let gone = self.all.len().saturating_sub(most);
        self.all.drain(..gone);
        self.first += gone as u64;
        self.order = (0..self.all.len()).collect();
        self.arrange();
        self.drop_hidden_marks();
        self.version += 1;
    }

    /// Replaces the rows as [`set`](Self::set) does. The row with the keyboard keeps its place; if it is gone, the next one is
    /// marked. Without one, those that are still there keep theirs.
    pub(super) fn set_in_place(&mut self, rows: Vec<T>) {
        let before = self.ends().map(|(_, row)| row);
        let is_chosen = self.sorting.column.is_some();
        let first = rows.first().filter(|_| !is_chosen);
        let gone = first.and_then(|first| self.iter().position(|row| row.is_same(first))).unwrap_or(0);
        self.set(rows);
        match (before, self.ends()) {
            (Some(before), Some((_, now))) => self.first += before.saturating_sub(now) as u64,
            (Some(before), None) if !self.is_empty() => self.mark(before.saturating_sub(gone)),
            _ => self.first += gone as u64,
        }
    }

    /// Changes rows.
    pub(super) fn change(&mut self, change: impl FnMut(&mut T)) {
        self.all.iter_mut().for_each(change);
        self.version += 1;
    }

    /// Returns the number of the first row. It grows by the rows that are gone above those that stay.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Removes all rows and marks, because the server has stopped. The order, the filter and the columns stay.
    pub(super) fn clear(&mut self) {
        self.set(Vec::new());
        self.version += 1;
    }

    /// Returns the order of the rows.
    pub fn sorting(&self) -> Sorting {
        self.sorting
    }

    /// Sorts the rows.
    pub fn sort(&mut self, sorting: Sorting) {
        if sorting == self.sorting.reversed() {
            // The opposite order is nearly right, too.
            self.order.reverse();
        }
        self.sorting = sorting;
        self.arrange();
        self.version += 1;
    }

    /// Returns true if the filter has words.
    pub fn is_filtered(&self) -> bool {
        !self.filter.is_empty()
    }

    /// Shows only rows that contain these words, in any case. A row that is hidden is not marked any more, so that nothing is done
    /// to somebody whom the operator does not see.
    pub fn set_filter(&mut self, words: &str) {
        self.filter = words.trim().to_lowercase();
        self.arrange();
        self.drop_hidden_marks();
        self.version += 1;
    }

    /// Sorts the indices, and selects those that are shown.
    fn arrange(&mut self) {
        let List { all, order, sorting, filter, .. } = self;
        match sorting.column.and_then(|column| T::COLUMNS.get(column)) {
            Some(column) => order.sort_by(|one, other| {
                let ordering = (column.compare)(&all[*one], &all[*other]);
                let ordering = if sorting.descending { ordering.reverse() } else { ordering };
                ordering.then(one.cmp(other))
            }),
            None => order.sort_unstable(),
        }
        let passes = |at: &usize| filter.is_empty() || all[*at].has(filter);
        self.shown.clear();
        self.shown.extend(order.iter().copied().filter(passes));
    }
}

/// The marks.
impl<T: Listed> List<T> {
    /// Returns the marked row, if exactly one is marked.
    pub fn marked(&self) -> Option<&T> {
        let mut marked = self.all_marked();
        marked.next().filter(|_| marked.next().is_none())
    }

    /// Returns the marked rows, in their order.
    pub fn all_marked(&self) -> impl Iterator<Item = &T> {
        self.marked_rows().into_iter().filter_map(|row| self.get(row))
    }

    /// Returns the numbers of the marked rows, in their order.
    pub fn marked_rows(&self) -> Vec<usize> {
        if self.marks.is_empty() {
            return Vec::new();
        }
        let is_marked = |row: &usize| self.marks.contains(&self[*row].key());
        (0..self.len()).filter(is_marked).collect()
    }

    /// Returns the numbers of the row from which a range of marks is extended, and of the row with the keyboard, if both are shown.
    pub fn ends(&self) -> Option<(usize, usize)> {
        let (from, to) = self.marks.ends()?;
        let row_of = |key: &T::Key| self.iter().position(|row| row.key() == *key);
        Some((row_of(from)?, row_of(to)?))
    }

    /// Marks a row and no other. A number beyond the last means the last.
    pub fn mark(&mut self, row: usize) {
        let row = row.min(self.len().saturating_sub(1));
        self.set_marks([row], Some((row, row)));
    }

    /// Marks these rows and no others. `ends` are as for [`ends`](Self::ends).
    pub fn set_marks(&mut self, rows: impl IntoIterator<Item = usize>, ends: Option<(usize, usize)>) {
        let key_of = |row: usize| self.get(row).map(Listed::key);
        let ends = ends.and_then(|(from, to)| Some((key_of(from)?, key_of(to)?)));
        self.marks = Marks::new(rows.into_iter().filter_map(key_of), ends);
        self.version += 1;
    }

    /// Removes the marks of rows that are not shown.
    fn drop_hidden_marks(&mut self) {
        if !self.marks.is_empty() {
            let shown = self.shown.iter().map(|at| self.all[*at].key());
            self.marks = self.marks.among(shown);
        }
    }
}

/// The columns.
impl<T: Listed> List<T> {
    /// Returns the indices of the shown columns, from left to right.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        (0..T::COLUMNS.len()).filter(|column| !self.hidden.contains(column))
    }

    /// Shows a column, or hides it. The one that names the row stays.
    pub fn toggle_column(&mut self, column: usize) {
        if let Some(at) = self.hidden.iter().position(|hidden| *hidden == column) {
            self.hidden.swap_remove(at);
        } else if column != T::NAME {
            self.hidden.push(column);
        }
        self.sort_by_shown();
    }

    /// Returns the titles of the hidden columns, separated by commas, as the settings remember them. A column that a later version
    /// adds is not among them.
    pub fn hidden_columns(&self) -> String {
        let hidden = T::COLUMNS.iter().enumerate().filter(|(column, _)| self.hidden.contains(column));
        hidden.map(|(_, column)| column.title).collect::<Vec<_>>().join(",")
    }

    /// Hides the columns with these titles, and no others.
    pub fn hide_columns(&mut self, titles: &str) {
        let is_named = |title: &str| titles.split(',').any(|named| named.trim() == title);
        let named = |column: &usize| *column != T::NAME && is_named(T::COLUMNS[*column].title);
        self.hidden = (0..T::COLUMNS.len()).filter(named).collect();
        self.sort_by_shown();
    }

    /// Sorts by the name if the column of the order is hidden, because nobody would see what the order is.
    fn sort_by_shown(&mut self) {
        if self.sorting.column.is_some_and(|column| self.hidden.contains(&column)) {
            self.sort(Sorting { column: Some(T::NAME), descending: false });
        }
        self.version += 1;
    }
}
