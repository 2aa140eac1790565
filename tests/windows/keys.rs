//! The keys that `docs/keys.md` lists, on a real screen. The table of the window starts most of them; here are those that a
//! text field handles by itself.

use crate::support::desktop::Test;
use crate::support::screen::bob_and_ann;

pub(crate) fn tests() -> Vec<Test> {
    vec![("each key that is listed for where one writes does what the list says", where_one_writes)]
}

const PAGE: &str = include_str!("../../docs/keys.md");

/// Keys that send, walk through what was sent, complete, scroll and open a menu: `entry.rs`, `client.rs` and `reading.rs` try
/// them.
const ELSEWHERE: [&str; 9] = ["Enter", "Up", "Down", "Tab", "Shift+Tab", "Page Up", "Page Down", "Menu", "Shift+F10"];

/// Each key, those that are pressed in an entry with "one two", and the text after a letter has been typed.
const EDITS: [(&str, &[&str], &str); 14] = [
    ("Shift+Enter", &["shift+Return"], "one two\nx"),
    ("Ctrl+Left", &["ctrl+Left"], "one xtwo"),
    ("Ctrl+Right", &["Home", "ctrl+Right"], "one xtwo"),
    ("Ctrl+Home", &["ctrl+Home"], "xone two"),
    ("Ctrl+Backspace", &["ctrl+BackSpace"], "one x"),
    ("Ctrl+Delete", &["Home", "ctrl+Delete"], "xtwo"),
    ("Ctrl+Z", &["ctrl+BackSpace", "ctrl+z"], "one twox"),
    ("Ctrl+Y", &["ctrl+BackSpace", "ctrl+z", "ctrl+y"], "one x"),
    ("Ctrl+Shift+Z", &["ctrl+BackSpace", "ctrl+z", "ctrl+shift+z"], "one x"),
    ("Ctrl+A", &["ctrl+a"], "x"),
    ("Ctrl+X", &["ctrl+a", "ctrl+x"], "x"),
    ("Ctrl+V", &["ctrl+v"], "one twoone twox"),
    ("Ctrl+C", &["ctrl+a", "ctrl+c", "End", "ctrl+v"], "one twoone twox"),
    ("Ctrl+V", &["ctrl+v", "ctrl+v"], "one twoone twoone twox"),
];

/// Returns the keys that the page lists below a heading.
fn listed(heading: &str) -> Vec<&'static str> {
    let section = PAGE.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let keys = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    keys.flat_map(|(keys, _)| keys.split(", ")).collect()
}

fn where_one_writes() {
    let (_room, _ann, screen) = bob_and_ann();
    for (key, presses, expected) in EDITS {
        screen.desktop.keys(&["ctrl+a", "Delete"]);
        screen.until_draft("");
        screen.desktop.type_text("one two");
        screen.until_draft("one two");
        screen.desktop.keys(presses);
        screen.desktop.type_text("x");
        screen.until(&format!("{key}: {expected:?}"), |screen| screen.window.draft() == expected);
    }
    let tried: Vec<_> = EDITS.iter().map(|(key, ..)| *key).chain(ELSEWHERE).collect();
    let listed = listed("Where you write");
    assert!(listed.iter().all(|key| tried.contains(key)), "{listed:?}");
    assert!(tried.iter().all(|key| listed.contains(key)), "{listed:?}");
    screen.close();
}
