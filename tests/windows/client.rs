//! The chat window on a real screen, against the real server: typed and clicked into, and watched
//! from the wire.
//!
//! What is said and done is tested with the real program. What is *shown* is tested with a window in this process, whose
//! text can be read.

use std::io::Write as _;
use std::net::TcpListener;

use fltk::app;
use fltk::enums::Color;
use fltk::prelude::*;
use multichat::internal::ui::theme;

use crate::support::desktop::{Test, Window};
use crate::support::program::{Home, Program};
use crate::support::screen::{SIZE, Screen, button, texts};
use crate::support::{Peer, Room, unstamped};

/// Where the menu with the own name is in a window of this size.
const OWN_MENU: (u32, u32) = (650, 32);
const CONVERSATION: (u32, u32) = (200, 250);
const ENTRY: (u32, u32) = (200, 446);

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("what is typed arrives on the wire", typed),
        ("what is typed into the conversation goes to the entry", typed_on),
        ("enter in a field connects, with the keyboard alone", by_keyboard),
        ("Disconnect in the own menu says BYE, and the window stays", disconnect),
        ("closing the window says BYE, and ends well", closing),
        ("a signal does the same", a_signal),
        ("a signal ends the program while a menu is open", a_signal_in_a_menu),
        ("a signal ends the program while a context menu is open", a_signal_in_a_context_menu),
        ("the fields are filled from the last time", remembered),
        ("what comes from the wire is shown", shown),
        ("a taken name shows its reason", taken),
        ("when the server is gone, the window says so and keeps what was typed", killed),
        ("when the server program is killed, nothing that was typed is lost", server_killed),
        ("when the server is back, so is the window", back_again),
        ("what was not sent is still there after the next key", not_sent),
        ("tab goes through everything in reading order, and around", tab_order),
        ("the button below the mouse changes its theme, too", theme_below_mouse),
        ("escape closes nothing", escape),
        ("several lines that are pasted are asked about", pasted),
        ("what is new below is told to somebody who has scrolled up", scrolled_up),
    ]
}

/// The client program with its window at hand.
fn client(home: &Home, args: &[&str]) -> (Program, Window) {
    let program = Program::start(env!("CARGO_BIN_EXE_client"), home, args);
    let window = Window::of(program.id(), "multichat");
    window.place(SIZE.0, SIZE.1);
    (program, window)
}

/// The client program as bob, in the room with ann.
fn bob_and_ann(home: &Home) -> (Room, Peer, Program, Window) {
    let room = Room::open();
    let mut ann = room.join("ann");
    let (program, window) = client(home, &[&room.addr().to_string(), "--name", "bob", "--connect"]);
    ann.expect("HELLO bob");
    is_online(&program);
    (room, ann, program, window)
}

/// The name is in the title as soon as the server has let us in.
fn is_online(program: &Program) {
    Window::of(program.id(), "^bob - multichat$");
}

fn typed() {
    let (_room, mut ann, _program, window) = bob_and_ann(&Home::new());
    window.type_text("Hello, ann!  @two & /three");
    window.keys(&["Return"]);
    ann.expect("MSG bob Hello, ann!  @two & /three");
}

fn typed_on() {
    let (_room, mut ann, _program, window) = bob_and_ann(&Home::new());
    window.click(CONVERSATION.0, CONVERSATION.1);
    window.type_text("Where does it go?");
    window.keys(&["Return"]);
    ann.expect("MSG bob Where does it go?");
}

fn by_keyboard() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let home = Home::new();
    let (program, window) = client(&home, &[&room.addr().to_string(), "--name", "bo"]);
    // From the server back to the name.
    window.keys(&["shift+Tab", "End", "b", "Return"]);
    ann.expect("HELLO bob");
    is_online(&program);
    // The keyboard is with the entry now.
    window.type_text("hi");
    window.keys(&["Return"]);
    ann.expect("MSG bob hi");
}

fn disconnect() {
    let (_room, mut ann, mut program, window) = bob_and_ann(&Home::new());
    window.click(OWN_MENU.0, OWN_MENU.1);
    // Behind being away, registering the name and changing it.
    window.keys(&["Down", "Down", "Down", "Down", "Return"]);
    ann.expect("BYE bob");
    Window::of(program.id(), "^multichat$");
    assert!(program.runs());
}

fn closing() {
    let (_room, mut ann, mut program, window) = bob_and_ann(&Home::new());
    window.type_text("good night");
    window.keys(&["Return"]);
    window.close();
    ann.expect("MSG bob good night");
    ann.expect("BYE bob");
    assert!(program.ended().success());
}

fn a_signal() {
    let (_room, mut ann, mut program, _window) = bob_and_ann(&Home::new());
    program.terminate();
    ann.expect("BYE bob");
    assert!(program.ended().success());
}

fn a_signal_in_a_menu() {
    let (_room, mut ann, mut program, window) = bob_and_ann(&Home::new());
    // The main menu, at the right of the bar, with a submenu below the mouse and beside it.
    window.click(SIZE.0 - 40, 32);
    window.keys(&["Down", "Down", "Down", "Right"]);
    window.point(i32::try_from(SIZE.0).unwrap() - 60, 110);
    program.terminate();
    ann.expect("BYE bob");
    assert!(program.ended().success());
}

