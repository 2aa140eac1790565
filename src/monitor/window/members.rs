//! The page of the drawer with the registered names, and its tools: a name to be registered, and what can be done to
//! the one that is marked.
//!
//! Main thread only.

use fltk::browser::HoldBrowser;
use fltk::button::Button;
use fltk::group::Flex;
use fltk::prelude::{BrowserExt as _, GroupExt as _, WidgetExt as _};

use super::tabs::{TAB, list, set_visible};
use super::view::{card, set_active};
use crate::clock::Clock;
use crate::monitor::model::Model;
use crate::server::Member;
use crate::ui::{self, Field};

/// What stands beside the tabs while the page is seen.
#[derive(Debug)]
pub(super) struct MemberTools {
    row: Flex,
    pub(super) name: Field,
    pub(super) add: Button,
    pub(super) reset: Button,
    pub(super) remove: Button,
}

/// The page.
#[derive(Debug)]
pub(super) struct MemberPage {
    card: Flex,
    pub(super) tools: MemberTools,
    pub(super) list: HoldBrowser,
    /// A password that the operator is to tell somebody: to be read and copied.
    password: Field,
    clock: Clock,
    shown: Vec<Member>,
}

impl MemberTools {
    /// To be made inside of the row of tools.
    pub(super) fn new() -> MemberTools {
        let mut row = Flex::default().row();
        row.set_pad(ui::GAP);
        let mut name = Field::bare();
        name.set_hint("Name");
        name.input().set_tooltip("Whose name is to need a password from now on");
        let mut add = ui::button("Register");
        add.set_tooltip("Register that name, and think up a password for it");
        row.fixed(&add, 80);
        let mut reset = ui::button("New password");
        reset.set_tooltip("Think up another password for the name that is marked");
        row.fixed(&reset, 116);
        let mut remove = ui::button("Remove");
        remove.set_tooltip("Let anybody have the name that is marked");
        row.fixed(&remove, 76);
        row.end();
        MemberTools { row, name, add, reset, remove }
    }
}

impl MemberPage {
    /// To be made inside of the pages.
    pub(super) fn new(tools: MemberTools, clock: Clock) -> MemberPage {
        let mut card = card([8, 6, 2, 6]);
        card.set_type(fltk::group::FlexType::Column);
        let list = list(&[280]);
        ui::add_focus_ring(&mut card, &list);
        let mut password = Field::bare();
        password.set_editable(false);
        card.fixed(password.group(), ui::CONTROL_HEIGHT);
        set_visible(password.group(), false);
        card.end();
        MemberPage { card, tools, list, password, clock, shown: Vec::new() }
    }

    /// What is shown and hidden as a page.
    pub(super) fn widget(&self) -> &Flex {
        &self.card
    }

    /// What is shown and hidden beside the tabs.
    pub(super) fn tools_widget(&self) -> &Flex {
        &self.tools.row
    }

    /// Draws the names, and a password that is to be told. The list itself is left alone while they are the same: it
    /// may have called us.
    pub(super) fn show(&mut self, model: &Model) {
        let members = model.members();
        set_active(&mut self.tools.reset, members.marked().is_some());
        set_active(&mut self.tools.remove, members.marked().is_some());
        let told = members.password().map(|(name, password)| format!("{name}: {}", password.reveal()));
        if self.password.value() != told.as_deref().unwrap_or_default() {
            self.password.set_value(told.as_deref().unwrap_or_default());
            set_visible(self.password.group(), told.is_some());
            self.card.layout();
            self.card.redraw();
        }
        if self.shown == members.all() {
            return;
        }
        self.shown = members.all().to_vec();
        let at = self.list.position();
        self.list.clear();
        for member in members.all() {
            let since = self.clock.day_and_time(member.since);
            self.list.add(&format!("{}{TAB}registered {since}", member.name));
        }
        if let Some(row) = members.marked().and_then(|row| i32::try_from(row + 1).ok()) {
            self.list.select(row);
        }
        self.list.set_position(at);
    }
}
