//! The log on the screen: writes the model's new lines at the end, and forgets the lines that the model has forgotten.
//!
//! Main thread only. The truth is in the model; the toolkit's buffers are written and never read. Beside the text there is
//! a buffer of styles with one byte for each byte of text: whatever is done to the one is done to the other.

use std::collections::VecDeque;

use fltk::app;
use fltk::draw;
use fltk::enums::{Align, Font, FrameType};
use fltk::prelude::{DisplayExt as _, WidgetExt as _};
use fltk::text::{StyleTableEntry, TextBuffer, TextDisplay, WrapMode};
use log::Level;

use crate::clock::Clock;
use crate::server::monitor::model::{Line, Log};
use crate::ui::{self, theme};

const FONT: Font = Font::Courier;
const SIZE: i32 = 13;

/// The bytes of the style buffer: the places of the table, from `A`.
const TIME: u8 = b'A';
const TEXT: u8 = b'B';
const WARN: u8 = b'C';
const ERROR: u8 = b'D';

/// The log. It knows how far it has read in the model's.
#[derive(Debug)]
pub(super) struct LogView {
    clock: Clock,
    display: TextDisplay,
    text: TextBuffer,
    styles: TextBuffer,
    /// The number of the line that comes next.
    next: u64,
    /// The length in bytes of each line that is shown, with the end of line that follows it.
    lengths: VecDeque<i32>,
    /// The width in pixels of the widest line so far.
    widest: f64,
    /// The width and height when it was drawn the last time.
    size: (i32, i32),
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
        display.wrap_mode(WrapMode::None, 0);
        let entry = |color, font| StyleTableEntry { color, font, size: SIZE };
        display.set_highlight_data(
            styles.clone(),
            vec![
                entry(theme::MUTED, FONT),
                entry(theme::TEXT, FONT),
                entry(theme::WARN, Font::CourierBold),
                entry(theme::ERROR, Font::CourierBold),
            ],
        );
        ui::style_scrollbars(&display);
        LogView { clock, display, text, styles, next: 0, lengths: VecDeque::new(), widest: 0.0, size: (0, 0) }
    }

    /// Whether the window has another size than when this was drawn.
    pub(super) fn is_resized(&self) -> bool {
        self.size != (self.display.w(), self.display.h())
    }

    /// Writes what has come since the last time. The end is followed while it can be seen: who has scrolled up reads on
    /// in peace.
    pub(super) fn show(&mut self, log: &Log) {
        let follows = self.is_at_end();
        self.append(log);
        self.forget(log);
        self.size = (self.display.w(), self.display.h());
        // A bar for scrolling sideways only if some line needs it.
        let is_wide = self.widest > f64::from(self.display.w() - app::scrollbar_size());
        self.display.set_scrollbar_align(if is_wide { Align::Right | Align::Bottom } else { Align::Right });
        if follows {
            // The beginning of the last line, so that a long one does not scroll the log to the right.
            let last = self.lengths.back().map_or(0, |length| length - 1);
            self.display.set_insert_position(self.text.length() - last);
            self.display.show_insert_position();
        }
        self.display.redraw();
    }

    fn append(&mut self, log: &Log) {
        draw::set_font(FONT, SIZE);
        let (mut text, mut styles) = (String::new(), String::new());
        for line in log.since(self.next) {
            // Before each line but the first: an end of line after the last would be shown as an empty line.
            if !self.lengths.is_empty() {
                text.push('\n');
                styles.push(char::from(TEXT));
            }
            let begins = text.len();
            write_line(line, &self.clock, &mut text, &mut styles);
            self.widest = self.widest.max(draw::width(&text[begins..]));
            self.lengths.push_back(length(text.len() - begins + 1));
        }
        self.text.append(&text);
        self.styles.append(&styles);
        self.next = log.next();
    }

    /// The model keeps its last lines: those that it has dropped are the oldest here, too.
    fn forget(&mut self, log: &Log) {
        let kept = usize::try_from(log.next() - log.first()).unwrap_or(usize::MAX);
        let dropped: i32 = self.lengths.drain(..self.lengths.len().saturating_sub(kept)).sum();
        self.text.remove(0, dropped);
        self.styles.remove(0, dropped);
    }

    /// As it was drawn the last time.
    fn is_at_end(&self) -> bool {
        draw::set_font(FONT, SIZE);
        let visible = self.size.1 / draw::height().max(1);
        length(self.lengths.len()) < self.display.scroll_row() + visible
    }
}

/// `Nov 23 14:03:07  INFO   ann joined`, and a style for each byte of it.
fn write_line(line: &Line, clock: &Clock, text: &mut String, styles: &mut String) {
    let (level, words) = match line.level {
        Level::Error => (ERROR, ERROR),
        Level::Warn => (WARN, WARN),
        _ => (TIME, TEXT),
    };
    let parts =
        [(TIME, clock.day_and_time(line.at)), (level, format!("  {:<7}", line.level)), (words, line.text.clone())];
    for (style, part) in parts {
        styles.extend(std::iter::repeat_n(char::from(style), part.len()));
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
            assert!(styles[at..].bytes().all(|style| style == words), "{level}: {styles}");
        }
    }
}
