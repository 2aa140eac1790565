//! The past in the chat window, on a real screen and against a real server that remembers: scrolled up to without
//! losing the place, searched on the server, gone to; and a window that was cut off shows in the end what was sent.

use std::net::TcpListener;

use fltk::app;
use fltk::frame::Frame;
use fltk::prelude::*;
use fltk::table::Table;
use multichat::server::Config;

use crate::support::desktop::{Test, look_away};
use crate::support::program::Home;
use crate::support::screen::{Screen, button, selected, shown, texts, widgets};
use crate::support::{Peer, Room, config, lines};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("what comes above leaves what is read where it is on the screen", place_is_kept),
        ("scrolling up with keys and wheel loads all that is older", scrolled_up),
        ("a search of all that was said is listed, and enter or a double click goes there", searched),
        ("after the results, what is read is where it was, and what is below is counted", back_from_results),
        ("what a search comes to is said in words", searched_in_vain),
        ("a window that was cut off shows what was sent, and what was missed as new", cut_off),
    ]
}

/// A room that remembers, at this address.
fn room(home: &Home, listen: &str) -> Room {
    Room::with(Config { listen: listen.into(), history: Some(home.path().join("history.db")), ..config() })
}

/// A message that takes a row or more.
fn text(n: usize) -> String {
    format!("number {n}{}", " and more of it".repeat(n % 7 * 2))
}

/// Somebody says so many messages, numbered.
fn say(peer: &mut Peer, name: &str, numbers: std::ops::Range<usize>) {
    peer.send(numbers.map(|n| format!("MSG {name} {}\n", text(n))).collect::<Vec<_>>().concat());
    peer.until_sync();
}

/// A position in the conversation.
fn inside() -> (i32, i32) {
    let (x, y, ..) = shown().area();
    (x + 50, y + 50)
}

