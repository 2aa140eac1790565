//! Drawing of text in a field that is longer than FLTK draws. FLTK copies a line into a buffer of 1024 bytes to draw it
//! (`Fl_Input_.cxx`, `MAXBUF`). Text behind that, the caret included, is not visible, and a click selects another
//! character. A message may be four times as long. Runs on the UI thread.

use std::cell::Cell;
use std::rc::Rc;

use fltk::app;
use fltk::draw;
use fltk::enums::{Color, Event};
use fltk::input::Input;
use fltk::prelude::{InputExt as _, WidgetExt as _};

/// Length in bytes up to which FLTK draws every character, even if some are written out.
const DRAWN_MAX: usize = 500;
/// Position at which FLTK draws the first letter.
const INSET: i32 = 1;

/// The visible part of the text in one field. Cloning it gives another handle to the same.
#[derive(Clone, Debug, Default)]
pub(super) struct LongText {
    /// The first visible byte.
    first: Rc<Cell<usize>>,
    /// The text is shown as dots, which FLTK draws.
    masked: Rc<Cell<bool>>,
}

impl LongText {
    /// Turns the drawing off, for a field that shows dots.
    pub(super) fn mask(&self) {
        self.masked.set(true);
    }

    /// Draws over FLTK's drawing, if that is incomplete.
    pub(super) fn draw(&self, input: &Input) {
        let Some(text) = self.text(input) else { return };
        draw::set_font(input.text_font(), input.text_size());
        let (x, y, w, h) = (input.x(), input.y(), input.w(), input.h());
        let (caret, mark) = (boundary(&text, input.position()), boundary(&text, input.mark()));
        let room = f64::from(w - 2 * INSET - 2);
        let mut first = text.floor_char_boundary(self.first.get());
        if caret <= first {
            first = last_that_fit(&text[..caret], room / 4.0);
        } else if draw::width(&text[first..caret]) > room {
            first = last_that_fit(&text[..caret], room * 0.75);
        }
        self.first.set(first);
        let end = first + first_that_fit(&text[first..], room);
        // The letter at the edge is partly visible.
        let end = text.ceil_char_boundary((end + 1).min(text.len()));

        let selected = caret.min(mark).clamp(first, end)..caret.max(mark).clamp(first, end);
        let at = |byte: usize| x + INSET + pixels(draw::width(&text[first..byte]));
        let baseline = y + i32::midpoint(h, draw::height()) - draw::descent();
        draw::push_clip(x, y, w, h);
        draw::draw_rect_fill(x, y, w, h, input.color());
        let has_keyboard = input.has_focus();
        let ground = input.selection_color();
        let on_ground = Color::contrast(input.text_color(), ground);
        if has_keyboard && !selected.is_empty() {
            let (left, right) = (at(selected.start), at(selected.end));
            draw::draw_rect_fill(left, y + 2, right - left, h - 4, ground);
        }
        for (piece, color) in [
            (first..selected.start, input.text_color()),
            (selected.clone(), if has_keyboard { on_ground } else { input.text_color() }),
            (selected.end..end, input.text_color()),
        ] {
            draw::set_draw_color(color);
            draw::draw_text(&text[piece.clone()], at(piece.start), baseline);
        }
        if has_keyboard && selected.is_empty() {
            draw::draw_rect_fill(at(caret), y + 4, 2, h - 8, input.cursor_color());
        }
        draw::pop_clip();
    }

    /// Moves the caret to the mouse, where FLTK would place it elsewhere. Returns whether it did.
    pub(super) fn handle(&self, input: &mut Input, event: Event) -> bool {
        if !matches!(event, Event::Push | Event::Drag) || app::event_mouse_button() != app::MouseButton::Left {
            return false;
        }
        let Some(text) = self.text(input) else { return false };
        draw::set_font(input.text_font(), input.text_size());
        let first = text.floor_char_boundary(self.first.get());
        let at = first + first_that_fit(&text[first..], f64::from(app::event_x() - input.x() - INSET));
        let mark = input.mark();
        // Both are within the text, so these cannot fail.
        let _ = input.set_position(i32::try_from(at).unwrap_or(i32::MAX));
        if event == Event::Drag || app::is_event_shift() {
            let _ = input.set_mark(mark);
        }
        let _ = input.take_focus();
        input.redraw();
        true
    }

    /// Returns the text, if FLTK does not draw all of it. A control character, which FLTK writes out (`^I`), becomes a
    /// space of as many bytes.
    fn text(&self, input: &Input) -> Option<String> {
        let value = input.value();
        if self.masked.get() || value.len() <= DRAWN_MAX {
            return None;
        }
        let shown = |c: char| match c {
            _ if !c.is_control() => c,
            _ if c.is_ascii() => ' ',
            _ => '\u{a0}',
        };
        Some(value.chars().map(shown).collect())
    }
}

fn boundary(text: &str, at: i32) -> usize {
    text.floor_char_boundary(usize::try_from(at).unwrap_or(0))
}

/// Returns how many bytes from the start fit into `room` pixels.
fn first_that_fit(text: &str, room: f64) -> usize {
    let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(SEEN_MAX).collect();
    let count = ends.partition_point(|end| draw::width(&text[..*end]) <= room);
    count.checked_sub(1).map_or(0, |last| ends[last])
}

/// Returns the start of the longest end of the text that fits into `room` pixels.
fn last_that_fit(text: &str, room: f64) -> usize {
    let starts: Vec<usize> = text.char_indices().rev().map(|(at, _)| at).take(SEEN_MAX).collect();
    let count = starts.partition_point(|start| draw::width(&text[*start..]) <= room);
    count.checked_sub(1).map_or(text.len(), |last| starts[last])
}

/// Maximum number of letters that any screen shows.
const SEEN_MAX: usize = 4000;

#[expect(clippy::cast_possible_truncation, reason = "a number of pixels")]
fn pixels(width: f64) -> i32 {
    width.round() as i32
}
