//! The look of the text in a conversation: the font and the colour of each style. Runs on the UI thread.

use fltk::enums::{Color, Font};

use crate::chat::render::styled::{NAME_COLORS, Style};
use crate::ui::{self, theme};

const _: () = assert!(theme::NAMES.len() == NAME_COLORS, "each colour of the model is one of the palette");

/// A font and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Face {
    pub(super) font: Font,
    pub(super) size: i32,
}

/// The look of a piece of text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) face: Face,
    pub(super) color: Color,
    /// Colour behind the text.
    pub(super) ground: Option<Color>,
    pub(super) is_underlined: bool,
}

/// The face of the time at the left.
pub(super) const TIME: Face = Face { font: Font::Helvetica, size: ui::TEXT_SIZE - 2 };

/// Returns the look of a style.
pub(super) fn look(style: Style) -> Look {
    let (color, font) = match style {
        Style::Text | Style::Mention => (theme::TEXT, Font::Helvetica),
        Style::Muted => (theme::MUTED, Font::Helvetica),
        Style::Pale => (theme::MUTED, Font::HelveticaItalic),
        Style::Private => (theme::GOOD, Font::HelveticaItalic),
        Style::Announcement => (theme::WARN, Font::HelveticaBold),
        // The first of the name colours is a blue that is readable in both themes; the accent is not.
        Style::Link => (theme::NAMES[0], Font::Helvetica),
        Style::Mark => (theme::ERROR, Font::HelveticaBold),
        Style::Code => (theme::TEXT, Font::Courier),
        Style::Name(color) => (theme::NAMES[color], Font::HelveticaBold),
    };
    let font = if style == Style::Mention { Font::HelveticaBold } else { font };
    Look {
        face: Face { font, size: ui::TEXT_SIZE },
        color,
        ground: (style == Style::Mention).then_some(theme::HIGHLIGHT),
        is_underlined: style == Style::Link,
    }
}
