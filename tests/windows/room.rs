//! The page of the conversation in the monitor, with peers in the room: what is said is shown live, announced, deleted, and who
//! said it is kicked; the history is up to date while it is open.

use fltk::app;
use fltk::prelude::*;
use fltk::table::Table;
use multichat::internal::monitor::model::ChatRow;
use multichat::internal::monitor::window::MonitorWindow;
use multichat::server::Config;

use crate::support::Peer;
use crate::support::desktop::{Test, Window};
use crate::support::monitor::{
    ANNOUNCEMENT, CANCEL, CHAT_TAB, FIRST_KEPT, FIRST_SAID, HISTORY_TAB, LOG_TAB, Shown as _, click, close, join, open,
    server, until,
};
use crate::support::program::Home;
use crate::support::screen::widgets;

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("the conversation is shown live, with what was said before, and takes announcements", live),
        ("a message is deleted by keys, and goes from the screens of those who asked for it", deleted),
        ("the end is followed, and a reader who has scrolled up stays where they are", followed),
        ("a long message is shown as a whole, and a server without a history says so", whole),
        ("who said a message is kicked by the context menu", kicked),
        ("a flood is shown by its newest messages, and what is left out is counted", flood),
        ("the history is up to date while it is open, and the marked row stays where it is", history),
    ]
}

fn open_with_history(home: &Home) -> (MonitorWindow, Window, String) {
    open(Config { history: Some(home.path().join("history.db")), rate: 0, ..Config::default() })
}

/// Says something, and waits until it is relayed.
fn say(peer: &mut Peer, name: &str, text: &str) {
    peer.send(format!("MSG {name} {text}\n"));
    peer.until_sync();
}

/// The texts of the conversation.
fn said(window: &MonitorWindow) -> Vec<String> {
    window.model().chat.list.iter().map(ChatRow::text).collect()
}

fn until_said(window: &MonitorWindow, texts: &[&str]) {
    until(window, &format!("{texts:?}"), || said(window) == texts);
}

/// The table that is visible below that of the people.
fn table() -> Table {
    widgets::<Table>().pop().unwrap()
}

fn live() {
    let home = Home::new();
    let (window, desktop, addr) = open_with_history(&home);
    let mut ann = join(&addr, "ann");
    say(&mut ann, "ann", "before");
    click(&desktop, CHAT_TAB);
    until_said(&window, &["before"]);
    say(&mut ann, "ann", "live");
    until_said(&window, &["before", "live"]);
    // By keyboard: from the tabs past the list to the field.
    desktop.keys(&["Tab", "Tab"]);
    desktop.type_text("closing at noon");
    desktop.keys(&["Return"]);
    until_said(&window, &["before", "live", "closing at noon"]);
    ann.expect("MSG server closing at noon");
    click(&desktop, LOG_TAB);
    until_said(&window, &[]);
    say(&mut ann, "ann", "meanwhile");
    click(&desktop, CHAT_TAB);
    until_said(&window, &["before", "live", "closing at noon", "meanwhile"]);
    close(window);
}

fn deleted() {
    let home = Home::new();
    let (window, desktop, addr) = open_with_history(&home);
    let mut ann = join(&addr, "ann");
    let mut ben = join(&addr, "ben stamp deleted");
    ann.until_sync();
    click(&desktop, CHAT_TAB);
    for text in ["insult", "hello", "more"] {
        say(&mut ann, "ann", text);
    }
    until_said(&window, &["insult", "hello", "more"]);
    ben.until_sync();
    click(&desktop, FIRST_SAID);
    until(&window, "the mark", || window.model().chat.list.marked().is_some_and(|row| row.text() == "insult"));
    desktop.keys(&["Delete"]);
    until(&window, "the question", || window.note().starts_with("This cannot be undone. It goes from the screens"));
    desktop.keys(&["Return"]);
    until_said(&window, &["(deleted)", "hello", "more"]);
    ben.expect_start("DELETED ");
    // The keyboard is back in the list, and the mark is where it was.
    until(&window, "the keyboard", || table().has_focus());
    desktop.keys(&["Down", "shift+Delete"]);
    until(&window, "the question", || window.note().starts_with("All messages by ann, and by names"));
    desktop.keys(&["shift+Tab", "Return"]);
    until_said(&window, &["(deleted)"; 3]);
    ben.expect_start("DELETED ");
    ben.expect_start("DELETED ");
    // Nothing to delete twice.
    desktop.keys(&["Delete"]);
    say(&mut ann, "ann", "again");
    until_said(&window, &["(deleted)", "(deleted)", "(deleted)", "again"]);
    assert!(window.model().actions().pending().is_none());
    close(window);
}

