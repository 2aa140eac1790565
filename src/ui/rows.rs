//! A table that draws only its visible rows: text in columns, and a marked range of rows.
//!
//! It stores no text. Each cell is requested while it is drawn, so a hundred thousand rows cost as much as the visible
//! thirty. Rows have numbers that stay the same when the oldest are removed. Runs on the UI thread.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::rc::Rc;

use fltk::app;
use fltk::enums::{Color, Event, Font, FrameType, Key};
use fltk::prelude::{GroupExt as _, TableExt as _, WidgetBase as _, WidgetExt as _};
use fltk::table::{Table, TableContext};

use super::stable_scroll::is_held;
use super::theme;
use super::widgets::style_scrollbar;

mod drawing;

pub use drawing::{
    Area, CELL_PADDING, CELL_TEXT, TITLE_TEXT, draw_focus, draw_hint, draw_text, draw_title_ground, share_width,
};
use drawing::{draw_cell, draw_title};

/// Height of a row.
const ROW: i32 = 24;
/// Height of the titles above the columns.
const HEADER: i32 = 28;

/// A column: its title and its width.
#[derive(Clone, Copy, Debug)]
pub struct RowColumn {
    /// Title above the column.
    pub title: &'static str,
    /// Minimum width in pixels.
    pub width: i32,
    /// Number of shares of the remaining width.
    pub shares: i32,
    /// Font of the text.
    pub font: Font,
    /// Aligns the text right, as numbers are.
    pub at_right: bool,
}

/// Text and colour of a cell.
pub type CellText = (String, Color);

/// The table. Cloning it gives another handle to the same widget.
#[derive(Clone, Debug)]
pub struct Rows {
    table: Table,
    state: Rc<RefCell<State>>,
}

#[derive(Debug)]
struct State {
    columns: Vec<RowColumn>,
    /// Number of the first row.
    first: u64,
    /// Both ends of the marked range, by row number; the second is the row with the focus.
    marked: Option<(u64, u64)>,
    /// The last row was visible at the last update and must stay so.
    follows: bool,
    /// Text in an empty table.
    hint: String,
    /// Number of the row on which Enter was pressed or that was double-clicked.
    opened: Option<u64>,
    /// Number of the row that was clicked last.
    clicked: Option<u64>,
    /// Update to apply once no mouse button is down: see [`Rows::show`].
    deferred: Option<(u64, usize, bool)>,
}

impl Rows {
    /// Creates an empty table in the open group. `cell` returns the text of a cell, given the row's number and the
    /// column.
    pub fn new(columns: Vec<RowColumn>, cell: impl Fn(u64, usize) -> Option<CellText> + 'static) -> Rows {
        let mut table = Table::default();
        // A box would be drawn after the scrollbar, and over it.
        table.set_frame(FrameType::NoBox);
        table.set_table_frame(FrameType::NoBox);
        table.set_color(theme::SURFACE);
        table.set_cols(i32::try_from(columns.len()).unwrap_or(0));
        table.set_col_header(true);
        table.set_col_header_height(HEADER);
        style_scrollbar(&mut table.scrollbar());
        style_scrollbar(&mut table.hscrollbar());
        table.end();

        let state = Rc::new(RefCell::new(State {
            columns,
            first: 0,
            marked: None,
            follows: false,
            hint: String::new(),
            opened: None,
            clicked: None,
            deferred: None,
        }));
        let drawn = Rc::clone(&state);
        table.draw_cell(move |table, context, row, column, x, y, w, h| {
            let (state, area) = (drawn.borrow(), Area { x, y, w, h });
            match context {
                TableContext::ColHeader => draw_title(&state, index(column), area),
                TableContext::Cell => draw_cell(&state, &cell, index(row), index(column), area),
                TableContext::EndPage => {
                    if table.rows() == 0 {
                        draw_hint(&state.hint, area);
                    }
                    if table.has_focus() {
                        draw_focus(area);
                    }
                }
                _ => (),
            }
        });
        // The table's own handling of keys and clicks selects cells; here rows are marked.
        table.super_handle_first(false);
        let handled = Rc::clone(&state);
        table.handle(move |table, event| {
            let deferred = if event == Event::Released { handled.borrow_mut().deferred.take() } else { None };
            if let Some((first, count, follows)) = deferred {
                Rows { table: table.clone(), state: Rc::clone(&handled) }.show_now(first, count, follows);
            }
            handle(table, event, &handled)
        });
        let fitted = Rc::clone(&state);
        table.resize_callback(move |table, _, _, _, _| {
            let state = fitted.borrow();
            fit_columns(table, &state.columns);
            if state.follows {
                go_to_end(table);
            }
        });
        Rows { table, state }
    }

