//! The keys of a window with a conversation: one table for the handling, the hints in menus, `/help`, the window "Keys and
//! commands" and `docs/keys.md`. Pure.

/// The part of a window that has the keyboard focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Any part of the window.
    Window,
    /// The entry.
    Entry,
    /// The row that finds text.
    Find,
    /// The messages.
    Messages,
    /// The field that filters the lists of talks and people.
    Filter,
    /// The lists of talks, of people, of search results and of recent servers.
    Lists,
}

impl Place {
    /// All places, in the order in which they are listed.
    pub(crate) const ALL: [Place; 6] =
        [Place::Window, Place::Entry, Place::Find, Place::Messages, Place::Filter, Place::Lists];

    /// Returns the heading above the keys of this place.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Place::Window => "Everywhere",
            Place::Entry => "Where you write",
            Place::Find => "While finding",
            Place::Messages => "In the messages",
            Place::Filter => "While going to a name",
            Place::Lists => "In lists",
        }
    }
}

/// An action that a key starts through the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyAction {
    Help,
    Quit,
    CloseTalk,
    NextTalk,
    PreviousTalk,
    NextUnread,
    TalkInRow,
    GoToName,
    OpenFind,
    NextHit,
    PreviousHit,
    SearchAll,
    Save,
    SelectLink,
    Copy,
    Newest,
    FirstNew,
    ChangeTheme,
    ToggleWire,
    ToggleSidebar,
    Close,
    Send,
    RecallOlder,
    RecallNewer,
    Complete,
    CompleteBackwards,
    Scroll,
    Undo,
    Redo,
    Cut,
    Paste,
    SelectAll,
    OpenMenu,
    OpenLink,
    GoToList,
    Open,
    Remove,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shortcut {
    /// The keys, separated by a comma and a space. Each is written as [`find`] expects it.
    pub keys: &'static str,
    /// The effect of each of them, in words.
    pub what: &'static str,
    /// The part of the window in which they work.
    pub place: Place,
    /// The action. `None` if the widget that has the focus handles the key by itself: a text field knows how a caret moves, and
    /// a list how a choice does.
    #[cfg_attr(not(feature = "gui"), allow(dead_code, reason = "only the window handles keys"))]
    pub action: Option<KeyAction>,
}

const fn key(place: Place, keys: &'static str, what: &'static str, action: KeyAction) -> Shortcut {
    Shortcut { keys, what, place, action: Some(action) }
}

const fn own(place: Place, keys: &'static str, what: &'static str) -> Shortcut {
    Shortcut { keys, what, place, action: None }
}

/// The keys that go to the talks in the first nine rows, all under one name.
pub(crate) const TALK_KEYS: &str = "Alt+1 … Alt+9";

