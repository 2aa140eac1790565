//! The keys of a window with a conversation, as `/help` shows them. The window's files wire what they do; keys that
//! FLTK itself handles are listed too.

/// Keys, with what each does.
pub const SHORTCUTS: [(&str, &str); 22] = [
    ("Enter", "send"),
    ("Up, Down", "walk through what you sent; your draft is kept"),
    ("Tab", "complete a name, again for the next one; with no word before it, go to the next field"),
    ("Page Up, Page Down", "scroll the conversation; at its top, older messages are loaded"),
    ("Ctrl+End", "go to the newest line"),
    ("Ctrl+F", "find in the conversation"),
    ("Enter, Shift+Enter", "while finding: the older, the newer hit; Escape ends it"),
    ("Ctrl+Shift+F", "search all that the server remembers; once more, go to what was found"),
    ("In the list of what was found", "arrows choose, Enter or a double click goes there"),
    ("Ctrl+C", "copy what is selected"),
    ("Ctrl+O", "select a link, again for the one before; Enter opens it"),
    ("Ctrl+S", "save the conversation as text"),
    ("In the lists beside the text", "arrows or letters choose, Enter or a double click opens the talk"),
    ("Ctrl+K", "go to a person or a talk by a part of the name"),
    ("Ctrl+Tab, Ctrl+Shift+Tab", "go to the next talk, to the previous one"),
    ("Ctrl+N", "go to the next talk with unread messages"),
    ("Ctrl+W", "close a private talk or its window; what is not sent stays"),
    ("F9", "show the lists beside the text, or hide them"),
    ("Ctrl+T", "light or dark"),
    ("F12", "see every line of the wire as it goes by, or not"),
    ("Ctrl++, Ctrl+-, Ctrl+0", "larger, smaller, as it was"),
    ("Escape", "close what is open below the conversation"),
];
