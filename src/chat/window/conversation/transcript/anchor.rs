//! Keeps what is read in its row of the display while the text above it changes. Runs on the UI thread.

use fltk::prelude::{DisplayExt as _, WidgetExt as _};
use fltk::text::PositionType;

use super::{Transcript, count};
use crate::chat::state::{Position, Splice};

/// Further up than any display is.
const ABOVE: i32 = -100_000;

/// An entry that is to stand in a certain row of the display, 0 being the first; or, with none, just to be seen.
#[derive(Clone, Copy)]
pub(super) struct Anchor {
    pub(super) entry: Position,
    /// Which place of it stands there: so many bytes before its end; or, with none, where its own line begins.
    pub(super) before_end: Option<usize>,
    pub(super) row: Option<i32>,
    /// How often it has been put right.
    pub(super) tries: u32,
}

impl Anchor {
    /// Goes with its entry, once something has come in between.
    pub(super) fn after(self, splices: &[Splice]) -> Anchor {
        Anchor { entry: splices.iter().fold(self.entry, |entry, splice| splice.moved(entry)), ..self }
    }
}

/// An anchor that cannot be put right, since there is nothing to scroll to, is given up after that.
const TRIES_MAX: u32 = 5;

impl Transcript {
    /// What the reader sees in the first row and is to see there again, once the conversation has changed in this way.
    pub(super) fn first_row_anchor(&mut self, splices: &[Splice]) -> Option<Anchor> {
        if self.following {
            return None;
        }
        if let Some(anchor) = self.anchor {
            return Some(anchor.after(splices));
        }
        // Before that, the row where it is to be is not known: it is on its way to something else.
        if !self.state.drawn.get() {
            return None;
        }
        let top = self.first_byte();
        let mut entry = self.rendered.entry_at(usize::try_from(top).ok()?);
        // What goes is no place to stay at; what is below it stays.
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

    /// Scrolls so that something stands where it is to stand, as well as that can be known before drawing.
    pub(super) fn scroll_to(&mut self, anchor: Anchor) {
        self.anchor = Some(anchor);
        match (self.row_start(&anchor), anchor.row) {
            (Some(at), Some(row)) => {
                let off_by = self.rows_between(self.first_byte(), at) - row;
                self.scroll_by(off_by);
            }
            (Some(_), None) => {}
            // It was the oldest, and is gone.
            (None, _) => {
                self.anchor = None;
                self.scroll_by(1 - self.display.scroll_row());
            }
        }
    }

    /// Where the row begins in which an anchor is.
    pub(super) fn row_start(&self, anchor: &Anchor) -> Option<i32> {
        let line = self.rendered.line(anchor.entry)?;
        let before_end = anchor.before_end.unwrap_or(line.len());
        Some(self.display.line_start(count(line.end.saturating_sub(before_end).max(line.start))))
    }

    /// After drawing: is what is anchored where it is to be?
    pub(super) fn correct_anchor(&mut self) {
        let Some(mut anchor) = self.anchor.take() else { return };
        let Some(at) = self.row_start(&anchor) else { return };
        let top = self.first_byte();
        let Some(row) = anchor.row else {
            if !(top..=self.bottom()).contains(&at) {
                // What is only to be seen comes into the upper half.
                self.scroll_to(Anchor { row: Some(5), ..anchor });
            }
            return;
        };
        // The reader has scrolled on, or it cannot be scrolled so far.
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

    /// How many rows one place is below another; both are where a row begins.
    pub(super) fn rows_between(&mut self, from: i32, to: i32) -> i32 {
        let (mut at, end) = (from.min(to), from.max(to));
        let mut rows = 0;
        while at < end {
            let next = self.display.skip_lines(at, 1, true);
            // At the end of the text it stays.
            if next <= at {
                break;
            }
            at = next;
            rows += 1;
        }
        if from <= to { rows } else { -rows }
    }

    /// The first byte that is in view: what is above the display, wherever that has moved, stands for its first row.
    pub(super) fn first_byte(&self) -> i32 {
        self.display.xy_to_position(self.display.x(), ABOVE, PositionType::Cursor)
    }

    /// The last byte that is in view.
    pub(super) fn bottom(&self) -> i32 {
        self.display.xy_to_position(self.display.x(), self.display.y() + self.display.h(), PositionType::Cursor)
    }
}
