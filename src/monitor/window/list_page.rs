//! A table of one of the model's lists: the clients, the bans, the members, the reasons of disconnects, the threads, the
//! history. All have the same keys, and a context menu.
//!
//! Main thread only. The rows, their order and the marks are in the model, with the columns; here the looks of cells become
//! colours.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::enums::{Font, Key, Shortcut};
use fltk::group::Flex;
use fltk::prelude::GroupExt as _;

use super::context::{Context, Msg};
use crate::clock::Clock;
use crate::monitor::model::{List, Listed, Look, Model, State};
use crate::sorting::Sorting;
use crate::ui::{self, ContextMenu, Marking, RowColumn, RowEvent, Rows, theme};

/// Text in an empty list while there is no server.
pub(super) const STOPPED: &str = "Not running";

/// The keys that act on the marked rows, as a menu shows them.
pub(super) const DELETE: Shortcut = Shortcut::from_key(Key::Delete);
/// See [`DELETE`].
pub(super) const SHIFT_DELETE: Shortcut = Shortcut::from_i32(Shortcut::Shift.bits() | Key::Delete.bits());

/// See [`DELETE`].
pub(super) const ENTER: Shortcut = Shortcut::from_key(Key::Enter);

/// Label of the menu's item that copies the marked rows.
const COPY: &str = "Copy";

/// An item of a context menu: its label, the key that does the same, and the message for the marked rows.
pub(super) struct Item(pub(super) &'static str, pub(super) Shortcut, pub(super) fn(&Model) -> Option<Msg>);

/// Returns a list of the model, to be marked or sorted.
type ListMut<T> = fn(&mut Model) -> &mut List<T>;

/// The table, on a card. It shares the model with the window, which calls [`show`](Self::show).
#[derive(Debug)]
pub(super) struct ListPage<T: Listed> {
    pub(super) card: Flex,
    source: Source<T>,
    /// The [version](List::version) of the list that was last drawn.
    shown: Option<u64>,
}

/// The table and its list. Cloning it gives another handle to the same.
#[derive(Debug)]
struct Source<T: Listed> {
    rows: Rows,
    model: Rc<RefCell<Model>>,
    list: fn(&Model) -> &List<T>,
    list_mut: ListMut<T>,
    clock: Clock,
}

impl<T: Listed> Clone for Source<T> {
    fn clone(&self) -> Source<T> {
        let Source { rows, model, list, list_mut, clock } = self;
        Source { rows: rows.clone(), model: Rc::clone(model), list: *list, list_mut: *list_mut, clock: clock.clone() }
    }
}

impl<T: Listed> ListPage<T> {
    /// Creates an empty table in the current group. Of the items of its menu, which ends with Copy, the first with one of the
    /// keys Delete, Shift+Delete and Enter is what that key does. A double click does the same as Enter.
    pub(super) fn new(
        context: &Context,
        list: fn(&Model) -> &List<T>,
        list_mut: ListMut<T>,
        marking: Marking,
        menu: Vec<Item>,
    ) -> ListPage<T> {
        let card = ui::card();
        let (drawn, clock) = (Rc::clone(&context.model), context.clock.clone());
        let mut rows = Rows::new(Vec::new(), move |row, at| {
            let model = drawn.borrow();
            let list = list(&model);
            let row = usize::try_from(row.checked_sub(list.first())?).ok()?;
            let (text, look) = list.cell(row, list.columns().nth(at)?, &clock)?;
            let color = match look {
                Look::Plain => theme::TEXT,
                Look::Muted => theme::MUTED,
                Look::Warn => theme::WARN,
                Look::Error => theme::ERROR,
            };
            Some((text, color))
        });
        rows.set_marking(marking);
        card.end();
        let clock = context.clock.clone();
        let mut source = Source { rows, model: Rc::clone(&context.model), list, list_mut, clock };
        source.show_columns();
        source.clone().handle_events(context, menu);
        ListPage { card, source, shown: None }
    }

    /// Moves the keyboard focus to the table.
    pub(super) fn focus(&mut self) {
        self.source.rows.take_focus();
    }

    /// Returns a handle of the table, for a field from which keys lead to it.
    pub(super) fn table(&self) -> Rows {
        self.source.rows.clone()
    }

    /// Returns true while the mouse holds something of the table, and nothing in it may move.
    pub(super) fn is_held(&self) -> bool {
        self.source.rows.is_held()
    }

    /// Returns a function that shows the menu of the columns at a position in the window.
    pub(super) fn column_menu(&self) -> impl FnMut((i32, i32)) + 'static + use<T> {
        let (mut source, mut menu) = (self.source.clone(), ContextMenu::new([]));
        move |at| source.choose_columns(&mut menu, at)
    }

    /// Draws the list if it has changed, and returns true if it has. `hint` is the text of an empty one. Called with every tick.
    pub(super) fn show(&mut self, model: &Model, hint: &str) -> bool {
        let Source { rows, list, .. } = &mut self.source;
        rows.set_hint(hint);
        let list = list(model);
        let has_changed = self.shown.replace(list.version()) != Some(list.version());
        if has_changed {
            show_marks(rows, list);
            rows.show(list.first(), list.len(), T::FOLLOWS);
        }
        has_changed
    }

    /// Draws other rows than before, and scrolls to the last.
    pub(super) fn reset(&mut self, model: &Model, hint: &str) {
        self.source.rows.set_hint(hint);
        let list = (self.source.list)(model);
        self.source.rows.reset(list.first(), list.len());
        self.shown = Some(list.version());
    }
}

