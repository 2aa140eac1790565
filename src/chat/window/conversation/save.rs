//! The row that saves the conversation as text: the path, and the button. It is a row and not one of FLTK's file
//! dialogs, which run an event loop of their own and read directories on the UI thread. Runs on the UI thread.

use fltk::group::Flex;
use fltk::prelude::WidgetExt as _;

use super::update::Action;
use crate::chat::window::widgets::{end_hidden, place};
use crate::ui::{self, Field, row};

/// The widgets of the row.
pub(super) struct SaveBar {
    pub(super) row: Flex,
    /// The path.
    pub(super) field: Field,
}

impl SaveBar {
    /// Creates the row, hidden, in a column.
    pub(super) fn build(column: &mut Flex, send: &(impl Fn(Action) + Clone + 'static)) -> SaveBar {
        let mut row = row();
        let title = ui::note("Save as");
        row.fixed(&title, 56);
        let mut field = Field::bare();
        field.input().set_tooltip("A new text file. A path without a folder is in your home folder");
        let entered = send.clone();
        field.on_enter(move || entered(Action::Save));
        let tip = "Save the conversation in this file (Enter)";
        place(&mut row, ui::primary_button("Save"), 84, tip, send, Action::Save);
        place(&mut row, ui::button("Cancel"), 84, "Close without saving (Escape)", send, Action::CloseBar);
        end_hidden(column, &mut row, ui::CONTROL_HEIGHT);
        SaveBar { row, field }
    }

    /// Returns whether the row has the keyboard focus.
    pub(super) fn has_focus(&self) -> bool {
        fltk::app::focus().is_some_and(|widget| widget.inside(&self.row))
    }
}
