//! The widths of words, remembered: a word costs the system's text layout once, and a look into a table from then on. Runs
//! on the UI thread.

use std::borrow::Cow;
use std::collections::HashMap;

use fltk::draw;

use super::super::style::{Face, TIME, look};
use crate::chat::render::styled::Style;
use crate::chat::render::wrap::Measure;

/// Maximum number of bytes of the words that are remembered. A language has some thousands of words that are in use; a flood may
/// have no two alike.
const BYTES_MAX: usize = 2 << 20;

/// Space above and below the letters of a row, together.
const LEADING: i32 = 2;

/// Measured sizes of letters and words, at one zoom.
#[derive(Default)]
pub(super) struct Fonts {
    widths: HashMap<Face, HashMap<Box<str>, f32>>,
    /// Number of bytes of those words.
    bytes: usize,
    /// Zoom at which all of this was measured.
    zoom: f32,
    /// Height of a row.
    pub(super) row: i32,
    /// Distance of the baseline from the upper edge of a row.
    pub(super) baseline: i32,
    /// Widths of a time, and of an ordinary letter.
    pub(super) time: i32,
    pub(super) letter: f32,
}

impl Fonts {
    /// Measures everything anew if the zoom has changed.
    pub(super) fn set_zoom(&mut self, zoom: f32) {
        if (self.zoom - zoom).abs() < 0.001 {
            return;
        }
        *self = Fonts { zoom, ..Fonts::default() };
        let Face { font, size } = look(Style::Text).face;
        draw::set_font(font, size);
        let (height, descent) = (draw::height(), draw::descent());
        self.row = height + LEADING;
        self.baseline = LEADING / 2 + height - descent;
        self.time = pixels(self.width_in(TIME, "00:00"));
        self.letter = self.width_in(look(Style::Text).face, "abcdefghij klmno") / 16.0;
    }

    /// Returns the width of a text in a face.
    pub(super) fn width_in(&mut self, face: Face, text: &str) -> f32 {
        if let Some(width) = self.widths.get(&face).and_then(|known| known.get(text)) {
            return *width;
        }
        draw::set_font(face.font, face.size);
        #[expect(clippy::cast_possible_truncation, reason = "a number of pixels")]
        let width = draw::width(text) as f32;
        self.bytes += text.len();
        if self.bytes > BYTES_MAX {
            self.widths.clear();
            self.bytes = text.len();
        }
        self.widths.entry(face).or_default().insert(text.into(), width);
        width
    }

    /// Returns a text, cut and with an ellipsis if it is wider than `room`.
    pub(super) fn elide<'a>(&mut self, style: Style, text: &'a str, room: f32) -> Cow<'a, str> {
        if self.width(style, text) <= room {
            return text.into();
        }
        let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let fits = |fonts: &mut Fonts, cut: usize| fonts.width(style, &format!("{}…", &text[..cut])) <= room;
        let fitting = cuts.iter().rposition(|cut| fits(self, *cut)).unwrap_or(0);
        format!("{}…", &text[..cuts[fitting]]).into()
    }
}

impl Measure for Fonts {
    fn width(&mut self, style: Style, text: &str) -> f32 {
        if text.is_empty() { 0.0 } else { self.width_in(look(style).face, text) }
    }
}

/// Returns a width in whole pixels.
#[expect(clippy::cast_possible_truncation, reason = "a number of pixels")]
pub(super) fn pixels(width: f32) -> i32 {
    width.ceil() as i32
}