impl<T: Listed> Source<T> {
    fn handle_events(mut self, context: &Context, items: Vec<Item>) {
        let mut menu = ContextMenu::new(items.iter().map(|Item(label, key, _)| (*label, *key)));
        menu.push(COPY, Shortcut::Command | 'c');
        let mut titles = ContextMenu::new([]);
        let on_key = |key| items.iter().find(|Item(_, named, _)| *named == key).map(|Item(.., act)| context.on(*act));
        let [mut delete, mut shift_delete, mut open] = [DELETE, SHIFT_DELETE, ENTER].map(on_key);
        let mut acts: Vec<_> = items.into_iter().map(|Item(.., act)| context.on(act)).collect();
        let mut rows = self.rows.clone();
        rows.on_event(move |event| match event {
            RowEvent::Marked => {
                let mut model = self.model.borrow_mut();
                let list = (self.list_mut)(&mut model);
                let first = list.first();
                let number = |row: u64| usize::try_from(row.saturating_sub(first)).unwrap_or(usize::MAX);
                let ends = self.rows.ends().map(|(from, to)| (number(from), number(to)));
                let marked = self.rows.marked().into_iter().map(number);
                list.set_marks(marked, ends);
            }
            RowEvent::Sorted(sorting) => self.sort(sorting),
            RowEvent::Delete => {
                let is_shift = app::event_state().contains(Shortcut::Shift);
                let act = if is_shift { shift_delete.as_mut() } else { delete.as_mut() };
                act.into_iter().for_each(|act| act());
            }
            RowEvent::Menu(x, y) => match menu.choose((x, y)) {
                Some(at) if at < acts.len() => acts[at](),
                Some(_) => self.copy(),
                None => {}
            },
            RowEvent::TitleMenu(x, y) => self.choose_columns(&mut titles, (x, y)),
            RowEvent::Copy => self.copy(),
            RowEvent::Opened(_) => open.iter_mut().for_each(|open| open()),
        });
    }

    /// Shows the columns of the list, and the order among them.
    fn show_columns(&mut self) {
        let model = self.model.borrow();
        let list = (self.list)(&model);
        let columns = list.columns().map(|at| {
            let column = &T::COLUMNS[at];
            RowColumn {
                title: column.title,
                width: column.width.0,
                shares: column.width.1,
                font: if at == T::NAME { Font::HelveticaBold } else { Font::Helvetica },
                is_numeric: column.is_numeric,
            }
        });
        let (columns, place) = (columns.collect(), |column| list.columns().position(|at| at == column));
        self.rows.set_type_ahead(place(T::NAME).unwrap_or_default());
        if T::IS_SORTED {
            self.rows.set_sorting(Sorting { column: list.sorting().column.and_then(place), ..list.sorting() });
        }
        // Setting them makes the table request its cells.
        drop(model);
        self.rows.set_columns(columns);
    }

    /// Sorts the list by one of the shown columns. The row with the keyboard stays in view.
    fn sort(&mut self, sorting: Sorting) {
        {
            let mut model = self.model.borrow_mut();
            let list = (self.list_mut)(&mut model);
            let column = sorting.column.and_then(|at| list.columns().nth(at));
            list.sort(Sorting { column, ..sorting });
            show_marks(&mut self.rows, list);
        }
        if !self.rows.marked().is_empty() {
            self.rows.show_focused();
        }
    }

    /// Shows a menu of the columns, and shows or hides the one that the operator chooses.
    fn choose_columns(&mut self, menu: &mut ContextMenu, at: (i32, i32)) {
        if !T::HIDES_COLUMNS {
            return;
        }
        let offered = || (0..T::COLUMNS.len()).filter(|column| *column != T::NAME);
        let shown: Vec<usize> = (self.list)(&self.model.borrow()).columns().collect();
        menu.set_checks(offered().map(|column| (T::COLUMNS[column].title, shown.contains(&column))));
        if let Some(column) = menu.choose(at).and_then(|at| offered().nth(at)) {
            (self.list_mut)(&mut self.model.borrow_mut()).toggle_column(column);
            self.show_columns();
        }
    }

    /// Copies the marked rows, with a tab between two cells.
    fn copy(&self) {
        let model = self.model.borrow();
        let list = (self.list)(&model);
        let cell = |row, column| list.cell(row, column, &self.clock).unwrap_or((String::new(), Look::Plain)).0;
        let line = |row| list.columns().map(|column| cell(row, column)).collect::<Vec<_>>().join("\t");
        let lines: Vec<String> = list.marked_rows().into_iter().map(line).collect();
        if !lines.is_empty() {
            app::copy(&lines.join("\n"));
        }
    }
}

/// Returns the text of an empty list: what it will show, or that there is no server.
pub(super) fn empty(model: &Model, hint: &'static str) -> &'static str {
    if matches!(model.state(), State::Listening(_)) { hint } else { STOPPED }
}

/// Shows the marks of the list.
fn show_marks<T: Listed>(rows: &mut Rows, list: &List<T>) {
    let number = |row: usize| list.first() + row as u64;
    let ends = list.ends().map(|(from, to)| (number(from), number(to)));
    rows.set_marks(list.marked_rows().into_iter().map(number), ends);
}
