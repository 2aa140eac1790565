//! The palette and its two themes.
//!
//! FLTK draws with a colour map of 256 entries. Each role of the palette has one of them, and widgets store the
//! *index*: changing the theme is writing the map anew and drawing once, with no list of widgets to keep. Runs on the
//! UI thread.

use fltk::app;
use fltk::button::Button;
use fltk::enums::{Color, Event, FrameType};
use fltk::misc::Tooltip;
use fltk::prelude::WidgetExt as _;

/// Weight of the other colour that is mixed into a button below the mouse, and while it is pressed.
pub(super) const BELOW_MOUSE: f32 = 0.1;
pub(super) const PRESSED: f32 = 0.25;

/// Minimum difference in lightness between text and background at which FLTK leaves the text's colour alone on a
/// selection, in hundredths of the way from black to white. FLTK's own value of 39 falls short of the contrast that
/// WCAG AA requires.
const CONTRAST_MIN: i32 = 50;

words! {
    /// Light or dark colours.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Theme {
        /// Dark text on a light background.
        #[default]
        Light = "light",
        /// Light text on a dark background.
        Dark = "dark",
    }
    /// Returns the word for the theme in the settings.
    pub fn word(self) -> &'static str;
    /// Returns the theme for a word.
    pub fn from_word(word: &str) -> Option<Self>;
}

/// First of the 16 entries that FLTK leaves free (`FL_FREE_COLOR`), for the roles.
const FIRST_ROLE: u32 = 16;

/// Start of a range in the middle of FLTK's colour cube, which neither FLTK nor we draw with, for the names.
const FIRST_NAME: u32 = 128;

const fn role(at: u32) -> Color {
    // A bare number below 256 is an index of the colour map.
    Color::from_rgbi(FIRST_ROLE + at)
}

/// Background of a window.
pub const BACKGROUND: Color = role(0);
/// Background of text: fields, lists, the conversation.
pub const SURFACE: Color = role(1);
/// Parts that stand out from both: buttons, outlines, the selected line of a table.
pub const RAISED: Color = role(2);
/// Text.
pub const TEXT: Color = role(3);
/// Secondary text: labels, times, joins and leaves.
pub const MUTED: Color = role(4);
/// The primary button, and the keyboard focus.
pub const ACCENT: Color = role(5);
/// Text on the accent.
pub const ON_ACCENT: Color = role(6);
/// Success.
pub const GOOD: Color = role(7);
/// Needs attention.
pub const WARN: Color = role(8);
/// Failure.
pub const ERROR: Color = role(9);
/// Background of a mention.
pub const HIGHLIGHT: Color = role(10);
/// Colours of users' names; each is readable on [`SURFACE`].
pub const NAMES: [Color; NAME_COUNT] = {
    let mut names = [TEXT; NAME_COUNT];
    let mut at = 0;
    let mut place = FIRST_NAME;
    while at < NAME_COUNT {
        names[at] = Color::from_rgbi(place);
        at += 1;
        place += 1;
    }
    names
};

/// Number of colours for names.
const NAME_COUNT: usize = 12;

/// The colours of a theme.
struct Palette {
    /// In the order of the constants above.
    roles: [u32; 11],
    /// Blue, teal, violet, pink, amber, olive, and their six neighbours.
    names: [u32; NAME_COUNT],
}

#[rustfmt::skip]
const LIGHT: Palette = Palette {
    roles: [
        0x00f3_f4f6, 0x00ff_ffff, 0x00e1_e4ea, 0x0016_1b26, 0x005d_6675,
        0x0025_63eb, 0x00ff_ffff, 0x0014_7338, 0x00a8_4a08, 0x00b9_1c1c, 0x00fd_e68a,
    ],
    names: [
        0x001d_4ed8, 0x000c_6b64, 0x0075_33e8, 0x00be_185d, 0x00a8_4a08, 0x0041_690c,
        0x0003_6ba1, 0x000b_7048, 0x00a2_1caf, 0x00c0_1f36, 0x008a_5a00, 0x0043_4ec4,
    ],
};

#[rustfmt::skip]
const DARK: Palette = Palette {
    roles: [
        0x0015_171c, 0x001e_2129, 0x0032_3743, 0x00e7_eaef, 0x0098_a2b3,
        0x002f_6feb, 0x00ff_ffff, 0x004a_de80, 0x00fb_bf24, 0x00fa_8080, 0x0063_4d0e,
    ],
    names: [
        0x0093_c5fd, 0x005e_ead4, 0x00c4_b5fd, 0x00f9_a8d4, 0x00fc_d34d, 0x00be_f264,
        0x007d_d3fc, 0x006e_e7a8, 0x00f0_abfc, 0x00fd_a4af, 0x00e8_c07d, 0x00a5_b4fc,
    ],
};

