//! Selecting in a page: everything, a word, a message, and what is left after a change.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use super::Page;
use crate::chat::render::selection::{Point, Selection, Unit};
use crate::chat::state::talks::message_log::{Position, Splice};

impl Page {
    /// Returns the selection of everything that is shown.
    pub fn select_all(&self) -> Option<Selection> {
        let (first, last) = (self.shown_from(self.first())?, self.shown_before(self.end())?);
        let end = self.line(last).map_or(0, |line| line.styled.text.len());
        Some(Selection { from: Point { entry: first, byte: 0 }, to: Point { entry: last, byte: end } })
    }

    /// Returns the smallest unit around a point.
    pub fn select_around(&self, point: Point, unit: Unit) -> Selection {
        let Point { entry, byte } = point;
        let bytes = self.line(entry).map_or(byte..byte, |line| {
            let text = &line.styled.text;
            match unit {
                Unit::Letter => byte..byte,
                Unit::Word => line.styled.link_at(byte).unwrap_or_else(|| word_at(text, byte)),
                Unit::Message => line.body.min(text.len())..text.len(),
            }
        });
        Selection { from: Point { entry, byte: bytes.start }, to: Point { entry, byte: bytes.end } }
    }

    /// Returns a selection with the whole of a name in which it begins or ends: a name is marked as a whole.
    pub fn with_whole_names(&self, selection: Selection) -> Selection {
        let name = |point: Point| self.line(point.entry).map_or(0, |line| line.name);
        let Selection { mut from, mut to } = selection;
        if from.byte < name(from) {
            from.byte = 0;
        }
        if to.byte > 0 {
            to.byte = to.byte.max(name(to));
        }
        Selection { from, to }
    }

    /// Returns a selection after changes to the log, without what is gone; `None` if nothing is left. `settled` is the
    /// end of the log before them: what stands in place of a message without an answer is another one.
    pub fn select_still(&self, selection: Selection, splices: &[Splice], settled: Position) -> Option<Selection> {
        let moved = |point: Point| {
            let entry = splices.iter().fold(point.entry, |entry, splice| splice.moved(entry));
            Point { entry, ..point }
        };
        let (mut from, mut to) = (moved(selection.from), moved(selection.to));
        if to.entry < self.first() || settled <= to.entry && settled < self.settled_end() {
            return None;
        }
        if splices.iter().any(Splice::is_in_place) && (self.is_deleted(from.entry) || self.is_deleted(to.entry)) {
            return None;
        }
        if from.entry < self.first() {
            from = Point { entry: self.first(), byte: 0 };
        }
        // An entry that has become a part of a block is shown where that begins.
        for point in [&mut from, &mut to] {
            let shown = self.shown_at(point.entry)?;
            if shown != point.entry {
                *point = Point { entry: shown, byte: 0 };
            }
        }
        Some(Selection { from: from.min(to), to })
    }
}

/// Returns the word at a byte, or the space or sign there.
fn word_at(text: &str, byte: usize) -> Range<usize> {
    let word = text.split_word_bound_indices().take_while(|(start, _)| *start <= byte).last();
    word.map_or(0..0, |(start, word)| start..start + word.len())
}
