//! The table of clients on the screen: draws the visible rows, and handles the keys and clicks that mark and sort.
//!
//! Main thread only. It keeps nothing about the clients: the model formats each cell while it is drawn, so ten thousand
//! clients cost no more than the thirty visible ones. Texts are drawn as they are and never as FLTK labels, in which `@` and
//! `&` are codes. Widths and colours of the columns are in [`client_columns`](super::client_columns).

use std::cell::RefCell;
use std::rc::Rc;
use std::time::SystemTime;

use fltk::app;
use fltk::draw;
use fltk::enums::{Event, Font, FrameType, Key};
use fltk::prelude::{GroupExt as _, TableExt as _, WidgetBase as _, WidgetExt as _};
use fltk::table::{Table, TableContext};

use super::client_columns as columns;
use crate::clock::Clock;
use crate::monitor::model::{Cell, Column, Health, Model, Sorting, State};
use crate::ui::rows::{self, Area, CELL_PADDING, CELL_TEXT, TITLE_TEXT, destination, draw_text, index};
use crate::ui::{self, theme};

/// Height of a row, in pixels.
const ROW: i32 = 28;
/// Height of the headings, in pixels.
const HEADER: i32 = 30;
/// Width of the arrow beside the heading of the sorted column, in pixels.
const ARROW: i32 = 14;

/// The table. It shares the model with the window, which calls [`show`](Self::show) after a change.
#[derive(Debug)]
pub(super) struct ClientTable {
    table: Table,
    model: Rc<RefCell<Model>>,
}

impl ClientTable {
    /// Creates an empty table in the current group.
    pub(super) fn new(model: &Rc<RefCell<Model>>, clock: Clock) -> ClientTable {
        let mut table = Table::default();
        // A box would be drawn after the scrollbar, and over it.
        table.set_frame(FrameType::NoBox);
        table.set_table_frame(FrameType::NoBox);
        table.set_color(theme::SURFACE);
        table.set_cols(columns::count());
        table.set_col_header(true);
        table.set_col_header_height(HEADER);
        ui::style_scrollbar(&mut table.scrollbar());
        ui::style_scrollbar(&mut table.hscrollbar());
        table.end();

        let drawn = Rc::clone(model);
        table.draw_cell(move |table, context, row, column, x, y, w, h| {
            let area = Area { x, y, w, h };
            match context {
                TableContext::ColHeader => {
                    draw_title(Column::ALL.get(index(column)).copied(), drawn.borrow().table().sorting(), area);
                }
                TableContext::Cell => draw_cell(&drawn.borrow(), &clock, index(row), index(column), area),
                TableContext::EndPage => {
                    if table.rows() == 0 {
                        draw_hint(&drawn.borrow(), area);
                    }
                    if table.has_focus() {
                        rows::draw_focus(area);
                    }
                }
                _ => (),
            }
        });
        // FLTK's own handler selects cells, and here a row is marked. It also takes the keyboard focus as soon as the mouse
        // passes over the table, even while the user types in the address field.
        table.super_handle_first(false);
        let handled = Rc::clone(model);
        table.handle(move |table, event| handle(table, event, &handled));
        table.resize_callback(|table, _, _, _, _| fit_columns(table));
        ClientTable { table, model: Rc::clone(model) }
    }

    /// Registers the function to call when Delete is pressed in the table.
    pub(super) fn on_delete(&mut self, mut pressed: impl FnMut() + 'static) {
        self.table.set_callback(move |_| {
            // FLTK's table runs its callback for clicks, too.
            if app::event() == Event::KeyDown {
                pressed();
            }
        });
    }

    /// Moves the keyboard focus to the table.
    pub(super) fn focus(&mut self) {
        let _ = self.table.take_focus();
    }

    /// Draws the model's current clients.
    pub(super) fn show(&mut self) {
        let rows = i32::try_from(self.model.borrow().table().len()).unwrap_or(i32::MAX);
        if self.table.rows() != rows {
            // New rows take the height of the last row. Setting the height of each would take a pass over all rows.
            if self.table.rows() == 0 {
                self.table.set_rows(1);
                self.table.set_row_height(0, ROW);
            }
            self.table.set_rows(rows);
            fit_columns(&mut self.table);
        }
        self.table.redraw();
    }
}

/// Sets the widths of the columns for the width of the table.
fn fit_columns(table: &mut Table) {
    // If not all rows fit, a scrollbar takes part of the width.
    let scrolls = table.rows() * ROW > table.h() - HEADER;
    let width = table.w() - if scrolls { app::scrollbar_size() } else { 0 };
    for (column, width) in (0..).zip(columns::widths(width)) {
        table.set_col_width(column, width);
    }
}

