//! The log on the screen: appends the model's new lines, and removes the lines that the model has dropped.
//!
//! Main thread only. The log itself is in the model; the toolkit's buffers are written and never read. A second buffer has one
//! style byte for each byte of text, so every change to one buffer is made to the other.

use std::collections::VecDeque;

use fltk::app;
use fltk::enums::{Font, FrameType};
use fltk::prelude::{DisplayExt as _, WidgetExt as _};
use fltk::text::{StyleTableEntry, TextBuffer, TextDisplay, WrapMode};
use log::Level;

use crate::clock::Clock;
use crate::monitor::model::{Line, Log, LogFilter};
use crate::text_runs::runs;
use crate::ui::{self, StableScroll, theme};

/// Font of the log. It is not a fixed-width one: FLTK takes missing characters from another font, and if that is higher, as
/// Chinese is beside most fixed-width fonts, it draws the line too low and cuts it off.
const FONT: Font = Font::Helvetica;
const SIZE: i32 = 13;

/// FLTK's own margins left and right of the text, and two pixels of reserve.
const BESIDE_TEXT: i32 = 8;

/// The bytes of the style buffer: indices into the table of styles, counted from `A`.
const TIME: u8 = b'A';
const TEXT: u8 = b'B';
const WARN: u8 = b'C';
const ERROR: u8 = b'D';
/// Number of styles. The table contains each twice: the second is for high scripts, which are drawn separately (see
/// [`runs`]).
const STYLES: u8 = 4;

/// The display of the log, and its position in the model's log.
#[derive(Debug)]
pub(super) struct LogView {
    clock: Clock,
    display: TextDisplay,
    steady: StableScroll,
    text: TextBuffer,
    styles: TextBuffer,
    /// Number of the next line to append.
    next: u64,
    /// The number of each displayed line, and its length in bytes with the newline.
    lengths: VecDeque<(u64, i32)>,
    /// Version of the filter that these lines passed.
    version: u64,
    /// If true, the display scrolls to new lines: the reader is at the end.
    follows: bool,
    /// First visible row after the last tick.
    row: i32,
    /// Width at which the lines were last wrapped, in pixels.
    width: i32,
    /// Width, height and first visible row at which the last line was found to be visible; `None` after a change of the text.
    at_end: Option<(i32, i32, i32)>,
}

impl LogView {
    /// Creates an empty display in the current group.
    pub(super) fn new(clock: Clock) -> LogView {
        let mut display = TextDisplay::default();
        let (mut text, styles) = (TextBuffer::default(), TextBuffer::default());
        text.can_undo(false);
        display.set_buffer(text.clone());
        display.set_frame(FrameType::FlatBox);
        display.set_color(theme::SURFACE);
        display.set_text_font(FONT);
        display.set_text_size(SIZE);
        display.set_text_color(theme::TEXT);
        display.set_selection_color(theme::ACCENT);
        display.show_cursor(false);
        let entry = |color, font| StyleTableEntry { color, font, size: SIZE };
        let looks = [
            entry(theme::MUTED, FONT),
            entry(theme::TEXT, FONT),
            entry(theme::WARN, Font::HelveticaBold),
            entry(theme::ERROR, Font::HelveticaBold),
        ];
        display.set_highlight_data(styles.clone(), [looks; 2].concat());
        ui::style_scrollbars(&display);
        LogView {
            clock,
            steady: StableScroll::new(&display),
            display,
            text,
            styles,
            next: 0,
            lengths: VecDeque::new(),
            version: 0,
            follows: true,
            row: 0,
            width: 0,
            at_end: None,
        }
    }

    /// Returns the widget that takes the keyboard focus.
    pub(super) fn widget(&self) -> &TextDisplay {
        &self.display
    }

    /// Appends the lines that have arrived since the last call. Called with every tick.
    ///
    /// The display follows its end until the reader scrolls up, and again once the reader is back at the end. While the reader
    /// holds a mouse button in the text, or scrolls, nothing is written.
    pub(super) fn show(&mut self, log: &Log, filter: &LogFilter) {
        if self.steady.is_held() {
            return;
        }
        if self.version != filter.version() {
            self.begin_anew(filter.version());
        }
        self.wrap();

        let row = self.display.scroll_row();
        if row != self.row {
            // This code scrolls down, too. A reader at the scrollbar's own end, which cuts off the last row, wants to see the
            // end as well.
            let down = row > self.row;
            self.follows = self.is_at_end() || (down && (self.follows || self.end_on_screen().is_some()));
        }
        let until = filter.end(log);
        if self.next < until {
            self.at_end = None;
            self.append(log, filter, until);
            self.remove_dropped(log);
        }
        if self.follows && !self.is_at_end() {
            self.display.set_insert_position(self.text.length());
            self.display.show_insert_position();
        }
        self.row = self.display.scroll_row();
    }

