//! The keys and clicks of a table: they mark rows, choose the order, and open, delete and copy. Runs on the UI thread.

use fltk::app;
use fltk::draw;
use fltk::enums::{Event, Key};
use fltk::prelude::{TableExt as _, WidgetBase as _, WidgetExt as _};
use fltk::table::TableContext;

use super::drawing::{CELL_PADDING, CELL_TEXT};
use super::{CellText, RowEvent, Rows, Sorting, header, index, visible};
use crate::ui::scrollbar::Grip;
use crate::ui::widgets::set_tip;

/// Effect of a newly marked row on the other marks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// No other row is marked any more.
    Only,
    /// All rows are marked from the row marked before.
    To,
    /// The other rows stay marked, and a marked row is not any more.
    Toggle,
}

impl Rows {
    pub(super) fn handle_events(mut self, cell: impl Fn(u64, usize) -> Option<CellText> + 'static) {
        let mut table = self.table.clone();
        // FLTK's own handler selects cells, and here rows are marked. It also takes the keyboard focus as soon as the mouse
        // passes over the table, even while the user types elsewhere.
        table.super_handle_first(false);
        let mut grips = [(table.scrollbar(), Grip::default()), (table.hscrollbar(), Grip::default())];
        table.handle(move |_, event| match event {
            Event::Push | Event::Drag if grips.iter_mut().any(|(bar, grip)| grip.handle(bar, event)) => true,
            Event::Enter | Event::Move => {
                self.show_tip(&cell);
                event == Event::Enter
            }
            Event::Focus | Event::Unfocus => {
                self.table.redraw();
                true
            }
            Event::Push => self.on_push(),
            Event::Drag => self.on_drag(),
            Event::Released => {
                grips.iter_mut().for_each(|(bar, grip)| _ = grip.handle(bar, event));
                let deferred = self.state.borrow_mut().deferred.take();
                if let Some((first, count, follows)) = deferred {
                    self.show_now(first, count, follows);
                }
                false
            }
            Event::KeyDown => self.on_key(app::event_key()),
            _ => false,
        });
    }

    /// Tells the callback of an event.
    fn emit(&mut self, event: RowEvent) {
        self.state.borrow_mut().event = Some(event);
        self.table.do_callback();
    }

    fn on_push(&mut self) -> bool {
        match self.table.cursor2rowcol() {
            // With the right button, too: a user who looks for a context menu finds the actions beside the table.
            Some((TableContext::Cell, row, _, _)) => {
                let _ = self.table.take_focus();
                self.mark_row(row, if app::is_event_command() { Mark::Toggle } else { extending() });
                let (before, clicked) = {
                    let mut state = self.state.borrow_mut();
                    let clicked = state.ends.map(|(_, to)| to);
                    (std::mem::replace(&mut state.clicked, clicked), clicked)
                };
                // Another row may have come under the mouse since the first click.
                if let Some(number) = clicked.filter(|_| app::event_clicks() && before == clicked) {
                    self.emit(RowEvent::Opened(number));
                }
                true
            }
            Some((TableContext::ColHeader, _, column, _)) if app::event_mouse_button() == app::MouseButton::Left => {
                let _ = self.table.take_focus();
                self.sort_by(Some(index(column)))
            }
            _ => false,
        }
    }

    /// Extends the mark to the row below the mouse; outside of the rows, by one in its direction.
    fn on_drag(&mut self) -> bool {
        if !self.state.borrow().several {
            // Another row may have come under the mouse since it was pressed.
            return true;
        }
        let row = match self.table.cursor2rowcol() {
            Some((TableContext::Cell, row, _, _)) => Some(row),
            _ if app::event_y() < self.table.y() + header(&self.table) => self.focused().map(|row| row - 1),
            _ if app::event_y() > self.table.y() + self.table.h() => self.focused().map(|row| row + 1),
            _ => None,
        };
        if let Some(row) = row {
            self.mark_row(row, Mark::To);
        }
        true
    }

    fn on_key(&mut self, key: Key) -> bool {
        let (sorting, several) = {
            let state = self.state.borrow();
            (state.sorting, state.several)
        };
        match (key, sorting) {
            (Key::Delete, _) => self.emit(RowEvent::Delete),
            (key, _) if app::is_event_command() && key == Key::from_char('c') => self.emit(RowEvent::Copy),
            (key, _) if several && app::is_event_command() && key == Key::from_char('a') => {
                self.mark_row(0, Mark::Only);
                self.mark_row(i32::MAX, Mark::To);
            }
            // Unhandled, Enter would move the keyboard focus, as Tab does.
            (Key::Enter | Key::KPEnter, _) => {
                let focused = self.state.borrow().ends;
                if let Some((_, number)) = focused {
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

    /// Sorts by a column, if there is one and the table can be sorted. Returns whether it can be.
    fn sort_by(&mut self, column: Option<usize>) -> bool {
        let (sorting, by) = {
            let state = self.state.borrow();
            (state.sorting, column.and_then(|column| Some((column, state.columns.get(column)?.is_numeric))))
        };
        if let (Some(sorting), Some((column, is_numeric))) = (sorting, by) {
            self.sort(sorting.by_column(column, is_numeric));
        }
        sorting.is_some()
    }

    fn sort(&mut self, sorting: Sorting) {
        self.set_sorting(sorting);
        self.table.redraw();
        self.emit(RowEvent::Sorted(sorting));
    }

    /// Returns the row with the focus.
    fn focused(&self) -> Option<i32> {
        let state = self.state.borrow();
        state.ends.map(|(_, to)| i32::try_from(to.saturating_sub(state.first)).unwrap_or(i32::MAX))
    }

    /// Marks a row, clamped to the existing rows, and scrolls it into view.
    fn mark_row(&mut self, row: i32, how: Mark) {
        if self.table.rows() == 0 {
            return;
        }
        let row = row.clamp(0, self.table.rows() - 1);
        let number = {
            // Borrowed no longer than this, because scrolling makes the table request its cells at once.
            let state = &mut *self.state.borrow_mut();
            let how = if state.several { how } else { Mark::Only };
            let number = state.first + index(row) as u64;
            let from = state.ends.filter(|_| how == Mark::To).map_or(number, |(from, _)| from);
            if how != Mark::Toggle {
                state.marked = (from.min(number)..=from.max(number)).collect();
            } else if !state.marked.remove(&number) {
                state.marked.insert(number);
            }
            state.ends = Some((from, number));
            number
        };
        self.scroll_to(row);
        self.emit(RowEvent::Marked(number));
    }

    /// Shows the whole text of the cell below the mouse as a tooltip, if the cell is too narrow for it.
    fn show_tip(&mut self, cell: &impl Fn(u64, usize) -> Option<CellText>) {
        let below = match self.table.cursor2rowcol() {
            Some((TableContext::Cell, row, column, _)) => Some((row, column)),
            _ => None,
        };
        let text = below.and_then(|(row, column)| {
            let (number, font) = {
                let state = self.state.borrow();
                (state.first + index(row) as u64, state.columns.get(index(column))?.font)
            };
            let (text, _) = cell(number, index(column))?;
            draw::set_font(font, CELL_TEXT);
            let room = self.table.col_width(column) - 2 * CELL_PADDING;
            (draw::width(&text) > f64::from(room)).then_some(text)
        });
        set_tip(&mut self.table, &text.unwrap_or_default());
    }
}

/// Returns how a row is marked, by the mouse or a key that is pressed now.
fn extending() -> Mark {
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
