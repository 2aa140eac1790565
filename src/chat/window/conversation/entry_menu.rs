//! The context menu of an entry: undo, cut, copy, paste. What would do nothing is greyed. Runs on the UI thread.

use crate::chat::input::shortcuts::KeyAction;
use crate::chat::window::context_menu::with_keys;
use crate::ui::{ContextMenu, Entry};

/// The items.
const ITEMS: [(&str, KeyAction); 6] = [
    ("Undo", KeyAction::Undo),
    ("Redo", KeyAction::Redo),
    ("Cut", KeyAction::Cut),
    ("Copy", KeyAction::Copy),
    ("Paste", KeyAction::Paste),
    ("Select all", KeyAction::SelectAll),
];

/// Shows the menu at a position in the window, and does what the user chooses. The event loop runs meanwhile.
pub(super) fn show(menu: &ContextMenu, entry: &mut Entry, place: (i32, i32)) {
    for (at, (_, action)) in ITEMS.into_iter().enumerate() {
        let is_useful = match action {
            KeyAction::Undo => entry.can_undo(),
            KeyAction::Redo => entry.can_redo(),
            KeyAction::Cut | KeyAction::Copy => entry.has_selection(),
            KeyAction::SelectAll => !entry.value().is_empty(),
            _ => true,
        };
        menu.set_active(at, is_useful);
    }
    if let Some(at) = menu.choose(place) {
        carry_out(ITEMS[at].1, entry);
    }
}

/// Carries out an action of the menu.
pub(super) fn carry_out(action: KeyAction, entry: &mut Entry) {
    match action {
        KeyAction::Undo => entry.undo(),
        KeyAction::Redo => entry.redo(),
        KeyAction::Cut => entry.editor().cut(),
        KeyAction::Copy => entry.editor().copy(),
        KeyAction::Paste => entry.paste(),
        KeyAction::SelectAll => entry.editor().kf_select_all(),
        _ => {}
    }
}

/// Creates the menu.
pub(super) fn build() -> ContextMenu {
    ContextMenu::new(with_keys(ITEMS.map(|(label, action)| (label, Some(action)))))
}
