//! The status line at the bottom of a window: a dot in the colour of the state, and text. Runs on the UI thread.
//!
//! It draws its text itself, because labels read `@` as the start of a symbol, and the reasons shown here quote what
//! other users sent.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use fltk::draw;
use fltk::enums::{Color, Font};
use fltk::frame::Frame;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use super::theme;
use super::widgets::{TEXT_SIZE, escape_label};
use crate::mood::Mood;

/// Space between the remark and the state.
const BETWEEN: i32 = 17;

impl Mood {
    /// Returns the colour in the palette.
    pub fn color(self) -> Color {
        match self {
            Mood::Idle => theme::MUTED,
            Mood::Busy => theme::ACCENT,
            Mood::Good => theme::GOOD,
            Mood::Warn => theme::WARN,
            Mood::Error => theme::ERROR,
        }
    }
}

/// The status line. Cloning it gives another handle to the same widget.
#[derive(Clone, Debug)]
pub struct StatusLine {
    frame: Frame,
    shown: Rc<RefCell<Shown>>,
}

/// Content of the line, in the order in which it is drawn. Without any text there is no dot either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shown {
    mood: Mood,
    remark: Option<String>,
    state: String,
}

impl StatusLine {
    /// Height in pixels.
    pub const HEIGHT: i32 = 24;

    /// Creates an empty line in the open group.
    pub(crate) fn new() -> StatusLine {
        let mut frame = Frame::default();
        let shown = Rc::<RefCell<Shown>>::default();
        let drawn = Rc::clone(&shown);
        frame.draw(move |frame| {
            let Shown { mood, remark, state } = &*drawn.borrow();
            let (x, y, w, h) = (frame.x(), frame.y(), frame.w(), frame.h());
            draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
            if remark.is_none() && state.is_empty() {
                return;
            }
            draw::set_draw_color(mood.color());
            draw::draw_pie(x + 3, y + (h - 8) / 2, 8, 8, 0.0, 360.0);
            draw::set_font(Font::Helvetica, TEXT_SIZE);
            let baseline = y + i32::midpoint(h, draw::height()) - draw::descent();
            let (mut left, width) = (x + 20, w - 24);
            if let Some(remark) = remark {
                let remark = elide(remark, width - share(width, text_width(remark), text_width(state)) - BETWEEN);
                draw::set_draw_color(theme::TEXT);
                draw::draw_text(&from_left(&remark), left, baseline);
                left += text_width(&remark) + BETWEEN;
                if !state.is_empty() {
                    draw::set_draw_color(theme::MUTED);
                    draw::draw_line(left - BETWEEN / 2, y + 5, left - BETWEEN / 2, y + h - 5);
                }
            }
            draw::set_draw_color(if *mood == Mood::Error { theme::ERROR } else { theme::TEXT });
            draw::draw_text(&from_left(&elide(state, x + w - 4 - left)), left, baseline);
        });
        StatusLine { frame, shown }
    }

    /// Returns the widget for a layout.
    pub fn widget(&self) -> &Frame {
        &self.frame
    }

    /// Shows a state, and in front of it a remark: the outcome of an action. However long the remark is, the state
    /// stays visible. Text that quotes other users must have been escaped already.
    pub fn set(&mut self, mood: Mood, remark: Option<String>, state: &str) {
        let shown = Shown { mood, remark, state: state.to_owned() };
        if *self.shown.borrow() != shown {
            self.shown.replace(shown);
            // The line may be too narrow for it.
            self.frame.set_tooltip(&escape_label(state));
            self.frame.redraw();
        }
    }

    /// Shows nothing.
    pub fn clear(&mut self) {
        self.set(Mood::Idle, None, "");
    }

    /// Sets the tooltip; an empty one is none.
    pub fn set_tooltip(&mut self, text: &str) {
        self.frame.set_tooltip(text);
    }

    /// Returns the text of the line.
    pub fn text(&self) -> String {
        let Shown { remark, state, .. } = self.shown.borrow().clone();
        match remark {
            Some(remark) if state.is_empty() => remark,
            Some(remark) => format!("{remark} | {state}"),
            None => state,
        }
    }
}

/// Returns the width of a state beside a remark: its full width, as long as the remark gets half of the line.
fn share(width: i32, remark: i32, state: i32) -> i32 {
    state.min((width / 2).max(width - BETWEEN - remark))
}

/// Returns the width of a text in the current font.
pub fn text_width(text: &str) -> i32 {
    draw::measure(text, false).0
}

/// Returns the text of this program as it is drawn: read from the left, although it may begin with a name that is read from
/// the right.
pub fn from_left(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { text.into() } else { format!("\u{200e}{text}").into() }
}

/// Returns the text, cut with an ellipsis if it is wider than `width` pixels in the current font.
pub fn elide(text: &str, width: i32) -> String {
    let width = f64::from(width);
    if draw::width(text) <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(400).collect();
    while !cut.is_empty() && draw::width(&cut) + draw::width("…") > width {
        cut.pop();
    }
    cut + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_half_of_the_line_pushes_the_other_out() {
        let left = 400 - BETWEEN;
        assert_eq!(share(400, 100, 150), 150, "both fit");
        assert_eq!(share(400, 1000, 150), 150, "a short state is seen whole");
        assert_eq!(share(400, 1000, 1000), 200);
        assert_eq!(share(400, 100, 1000), left - 100, "a short remark, too");
    }
}
