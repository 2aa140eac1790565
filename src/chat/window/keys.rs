//! Keys as FLTK reports them, and as the [table](crate::chat::input::shortcuts) names them. A leaf: it imports none
//! of the other files here. Runs on the UI thread.

use fltk::app;
use fltk::enums::{Key, Shortcut};

use crate::chat::input::shortcuts::{self, KeyAction, Place, TALK_KEYS, key_of};
use crate::ui;

/// Names of the keys that have no letter.
const NAMES: [(Key, &str); 20] = [
    (Key::Enter, "Enter"),
    (Key::KPEnter, "Enter"),
    (Key::Tab, "Tab"),
    (Key::Escape, "Escape"),
    (Key::Up, "Up"),
    (Key::Down, "Down"),
    (Key::Left, "Left"),
    (Key::Right, "Right"),
    (Key::PageUp, "Page Up"),
    (Key::PageDown, "Page Down"),
    (Key::Home, "Home"),
    (Key::End, "End"),
    (Key::BackSpace, "Backspace"),
    (Key::Delete, "Delete"),
    (Key::Menu, "Menu"),
    (Key::F1, "F1"),
    (Key::F3, "F3"),
    (Key::F9, "F9"),
    (Key::F10, "F10"),
    (Key::F12, "F12"),
];

/// Returns the number of the row that is meant by a digit with Alt.
pub(super) fn row() -> Option<usize> {
    let is_only_alt = app::is_event_alt() && !app::is_event_ctrl() && !app::is_event_shift();
    let digit = app::event_key().to_char().filter(|_| is_only_alt)?.to_digit(10)?;
    usize::try_from(digit).ok()?.checked_sub(1)
}

/// Returns the key of the current event with its modifiers, as the table names it.
fn pressed() -> String {
    if row().is_some() {
        return TALK_KEYS.to_owned();
    }
    let key = app::event_key();
    let name = NAMES.iter().find(|(named, _)| *named == key).map(|(_, name)| (*name).to_owned());
    let name = name.or_else(|| key.to_char().map(|letter| letter.to_uppercase().to_string())).unwrap_or_default();
    let modifiers = [(ui::is_ctrl(), "Ctrl+"), (app::is_event_alt(), "Alt+"), (app::is_event_shift(), "Shift+")];
    modifiers.into_iter().filter(|(is_down, _)| *is_down).map(|(_, name)| name).collect::<String>() + &name
}

/// Returns whether the current key presses what has the focus, if that is a button.
pub(super) fn presses() -> bool {
    ["Enter", " "].contains(&pressed().as_str())
}

/// Returns the action of the current event's key in a place.
pub(super) fn find(place: Place) -> Option<KeyAction> {
    shortcuts::find(place, &pressed())
}

/// Returns the key of an action, for a menu that shows it.
pub(super) fn shortcut_of(action: KeyAction) -> Shortcut {
    let named = key_of(action);
    let name = named.rsplit('+').next().unwrap_or_default();
    let key = NAMES.iter().find(|(_, other)| *other == name).map(|(key, _)| *key);
    let key = key.or_else(|| name.chars().next().map(|letter| Key::from_char(letter.to_ascii_lowercase())));
    let mut shortcut = Shortcut::None;
    for (prefix, modifier) in [("Ctrl+", Shortcut::Command), ("Shift+", Shortcut::Shift)] {
        if named.contains(prefix) {
            shortcut |= modifier;
        }
    }
    key.map_or(Shortcut::None, |key| shortcut | key)
}
