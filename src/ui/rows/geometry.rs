//! The places of rows and columns in a table: what is visible, scrolling, and the widths. Runs on the UI thread.

use fltk::app;
use fltk::prelude::{TableExt as _, WidgetExt as _};
use fltk::table::Table;

use super::{HEADER, ROW_HEIGHT, RowColumn, Rows, drawing};

impl Rows {
    /// Scrolls a row into view, and draws the table anew.
    pub(super) fn scroll_to(&mut self, row: i32) {
        let visible = visible(&self.table);
        if row < self.table.row_position() {
            self.table.set_row_position(row);
        } else if row >= self.table.row_position() + visible {
            self.table.set_row_position(row - visible + 1);
        }
        self.table.redraw();
    }
}

/// Converts a row or column number of the table, which is signed but never negative for a cell.
pub(super) fn index(number: i32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Returns the height of the titles, if they are shown.
pub(super) fn header(table: &Table) -> i32 {
    if table.col_header() { HEADER } else { 0 }
}

/// Returns how many whole rows are visible at once.
pub(super) fn visible(table: &Table) -> i32 {
    ((table.h() - header(table)) / ROW_HEIGHT).max(1)
}

/// Scrolls to the last row. Until the user scrolls, the table then reports the last row as the first visible one.
pub(super) fn go_to_end(table: &mut Table) {
    let last = (table.rows() - 1).max(0);
    // FLTK ignores a request for the current row, even if the table's height has changed meanwhile.
    table.set_row_position((last - 1).max(0));
    table.set_row_position(last);
}

/// Divides the width of the table among its columns.
pub(super) fn fit_columns(table: &mut Table, columns: &[RowColumn]) {
    // With more rows than fit there is a scrollbar beside them.
    let scrolls = i64::from(table.rows()) * i64::from(ROW_HEIGHT) > i64::from(table.h() - header(table));
    let width = table.w() - if scrolls { app::scrollbar_size() } else { 0 };
    let mut widths = drawing::share_width(width, columns);
    if !table.col_header() {
        // A scrollbar below the rows would take one of the few there are. The tooltip of a cell has the whole text.
        let mut left = width;
        for width in &mut widths {
            *width = (*width).min(left);
            left -= *width;
        }
    }
    for (column, width) in (0..).zip(widths) {
        table.set_col_width(column, width);
    }
}
