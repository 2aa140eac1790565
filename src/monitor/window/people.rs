//! The upper part of the window: a row of tools, the table of the clients below it, and the action bar. Main thread only.
//!
//! The context menu of the table has the buttons' actions and more. An action is for all who are marked.

use fltk::button::Button;
use fltk::enums::Shortcut;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::action_bar::{self, ActionBar, ask_ban, ask_ban_by, ask_kick};
use super::context::{Context, Msg};
use super::filter::narrow;
use super::list_page::{DELETE, Item, ListPage, SHIFT_DELETE, STOPPED};
use super::widgets::{TIGHT, TOOLS, add_button, label, opens_menu, set_active};
use crate::monitor::model::{BY_ADDRESS, BY_NETWORK, Model, State};
use crate::protocol::escape::escape;
use crate::server::ClientInfo;
use crate::ui::{self, Field, Marking};

/// Width of the filter, in pixels.
const FILTER: i32 = 220;
/// Width of the buttons, in pixels.
const BUTTON: i32 = 84;
const COLUMNS: i32 = 104;

/// The part.
#[derive(Debug)]
pub(super) struct People {
    pub(super) column: Flex,
    pub(super) list: ListPage<ClientInfo>,
    pub(super) action_bar: ActionBar,
    /// Number of clients that the filter leaves, and of those that are marked.
    summary: Frame,
    kick: Button,
    ban: Button,
}

impl People {
    /// Creates the part in the current group.
    pub(super) fn new(context: &Context) -> People {
        let mut column = Flex::default().column();
        column.set_pad(TIGHT);
        let mut tools = ui::row();
        let mut filter =
            Field::hinted("Filter people", "Show only people whose name or address contains this (Escape clears it)");
        tools.fixed(filter.group(), FILTER);
        let summary = label("");
        let mut columns = ui::menu_button("Columns");
        columns.set_tooltip("Choose the columns of the table");
        tools.fixed(&columns, COLUMNS);
        let tooltip = "Disconnect the selected people (Delete)";
        let kick = add_button(&mut tools, BUTTON, "Kick …", tooltip, context.on(ask_kick));
        let tooltip = "Ban the selected people (Shift+Delete)";
        let ban = add_button(&mut tools, BUTTON, "Ban …", tooltip, context.on(ask_ban));
        tools.end();
        column.fixed(&tools, TOOLS);
        let list = ListPage::new(context, |model| &model.clients, |model| &mut model.clients, Marking::Several, menu());
        let action_bar = ActionBar::new(context);
        column.fixed(&action_bar.outer, action_bar::HEIGHT);
        column.end();

        let mut choose = list.column_menu();
        opens_menu(&mut columns, move |button| choose((button.x(), button.y() + button.h())));
        let (send, mut table) = (context.send.clone(), list.table());
        narrow(&mut filter, context, move |words| send(Msg::FilterPeople(words)), move || table.go_to());
        People { column, list, action_bar, summary, kick, ban }
    }

    /// Draws the clients, if they have changed.
    pub(super) fn show(&mut self, model: &Model) {
        let hint = match model.state() {
            State::Listening(_) if model.clients.is_filtered() => "No name or address has that",
            State::Listening(_) => "Nobody is here. Everybody who connects is listed",
            _ => STOPPED,
        };
        if self.list.show(model, hint) {
            let is_marked = !model.clients.marked_rows().is_empty();
            set_active(&mut self.kick, is_marked);
            set_active(&mut self.ban, is_marked);
            let summary = format!(" {}", model.clients.summary());
            if self.summary.label() != summary {
                self.summary.set_label(&summary);
            }
        }
    }
}

/// Returns the items of the context menu.
fn menu() -> Vec<Item> {
    vec![
        Item("Kick …", DELETE, ask_kick),
        Item("Ban name …", SHIFT_DELETE, ask_ban),
        Item("Ban address …", Shortcut::None, |model| ask_ban_by(model, BY_ADDRESS)),
        Item("Ban network …", Shortcut::None, |model| ask_ban_by(model, BY_NETWORK)),
        Item("Show what they said", Shortcut::None, |model| {
            let names = model.clients.subjects().into_iter().map(|subject| subject.name);
            Some(Msg::ShowSaid(names.collect()))
        }),
        Item("Copy name", Shortcut::None, |model| copy(model, |client| escape(client.name.as_str()).into_owned())),
        Item("Copy address", Shortcut::None, |model| copy(model, |client| client.addr.ip().to_canonical().to_string())),
    ]
}

/// Copies a text of each marked client, one a line.
fn copy(model: &Model, text: fn(&ClientInfo) -> String) -> Option<Msg> {
    let texts: Vec<String> = model.clients.all_marked().map(text).collect();
    (!texts.is_empty()).then(|| Msg::Copy(texts.join("\n")))
}
