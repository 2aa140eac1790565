//! The card to connect with, on a real screen: recent servers, addresses as URLs, the reason below the field at fault, and the
//! card in small windows.

use std::io::Write as _;
use std::net::{Shutdown, TcpListener};
use std::path::Path;
use std::time::Instant;

use fltk::app;
use fltk::button::{Button, ToggleButton};
use fltk::frame::Frame;
use fltk::input::Input;
use fltk::prelude::*;
use fltk::text::TextEditor;
use multichat::client::Password;
use multichat::internal::chat::window::Options;
use multichat::internal::ui::Settings;

use crate::support::desktop::{Test, Window};
use crate::support::program::{Home, Program};
use crate::support::screen::{SIZE, Screen, button, choose, widgets};
use crate::support::{DEADLINE, Room};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("who does not want to wait for the next attempt makes it now", at_once),
        ("servers are remembered with the name there, chosen with the keyboard, and forgotten", recent),
        ("a recent server is chosen with the mouse, and forgotten by its cross", recent_by_mouse),
        ("an address may be a multichat URL, on the command line and in the field", url),
        ("a URL that is no server is rejected with what would work", bad_url),
        ("the reason is below the field at fault, which is there even if it was folded", reasons),
        ("the box opens the field for the password, and a closed field sends none", password_box),
        ("the card of the last time is filled in, with a port that was remembered apart", old_settings),
        ("the card has room in a small window at every zoom, and nothing overlaps", small),
        ("disconnecting shows the card, and the draft is there again after it", draft),
        ("away and back by the menu with the own name", away),
    ]
}

fn client(home: &Home, args: &[&str]) -> (Program, Window) {
    let program = Program::start(env!("CARGO_BIN_EXE_client"), home, args);
    let window = Window::of(program.id(), "multichat");
    window.place(SIZE.0, SIZE.1);
    (program, window)
}

/// The remembered servers in the settings of a program that has ended.
fn remembered_in(home: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(home.join("multichat/client.conf")).unwrap();
    text.lines().filter_map(|line| Some(line.strip_prefix("recent_")?.split_once(" = ")?.1.to_owned())).collect()
}

