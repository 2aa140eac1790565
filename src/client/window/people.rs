//! The list of who is here, in the colours that the names have in the conversation. Runs on the UI thread.
//!
//! It is a text display too: a browser of FLTK would read `@` in a name as the beginning of a format.

use fltk::prelude::DisplayExt as _;
use fltk::text::{TextBuffer, TextDisplay};

use super::layout::style_table;
use crate::client::Chat;
use crate::client::model::Styled;

/// Names that are shown. More than that nobody reads, and drawing them would take longer than a tick.
const SHOWN_MAX: usize = 1000;

/// The view of the roster.
pub(super) struct People {
    text: TextBuffer,
    styles: TextBuffer,
    /// The version of the roster that is shown.
    version: Option<u64>,
}

impl People {
    pub(super) fn new(display: &TextDisplay) -> People {
        let mut display = display.clone();
        let (mut text, mut styles) = (TextBuffer::default(), TextBuffer::default());
        text.can_undo(false);
        styles.can_undo(false);
        display.set_buffer(text.clone());
        display.set_highlight_data_ext(styles.clone(), style_table());
        People { text, styles, version: None }
    }

    /// Shows who is here, if that has changed.
    pub(super) fn draw(&mut self, chat: &Chat) {
        let roster = chat.roster();
        if self.version.replace(roster.version()) == Some(roster.version()) {
            return;
        }
        let mut list = Styled::default();
        for name in roster.names().take(SHOWN_MAX) {
            list.push_person(name, chat.me() == Some(name));
        }
        if roster.len() > SHOWN_MAX {
            list.push_more(roster.len() - SHOWN_MAX);
        }
        self.styles.set_text(&list.styles);
        self.text.set_text(&list.text);
    }
}
