//! Drawing of the cells and titles of a table, and the division of its width. Runs on the UI thread, within FLTK's draw.

use fltk::draw;
use fltk::enums::{Align, Font};

use super::{CellText, State};
use crate::ui::status::elide;
use crate::ui::theme;

/// Space between a column's edge and its text.
pub const CELL_PADDING: i32 = 8;
/// Size of the text in the rows.
pub const CELL_TEXT: i32 = 13;
/// Size of the titles.
pub const TITLE_TEXT: i32 = 12;

/// A rectangle to draw in.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width in pixels.
    pub w: i32,
    /// Height in pixels.
    pub h: i32,
}

/// Returns the widths of columns, given the minimum width and the number of shares of each. Together they fill the
/// table, unless the minimum widths are wider.
pub fn share_width(table: i32, needs: &[(i32, i32)]) -> Vec<i32> {
    let needed: i32 = needs.iter().map(|(width, _)| width).sum();
    let shares: i32 = needs.iter().map(|(_, shares)| shares).sum::<i32>().max(1);
    let left = (table - needed).max(0);
    let mut widths: Vec<i32> = needs.iter().map(|(width, share)| width + left * share / shares).collect();
    // The pixels that the division lost go to the first.
    widths[0] += left - needs.iter().map(|(_, share)| left * share / shares).sum::<i32>();
    widths
}

/// Draws one line of text in a cell, in the current font and colour.
pub fn draw_text(text: &str, at_right: bool, area: Area) {
    let text = elide(text, area.w - 2 * CELL_PADDING);
    let x = if at_right {
        // Whole pixels, and an elided text is narrower than its cell.
        #[allow(clippy::cast_possible_truncation)]
        let width = draw::width(&text).ceil() as i32;
        area.x + area.w - CELL_PADDING - width
    } else {
        area.x + CELL_PADDING
    };
    draw::push_clip(area.x, area.y, area.w, area.h);
    draw::draw_text(&text, x, area.y + i32::midpoint(area.h, draw::height()) - draw::descent());
    draw::pop_clip();
}

/// Draws the background of a title.
pub fn draw_title_ground(area: Area) {
    draw::draw_rect_fill(area.x, area.y, area.w, area.h, theme::SURFACE);
    draw::set_draw_color(theme::RAISED);
    draw::draw_xyline(area.x, area.y + area.h - 1, area.x + area.w);
}

/// Draws the text of an empty table.
pub fn draw_hint(hint: &str, area: Area) {
    draw::set_draw_color(theme::MUTED);
    draw::set_font(Font::Helvetica, CELL_TEXT);
    draw::draw_text2(hint, area.x, area.y, area.w, area.h, Align::Center);
}

/// Draws the ring of the keyboard focus.
pub fn draw_focus(area: Area) {
    draw::set_draw_color(theme::ACCENT);
    draw::draw_rect(area.x, area.y, area.w, area.h);
}

pub(super) fn draw_title(state: &State, column: usize, area: Area) {
    let Some(column) = state.columns.get(column) else { return };
    draw_title_ground(area);
    draw::set_draw_color(theme::MUTED);
    draw::set_font(Font::HelveticaBold, TITLE_TEXT);
    draw_text(column.title, column.at_right, area);
}

pub(super) fn draw_cell(
    state: &State,
    cell: &impl Fn(u64, usize) -> Option<CellText>,
    row: usize,
    column: usize,
    area: Area,
) {
    let number = state.first + row as u64;
    let is_marked = state.marked.is_some_and(|(from, to)| (from.min(to)..=from.max(to)).contains(&number));
    let ground = if is_marked { theme::RAISED } else { theme::SURFACE };
    draw::draw_rect_fill(area.x, area.y, area.w, area.h, ground);
    let (Some(column), Some((text, color))) = (state.columns.get(column), cell(number, column)) else { return };
    draw::set_draw_color(color);
    draw::set_font(column.font, CELL_TEXT);
    draw_text(&text, column.at_right, area);
}

#[cfg(test)]
mod tests {
    use super::share_width;

    #[test]
    fn the_columns_fill_the_table_to_the_pixel_and_none_is_cut() {
        let needs = [(106, 5), (150, 2), (80, 0), (90, 1)];
        for table in 426..1600 {
            assert_eq!(share_width(table, &needs).iter().sum::<i32>(), table);
        }
        assert_eq!(share_width(0, &needs), needs.map(|(width, _)| width));
    }
}