/// Requires that the page about operating has each key of the settings.
fn every_key_is_explained(home: &Path) {
    let page = include_str!("../../docs/operating.md");
    let text = std::fs::read_to_string(home.join("multichat/client.conf")).unwrap();
    let keys = text.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key);
    let missing: Vec<_> = keys.filter(|key| *key != "recent_2" && !page.contains(&format!("`{key}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn recent() {
    let home = Home::new();
    let rooms = [Room::open(), Room::open()];
    let quit = |mut program: Program, window: &Window| {
        window.close();
        assert!(program.ended().success());
    };
    for (room, name) in rooms.iter().zip(["bob", "ben"]) {
        let mut ann = room.join("ann");
        let (program, window) = client(&home, &[&room.addr().to_string(), "--name", name, "--connect"]);
        ann.expect(&format!("HELLO {name}"));
        Window::of(program.id(), &format!("^{name} - multichat$"));
        quit(program, &window);
    }
    let [one, other] = [0, 1].map(|at| rooms[at].addr().to_string());
    assert_eq!(remembered_in(home.path()), [format!("ben {other}"), format!("bob {one}")]);
    every_key_is_explained(home.path());

    // The fields have the last one; below them, the second of the list is the first one.
    let mut ann = rooms[0].join("ann");
    let (program, window) = client(&home, &[]);
    window.keys(&["Down", "Down", "Return", "Return"]);
    ann.expect("HELLO bob");
    Window::of(program.id(), "^bob - multichat$");
    quit(program, &window);
    assert_eq!(remembered_in(home.path()), [format!("bob {one}"), format!("ben {other}")]);

    let (program, window) = client(&home, &[]);
    window.keys(&["Down", "Delete"]);
    quit(program, &window);
    assert_eq!(remembered_in(home.path()), [format!("ben {other}")]);
}

/// A window with the card, and these recent servers.
fn with_recent(servers: &[&str]) -> Screen {
    let mut settings = Settings::default();
    for (number, server) in (1..).zip(servers) {
        settings.set(&format!("recent_{number}"), server);
    }
    let screen = Screen::with_settings(&Options { name: Some("bob".into()), ..Options::default() }, settings);
    screen.until("its size", |_| app::first_window().is_some_and(|window| window.w() == SIZE.0.cast_signed()));
    screen
}

fn fields() -> Vec<String> {
    widgets::<Input>().iter().map(Input::value).collect()
}

fn recent_by_mouse() {
    let screen = with_recent(&["ann one.example:5555", "ben two.example:7000"]);
    let server = widgets::<Input>().remove(1);
    // A row has 26 pixels, and its cross is at its end.
    let row = |number: i32| server.y() + server.h() + 10 + 26 * number + 13;
    let (left, cross) = (server.x() + 20, server.x() + server.w() - 2);
    let click = |x: i32, y: i32| screen.desktop.click(u32::try_from(x).unwrap(), u32::try_from(y).unwrap());
    click(left, row(1));
    screen.until("the second", |_| fields() == ["ben", "two.example:7000"]);
    assert!(server.has_focus());
    let below = button("Connect").unwrap().y();
    click(cross, row(0));
    // What was the second is the first now.
    screen.until("one row less", |_| button("Connect").is_some_and(|connect| connect.y() < below));
    widgets::<Input>().remove(1).set_value("");
    // Another place first, so that it is no double click.
    screen.desktop.point(left, 5);
    click(left + 30, row(0));
    screen.until("the one that is left", |_| fields() == ["ben", "two.example:7000"]);
    // From the first row, Up leads back to the field.
    screen.desktop.keys(&["Down", "Up"]);
    screen.until("the field", |_| widgets::<Input>()[1].has_focus());
    screen.close();
}

fn url() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let url = format!("multichat://{}/", room.addr());
    let home = Home::new();
    let (mut program, window) = client(&home, &[&url, "--name", "bob", "--connect"]);
    ann.expect("HELLO bob");
    window.close();
    assert!(program.ended().success());
    ann.expect("BYE bob");

    let screen = Screen::with_card("bob");
    widgets::<Input>().remove(1).set_value(&url);
    button("Connect").unwrap().do_callback();
    screen.until_status(&format!("Connected as bob to {}", room.addr()));
    screen.close();
}

fn bad_url() {
    let home = Home::new();
    let mut program = Program::start(env!("CARGO_BIN_EXE_client"), &home, &["http://localhost"]);
    program.expect_complaint("http:// is not for this program: write HOST:PORT or multichat://HOST:PORT");
    assert!(!program.ended().success());

    let screen = Screen::with_card("bob");
    widgets::<Input>().remove(1).set_value("multichat://localhost/room");
    button("Connect").unwrap().do_callback();
    assert_eq!(screen.window.reason(), "Leave out \"/room\": the address of a server is multichat://HOST:PORT");
    assert_eq!(screen.window.status(), "Not connected");
    screen.close();
}

/// The text that tells why a field was rejected.
fn reason(screen: &Screen) -> Frame {
    let text = screen.window.reason();
    widgets::<Frame>().into_iter().find(|frame| frame.label() == text).unwrap()
}

fn reasons() {
    let screen = Screen::with_card("");
    let mut name = widgets::<Input>().remove(0);
    let is_below = |field: &Input| {
        let reason = reason(&screen);
        // Nothing else is between them.
        reason.y() >= field.y() + field.h() && reason.y() < field.y() + field.h() + 20 && reason.h() >= 14
    };
    name.set_value("b b");
    button("Connect").unwrap().do_callback();
    assert!(is_below(&name) && name.has_focus(), "{}", screen.window.reason());
    name.set_value("bob");
    let mut server = widgets::<Input>().remove(1);
    server.set_value("localhost:x");
    button("Connect").unwrap().do_callback();
    assert!(is_below(&server) && server.has_focus(), "{}", screen.window.reason());

    let room = Room::with(multichat::server::Config {
        password: Password::typed("open sesame").unwrap(),
        ..crate::support::config()
    });
    server.set_value(&room.addr().to_string());
    assert_eq!(widgets::<Input>().len(), 2);
    screen.desktop.keys(&["Return"]);
    screen.until("the field for the password", |_| widgets::<Input>().len() == 3);
    let password = widgets::<Input>().remove(2);
    screen.until("the keyboard there", |_| password.has_focus());
    assert!(is_below(&password), "{}", screen.window.reason());
    screen.desktop.type_text("open sesame");
    screen.desktop.keys(&["Return"]);
    screen.until_status("Connected as bob");
    assert_eq!(screen.window.reason(), "");
    screen.close();
}

fn password_box() {
    let screen = Screen::with_card("bob");
    let check = widgets::<ToggleButton>().remove(0);
    assert!(!check.value());
    screen.desktop.keys(&["Tab"]);
    screen.until("the box", |_| check.has_focus());
    screen.desktop.keys(&["space"]);
    screen.until("the field", |_| widgets::<Input>().get(2).is_some_and(Input::has_focus));
    screen.desktop.type_text("secret");
    screen.until("what is typed", |_| widgets::<Input>()[2].value() == "secret");
    screen.desktop.keys(&["shift+Tab", "space"]);
    screen.until("no field", |_| widgets::<Input>().len() == 2);
    screen.desktop.keys(&["space"]);
    screen.until("an empty field", |_| widgets::<Input>().get(2).is_some_and(|field| field.value().is_empty()));
    screen.close();
}

fn old_settings() {
    let mut settings = Settings::default();
    settings.set("server", "chat.example");
    settings.set("port", "7000");
    settings.set("name", "ben");
    let screen = Screen::with_settings(&Options::default(), settings);
    assert_eq!(fields(), ["ben", "chat.example:7000"]);
    screen.close();
}

/// The visible widgets with a text or a field, which must not overlap.
fn overlapping() -> Vec<String> {
    let mut boxes: Vec<(String, [i32; 4])> = Vec::new();
    let mut add = |what: String, widget: &dyn Fn() -> [i32; 4]| boxes.push((what, widget()));
    // The box is one of them.
    for it in widgets::<Button>() {
        add(it.label(), &|| [it.x(), it.y(), it.w(), it.h()]);
    }
    for it in widgets::<Input>() {
        add(it.value(), &|| [it.x(), it.y(), it.w(), it.h()]);
    }
    for it in widgets::<Frame>().into_iter().filter(|frame| !frame.label().is_empty()) {
        add(it.label(), &|| [it.x(), it.y(), it.w(), it.h()]);
    }
    let window = app::first_window().unwrap();
    let mut wrong = Vec::new();
    for (at, (what, [x, y, w, h])) in boxes.iter().enumerate() {
        if *x < 0 || *y < 0 || x + w > window.w() || y + h > window.h() || *w < 8 || *h < 8 {
            wrong.push(format!("{what:?} is cut: {x} {y} {w} {h}"));
        }
        for (other, [ox, oy, ow, oh]) in &boxes[..at] {
            if x < &(ox + ow) && ox < &(x + w) && y < &(oy + oh) && oy < &(y + h) {
                wrong.push(format!("{what:?} and {other:?} overlap"));
            }
        }
    }
    wrong
}

fn small() {
    let screen = with_recent(&["a one:1", "b two:2", "c three:3", "d four:4", "e five:5"]);
    screen.desktop.place(640, 400);
    let scale = || app::screen_scale(0);
    for zoom in [1.0, 1.1, 1.2, 1.333, 1.5, 1.7, 2.0, 2.4, 3.0] {
        if zoom > 1.0 {
            screen.desktop.keys(&["ctrl+plus"]);
            screen.until("the zoom", |_| (scale() - zoom).abs() < 0.01);
            // FLTK shows it in a window of its own for a moment.
            screen.until("the window alone", |_| !widgets::<Input>().is_empty());
        }
        // Alone, with a reason, with a password, and with both and a long reason.
        for (name, password, has_password) in
            [("bob", "", false), ("b b", "", false), ("bob", "", true), ("bob", "é\u{1}", true)]
        {
            let mut check = widgets::<ToggleButton>();
            if let Some(check) = check.first_mut().filter(|check| check.value() != has_password) {
                check.set_value(has_password);
                check.do_callback();
            }
            let mut inputs = widgets::<Input>();
            inputs[0].set_value(name);
            inputs[1].set_value("localhost:x");
            if let Some(field) = inputs.get_mut(2) {
                field.set_value(password);
            }
            button("Connect").unwrap().do_callback();
            screen.until("a reason", |screen| !screen.window.reason().is_empty());
            let deadline = Instant::now() + DEADLINE;
            while !overlapping().is_empty() {
                assert!(Instant::now() < deadline, "at {zoom}: {:#?}", overlapping());
                let _ = app::wait_for(0.02);
            }
        }
    }
    screen.close();
}

fn draft() {
    let room = Room::open();
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    screen.desktop.type_text("half a sent");
    screen.until("what is typed", |screen| screen.window.draft() == "half a sent");
    choose("Disconnect");
    screen.until("the card", |_| button("Connect").is_some());
    screen.until_status("Not connected");
    // The keyboard is in the card.
    screen.desktop.keys(&["Return"]);
    screen.until_status("Connected as bob");
    screen.until("the conversation", |_| button("Send").is_some_and(|send| send.active()));
    screen.until("the keyboard", |_| widgets::<TextEditor>().iter().any(TextEditor::has_focus));
    screen.desktop.keys(&["End", "e"]);
    screen.until("the draft, and the next key", |screen| screen.window.draft() == "half a sente");
    screen.close();
}

fn away() {
    let room = Room::open();
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    choose("Set me away");
    screen.until("being away", |screen| screen.window.status().ends_with("You are away: away"));
    // The menu is made anew when it opens.
    let menu = widgets::<fltk::menu::MenuButton>().remove(0);
    let x = u32::try_from(menu.x() + 10).unwrap();
    let pressed = std::thread::spawn(move || {
        let window = Window::of(std::process::id(), "bob - multichat$");
        window.click(x, 32);
        window.keys(&["Down", "Return"]);
    });
    screen.until("being back", |screen| !screen.window.status().contains("away"));
    pressed.join().unwrap();
    screen.close();
}

fn at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let screen = Screen::open(listener.local_addr().unwrap());
    let (mut server, _) = listener.accept().unwrap();
    server.write_all(b"HELLO bob\n").unwrap();
    screen.until_status("Connected as bob");
    drop(listener);
    server.shutdown(Shutdown::Both).unwrap();
    screen.until_status("Trying again");
    screen.until("the button", |_| button("Connect now").is_some());
    // One button is the primary one.
    let (now, cancel) = (button("Connect now").unwrap(), || button("Cancel").unwrap());
    let other = button("Find").unwrap();
    assert_eq!((cancel().color(), cancel().label_color()), (other.color(), other.label_color()));
    let primary = (now.color(), now.label_color());
    assert_ne!(primary.0, other.color());
    button("Connect now").unwrap().do_callback();
    assert!(button("Connect now").is_none(), "an attempt is under way");
    assert_eq!((cancel().color(), cancel().label_color()), primary);
    screen.close();
}
