//! Tests of the history in the monitor window: the summary, search, deletion and export, by keyboard. The window is in this
//! process, so that its state can be read; clicks and keys come from the screen.

use std::fs;

use fltk::app;
use fltk::prelude::*;
use multichat::internal::monitor::window::MonitorWindow;

use crate::support::desktop::{Test, Window};
use crate::support::history::{all, lines_of, with_history};
use crate::support::monitor::{
    FIRST_KEPT, FIRST_ROW, HISTORY_SEARCH, HISTORY_TAB, SAVE_ALL, Shown as _, click, close, join, open, until,
};
use crate::support::program::Home;

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("messages are listed, searched for and deleted, one or all of somebody's", deleted),
        ("all that is kept is saved as text", saved),
        ("after a kick the next Delete is not for the messages of the page below", kicked),
    ]
}

/// Opens a window on a room with four messages, and its page of the history.
fn room(home: &Home) -> (MonitorWindow, Window, [crate::support::Peer; 2]) {
    let (window, desktop, addr) = open(with_history(home));
    let mut ann = join(&addr, "ann");
    let mut ben = join(&addr, "ben");
    ann.until_sync();
    ann.send("MSG ann one\nMSG ann two\n");
    ann.sync();
    ben.send("MSG ben three\nMSG ben two again\n");
    ben.until_sync();
    ann.until_sync();
    click(&desktop, HISTORY_TAB);
    let four = ["ann: one", "ann: two", "ben: three", "ben: two again"];
    until(&window, "all four", || window.history().1 == four);
    (window, desktop, [ann, ben])
}

fn deleted() {
    let home = Home::new();
    let (window, desktop, [mut ann, _ben]) = room(&home);
    let (summary, _) = window.history();
    assert!(summary.starts_with("4 messages, ") && summary.contains("kept permanently in /"), "{summary}");
    let shows = |lines: &[&str]| until(&window, &format!("{lines:?}"), || window.history().1 == lines);
    click(&desktop, HISTORY_SEARCH);
    desktop.type_text("two");
    desktop.keys(&["Return"]);
    shows(&["ann: two", "ben: two again"]);
    // Mark the first message and cancel its deletion; then confirm it.
    click(&desktop, FIRST_KEPT);
    desktop.keys(&["Delete"]);
    until(&window, "the question", || window.note().starts_with("This cannot be undone"));
    desktop.keys(&["Escape"]);
    until(&window, "that it is gone", || window.note().is_empty());
    desktop.keys(&["Delete"]);
    until(&window, "the question", || window.note().starts_with("This cannot be undone"));
    desktop.keys(&["space"]);
    until(&window, "the outcome", || window.note() == "1 message was deleted");
    shows(&["ben: two again"]);
    // Delete everything of ben's: the focus is on Cancel, and the button Delete is before it.
    // By keyboard: while the outcome is told, the list is a little lower.
    desktop.keys(&["Down", "shift+Delete"]);
    until(&window, "the question", || window.note().starts_with("All messages by ben, and by names that look like it"));
    desktop.keys(&["shift+Tab", "space"]);
    until(&window, "the outcome", || window.note() == "2 messages were deleted");
    shows(&[]);
    assert_eq!(lines_of(&all(&mut ann).0), ["PAST ann one"]);
    close(window);
}

fn kicked() {
    let home = Home::new();
    let (window, desktop, _peers) = room(&home);
    // A message is marked, and then ann is kicked.
    let is_focus_below = |y| app::focus().is_some_and(|widget| widget.y() > y);
    click(&desktop, FIRST_KEPT);
    until(&window, "the keyboard in the list of messages", || is_focus_below(300));
    // Again and again, since the list may not show her yet.
    until(&window, "the keyboard in the list of clients", || {
        click(&desktop, FIRST_ROW);
        !is_focus_below(300)
    });
    desktop.keys(&["Delete"]);
    until(&window, "the question", || window.note().starts_with("ann sees the reason"));
    desktop.keys(&["Return"]);
    until(&window, "the outcome", || window.note() == "ann was kicked");
    // Ben is marked and kicked in the same way, and no message is in question.
    until(&window, "ben alone", || window.names() == ["ben"]);
    desktop.keys(&["Down", "Delete"]);
    until(&window, "the next question", || window.note().starts_with("ben sees the reason"));
    close(window);
}

fn saved() {
    let home = Home::new();
    let (window, desktop, _peers) = room(&home);
    click(&desktop, SAVE_ALL);
    until(&window, "the question", || window.note().starts_with("All stored messages"));
    let file = home.path().join("all.txt");
    desktop.keys(&["ctrl+a"]);
    desktop.type_text(&file.display().to_string());
    desktop.keys(&["Return"]);
    until(&window, "that it was saved", || window.note() == format!("Saved as {}", file.display()));
    let text = fs::read_to_string(file).unwrap();
    assert_eq!(text.lines().count(), 4);
    assert!(text.lines().last().unwrap().ends_with("  ben: two again"), "{text}");
    close(window);
}
