//! The reason why a field was rejected, in red below it. Runs on the UI thread.

use fltk::draw;
use fltk::enums::{Align, Font};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use crate::ui::{self, GAP, row, theme};

/// Largest number of lines. The tooltip has all of them.
const LINES_MAX: i32 = 5;

/// The text, hidden while there is none. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(super) struct Reason {
    row: Flex,
    text: Frame,
    /// Width of the labels beside the fields.
    indent: i32,
}

impl Reason {
    /// Creates it as the next row of a card.
    pub(super) fn build(card: &mut Flex, indent: i32) -> Reason {
        let mut row = row();
        let label = Frame::default();
        row.fixed(&label, indent);
        let mut text = Frame::default();
        text.set_align(Align::Left | Align::Top | Align::Inside | Align::Wrap | Align::Clip);
        text.set_label_size(ui::TEXT_SIZE);
        text.set_label_color(theme::ERROR);
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
        let label = ui::escape_label(text);
        let changed = self.text.label() != label;
        if changed {
            self.text.set_label(&label);
            self.text.set_tooltip(&label);
            if text.is_empty() { self.row.hide() } else { self.row.show() }
        }
        changed
    }

    /// Gives the row the height of its text in a card of this width. Returns that height, with the space above it.
    pub(super) fn fit(&mut self, card: &mut Flex, width: i32, pad: i32) -> i32 {
        if !self.row.visible() {
            return 0;
        }
        draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
        let (_, height) = draw::wrap_measure(&self.text.label(), width - self.indent - GAP, true);
        let height = height.min(LINES_MAX * draw::height());
        card.fixed(&self.row, height);
        height + pad
    }
}