fn followed() {
    let home = Home::new();
    let (window, desktop, addr) = open_with_history(&home);
    let mut ann = join(&addr, "ann");
    click(&desktop, CHAT_TAB);
    let mut say_many = |numbers: std::ops::Range<usize>| {
        ann.send(numbers.map(|number| format!("MSG ann {number}\n")).collect::<Vec<_>>().concat());
        ann.until_sync();
    };
    let last_is = |number: usize| said(&window).last() == Some(&number.to_string());
    say_many(0..900);
    until(&window, "all", || last_is(899));
    until(&window, "the end", || table().row_position() + 4 >= 899);
    click(&desktop, FIRST_SAID);
    desktop.keys(&["Home", "End", "Page_Up", "Page_Up", "Page_Up", "Page_Up"]);
    let marked = || window.model().chat.list.marked().and_then(|row| row.text().parse::<i32>().ok());
    until(&window, "another row", || marked().is_some_and(|number| (800..899).contains(&number)));
    until(&window, "its place", || marked().is_some_and(|number| table().row_position() == number));
    let (row, text) = (table().row_position(), marked());
    // The oldest 50 are dropped, and those in sight stay.
    say_many(900..1050);
    until(&window, "more", || last_is(1049));
    assert_eq!(marked(), text);
    until(&window, "the same rows", || table().row_position() == (row - 50).max(0));
    close(window);
}

fn whole() {
    let home = Home::new();
    let (window, desktop, addr) = open_with_history(&home);
    let mut ann = join(&addr, "ann");
    click(&desktop, CHAT_TAB);
    let long = "a long message that goes on and on ".repeat(20);
    say(&mut ann, "ann", &long);
    until(&window, "it", || said(&window).len() == 1);
    click(&desktop, FIRST_SAID);
    let shows_all = || {
        let texts = widgets::<fltk::text::TextDisplay>();
        texts.iter().any(|text| text.buffer().is_some_and(|buffer| buffer.text().trim() == long.trim()))
    };
    desktop.keys(&["Return"]);
    until(&window, "all of it", shows_all);
    desktop.keys(&["Return"]);
    until(&window, "the list alone", || !shows_all());
    close(window);

    let (window, desktop, addr) = open(Config::default());
    let _ann = join(&addr, "ann");
    click(&desktop, CHAT_TAB);
    until(&window, "that nothing is kept", || window.model().chat.is_unavailable());
    click(&desktop, ANNOUNCEMENT);
    close(window);
}

fn kicked() {
    let home = Home::new();
    let (_program, window, addr) = server(&home);
    let (mut ann, mut ben) = (join(&addr, "ann"), join(&addr, "ben"));
    ann.until_sync();
    say(&mut ben, "ben", "insult");
    click(&window, CHAT_TAB);
    let has_row = || window.has_text(FIRST_SAID.0 - 40, FIRST_SAID.1 - 8, 60, 16).then_some(());
    Window::until("the message", || (), has_row);
    window.right_click(FIRST_SAID.0, FIRST_SAID.1);
    // Show, delete, delete all, kick.
    window.keys(&["Down", "Down", "Down", "Down", "Return"]);
    let is_asked = || window.has_text(CANCEL.0 - 30, CANCEL.1 - 8, 60, 16).then_some(());
    Window::until("the question", || (), is_asked);
    window.type_text("be kind");
    window.keys(&["Return"]);
    ben.expect("ERR KICKED be kind");
    ann.expect("MSG ben insult");
    ann.expect("BYE ben");
}

fn flood() {
    let home = Home::new();
    let (window, desktop, addr) = open_with_history(&home);
    let mut ann = join(&addr, "ann");
    click(&desktop, CHAT_TAB);
    say(&mut ann, "ann", "first");
    until_said(&window, &["first"]);
    ann.send((0..20_000).map(|number| format!("MSG ann number {number}\n")).collect::<Vec<_>>().concat());
    ann.until_sync();
    until(&window, "the newest", || said(&window).last().is_some_and(|text| text == "number 19999"));
    let said = said(&window);
    assert_eq!(said.len(), 1000);
    assert!(said.iter().any(|text| text.ends_with("messages not shown")) || said[0] == "number 19000", "{}", said[0]);
    close(window);
}

fn history() {
    let home = Home::new();
    let (window, desktop, addr) = open_with_history(&home);
    let mut ann = join(&addr, "ann");
    for number in 0..30 {
        say(&mut ann, "ann", &format!("number {number}"));
    }
    click(&desktop, HISTORY_TAB);
    until(&window, "the messages", || window.history().1.len() == 30);
    click(&desktop, FIRST_KEPT);
    let marked = || window.model().history.list.marked().map(|message| message.text.clone());
    until(&window, "a mark", || marked().is_some());
    let (text, row) = (marked(), table().row_position());
    say(&mut ann, "ann", "number 30");
    until(&window, "what was said meanwhile", || window.history().1.len() == 31);
    app::flush();
    assert_eq!((marked(), table().row_position()), (text, row));
    // After a deletion the next row is marked.
    desktop.keys(&["Home", "Delete", "Return"]);
    until(&window, "one less", || window.history().1.len() == 30);
    assert_eq!(marked().as_deref(), Some("number 1"));
    close(window);
}
