//! The log on the screen: writes the model's new lines at the end, and forgets the lines that the model has forgotten.
//!
//! Main thread only. The truth is in the model; the toolkit's buffers are written and never read. Beside the text there is
//! a buffer of styles with one byte for each byte of text: whatever is done to the one is done to the other.

use std::collections::VecDeque;

use fltk::app;
use fltk::enums::{Font, FrameType};
use fltk::prelude::{DisplayExt as _, WidgetExt as _};
use fltk::text::{StyleTableEntry, TextBuffer, TextDisplay, WrapMode};
use log::Level;

use crate::clock::Clock;
use crate::monitor::model::{Line, Log, Reading};
use crate::text_runs::runs;
use crate::ui::{self, StableScroll, theme};

/// Not a fixed-width one: letters that it lacks are taken from another font, and where that one is higher, as Chinese is
/// beside most fixed-width fonts, FLTK draws the line too low and cuts it off.
const FONT: Font = Font::Helvetica;
const SIZE: i32 = 13;

/// FLTK's own margins left and right of the text, and two pixels to be sure.
const BESIDE_TEXT: i32 = 8;

/// The bytes of the style buffer: the places of the table, from `A`.
const TIME: u8 = b'A';
const TEXT: u8 = b'B';
const WARN: u8 = b'C';
const ERROR: u8 = b'D';
/// How many there are; all of them come once more for high scripts, which are drawn by themselves (see [`runs`]).
const STYLES: u8 = 4;

/// The log. It knows how far it has read in the model's.
#[derive(Debug)]
pub(super) struct LogView {
    clock: Clock,
    display: TextDisplay,
    scroll: StableScroll,
    text: TextBuffer,
    styles: TextBuffer,
    /// The number of the line that comes next.
    next: u64,
    /// The number of each line that is shown, and its length in bytes, with the end of line that follows it.
    lengths: VecDeque<(u64, i32)>,
    /// The version of the filter that they were let through by.
    version: u64,
    /// Whether the reader is at the end, and wants to stay there.
    follows: bool,
    /// The first line on the screen when it was looked at the last time.
    row: i32,
    /// How wide it was when its lines were wrapped.
    width: i32,
    /// How everything stood when the last line of this text was found on the screen: size, first line.
    at_end: Option<(i32, i32, i32)>,
}

impl LogView {
    /// An empty log, to be made inside of a group.
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
            scroll: StableScroll::new(&display),
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

    /// What has the keyboard while the log is read.
    pub(super) fn widget(&self) -> &TextDisplay {
        &self.display
    }

    /// Writes what has come since the last time; call it with every tick. The end is followed until the reader scrolls
    /// up, and again when they are back at the end. While the reader has it in hand, nothing is written.
    pub(super) fn show(&mut self, log: &Log, reading: &Reading) {
        if self.scroll.is_held() {
            return;
        }
        if self.version != reading.version() {
            self.begin_anew(reading.version());
        }
        self.wrap();

        let row = self.display.scroll_row();
        if row != self.row {
            // Down is also where we scroll ourselves. The scrollbar's own end cuts the last row off: whoever is there wants
            // to see the end, and gets it.
            let down = row > self.row;
            self.follows = self.is_at_end() || (down && (self.follows || self.end_on_screen().is_some()));
        }
        let until = reading.until(log);
        if self.next < until {
            self.at_end = None;
            self.append(log, reading, until);
            self.forget(log);
        }
        if self.follows && !self.is_at_end() {
            self.display.set_insert_position(self.text.length());
            self.display.show_insert_position();
        }
        self.row = self.display.scroll_row();
    }

    /// Wraps the lines at the width that the log has. "At the bounds" FLTK would do so by itself, and now and then count a row
    /// too few: then the end could not be scrolled to (and with each line it would count all rows anew).
    fn wrap(&mut self) {
        let width = self.display.w();
        if self.width != width {
            (self.width, self.at_end) = (width, None);
            self.display.wrap_mode(WrapMode::AtPixel, (width - app::scrollbar_size() - BESIDE_TEXT).max(50));
            self.row = self.scroll.keep_row();
        }
    }

    /// Other lines are let through: all of them are read again.
    fn begin_anew(&mut self, version: u64) {
        (self.version, self.next, self.follows, self.at_end) = (version, 0, true, None);
        self.lengths.clear();
        self.styles.set_text("");
        self.text.set_text("");
    }

    fn append(&mut self, log: &Log, reading: &Reading, until: u64) {
        let (mut text, mut styles) = (String::new(), String::new());
        let new = log.numbered(self.next).take_while(|(number, _)| *number < until);
        for (number, line) in new.filter(|(_, line)| reading.shows(line)) {
            // Before each line but the first: an end of line after the last would be shown as an empty line.
            if !self.lengths.is_empty() {
                text.push('\n');
                styles.push(char::from(TEXT));
            }
            let begins = text.len();
            write_line(line, &self.clock, &mut text, &mut styles);
            self.lengths.push_back((number, length(text.len() - begins + 1)));
        }
        // The styles go first: it is the change of the text that makes the display look at both.
        self.styles.append(&styles);
        self.text.append(&text);
        self.next = until;
    }

    /// The model keeps its last lines: those that it has dropped are the oldest here, too. While the reading is paused
    /// they stay, since nobody wants to lose what they read.
    fn forget(&mut self, log: &Log) {
        let dropped = self.lengths.partition_point(|(number, _)| *number < log.first());
        let bytes: i32 = self.lengths.drain(..dropped).map(|(_, length)| length).sum();
        if bytes > 0 {
            self.styles.remove(0, bytes);
            self.text.remove(0, bytes);
            self.row = self.scroll.keep_row();
        }
    }

    /// Whether the last line can be read.
    fn is_at_end(&mut self) -> bool {
        // To find out, FLTK measures text, and this is asked with every tick.
        let stands = (self.display.w(), self.display.h(), self.display.scroll_row());
        if self.at_end == Some(stands) {
            return true;
        }
        let ends_before = self.display.y() + self.display.h() - SIZE;
        let is_at_end = self.lengths.is_empty() || self.end_on_screen().is_some_and(|y| y <= ends_before);
        self.at_end = is_at_end.then_some(stands);
        is_at_end
    }

    /// The upper edge of the last line, if any of it is on the screen.
    fn end_on_screen(&self) -> Option<i32> {
        let (x, y) = self.display.position_to_xy(self.text.length());
        // FLTK says (0, 0) of what is not on the screen, and of the end of an empty text.
        ((x, y) != (0, 0)).then_some(y)
    }
}

/// `11-23 14:03:07`, `INFO` and `ann joined`, between tabs, and a style for each byte of it.
fn write_line(line: &Line, clock: &Clock, text: &mut String, styles: &mut String) {
    let (level, words) = match line.level {
        Level::Error => (ERROR, ERROR),
        Level::Warn => (WARN, WARN),
        _ => (TIME, TEXT),
    };
    // A line that begins with an Arabic or Hebrew name would be written from the right, its address first.
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

/// The toolkit counts in `i32`; ten thousand lines of at most some kilobytes are far from its end.
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
