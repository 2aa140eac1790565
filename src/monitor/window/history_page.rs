//! The page of the history: a summary, the list of messages, and its tools beside the tabs. Main thread only; the messages are
//! in the model.

use fltk::button::Button;
use fltk::enums::Font;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::context::{Context, Msg};
use super::deleting;
use super::list_page::{DELETE, Item, ListPage, SHIFT_DELETE};
use super::saving;
use super::widgets::{add_button, label, set_active};
use crate::monitor::messages::Command;
use crate::monitor::model::{About, Model};
use crate::protocol::escape::escape;
use crate::server::StoredMessage;
use crate::ui::{self, Field, Marking};

/// Height of the summary above the list, in pixels.
const SUMMARY: i32 = 24;

/// Width of the button that deletes all messages of a sender, and of the name on it, in pixels.
const DELETE_ALL: i32 = 170;
const NAME: i32 = 56;

/// The tools beside the tabs while the page is visible.
#[derive(Debug)]
pub(super) struct HistoryTools {
    pub(super) row: Flex,
    pub(super) search: Field,
    delete: Button,
    delete_all: Button,
    /// Name on the button that deletes all messages of a sender.
    sender: Option<String>,
}

impl HistoryTools {
    /// Creates the tools in the current group, the row beside the tabs.
    pub(super) fn new(context: &Context) -> HistoryTools {
        let mut row = ui::row();
        let mut search = Field::hinted(
            "Search",
            "List only messages that contain these words; from:NAME for those of a name (Enter)",
        );
        search.on_enter(context.on(|_| Some(Msg::SearchHistory)));
        let tooltip = "Delete the selected message (Delete)";
        let delete = add_button(&mut row, 80, "Delete …", tooltip, context.on(ask_delete_one));
        let tooltip = "Delete all messages by the sender of the selected one (Shift+Delete)";
        let delete_all = add_button(&mut row, DELETE_ALL, "", tooltip, context.on(ask_delete_all));
        let saving = context.clone();
        let save = move |_: &Model| {
            Some(Msg::Ask(saving::question(
                "Save history as",
                "All stored messages, as text, a line for each",
                About::History,
                &saving,
                |_, file| Command::ExportHistory(file),
            )))
        };
        add_button(&mut row, 90, "Save as …", "Save all stored messages as a text file", context.on(save));
        row.end();
        let mut tools = HistoryTools { row, search, delete, delete_all, sender: Some(String::new()) };
        tools.show_marked(None);
        tools
    }

    /// Names the sender of the marked message on the button that deletes all messages of that sender.
    fn show_marked(&mut self, sender: Option<&str>) {
        if self.sender.as_deref() == sender {
            return;
        }
        self.sender = sender.map(str::to_owned);
        fltk::draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
        let name = sender.map_or_else(|| "sender".into(), |name| ui::elide(&escape(name), NAME));
        self.delete_all.set_label(&ui::escape_label(&format!("Delete all by {name} …")));
        set_active(&mut self.delete, sender.is_some());
        set_active(&mut self.delete_all, sender.is_some());
    }
}

/// The page.
#[derive(Debug)]
pub(super) struct HistoryPage {
    pub(super) column: Flex,
    pub(super) tools: HistoryTools,
    summary: Frame,
    pub(super) list: ListPage<StoredMessage>,
}

impl HistoryPage {
    /// Creates an empty page in the current group.
    pub(super) fn new(tools: HistoryTools, context: &Context) -> HistoryPage {
        let mut column = Flex::default().column();
        column.set_pad(0);
        let summary = label("");
        column.fixed(&summary, SUMMARY);
        let menu = vec![
            Item("Delete …", DELETE, ask_delete_one),
            Item("Delete all by this name …", SHIFT_DELETE, ask_delete_all),
        ];
        let list =
            ListPage::new(context, |model| &model.history.list, |model| &mut model.history.list, Marking::One, menu);
        column.end();
        HistoryPage { column, tools, summary, list }
    }

    /// Draws the summary and the messages if they have changed, and the buttons for the marked one. Called with every tick.
    pub(super) fn update(&mut self, model: &Model) {
        if self.list.show(model, model.history.hint()) {
            self.show_summary(model);
        }
        self.tools.show_marked(model.history.list.marked().map(|message| message.from.as_str()));
    }

    /// Draws the answer to a request. All rows are replaced.
    pub(super) fn show(&mut self, model: &Model) {
        self.show_summary(model);
        self.list.reset(model, model.history.hint());
    }

    fn show_summary(&mut self, model: &Model) {
        self.summary.set_label(&ui::escape_label(&format!(" {}", model.history.summary())));
    }
}

fn ask_delete_one(model: &Model) -> Option<Msg> {
    Some(deleting::ask_one(model.history.list.marked()?, About::History))
}

fn ask_delete_all(model: &Model) -> Option<Msg> {
    Some(deleting::ask_all(&model.history.list.marked()?.from, About::History))
}
