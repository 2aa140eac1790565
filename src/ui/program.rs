//! The two programs, as a desktop tells their windows apart.

use fltk::image::SvgImage;
use fltk::prelude::ImageExt as _;

/// Width and height of a window's icon: a multiple of what title bars and task switchers show.
const ICON_SIZE: i32 = 64;

/// The program that a window belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The chat.
    Chat,
    /// The server, with its monitor.
    Server,
}

impl Program {
    /// Returns the name by which window managers group the windows, and by which a desktop finds the entry of its menu.
    pub(super) fn class(self) -> &'static str {
        match self {
            Program::Chat => "multichat",
            Program::Server => "multichat-server",
        }
    }

    /// Returns the icon for title bars and task switchers.
    pub(super) fn icon(self) -> Option<SvgImage> {
        let svg = match self {
            Program::Chat => include_str!("../../packaging/icons/multichat.svg"),
            Program::Server => include_str!("../../packaging/icons/multichat-server.svg"),
        };
        let mut icon = SvgImage::from_data(svg).ok()?;
        icon.scale(ICON_SIZE, ICON_SIZE, true, true);
        Some(icon)
    }
}