    /// Returns the widget for a layout.
    pub fn widget(&self) -> &Table {
        &self.table
    }

    /// Sets the text that an empty table shows.
    pub fn set_hint(&mut self, hint: &str) {
        if self.state.borrow().hint != hint {
            hint.clone_into(&mut self.state.borrow_mut().hint);
            self.table.redraw();
        }
    }

    /// Shows `count` rows, the first of which has the number `first`. A reader who has scrolled up stays there; with
    /// `follows`, a reader at the end stays at the end. While rows are being marked with the mouse, the update is
    /// deferred so that nothing moves under the mouse.
    pub fn show(&mut self, first: u64, count: usize, follows: bool) {
        if is_held(&self.table) {
            self.state.borrow_mut().deferred = Some((first, count, follows));
        } else {
            self.show_now(first, count, follows);
        }
    }

    fn show_now(&mut self, first: u64, count: usize, follows: bool) {
        let rows = i32::try_from(count).unwrap_or(i32::MAX);
        let gone = first.saturating_sub(self.state.borrow().first);
        let (top, was_last) = (self.table.row_position(), self.table.row_position() + visible(&self.table));
        let at_end = follows && was_last >= self.table.rows();
        {
            let mut state = self.state.borrow_mut();
            (state.first, state.follows) = (first, at_end);
        }
        if self.table.rows() != rows {
            // New rows get the height of the last existing row; setting the height of each would take a pass over all.
            if self.table.rows() == 0 {
                self.table.set_rows(1);
                self.table.set_row_height(0, ROW);
            }
            self.table.set_rows(rows);
            fit_columns(&mut self.table, &self.state.borrow().columns);
        }
        if at_end {
            go_to_end(&mut self.table);
        } else if gone > 0 {
            self.table.set_row_position(top.saturating_sub(i32::try_from(gone).unwrap_or(i32::MAX)).max(0));
        }
        self.table.redraw();
    }

    /// Shows other rows than before: removes the mark, and scrolls to the last row.
    pub fn reset(&mut self, first: u64, count: usize) {
        {
            let mut state = self.state.borrow_mut();
            (state.marked, state.opened, state.clicked, state.deferred) = (None, None, None, None);
        }
        self.show_now(first, count, false);
        go_to_end(&mut self.table);
    }

    /// Calls `copy` when Ctrl+C is pressed. Either this or [`on_delete`](Rows::on_delete) can be used.
    pub fn on_copy(&mut self, copy: impl FnMut() + 'static) {
        self.on_key(|key| key != Key::Delete, copy);
    }

    /// Calls `delete` when Delete is pressed.
    pub fn on_delete(&mut self, delete: impl FnMut() + 'static) {
        self.on_key(|key| key == Key::Delete, delete);
    }

    fn on_key(&mut self, is_it: fn(Key) -> bool, mut act: impl FnMut() + 'static) {
        self.table.set_callback(move |_| {
            // FLTK's table calls the callback for clicks, too.
            if app::event() == Event::KeyDown && is_it(app::event_key()) {
                act();
            }
        });
    }

    /// Marks a row.
    pub fn mark(&mut self, number: u64) {
        let row = i32::try_from(number.saturating_sub(self.state.borrow().first)).unwrap_or(i32::MAX);
        mark(&mut self.table, &self.state, row, false);
    }

    /// Takes the number of the row on which Enter was pressed or that was double-clicked since the last call.
    pub fn take_opened(&self) -> Option<u64> {
        self.state.borrow_mut().opened.take()
    }

    /// Returns the numbers of the marked rows, if any.
    pub fn marked(&self) -> Option<RangeInclusive<u64>> {
        self.state.borrow().marked.map(|(from, to)| from.min(to)..=from.max(to))
    }
}

