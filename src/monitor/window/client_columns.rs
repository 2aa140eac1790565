//! The columns of the client table on the screen: their widths, and the colour and font of a cell.
//!
//! The headings, texts and sort order are in the model (`model/client_columns.rs`). Main thread only.

use fltk::enums::{Color, Font};

use crate::monitor::model::{Column, Health};
use crate::ui::rows::share_width;
use crate::ui::theme;

/// Returns the number of columns, in FLTK's type.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
pub(super) const fn count() -> i32 {
    Column::ALL.len() as i32
}

/// Returns a column's minimum width in pixels, and the number of its shares in the remaining width.
fn need(column: Column) -> (i32, i32) {
    match column {
        Column::Name => (106, 5),
        Column::Address => (150, 2),
        Column::Tls => (44, 0),
        Column::Since => (80, 0),
        Column::Messages => (90, 1),
        Column::In | Column::Out => (74, 1),
        Column::Waiting => (146, 1),
    }
}

/// Returns the widths of all columns in pixels. Their sum is the width of the table, or the sum of the minimum widths if that
/// is larger.
pub(super) fn widths(table: i32) -> Vec<i32> {
    share_width(table, &Column::ALL.map(need))
}

/// Returns the colour and font of a column's cell, for a client of this health.
pub(super) fn style(column: Column, health: Health) -> (Color, Font) {
    match (column, health) {
        (Column::Name, Health::Fine) => (theme::TEXT, Font::HelveticaBold),
        (Column::Name | Column::Waiting, Health::Behind) => (theme::WARN, Font::HelveticaBold),
        (Column::Name | Column::Waiting, Health::Stalled) => (theme::ERROR, Font::HelveticaBold),
        (Column::Address | Column::Tls | Column::Since | Column::Waiting, _) => (theme::MUTED, Font::Helvetica),
        _ => (theme::TEXT, Font::Helvetica),
    }
}

#[cfg(test)]
mod tests {
    use super::widths;

    #[test]
    fn the_columns_fill_the_table_to_the_pixel() {
        for table in 764..1600 {
            assert_eq!(widths(table).iter().sum::<i32>(), table);
        }
    }

    #[test]
    fn no_column_is_narrower_than_its_minimum() {
        assert!(widths(0).iter().all(|width| *width > 40), "{:?}", widths(0));
    }
}
