//! The row that saves the conversation as text: the path, and the button. It is a row and not one of FLTK's file
//! dialogs, which run an event loop of their own and read directories on the UI thread. Runs on the UI thread.

use fltk::button::Button;
use fltk::group::Flex;
use fltk::prelude::WidgetExt as _;

use super::update::Action;
use crate::chat::window::widgets::{end_hidden, on_click};
use crate::ui::{self, Field, place, row, set_shown};

/// The widgets of the row.
pub(super) struct SaveBar {
    row: Flex,
    field: Field,
    save: Button,
    cancel: Button,
}

impl SaveBar {
    /// Creates the row, hidden, in a column.
    pub(super) fn build(column: &mut Flex) -> SaveBar {
        let mut row = row();
        let title = ui::note("Save as");
        row.fixed(&title, 56);
        let mut field = Field::bare();
        field.input().set_tooltip("A new text file, from your own folder on");
        let save = "Writes the conversation into this file (Enter)";
        let save = place(&mut row, ui::primary_button("Save"), 84, save);
        let cancel = place(&mut row, ui::button("Cancel"), 84, "Saves nothing (Escape)");
        end_hidden(column, &mut row, ui::CONTROL_HEIGHT);
        SaveBar { row, field, save, cancel }
    }

    /// Sends an action for each thing that the user does in the row.
    pub(super) fn bind(&mut self, send: &(impl Fn(Action) + Clone + 'static)) {
        let entered = send.clone();
        self.field.on_enter(move || entered(Action::Save));
        on_click(&mut self.save, send, Action::Save);
        on_click(&mut self.cancel, send, Action::CloseBars);
    }

    /// Returns the typed path.
    pub(super) fn path(&self) -> String {
        self.field.value()
    }

    /// Shows the row with a proposed path, unless it is open and may have another one.
    pub(super) fn open(&mut self, proposed: &str) {
        if !self.is_open() {
            self.field.set_value(proposed);
        }
        set_shown(&mut self.row, true);
        self.field.focus();
    }

    pub(super) fn close(&mut self) {
        set_shown(&mut self.row, false);
    }

    /// Returns whether the row has the keyboard focus.
    pub(super) fn has_focus(&self) -> bool {
        fltk::app::focus().is_some_and(|widget| widget.inside(&self.row))
    }

    pub(super) fn is_open(&self) -> bool {
        self.row.visible()
    }
}
