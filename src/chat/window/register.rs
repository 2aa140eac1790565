//! The row in which the user registers a name with a password, typed twice and shown as dots. The server's answer
//! appears in the status line. It is a row and not a dialog, as all questions here are. Runs on the UI thread.

use fltk::button::Button;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::ChatWindow;
use super::widgets::{row, show_row};
use crate::ui::{self, Field};

/// The widgets of the row. Cloning them gives other handles to the same.
#[derive(Clone)]
pub(super) struct RegisterBar {
    row: Flex,
    title: Frame,
    one: Field,
    other: Field,
    register: Button,
    cancel: Button,
}

impl RegisterBar {
    /// Creates the row, hidden, in a column.
    pub(super) fn build(column: &mut Flex) -> RegisterBar {
        let mut row = row();
        let title = ui::note("");
        let mut one = Field::bare_masked();
        one.set_hint("Its password from now on");
        let mut other = Field::bare_masked();
        other.set_hint("The same again");
        let mut register = ui::primary_button("Register");
        register.set_tooltip("From then on, nobody gets the name without this password (Enter)");
        row.fixed(&register, 92);
        let mut cancel = ui::button("Cancel");
        cancel.set_tooltip("Leaves it as it is (Escape)");
        row.fixed(&cancel, 84);
        row.end();
        column.fixed(&row, ui::CONTROL_HEIGHT);
        row.hide();
        RegisterBar { row, title, one, other, register, cancel }
    }

    fn open(&mut self, name: &str) {
        self.title.set_label(&format!("The name {name}"));
        show_row(&mut self.row, true);
        self.one.focus();
    }

    /// Hides the row and clears the passwords.
    fn close(&mut self) {
        self.one.set_value("");
        self.other.set_value("");
        show_row(&mut self.row, false);
    }
}

impl ChatWindow {
    pub(super) fn bind_register(&self) {
        let bar = self.widgets.register.clone();
        let call = |action: fn(&mut ChatWindow)| {
            let mut window = self.clone();
            move || action(&mut window)
        };
        let (mut one, mut next) = (bar.one, bar.other.clone());
        one.on_enter(move || next.focus());
        bar.other.clone().on_enter(call(ChatWindow::register));
        let (mut register, mut cancel) = (call(ChatWindow::register), call(ChatWindow::cancel_register));
        bar.register.clone().set_callback(move |_| register());
        bar.cancel.clone().set_callback(move |_| cancel());
    }

    /// Opens the row, or shows in the status line why there is nothing to register.
    pub(super) fn open_register(&mut self) {
        let name = self.chat.borrow().online_name().map(str::to_owned);
        if let Some(name) = name {
            return self.widgets.register.open(&name);
        }
        self.chat.borrow_mut().remark("Connect first: what can be registered is the name that you have in the room");
        self.draw();
    }

    /// Closes the row. Returns whether it was open.
    pub(super) fn close_register(&mut self) -> bool {
        let was_open = self.widgets.register.row.visible();
        if was_open {
            self.widgets.register.close();
            self.widgets.conversation.entry.focus();
        }
        was_open
    }

    fn cancel_register(&mut self) {
        self.close_register();
    }

    fn register(&mut self) {
        let bar = &self.widgets.register;
        let asked = self.chat.borrow_mut().register(&bar.one.value(), &bar.other.value());
        match asked {
            Ok(()) => self.cancel_register(),
            // The typed passwords stay, so that they can be corrected.
            Err(why) => self.chat.borrow_mut().remark(why),
        }
        self.draw();
    }
}