fn first_number(text: &str) -> Option<usize> {
    text.split("number ").nth(1)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The numbers that are shown, in their order.
fn numbers() -> Vec<usize> {
    texts()[0].lines().filter_map(first_number).collect()
}

/// The number of the message in the first row.
fn at_top() -> usize {
    shown().in_sight().iter().find_map(|(text, _)| first_number(text)).unwrap()
}

/// How far from the upper edge of the window a message stands.
fn height_of(number: usize) -> i32 {
    shown().position_of(&text(number)).map_or(-1, |(_, y)| y)
}

/// What the notes in the window say.
fn notes() -> Vec<String> {
    widgets::<Frame>().iter().map(WidgetExt::label).collect()
}

fn note_is(screen: &Screen, begins: &str) {
    screen.until(begins, |_| notes().iter().any(|note| note.starts_with(begins)));
}

/// Opens the row to find something, and types.
fn find(screen: &Screen, words: &str) {
    screen.desktop.keys(&["ctrl+f"]);
    screen.until("the row", |_| button("Search all messages").is_some());
    screen.desktop.keys(&["ctrl+a"]);
    screen.desktop.type_text(words);
}

fn place_is_kept() {
    // A server that takes its time, so that it can be seen where everything stands before the answer.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let screen = Screen::open(listener.local_addr().unwrap());
    let (socket, _) = listener.accept().unwrap();
    let heard = lines(socket.try_clone().unwrap());
    let mut server = Peer::of(socket);
    let expect = |line: &str| screen.until(line, |_| heard.try_recv().is_ok_and(|heard| heard.starts_with(line)));
    expect("HELLO bob stamp echo");
    // A day and a minute between them, so that days come and go above the lines.
    let line = |verb: &str, n: usize| format!("@{} {verb} ann {}\n", n * 43_260_000_000, text(n));
    let all = |verb: &str, numbers: std::ops::Range<usize>| numbers.map(|n| line(verb, n)).collect::<Vec<_>>();
    server.send(all("MSG", 1000..1100).concat());
    server.send("HELLO bob\n");
    screen.until_status("Connected as bob");
    let mut first = 1000;
    for round in 0..3 {
        screen.until("the top", |screen| {
            screen.desktop.keys(&["Page_Up"]);
            at_top() <= first + 1
        });
        let label = round + 1;
        expect(&format!("#{label} PAST {} 100", first * 43_260_000_000));
        let read = at_top() + 2;
        let stood = height_of(read);
        assert!(stood > shown().area().1, "round {round}: it is not in view");
        server.send(all("PAST", first - 100..first).concat());
        server.send(format!("#{label} END PAST MORE\n"));
        first -= 100;
        screen.until("what is older", |_| numbers()[0] == first);
        screen.until("the line where it stood", |_| height_of(read) == stood);
    }
    // What is said meanwhile changes nothing either.
    let (read, stood) = (at_top() + 1, height_of(at_top() + 1));
    server.send(line("MSG", 1100));
    screen.until("the news", |_| numbers().last() == Some(&1100));
    app::flush();
    assert_eq!((at_top() + 1, height_of(read)), (read, stood));
    assert_eq!(numbers(), (first..1101).collect::<Vec<_>>());
    screen.close();
}

fn scrolled_up() {
    let home = Home::new();
    let room = room(&home, "127.0.0.1:0");
    let mut ann = room.join("ann");
    say(&mut ann, "ann", 0..450);
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    screen.until_conversation("number 449");
    assert_eq!(numbers(), (350..450).collect::<Vec<_>>());
    // The keyboard stays with the entry.
    screen.desktop.type_text("a draft");
    screen.until("two pages more", |screen| {
        screen.desktop.keys(&["Page_Up"]);
        numbers()[0] <= 150
    });
    let (x, y) = inside();
    screen.desktop.point(x, y);
    screen.until("the beginning", |screen| {
        screen.desktop.wheel_up(x, y);
        texts()[0].contains("beginning of the history")
    });
    assert_eq!(numbers(), (0..450).collect::<Vec<_>>());
    assert_eq!(screen.window.draft(), "a draft");
    screen.close();
}

fn searched() {
    let home = Home::new();
    let room = room(&home, "127.0.0.1:0");
    let mut ann = room.join("ann");
    ann.send("MSG ann the first Grüße\n");
    say(&mut ann, "ann", 0..600);
    ann.send("MSG ann grüße once more\n");
    ann.until_sync();
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    find(&screen, "gruesse");
    screen.desktop.keys(&["ctrl+shift+f"]);
    note_is(&screen, "No messages contain gruesse");
    app::copy("grüße");
    screen.desktop.keys(&["ctrl+a", "ctrl+v"]);
    screen.until("one of those that are loaded", |_| notes().iter().any(|note| note == "1 of 1"));
    screen.desktop.keys(&["ctrl+shift+f"]);
    note_is(&screen, "2 messages with grüße: Enter or a double click shows one");
    // The answer moves no keyboard; the same keys once more do. The newest is chosen, and is loaded already.
    screen.desktop.keys(&["ctrl+shift+f", "Return"]);
    screen.until("the newest", |_| selected().ends_with("grüße once more"));
    screen.desktop.keys(&["Up", "Return"]);
    screen.until("the oldest", |_| selected().ends_with("the first Grüße"));
    screen.until("it in view", |_| is_in_view("the first Grüße"));
    assert!(!numbers().contains(&300) && texts()[0].contains("some messages are missing here"));
    // More than are seen at once, and more than a server tells of.
    find(&screen, "number");
    note_is(&screen, "99 of 99");
    screen.desktop.keys(&["ctrl+shift+f"]);
    note_is(&screen, "Showing the newest 100. Add words");
    screen.desktop.keys(&["ctrl+shift+f", "Home", "Down", "Down", "Return"]);
    screen.until("the third of them", |_| selected().ends_with(&text(502)));
    screen.desktop.keys(&["End", "Page_Up", "Up", "End", "Return"]);
    screen.until("the last of them", |_| selected().ends_with(&text(599)));
    find(&screen, "gr");
    app::copy("grüße");
    screen.desktop.keys(&["ctrl+a", "ctrl+v", "ctrl+shift+f"]);
    note_is(&screen, "2 messages with grüße");
    // By mouse: back to the newest, which is the row below.
    let table = widgets::<Table>().into_iter().find(|table| table.rows() == 2).unwrap();
    screen.desktop.double_click(table.x() + 250, table.y() + 28 + 24 + 12);
    screen.until("the newest, by mouse", |_| selected().ends_with("grüße once more"));
    // The list, and then the row.
    screen.desktop.keys(&["Escape", "Escape"]);
    screen.until("no list", |_| button("Search all messages").is_none());
    screen.desktop.type_text("x");
    screen.until("the keyboard with the entry", |screen| screen.window.draft() == "x");
    // The gap closes when somebody reads on.
    screen.until("all of it", |screen| {
        screen.desktop.keys(&["Page_Up"]);
        numbers() == (0..600).collect::<Vec<_>>()
    });
    screen.close();
}

fn is_in_view(text: &str) -> bool {
    shown().position_of(text).is_some()
}

fn searched_in_vain() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    ann.send("MSG ann tea\n");
    screen.until_conversation("tea");
    find(&screen, "tea");
    note_is(&screen, "1 of 1");
    button("Search all messages").unwrap().do_callback();
    note_is(&screen, "Not searched: not available on this server");
    screen.desktop.keys(&["Escape"]);
    let (x, y) = inside();
    screen.until("the refusal", |screen| {
        screen.desktop.wheel_up(x, y);
        screen.window.status().starts_with("The server stores no older messages")
    });
    screen.close();
}

