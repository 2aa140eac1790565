//! The page of the registered names, and its tools: the field for a new name, and the buttons for the marked one.
//!
//! Main thread only; the names are in the model.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::button::Button;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::list_page::ListPage;
use super::widgets::{set_active, set_visible};
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
    column: Flex,
    pub(super) tools: MemberTools,
    list: ListPage<Member>,
    /// A generated password, which the operator reads or copies to pass it on. Hidden if there is none.
    password: Field,
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
    pub(super) fn new(tools: MemberTools, model: &Rc<RefCell<Model>>, clock: Clock) -> MemberPage {
        let mut column = Flex::default().column();
        let list = ListPage::new(model, clock, |model| model.members().list(), Model::members_mut);
        let mut password = Field::bare();
        password.set_editable(false);
        column.fixed(password.group(), ui::CONTROL_HEIGHT);
        set_visible(password.group(), false);
        column.end();
        MemberPage { column, tools, list, password }
    }

    /// Returns the page's widget, to show and hide.
    pub(super) fn widget(&self) -> &Flex {
        &self.column
    }

    /// Returns the tools' widget, to show and hide.
    pub(super) fn tools_widget(&self) -> &Flex {
        &self.tools.row
    }

    /// Draws the names and the generated password.
    pub(super) fn show(&mut self, model: &Model) {
        let members = model.members();
        set_active(&mut self.tools.reset, members.list().marked().is_some());
        set_active(&mut self.tools.remove, members.list().marked().is_some());
        let password = members.password().map(|(name, password)| format!("{name}: {}", password.reveal()));
        if self.password.value() != password.as_deref().unwrap_or_default() {
            self.password.set_value(password.as_deref().unwrap_or_default());
            set_visible(self.password.group(), password.is_some());
            self.column.layout();
            self.column.redraw();
        }
        self.list.show(model, "No name is registered");
    }
}
