//! The question about a server's certificate, unknown or changed, as a card in the middle of the room's window. Its text can
//! be selected. Enter presses the focused answer, which is "no" at first; Escape says no. Runs on the UI thread.

use std::time::Instant;

use fltk::app;
use fltk::button::Button;
use fltk::draw;
use fltk::enums::{Align, Color, Font, FrameType, LabelType};
use fltk::frame::Frame;
use fltk::group::{Flex, FlexType, Group};
use fltk::prelude::{DisplayExt as _, GroupExt as _, WidgetBase as _, WidgetExt as _};
use fltk::text::{TextBuffer, TextDisplay, WrapMode};

use super::Windows;
use super::messages::Msg;
use super::widgets::{Middle, on_click, place, plate, text_display};
use crate::chat::found_servers;
use crate::chat::state::TrustPrompt;
use crate::ui::{self, CONTROL_HEIGHT, row, theme};

/// Largest width of the card.
const WIDTH_MAX: i32 = 560;
/// Space between the edge of the card and its rows, and between the rows.
const PADDING: i32 = 14;
const PAD: i32 = 8;
/// Width of the coloured edge.
const EDGE: i32 = 5;
const HEADING_SIZE: i32 = 15;
/// Smallest width of an answer.
const ANSWER_WIDTH: i32 = 182;
const COPY_WIDTH: i32 = 72;
/// Space around the text on its plate.
const TEXT_INSET: i32 = 16;

/// The card. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(super) struct TrustCard {
    /// The place of the card, which fills the middle.
    place: Group,
    card: Flex,
    heading: Frame,
    /// The fingerprint, which the frame draws in groups.
    fingerprint: Frame,
    fingerprint_row: Flex,
    text: TextDisplay,
    words: TextBuffer,
    answers: Flex,
    yes: Button,
    no: Button,
}

