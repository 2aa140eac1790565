//! The look of the text in a conversation: font and colour of each style. Runs on the UI thread.

use fltk::enums::Font;
use fltk::text::{StyleTableEntryExt, TextAttr};

use crate::chat::render::styled::{NAME_COLORS, Style};
use crate::ui::{self, theme};

/// Width of the scrollbars beside text.
pub(super) const SCROLLBAR: i32 = 10;

const _: () = assert!(theme::NAMES.len() == NAME_COLORS, "each colour of the model is one of the palette");

/// Returns the look of each style, in the order of their letters. All have one size: different sizes within a line
/// would clip descenders.
pub(super) fn style_table() -> Vec<StyleTableEntryExt> {
    let look = |style| match style {
        Style::Text => (theme::TEXT, Font::Helvetica, TextAttr::None),
        Style::Muted => (theme::MUTED, Font::Helvetica, TextAttr::None),
        Style::Pale => (theme::MUTED, Font::HelveticaItalic, TextAttr::None),
        Style::Private => (theme::GOOD, Font::HelveticaItalic, TextAttr::None),
        Style::Announcement => (theme::WARN, Font::HelveticaBold, TextAttr::None),
        // The first of the name colours is a blue that is readable in both themes; the accent is not.
        Style::Link => (theme::NAMES[0], Font::Helvetica, TextAttr::Underline),
        Style::Mention => (theme::TEXT, Font::HelveticaBold, TextAttr::BgColor),
        Style::Mark => (theme::ERROR, Font::HelveticaBold, TextAttr::None),
        Style::Name(color) => (theme::NAMES[color], Font::HelveticaBold, TextAttr::None),
    };
    Style::table()
        .map(|style| {
            let (color, font, attr) = look(style);
            StyleTableEntryExt { color, font, size: ui::TEXT_SIZE, attr, bgcolor: theme::HIGHLIGHT }
        })
        .collect()
}
