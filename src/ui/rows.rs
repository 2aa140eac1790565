//! A table that draws only its visible rows: text in columns, marked rows, and titles to sort by.
//!
//! It stores no text. Each cell is requested while it is drawn, so a hundred thousand rows cost as much as the visible
//! thirty. Rows have numbers that stay the same when the oldest are removed. What the user does is reported to the
//! [`on_event`](Rows::on_event) callback. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::{Color, Font, FrameType};
use fltk::prelude::{GroupExt as _, TableExt as _, WidgetBase as _, WidgetExt as _};
use fltk::table::{Table, TableContext};

use super::scrollbar::{color_scrollbar, draw_thumb};
use super::theme;
use super::type_ahead::TypeAhead;
use super::widgets::is_held;
use crate::sorting::Sorting;

mod drawing;
mod events;
mod geometry;
mod keyboard;
mod marks;

use drawing::Area;
use geometry::{fit_columns, go_to_end, header, index, visible};
pub use keyboard::destination;
pub use marks::Marking;
use marks::Marks;

/// Height of a row.
pub const ROW_HEIGHT: i32 = 24;
/// Height of the titles above the columns.
const HEADER: i32 = 28;

/// Parts around the rows of a pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Density {
    /// Everything, with the titles of the columns.
    Roomy,
    /// No titles, and less space.
    Compact,
    /// Only what is needed to read the rows.
    Least,
}

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
    /// The column is of numbers: aligned right, and sorted by beginning with the largest.
    pub is_numeric: bool,
}

impl RowColumn {
    /// Creates a column of text.
    pub fn new(title: &'static str, width: i32, shares: i32) -> RowColumn {
        RowColumn { title, width, shares, font: Font::Helvetica, is_numeric: false }
    }
}

/// Text and colour of a cell. In the colours of a warning and of an error the text is bold, and has a bar before it in
/// the first column, so that a user who cannot tell the colours apart sees it, too.
pub type CellText = (String, Color);

/// An action of the user. Rows are given by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowEvent {
    /// Changed the [marks](Rows::marked).
    Marked,
    /// Pressed Enter on a row, or double-clicked it.
    Opened(u64),
    /// Chose another order: only if the table [can be sorted](Rows::set_sorting).
    Sorted(Sorting),
    /// Pressed Delete.
    Delete,
    /// Pressed Ctrl+C.
    Copy,
    /// Clicked on a marked row with the right button, or pressed the menu key: where in the window a menu belongs.
    Menu(i32, i32),
    /// Clicked on the titles with the right button, there.
    TitleMenu(i32, i32),
}

/// The table. Cloning it gives another handle to the same widget.
#[derive(Clone, Debug)]
pub struct Rows {
    table: Table,
    state: Rc<RefCell<State>>,
}

#[derive(Debug, Default)]
struct State {
    columns: Vec<RowColumn>,
    sorting: Option<Sorting>,
    /// Number of the first row.
    first: u64,
    /// Numbers of the marked rows.
    marks: Marks,
    /// Column to whose text typed letters lead, and those that were typed.
    ahead: Option<(usize, TypeAhead)>,
    /// The last row was visible at the last update and must stay so.
    follows: bool,
    /// Text in an empty table.
    hint: String,
    /// Number of the row that was clicked last.
    clicked: Option<u64>,
    /// Update to apply once no mouse button is down: see [`Rows::show`].
    deferred: Option<(u64, usize, bool)>,
    /// Argument of the running callback, which FLTK stores without one.
    event: Option<RowEvent>,
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
        color_scrollbar(&mut table.scrollbar());
        color_scrollbar(&mut table.hscrollbar());
        table.draw(|table| [table.scrollbar(), table.hscrollbar()].iter().for_each(draw_thumb));
        table.end();

