//! The widgets of a conversation: the messages, the entry, and the rows around them. The room's window and the private
//! windows each place them in their own way. A button here only sends its [`Action`]. Runs on the UI thread.

use fltk::button::Button;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};
use fltk::widget::Widget;

use super::drawer::Drawer;
use super::reading::ToolBars;
use super::results::SearchResults;
use super::transcript;
use super::under_line::UnderLine;
use super::update::Action;
use super::writing::Writing;
use crate::chat::window::widgets::{end_hidden, place, plate, set_label};
use crate::ui::{self, CONTROL_HEIGHT, Field, StatusLine, row, set_shown};

/// The widgets.
pub(in crate::chat::window) struct ConversationWidgets {
    pub(in crate::chat::window) display: Widget,
    pub(super) under: UnderLine,
    pub(in crate::chat::window) drawer: Drawer,
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

/// The upper part: the messages on their plate, with the line below them.
pub(in crate::chat::window) struct MessagePane {
    text: Widget,
    under: UnderLine,
}

impl MessagePane {
    /// Creates it as the next child of the open layout.
    pub(in crate::chat::window) fn build() -> MessagePane {
        let mut plate = plate();
        let text = transcript::build_widget(&mut plate);
        let under = UnderLine::build(&mut plate);
        plate.end();
        MessagePane { text, under }
    }
}

impl ConversationWidgets {
    /// Creates the rows below `messages` and the drawer as the last rows of `view`, and the status line as the last one of
    /// `all`. Ends both. The main window has a list of search results.
    pub(in crate::chat::window) fn build(
        mut all: Flex,
        mut view: Flex,
        messages: MessagePane,
        (drawer, results): (Drawer, Option<SearchResults>),
        send: &(impl Fn(Action) + Clone + 'static),
    ) -> (ConversationWidgets, ToolBars) {
        view.begin();
        let bars = ToolBars::build(&mut view, &drawer, results, send);
        let question = Question::build(&mut view, send);
        drawer.add_bar(&question.row);
        let mut bottom = row();
        let entry = Field::bare();
        let counter = Writing::build_counter(&mut bottom);
        let tip = "Go to the newest line (Ctrl+End)";
        let mut newer = place(&mut bottom, ui::button(""), 120, tip, send, Action::ShowNewest);
        let tip = "Send the message (Enter).\nUp and Down: what you sent. Tab: completes a name. /help has the rest.";
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
            under: messages.under,
            drawer,
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

    /// Asks what to do with this number of pasted lines.
    pub(super) fn ask_about(&mut self, lines: usize) {
        self.question.text.set_label(&format!("You have pasted {lines} lines."));
        self.question.send.set_label(&format!("Send {lines} messages"));
        self.drawer.open(&self.question.row);
    }

    /// Returns the question about pasted lines.
    pub(super) fn question(&self) -> &Flex {
        &self.question.row
    }

    /// Returns who the other user of a private conversation is.
    pub(in crate::chat::window) fn about(&self) -> String {
        self.under.about().unwrap_or_default()
    }

    /// Returns the line that names the users who are typing.
    pub(in crate::chat::window) fn typing(&self) -> String {
        self.under.typing()
    }

    /// Returns the outcome of the user's last action and the state of the connection, in one line.
    pub(in crate::chat::window) fn status(&self) -> String {
        let state = self.status.text();
        match self.under.outcome() {
            Some(outcome) if state.is_empty() => outcome,
            Some(outcome) => format!("{outcome} | {state}"),
            None => state,
        }
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
