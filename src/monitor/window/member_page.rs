//! The page of the registered names, and its tools: the field for a new name, and the buttons for the marked one.
//!
//! Main thread only; the names are in the model.

use fltk::browser::HoldBrowser;
use fltk::button::Button;
use fltk::group::Flex;
use fltk::prelude::{BrowserExt as _, GroupExt as _, WidgetExt as _};

use super::widgets::{TAB, card, list, set_active, set_visible};
use crate::clock::Clock;
use crate::monitor::model::Model;
use crate::server::Member;
use crate::ui::{self, Field};

/// The tools beside the tabs while the page is visible.
#[derive(Debug)]
pub(super) struct MemberTools {
    row: Flex,
    pub(super) name: Field,
    pub(super) add: Button,
    pub(super) reset: Button,
    pub(super) remove: Button,
}

/// The page: one line for each registered name, and a field for a generated password.
#[derive(Debug)]
pub(super) struct MemberPage {
    card: Flex,
    pub(super) tools: MemberTools,
    pub(super) list: HoldBrowser,
    /// A generated password, which the operator reads or copies to pass it on. Hidden if there is none.
    password: Field,
    clock: Clock,
    /// The members as they were last drawn.
    shown: Vec<Member>,
}

impl MemberTools {
    /// Creates the tools in the current group, the row beside the tabs.
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
    /// Creates an empty page in the current group.
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

    /// Returns the page's widget, to show and hide.
    pub(super) fn widget(&self) -> &Flex {
        &self.card
    }

    /// Returns the tools' widget, to show and hide.
    pub(super) fn tools_widget(&self) -> &Flex {
        &self.tools.row
    }

    /// Draws the names and the generated password. The list is left alone while the names are the same, because this may run
    /// inside of its callback.
    pub(super) fn show(&mut self, model: &Model) {
        let members = model.members();
        set_active(&mut self.tools.reset, members.marked().is_some());
        set_active(&mut self.tools.remove, members.marked().is_some());
        let password = members.password().map(|(name, password)| format!("{name}: {}", password.reveal()));
        if self.password.value() != password.as_deref().unwrap_or_default() {
            self.password.set_value(password.as_deref().unwrap_or_default());
            set_visible(self.password.group(), password.is_some());
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