/// Converts a row or column number of the table, which is signed but never negative for a cell.
pub fn index(number: i32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Returns the row that a key moves the mark to, which may be before the first or after the last.
pub fn destination(key: Key, marked: Option<i32>, last: i32, page: i32) -> Option<i32> {
    match (key, marked) {
        (Key::Home, _) | (Key::Down | Key::PageDown, None) => Some(0),
        (Key::End, _) | (Key::Up | Key::PageUp, None) => Some(last),
        (Key::Up, Some(row)) => Some(row - 1),
        (Key::Down, Some(row)) => Some(row + 1),
        (Key::PageUp, Some(row)) => Some(row - page),
        (Key::PageDown, Some(row)) => Some(row + page),
        _ => None,
    }
}

/// Returns how many whole rows are visible at once.
fn visible(table: &Table) -> i32 {
    ((table.h() - HEADER) / ROW).max(1)
}

/// Scrolls to the last row. Until the user scrolls, the table then reports the last row as the first visible one.
fn go_to_end(table: &mut Table) {
    let last = (table.rows() - 1).max(0);
    // FLTK ignores a request for the current row, even if the table's height has changed meanwhile.
    table.set_row_position((last - 1).max(0));
    table.set_row_position(last);
}

fn fit_columns(table: &mut Table, columns: &[RowColumn]) {
    // With more rows than fit there is a scrollbar beside them.
    let scrolls = i64::from(table.rows()) * i64::from(ROW) > i64::from(table.h() - HEADER);
    let width = table.w() - if scrolls { app::scrollbar_size() } else { 0 };
    let needs: Vec<_> = columns.iter().map(|column| (column.width, column.shares)).collect();
    for (column, width) in (0..).zip(share_width(width, &needs)) {
        table.set_col_width(column, width);
    }
}

/// Handles an event of the table. Returns whether it is handled.
fn handle(table: &mut Table, event: Event, state: &Rc<RefCell<State>>) -> bool {
    match event {
        Event::Enter => true,
        Event::Focus | Event::Unfocus => {
            table.redraw();
            true
        }
        Event::Push | Event::Drag => match table.cursor2rowcol() {
            Some((TableContext::Cell, row, _, _)) => {
                let _ = table.take_focus();
                let extends = event == Event::Drag || app::is_event_shift();
                mark(table, state, row, extends);
                let mut state = state.borrow_mut();
                let clicked = state.marked.map(|(_, to)| to);
                if event == Event::Push {
                    // Another row may have come under the mouse since the first click.
                    let before = std::mem::replace(&mut state.clicked, clicked);
                    if app::event_clicks() && before == clicked {
                        state.opened = clicked;
                    }
                }
                true
            }
            _ => false,
        },
        Event::KeyDown
            if app::event_key() == Key::Delete
                || app::is_event_command() && app::event_key() == Key::from_char('c') =>
        {
            table.do_callback();
            true
        }
        Event::KeyDown if matches!(app::event_key(), Key::Enter | Key::KPEnter) => {
            let mut state = state.borrow_mut();
            state.opened = state.marked.map(|(_, to)| to);
            true
        }
        Event::KeyDown => {
            let first = state.borrow().first;
            let at = state.borrow().marked.map(|(_, to)| i32::try_from(to.saturating_sub(first)).unwrap_or(i32::MAX));
            let Some(row) = destination(app::event_key(), at, table.rows() - 1, visible(table) - 1) else {
                return false;
            };
            mark(table, state, row, app::is_event_shift());
            true
        }
        _ => false,
    }
}

/// Marks a row, clamped to the existing rows; with `extends`, the range up to it. Scrolls it into view.
fn mark(table: &mut Table, state: &RefCell<State>, row: i32, extends: bool) {
    if table.rows() == 0 {
        return;
    }
    let row = row.clamp(0, table.rows() - 1);
    {
        // Borrowed no longer than this, because scrolling makes the table request its cells at once.
        let mut state = state.borrow_mut();
        let number = state.first + index(row) as u64;
        let from = state.marked.filter(|_| extends).map_or(number, |(from, _)| from);
        state.marked = Some((from, number));
    }
    let visible = visible(table);
    if row < table.row_position() {
        table.set_row_position(row);
    } else if row >= table.row_position() + visible {
        table.set_row_position(row - visible + 1);
    }
    table.redraw();
}
