//! The widgets of a conversation: the messages, the entry, and the rows around them. The room's window and the private
//! windows each place them in their own way. A button here only sends its [`Action`]. Runs on the UI thread.

use fltk::button::Button;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};
use fltk::widget::Widget;

use super::drawer::Drawer;
use super::questions::{NameQuestion, PartsQuestion, PasteQuestion};
use super::reading::ToolBars;
use super::results::SearchResults;
use super::transcript;
use super::under_line::UnderLine;
use super::update::Action;
use super::writing::Writing;
use crate::chat::window::widgets::{at_bottom, keep_at_bottom, place, plate, set_label};
use crate::ui::{self, CONTROL_HEIGHT, Entry, StatusLine, row, set_shown};

/// The widgets.
pub(in crate::chat::window) struct ConversationWidgets {
    pub(in crate::chat::window) display: Widget,
    pub(super) under: UnderLine,
    pub(in crate::chat::window) drawer: Drawer,
    pub(super) paste: PasteQuestion,
    pub(super) parts: PartsQuestion,
    pub(super) name: NameQuestion,
    pub(in crate::chat::window) entry: Entry,
    pub(super) counter: (Flex, Frame),
    newer_place: Flex,
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
        let under = UnderLine::build(&mut plate, &text);
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
        let paste = PasteQuestion::build(&mut view, &drawer, send);
        let parts = PartsQuestion::build(&mut view, &drawer, send);
        let name = NameQuestion::build(&mut view, &drawer, send);
        let mut bottom = row();
        let mut entry = Entry::new();
        let counter = Writing::build_counter(&mut bottom);
        let tip = "Go to the newest line (Ctrl+End)";
        let build = |row: &mut Flex| place(row, ui::button(""), 120, tip, send, Action::ShowNewest);
        let (mut newer_place, newer) = at_bottom(&mut bottom, 120, build);
        let tip = "Send the message (Enter). F1 shows all keys and commands.";
        let build = |row: &mut Flex| place(row, ui::primary_button("Send"), 84, tip, send, Action::Send);
        let (send_place, send_button) = at_bottom(&mut bottom, 84, build);
        bottom.end();
        view.fixed(&bottom, CONTROL_HEIGHT);
        view.end();
        let mut column = view.clone();
        let mut places = [counter.0.clone(), newer_place.clone(), send_place];
        entry.on_height(move |height| {
            places.iter_mut().for_each(|place| keep_at_bottom(place, height));
            column.fixed(&bottom, height);
            column.layout();
            column.redraw();
        });

        all.begin();
        let status = StatusLine::new();
        all.fixed(status.widget(), StatusLine::HEIGHT);
        all.end();

        newer_place.hide();
        // So that the widgets have their places before the first draw.
        all.layout();
        let widgets = ConversationWidgets {
            display: messages.text,
            under: messages.under,
            drawer,
            paste,
            parts,
            name,
            entry,
            counter,
            newer_place,
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
        if unseen == 0 && !self.newer_place.visible() {
            return;
        }
        set_label(
            &mut self.newer,
            &if unseen > 999 { "999+ new below".to_owned() } else { format!("{unseen} new below") },
        );
        set_shown(&mut self.newer_place, unseen > 0);
    }
}