/// The table.
pub(crate) const SHORTCUTS: [Shortcut; 54] = [
    key(Place::Window, "F1", "shows keys and commands", KeyAction::Help),
    key(Place::Window, "Ctrl+K", "goes to a person or a talk by name", KeyAction::GoToName),
    key(Place::Window, "Ctrl+N", "goes to the next talk with unread messages", KeyAction::NextUnread),
    key(Place::Window, "Ctrl+Tab", "goes to the next talk", KeyAction::NextTalk),
    key(Place::Window, "Ctrl+Shift+Tab", "goes to the previous talk", KeyAction::PreviousTalk),
    key(Place::Window, TALK_KEYS, "goes to the talk in this row of the list", KeyAction::TalkInRow),
    key(Place::Window, "Ctrl+W", "closes the talk; what is not sent stays", KeyAction::CloseTalk),
    key(Place::Window, "Ctrl+F", "finds text in the talk", KeyAction::OpenFind),
    key(Place::Window, "F3, Ctrl+G", "goes to the next hit", KeyAction::NextHit),
    key(Place::Window, "Shift+F3, Ctrl+Shift+G", "goes to the previous hit", KeyAction::PreviousHit),
    key(
        Place::Window,
        "Ctrl+Shift+F",
        "searches all messages on the server; again, goes to the results",
        KeyAction::SearchAll,
    ),
    key(
        Place::Window,
        "Ctrl+O",
        "selects the newest link, again for earlier ones; Enter opens it",
        KeyAction::SelectLink,
    ),
    key(Place::Window, "Ctrl+S", "saves the talk as text", KeyAction::Save),
    key(Place::Window, "Ctrl+End", "goes to the newest message", KeyAction::Newest),
    key(Place::Window, "Shift+Page Up", "goes to the first message that is not read", KeyAction::FirstNew),
    key(Place::Window, "F9", "shows or hides the lists of talks and people", KeyAction::ToggleSidebar),
    key(Place::Window, "Ctrl+T", "changes between light and dark", KeyAction::ChangeTheme),
    key(Place::Window, "F12", "shows or hides the lines of the protocol", KeyAction::ToggleWire),
    own(Place::Window, "Ctrl++, Ctrl+-, Ctrl+0", "larger, smaller, the usual size"),
    key(Place::Window, "Escape", "closes what is open", KeyAction::Close),
    key(Place::Window, "Ctrl+Q", "quits", KeyAction::Quit),
    key(Place::Entry, "Enter", "sends", KeyAction::Send),
    own(Place::Entry, "Shift+Enter", "begins a new line"),
    key(
        Place::Entry,
        "Up",
        "in the first line: what was not sent, or what you sent before; your draft is kept",
        KeyAction::RecallOlder,
    ),
    key(Place::Entry, "Down", "in the last line: what you sent after that", KeyAction::RecallNewer),
    key(Place::Entry, "Tab", "completes a name or a command, again for the next one", KeyAction::Complete),
    key(
        Place::Entry,
        "Shift+Tab",
        "completes backwards; with nothing to complete, leaves",
        KeyAction::CompleteBackwards,
    ),
    key(
        Place::Entry,
        "Page Up, Page Down",
        "scrolls the messages; at their top, older ones are loaded",
        KeyAction::Scroll,
    ),
    own(Place::Entry, "Ctrl+Left, Ctrl+Right", "moves by a word"),
    own(Place::Entry, "Ctrl+Home", "moves to the beginning"),
    own(Place::Entry, "Ctrl+Backspace, Ctrl+Delete", "deletes a word"),
    key(Place::Entry, "Ctrl+Z", "undoes the last change: a word, or a text that was pasted", KeyAction::Undo),
    key(Place::Entry, "Ctrl+Y, Ctrl+Shift+Z", "repeats what was undone", KeyAction::Redo),
    key(Place::Entry, "Ctrl+X", "cuts what is selected", KeyAction::Cut),
    key(Place::Entry, "Ctrl+C", "copies what is selected", KeyAction::Copy),
    key(Place::Entry, "Ctrl+V", "pastes", KeyAction::Paste),
    key(Place::Entry, "Ctrl+A", "selects everything", KeyAction::SelectAll),
    key(Place::Entry, "Menu, Shift+F10", "opens the menu of the mouse's right button", KeyAction::OpenMenu),
    key(Place::Find, "Enter, Up", "goes to the previous hit", KeyAction::PreviousHit),
    key(Place::Find, "Shift+Enter, Down", "goes to the next hit", KeyAction::NextHit),
    // The key of the whole window, which closes the newest of what is open.
    own(Place::Find, "Escape", "ends finding"),
    key(Place::Window, "Ctrl+C", "copies what is selected", KeyAction::Copy),
    key(Place::Messages, "Ctrl+A", "selects everything", KeyAction::SelectAll),
    key(Place::Messages, "Enter", "opens the selected link", KeyAction::OpenLink),
    key(
        Place::Messages,
        "Menu, Shift+F10",
        "opens the menu of the selected message, or of the newest one",
        KeyAction::OpenMenu,
    ),
    own(Place::Messages, "Up, Down, Page Up, Page Down, Home, End", "scrolls"),
    own(Place::Messages, "Any letter", "goes on where you write"),
    key(Place::Filter, "Enter", "opens the first talk", KeyAction::Open),
    key(Place::Filter, "Down", "goes to the list of people", KeyAction::GoToList),
    key(Place::Filter, "Escape", "shows all names again", KeyAction::Close),
    own(Place::Lists, "Up, Down, Page Up, Page Down, Home, End, letters", "chooses"),
    key(Place::Lists, "Enter", "opens the talk, goes to the message, or fills the server in", KeyAction::Open),
    key(Place::Lists, "Delete", "removes a recent server", KeyAction::Remove),
    key(Place::Lists, "Menu, Shift+F10", "opens the menu of the talk or the person", KeyAction::OpenMenu),
];

/// Returns the action of a key in a place. The key is written with its modifiers in the order `Ctrl+`, `Alt+`, `Shift+`
/// before its name, letters in upper case: `Ctrl+Shift+F`, `Page Up`.
#[cfg_attr(not(feature = "gui"), allow(dead_code, reason = "only the window handles keys"))]
pub(crate) fn find(place: Place, pressed: &str) -> Option<KeyAction> {
    let of_place = SHORTCUTS.iter().filter(|shortcut| shortcut.place == place);
    of_place.filter(|shortcut| shortcut.keys.split(", ").any(|key| key == pressed)).find_map(|shortcut| shortcut.action)
}

/// Returns the first key of an action, as it is written in the table.
#[cfg_attr(not(feature = "gui"), allow(dead_code, reason = "only the window handles keys"))]
pub(crate) fn key_of(action: KeyAction) -> &'static str {
    let shortcut = SHORTCUTS.iter().find(|shortcut| shortcut.action == Some(action));
    shortcut.and_then(|shortcut| shortcut.keys.split(", ").next()).unwrap_or_default()
}

/// Returns the rows of a place.
pub(crate) fn in_place(place: Place) -> impl Iterator<Item = &'static Shortcut> {
    SHORTCUTS.iter().filter(move |shortcut| shortcut.place == place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_meaning_in_a_place() {
        for place in Place::ALL {
            let mut keys: Vec<_> = in_place(place).flat_map(|shortcut| shortcut.keys.split(", ")).collect();
            let all = keys.len();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), all, "{place:?}");
        }
    }

    #[test]
    fn a_key_is_found_in_its_place() {
        assert_eq!(find(Place::Window, "Ctrl+Shift+G"), Some(KeyAction::PreviousHit));
        assert_eq!(find(Place::Window, "Ctrl+G"), Some(KeyAction::NextHit));
        assert_eq!(find(Place::Window, "Ctrl"), None);
        assert_eq!(find(Place::Window, "Up"), None);
        assert_eq!(find(Place::Entry, "Up"), Some(KeyAction::RecallOlder));
        // Handled by the widget itself.
        assert_eq!(find(Place::Entry, "Shift+Enter"), None);
        assert_eq!(key_of(KeyAction::NextHit), "F3");
    }

    #[test]
    fn each_action_has_a_key() {
        for shortcut in &SHORTCUTS {
            let Some(action) = shortcut.action else { continue };
            let first = shortcut.keys.split(", ").next().unwrap();
            assert_eq!(find(shortcut.place, first), Some(action));
            assert!(!key_of(action).is_empty());
        }
    }
}
