//! The question whether a server is the one that the user means, below the conversation: words that can be selected and
//! copied, and the answers. Enter presses the answer that has the keyboard, Escape says no. Runs on the UI thread.

use std::time::Instant;

use fltk::app;
use fltk::button::Button;
use fltk::enums::{Event, Key};
use fltk::group::Flex;
use fltk::prelude::{DisplayExt as _, GroupExt as _, WidgetExt as _};
use fltk::text::{TextBuffer, TextDisplay, WrapMode};

use super::ChatWindow;
use super::conversation::{plate, row, show_row};
use crate::chat::state::TrustPrompt;
use crate::ui::{self, CONTROL_HEIGHT, GAP, theme};

/// Six lines, and a little.
const TEXT_HEIGHT: i32 = 134;

/// The widgets. Cloning them gives other handles to the same.
#[derive(Clone)]
pub(super) struct TrustPromptBar {
    column: Flex,
    text: TextDisplay,
    words: TextBuffer,
    yes: Button,
    no: Button,
    copy: Button,
}

impl TrustPromptBar {
    /// Makes it, hidden, within a column.
    pub(super) fn build(outer: &mut Flex) -> TrustPromptBar {
        let mut column = Flex::default().column();
        column.set_pad(GAP);
        let mut plate = plate();
        let mut text = TextDisplay::default();
        text.set_frame(fltk::enums::FrameType::FlatBox);
        text.set_color(theme::SURFACE);
        text.set_text_color(theme::TEXT);
        text.set_text_size(ui::TEXT_SIZE);
        text.set_selection_color(theme::ACCENT);
        text.wrap_mode(WrapMode::AtBounds, 0);
        text.show_cursor(false);
        let words = TextBuffer::default();
        text.set_buffer(words.clone());
        ui::style_scrollbars(&text);
        ui::ring(&mut plate, &text);
        plate.end();
        let mut answers = row();
        // It looks like the others: nobody is to be led to press it.
        let yes = ui::button("");
        answers.fixed(&yes, 172);
        let mut no = ui::button("");
        no.set_tooltip("Nothing is sent, and nothing remembered (Escape)");
        answers.fixed(&no, 104);
        let mut copy = ui::button("Copy the fingerprint");
        copy.set_tooltip("To compare it with what the server prints");
        answers.fixed(&copy, 172);
        // What is left of the row.
        fltk::frame::Frame::default();
        answers.end();
        column.fixed(&answers, CONTROL_HEIGHT);
        column.end();
        outer.fixed(&column, TEXT_HEIGHT + GAP + CONTROL_HEIGHT);
        column.hide();
        TrustPromptBar { column, text, words, yes, no, copy }
    }

    /// Asks this, or nothing.
    fn show(&mut self, stranger: Option<&TrustPrompt>) {
        show_row(&mut self.column, stranger.is_some());
        let Some(stranger) = stranger else { return };
        self.words.set_text(&stranger.words());
        self.text.scroll(0, 0);
        self.yes.set_label(stranger.yes());
        self.no.set_label(stranger.no());
    }

    /// Whether the keyboard is here.
    fn has_keyboard(&self) -> bool {
        app::focus().is_some_and(|widget| widget.inside(&self.column))
    }
}

impl ChatWindow {
    pub(super) fn wire_stranger(&self) {
        let call = |action: fn(&mut ChatWindow)| {
            let mut window = self.clone();
            move |_: &mut Button| action(&mut window)
        };
        let mut bar = self.widgets.stranger.clone();
        bar.yes.set_callback(call(ChatWindow::say_yes));
        bar.no.set_callback(call(ChatWindow::say_no));
        bar.copy.set_callback(call(|window| {
            if let Some(stranger) = window.chat.borrow().trust_prompt() {
                app::copy(stranger.fingerprint());
            }
        }));
    }

    /// Gives the keyboard to the answer that is at hand.
    pub(super) fn focus_on_answer(&mut self) {
        let bar = &mut self.widgets.stranger;
        let yes = self.chat.borrow().trust_prompt().is_some_and(TrustPrompt::is_yes_at_hand);
        let _ = if yes { bar.yes.take_focus() } else { bar.no.take_focus() };
    }

    /// Brings the question up to date. Whoever is not at the fields above keeps the keyboard, and answers with the mouse, or
    /// comes here by Tab.
    pub(super) fn draw_stranger(&mut self) {
        let stranger = self.chat.borrow().trust_prompt().cloned();
        let asked = stranger.as_ref().map(|stranger| (stranger.fingerprint().to_owned(), stranger.kind().clone()));
        if *self.asked.borrow() != asked {
            self.asked.replace(asked);
            self.widgets.stranger.show(stranger.as_ref());
        }
    }

    fn say_yes(&mut self) {
        let answers = self.widgets.stranger.has_keyboard();
        let before = self.chat.borrow().trust_prompt().map(|stranger| stranger.kind().clone());
        self.chat.borrow_mut().accept_certificate(Instant::now());
        self.draw();
        let asked = self.chat.borrow().trust_prompt().map(|stranger| stranger.kind().clone());
        if !answers || asked == before {
            // It is answered with the mouse, or was too soon.
        } else if asked.is_some() {
            self.focus_on_answer();
        } else {
            // The answers are gone, and this is where the keyboard goes on from when the connection is there.
            let _ = self.widgets.leave.take_focus();
        }
    }

    fn say_no(&mut self) {
        let answers = self.widgets.stranger.has_keyboard();
        self.chat.borrow_mut().decline_certificate();
        self.draw();
        if answers {
            self.widgets.server.focus();
        }
    }

    /// Enter presses a button of the question. To be called with each event that nobody wanted.
    pub(super) fn stranger_shortcut(&mut self, event: Event) -> bool {
        let bar = &self.widgets.stranger;
        self.chat.borrow().trust_prompt().is_some() && ui::enter_presses(event, &[&bar.yes, &bar.no, &bar.copy])
    }

    /// Escape says no. To be called with each event that means nothing else, since a key that is to close something that is
    /// open must not answer a question that has just come.
    pub(super) fn stranger_escape(&mut self, event: Event) -> bool {
        let says_no =
            event == Event::KeyDown && app::event_key() == Key::Escape && self.chat.borrow().trust_prompt().is_some();
        if says_no {
            self.say_no();
        }
        says_no
    }
}
