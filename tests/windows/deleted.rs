//! What the operator deletes, on a real screen and against a real server: the text is gone from everything that shows or keeps
//! it, a grey line is in its place, and what is read does not move.

use fltk::app;
use fltk::frame::Frame;
use fltk::prelude::*;
use fltk::table::Table;
use multichat::server::{Config, Deletion};

use crate::support::desktop::{Test, look_away};
use crate::support::program::Home;
use crate::support::screen::{Screen, button, selected, shown, texts, widgets};
use crate::support::{Peer, Room, config, stamped};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("a deleted message is gone from the text, what is found, and what is selected", gone),
        ("a deleted message is no longer unread, and the results of a search keep their mark", counted_no_longer),
        ("all messages of a name are gone at once, and what is read stays where it is", all_of_a_name),
    ]
}

const DELETED: &str = "(deleted by the operator)";

/// A room that remembers, with ann and bob's window.
fn stage(home: &Home) -> (Room, Peer, Screen) {
    let room = Room::with(Config { history: Some(home.path().join("history.db")), ..config() });
    let mut ann = room.join("ann stamp echo");
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    ann.expect_start("@");
    (room, ann, screen)
}

/// Says something as ann, and returns its stamp.
fn say(ann: &mut Peer, text: &str) -> u64 {
    ann.send(format!("MSG ann {text}\n"));
    stamped(&ann.line()).0
}

fn delete(room: &Room, stamp: u64) {
    room.server.forget(&Deletion::One(stamp)).unwrap();
}

fn note_is(screen: &Screen, begins: &str) {
    screen.until(begins, |_| widgets::<Frame>().iter().any(|note| note.label().starts_with(begins)));
}

fn find(screen: &Screen, words: &str) {
    screen.desktop.keys(&["ctrl+f"]);
    screen.until("the row", |_| button("Search all messages").is_some());
    screen.desktop.keys(&["ctrl+a"]);
    screen.desktop.type_text(words);
}

fn gone() {
    let home = Home::new();
    let (room, mut ann, screen) = stage(&home);
    let insult = say(&mut ann, "you are stupid");
    say(&mut ann, "hello");
    screen.until_conversation("hello");
    find(&screen, "stupid");
    note_is(&screen, "1 of 1");
    screen.desktop.keys(&["Escape"]);
    screen.until("no row", |_| button("Search all messages").is_none());
    // It is selected while it is deleted.
    let (x, y) = shown().position_of("stupid").unwrap();
    screen.desktop.double_click(x + 6, y + 6);
    screen.until("a selection", |_| selected() == "stupid");
    let stood = shown().position_of("hello");
    delete(&room, insult);
    screen.until_conversation(DELETED);
    assert!(!texts()[0].contains("stupid"), "{}", texts()[0]);
    assert_eq!((selected(), shown().position_of("hello")), (String::new(), stood));
    find(&screen, "stupid");
    note_is(&screen, "not found");
    screen.close();
}

fn counted_no_longer() {
    let home = Home::new();
    let (room, mut ann, screen) = stage(&home);
    let insults = [say(&mut ann, "tea one"), say(&mut ann, "tea two"), say(&mut ann, "tea three")];
    screen.until_conversation("three");
    find(&screen, "tea");
    screen.desktop.keys(&["ctrl+shift+f"]);
    note_is(&screen, "3 messages with tea");
    screen.desktop.keys(&["ctrl+shift+f", "Home"]);
    let table = || widgets::<Table>().into_iter().find(|table| table.rows() == 3).unwrap();
    screen.until("the keyboard in the results", |_| table().has_focus());
    delete(&room, insults[1]);
    screen.until_conversation(DELETED);
    // The mark is still on the first row.
    screen.desktop.keys(&["Return"]);
    screen.until("the first", |_| selected().ends_with("tea one"));
    screen.desktop.keys(&["Escape", "Escape"]);

    look_away();
    screen.until("nobody looking", |_| app::focus().is_none());
    let title = || app::first_window().unwrap().label();
    // What comes in the same tick as the loss of the focus counts as seen.
    let mut unread = Vec::new();
    screen.until("that bob was named", |_| {
        unread.push(say(&mut ann, "bob is stupid"));
        title().starts_with('(')
    });
    unread.into_iter().for_each(|stamp| delete(&room, stamp));
    screen.until("that it is deleted", |_| title() == "bob - multichat");
    assert!(!texts()[0].contains("stupid") && !texts()[0].contains("you looked away"));
    screen.close();
}

fn all_of_a_name() {
    let home = Home::new();
    let (room, mut ann, screen) = stage(&home);
    let mut ben = room.join("ben");
    let long = "long ".repeat(30);
    for n in 0..60 {
        say(&mut ann, &format!("insult {n} {long}"));
        ben.send(format!("MSG ben number {n} of ben\n"));
        ann.line();
    }
    screen.until_conversation("number 59 of ben");
    let (x, y, ..) = shown().area();
    let is_away = || shown().in_sight().iter().all(|(text, _)| !text.contains("number 59 of ben"));
    screen.until("another place", |screen| {
        screen.desktop.wheel_up(x + 50, y + 50);
        is_away()
    });
    let mut before = Vec::new();
    screen.until("rest", |_| std::mem::replace(&mut before, shown().in_sight()) == shown().in_sight());
    // The first line in sight keeps its place; what is below comes nearer.
    let first = shown().in_sight().into_iter().find(|(text, y)| text.contains("of ben") && *y >= 0).unwrap();
    room.server.forget(&Deletion::AllOf("ann".into())).unwrap();
    screen.until("no insult", |_| !texts()[0].contains("insult"));
    assert_eq!(texts()[0].matches(DELETED).count(), 60);
    app::flush();
    let stands = shown().in_sight();
    assert!(stands.contains(&first), "{first:?} is not in {stands:?}");
    screen.close();
}