impl Theme {
    /// Gives every window of the program these colours, at once.
    pub fn apply(self) {
        let palette = match self {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
        };
        let roles = (0..).map(role).zip(palette.roles);
        for (place, hex) in roles.chain(NAMES.into_iter().zip(palette.names)) {
            let (r, g, b) = rgb(hex);
            app::set_color(place, r, g, b);
        }
        // Parts that FLTK draws with colours of its own: scrollbars, dialogs, menus, selections, tooltips.
        let with = |hex: u32, set: fn(u8, u8, u8)| {
            let (r, g, b) = rgb(hex);
            set(r, g, b);
        };
        with(palette.roles[0], app::background);
        with(palette.roles[1], app::background2);
        with(palette.roles[3], app::foreground);
        with(palette.roles[5], app::set_selection_color);
        with(palette.roles[4], app::set_inactive_color);
        Tooltip::set_color(RAISED);
        Tooltip::set_text_color(TEXT);
        Tooltip::set_font_size(13);
        // A button below the mouse has a mixture of the old colours. The event makes it mix them anew, as if the mouse
        // had just come.
        if let Some(mut below) = app::belowmouse::<Button>() {
            below.handle_event(Event::Enter);
        }
        app::redraw();
    }

    /// Sets the shapes that go with the palette, and its contrast level. Called once, before the first widget is
    /// created.
    pub(super) fn set_shapes() {
        app::set_contrast_level(CONTRAST_MIN);
        app::set_frame_border_radius_max(8);
        // FLTK's raised and sunken boxes, which scrollbars and dialogs use, become flat.
        app::set_frame_type2(FrameType::UpBox, FrameType::RFlatBox);
        app::set_frame_type2(FrameType::ThinUpBox, FrameType::RFlatBox);
        app::set_frame_type2(FrameType::DownBox, FrameType::FlatBox);
        app::set_frame_type2(FrameType::ThinDownBox, FrameType::FlatBox);
    }
}

fn rgb(hex: u32) -> (u8, u8, u8) {
    let [_, r, g, b] = hex.to_be_bytes();
    (r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the relative luminance as WCAG 2 defines it.
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

    /// Returns the number of a colour, as the palette has it.
    fn hex(color: Color) -> u32 {
        let (r, g, b) = color.to_rgb();
        u32::from_be_bytes([0, r, g, b])
    }

    fn contrasting(text: u32, ground: u32) -> u32 {
        hex(Color::contrast(Color::from_u32(text), Color::from_u32(ground)))
    }

    fn mixture(one: impl Into<Option<u32>>, other: u32, weight: f32) -> u32 {
        let one = one.into().map_or(Color::Black, Color::from_u32);
        hex(Color::color_average(one, Color::from_u32(other), weight))
    }

    #[test]
    fn text_of_every_colour_is_readable_where_it_stands() {
        app::set_contrast_level(CONTRAST_MIN);
        for (theme, Palette { roles, names }) in [("light", LIGHT), ("dark", DARK)] {
            let [background, surface, raised, text, muted, accent, on_accent, good, warn, error, highlight] = roles;
            let texts: Vec<u32> = [text, muted, good, warn, error].into_iter().chain(names).collect();
            // Fields and lists; the marked row of a list, where every colour may stand.
            let mut pairs: Vec<_> =
                texts.iter().flat_map(|text| [background, surface, raised].map(|ground| (*text, ground))).collect();
            pairs.extend([(text, highlight), (on_accent, accent)]);
            // A button below the mouse, and while it is pressed.
            for weight in [BELOW_MOUSE, PRESSED] {
                pairs.push((text, mixture(text, raised, weight)));
                pairs.push((on_accent, mixture(None, accent, weight)));
            }
            // Parts that FLTK draws on its own: the chosen line of a menu or a browser, and the selection in a field or
            // in a text display, with and without the focus, in each of its styles (Fl_Text_Display.cxx, draw_string).
            for text in &texts {
                for ground in [accent, raised, mixture(surface, accent, 0.4)] {
                    pairs.push((contrasting(*text, ground), ground));
                }
            }
            let mentioned = mixture(highlight, accent, 0.4);
            pairs.push((contrasting(text, mentioned), mentioned));
            let required = pairs.into_iter().map(|pair| (pair, 4.5));
            // The focus ring and the dot of the status line are not text.
            let signs = [accent, good, warn, error, muted].map(|sign| [(sign, background), (sign, surface)]);
            for ((text, ground), least) in required.chain(signs.into_iter().flatten().map(|pair| (pair, 3.0))) {
                let contrast = contrast(text, ground);
                assert!(
                    contrast >= least,
                    "{theme}: {text:06x} on {ground:06x} is {contrast:.2}, and WCAG AA is {least}"
                );
            }
        }
    }
}