    /// Wraps the lines at the current width. FLTK's own mode, "at the bounds", is not used: it now and then counts a row too few, so
    /// that the end cannot be scrolled to, and it counts all rows again for each new line.
    fn wrap(&mut self) {
        let width = self.display.w();
        if self.width != width {
            (self.width, self.at_end) = (width, None);
            self.display.wrap_mode(WrapMode::AtPixel, (width - app::scrollbar_size() - BESIDE_TEXT).max(50));
            self.row = self.steady.keep_row();
        }
    }

    /// Starts over after a change of the filter: all lines are appended again.
    fn begin_anew(&mut self, version: u64) {
        (self.version, self.next, self.follows, self.at_end) = (version, 0, true, None);
        self.lengths.clear();
        self.styles.set_text("");
        self.text.set_text("");
    }

    /// Appends the matching lines with numbers below `until`.
    fn append(&mut self, log: &Log, filter: &LogFilter, until: u64) {
        let (mut text, mut styles) = (String::new(), String::new());
        let new = log.numbered(self.next).take_while(|(number, _)| *number < until);
        for (number, line) in new.filter(|(_, line)| filter.matches(line)) {
            // Newlines go between lines: one after the last would be displayed as an empty line.
            if !self.lengths.is_empty() {
                text.push('\n');
                styles.push(char::from(TEXT));
            }
            let begins = text.len();
            write_line(line, &self.clock, &mut text, &mut styles);
            self.lengths.push_back((number, length(text.len() - begins + 1)));
        }
        // The styles go first, because the change of the text makes the display read both.
        self.styles.append(&styles);
        self.text.append(&text);
        self.next = until;
    }

    /// Removes the lines that the model has dropped, which are the oldest here, too. During a pause they stay, so that a reader
    /// does not lose what is being read.
    fn remove_dropped(&mut self, log: &Log) {
        let dropped = self.lengths.partition_point(|(number, _)| *number < log.first());
        let bytes: i32 = self.lengths.drain(..dropped).map(|(_, length)| length).sum();
        if bytes > 0 {
            self.styles.remove(0, bytes);
            self.text.remove(0, bytes);
            self.row = self.steady.keep_row();
        }
    }

    /// Returns true if the last line is completely visible.
    fn is_at_end(&mut self) -> bool {
        // FLTK measures text for the answer, so it is kept from tick to tick.
        let position = (self.display.w(), self.display.h(), self.display.scroll_row());
        if self.at_end == Some(position) {
            return true;
        }
        let ends_before = self.display.y() + self.display.h() - SIZE;
        let is_at_end = self.lengths.is_empty() || self.end_on_screen().is_some_and(|y| y <= ends_before);
        self.at_end = is_at_end.then_some(position);
        is_at_end
    }

    /// Returns the upper edge of the last line, if a part of it is visible.
    fn end_on_screen(&self) -> Option<i32> {
        let (x, y) = self.display.position_to_xy(self.text.length());
        // FLTK returns (0, 0) for a position that is not visible, and for the end of an empty text.
        ((x, y) != (0, 0)).then_some(y)
    }
}

/// Appends `11-23 14:03:07`, `INFO` and `ann joined`, separated by tabs, to `text`, and a style for each byte to `styles`.
fn write_line(line: &Line, clock: &Clock, text: &mut String, styles: &mut String) {
    let (level, words) = match line.level {
        Level::Error => (ERROR, ERROR),
        Level::Warn => (WARN, WARN),
        _ => (TIME, TEXT),
    };
    // Without the mark, a line that begins with an Arabic or Hebrew name would be laid out from the right, address first.
    let direction = if line.text.is_ascii() { "" } else { "\u{200e}" };
    let parts = [
        (TIME, clock.day_and_time(line.at)),
        (level, format!("\t{}\t", line.level)),
        (words, format!("{direction}{}", line.text)),
    ];
    for (style, part) in parts {
        for (piece, is_high) in runs(&part) {
            let style = if is_high { style + STYLES } else { style };
            styles.extend(std::iter::repeat_n(char::from(style), piece.len()));
        }
        text.push_str(&part);
    }
}

/// Converts a length to the toolkit's `i32`. Ten thousand lines of at most some kilobytes are far below its maximum.
fn length(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn every_byte_of_a_line_has_its_style() {
        for (level, words) in [(Level::Info, TEXT), (Level::Warn, WARN), (Level::Error, ERROR)] {
            let line = Line { at: SystemTime::now(), level, text: "小明 joined".into() };
            let (mut text, mut styles) = (String::new(), String::new());
            write_line(&line, &Clock::system(), &mut text, &mut styles);
            assert_eq!(text.len(), styles.len());
            let at = text.find("小明").unwrap();
            let (name, joined) = styles[at..].split_at("小明".len());
            assert!(name.bytes().all(|style| style == words + STYLES), "{level}: {styles}");
            assert!(joined.bytes().all(|style| style == words), "{level}: {styles}");
        }
    }
}
