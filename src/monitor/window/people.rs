//! The upper part of the window: the table of the clients, a row of tools above it, and the action bar below it. Main thread only.

use fltk::app;
use fltk::enums::Shortcut;
use fltk::group::Flex;
use fltk::prelude::GroupExt as _;

use super::action_bar::{self, ActionBar, ask_ban, ask_kick};
use super::context::Context;
use super::list_page::{ListPage, STOPPED};
use super::widgets::{TIGHT, TOOLS};
use crate::monitor::model::{Model, State};
use crate::server::ClientInfo;
use crate::ui;

/// The part.
#[derive(Debug)]
pub(super) struct People {
    pub(super) column: Flex,
    pub(super) list: ListPage<ClientInfo>,
    pub(super) action_bar: ActionBar,
}

impl People {
    /// Creates the part in the current group.
    pub(super) fn new(context: &Context) -> People {
        let mut column = Flex::default().column();
        column.set_pad(TIGHT);
        let tools = ui::row();
        tools.end();
        column.fixed(&tools, TOOLS);
        let mut list = ListPage::new(context, |model| &model.clients, |model| &mut model.clients);
        list.on_delete(
            context.on(
                |model| {
                    if app::event_state().contains(Shortcut::Shift) { ask_ban(model) } else { ask_kick(model) }
                },
            ),
        );
        let action_bar = ActionBar::new(context);
        column.fixed(&action_bar.outer, action_bar::HEIGHT);
        column.end();
        People { column, list, action_bar }
    }

    /// Draws the clients, if they have changed.
    pub(super) fn show(&mut self, model: &Model) {
        let hint = match model.state() {
            State::Listening(_) => "Nobody is here. Everybody who connects is listed",
            _ => STOPPED,
        };
        if self.list.show(model, hint) {
            self.action_bar.show_marked(model.clients.marked().is_some());
        }
    }
}