        let state = Rc::new(RefCell::new(State { columns, ..State::default() }));
        let cell = Rc::new(cell);
        let (drawn, text) = (Rc::clone(&state), Rc::clone(&cell));
        table.draw_cell(move |table, context, row, column, x, y, w, h| {
            let (state, area) = (drawn.borrow(), Area { x, y, w, h });
            match context {
                TableContext::ColHeader => state.draw_title(index(column), area),
                TableContext::Cell => {
                    let number = state.first + index(row) as u64;
                    state.draw_cell(number, index(column), text(number, index(column)), area);
                }
                TableContext::EndPage => state.draw_page(table, area),
                _ => (),
            }
        });
        let rows = Rows { table: table.clone(), state: Rc::clone(&state) };
        rows.clone().handle_events(move |number, column| cell(number, column));
        table.resize_callback(move |table, _, _, _, _| {
            let state = state.borrow();
            fit_columns(table, &state.columns);
            if state.follows {
                go_to_end(table);
            }
        });
        rows
    }

    /// Returns the widget for a layout.
    pub fn widget(&self) -> &Table {
        &self.table
    }

    /// Shows the titles of the columns in a roomy pane, and hides them elsewhere.
    pub fn set_density(&mut self, density: Density) {
        self.table.set_col_header(density == Density::Roomy);
        fit_columns(&mut self.table, &self.state.borrow().columns);
        self.table.redraw();
    }

    /// Calls `act` with each action of the user.
    pub fn on_event(&mut self, mut act: impl FnMut(RowEvent) + 'static) {
        let state = Rc::clone(&self.state);
        self.table.set_callback(move |_| {
            // FLTK's table calls the callback for clicks, too.
            let event = state.borrow_mut().event.take();
            if let Some(event) = event {
                act(event);
            }
        });
    }

    /// Lets the user choose an order by a click on a title, and by the keys Left, Right and space. Shows the current one.
    pub fn set_sorting(&mut self, sorting: Sorting) {
        self.state.borrow_mut().sorting = Some(sorting);
    }

    /// Sets how many rows the user can mark at once.
    pub fn set_marking(&mut self, marking: Marking) {
        self.state.borrow_mut().marks.marking = marking;
    }

    /// Lets typed letters lead to the next row whose text in this column begins with them.
    pub fn set_type_ahead(&mut self, column: usize) {
        self.state.borrow_mut().ahead = Some((column, TypeAhead::default()));
    }

    /// Shows other columns.
    pub fn set_columns(&mut self, columns: Vec<RowColumn>) {
        self.table.set_cols(i32::try_from(columns.len()).unwrap_or(0));
        fit_columns(&mut self.table, &columns);
        self.state.borrow_mut().columns = columns;
        self.table.redraw();
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
                self.table.set_row_height(0, ROW_HEIGHT);
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
            (state.clicked, state.deferred) = (None, None);
        }
        self.state.borrow_mut().marks.clear();
        self.show_now(first, count, false);
        go_to_end(&mut self.table);
    }

    /// Marks these rows and no others, wherever they are. `ends` are the row from which a range is extended and the row with the
    /// keyboard; without them, those from before stay.
    pub fn set_marks(&mut self, rows: impl IntoIterator<Item = u64>, ends: Option<(u64, u64)>) {
        self.state.borrow_mut().marks.set(rows, ends);
    }

    /// Marks a row and no other, and scrolls it into view.
    pub fn mark(&mut self, number: u64) {
        self.set_marks([number], Some((number, number)));
        self.show_focused();
    }

    /// Returns the numbers of the marked rows, in order.
    pub fn marked(&self) -> Vec<u64> {
        self.state.borrow().marks.rows().collect()
    }

    /// Returns the numbers of the row from which a range is extended, and of the row with the keyboard.
    pub fn ends(&self) -> Option<(u64, u64)> {
        self.state.borrow().marks.ends()
    }

    /// Scrolls the row with the keyboard into view.
    pub fn show_focused(&mut self) {
        if let Some(row) = self.focused() {
            self.scroll_to(row);
        }
    }

    /// Moves the keyboard focus to the table.
    pub fn take_focus(&mut self) {
        // FLTK refuses it only while the window does not have it.
        let _ = self.table.take_focus();
    }

    /// Returns true while a mouse button is down that was pressed in the table. Nothing under the mouse must move then.
    pub fn is_held(&self) -> bool {
        is_held(&self.table)
    }
}