fn cut_off() {
    let home = Home::new();
    let first = room(&home, "127.0.0.1:0");
    let addr = first.addr();
    let mut ann = first.join("ann");
    say(&mut ann, "ann", 0..10);
    let screen = Screen::open(addr);
    screen.until_status("Connected as bob");
    say(&mut ann, "ann", 10..20);
    screen.until("what was said", |_| numbers() == (0..20).collect::<Vec<_>>());
    drop(ann);
    look_away();
    screen.until("nobody looking", |_| app::focus().is_none());
    first.stop();
    screen.until_status("Trying again");
    let second = room(&home, &addr.to_string());
    let mut ann = second.join("ann");
    // More than a server replays.
    say(&mut ann, "ann", 20..1500);
    ann.send("MSG ann where are you, bob?\n");
    screen.until("all of it", |_| numbers() == (0..1500).collect::<Vec<_>>());
    screen.until("that bob was named", |_| app::first_window().unwrap().label() == "(1) bob - multichat");
    let text = texts().remove(0);
    assert_eq!(text.matches("new since you looked away").count(), 1);
    assert!(!text.contains("some messages are missing"));
    screen.close();
}

fn back_from_results() {
    let home = Home::new();
    let room = room(&home, "127.0.0.1:0");
    let mut ann = room.join("ann");
    say(&mut ann, "ann", 1000..1060);
    let screen = Screen::open(room.addr());
    screen.until_conversation("number 1059");
    let (x, y) = inside();
    screen.desktop.wheel_up(x, y);
    screen.until("another place", |_| at_top() < 1045);
    let read = at_top();
    say(&mut ann, "ann", 1060..1069);
    screen.until("what is below", |_| button("9 new below").is_some());
    find(&screen, "number 1058");
    screen.desktop.keys(&["ctrl+shift+f"]);
    note_is(&screen, "1 message");
    screen.desktop.keys(&["ctrl+shift+f", "Return"]);
    screen.until("the message", |_| selected().contains("number 1058"));
    screen.desktop.keys(&["Escape", "Escape"]);
    screen.until("no row", |_| button("Search all messages").is_none());
    screen.until("the place", |_| at_top() == read);
    screen.until("what is below", |_| button("9 new below").is_some());
    screen.close();
}
