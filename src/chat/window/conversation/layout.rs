//! The widgets of a conversation: the messages, the entry, and the rows around them. The room's window and the private
//! windows each place them in their own way. A button here only sends its [`Action`]. Runs on the UI thread.

use fltk::button::Button;
use fltk::enums::{Align, Font, FrameType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{DisplayExt as _, GroupExt as _, WidgetExt as _};
use fltk::text::TextDisplay;

use super::reading::ToolBars;
use super::style::SCROLLBAR;
use super::update::Action;
use super::writing::Writing;
use crate::chat::window::widgets::{end_hidden, place, plate, set_label, text_display};
use crate::ui::{self, CONTROL_HEIGHT, Field, StatusLine, row, set_shown, theme};

/// Height of the line that names the users who are typing.
const TYPING_HEIGHT: i32 = 18;

/// The widgets.
pub(in crate::chat::window) struct ConversationWidgets {
    pub(in crate::chat::window) display: TextDisplay,
    typing: Frame,
    question: Question,
    pub(in crate::chat::window) entry: Field,
    pub(super) counter: Frame,
    /// "3 new below".
    newer: Button,
    send: Button,
    pub(in crate::chat::window) status: StatusLine,
    /// Everything in the window.
    pub(super) all: Flex,
}

/// The upper part: the messages on their plate, and below them the line that names the users who are typing.
pub(in crate::chat::window) struct MessagePane {
    text: TextDisplay,
    typing: Frame,
}

impl MessagePane {
    /// Creates it as the next child of the open layout.
    pub(in crate::chat::window) fn build() -> MessagePane {
        let mut plate = plate();
        let mut text = text_display(&mut plate);
        text.set_scrollbar_size(SCROLLBAR);
        let mut typing = Frame::default();
        typing.set_frame(FrameType::FlatBox);
        typing.set_color(theme::SURFACE);
        typing.set_align(Align::Left | Align::Inside | Align::Clip);
        typing.set_label_font(Font::HelveticaItalic);
        typing.set_label_size(ui::TEXT_SIZE - 2);
        typing.set_label_color(theme::MUTED);
        // The line is there while it is empty too, so that nothing moves when a user starts typing.
        plate.fixed(&typing, TYPING_HEIGHT);
        plate.end();
        MessagePane { text, typing }
    }
}

impl ConversationWidgets {
    /// Creates the rows below `messages` as the last rows of `view`, and the status line as the last one of `all`. Ends
    /// both.
    pub(in crate::chat::window) fn build(
        mut all: Flex,
        mut view: Flex,
        messages: MessagePane,
        is_private: bool,
        send: &(impl Fn(Action) + Clone + 'static),
    ) -> (ConversationWidgets, ToolBars) {
        view.begin();
        let bars = ToolBars::build(&mut view, is_private, send);
        let question = Question::build(&mut view, send);
        let mut bottom = row();
        let entry = Field::bare();
        let counter = Writing::build_counter(&mut bottom);
        let tip = "Goes to the newest line (Ctrl+End)";
        let mut newer = place(&mut bottom, ui::button(""), 120, tip, send, Action::ShowNewest);
        let tip = "Sends the message (Enter).\nUp and Down: what you sent. Tab: completes a name. /help has the rest.";
        let send_button = place(&mut bottom, ui::primary_button("Send"), 84, tip, send, Action::Send);
        bottom.end();
        view.fixed(&bottom, CONTROL_HEIGHT);
        view.end();

        all.begin();
        let status = StatusLine::new();
        all.fixed(status.widget(), StatusLine::HEIGHT);
        all.end();

        newer.hide();
        // So that the widgets have their places before the first draw.
        all.layout();
        let widgets = ConversationWidgets {
            display: messages.text,
            typing: messages.typing,
            question,
            entry,
            counter,
            newer,
            send: send_button,
            status,
            all,
        };
        (widgets, bars)
    }

    /// Enables or disables the Send button.
    pub(super) fn set_sending(&mut self, can_send: bool) {
        if self.send.active() == can_send {
            return;
        }
        if can_send {
            self.send.activate();
        } else {
            let had_keyboard = self.send.has_focus();
            self.send.deactivate();
            if had_keyboard {
                self.entry.focus();
            }
        }
    }

    /// Asks what to do with this number of pasted lines. `None` hides the question.
    pub(super) fn ask_about(&mut self, lines: Option<usize>) {
        if let Some(lines) = lines {
            self.question.text.set_label(&format!("You have pasted {lines} lines."));
            self.question.send.set_label(&format!("Send {lines} messages"));
        }
        set_shown(&mut self.question.row, lines.is_some());
    }

    /// Shows the line that names the users who are typing.
    pub(super) fn show_typing(&mut self, words: &str) {
        set_label(&mut self.typing, &ui::escape_label(words));
    }

    /// Returns the line that names the users who are typing.
    pub(in crate::chat::window) fn typing(&self) -> String {
        self.typing.label()
    }

    /// Shows the button that counts the messages below the visible part.
    pub(super) fn show_newer(&mut self, unseen: u64) {
        if unseen == 0 && !self.newer.visible() {
            return;
        }
        set_label(
            &mut self.newer,
            &if unseen > 999 { "999+ new below".to_owned() } else { format!("{unseen} new below") },
        );
        set_shown(&mut self.newer, unseen > 0);
    }
}

/// The question about several pasted lines. It is a row in the window and not a dialog: FLTK's dialogs run an event
/// loop inside the callback that opens them, and the callback could then be entered a second time.
struct Question {
    row: Flex,
    text: Frame,
    send: Button,
}
impl Question {
    fn build(column: &mut Flex, send: &(impl Fn(Action) + Clone + 'static)) -> Question {
        let mut row = row();
        let text = ui::note("");
        let send_all = place(&mut row, ui::primary_button(""), 176, "", send, Action::SendPasted);
        place(&mut row, ui::button("Make it one"), 108, "", send, Action::JoinPasted);
        place(&mut row, ui::button("Cancel"), 84, "", send, Action::ForgetPasted);
        end_hidden(column, &mut row, CONTROL_HEIGHT);
        Question { row, text, send: send_all }
    }
}
