//! The keys of a table, which are the same in every list: they mark rows, lead to a name, choose the order, open a row or a menu,
//! delete and copy. Runs on the UI thread.

use std::time::Instant;

use fltk::app;
use fltk::enums::Key;
use fltk::prelude::{TableExt as _, WidgetExt as _};

use super::marks::{Mark, Marking};
use super::{CellText, ROW_HEIGHT, RowEvent, Rows, State, header, index, visible};
use crate::sorting::Sorting;
use crate::ui::modifiers::is_ctrl;

/// Distance of a menu that a key opens from the left edge of the table.
const MENU_INSET: i32 = 20;

impl Rows {
    pub(super) fn on_key(&mut self, key: Key, cell: &impl Fn(u64, usize) -> Option<CellText>) -> bool {
        let (sorting, marking) = {
            let state = self.state.borrow();
            (state.sorting, state.marks.marking)
        };
        if self.go_to_typed(cell) {
            return true;
        }
        match (key, sorting) {
            (Key::Delete, _) => self.emit(RowEvent::Delete),
            (Key::Menu, _) => self.open_menu(),
            (Key::F10, _) if app::is_event_shift() => self.open_menu(),
            (key, _) if is_ctrl() && key == Key::from_char('c') => self.emit(RowEvent::Copy),
            (key, _) if marking != Marking::One && is_ctrl() && key == Key::from_char('a') => {
                self.mark_all();
            }
            // Unhandled, Enter would move the keyboard focus, as Tab does.
            (Key::Enter | Key::KPEnter, _) => {
                let focused = self.state.borrow().marks.focus();
                if let Some(number) = focused {
                    self.emit(RowEvent::Opened(number));
                }
            }
            (Key::Left, Some(Sorting { column, .. })) => {
                return self.sort_by(column.map_or(Some(0), |column| column.checked_sub(1)));
            }
            (Key::Right, Some(Sorting { column, .. })) => {
                return self.sort_by(column.map_or(Some(0), |column| Some(column + 1)));
            }
            (key, Some(sorting)) if key == Key::from_char(' ') => self.sort(sorting.reversed()),
            (key, _) => {
                let (last, page) = (self.table.rows() - 1, visible(&self.table) - 1);
                let Some(row) = destination(key, self.focused(), last, page.max(1)) else { return false };
                self.mark_row(row, extending());
            }
        }
        true
    }

    /// Marks the next row whose name begins with the typed letters. Returns false if the key is no letter. A space is one only
    /// within a word.
    fn go_to_typed(&mut self, cell: &impl Fn(u64, usize) -> Option<CellText>) -> bool {
        let (text, now) = (app::event_text(), Instant::now());
        let is_chord = is_ctrl() || app::is_event_alt();
        if is_chord || text.is_empty() || text.chars().any(char::is_control) {
            return false;
        }
        let focused = self.focused();
        let row = {
            let State { ahead: Some((column, ahead)), first, .. } = &mut *self.state.borrow_mut() else { return false };
            if text == " " && !ahead.is_typing(now) {
                return false;
            }
            let (first, column) = (*first, *column);
            let name = |row: usize| cell(first + row as u64, column).map(|(text, _)| text).unwrap_or_default();
            let current = focused.and_then(|row| usize::try_from(row).ok());
            ahead.go(&text, now, index(self.table.rows()), name, current)
        };
        if let Some(row) = row.and_then(|row| i32::try_from(row).ok()) {
            self.mark_row(row, Mark::Only);
        }
        true
    }

    /// Moves the keyboard focus to the table, and marks the first row if none is marked.
    pub fn go_to(&mut self) {
        self.take_focus();
        if self.marked().is_empty() {
            self.mark_row(0, Mark::Only);
        }
    }

    /// Asks for the menu of the marked rows, at the one with the keyboard.
    fn open_menu(&mut self) {
        if self.marked().is_empty() {
            return;
        }
        self.show_focused();
        let row = self.focused().unwrap_or(0) - self.table.row_position();
        let y = self.table.y() + header(&self.table) + (row + 1).max(0) * ROW_HEIGHT;
        self.emit(RowEvent::Menu(self.table.x() + MENU_INSET, y.min(self.table.y() + self.table.h())));
    }

    /// Marks all rows. The view stays where it is.
    fn mark_all(&mut self) {
        let count = index(self.table.rows()) as u64;
        {
            let state = &mut *self.state.borrow_mut();
            state.marks.mark_all(state.first..state.first + count);
        }
        self.table.redraw();
        self.emit(RowEvent::Marked);
    }

    /// Returns the row with the keyboard.
    pub(super) fn focused(&self) -> Option<i32> {
        let state = self.state.borrow();
        state.marks.focus().map(|to| i32::try_from(to.saturating_sub(state.first)).unwrap_or(i32::MAX))
    }

    /// Marks a row, clamped to the existing rows, and scrolls it into view.
    pub(super) fn mark_row(&mut self, row: i32, how: Mark) {
        if self.table.rows() == 0 {
            return;
        }
        let row = row.clamp(0, self.table.rows() - 1);
        {
            // Borrowed no longer than this, because scrolling makes the table request its cells at once.
            let state = &mut *self.state.borrow_mut();
            state.marks.mark(state.first + index(row) as u64, how);
        }
        self.scroll_to(row);
        self.emit(RowEvent::Marked);
    }
}

/// Returns how a row is marked, by the mouse or a key that is pressed now.
pub(super) fn extending() -> Mark {
    if app::is_event_shift() { Mark::To } else { Mark::Only }
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