impl TrustCard {
    /// Creates the card, hidden, in the open group.
    pub(super) fn build(send: &(impl Fn(Msg) + Clone + 'static)) -> TrustCard {
        let mut place_of_card = Group::default();
        place_of_card.set_frame(FrameType::FlatBox);
        place_of_card.set_color(theme::BACKGROUND);
        place_of_card.hide();
        let mut card = Flex::default().column();
        card.set_frame(FrameType::RFlatBox);
        card.set_color(theme::BACKGROUND);
        card.set_margins(PADDING + EDGE, PADDING, PADDING, PADDING);
        card.set_pad(PAD);
        let mut heading = Frame::default();
        heading.set_align(Align::Left | Align::Inside | Align::Wrap);
        heading.set_label_font(Font::HelveticaBold);
        heading.set_label_size(HEADING_SIZE);
        heading.set_label_color(theme::TEXT);
        let mut fingerprint_row = row();
        let mut fingerprint = Frame::default();
        fingerprint.set_label_type(LabelType::None);
        fingerprint.draw(|frame| {
            let (x, y, w, h) = (frame.x(), frame.y(), frame.w(), frame.h());
            draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
            set_fingerprint_font();
            draw::set_draw_color(theme::TEXT);
            let lines = in_groups(&frame.label(), groups_in(w));
            for (line, text) in (0..).zip(lines) {
                draw::draw_text(&text, x + 3, y + draw::height() * (line + 1) - draw::descent());
            }
        });
        let tip = "Copy the whole fingerprint";
        place(&mut fingerprint_row, ui::button("Copy"), COPY_WIDTH, tip, send, Msg::CopyFingerprint);
        fingerprint_row.end();
        let mut ground = plate();
        let mut text = text_display(&mut ground);
        text.wrap_mode(WrapMode::AtBounds, 0);
        let words = TextBuffer::default();
        text.set_buffer(words.clone());
        ground.end();
        let answers = row();
        // It looks like the other buttons, so that no user is led to press it.
        let mut yes = ui::button("");
        on_click(&mut yes, send, Msg::Trust);
        let mut no = ui::button("");
        no.set_tooltip("Nothing is sent or remembered (Escape)");
        on_click(&mut no, send, Msg::Distrust);
        answers.end();
        card.end();
        place_of_card.end();
        let mut all = TrustCard {
            place: place_of_card,
            card,
            heading,
            fingerprint,
            fingerprint_row,
            text,
            words,
            answers,
            yes,
            no,
        };
        let mut fitted = all.clone();
        all.place.resize_callback(move |_, _, _, _, _| fitted.fit());
        all
    }

    /// Returns the widget for a layout.
    pub(super) fn place(&mut self) -> &mut Group {
        &mut self.place
    }

    /// Shows this question, with a warning behind it.
    fn show(&mut self, prompt: &TrustPrompt, warning: Option<&str>) {
        self.heading.set_label(&ui::escape_label(&prompt.heading()));
        self.fingerprint.set_label(&prompt.fingerprint);
        let words = [Some(prompt.words().as_str()), warning].into_iter().flatten().collect::<Vec<_>>().join("\n\n");
        self.words.set_text(&words);
        self.text.scroll(0, 0);
        self.yes.set_label(prompt.yes());
        self.no.set_label(prompt.no());
        let edge: Color = if prompt.is_warning() || warning.is_some() { theme::ERROR } else { theme::WARN };
        self.card.draw(move |card| {
            let (x, y, w, h) = (card.x(), card.y(), card.w(), card.h());
            draw::set_draw_color(theme::RAISED);
            draw::draw_rounded_rect(x, y, w, h, 8);
            draw::draw_rect_fill(x, y, EDGE, h, edge);
        });
        self.fit();
    }

    /// Returns whether the keyboard focus is in the question.
    pub(super) fn has_focus(&self) -> bool {
        app::focus().is_some_and(|widget| widget.inside(&self.place))
    }

    /// Focuses the answer that changes nothing.
    pub(super) fn focus(&mut self) {
        let _ = self.no.take_focus();
    }

    /// Gives the card its size, in the middle of its place. The text is scrolled where there is no room for it.
    fn fit(&mut self) {
        let (x, y, w, h) = (self.place.x(), self.place.y(), self.place.w(), self.place.h());
        let width = w.min(WIDTH_MAX);
        let inner = width - 2 * PADDING - EDGE;
        draw::set_font(Font::HelveticaBold, HEADING_SIZE);
        let heading = draw::wrap_measure(&self.heading.label(), inner, true).1;
        self.card.fixed(&self.heading, heading);
        set_fingerprint_font();
        let lines = in_groups(&self.fingerprint.label(), groups_in(inner - COPY_WIDTH - ui::GAP));
        let fingerprint = (draw::height() * i32::try_from(lines.len()).unwrap_or(1)).max(CONTROL_HEIGHT);
        self.card.fixed(&self.fingerprint_row, fingerprint);
        let is_narrow = inner < 2 * ANSWER_WIDTH + ui::GAP;
        self.answers.set_type(if is_narrow { FlexType::Column } else { FlexType::Row });
        let answers = if is_narrow { 2 * CONTROL_HEIGHT + ui::GAP } else { CONTROL_HEIGHT };
        self.card.fixed(&self.answers, answers);
        draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
        let words = draw::wrap_measure(&self.words.text(), inner - 2 * TEXT_INSET, false).1;
        // One line more than is measured, and each a little higher, as FLTK's display has them.
        let words = (words / draw::height().max(1) + 1) * (draw::height() + 2) + TEXT_INSET;
        let height = (heading + fingerprint + words + answers + 3 * PAD + 2 * PADDING).min(h);
        self.card.resize(x + (w - width) / 2, y + (h / 8).min(h - height), width, height);
        self.place.redraw();
    }
}

fn set_fingerprint_font() {
    draw::set_font(Font::Courier, ui::TEXT_SIZE);
}

/// Returns how many groups of a fingerprint have room beside each other, in the current font: 1, 2, 4 or 8.
fn groups_in(width: i32) -> usize {
    let group = ui::text_width("00:00:00:00  ").max(1);
    [8, 4, 2].into_iter().find(|groups| group * groups <= width).map_or(1, |groups| groups.unsigned_abs() as usize)
}

/// Returns the bytes of a fingerprint in groups of four, in lines of this many groups.
fn in_groups(fingerprint: &str, groups: usize) -> Vec<String> {
    let bytes: Vec<&str> = fingerprint.trim_start_matches("SHA256:").split(':').collect();
    let in_line = |line: &[&str]| line.chunks(4).map(|group| group.join(":")).collect::<Vec<_>>().join("  ");
    bytes.chunks(4 * groups).map(in_line).collect()
}

impl Windows {
    /// Updates the question. It takes the place of the card, where the user waits for the connection; a user who is at the
    /// conversation reads of it in the status line, and comes here by the button in the top bar.
    pub(super) fn draw_trust_prompt(&mut self) {
        let prompt = self.chat.link.trust_prompt();
        let asked = prompt.map(|prompt| (prompt.fingerprint.clone(), prompt.about.clone()));
        if self.shown_trust_prompt != asked {
            if let Some(prompt) = prompt {
                let warning = found_servers::warning(&self.announced, &prompt.fingerprint);
                self.widgets.trust.show(prompt, warning);
            } else if self.widgets.middle() == Middle::Question {
                self.widgets.show_middle(Middle::Card);
            }
            self.shown_trust_prompt = asked;
        }
    }

    pub(super) fn trust(&mut self, now: Instant) {
        let answers = self.widgets.trust.has_focus();
        let before = self.shown_trust_prompt.clone();
        self.chat.accept_certificate(now);
        self.draw();
        if !answers || self.shown_trust_prompt == before {
            // The answer came from the mouse, or too soon.
        } else if self.shown_trust_prompt.is_some() {
            self.widgets.trust.focus();
        } else {
            // From this button the focus moves on once the connection is made.
            let _ = self.widgets.card.cancel.take_focus();
        }
    }

    pub(super) fn distrust(&mut self) {
        let answers = self.widgets.trust.has_focus();
        self.chat.link.take_trust_prompt();
        self.draw();
        if answers {
            self.widgets.card.focus();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::in_groups;

    #[test]
    fn a_fingerprint_is_shown_in_groups_of_four_bytes() {
        let bytes: Vec<String> = (0..32).map(|byte| format!("{byte:02X}")).collect();
        let fingerprint = format!("SHA256:{}", bytes.join(":"));
        let lines = in_groups(&fingerprint, 4);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0], "00:01:02:03  04:05:06:07  08:09:0A:0B  0C:0D:0E:0F");
        assert_eq!(in_groups(&fingerprint, 1).len(), 8);
        assert_eq!(in_groups("SHA256:0A", 4), ["0A"]);
    }
}
