//! How wide the columns of the client table are: each has what it needs, and what is left is shared.

use crate::monitor::model::Column;
use crate::ui::rows::share_width;

/// How many columns there are.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
pub(super) const fn count() -> i32 {
    Column::ALL.len() as i32
}

/// What a column needs, in pixels, and how many shares it gets of what is left.
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

/// The widths of all columns, which together are as wide as the table, or as wide as they need to be.
pub(super) fn widths(table: i32) -> Vec<i32> {
    share_width(table, &Column::ALL.map(need))
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
    fn no_column_is_cut_below_what_it_needs() {
        assert!(widths(0).iter().all(|width| *width > 40), "{:?}", widths(0));
    }
}
