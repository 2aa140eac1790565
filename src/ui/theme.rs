//! The palette, and its two themes.
//!
//! FLTK draws with a colour map, of which 16 places are free for programs. Each role of the palette has one of these
//! places, and widgets are given the *place*: changing the theme is writing the map anew and drawing once, with no
//! list of widgets to keep. Runs on the UI thread.

use std::fmt;

use clap::ValueEnum;
use fltk::app;
use fltk::enums::{Color, FrameType};

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Theme {
    /// Dark text on light ground.
    #[default]
    Light,
    /// Light text on dark ground.
    Dark,
}

/// FLTK's first free place (`FL_FREE_COLOR`).
const FIRST_FREE: u32 = 16;

const fn place(at: u32) -> Color {
    // A bare number below 256 is a place in the colour map.
    Color::from_rgbi(FIRST_FREE + at)
}

/// Behind everything.
pub const BACKGROUND: Color = place(0);
/// Where text is read or written: fields, lists, the conversation.
pub const SURFACE: Color = place(1);
/// What stands out from both: buttons, outlines, the selected line of a table.
pub const RAISED: Color = place(2);
/// Text to be read.
pub const TEXT: Color = place(3);
/// Text that need not be read: labels, times, joins and leaves.
pub const MUTED: Color = place(4);
/// The one thing to press, and where the keyboard is.
pub const ACCENT: Color = place(5);
/// Text on the accent.
pub const ON_ACCENT: Color = place(6);
/// It works.
pub const GOOD: Color = place(7);
/// It needs attention.
pub const WARN: Color = place(8);
/// It failed.
pub const ERROR: Color = place(9);
/// For telling people apart; each is readable on [`SURFACE`].
pub const NAMES: [Color; 6] = [place(10), place(11), place(12), place(13), place(14), place(15)];

/// The colours of a theme, place by place in the order of the constants above.
type Palette = [u32; 16];

const LIGHT: Palette = [
    0x00f3_f4f6,
    0x00ff_ffff,
    0x00e1_e4ea,
    0x0016_1b26,
    0x005d_6675,
    0x0025_63eb,
    0x00ff_ffff,
    0x0015_803d,
    0x00b4_5309,
    0x00b9_1c1c, // names: blue, teal, violet, pink, amber, olive
    0x001d_4ed8,
    0x000f_766e,
    0x007c_3aed,
    0x00be_185d,
    0x00a8_4a08,
    0x004d_7c0f,
];

const DARK: Palette = [
    0x0015_171c,
    0x001e_2129,
    0x0032_3743,
    0x00e7_eaef,
    0x0098_a2b3,
    0x002f_6feb,
    0x00ff_ffff,
    0x004a_de80,
    0x00fb_bf24,
    0x00f8_7171, // names: blue, teal, violet, pink, amber, olive
    0x0093_c5fd,
    0x005e_ead4,
    0x00c4_b5fd,
    0x00f9_a8d4,
    0x00fc_d34d,
    0x00be_f264,
];

impl Theme {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Theme {
        match self {
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::Light,
        }
    }

    /// The word for it, as `--theme` and the settings have it.
    pub fn word(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme for a word.
    pub fn from_word(word: &str) -> Option<Theme> {
        [Theme::Light, Theme::Dark].into_iter().find(|theme| theme.word() == word)
    }

    /// Gives every window of the program these colours, at once.
    pub fn apply(self) {
        let palette = match self {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
        };
        for (at, hex) in (0..).zip(palette) {
            let (r, g, b) = rgb(*hex);
            app::set_color(place(at), r, g, b);
        }
        // What FLTK draws with colours of its own: scrollbars, dialogs, menus, selections, tooltips.
        let with = |hex: u32, set: fn(u8, u8, u8)| {
            let (r, g, b) = rgb(hex);
            set(r, g, b);
        };
        with(palette[0], app::background);
        with(palette[1], app::background2);
        with(palette[3], app::foreground);
        with(palette[5], app::set_selection_color);
        with(palette[4], app::set_inactive_color);
        app::redraw();
    }

    /// Sets the shapes that go with the palette; once, before the first widget is made.
    pub(super) fn set_shapes() {
        app::set_frame_border_radius_max(8);
        // FLTK's raised and sunken boxes, which scrollbars and dialogs use, become flat.
        app::set_frame_type2(FrameType::UpBox, FrameType::RFlatBox);
        app::set_frame_type2(FrameType::ThinUpBox, FrameType::RFlatBox);
        app::set_frame_type2(FrameType::DownBox, FrameType::FlatBox);
        app::set_frame_type2(FrameType::ThinDownBox, FrameType::FlatBox);
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

fn rgb(hex: u32) -> (u8, u8, u8) {
    let [_, r, g, b] = hex.to_be_bytes();
    (r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(hex: u32) -> f64 {
        let linear = |byte: u8| {
            let part = f64::from(byte) / 255.0;
            if part <= 0.039_28 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let (r, g, b) = rgb(hex);
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    fn contrast(one: u32, other: u32) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_of_every_colour_is_readable_where_it_stands() {
        for (theme, palette) in [("light", LIGHT), ("dark", DARK)] {
            for ground in [0, 1] {
                for text in [3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15] {
                    let contrast = contrast(palette[text], palette[ground]);
                    assert!(
                        contrast >= 4.5,
                        "{theme}: {text} on {ground} has a contrast of {contrast:.2}, WCAG AA is 4.5"
                    );
                }
            }
            let contrast = contrast(palette[6], palette[5]);
            assert!(contrast >= 4.5, "{theme}: text on the accent has a contrast of {contrast:.2}");
        }
    }

    #[test]
    fn a_theme_is_found_by_its_word() {
        for theme in [Theme::Light, Theme::Dark] {
            assert_eq!(Theme::from_word(theme.word()), Some(theme));
        }
        assert_eq!(Theme::from_word("sepia"), None);
    }
}
