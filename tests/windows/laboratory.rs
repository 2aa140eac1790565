//! The wire and the laboratory in the chat window, against the real server: what is shown, what is typed, and what the server's
//! threads are seen to do.

use std::thread;
use std::time::Duration;

use fltk::menu::MenuButton;
use fltk::prelude::*;
use multichat::server::{Config, DisconnectReason, EventKind};

use crate::support::desktop::{Test, Window};
use crate::support::program::{Home, Program};
use crate::support::screen::{self, Screen, button, widgets};
use crate::support::{Peer, Room, config};

/// Where a line is typed into the wire, in a window of the usual size.
const RAW: (u32, u32) = (300, 399);

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("every line is shown, and one can be typed that no entry would send", the_wire),
        ("F12 shows the wire in place of the card, and the card again after it", beside_the_card),
        ("a flood passes by the wire while the conversation stays complete", a_flood_on_the_wire),
        ("the server drains whoever stops reading, and all of it is read later", stopping_to_read),
        ("the menus of two windows make the server drain a client that does not read", a_class_sees_a_drain),
        ("who dribbles, floods and vanishes is seen to, and the others go on", the_other_three),
    ]
}

/// Ann, and bob's window, in one room.
fn bob_and_ann(config: Config) -> (Room, Peer, Screen) {
    let room = Room::with(config);
    let mut ann = room.join("ann");
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    ann.expect("HELLO bob");
    (room, ann, screen)
}

/// The lines of the laboratory in the menu, in their order.
const LINES: [&str; 5] =
    ["Show the wire (F12)", "Stop reading", "Dribble one byte at a time", "Flood", "Vanish (reset the connection)"];

/// Chooses a line of the laboratory, as the menu does.
fn choose(line: &str) {
    screen::choose(&format!("Laboratory/{line}"));
}

/// Which lines of the laboratory are checked.
fn checked() -> Vec<&'static str> {
    let menu = widgets::<MenuButton>().pop().unwrap();
    let is_checked = |line: &&str| menu.find_item(&format!("Laboratory/{line}")).unwrap().value();
    LINES.into_iter().filter(is_checked).collect()
}

#[track_caller]
fn until_checked(screen: &Screen, lines: &[&str]) {
    screen.until(&format!("checked: {lines:?}, not {:?}", checked()), |_| checked() == lines);
}

/// Which way the lines of the wire went, and what was in them.
fn lines(screen: &Screen) -> Vec<String> {
    let text = screen.window.wire_text();
    text.lines().map(|line| line.split('\t').skip(1).take(2).collect::<Vec<_>>().join(" ")).collect()
}

fn shows(screen: &Screen, line: &str) {
    screen.until(line, |screen| lines(screen).iter().any(|shown| shown == line));
}

fn the_wire() {
    let (room, mut ann, screen) = bob_and_ann(config());
    choose("Show the wire (F12)");
    screen.until("an open wire", |screen| {
        ann.send("MSG ann psst\n");
        screen.window.wire_text().contains("MSG ann psst")
    });
    until_checked(&screen, &["Show the wire (F12)"]);
    screen.desktop.click(RAW.0, RAW.1);
    screen.desktop.type_text(r"MSG ann I am ann\x07");
    screen.desktop.keys(&["Return"]);
    shows(&screen, "→ MSG ann I am ann<U+0007>");
    screen.until("the refusal", |screen| lines(screen).iter().any(|line| line.starts_with("← ERR BAD_TEXT")));
    screen.desktop.type_text("register secret of bob");
    screen.desktop.keys(&["Return"]);
    shows(&screen, "→ register ***");
    assert!(!screen.window.wire_text().contains("secret"), "{}", screen.window.wire_text());
    screen.close();
    drop(room);
}

fn beside_the_card() {
    let screen = Screen::with_card("bob");
    let is_card = || button("Connect").is_some();
    screen.until("the card", |_| is_card());
    screen.desktop.keys(&["F12"]);
    screen.until("the wire", |_| button("Pause").is_some() && !is_card());
    screen.desktop.keys(&["F12"]);
    screen.until("the card again", |_| is_card());
    // Opened with the card in front of it, it is shown, and not closed unseen.
    screen.desktop.keys(&["F12"]);
    screen.until("the wire again", |_| button("Pause").is_some());
    button("Connect …").unwrap().do_callback();
    screen.until("the card over it", |_| is_card());
    screen.desktop.keys(&["F12"]);
    screen.until("the wire once more", |_| button("Pause").is_some() && !is_card());
    screen.close();
}

