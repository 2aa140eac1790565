//! The conversation in a text display: appended to, trimmed, extended at the top, and scrolled to the end unless the
//! reader has scrolled up.
//!
//! The source of truth is the model's [`RenderedLog`]; nothing is read back from the widget. Runs on the UI thread.
//!
//! FLTK can wrap "at the bounds" of the display, and then counts the lines of the whole text anew with every change:
//! with 10,000 lines that takes longer than a tick. Wrapping at a number of pixels counts only the changed lines, so
//! the width is set here, and set again after the window has been resized.
//!
//! In a long text FLTK only estimates how many rows there are outside of the visible part. Where a line must stand in
//! an exact row ([`Anchor`]), the error of the estimate is known after drawing and corrected then.
//!
//! Text added or removed above the visible part leaves that where it is: see [`StableScroll`].

use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

use fltk::prelude::{DisplayExt as _, WidgetBase as _, WidgetExt as _};
use fltk::text::{PositionType, TextBuffer, TextDisplay, WrapMode};

mod anchor;
mod place;

use super::style::{SCROLLBAR, style_table};
use crate::chat::render::rendered_log::{Edit, RenderedLog};
use crate::chat::state::{MessageLog, Pending, Position, Splice};
use crate::clock::Clock;
use crate::ui::StableScroll;
use anchor::Anchor;
pub(super) use place::SavedPlace;

/// FLTK's own margins left and right of the text, and two pixels to be sure.
const BESIDE_TEXT: i32 = SCROLLBAR + 8;

/// The view of a conversation's text.
pub(super) struct Transcript {
    display: TextDisplay,
    scroll: StableScroll,
    text: TextBuffer,
    styles: TextBuffer,
    clock: Clock,
    /// The text that is shown.
    pub(super) rendered: RenderedLog,
    /// The reader is at the end, and new entries scroll the display.
    following: bool,
    /// Number of entries that arrived while not following, below the visible part.
    pub(super) unseen: u64,
    /// Number of the first visible row at the last tick.
    top: i32,
    anchor: Option<Anchor>,
    /// An anchor that has reached the first row: the row's first byte, and the anchor. Anchoring each resize to the row
    /// of the one before would drift to the beginning of a long entry while a window is resized step by step.
    kept: Option<(i32, Anchor)>,
    /// The reader's position when the search began, and whether it was following.
    search_start: (Option<Anchor>, bool),
    /// Width of the display when its lines were wrapped.
    width: i32,
    state: Rc<DisplayState>,
}

