//! The conversation in a text display: appended to, trimmed, added to above, and followed to its end unless the reader
//! has scrolled up.
//!
//! The truth is in the model's [`Page`]; nothing is read back from the widget. Runs on the UI thread.
//!
//! FLTK can wrap "at the bounds" of the display, and then counts the lines of the whole text anew with every change:
//! with 10,000 lines that takes longer than a tick. Wrapping at a number of pixels counts only what has changed, so the
//! width is set here, and anew when the window has been resized.
//!
//! In a long text FLTK only estimates how many rows there are outside of what is seen. Where a line is to stand exactly
//! ([`Anchor`]), it is seen after drawing by how many rows that was wrong.

use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

use fltk::prelude::{DisplayExt as _, WidgetBase as _, WidgetExt as _};
use fltk::text::{PositionType, TextBuffer, TextDisplay, WrapMode};

use super::layout::{SCROLLBAR, style_table};
use crate::client::model::{Conversation, Edit, Page, Pending, Position, Splice};
use crate::clock::Clock;

/// FLTK's own margins left and right of the text, and two pixels to be sure.
const BESIDE_TEXT: i32 = SCROLLBAR + 8;

/// The view of a conversation.
pub(super) struct Transcript {
    display: TextDisplay,
    text: TextBuffer,
    styles: TextBuffer,
    page: Page,
    /// Does the reader see the end, and want to go on seeing it?
    following: bool,
    /// Entries that came while not following.
    unseen: u64,
    /// The row at the top, when that was last looked at.
    top: i32,
    anchor: Option<Anchor>,
    seen: Rc<Seen>,
}

/// An entry that is to stand in a certain row of the display, 0 being the first; or, with none, just to be seen.
#[derive(Clone, Copy)]
struct Anchor {
    entry: Position,
    row: Option<i32>,
}

/// What the widget's own callbacks have noticed.
#[derive(Default)]
struct Seen {
    /// It was drawn after the last change: where it stands is where the reader has scrolled to.
    drawn: Cell<bool>,
    /// It was drawn at all.
    measured: Cell<bool>,
    resized: Cell<bool>,
}

impl Transcript {
    pub(super) fn new(display: &TextDisplay, clock: Clock) -> Transcript {
        let mut display = display.clone();
        let (mut text, mut styles) = (TextBuffer::default(), TextBuffer::default());
        text.can_undo(false);
        styles.can_undo(false);
        display.set_buffer(text.clone());
        display.set_highlight_data_ext(styles.clone(), style_table());
        let seen = Rc::new(Seen::default());
        let noticed = Rc::clone(&seen);
        display.draw(move |_| {
            noticed.drawn.set(true);
            noticed.measured.set(true);
        });
        let noticed = Rc::clone(&seen);
        display.resize_callback(move |_, _, _, _, _| noticed.resized.set(true));
        let mut transcript = Transcript {
            display,
            text,
            styles,
            page: Page::new(clock),
            following: true,
            unseen: 0,
            top: 0,
            anchor: None,
            seen,
        };
        transcript.wrap();
        transcript
    }

    /// What is written.
    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    /// Sees what the user has done to the display: scrolled, or resized the window. Returns whether that changes what
    /// is shown elsewhere.
    pub(super) fn look(&mut self) -> bool {
        if self.seen.resized.take() {
            self.wrap();
            self.show_end_if_following();
        } else if self.seen.drawn.get() {
            self.following = self.is_at_end();
            self.put_right();
        }
        self.following && self.unseen > 0
    }

    /// Which entries are in view, if the reader has scrolled up since this was last asked, or (`tries`) at least tried
    /// to.
    pub(super) fn scrolled_up(&mut self, tries: bool) -> Option<(Position, Position)> {
        if !self.seen.drawn.get() {
            return None;
        }
        let top = self.display.scroll_row();
        let up = top < std::mem::replace(&mut self.top, top);
        (up || tries).then(|| (self.entry_at(self.first_byte()), self.entry_at(self.bottom()) + 1))
    }

    /// The entry that a byte is part of.
    fn entry_at(&self, byte: i32) -> Position {
        self.page.entry_at(usize::try_from(byte).unwrap_or(0))
    }

    /// Selects an entry, and scrolls so that it is seen.
    pub(super) fn show_entry(&mut self, entry: Position) {
        if let Some(line) = self.page.line(entry) {
            self.show(&line);
            self.anchor = Some(Anchor { entry, row: None });
        }
    }

    /// Goes to the end, and stays there.
    pub(super) fn follow(&mut self) {
        self.following = true;
        self.show_end_if_following();
    }

    /// How many entries have come below what the reader sees.
    pub(super) fn unseen(&self) -> u64 {
        self.unseen
    }

