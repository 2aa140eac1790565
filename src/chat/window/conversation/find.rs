//! The row to find something in the conversation: a field, how often it was found, and where to look next.
//! Runs on the UI thread.

use fltk::app;
use fltk::button::Button;
use fltk::enums::{Event, Key};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, InputExt as _, WidgetExt as _};

use super::layout::{row, show_row};
use crate::chat::render::find::Towards;
use crate::ui::{self, Field};

/// The widgets of the row. Cloning them gives other handles to the same.
#[derive(Clone)]
pub(in crate::chat::window) struct FindBar {
    row: Flex,
    field: Field,
    count: Frame,
    older: Button,
    newer: Button,
    everywhere: Button,
    close: Button,
}

/// What somebody does in the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Looks for this.
    For(String),
    /// Looks further.
    Step(Towards),
    /// Looks for this in all that the server remembers.
    Everywhere(String),
    /// Looks no more.
    Close,
}

impl FindBar {
    /// Makes the row, hidden, within a column.
    pub(in crate::chat::window) fn build(column: &mut Flex) -> FindBar {
        let mut row = row();
        let mut field = Field::bare();
        // Not a label before it: a private window may be narrow.
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

    /// Tells `found` what is done in the row.
    pub(in crate::chat::window) fn wire(&self, found: impl Fn(Finding) + Clone + 'static) {
        let FindBar { mut field, mut older, mut newer, mut everywhere, mut close, .. } = self.clone();
        let told = found.clone();
        field.on_change(move |text| told(Finding::For(text)));
        let told = found.clone();
        field.on_event(move |event| {
            let towards = match app::event_key() {
                _ if event != Event::KeyDown => return false,
                Key::Enter | Key::KPEnter if app::is_event_shift() => Towards::Newer,
                Key::Enter | Key::KPEnter | Key::Up => Towards::Older,
                Key::Down => Towards::Newer,
                _ => return false,
            };
            told(Finding::Step(towards));
            true
        });
        let on_click = |button: &mut Button, what: Finding| {
            let told = found.clone();
            button.set_callback(move |_| told(what.clone()));
        };
        on_click(&mut older, Finding::Step(Towards::Older));
        on_click(&mut newer, Finding::Step(Towards::Newer));
        on_click(&mut close, Finding::Close);
        let (told, typed) = (found.clone(), self.field.clone());
        everywhere.set_callback(move |_| told(Finding::Everywhere(typed.value())));
    }

    /// What is said in private is nowhere else.
    pub(in crate::chat::window) fn be_private(&mut self) {
        self.everywhere.hide();
        self.row.layout();
    }

    /// Opens it, with what was looked for the last time to be written over.
    pub(in crate::chat::window) fn open(&mut self) {
        show_row(&mut self.row, true);
        self.field.focus();
        let end = self.field.value().len();
        let input = self.field.input();
        // Both ends are within the text, so these cannot fail.
        let _ = input.set_position(i32::try_from(end).unwrap_or(i32::MAX));
        let _ = input.set_mark(0);
    }

    pub(in crate::chat::window) fn close(&mut self) {
        show_row(&mut self.row, false);
    }

    pub(in crate::chat::window) fn is_open(&self) -> bool {
        self.row.visible()
    }

    /// What is looked for.
    pub(in crate::chat::window) fn wanted(&self) -> String {
        self.field.value()
    }

    /// How it stands.
    pub(in crate::chat::window) fn show_count(&mut self, words: &str) {
        if self.count.label() != words {
            self.count.set_label(words);
        }
    }
}