/// State recorded by the widget's callbacks.
#[derive(Default)]
struct DisplayState {
    /// Drawn since the last change: the scroll position is the reader's.
    drawn: Cell<bool>,
    /// Drawn at least once.
    measured: Cell<bool>,
    /// Drawn since the last [`was_redrawn`](Transcript::was_redrawn): another link may be under the mouse.
    redrawn: Cell<bool>,
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
        let state = Rc::new(DisplayState::default());
        let noticed = Rc::clone(&state);
        display.draw(move |_| {
            noticed.drawn.set(true);
            noticed.measured.set(true);
            noticed.redrawn.set(true);
        });
        let noticed = Rc::clone(&state);
        display.resize_callback(move |_, _, _, _, _| noticed.resized.set(true));
        let mut transcript = Transcript {
            scroll: StableScroll::new(&display),
            display,
            text,
            styles,
            rendered: RenderedLog::new(clock.clone()),
            clock,
            following: true,
            unseen: 0,
            top: 0,
            anchor: None,
            kept: None,
            search_start: (None, true),
            width: -1,
            state,
        };
        transcript.wrap();
        transcript
    }

    /// Returns true while the reader holds the text: see [`StableScroll::is_held`].
    pub(super) fn is_held(&self) -> bool {
        self.scroll.is_held()
    }

    /// Returns true while a mouse button is down that was pressed in the text.
    pub(super) fn is_pressed(&self) -> bool {
        self.scroll.is_pressed()
    }

    /// Returns whether the display was drawn since the last call.
    pub(super) fn was_redrawn(&self) -> bool {
        self.state.redrawn.take()
    }

    /// Processes the user's scrolling and resizing. Returns whether another widget needs a redraw. Neither this nor
    /// `draw` may be called while the text [is held](Transcript::is_held).
    pub(super) fn tick(&mut self) -> bool {
        if self.state.resized.take() {
            self.wrap();
            self.show_end_if_following();
        } else if self.state.drawn.get() {
            self.correct_anchor();
            if self.anchor.is_none() {
                self.following = self.is_at_end();
            }
        }
        self.following && self.unseen > 0
    }

    /// Returns the entries in view, if the reader has scrolled up since the last call or, with `tries`, has tried to.
    pub(super) fn scrolled_up(&mut self, tries: bool) -> Option<(Position, Position)> {
        if !self.state.drawn.get() {
            return None;
        }
        let top = self.display.scroll_row();
        let up = top < std::mem::replace(&mut self.top, top);
        (up || tries).then(|| (self.entry_at(self.first_byte()), self.entry_at(self.bottom()) + 1))
    }

    /// Returns the last entry in view.
    pub(super) fn last_in_view(&self) -> Position {
        if self.following || !self.state.measured.get() { self.rendered.end() } else { self.entry_at(self.bottom()) }
    }

    /// Returns the entry that contains a byte.
    fn entry_at(&self, byte: i32) -> Position {
        self.rendered.entry_at(usize::try_from(byte).unwrap_or(0))
    }

    /// Selects an entry and scrolls it into view.
    pub(super) fn show_entry(&mut self, entry: Position) {
        if let Some(line) = self.rendered.line(entry) {
            self.show(&line);
            self.anchor = Some(Anchor { entry, before_end: None, row: None, tries: 0 });
        }
    }

    /// Records the reader's position when a search begins.
    pub(super) fn note_search_start(&mut self) {
        self.search_start = (self.first_row_anchor(&[]), self.following);
    }

    /// Returns to that position, because nothing was found.
    pub(super) fn return_to_search_start(&mut self) {
        self.unselect();
        match self.search_start {
            (_, true) => self.follow(),
            (Some(place), _) => {
                self.following = false;
                // The display may still be on its way to an earlier hit.
                if let Some(at) = self.row_start(&place) {
                    self.display.set_insert_position(at);
                }
                self.scroll_to(place);
            }
            (None, _) => {}
        }
    }

    /// Scrolls to the end and follows new entries.
    pub(super) fn follow(&mut self) {
        self.following = true;
        self.show_end_if_following();
    }

    /// Applies the log's changes to the display: appends new entries in one edit, inserts those in between, and removes
    /// those that the model has dropped.
    pub(super) fn draw<'a>(
        &mut self,
        log: &MessageLog,
        me: &str,
        pending: impl IntoIterator<Item = &'a Pending>,
        new_from: Option<Position>,
        splices: &[Splice],
    ) {
        if self.following {
            self.unseen = 0;
        }
        let written = self.rendered.end();
        let place = self.first_row_anchor(splices);
        self.search_start.0 = self.search_start.0.map(|began| began.after(splices));
        let mut edits = self.rendered.splice(log, me, splices);
        edits.extend(self.rendered.update(log, me, pending, new_from));
        if edits.is_empty() {
            return;
        }
        if !self.following {
            self.unseen += u64::try_from(self.rendered.end() - written).unwrap_or(0);
        }
        for edit in edits {
            self.apply(&edit);
        }
        self.kept = None;
        if let Some(place) = place {
            self.scroll_to(place);
        }
        self.state.drawn.set(false);
        self.show_end_if_following();
    }

    fn apply(&mut self, edit: &Edit) {
        let (start, end) = (count(edit.at), count(edit.at + edit.removed));
        // The styles go first, because the change of the text makes the display read both.
        self.styles.replace(start, end, &edit.new.styles);
        self.text.replace(start, end, &edit.new.text);
        self.top = self.scroll.keep_row();
    }

    fn select(&mut self, piece: &Range<usize>) {
        self.text.select(count(piece.start), count(piece.end));
    }

    /// Selects a range and scrolls it into view.
    pub(super) fn show(&mut self, piece: &Range<usize>) {
        let end = count(piece.end);
        self.select(piece);
        self.following = false;
        (self.anchor, self.kept) = (None, None);
        self.display.set_insert_position(end);
        self.display.show_insert_position();
        self.state.drawn.set(false);
    }

    /// Returns the selected range.
    pub(super) fn selection(&self) -> Option<Range<usize>> {
        let (start, end) = self.text.selection_position()?;
        Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }

    /// Returns the link at the start of the selection.
    pub(super) fn selected_link(&self) -> Option<&str> {
        self.selection().and_then(|selected| self.rendered.link_at(selected.start))
    }

    pub(super) fn unselect(&mut self) {
        self.text.unselect();
    }

    /// Returns the link at a position in the window, with its entry. Returns `None` before the display has drawn the
    /// current text: FLTK then does not know the height of a line and divides by zero. The mouse may be there before.
    pub(super) fn link_at(&self, x: i32, y: i32) -> Option<(Position, &str)> {
        let display = &self.display;
        let is_inside = (display.x()..display.x() + display.w()).contains(&x)
            && (display.y()..display.y() + display.h()).contains(&y);
        if !self.state.drawn.get() || !is_inside {
            return None;
        }
        let at = usize::try_from(display.xy_to_position(x, y, PositionType::Character)).ok()?;
        Some((self.rendered.entry_at(at), self.rendered.link_at(at)?))
    }

    /// Wraps the lines at the width of the display.
    fn wrap(&mut self) {
        if self.width == self.display.w() {
            return;
        }
        self.width = self.display.w();
        let place = self.first_row_anchor(&[]);
        let kept = self.kept.filter(|(top, _)| place.is_some() && *top == self.first_byte());
        self.display.wrap_mode(WrapMode::AtPixel, (self.width - BESIDE_TEXT).max(50));
        self.top = self.scroll.keep_row();
        if let Some(place) = kept.map(|(_, anchor)| Anchor { tries: 0, ..anchor }).or(place) {
            self.scroll_to(place);
        }
        self.state.drawn.set(false);
    }

    fn show_end_if_following(&mut self) {
        if self.following {
            self.anchor = None;
            self.unseen = 0;
            self.display.set_insert_position(self.text.length());
            self.display.show_insert_position();
            self.state.drawn.set(false);
        }
    }

    /// Returns whether the last line is in view. FLTK keeps the row at the bottom free for half a line, so it is empty
    /// then.
    fn is_at_end(&self) -> bool {
        self.bottom() >= self.text.length()
    }
}

/// Converts a byte count to FLTK's `i32`. The size limit of the conversation keeps every count far below its maximum.
fn count(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}
