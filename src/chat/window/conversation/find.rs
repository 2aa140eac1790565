//! The row that finds text in the conversation: a field, the number of hits, and the buttons to the next and the
//! previous one. Runs on the UI thread.

use fltk::button::Button;
use fltk::draw;
use fltk::enums::Event;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{InputExt as _, WidgetExt as _};

use super::update::Action;
use crate::chat::input::shortcuts::{KeyAction, Place};
use crate::chat::render::find::Towards;
use crate::chat::window::keys;
use crate::chat::window::widgets::{end_hidden, place, set_label};
use crate::ui::{self, Field, row, set_shown, text_width};

/// The widgets of the row.
pub(super) struct FindBar {
    pub(super) row: Flex,
    pub(super) field: Field,
    count: Frame,
    /// The buttons, each with its labels and its widths: usual, in a narrow row, and in two still narrower ones. Without
    /// a width it is hidden, as Enter and the arrow keys do the same.
    buttons: Vec<(Button, Labels, Widths)>,
    /// Index into these, and the width of the number of hits.
    shape: (usize, i32),
}

type Labels = [&'static str; 3];
type Widths = [i32; 4];

/// Least width of the number of hits, and of the field where the buttons have their usual labels.
const COUNT: i32 = 76;
const FIELD_MIN: i32 = 90;
/// Least width of the field.
const FIELD_LEAST: i32 = 60;
/// Gaps, by shape.
const GAPS: [i32; 4] = [ui::GAP, ui::GAP, 4, 4];
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
        let mut add = |labels: Labels, widths: Widths, tip: &str, action| {
            let button = place(&mut row, ui::button(labels[0]), widths[0], tip, send, action);
            buttons.push((button, labels, widths));
        };
        let (older, newer) = (Action::Step(Towards::Older), Action::Step(Towards::Newer));
        add(["Previous", UP, UP], [80, 34, 28, 0], "Previous match (Enter or Up)", older);
        add(["Next", DOWN, DOWN], [58, 34, 28, 0], "Next match (Shift+Enter or Down)", newer);
        if !is_private {
            let tip = "Search all messages on the server (Ctrl+Shift+F)";
            add(["Search all messages", "All messages", "All"], [154, 104, 40, 0], tip, Action::FindEverywhere);
        }
        add(["Close", CROSS, CROSS], [62, 34, 28, 28], "Close (Escape)", Action::CloseBar);
        end_hidden(column, &mut row, ui::CONTROL_HEIGHT);
        FindBar { row, field, count, buttons, shape: (0, COUNT) }
    }

    /// Gives the number of hits its width, and the buttons shorter labels where their usual ones leave the field too little room.
    /// Called with every tick, because a layout cannot be changed from within another.
    pub(super) fn fit(&mut self) {
        if !self.row.visible() {
            return;
        }
        draw::set_font(self.count.label_font(), self.count.label_size());
        let count = COUNT.max(text_width(&self.count.label()) + 4);
        let room = |at: usize| {
            let buttons: i32 = self.buttons.iter().map(|(_, _, widths)| GAPS[at].min(widths[at]) + widths[at]).sum();
            self.row.w() - GAPS[at] - count - buttons
        };
        let at = match () {
            () if room(0) >= FIELD_MIN => 0,
            () if room(1) >= FIELD_LEAST => 1,
            () if room(2) >= FIELD_LEAST => 2,
            () => 3,
        };
        if std::mem::replace(&mut self.shape, (at, count)) == (at, count) {
            return;
        }
        self.row.set_pad(GAPS[at]);
        self.row.fixed(&self.count, count);
        for (button, labels, widths) in &mut self.buttons {
            button.set_label(labels[at.min(2)]);
            self.row.fixed(button, widths[at]);
            set_shown(button, widths[at] > 0);
        }
        self.row.layout();
        ui::redraw_window(&self.row);
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