fn a_flood_on_the_wire() {
    let (room, mut ann, screen) = bob_and_ann(config());
    screen.desktop.keys(&["F12"]);
    screen.until("an open wire", |screen| {
        ann.send("MSG ann psst\n");
        screen.window.wire_text().contains("MSG ann psst")
    });
    for round in 0..40 {
        ann.send("MSG ann x\n".repeat(500) + &format!("MSG ann round {round}\n"));
    }
    screen.until_conversation("round 39");
    let kept = screen.window.wire_text().lines().count();
    assert!(kept <= 10_000, "{kept} lines are kept");
    screen.close();
    drop(room);
}

fn stopping_to_read() {
    let stall_timeout = Duration::from_mins(10);
    let (room, mut ann, screen) = bob_and_ann(Config { stall_timeout, backlog_max: 1 << 30, ..config() });
    choose("Stop reading");
    screen.until_status("Laboratory: not reading");
    until_checked(&screen, &["Stop reading"]);
    let line = format!("MSG ann {}\n", "x".repeat(3500));
    let mut said = 0;
    screen.until("a thread that drains bob", |_| {
        for _ in 0..20 {
            ann.send(&line);
        }
        said += 20;
        let threads = room.server.threads(&room.snapshot().people);
        threads.iter().any(|thread| thread.doing == "draining bob")
    });
    ann.sync();
    ann.send("MSG ann the last\n");
    choose("Stop reading");
    screen.until_status("Connected as bob");
    screen.until_conversation("ann  the last");
    assert_eq!(room.person("bob").unwrap().stalled, None, "after {said} lines");
    screen.close();
}

/// Exactly what docs/teaching.md says to do, with the real programs. The only other client is what the experiments make of it.
fn a_class_sees_a_drain() {
    let stall_timeout = Duration::from_mins(10);
    let room = Room::with(Config { stall_timeout, rate: 0, ..config() });
    let home = Home::new();
    let [(_carl, reader), (_ben, flooder)] = [("carl", 0), ("ben", 490)].map(|(name, y)| {
        let args = [&room.addr().to_string(), "--name", name, "--connect"];
        let program = Program::start(env!("CARGO_BIN_EXE_client"), &home, &args);
        let window = Window::of(program.id(), &format!("^{name} - multichat$"));
        // At the right edge of the screen, where the menus open to the left.
        window.place_at(1000, y, 600, 480);
        (program, window)
    });
    choose_by_mouse(&reader, 349);
    choose_by_mouse(&flooder, 397);
    Window::until("a thread that drains carl", thread::yield_now, || {
        let threads = room.server.threads(&room.snapshot().people);
        threads.iter().any(|thread| thread.name == "drain carl" && thread.doing == "draining carl").then_some(())
    });
    // The others do not wait for carl: ben has all of his flood himself.
    let messages = |name: &str| room.person(name).map(|person| person.messages);
    Window::until("the end of the flood", thread::yield_now, || (messages("ben") == Some(5000)).then_some(()));
    assert!(room.person("carl").is_some_and(|carl| carl.stalled.is_some()));
}

/// Clicks on Menu, points at Laboratory in it, which opens that, and clicks on the experiment at this height.
fn choose_by_mouse(window: &Window, height: u32) {
    // Blue, and drawn where it is in a window of this size.
    let send_button = || Some(window.color_at(515, 412)).filter(|[red, _, blue]| *blue > 200 && *red < 100);
    Window::until("the button Send", thread::yield_now, send_button);
    window.click(544, 32);
    // Each menu is a window of its own, which opens over the one before.
    let mut below = window.below_mouse();
    for (x, y) in [(350, 325), (450, height)] {
        let point = || window.point(x, i32::try_from(y).unwrap());
        let opened = || Some(window.below_mouse()).filter(|now| *now != below);
        below = Window::until("a menu below the mouse", point, opened);
    }
    window.click(450, height);
}

fn the_other_three() {
    let (room, mut ann, screen) = bob_and_ann(config());
    choose("Dribble one byte at a time");
    screen.until_status("Laboratory: dribbling");
    until_checked(&screen, &["Dribble one byte at a time"]);
    screen.desktop.type_text("slowly");
    screen.desktop.keys(&["Return"]);
    screen.until_conversation("slowly");
    ann.expect("MSG bob slowly");
    choose("Dribble one byte at a time");
    screen.until_status("Connected as bob");

    choose("Flood");
    screen.until_status("Laboratory: flooding");
    screen.until_conversation("flood 50");
    choose("Flood");
    screen.until_status("Connected as bob");
    while !ann.line().starts_with("MSG bob flood 50 ") {}

    choose("Vanish (reset the connection)");
    screen.until_status("The connection was reset");
    until_checked(&screen, &[]);
    let why = room.wait_for("bob left", |happening| match happening {
        EventKind::Left { name, why, .. } if name.as_str() == "bob" => Some(why.clone()),
        _ => None,
    });
    assert!(matches!(why, DisconnectReason::Broken(_)), "{why:?}");
    while ann.line() != "BYE bob" {}
    ann.sync();
    screen.close();
}