fn draw_title(column: Option<Column>, sorting: Sorting, area: Area) {
    let Some(column) = column else { return };
    rows::draw_title_ground(area);
    let sorted = column == sorting.column;
    draw::set_draw_color(if sorted { theme::TEXT } else { theme::MUTED });
    draw::set_font(Font::HelveticaBold, TITLE_TEXT);
    if !sorted {
        draw_text(column.title(), column.is_numeric(), area);
    } else if column.is_numeric() {
        draw_text(column.title(), true, Area { w: area.w - ARROW, ..area });
        draw_arrow(area.x + area.w - CELL_PADDING - ARROW / 2 + 2, area.y + area.h / 2, sorting.descending);
    } else {
        draw_text(column.title(), column.is_numeric(), area);
        // A text width in whole pixels fits an i32.
        #[allow(clippy::cast_possible_truncation)]
        let width = draw::width(column.title()).ceil() as i32;
        draw_arrow(area.x + CELL_PADDING + width + ARROW / 2 + 2, area.y + area.h / 2, sorting.descending);
    }
}

/// Draws the arrow of the sorted column: up if the smallest comes first, as is usual. It is a polygon, because fonts lack the
/// character or have it in another size.
fn draw_arrow(x: i32, y: i32, down: bool) {
    let (tip, base) = if down { (y + 3, y - 2) } else { (y - 3, y + 2) };
    draw::draw_polygon(x - 4, base, x + 4, base, x, tip);
}

fn draw_cell(model: &Model, clock: &Clock, row: usize, column: usize, area: Area) {
    let (table, Some(column)) = (model.table(), Column::ALL.get(column).copied()) else { return };
    let ground = if table.is_marked(row) { theme::RAISED } else { theme::SURFACE };
    draw::draw_rect_fill(area.x, area.y, area.w, area.h, ground);
    let text = match table.cell(row, column) {
        Some(Cell::Text(text)) => text,
        Some(Cell::Moment(moment)) => clock.day_or_time(moment, SystemTime::now()),
        None => return,
    };
    let health = table.health(row);
    let (color, font) = columns::style(column, health);
    if column == Column::Name && health != Health::Fine {
        // The bar at the beginning of the row catches the eye, also of users who cannot tell the colours apart.
        draw::draw_rect_fill(area.x, area.y + 3, 4, area.h - 6, color);
    }
    draw::set_draw_color(color);
    draw::set_font(font, CELL_TEXT);
    draw_text(&text, column.is_numeric(), area);
}

/// Draws a hint into an empty table.
fn draw_hint(model: &Model, area: Area) {
    let hint = match model.state() {
        State::Listening(_) => "Nobody is here yet",
        _ => "The server does not run",
    };
    rows::draw_hint(hint, area);
}

/// Handles an event. Returns false for one that FLTK should handle.
fn handle(table: &mut Table, event: Event, model: &Rc<RefCell<Model>>) -> bool {
    match event {
        Event::Enter => true,
        Event::Focus | Event::Unfocus => {
            table.redraw();
            true
        }
        Event::Push => match table.cursor2rowcol() {
            // With the right button, too: a user who looks for a context menu finds the actions below the table.
            Some((TableContext::Cell, row, _, _)) => {
                let _ = table.take_focus();
                mark(table, &mut model.borrow_mut(), row);
                true
            }
            Some((TableContext::ColHeader, _, column, _)) if app::event_mouse_button() == app::MouseButton::Left => {
                let _ = table.take_focus();
                if let Some(column) = Column::ALL.get(index(column)) {
                    sort(table, &mut model.borrow_mut(), |sorting| sorting.by_column(*column));
                }
                true
            }
            _ => false,
        },
        Event::KeyDown => {
            match app::event_key() {
                Key::Left => sort(table, &mut model.borrow_mut(), |sorting| sorting.shifted(-1)),
                Key::Right => sort(table, &mut model.borrow_mut(), |sorting| sorting.shifted(1)),
                key if key == Key::from_char(' ') => sort(table, &mut model.borrow_mut(), Sorting::reversed),
                // The model is not borrowed here: the callback of `ClientTable::on_delete` borrows it.
                Key::Delete => table.do_callback(),
                // Unhandled, Enter would move the keyboard focus, as Tab does.
                Key::Enter | Key::KPEnter => (),
                key => return move_mark(table, &mut model.borrow_mut(), key),
            }
            true
        }
        _ => false,
    }
}

/// Moves the mark by a navigation key. Returns false for other keys.
fn move_mark(table: &mut Table, model: &mut Model, key: Key) -> bool {
    let marked = model.table().marked().and_then(|row| i32::try_from(row).ok());
    let page = ((table.h() - HEADER) / ROW - 1).max(1);
    let to = destination(key, marked, table.rows() - 1, page);
    if let Some(to) = to {
        mark(table, model, to);
    }
    to.is_some()
}

/// Sorts the rows, and scrolls until the marked client is visible.
fn sort(table: &mut Table, model: &mut Model, to: impl FnOnce(Sorting) -> Sorting) {
    model.sort(to(model.table().sorting()));
    if let Some(row) = model.table().marked().and_then(|row| i32::try_from(row).ok()) {
        mark(table, model, row);
    }
    table.redraw();
}

/// Marks the row nearest to `row`, and scrolls until it is visible.
fn mark(table: &mut Table, model: &mut Model, row: i32) {
    let row = row.clamp(0, (table.rows() - 1).max(0));
    model.mark(index(row));
    let visible = ((table.h() - HEADER) / ROW).max(1);
    if row < table.row_position() {
        table.set_row_position(row);
    } else if row >= table.row_position() + visible {
        table.set_row_position(row - visible + 1);
    }
    table.redraw();
}
