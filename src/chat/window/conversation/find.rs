//! The row that finds text in the conversation: a field, the number of hits, and the buttons to the next and the
//! previous one. Runs on the UI thread.

use fltk::app;
use fltk::button::Button;
use fltk::enums::{Event, Key};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, InputExt as _, WidgetExt as _};

use crate::chat::render::find::Towards;
use crate::chat::window::widgets::{row, show_row};
use crate::ui::{self, Field};

/// The widgets of the row. Cloning them gives other handles to the same.
#[derive(Clone)]
pub(super) struct FindBar {
    row: Flex,
    field: Field,
    count: Frame,
    older: Button,
    newer: Button,
    everywhere: Button,
    close: Button,
}

/// An action of the user in the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Search for this text.
    For(String),
    /// Go to the next or the previous hit.
    Step(Towards),
    /// Search for this text in the server's history.
    Everywhere(String),
    /// End the search.
    Close,
}

impl FindBar {
    /// Creates the row, hidden, in a column.
    pub(super) fn build(column: &mut Flex) -> FindBar {
        let mut row = row();
        let mut field = Field::bare();
        // No label before it, because a private window may be narrow.
        field.set_hint("Find");
        let count = ui::note("");
        row.fixed(&count, 76);
        let button = |row: &mut Flex, label, width, tooltip| {
            let mut button = ui::button(label);
            button.set_tooltip(tooltip);
            row.fixed(&button, width);
            button
        };
        let older = button(&mut row, "Older", 62, "The one before (Enter or Up)");
        let newer = button(&mut row, "Newer", 62, "The one after (Shift+Enter or Down)");
        let everywhere = button(&mut row, "Everywhere", 92, "Searches all that the server remembers (Ctrl+Shift+F)");
        let close = button(&mut row, "Close", 62, "Looks no more (Escape)");
        row.end();
        column.fixed(&row, ui::CONTROL_HEIGHT);
        row.hide();
        FindBar { row, field, count, older, newer, everywhere, close }
    }

    /// Calls `found` with each action of the user.
    pub(super) fn bind(&self, found: impl Fn(Finding) + Clone + 'static) {
        let FindBar { mut field, mut older, mut newer, mut everywhere, mut close, .. } = self.clone();
        let notify = found.clone();
        field.on_change(move |text| notify(Finding::For(text)));
        let notify = found.clone();
        field.on_event(move |event| {
            let towards = match app::event_key() {
                _ if event != Event::KeyDown => return false,
                Key::Enter | Key::KPEnter if app::is_event_shift() => Towards::Newer,
                Key::Enter | Key::KPEnter | Key::Up => Towards::Older,
                Key::Down => Towards::Newer,
                _ => return false,
            };
            notify(Finding::Step(towards));
            true
        });
        let on_click = |button: &mut Button, what: Finding| {
            let notify = found.clone();
            button.set_callback(move |_| notify(what.clone()));
        };
        on_click(&mut older, Finding::Step(Towards::Older));
        on_click(&mut newer, Finding::Step(Towards::Newer));
        on_click(&mut close, Finding::Close);
        let (notify, typed) = (found.clone(), self.field.clone());
        everywhere.set_callback(move |_| notify(Finding::Everywhere(typed.value())));
    }

    /// Hides "Everywhere": private messages are in no server's history.
    pub(super) fn be_private(&mut self) {
        self.everywhere.hide();
        self.row.layout();
    }

    /// Shows the row, with the last search text selected so that typing replaces it.
    pub(super) fn open(&mut self) {
        show_row(&mut self.row, true);
        self.field.focus();
        let end = self.field.value().len();
        let input = self.field.input();
        // Both ends are within the text, so these cannot fail.
        let _ = input.set_position(i32::try_from(end).unwrap_or(i32::MAX));
        let _ = input.set_mark(0);
    }

    pub(super) fn close(&mut self) {
        show_row(&mut self.row, false);
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
        if self.count.label() != words {
            self.count.set_label(words);
        }
    }
}
