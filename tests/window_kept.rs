//! What was said before, in the monitor window: how much is kept, searched, deleted and saved, by keyboard. The window is in
//! this process, so that it can be asked; the clicks and keys come from the screen.
//!
//! There is no test harness here, since the toolkit belongs to the main thread.

// Without the harness, clippy does not see that this is a test.
#![allow(clippy::unwrap_used)]

mod support;

#[cfg(target_os = "linux")]
fn main() {
    on_linux::run();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("the window tests press keys with xdotool, which is for X11");
}

#[cfg(target_os = "linux")]
mod on_linux {
    use std::fs;

    use multichat::monitor::window::MonitorWindow;

    use crate::support::desktop::{Window, run_all};
    use crate::support::history::{all, lines_of, with_history};
    use crate::support::monitor::{FIRST_KEPT, HISTORY_TAB, PAST_WORDS, SAVE_ALL, click, close, join, open, until};
    use crate::support::program::Home;

    pub(super) fn run() {
        run_all(&[
            ("messages are listed, searched for and deleted, one or all of somebody's", deleted),
            ("all that is kept is saved as text", saved),
        ]);
    }

    /// A window on a room in which four things were said, with the history's page in front.
    fn room(home: &Home) -> (MonitorWindow, Window, crate::support::Peer) {
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
        until(&window, "all four", || window.past().1 == four);
        (window, desktop, ann)
    }

    fn deleted() {
        let home = Home::new();
        let (window, desktop, mut ann) = room(&home);
        let (summary, _) = window.past();
        assert!(summary.starts_with("4 messages, ") && summary.contains("kept for good in /"), "{summary}");
        let shows = |lines: &[&str]| until(&window, &format!("{lines:?}"), || window.past().1 == lines);
        click(&desktop, PAST_WORDS);
        desktop.type_text("two");
        desktop.keys(&["Return"]);
        shows(&["ann: two", "ben: two again"]);
        // The first of them, and Cancel; then the same again, and Delete.
        click(&desktop, FIRST_KEPT);
        desktop.keys(&["Delete"]);
        until(&window, "the question", || window.note().starts_with("It is deleted for good"));
        desktop.keys(&["Escape"]);
        until(&window, "that it is gone", || window.note().is_empty());
        desktop.keys(&["Delete"]);
        until(&window, "the question", || window.note().starts_with("It is deleted for good"));
        desktop.keys(&["space"]);
        until(&window, "the outcome", || window.note() == "1 message was deleted");
        shows(&["ben: two again"]);
        // Everything of ben's: the keyboard is on Cancel, and Delete is before it.
        click(&desktop, FIRST_KEPT);
        desktop.keys(&["shift+Delete"]);
        until(&window, "the question", || window.note().starts_with("All that ben, or a name that looks like it"));
        desktop.keys(&["shift+Tab", "space"]);
        until(&window, "the outcome", || window.note() == "2 messages were deleted");
        shows(&[]);
        assert_eq!(lines_of(&all(&mut ann).0), ["PAST ann one"]);
        close(window);
    }

    fn saved() {
        let home = Home::new();
        let (window, desktop, _ann) = room(&home);
        click(&desktop, SAVE_ALL);
        until(&window, "the question", || window.note().starts_with("Everything that is kept"));
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
}
