//! The row that finds text in the conversation: a field, the number of hits, and the buttons to the next and the
//! previous one. Runs on the UI thread.

use fltk::app;
use fltk::button::Button;
use fltk::enums::{Event, Key};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{InputExt as _, WidgetExt as _};

use super::update::Action;
use crate::chat::render::find::Towards;
use crate::chat::window::widgets::{end_hidden, on_click, set_label};
use crate::ui::{self, Field, place, row, set_shown};

/// The widgets of the row.
pub(super) struct FindBar {
    row: Flex,
    field: Field,
    count: Frame,
    older: Button,
    newer: Button,
    everywhere: Button,
    close: Button,
}

impl FindBar {
    /// Creates the row, hidden, in a column.
    pub(super) fn build(column: &mut Flex) -> FindBar {
        let mut row = row();
        // No label before it, because a private window may be narrow.
        let field = Field::hinted("Find", "");
        let count = ui::note("");
        row.fixed(&count, 76);
        let older = place(&mut row, ui::button("Older"), 62, "The one before (Enter or Up)");
        let newer = place(&mut row, ui::button("Newer"), 62, "The one after (Shift+Enter or Down)");
        let everywhere = "Searches all that the server remembers (Ctrl+Shift+F)";
        let everywhere = place(&mut row, ui::button("Everywhere"), 92, everywhere);
        let close = place(&mut row, ui::button("Close"), 62, "Looks no more (Escape)");
        end_hidden(column, &mut row, ui::CONTROL_HEIGHT);
        FindBar { row, field, count, older, newer, everywhere, close }
    }

    /// Sends an action for each thing that the user does in the row.
    pub(super) fn bind(&mut self, send: &(impl Fn(Action) + Clone + 'static)) {
        let found = send.clone();
        self.field.on_change(move |text| found(Action::Find(text)));
        let stepped = send.clone();
        self.field.on_event(move |event| {
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
        on_click(&mut self.older, send, Action::Step(Towards::Older));
        on_click(&mut self.newer, send, Action::Step(Towards::Newer));
        on_click(&mut self.everywhere, send, Action::FindEverywhere);
        on_click(&mut self.close, send, Action::CloseBars);
    }

    /// Hides "Everywhere": private messages are in no server's history.
    pub(super) fn be_private(&mut self) {
        set_shown(&mut self.everywhere, false);
    }

    /// Shows the row, with the last search text selected so that typing replaces it.
    pub(super) fn open(&mut self) {
        set_shown(&mut self.row, true);
        self.field.focus();
        let end = self.field.value().len();
        let input = self.field.input();
        // Both ends are within the text, so these cannot fail.
        let _ = input.set_position(i32::try_from(end).unwrap_or(i32::MAX));
        let _ = input.set_mark(0);
    }

    pub(super) fn close(&mut self) {
        set_shown(&mut self.row, false);
    }

    pub(super) fn is_open(&self) -> bool {
        self.row.visible()
    }

    /// Returns the search text.
    pub(super) fn wanted(&self) -> String {
        self.field.value()
    }

    /// Shows the number of hits.
    pub(super) fn show_count(&mut self, words: &str) {
        set_label(&mut self.count, words);
    }
}
