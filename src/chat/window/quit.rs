//! The question before the program ends while some text is unsent. It is a row and not a dialog, as all questions here are.
//! Runs on the UI thread.

use fltk::button::Button;
use fltk::enums::Align;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::WidgetExt as _;

use super::Windows;
use super::conversation::Drawer;
use super::messages::Msg;
use super::private::PrivateWindow;
use super::widgets::{Middle, end_hidden, place};
use crate::chat::state::TalkId;
use crate::ui::{self, row};

/// The widgets of the row.
pub(super) struct QuitBar {
    pub(super) row: Flex,
    drawer: Drawer,
    question: Frame,
    quit: Button,
}

impl QuitBar {
    /// Creates the row, hidden, in a column.
    pub(super) fn build(column: &mut Flex, drawer: &Drawer, send: &(impl Fn(Msg) + Clone + 'static)) -> QuitBar {
        let mut row = row();
        let mut question = ui::note("");
        question.set_align(Align::Left | Align::Inside | Align::Clip);
        let tip = "Forget the unsent text, and quit (Enter, or Ctrl+Q again)";
        let quit = place(&mut row, ui::button("Quit"), 64, tip, send, Msg::Quit);
        place(&mut row, ui::primary_button("Stay"), 64, "Keep the text (Escape)", send, Msg::Stay);
        end_hidden(column, &mut row, ui::CONTROL_HEIGHT);
        drawer.add_bar(&row);
        QuitBar { row, drawer: drawer.clone(), question, quit }
    }

    fn ask(&mut self, talks: usize) {
        let talks = if talks == 1 { "1 talk has".to_owned() } else { format!("{talks} talks have") };
        self.question.set_label(&format!("{talks} unsent text. Quit anyway?"));
        self.drawer.open(&self.row);
        let _ = self.quit.take_focus();
    }
}

impl Windows {
    /// Ends the program for its user, who is asked first while some text is unsent, and who quits by asking again. Returns
    /// whether it ends.
    pub(super) fn quit(&mut self) -> bool {
        let unsent = self.unsent_talks();
        if unsent == 0 || self.widgets.quit.row.visible_r() {
            self.hide();
            return true;
        }
        self.widgets.show_middle(Middle::Conversation);
        // Also from a private window, or from the icon of the main one.
        self.widgets.window.show();
        self.widgets.quit.ask(unsent);
        false
    }

    /// Closes the question, and goes back to the conversation.
    pub(super) fn stay(&mut self) {
        let bar = &self.widgets.quit;
        bar.drawer.close(&bar.row);
        self.focus_middle();
    }

    /// Returns the number of conversations with unsent text: drafts, pasted lines, and messages that may not have arrived.
    fn unsent_talks(&mut self) -> usize {
        self.follow_hidden();
        let own = self.privates.iter().filter(|private| private.talk().is_some());
        let views: Vec<_> = own.map(|PrivateWindow { conversation, .. }| conversation).chain([&self.room]).collect();
        let is_unsent = |talk: &TalkId| {
            let is_written = match views.iter().find(|view| view.talk == *talk) {
                Some(view) => view.has_draft(),
                None => self.hidden.has_draft(*talk),
            };
            is_written || self.chat.talks.whom(*talk).is_some_and(|whom| self.chat.has_unsent(&whom))
        };
        self.chat.talks.ids().filter(is_unsent).count()
    }
}
