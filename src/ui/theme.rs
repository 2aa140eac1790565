//! The palette and its two themes.
//!
//! FLTK draws with a colour map of 256 entries. Each role of the palette has one of them, and widgets store the
//! *index*: changing the theme is writing the map anew and drawing once, with no list of widgets to keep. Runs on the
//! UI thread.

use fltk::app;
use fltk::button::Button;
use fltk::draw;
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
/// Parts that stand out from both: buttons, menus, the selected line of a table.
pub const RAISED: Color = role(2);
/// Text.
pub const TEXT: Color = role(3);
/// Secondary text: labels, times, joins and leaves.
pub const MUTED: Color = role(4);
/// The primary button, the chosen line of a menu, selected text, and the cursor.
pub const ACCENT: Color = role(5);
/// Text on the accent.
pub const ON_ACCENT: Color = role(6);
/// Success.
pub const GOOD: Color = role(7);
/// Needs attention.
pub const WARN: Color = role(8);
/// Failure.
pub const ERROR: Color = role(9);
/// Background of a mention; only [`TEXT`] is written on it.
pub const HIGHLIGHT: Color = role(10);
/// Background of a block of code.
pub const CODE_GROUND: Color = role(11);
/// Background of what a search has found; only [`TEXT`] is written on it.
pub const HIT: Color = role(12);
/// The same, for the hit that the search has gone to.
pub const CURRENT_HIT: Color = role(13);
/// Outlines of fields, boxes to be ticked, and the thumb of a scrollbar.
pub const OUTLINE: Color = role(14);
/// The ring around what has the keyboard focus.
pub const FOCUS: Color = role(15);
/// Colours of users' names: each is readable on [`SURFACE`] and on [`RAISED`], and no two are alike.
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
const NAME_COUNT: usize = 8;

/// Number of roles: as many as FLTK has free entries.
const ROLE_COUNT: usize = 16;

/// The colours of a theme.
struct Palette {
    /// In the order of the constants above.
    roles: [u32; ROLE_COUNT],
    /// Blue, teal, violet, pink, amber, olive, green, and plum or coral.
    names: [u32; NAME_COUNT],
}

#[rustfmt::skip]
const LIGHT: Palette = Palette {
    roles: [
        0x00f3_f4f6, 0x00ff_ffff, 0x00e1_e4ea, 0x0016_1b26, 0x005d_6675, 0x0025_63eb, 0x00ff_ffff, 0x0014_7338,
        0x00a8_4a08, 0x00b9_1c1c, 0x00fd_e68a, 0x00ee_f0f4, 0x00a5_f3fc, 0x00fd_ba74, 0x0078_8292, 0x0025_63eb,
    ],
    names: [
        0x0016_4fd8, 0x000b_6e6e, 0x008b_1ee2, 0x00be_185d, 0x00a7_4907, 0x0064_6200, 0x0004_752a, 0x005b_2145,
    ],
};

#[rustfmt::skip]
const DARK: Palette = Palette {
    roles: [
        0x0015_171c, 0x001e_2129, 0x0032_3743, 0x00e7_eaef, 0x0098_a2b3, 0x002f_6feb, 0x00ff_ffff, 0x004a_de80,
        0x00fb_bf24, 0x00fa_8080, 0x0063_4d0e, 0x0029_2d37, 0x0015_5e75, 0x009a_4a0a, 0x0077_8293, 0x005b_93ff,
    ],
    names: [
        0x0093_c5fd, 0x002d_d4bf, 0x00c1_85fd, 0x00f9_a8d4, 0x00fb_bf24, 0x00d9_f99d, 0x0049_de80, 0x00fb_8c6e,
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
        // Boxes to be ticked, in menus and elsewhere, get an outline.
        app::set_frame_type_cb(FrameType::DownBox, draw_tick_box, 1, 1, 2, 2);
        app::set_frame_type_cb(FrameType::RoundDownBox, draw_choice_box, 2, 2, 4, 4);
        app::set_frame_type2(FrameType::ThinDownBox, FrameType::FlatBox);
    }
}

fn draw_tick_box(x: i32, y: i32, w: i32, h: i32, ground: Color) {
    draw::draw_rect_fill(x, y, w, h, ground);
    draw::set_draw_color(OUTLINE);
    draw::draw_rect(x, y, w, h);
}

fn draw_choice_box(x: i32, y: i32, w: i32, h: i32, ground: Color) {
    draw::set_draw_color(ground);
    draw::draw_pie(x, y, w, h, 0.0, 360.0);
    draw::set_draw_color(OUTLINE);
    draw::draw_arc(x, y, w, h, 0.0, 360.0);
}

fn rgb(hex: u32) -> (u8, u8, u8) {
    let [_, r, g, b] = hex.to_be_bytes();
    (r, g, b)
}

#[cfg(test)]
mod pairs;
