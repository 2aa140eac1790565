//! Drawing of the cells and titles of a table, and the division of its width. Runs on the UI thread, within FLTK's draw.

use fltk::draw;
use fltk::enums::{Align, Font};
use fltk::prelude::{TableExt as _, WidgetExt as _};
use fltk::table::Table;

use super::{CellText, RowColumn, State};
use crate::ui::status::elide;
use crate::ui::theme;

/// Space between a column's edge and its text.
pub(super) const CELL_PADDING: i32 = 8;
/// Size of the text in the rows.
pub(super) const CELL_TEXT: i32 = 13;
/// Size of the titles.
const TITLE_TEXT: i32 = 12;
/// Width of the arrow beside the title of the sorted column.
const ARROW: i32 = 14;

/// A rectangle to draw in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    /// Left edge.
    pub(super) x: i32,
    /// Upper edge.
    pub(super) y: i32,
    /// Width in pixels.
    pub(super) w: i32,
    /// Height in pixels.
    pub(super) h: i32,
}

/// Returns the widths of columns. Together they fill the table, unless the minimum widths are wider.
pub(super) fn share_width(table: i32, columns: &[RowColumn]) -> Vec<i32> {
    let needed: i32 = columns.iter().map(|column| column.width).sum();
    let shares: i32 = columns.iter().map(|column| column.shares).sum::<i32>().max(1);
    let left = (table - needed).max(0);
    let mut widths: Vec<i32> = columns.iter().map(|column| column.width + left * column.shares / shares).collect();
    // The pixels that the division lost go to the first.
    widths[0] += left - columns.iter().map(|column| left * column.shares / shares).sum::<i32>();
    widths
}

impl State {
    pub(super) fn draw_title(&self, number: usize, area: Area) {
        let Some(column) = self.columns.get(number) else { return };
        draw::draw_rect_fill(area.x, area.y, area.w, area.h, theme::SURFACE);
        draw::set_draw_color(theme::RAISED);
        draw::draw_xyline(area.x, area.y + area.h - 1, area.x + area.w);
        let sorting = self.sorting.filter(|sorting| sorting.column == Some(number));
        draw::set_draw_color(if sorting.is_some() { theme::TEXT } else { theme::MUTED });
        draw::set_font(Font::HelveticaBold, TITLE_TEXT);
        let room = Area { w: area.w - if sorting.is_some() { ARROW } else { 0 }, ..area };
        let end = draw_text(column.title, column.is_numeric, room);
        if let Some(sorting) = sorting {
            draw_arrow(end + ARROW / 2 + 2, area.y + area.h / 2, sorting.descending);
        }
    }

    pub(super) fn draw_cell(&self, number: u64, at: usize, cell: Option<CellText>, area: Area) {
        let ground = if self.marks.contains(number) { theme::RAISED } else { theme::SURFACE };
        draw::draw_rect_fill(area.x, area.y, area.w, area.h, ground);
        let (Some(column), Some((text, color))) = (self.columns.get(at), cell) else { return };
        draw::set_draw_color(color);
        let is_alarming = [theme::WARN, theme::ERROR].contains(&color);
        if is_alarming && at == 0 {
            draw::draw_rect_fill(area.x, area.y + 3, 4, area.h - 6, color);
        }
        draw::set_font(if is_alarming { Font::HelveticaBold } else { column.font }, CELL_TEXT);
        draw_text(&text, column.is_numeric, area);
    }

    /// Draws the hint in an empty table, and the ring of the keyboard focus.
    pub(super) fn draw_page(&self, table: &Table, area: Area) {
        if table.rows() == 0 {
            draw::set_draw_color(theme::MUTED);
            draw::set_font(Font::Helvetica, CELL_TEXT);
            draw::draw_text2(&self.hint, area.x, area.y, area.w, area.h, Align::Center);
        }
        if table.has_focus() {
            draw::set_draw_color(theme::FOCUS);
            draw::draw_rect(area.x, area.y, area.w, area.h);
        }
    }
}

/// Draws one line of text in a cell, in the current font and colour. Returns its right end.
fn draw_text(text: &str, at_right: bool, area: Area) -> i32 {
    let text = elide(text, area.w - 2 * CELL_PADDING);
    // Whole pixels, and an elided text is narrower than its cell.
    #[allow(clippy::cast_possible_truncation)]
    let width = draw::width(&text).ceil() as i32;
    let x = area.x + if at_right { area.w - CELL_PADDING - width } else { CELL_PADDING };
    draw::push_clip(area.x, area.y, area.w, area.h);
    draw::draw_text(&text, x, area.y + i32::midpoint(area.h, draw::height()) - draw::descent());
    draw::pop_clip();
    x + width
}

/// Draws the arrow of the sorted column: up if the smallest comes first, as is usual. It is a polygon, because fonts lack
/// the character or have it in another size.
fn draw_arrow(x: i32, y: i32, down: bool) {
    let (tip, base) = if down { (y + 3, y - 2) } else { (y - 3, y + 2) };
    draw::draw_polygon(x - 4, base, x + 4, base, x, tip);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_fill_the_table_to_the_pixel_and_none_is_cut() {
        let columns = [(106, 5), (150, 2), (80, 0), (90, 1)].map(|(width, shares)| RowColumn::new("", width, shares));
        for table in 426..1600 {
            assert_eq!(share_width(table, &columns).iter().sum::<i32>(), table);
        }
        assert_eq!(share_width(0, &columns), columns.map(|column| column.width));
    }
}
