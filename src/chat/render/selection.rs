//! Places in the text of a page, and what is selected between two of them. Pure; runs on the UI thread.

use std::ops::Range;

use crate::chat::state::talks::message_log::Position;

/// A piece of one line: bytes of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Position at which the line is shown.
    pub entry: Position,
    /// First byte within the line.
    pub start: usize,
    /// Number of bytes.
    pub len: usize,
}

/// A place in the text of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// Position at which the line is shown.
    pub entry: Position,
    /// Byte within the line.
    pub byte: usize,
}

/// The selected text, from its first point to its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Its beginning.
    pub from: Point,
    /// Its end.
    pub to: Point,
}

/// The unit in which the mouse selects: by a press, a double click, a triple click.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Character by character.
    #[default]
    Letter,
    /// Words, and whole links.
    Word,
    /// Whole messages.
    Message,
}

impl Selection {
    /// Returns the selection of a piece of one line.
    pub fn of(span: Span) -> Selection {
        let Span { entry, start, len } = span;
        Selection { from: Point { entry, byte: start }, to: Point { entry, byte: start + len } }
    }

    /// Returns the selection from the beginning of one to the end of the other.
    #[must_use]
    pub fn with(self, other: Selection) -> Selection {
        Selection { from: self.from.min(other.from), to: self.to.max(other.to) }
    }

    /// Returns whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.from == self.to
    }

    /// Returns whether it extends over more than one line. Whole lines are selected then.
    pub fn is_across(&self) -> bool {
        self.from.entry != self.to.entry
    }

    /// Returns the selected bytes of a line of `length` bytes.
    pub fn bytes(&self, entry: Position, length: usize) -> Range<usize> {
        if !(self.from.entry..=self.to.entry).contains(&entry) {
            0..0
        } else if self.is_across() {
            0..length
        } else {
            self.from.byte.min(length)..self.to.byte.min(length)
        }
    }
}
