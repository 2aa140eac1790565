//! The row that finds text in the conversation: a field, the number of hits, and the buttons to the next and the
//! previous one. Runs on the UI thread.

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::InputExt as _;

use super::update::Action;
use crate::chat::render::find::Towards;
use crate::chat::window::widgets::{end_hidden, place, set_label};
use crate::ui::{self, Field, row};

/// The widgets of the row.
pub(super) struct FindBar {
    pub(super) row: Flex,
    pub(super) field: Field,
    count: Frame,
}

impl FindBar {
    /// Creates the row, hidden, in a column. That of a private window does not search the server's history, where no private
    /// messages are.
    pub(super) fn build(column: &mut Flex, is_private: bool, send: &(impl Fn(Action) + Clone + 'static)) -> FindBar {
        let mut row = row();
        // No label before it, because a private window may be narrow.
        let mut field = Field::hinted("Find", "");
        let found = send.clone();
        field.on_change(move |text| found(Action::Find(text)));
        let stepped = send.clone();
        field.on_event(move |event| {
            let towards = match app::event_key() {
                _ if event != Event::KeyDown => return false,
                Key::Enter | Key::KPEnter if app::is_event_shift() => Towards::Newer,
                Key::Enter | Key::KPEnter | Key::Up => Towards::Older,
                Key::Down => Towards::Newer,
                _ => return false,
            };
            stepped(Action::Step(towards));
            true
        });
        let count = ui::note("");
        row.fixed(&count, 76);
        let (older, newer) = (Action::Step(Towards::Older), Action::Step(Towards::Newer));
        place(&mut row, ui::button("Older"), 62, "The one before (Enter or Up)", send, older);
        place(&mut row, ui::button("Newer"), 62, "The one after (Shift+Enter or Down)", send, newer);
        if !is_private {
            let tip = "Searches all that the server remembers (Ctrl+Shift+F)";
            place(&mut row, ui::button("Everywhere"), 92, tip, send, Action::FindEverywhere);
        }
        place(&mut row, ui::button("Close"), 62, "Looks no more (Escape)", send, Action::CloseBar);
        end_hidden(column, &mut row, ui::CONTROL_HEIGHT);
        FindBar { row, field, count }
    }

    /// Focuses the field, with the last search text selected so that typing replaces it.
    pub(super) fn focus(&mut self) {
        self.field.focus();
        let end = self.field.value().len();
        let input = self.field.input();
        // Both ends are within the text, so these cannot fail.
        let _ = input.set_position(i32::try_from(end).unwrap_or(i32::MAX));
        let _ = input.set_mark(0);
    }

    /// Shows the number of hits.
    pub(super) fn show_count(&mut self, words: &str) {
        set_label(&mut self.count, words);
    }
}
