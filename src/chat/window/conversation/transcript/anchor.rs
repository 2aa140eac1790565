//! Keeps the text that is being read in its row of the display while the text above it changes. Runs on the UI thread.

use fltk::prelude::{DisplayExt as _, WidgetExt as _};
use fltk::text::PositionType;

use super::{Transcript, count};
use crate::chat::state::{Position, Splice};

/// Further up than any display is.
const ABOVE: i32 = -100_000;

/// An entry that must stand in a given row of the display, counted from 0. Without a row, the entry must only be in
/// view.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchor {
    pub(super) entry: Position,
    /// The byte of the entry that stands in the row, counted from the entry's end. `None` is the entry's first line.
    pub(super) before_end: Option<usize>,
    pub(super) row: Option<i32>,
    /// Number of corrections so far.
    pub(super) tries: u32,
}

impl Anchor {
    /// Moves the anchor along with its entry after these changes.
    pub(super) fn after(self, splices: &[Splice]) -> Anchor {
        Anchor { entry: splices.iter().fold(self.entry, |entry, splice| splice.moved(entry)), ..self }
    }
}

/// Maximum number of corrections. An anchor that there is not enough text to scroll to is then given up.
const TRIES_MAX: u32 = 5;

impl Transcript {
    /// Returns an anchor that keeps the first visible row where it is across these changes to the log.
    pub(super) fn first_row_anchor(&mut self, splices: &[Splice]) -> Option<Anchor> {
        if self.following {
            return None;
        }
        if let Some(anchor) = self.anchor {
            return Some(anchor.after(splices));
        }
        // Before the draw the row is not known: the display is still on its way to another position.
        if !self.state.drawn.get() {
            return None;
        }
        let top = self.first_byte();
        let mut entry = self.rendered.entry_at(usize::try_from(top).ok()?);
        // An entry that is removed is no position to stay at; the one below it stays.
        if let [splice] = splices
            && splice.removes(entry)
        {
            entry = splice.before;
        }
        let line = self.rendered.line(entry)?;
        let (start, before_end) = (count(line.start), count(line.end) - top);
        let anchor = Anchor { entry, before_end: None, row: None, tries: 0 }.after(splices);
        Some(if top > start {
            Anchor { before_end: usize::try_from(before_end).ok(), row: Some(0), ..anchor }
        } else {
            Anchor { row: Some(self.rows_between(top, start)), ..anchor }
        })
    }

    /// Scrolls an anchor into its row, as exactly as is possible before drawing.
    pub(super) fn scroll_to(&mut self, anchor: Anchor) {
        self.anchor = Some(anchor);
        match (self.row_start(&anchor), anchor.row) {
            (Some(at), Some(row)) => {
                let off_by = self.rows_between(self.first_byte(), at) - row;
                self.scroll_by(off_by);
            }
            (Some(_), None) => {}
            // The anchor's entry was the oldest, and has been removed.
            (None, _) => {
                self.anchor = None;
                self.scroll_by(1 - self.display.scroll_row());
            }
        }
    }

    /// Returns the first byte of the row that contains an anchor.
    pub(super) fn row_start(&self, anchor: &Anchor) -> Option<i32> {
        let line = self.rendered.line(anchor.entry)?;
        let before_end = anchor.before_end.unwrap_or(line.len());
        Some(self.display.line_start(count(line.end.saturating_sub(before_end).max(line.start))))
    }

    /// Corrects the row of the anchor after drawing.
    pub(super) fn correct_anchor(&mut self) {
        let Some(mut anchor) = self.anchor.take() else { return };
        let Some(at) = self.row_start(&anchor) else { return };
        let top = self.first_byte();
        let Some(row) = anchor.row else {
            if !(top..=self.bottom()).contains(&at) {
                // An entry that must only be in view goes into the upper half.
                self.scroll_to(Anchor { row: Some(5), ..anchor });
            }
            return;
        };
        // The reader has scrolled on, or there is not enough text to scroll.
        if self.display.scroll_row() != self.top {
            return;
        }
        let off_by = self.rows_between(top, at) - row;
        if off_by == 0 || anchor.tries == TRIES_MAX {
            self.kept = Some((top, anchor));
        } else {
            anchor.tries += 1;
            self.anchor = Some(anchor);
            self.scroll_by(off_by);
        }
    }

    pub(super) fn scroll_by(&mut self, rows: i32) {
        self.top = self.scroll.scroll_by(rows);
        self.state.drawn.set(false);
    }

    /// Returns the number of rows between two row starts, negative if `to` is above `from`.
    pub(super) fn rows_between(&mut self, from: i32, to: i32) -> i32 {
        let (mut at, end) = (from.min(to), from.max(to));
        let mut rows = 0;
        while at < end {
            let next = self.display.skip_lines(at, 1, true);
            // At the end of the text, `skip_lines` does not advance.
            if next <= at {
                break;
            }
            at = next;
            rows += 1;
        }
        if from <= to { rows } else { -rows }
    }

    /// Returns the first byte in view. FLTK maps any position above the display to its first row.
    pub(super) fn first_byte(&self) -> i32 {
        self.display.xy_to_position(self.display.x(), ABOVE, PositionType::Cursor)
    }

    /// Returns the last byte in view.
    pub(super) fn bottom(&self) -> i32 {
        self.display.xy_to_position(self.display.x(), self.display.y() + self.display.h(), PositionType::Cursor)
    }
}
