//! The conversation in a text display: appended to, trimmed, and followed to its end unless the reader has scrolled up.
//!
//! The truth is in the model; nothing is read back from the widget. Runs on the UI thread.
//!
//! FLTK can wrap "at the bounds" of the display, and then counts the lines of the whole text anew with every change: with
//! 10,000 lines that takes longer than a tick. Wrapping at a number of pixels counts only what has changed, so the width is
//! set here, and anew when the window has been resized.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use fltk::prelude::{DisplayExt as _, WidgetBase as _, WidgetExt as _};
use fltk::text::{PositionType, TextBuffer, TextDisplay, WrapMode};

use super::layout::{SCROLLBAR, style_table};
use crate::client::Chat;
use crate::client::model::{Styled, Talk, Whom, Writer};
use crate::clock::Clock;

/// FLTK's own margins left and right of the text, and two pixels to be sure.
const BESIDE_TEXT: i32 = SCROLLBAR + 8;

/// The view of a conversation.
pub(super) struct Transcript {
    display: TextDisplay,
    text: TextBuffer,
    styles: TextBuffer,
    writer: Writer,
    clock: Clock,
    /// The position in the conversation up to which it is written.
    written: u64,
    /// The length of each written entry in bytes, oldest first, so that they can be removed again.
    lengths: VecDeque<i32>,
    /// The bytes of all of these together; what follows is what waits for its echo.
    settled: i32,
    /// What waits, as it was drawn.
    tail: Styled,
    /// Does the reader see the end, and want to go on seeing it?
    following: bool,
    /// Entries that came while not following.
    unseen: u64,
    seen: Rc<Seen>,
}

/// What the widget's own callbacks have noticed.
#[derive(Default)]
struct Seen {
    /// It was drawn after the last change: where it stands is where the reader has scrolled to.
    drawn: Cell<bool>,
    resized: Cell<bool>,
}

impl Transcript {
    pub(super) fn new(display: &TextDisplay, clock: Clock) -> Transcript {
        let mut display = display.clone();
        let (mut text, mut styles) = (TextBuffer::default(), TextBuffer::default());
        text.can_undo(false);
        styles.can_undo(false);
        display.set_buffer(text.clone());
        display.set_highlight_data(styles.clone(), style_table());
        let seen = Rc::new(Seen::default());
        let noticed = Rc::clone(&seen);
        display.draw(move |_| noticed.drawn.set(true));
        let noticed = Rc::clone(&seen);
        display.resize_callback(move |_, _, _, _, _| noticed.resized.set(true));
        let mut transcript = Transcript {
            display,
            text,
            styles,
            writer: Writer::new(clock.clone()),
            clock,
            written: 0,
            lengths: VecDeque::new(),
            settled: 0,
            tail: Styled::default(),
            following: true,
            unseen: 0,
            seen,
        };
        transcript.wrap();
        transcript
    }

    /// Sees what the user has done to the display: scrolled, or resized the window. Returns whether that changes what is
    /// shown elsewhere.
    pub(super) fn look(&mut self) -> bool {
        if self.seen.resized.take() {
            self.wrap();
            self.show_end_if_following();
        } else if self.seen.drawn.get() {
            self.following = self.is_at_end();
        }
        self.following && self.unseen > 0
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

    /// Writes what is new, in one append, and drops what the model has dropped.
    pub(super) fn draw(&mut self, chat: &Chat, whom: &Whom) {
        let Some(conversation) = chat.talk(whom).map(Talk::conversation) else { return };
        if self.following {
            self.unseen = 0;
        }
        let mut tail = Styled::default();
        for pending in chat.pending(whom) {
            self.writer.write_pending(&mut tail, chat.my_name(), pending);
        }
        if conversation.end() == self.written && tail == self.tail {
            return;
        }
        self.drop_before(conversation.first());
        let mut new = Styled::default();
        for entry in conversation.since(self.written) {
            let before = new.text.len();
            self.writer.write(&mut new, entry);
            self.lengths.push_back(length(new.text.len() - before));
        }
        if !self.following {
            self.unseen += conversation.end() - self.written;
        }
        self.written = conversation.end();
        let end = self.text.length();
        let settled = length(new.text.len());
        for (buffer, new, tail) in
            [(&mut self.styles, new.styles, &tail.styles), (&mut self.text, new.text, &tail.text)]
        {
            // The styles go first, since it is the change of the text that makes the display look at both.
            buffer.remove(self.settled, end);
            buffer.append(&(new + tail));
        }
        self.settled += settled;
        self.tail = tail;
        self.seen.drawn.set(false);
        self.show_end_if_following();
    }

    /// Drops the entries before a position.
    fn drop_before(&mut self, first: u64) {
        let kept = usize::try_from(self.written.saturating_sub(first)).unwrap_or(usize::MAX);
        let mut gone = 0;
        while self.lengths.len() > kept {
            gone += self.lengths.pop_front().unwrap_or(0);
        }
        if gone > 0 {
            self.styles.remove(0, gone);
            self.text.remove(0, gone);
            self.settled -= gone;
        }
        if self.settled == 0 {
            // As if nothing had ever been written: with no empty line at the top, and with the day said again.
            self.writer = Writer::new(self.clock.clone());
        }
    }

    fn wrap(&mut self) {
        self.display.wrap_mode(WrapMode::AtPixel, (self.display.w() - BESIDE_TEXT).max(50));
        self.seen.drawn.set(false);
    }

    fn show_end_if_following(&mut self) {
        if self.following {
            self.unseen = 0;
            self.display.set_insert_position(self.text.length());
            self.display.show_insert_position();
            self.seen.drawn.set(false);
        }
    }

    /// Is the last line in view? Then there is nothing in the row at the bottom, which FLTK keeps free for half a line.
    fn is_at_end(&self) -> bool {
        let (x, y) = (self.display.x(), self.display.y() + self.display.h());
        self.display.xy_to_position(x, y, PositionType::Cursor) >= self.text.length()
    }
}

/// FLTK counts in `i32`. The cap on the conversation keeps every length far below its limit.
fn length(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}
