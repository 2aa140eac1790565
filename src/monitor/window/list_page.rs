//! A table of one of the model's lists: the clients, the bans, the members, the reasons of disconnects, the threads, the
//! history.
//!
//! Main thread only. The rows, their order and the mark are in the model, with the columns; here the looks of cells become
//! colours.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::enums::Font;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::context::Context;
use crate::monitor::model::{List, Listed, Look, Model};
use crate::ui::{self, RowColumn, RowEvent, Rows, theme};

/// Text in an empty list while there is no server.
pub(super) const STOPPED: &str = "Not running";

/// Returns a list of the model, to be marked or sorted.
type ListMut<T> = fn(&mut Model) -> &mut List<T>;

/// The table, on a card. It shares the model with the window, which calls [`show`](Self::show).
#[derive(Debug)]
pub(super) struct ListPage<T: Listed> {
    pub(super) card: Flex,
    rows: Rows,
    model: Rc<RefCell<Model>>,
    list: fn(&Model) -> &List<T>,
    list_mut: ListMut<T>,
    /// The [version](List::version) of the list that was last drawn.
    shown: Option<u64>,
}

impl<T: Listed> ListPage<T> {
    /// Creates an empty table in the current group.
    pub(super) fn new(context: &Context, list: fn(&Model) -> &List<T>, list_mut: ListMut<T>) -> ListPage<T> {
        let card = ui::card();
        let columns = T::COLUMNS.iter().enumerate().map(|(at, column)| RowColumn {
            title: column.title,
            width: column.width.0,
            shares: column.width.1,
            font: if at == T::NAME { Font::HelveticaBold } else { Font::Helvetica },
            is_numeric: column.is_numeric,
        });
        let (drawn, clock) = (Rc::clone(&context.model), context.clock.clone());
        let mut rows = Rows::new(columns.collect(), move |row, column| {
            let (text, look) = list(&drawn.borrow()).cell(usize::try_from(row).ok()?, column, &clock)?;
            let color = match look {
                Look::Plain => theme::TEXT,
                Look::Muted => theme::MUTED,
                Look::Warn => theme::WARN,
                Look::Error => theme::ERROR,
            };
            Some((text, color))
        });
        rows.set_sorting(T::SORTING);
        card.end();
        let mut page = ListPage { card, rows, model: Rc::clone(&context.model), list, list_mut, shown: None };
        page.on_delete(|| ());
        page
    }

    /// Calls `delete` when Delete is pressed in the table.
    pub(super) fn on_delete(&mut self, mut delete: impl FnMut() + 'static) {
        let (model, list_mut, mut rows) = (Rc::clone(&self.model), self.list_mut, self.rows.clone());
        self.rows.on_event(move |event| match event {
            RowEvent::Marked(row) => list_mut(&mut model.borrow_mut()).mark(usize::try_from(row).unwrap_or(usize::MAX)),
            RowEvent::Sorted(sorting) => {
                let marked = {
                    let mut model = model.borrow_mut();
                    let list = list_mut(&mut model);
                    list.sort(sorting);
                    list.marked_row()
                };
                if let Some(row) = marked {
                    rows.mark(row as u64);
                }
            }
            RowEvent::Delete => delete(),
            RowEvent::Opened(_) | RowEvent::Copy => (),
        });
    }

    /// Moves the keyboard focus to the table.
    pub(super) fn focus(&mut self) {
        let _ = self.rows.widget().clone().take_focus();
    }

    /// Draws the list if it has changed, and returns true if it has. `hint` is the text of an empty one. Called with every tick.
    pub(super) fn show(&mut self, model: &Model, hint: &str) -> bool {
        let list = (self.list)(model);
        self.rows.set_hint(hint);
        let has_changed = self.shown.replace(list.version()) != Some(list.version());
        if has_changed {
            self.rows.set_mark(list.marked_row().map(|row| row as u64));
            self.rows.show(0, list.len(), false);
        }
        has_changed
    }

    /// Draws other rows than before, and scrolls to the last.
    pub(super) fn reset(&mut self, model: &Model, hint: &str) {
        self.rows.set_hint(hint);
        self.rows.reset(0, (self.list)(model).len());
    }
}
