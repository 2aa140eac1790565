//! A text on the card that is there when there is something to say: the reason why a field was rejected, below it. Runs on
//! the UI thread.

use fltk::draw;
use fltk::enums::{Align, Color, Font};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use crate::ui::{self, GAP, row};

/// The text, hidden while there is none. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(super) struct Reason {
    row: Flex,
    text: Frame,
    /// Width of the labels beside the fields.
    indent: i32,
}

impl Reason {
    /// Creates it as the next row of a card, in a colour.
    pub(super) fn build(card: &mut Flex, indent: i32, color: Color) -> Reason {
        let mut row = row();
        let label = Frame::default();
        row.fixed(&label, indent);
        let mut text = Frame::default();
        text.set_align(Align::Left | Align::Top | Align::Inside | Align::Wrap | Align::Clip);
        text.set_label_size(ui::TEXT_SIZE);
        text.set_label_color(color);
        row.end();
        card.fixed(&row, 0);
        row.hide();
        Reason { row, text, indent }
    }

    /// Returns the text.
    pub(super) fn text(&self) -> String {
        self.text.label().replace("@@", "@")
    }

    /// Replaces the text. Returns whether it differs.
    pub(super) fn set(&mut self, text: &str) -> bool {
        let label = ui::escape_label(&as_a_sentence(text));
        let changed = self.text.label() != label;
        if changed {
            self.text.set_label(&label);
            self.text.set_tooltip(&label);
            if text.is_empty() { self.row.hide() } else { self.row.show() }
        }
        changed
    }

    /// Returns the height of the text in a card of this width, or `None` without a text.
    pub(super) fn height(&self, width: i32) -> Option<i32> {
        draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
        let measure = || draw::wrap_measure(&self.text.label(), width - self.indent - GAP, true).1;
        self.row.visible().then(measure)
    }

    /// Gives the row a height. What has no room is in the tooltip.
    pub(super) fn set_height(&mut self, card: &mut Flex, height: i32) {
        card.fixed(&self.row, height);
    }
}

/// Returns the text with a capital at its beginning, if a word stands there and not an address.
fn as_a_sentence(text: &str) -> String {
    let (word, rest) = text.split_at(text.find(' ').unwrap_or(0));
    match word.split_at_checked(1) {
        Some((first, _)) if word.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            first.to_ascii_uppercase() + &word[1..] + rest
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::as_a_sentence;

    #[test]
    fn a_reason_begins_with_a_capital_but_not_an_address() {
        for (text, shown) in [
            ("no answer in time: is the address right?", "No answer in time: is the address right?"),
            ("http:// is not for this program", "http:// is not for this program"),
            ("\"x\" is no port", "\"x\" is no port"),
            ("\u{e9} x", "\u{e9} x"),
            ("", ""),
        ] {
            assert_eq!(as_a_sentence(text), shown);
        }
    }
}
