//! The page of the conversation in the room. Main thread only.

use fltk::group::Flex;
use fltk::prelude::GroupExt as _;

use crate::ui;

/// The page.
#[derive(Debug)]
pub(super) struct ChatPage {
    pub(super) column: Flex,
}

impl ChatPage {
    /// Creates an empty page in the current group.
    pub(super) fn new() -> ChatPage {
        let column = ui::card();
        column.end();
        ChatPage { column }
    }
}
