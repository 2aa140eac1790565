//! The context menu of an entry: undo, cut, copy, paste. What would do nothing is greyed. Runs on the UI thread.

use fltk::menu::{MenuButton, MenuFlag};
use fltk::prelude::{MenuExt as _, WidgetExt as _};

use crate::chat::input::shortcuts::KeyAction;
use crate::chat::window::keys::shortcut_of;
use crate::chat::window::widgets::context_menu;
use crate::ui::Entry;

/// The items.
const ITEMS: [(&str, KeyAction); 6] = [
    ("  Undo    ", KeyAction::Undo),
    ("  Redo    ", KeyAction::Redo),
    ("  Cut    ", KeyAction::Cut),
    ("  Copy    ", KeyAction::Copy),
    ("  Paste    ", KeyAction::Paste),
    ("  Select all    ", KeyAction::SelectAll),
];

/// Shows the menu at a position in the window, and does what the user chooses. The event loop runs meanwhile.
pub(super) fn show(menu: &mut MenuButton, entry: &mut Entry, (x, y): (i32, i32)) {
    for (at, (_, action)) in (0..).zip(ITEMS) {
        let is_useful = match action {
            KeyAction::Undo => entry.can_undo(),
            KeyAction::Redo => entry.can_redo(),
            KeyAction::Cut | KeyAction::Copy => entry.has_selection(),
            KeyAction::SelectAll => !entry.value().is_empty(),
            _ => true,
        };
        if let Some(mut item) = menu.at(at) {
            if is_useful { item.activate() } else { item.deactivate() }
        }
    }
    menu.set_pos(x, y);
    let chosen = menu.popup().and_then(|item| item.label());
    if let Some((_, action)) = ITEMS.into_iter().find(|(label, _)| chosen.as_deref() == Some(label)) {
        carry_out(action, entry);
    }
}

/// Carries out an action of the menu.
pub(super) fn carry_out(action: KeyAction, entry: &mut Entry) {
    match action {
        KeyAction::Undo => entry.editor().undo(),
        KeyAction::Redo => entry.editor().redo(),
        KeyAction::Cut => entry.editor().cut(),
        KeyAction::Copy => entry.editor().copy(),
        KeyAction::Paste => entry.paste(),
        KeyAction::SelectAll => entry.editor().kf_select_all(),
        _ => {}
    }
}

/// Creates the menu.
pub(super) fn build() -> MenuButton {
    let mut menu = context_menu();
    for (label, action) in ITEMS {
        menu.add(label, shortcut_of(action), MenuFlag::Normal, |_| {});
    }
    menu
}
