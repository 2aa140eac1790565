//! The page of the history: a summary, the list of messages, and its tools beside the tabs. Main thread only; the messages are
//! in the model.

use std::rc::Rc;

use fltk::app;
use fltk::button::Button;
use fltk::enums::{Font, Shortcut};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::context::{Context, Msg};
use super::saving;
use super::widgets::{add_button, card, tool_row};
use crate::clock::Clock;
use crate::monitor::messages::{Action, Command};
use crate::monitor::model::{About, Confirmation, Input, Model};
use crate::protocol::escape::escape;
use crate::server::{Deletion, StoredMessage};
use crate::ui::{self, CellText, Field, RowColumn, RowEvent, Rows, theme};

/// Height of the summary above the list, in pixels.
const SUMMARY: i32 = 24;

/// The tools beside the tabs while the page is visible.
#[derive(Debug)]
pub(super) struct HistoryTools {
    row: Flex,
    search: Field,
    delete: Button,
    delete_all: Button,
}

impl HistoryTools {
    /// Creates the tools in the current group, the row beside the tabs.
    pub(super) fn new(context: &Context) -> HistoryTools {
        let mut row = tool_row();
        let mut search = Field::bare();
        search.set_hint("Search");
        search.input().set_tooltip("List only the messages with these words in them (Enter)");
        search.on_enter(context.on(|_| Some(Msg::SearchHistory)));
        let delete = add_button(&mut row, 80, "Delete …", "Delete the message that is marked (Delete)", || ());
        let delete_all = add_button(
            &mut row,
            110,
            "All of theirs …",
            "Delete everything that was said under the name of the message that is marked (Shift+Delete)",
            || (),
        );
        let saving = context.clone();
        let save = move |_: &Model| {
            Some(Msg::Ask(saving::question(
                "Save all as",
                "Everything that is kept, as text, a line for each message",
                About::History,
                &saving,
                |_, file| Command::ExportHistory(file),
            )))
        };
        add_button(&mut row, 90, "Save all …", "Write all that is kept into a text file", context.on(save));
        row.end();
        HistoryTools { row, search, delete, delete_all }
    }
}

/// The page.
#[derive(Debug)]
pub(super) struct HistoryPage {
    card: Flex,
    tools: HistoryTools,
    summary: Frame,
    rows: Rows,
}

impl HistoryPage {
    /// Creates an empty page in the current group.
    pub(super) fn new(mut tools: HistoryTools, context: &Context) -> HistoryPage {
        let mut card = card([2, 2, 2, 6]).column();
        card.set_pad(0);
        let mut summary = ui::note("");
        summary.set_label_color(theme::MUTED);
        card.fixed(&summary, SUMMARY);
        let (model, clock) = (Rc::clone(&context.model), context.clock.clone());
        let mut rows = Rows::new(columns(), move |row, column| cell(&model.borrow(), &clock, row, column));
        card.end();
        let list = rows.clone();
        let one = move |model: &Model| Some(Msg::Ask(delete_one(marked(&list, model)?)));
        let list = rows.clone();
        let all = move |model: &Model| Some(Msg::Ask(delete_all_of(&marked(&list, model)?.from)));
        let (mut ask_one, mut ask_all) = (context.on(one.clone()), context.on(all.clone()));
        tools.delete.set_callback(move |_| ask_one());
        tools.delete_all.set_callback(move |_| ask_all());
        let mut delete =
            context.on(move |model| if app::event_state().contains(Shortcut::Shift) { all(model) } else { one(model) });
        rows.on_event(move |event| {
            if event == RowEvent::Delete {
                delete();
            }
        });
        HistoryPage { card, tools, summary, rows }
    }

    /// Returns the page's widget, to show and hide.
    pub(super) fn widget(&self) -> &Flex {
        &self.card
    }

    /// Returns the tools' widget, to show and hide.
    pub(super) fn tools_widget(&self) -> &Flex {
        &self.tools.row
    }

    /// Returns the words of the search field.
    pub(super) fn words(&self) -> String {
        self.tools.search.value()
    }

    /// Moves the keyboard focus to the list.
    pub(super) fn focus(&mut self) {
        let _ = self.rows.widget().clone().take_focus();
    }

    /// Draws the model's current summary and messages. All rows are replaced.
    pub(super) fn show(&mut self, model: &Model) {
        let history = model.history();
        self.summary.set_label(&ui::escape_label(&format!(" {}", history.summary())));
        self.rows.set_hint(if history.rows() == 0 && !history.summary().is_empty() { "Nothing is there" } else { "" });
        self.rows.reset(0, history.rows());
    }
}

/// Returns the marked message.
fn marked<'a>(rows: &Rows, model: &'a Model) -> Option<&'a StoredMessage> {
    let row = usize::try_from(*rows.marked().first()?).ok()?;
    model.history().message(row)
}

/// Returns the question whether to delete a message.
fn delete_one(message: &StoredMessage) -> Confirmation {
    let title = format!("Delete what {} said: {}", escape(&message.from), escape(&message.text));
    let consequence = "It is deleted for good; only who has it on the screen already can still read it".into();
    deletion(Deletion::One(message.stamp), Input::YesOrNo, title, consequence)
}

/// Returns the question whether to delete every message that was sent under a name.
fn delete_all_of(name: &str) -> Confirmation {
    let shown = escape(name);
    let title = format!("Delete everything that {shown} has said");
    let consequence = format!("All that {shown}, or a name that looks like it, has said is deleted for good");
    deletion(Deletion::AllOf(name.to_owned()), Input::NoOrYes, title, consequence)
}

fn deletion(what: Deletion, input: Input, title: String, consequence: String) -> Confirmation {
    Confirmation {
        title,
        consequence,
        is_grave: true,
        yes: "Delete",
        input,
        about: About::History,
        action: Rc::new(move |_, _| Ok(Command::Action(Action::Deletion(what.clone())))),
    }
}

/// Returns the headings and widths.
fn columns() -> Vec<RowColumn> {
    vec![
        RowColumn::new("When", 160, 0),
        RowColumn::new("Who", 140, 1).with_font(Font::HelveticaBold),
        RowColumn::new("What", 300, 5),
    ]
}

/// Returns the text and colour of a cell, in the order of [`columns`].
fn cell(model: &Model, clock: &Clock, row: u64, column: usize) -> Option<CellText> {
    let message = model.history().message(usize::try_from(row).ok()?)?;
    Some(match column {
        0 => (clock.in_full(message.stamp), theme::MUTED),
        1 => (escape(&message.from).into_owned(), theme::TEXT),
        _ => (escape(&message.text).into_owned(), theme::TEXT),
    })
}
