//! The clicks on a table: they mark rows, choose the order, and open a row or a menu. Runs on the UI thread.

use fltk::app;
use fltk::draw;
use fltk::enums::Event;
use fltk::prelude::{TableExt as _, WidgetBase as _, WidgetExt as _};
use fltk::table::TableContext;

use super::drawing::{CELL_PADDING, CELL_TEXT};
use super::keyboard::extending;
use super::marks::{Mark, Marking};
use super::{CellText, RowEvent, Rows, Sorting, header, index};
use crate::ui::scrollbar::Grip;
use crate::ui::widgets::set_tip;

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
            Event::KeyDown => self.on_key(app::event_key(), &cell),
            _ => false,
        });
    }

    /// Tells the callback of an event.
    pub(super) fn emit(&mut self, event: RowEvent) {
        self.state.borrow_mut().event = Some(event);
        self.table.do_callback();
    }

    fn on_push(&mut self) -> bool {
        match self.table.cursor2rowcol() {
            Some((TableContext::Cell, row, _, _)) if app::event_mouse_button() == app::MouseButton::Right => {
                self.take_focus();
                self.mark_row(row, Mark::Keep);
                self.emit(RowEvent::Menu(app::event_x(), app::event_y()));
                true
            }
            Some((TableContext::Cell, row, _, _)) => {
                self.take_focus();
                self.mark_row(row, if app::is_event_command() { Mark::Toggle } else { extending() });
                let (before, clicked) = {
                    let mut state = self.state.borrow_mut();
                    let clicked = state.marks.focus();
                    (std::mem::replace(&mut state.clicked, clicked), clicked)
                };
                // Another row may have come under the mouse since the first click.
                if let Some(number) = clicked.filter(|_| app::event_clicks() && before == clicked) {
                    self.emit(RowEvent::Opened(number));
                }
                true
            }
            Some((TableContext::ColHeader, _, column, _)) if app::event_mouse_button() == app::MouseButton::Left => {
                self.take_focus();
                self.sort_by(Some(index(column)))
            }
            Some((TableContext::ColHeader, ..)) if app::event_mouse_button() == app::MouseButton::Right => {
                self.emit(RowEvent::TitleMenu(app::event_x(), app::event_y()));
                true
            }
            _ => false,
        }
    }

    /// Extends the mark to the row below the mouse; outside of the rows, by one in its direction.
    fn on_drag(&mut self) -> bool {
        if self.state.borrow().marks.marking != Marking::Dragged {
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

    /// Sorts by a column, if there is one and the table can be sorted. Returns whether it can be.
    pub(super) fn sort_by(&mut self, column: Option<usize>) -> bool {
        let (sorting, by) = {
            let state = self.state.borrow();
            (state.sorting, column.and_then(|column| Some((column, state.columns.get(column)?.is_numeric))))
        };
        if let (Some(sorting), Some((column, is_numeric))) = (sorting, by) {
            self.sort(sorting.by_column(column, is_numeric));
        }
        sorting.is_some()
    }

    pub(super) fn sort(&mut self, sorting: Sorting) {
        self.set_sorting(sorting);
        self.table.redraw();
        self.emit(RowEvent::Sorted(sorting));
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
