//! The row that finds text in the conversation: a field, the number of hits, and the buttons to the next and the
//! previous one. Runs on the UI thread.

use fltk::button::Button;
use fltk::enums::Event;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{InputExt as _, WidgetExt as _};

use super::update::Action;
use crate::chat::input::shortcuts::{KeyAction, Place};
use crate::chat::render::find::Towards;
use crate::chat::window::keys;
use crate::chat::window::widgets::{end_hidden, place, set_label};
use crate::ui::{self, Field, row};

/// The widgets of the row.
pub(super) struct FindBar {
    pub(super) row: Flex,
    pub(super) field: Field,
    count: Frame,
    /// The buttons, each with its labels and its widths: usual, and in a narrow row.
    buttons: Vec<(Button, [&'static str; 2], [i32; 2])>,
    is_narrow: bool,
}

/// Width of the number of hits, and least width of the field where the buttons have their usual labels.
const COUNT: i32 = 76;
const FIELD_MIN: i32 = 90;
/// Labels in a narrow row, which FLTK draws as symbols: up, down, and a cross.
const UP: &str = "@8>";
const DOWN: &str = "@2>";
const CROSS: &str = "@1+";

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
            let action = if event == Event::KeyDown { keys::find(Place::Find) } else { None };
            match action {
                Some(KeyAction::PreviousHit) => stepped(Action::Step(Towards::Older)),
                Some(KeyAction::NextHit) => stepped(Action::Step(Towards::Newer)),
                _ => return false,
            }
            true
        });
        let count = ui::note("");
        row.fixed(&count, COUNT);
        let mut buttons = Vec::new();
        let mut add = |labels: [&'static str; 2], widths: [i32; 2], tip: &str, action| {
            let button = place(&mut row, ui::button(labels[0]), widths[0], tip, send, action);
            buttons.push((button, labels, widths));
        };
        let (older, newer) = (Action::Step(Towards::Older), Action::Step(Towards::Newer));
        add(["Previous", UP], [80, 34], "Previous match (Enter or Up)", older);
        add(["Next", DOWN], [58, 34], "Next match (Shift+Enter or Down)", newer);
        if !is_private {
            let tip = "Search all messages on the server (Ctrl+Shift+F)";
            add(["Search all messages", "All messages"], [154, 104], tip, Action::FindEverywhere);
        }
        add(["Close", CROSS], [62, 34], "Close (Escape)", Action::CloseBar);
        end_hidden(column, &mut row, ui::CONTROL_HEIGHT);
        FindBar { row, field, count, buttons, is_narrow: false }
    }

    /// Gives the buttons shorter labels where their usual ones leave the field too little room. Called with every tick, because
    /// a layout cannot be changed from within another.
    pub(super) fn fit(&mut self) {
        let usual: i32 = self.buttons.iter().map(|(_, _, widths)| ui::GAP + widths[0]).sum();
        let is_narrow = self.row.w() < FIELD_MIN + ui::GAP + COUNT + usual;
        if !self.row.visible() || std::mem::replace(&mut self.is_narrow, is_narrow) == is_narrow {
            return;
        }
        for (button, labels, widths) in &mut self.buttons {
            let at = usize::from(is_narrow);
            button.set_label(labels[at]);
            self.row.fixed(button, widths[at]);
        }
        self.row.layout();
        self.row.redraw();
    }

    /// Focuses the field, with the last search text selected so that typing replaces it.
    pub(super) fn focus(&mut self) {
        self.fit();
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