fn a_signal_in_a_context_menu() {
    let (_room, mut ann, mut program, window) = bob_and_ann(&Home::new());
    window.right_click(CONVERSATION.0, CONVERSATION.1);
    window.keys(&["Down"]);
    program.terminate();
    ann.expect("BYE bob");
    assert!(program.ended().success());
}

fn remembered() {
    let home = Home::new();
    let (_room, mut ann, mut program, window) = bob_and_ann(&home);
    window.close();
    assert!(program.ended().success());
    ann.expect("BYE bob");
    let (_program, window) = client(&home, &[]);
    window.keys(&["Return"]);
    ann.expect("HELLO bob");
}

fn shown() {
    let room = Room::open();
    let mut ann = room.join("ann stamp");
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    screen.until("who is here", |screen| screen.window.people() == ["ann", "bob, you"]);
    ann.send("MSG ann gr\u{fc}\u{df}e @bob\u{202e}\n");
    screen.until_conversation("ann  gr\u{fc}\u{df}e @bob<U+202E>");
    let carl = room.join("carl");
    screen.until_conversation("carl joined");
    drop(carl);
    screen.until_conversation("carl left");

    // What is said here is shown at once, and has its place when the server has sent it back.
    screen.desktop.type_text("hi ann");
    screen.desktop.keys(&["Return"]);
    screen.until_conversation("bob  hi ann");
    let heard = loop {
        let line = ann.line();
        if unstamped(&line).starts_with("MSG") {
            break line;
        }
    };
    assert_eq!(unstamped(&heard), "MSG bob hi ann");
    ann.send("MSG ann and now\n");
    screen.until_conversation("and now");
    let conversation = texts().remove(0);
    assert_eq!(conversation.matches("hi ann").count(), 1, "{conversation}");
    screen.close();
    ann.until_sync();
}

fn taken() {
    let room = Room::open();
    let _bob = room.join("Bob");
    let screen = Screen::open(room.addr());
    screen.until_status("Refused: the name bob is taken: choose another");
    screen.close();
}

fn killed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let screen = Screen::open(listener.local_addr().unwrap());
    let (mut server, _) = listener.accept().unwrap();
    server.write_all(b"HELLO bob\n").unwrap();
    screen.until_status("Connected as bob");
    screen.desktop.type_text("half a sent");
    screen.until("what is typed", |screen| screen.window.draft() == "half a sent");
    drop(server);
    // Closed or reset, as the system has it.
    screen.until_status("Trying again in ");
    assert_eq!(screen.window.draft(), "half a sent");
    assert!(texts()[0].contains("Connection lost: "), "{:#?}", texts());
    screen.close();
}

fn server_killed() {
    let home = Home::new();
    let server = Program::start(env!("CARGO_BIN_EXE_server"), &home, &["--headless", "--listen", "127.0.0.1:0"]);
    let screen = Screen::open(server.listening().parse().unwrap());
    screen.until_status("Connected as bob");
    let title = || app::first_window().unwrap().label();
    assert_eq!(title(), "bob - multichat");
    screen.desktop.type_text("half a sent");
    screen.until("what is typed", |screen| screen.window.draft() == "half a sent");
    server.kill();
    screen.until_status("Trying again in ");
    assert_eq!(title(), "multichat");
    assert!(screen.window.people().is_empty(), "{:?}", screen.window.people());
    assert!(texts()[0].contains("Connection lost: "), "{:#?}", texts());
    screen.desktop.keys(&["Return", "e"]);
    screen.until("what was typed, and the next key", |screen| screen.window.draft() == "half a sente");
    screen.until_status("Not sent: you are not connected");
    screen.close();
}

fn back_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let screen = Screen::open(listener.local_addr().unwrap());
    let (mut server, _) = listener.accept().unwrap();
    server.write_all(b"HELLO bob\n").unwrap();
    screen.until_status("Connected as bob");
    drop(server);
    screen.until("a countdown", |screen| screen.window.status().contains("Trying again in"));
    screen.until("an attempt", |screen| screen.window.status().contains("Reconnecting to "));
    let (mut server, _) = listener.accept().unwrap();
    server.write_all(b"HELLO ann\nHELLO bob\n").unwrap();
    screen.until_status("Connected as bob");
    assert_eq!(screen.window.people(), ["ann", "bob, you"]);
    screen.close();
}

fn not_sent() {
    let screen = Screen::offline("bob");
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text("important draft");
    screen.desktop.keys(&["Return", "x"]);
    screen.until("the draft", |screen| screen.window.draft() == "important draftx");
    // Around, and back into the entry.
    screen.desktop.keys(&["shift+Tab", "Tab", "y"]);
    screen.until("the draft again", |screen| screen.window.draft() == "important draftxy");
    screen.close();
}