    /// Writes what is new, in one append, and what has come in between; and drops what the model has dropped.
    pub(super) fn draw<'a>(
        &mut self,
        conversation: &Conversation,
        me: &str,
        pending: impl IntoIterator<Item = &'a Pending>,
        news: Option<Position>,
        splices: &[Splice],
    ) {
        if self.following {
            self.unseen = 0;
        }
        let written = self.page.end();
        let mut edits = self.page.splice(conversation, me, splices);
        edits.extend(self.page.update(conversation, me, pending, news));
        if edits.is_empty() {
            return;
        }
        if !self.following {
            self.unseen += u64::try_from(self.page.end() - written).unwrap_or(0);
        }
        for edit in edits {
            self.apply(&edit);
        }
        self.seen.drawn.set(false);
        self.show_end_if_following();
    }

    fn apply(&mut self, edit: &Edit) {
        let (start, end, new_end) =
            (count(edit.at), count(edit.at + edit.removed), count(edit.at + edit.new.text.len()));
        // In which row the line is that stays, if the reader sees it or is below it.
        let stays = edit.above && self.seen.measured.get() && !self.following && end <= self.bottom();
        let stays = stays.then(|| (self.first_byte(), self.rows(self.first_byte(), end)));
        // The styles go first, since it is the change of the text that makes the display look at both.
        self.styles.replace(start, end, &edit.new.styles);
        self.text.replace(start, end, &edit.new.text);
        if let Some((top, row)) = stays {
            let entry = self.page.entry_at(edit.at + edit.new.text.len());
            self.anchor.get_or_insert(Anchor { entry, row: Some(row) });
            // What came above all that is seen has moved nothing.
            if start >= top {
                let further = self.rows(top, new_end) - row;
                self.scroll_by(further);
            }
        }
    }

    /// After drawing: is what is anchored where it is to be?
    fn put_right(&mut self) {
        let Some(Anchor { entry, row }) = self.anchor.take() else { return };
        let Some(at) = self.page.line(entry).map(|line| count(line.start)) else { return };
        let in_view = (self.first_byte()..=self.bottom()).contains(&at);
        // What is only to be seen comes into the upper half.
        let Some(row) = row.or((!in_view).then_some(5)) else { return };
        let wrong_by = self.rows(self.first_byte(), at) - row;
        if wrong_by != 0 {
            self.scroll_by(wrong_by);
        }
    }

    fn scroll_by(&mut self, rows: i32) {
        self.top = self.display.scroll_row() + rows;
        // FLTK does so when it draws next.
        self.display.scroll(self.top, self.display.scroll_col());
        self.seen.drawn.set(false);
    }

    /// How many rows one place is below another; both are where a row begins.
    fn rows(&mut self, from: i32, to: i32) -> i32 {
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

    /// The first byte that is in view.
    fn first_byte(&self) -> i32 {
        self.display.xy_to_position(self.display.x(), self.display.y(), PositionType::Cursor)
    }

    /// The last byte that is in view.
    fn bottom(&self) -> i32 {
        self.display.xy_to_position(self.display.x(), self.display.y() + self.display.h(), PositionType::Cursor)
    }

    /// Selects a piece of it, and scrolls so that it is seen.
    pub(super) fn show(&mut self, piece: &Range<usize>) {
        let (start, end) = (count(piece.start), count(piece.end));
        self.text.select(start, end);
        self.following = false;
        self.display.set_insert_position(end);
        self.display.show_insert_position();
        self.seen.drawn.set(false);
    }

    /// What is selected.
    pub(super) fn selection(&self) -> Option<Range<usize>> {
        let (start, end) = self.text.selection_position()?;
        Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }

    /// The link that is selected, or with which the selection begins.
    pub(super) fn selected_link(&self) -> Option<&str> {
        self.selection().and_then(|selected| self.page.link_at(selected.start))
    }

    pub(super) fn unselect(&mut self) {
        self.text.unselect();
    }

    /// The link at a place in the window.
    pub(super) fn link_at(&self, x: i32, y: i32) -> Option<&str> {
        // Until it has drawn, FLTK does not know how high a line is, and divides by zero (the mouse may be there before).
        if !self.seen.measured.get() {
            return None;
        }
        let at = self.display.xy_to_position(x, y, PositionType::Character);
        self.page.link_at(usize::try_from(at).ok()?)
    }

    fn wrap(&mut self) {
        self.display.wrap_mode(WrapMode::AtPixel, (self.display.w() - BESIDE_TEXT).max(50));
        self.seen.drawn.set(false);
    }

    fn show_end_if_following(&mut self) {
        if self.following {
            self.anchor = None;
            self.unseen = 0;
            self.display.set_insert_position(self.text.length());
            self.display.show_insert_position();
            self.seen.drawn.set(false);
        }
    }

    /// Is the last line in view? Then there is nothing in the row at the bottom, which FLTK keeps free for half a line.
    fn is_at_end(&self) -> bool {
        self.bottom() >= self.text.length()
    }
}

/// FLTK counts in `i32`. The cap on the conversation keeps every count far below its limit.
fn count(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}
