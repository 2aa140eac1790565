//! The trust prompt below the conversation: asks whether to trust a server with an unknown or changed certificate. Its
//! text can be selected and copied. Enter presses the focused answer, Escape says no. Runs on the UI thread.

use std::time::Instant;

use fltk::app;
use fltk::button::Button;
use fltk::group::Flex;
use fltk::prelude::{DisplayExt as _, GroupExt as _, WidgetExt as _};
use fltk::text::{TextBuffer, TextDisplay, WrapMode};

use super::Windows;
use super::messages::Msg;
use super::widgets::{end_hidden, place, plate, text_display};
use crate::chat::state::TrustPrompt;
use crate::ui::{self, CONTROL_HEIGHT, GAP, row, set_shown};

/// Six lines, and a little.
const TEXT_HEIGHT: i32 = 134;

/// The widgets.
pub(super) struct TrustPromptBar {
    column: Flex,
    text: TextDisplay,
    words: TextBuffer,
    yes: Button,
    no: Button,
    copy: Button,
}

impl TrustPromptBar {
    /// Creates the prompt, hidden, in a column.
    pub(super) fn build(outer: &mut Flex, send: &(impl Fn(Msg) + Clone + 'static)) -> TrustPromptBar {
        let mut column = Flex::default().column();
        column.set_pad(GAP);
        let mut plate = plate();
        let mut text = text_display(&mut plate);
        text.wrap_mode(WrapMode::AtBounds, 0);
        let words = TextBuffer::default();
        text.set_buffer(words.clone());
        plate.end();
        let mut answers = row();
        // It looks like the other buttons, so that no user is led to press it.
        let yes = place(&mut answers, ui::button(""), 172, "", send, Msg::Trust);
        let tip = "Nothing is sent, and nothing remembered (Escape)";
        let no = place(&mut answers, ui::button(""), 104, tip, send, Msg::Distrust);
        let (copy, tip) = (ui::button("Copy the fingerprint"), "To compare it with what the server prints");
        let copy = place(&mut answers, copy, 172, tip, send, Msg::CopyFingerprint);
        // Takes the rest of the row.
        fltk::frame::Frame::default();
        answers.end();
        column.fixed(&answers, CONTROL_HEIGHT);
        end_hidden(outer, &mut column, TEXT_HEIGHT + GAP + CONTROL_HEIGHT);
        TrustPromptBar { column, text, words, yes, no, copy }
    }

    /// Shows this prompt, or hides it.
    fn show(&mut self, prompt: Option<&TrustPrompt>) {
        set_shown(&mut self.column, prompt.is_some());
        let Some(prompt) = prompt else { return };
        self.words.set_text(&prompt.words());
        self.text.scroll(0, 0);
        self.yes.set_label(prompt.yes());
        self.no.set_label(prompt.no());
    }

    /// Returns whether the keyboard focus is in the prompt.
    fn has_focus(&self) -> bool {
        app::focus().is_some_and(|widget| widget.inside(&self.column))
    }

    /// Returns the buttons that Enter presses.
    pub(super) fn answers(&self) -> [Button; 3] {
        [self.yes.clone(), self.no.clone(), self.copy.clone()]
    }
}

impl Windows {
    /// Focuses the default answer.
    pub(super) fn focus_on_answer(&mut self) {
        let bar = &mut self.widgets.trust_prompt;
        let yes = self.chat.link.trust_prompt().is_some_and(TrustPrompt::is_yes_at_hand);
        let _ = if yes { bar.yes.take_focus() } else { bar.no.take_focus() };
    }

    /// Updates the prompt. A user whose focus is not in the fields above keeps it, and answers with the mouse or comes
    /// here by Tab.
    pub(super) fn draw_trust_prompt(&mut self) {
        let prompt = self.chat.link.trust_prompt();
        let asked = prompt.map(|prompt| (prompt.fingerprint.clone(), prompt.about.clone()));
        if self.shown_trust_prompt != asked {
            self.widgets.trust_prompt.show(prompt);
            self.shown_trust_prompt = asked;
        }
    }

    pub(super) fn trust(&mut self, now: Instant) {
        let answers = self.widgets.trust_prompt.has_focus();
        let before = self.chat.link.trust_prompt().map(|prompt| prompt.about.clone());
        self.chat.accept_certificate(now);
        self.draw();
        let asked = self.chat.link.trust_prompt().map(|prompt| &prompt.about);
        if !answers || asked == before.as_ref() {
            // The answer came from the mouse, or too soon.
        } else if asked.is_some() {
            self.focus_on_answer();
        } else {
            // The answers are hidden. From this button the focus moves on once the connection is made.
            let _ = self.widgets.card.cancel.take_focus();
        }
    }

    pub(super) fn distrust(&mut self) {
        let answers = self.widgets.trust_prompt.has_focus();
        self.chat.link.take_trust_prompt();
        self.draw();
        if answers {
            self.widgets.card.focus();
        }
    }
}
