//! The row in which the user registers a name with a password, typed twice and shown as dots. The server's answer
//! appears below the text. It is a row and not a dialog, as all questions here are. Runs on the UI thread.

use fltk::enums::Align;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::WidgetExt as _;

use super::Windows;
use super::conversation::Drawer;
use super::messages::Msg;
use super::widgets::{end_hidden, place};
use crate::ui::{self, Field, row};

/// The widgets of the row.
pub(super) struct RegisterBar {
    pub(super) row: Flex,
    drawer: Drawer,
    title: Frame,
    one: Field,
    other: Field,
}

impl RegisterBar {
    /// Creates the row, hidden, in a column.
    pub(super) fn build(column: &mut Flex, drawer: &Drawer, send: &(impl Fn(Msg) + Clone + 'static)) -> RegisterBar {
        let mut row = row();
        let mut title = ui::note("");
        // A name may be longer than the room that it has here.
        title.set_align(Align::Left | Align::Inside | Align::Clip);
        let mut one = Field::hinted("New password", "").masked();
        let mut other = Field::hinted("Repeat it", "").masked();
        let mut next = other.clone();
        one.on_enter(move || next.focus());
        let entered = send.clone();
        other.on_enter(move || entered(Msg::Register));
        let tip = "Register the name with this password (Enter)";
        place(&mut row, ui::primary_button("Register"), 92, tip, send, Msg::Register);
        place(&mut row, ui::button("Cancel"), 84, "Close without registering (Escape)", send, Msg::CloseRegister);
        end_hidden(column, &mut row, ui::CONTROL_HEIGHT);
        drawer.add_bar(&row);
        RegisterBar { row, drawer: drawer.clone(), title, one, other }
    }

    fn open(&mut self, name: &str) {
        self.title.set_label(&format!("Register {name}"));
        self.forget();
        self.drawer.open(&self.row);
        self.one.focus();
    }

    /// Hides the row.
    fn close(&mut self) {
        self.drawer.close(&self.row);
        self.forget();
    }

    /// Clears the passwords, if the row is closed.
    pub(super) fn forget(&mut self) {
        if !self.drawer.is_open(&self.row) {
            self.one.set_value("");
            self.other.set_value("");
        }
    }
}

impl Windows {
    /// Opens the row, or shows below the text why there is nothing to register.
    pub(super) fn open_register(&mut self) {
        if let Some(name) = self.chat.link.online_name() {
            return self.widgets.register.open(name);
        }
        self.chat.talks.remark("Connect first, with the name to register");
    }

    /// Closes the row. Returns whether it was open.
    pub(super) fn close_register(&mut self) -> bool {
        let register = &self.widgets.register;
        let was_open = register.drawer.is_open(&register.row);
        if was_open {
            self.widgets.register.close();
            self.widgets.entry.focus();
        }
        was_open
    }

    /// Registers the name with the typed passwords. If that fails, they stay, so that they can be corrected.
    pub(super) fn register(&mut self) {
        let bar = &self.widgets.register;
        match self.chat.register(&bar.one.value(), &bar.other.value()) {
            Ok(()) => _ = self.close_register(),
            Err(why) => self.chat.talks.remark(why),
        }
    }
}
