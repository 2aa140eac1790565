//! The items of the context menus: of the messages, of the entry, of a conversation or of a person in a list. Runs on the UI thread.

use fltk::enums::Shortcut;

use super::keys::shortcut_of;
use crate::chat::input::shortcuts::KeyAction;

/// Returns items of a menu with their keys. Each has the action whose key does the same.
pub(super) fn with_keys<'a>(
    items: impl IntoIterator<Item = (&'a str, Option<KeyAction>)>,
) -> impl Iterator<Item = (&'a str, Shortcut)> {
    items.into_iter().map(|(label, key)| (label, key.map_or(Shortcut::None, shortcut_of)))
}