fn tab_order() {
    let screen = Screen::with_card("bob");
    screen.until("its size", |_| app::first_window().is_some_and(|window| window.w() == SIZE.0.cast_signed()));
    // The server, the password, Connect; the talks, Find, the people; Find, the two menus; the name.
    tab_around(&screen, 10);
    screen.leave_card();
    // The entry; the talks, Find, the people; Connect, Find and the menus; the conversation. Send is not for somebody who is
    // not connected.
    tab_around(&screen, 9);
    screen.close();
}

/// Goes through this many places by Tab, from the top to the bottom and from left to right, and around.
fn tab_around(screen: &Screen, count: usize) {
    let start = app::focus().unwrap();
    let mut places = vec![place(&start)];
    loop {
        screen.desktop.keys(&["Tab"]);
        let last = places[places.len() - 1];
        screen.until("another widget with the keyboard", |_| app::focus().is_some_and(|now| place(&now) != last));
        let now = place(&app::focus().unwrap());
        if now == places[0] {
            break;
        }
        assert!(!places.contains(&now), "back at {now:?}, and not at the first of {places:?}");
        places.push(now);
    }
    assert_eq!(places.len(), count, "{places:?}");
    screen.desktop.keys(&["shift+Tab"]);
    screen.until("the last", |_| app::focus().is_some_and(|now| place(&now) == places[places.len() - 1]));
    screen.desktop.keys(&["Tab"]);
    screen.until("the first", |_| app::focus().is_some_and(|now| place(&now) == places[0]));
    // The bar at the top, what is in the middle, and the column beside it, which is read after it.
    let top = places.iter().position(|place| place.1 < 50).unwrap();
    places.rotate_left(top);
    let bar = places.iter().filter(|place| place.1 < 50).count();
    let (bar, rest) = places.split_at(bar);
    let (middle, beside) = rest.split_at(rest.len() - 3);
    assert!(bar.is_sorted_by_key(|place| place.0) && bar.iter().all(|place| place.1 == bar[0].1), "{bar:?}");
    assert!(middle.is_sorted_by_key(|place| place.1), "{middle:?}");
    assert!(beside.is_sorted_by_key(|place| place.1), "{beside:?}");
    assert!(middle.iter().all(|place| beside.iter().all(|beside| place.0 < beside.0)), "{beside:?}");
}

fn theme_below_mouse() {
    let screen = Screen::offline("bob");
    screen.until("its size", |_| app::first_window().is_some_and(|window| window.w() == SIZE.0.cast_signed()));
    let shown = button("Find").unwrap();
    screen.desktop.point(shown.x() + shown.w() / 2, shown.y() + shown.h() / 2);
    let hovered = || Color::color_average(theme::TEXT, theme::RAISED, 0.1);
    for _ in 0..2 {
        screen.until("the mouse", |_| shown.color() == hovered());
        let before = hovered();
        screen.desktop.keys(&["ctrl+t"]);
        screen.until("the other theme", |_| hovered() != before);
        assert_eq!(shown.color(), hovered(), "it has kept the colour of the other theme");
    }
    screen.close();
}

/// Where a widget is: this tells one from the other.
fn place(widget: &impl WidgetExt) -> (i32, i32) {
    (widget.x(), widget.y())
}

fn pasted() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    ann.expect("HELLO bob");

    app::copy("one\n\ntwo\r\n");
    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the question", |_| button("Send 2 messages").is_some());
    button("Join into one line").unwrap().do_callback();
    screen.until("one line", |screen| screen.window.draft() == "one two");
    screen.desktop.keys(&["Return"]);
    screen.until_conversation("one two");
    assert!(button("Send 2 messages").is_none());
    ann.expect("MSG bob one two");

    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the question again", |_| button("Send 2 messages").is_some());
    button("Send 2 messages").unwrap().do_callback();
    // The second goes when the first has its answer, and for that the window has to live.
    let heard = std::thread::spawn(move || {
        ann.expect("MSG bob one");
        ann.expect("MSG bob two");
    });
    screen.until("both messages on the wire", |_| heard.is_finished());
    heard.join().unwrap();
    assert_eq!(screen.window.draft(), "");

    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the question once more", |_| button("Send 2 messages").is_some());
    screen.desktop.keys(&["Escape"]);
    screen.until("no question", |_| button("Send 2 messages").is_none());
    // The keyboard is where it was, and nothing was pasted.
    screen.desktop.type_text("x");
    screen.until("the key after it", |screen| screen.window.draft() == "x");
    screen.close();
}

fn escape() {
    let room = Room::open();
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    screen.desktop.keys(&["Escape", "x"]);
    screen.until("the key after it", |screen| screen.window.draft() == "x");
    assert!(app::first_window().is_some_and(|window| window.shown()));
    screen.close();
}

fn scrolled_up() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    for n in 0..100 {
        ann.send(format!("MSG ann line {n}\n"));
    }
    screen.until_conversation("line 99");
    screen.desktop.keys(&["Prior"]);
    // Again and again, since the first may come before the key has been seen.
    screen.until("the hint", |_| {
        ann.send("MSG ann one more\n");
        button(" new below").is_some()
    });
    screen.desktop.keys(&["ctrl+End"]);
    screen.until("no hint", |_| button(" new below").is_none());
    screen.until("the end", |_| texts()[0].ends_with("one more"));
    screen.close();
}
