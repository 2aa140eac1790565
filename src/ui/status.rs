//! The line at the bottom of a window that always says what is happening, with a dot of the colour that fits.
//!
//! It draws its text itself, since labels read `@` as the beginning of a symbol and the reasons shown here quote what
//! others sent.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::draw;
use fltk::enums::{Color, Font};
use fltk::frame::Frame;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use super::theme;
use super::widgets::TEXT_SIZE;

/// How good the news is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing is going on.
    #[default]
    Idle,
    /// Something is under way.
    Busy,
    /// All is well.
    Good,
    /// Something needs attention.
    Warn,
    /// Something failed.
    Error,
}

impl Tone {
    /// Its colour in the palette.
    pub fn color(self) -> Color {
        match self {
            Tone::Idle => theme::MUTED,
            Tone::Busy => theme::ACCENT,
            Tone::Good => theme::GOOD,
            Tone::Warn => theme::WARN,
            Tone::Error => theme::ERROR,
        }
    }
}

/// The status line. Cloning it gives another handle to the same widget.
#[derive(Clone, Debug)]
pub struct StatusLine {
    frame: Frame,
    shown: Rc<RefCell<(Tone, String)>>,
}

impl StatusLine {
    /// How high it is.
    pub const HEIGHT: i32 = 24;

    /// An empty line, to be made inside of a group.
    pub fn new() -> StatusLine {
        let mut frame = Frame::default();
        let shown = Rc::new(RefCell::new((Tone::default(), String::new())));
        let drawn = Rc::clone(&shown);
        frame.draw(move |frame| {
            let (tone, text) = &*drawn.borrow();
            let (x, y, w, h) = (frame.x(), frame.y(), frame.w(), frame.h());
            draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
            draw::set_draw_color(tone.color());
            draw::draw_pie(x + 3, y + (h - 8) / 2, 8, 8, 0.0, 360.0);
            draw::set_draw_color(if *tone == Tone::Error { theme::ERROR } else { theme::TEXT });
            draw::set_font(Font::Helvetica, TEXT_SIZE);
            let baseline = y + i32::midpoint(h, draw::height()) - draw::descent();
            draw::draw_text(&fitting(text, w - 24), x + 20, baseline);
        });
        StatusLine { frame, shown }
    }

    /// What a layout places.
    pub fn widget(&self) -> &Frame {
        &self.frame
    }

    /// Says something else. The text must have been escaped already, where it quotes others.
    pub fn set(&mut self, tone: Tone, text: &str) {
        if *self.shown.borrow() != (tone, text.to_owned()) {
            *self.shown.borrow_mut() = (tone, text.to_owned());
            self.frame.redraw();
        }
    }

    /// Says more when the mouse rests on it; nothing if it is empty.
    pub fn set_tooltip(&mut self, text: &str) {
        self.frame.set_tooltip(text);
    }

    /// What it says.
    pub fn text(&self) -> String {
        self.shown.borrow().1.clone()
    }
}

impl Default for StatusLine {
    fn default() -> StatusLine {
        StatusLine::new()
    }
}

/// The text, cut with an ellipsis where it is wider than `width` in the font that is set.
pub fn fitting(text: &str, width: i32) -> String {
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
