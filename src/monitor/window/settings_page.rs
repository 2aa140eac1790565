//! The page of the server's options. Main thread only.

use fltk::group::Flex;
use fltk::prelude::GroupExt as _;

use crate::ui;

/// The page.
#[derive(Debug)]
pub(super) struct SettingsPage {
    pub(super) column: Flex,
}

impl SettingsPage {
    /// Creates an empty page in the current group.
    pub(super) fn new() -> SettingsPage {
        let column = ui::card();
        column.end();
        SettingsPage { column }
    }
}
