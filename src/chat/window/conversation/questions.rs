//! The questions below a conversation: what to do with several pasted lines, whether to send a long text in parts, and whether
//! to change the name. Each is a row in the window and not a dialog: FLTK's dialogs run an event loop inside the callback that opens them, and the callback could
//! then be entered a second time. Runs on the UI thread.

use fltk::button::Button;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::drawer::Drawer;
use super::update::Action;
use crate::chat::state::{PENDING_MAX, spoken};
use crate::chat::window::widgets::{end_hidden, place};
use crate::ui::{self, CONTROL_HEIGHT, Field, GAP, row, set_shown};

/// Width of the button that sends each line as a message, with a number in its label.
const SEND_WIDTH: i32 = 144;

/// The question about several pasted lines.
pub(super) struct PasteQuestion {
    rows: Flex,
    drawer: Drawer,
    text: Frame,
    /// The button that sends them as code, while that is what is most likely wanted, and while it is not.
    as_code: [Button; 2],
    /// The button that sends each as a message, likewise.
    each: [Button; 2],
}

impl PasteQuestion {
    /// Creates its two rows, hidden, in the drawer of a view. In one row they would not fit into a narrow window.
    pub(super) fn build(view: &mut Flex, drawer: &Drawer, send: &(impl Fn(Action) + Clone + 'static)) -> PasteQuestion {
        let mut rows = Flex::default().column();
        rows.set_pad(GAP);
        let mut first = row();
        let text = ui::note("");
        let tip = "Put the lines into the entry, where you can change them";
        place(&mut first, ui::button("Edit"), 60, tip, send, Action::EditPasted);
        place(&mut first, ui::button("Cancel"), 76, "Forget the lines (Escape)", send, Action::ForgetPasted);
        first.end();
        let mut second = row();
        let tip = "Send the lines as one block, with their indentation, between two lines of three backticks";
        let code = "Send as code";
        let mut as_code = |button| place(&mut second, button, 104, tip, send, Action::SendPastedAsCode);
        let as_code = [as_code(ui::primary_button(code)), as_code(ui::button(code))];
        let tip = "Send each line as a message of its own, without empty lines";
        let mut each = |button| place(&mut second, button, SEND_WIDTH, tip, send, Action::SendPasted);
        let each = [each(ui::primary_button("")), each(ui::button(""))];
        let tip = "Put the lines into the entry, with spaces between them";
        place(&mut second, ui::button("Join into one line"), 128, tip, send, Action::JoinPasted);
        let _rest = Frame::default();
        second.end();
        end_hidden(view, &mut rows, 2 * CONTROL_HEIGHT + GAP);
        drawer.add_bar(&rows);
        PasteQuestion { rows, drawer: drawer.clone(), text, as_code, each }
    }

    /// Asks what to do with these lines.
    pub(super) fn ask(&mut self, lines: &[String]) {
        let messages = spoken(lines).len();
        self.text.set_label(&match lines.len() {
            count if messages > PENDING_MAX => format!("{count} lines are too many to send at once."),
            count => format!("You have pasted {count} lines."),
        });
        let is_code = lines.iter().any(|line| line.starts_with([' ', '\t']));
        let ([code, plain_code], [each, plain_each]) = (&mut self.as_code, &mut self.each);
        for button in [&mut *each, &mut *plain_each] {
            button.set_label(&format!("Send {messages} messages"));
        }
        for (button, shown) in [(code, is_code), (plain_code, !is_code), (each, !is_code), (plain_each, is_code)] {
            set_shown(button, shown);
        }
        self.drawer.open(&self.rows);
    }

    /// Hides the question.
    pub(super) fn close(&mut self) {
        self.drawer.close(&self.rows);
    }

    /// Returns whether the question is what was opened last.
    pub(super) fn is_newest(&self) -> bool {
        self.drawer.is_newest(&self.rows)
    }
}

/// The question whether to send a text in parts that is too long for one message. The text stays in the entry.
pub(super) struct PartsQuestion {
    row: Flex,
    drawer: Drawer,
    yes: Button,
}

impl PartsQuestion {
    /// Creates the row, hidden, in the drawer of a view.
    pub(super) fn build(view: &mut Flex, drawer: &Drawer, send: &(impl Fn(Action) + Clone + 'static)) -> PartsQuestion {
        let mut row = row();
        let _text = ui::note("Send it in parts?");
        let tip = "Send the text in parts, split between words (Enter)";
        let yes = place(&mut row, ui::primary_button(""), SEND_WIDTH, tip, send, Action::SendInParts);
        place(&mut row, ui::button("Cancel"), 76, "Change the text (Escape)", send, Action::KeepWhole);
        end_hidden(view, &mut row, CONTROL_HEIGHT);
        drawer.add_bar(&row);
        PartsQuestion { row, drawer: drawer.clone(), yes }
    }

    /// Asks about this number of parts.
    pub(super) fn ask(&mut self, parts: usize) {
        self.yes.set_label(&format!("Send {parts} messages"));
        self.drawer.open(&self.row);
    }

    /// Returns whether the question is what was opened last.
    pub(super) fn is_newest(&self) -> bool {
        self.drawer.is_newest(&self.row)
    }

    /// Hides the question.
    pub(super) fn close(&self) {
        if self.drawer.is_open(&self.row) {
            self.drawer.close(&self.row);
        }
    }
}

/// The question under which name to leave and come back.
pub(super) struct NameQuestion {
    row: Flex,
    drawer: Drawer,
    field: Field,
}

impl NameQuestion {
    /// Creates the row, hidden, in the drawer of a view.
    pub(super) fn build(view: &mut Flex, drawer: &Drawer, send: &(impl Fn(Action) + Clone + 'static)) -> NameQuestion {
        let mut row = row();
        let text = ui::note("Leave and come back as");
        row.fixed(&text, 164);
        let mut field = Field::bare();
        let entered = send.clone();
        field.on_enter(move || entered(Action::ChangeName));
        let tip = "End the connection, and connect again under this name (Enter)";
        place(&mut row, ui::primary_button("Change"), 84, tip, send, Action::ChangeName);
        place(&mut row, ui::button("Cancel"), 76, "Keep your name (Escape)", send, Action::KeepName);
        end_hidden(view, &mut row, CONTROL_HEIGHT);
        drawer.add_bar(&row);
        NameQuestion { row, drawer: drawer.clone(), field }
    }

    /// Asks, with a proposed name. The user has asked for the question, so it gets the keyboard focus.
    pub(super) fn ask(&mut self, proposed: &str) {
        self.field.set_value(proposed);
        self.drawer.open(&self.row);
        self.field.focus();
        self.field.caret_to_end();
    }

    /// Returns whether the question is what was opened last.
    pub(super) fn is_newest(&self) -> bool {
        self.drawer.is_newest(&self.row)
    }

    /// Returns the name in the field.
    pub(super) fn name(&self) -> String {
        self.field.value().trim().to_owned()
    }

    /// Hides the question.
    pub(super) fn close(&self) {
        self.drawer.close(&self.row);
    }
}
