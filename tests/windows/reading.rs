//! Reading and writing in the chat window, on a real screen and against the real server: find, copy, links, save, what is new,
//! what is remembered; history, completion, the counter.
//!
//! As in `client.rs`, what is shown is read from a window of this process, and what leaves the process is looked at
//! from outside of the real program.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use fltk::app;
use fltk::frame::Frame;
use fltk::input::Input;
use fltk::prelude::*;

use crate::support::desktop::{Test, Window, look_away};
use crate::support::program::{Home, Program};
use crate::support::screen::{SIZE, Screen, bob_and_a_server, bob_and_ann, button, selected, shown, texts, widgets};
use crate::support::{Peer, Room, eventually};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("a link is handed to the browser, with the mouse or with the keyboard", links_are_opened),
        ("place, size, zoom and theme are the same the next time", remembered),
        ("up and down walk through what was sent and keep the draft", history),
        ("tab completes names, and leaves the entry when there is none", completion),
        ("a counter appears near the limit", counted),
        ("find counts, goes to older and newer hits, and ends with escape", found),
        ("what is selected in one line is copied as it is", copied_word),
        ("what is selected over several lines is copied with times and names", copied_lines),
        ("a link shows where it leads, under the mouse or selected by keyboard", hovered),
        ("the conversation is saved in a new file, and nothing is overwritten", saved),
        ("what is said while nobody looks is marked, and mentions are in the title", looked_away),
        ("a refusal takes the place of what was told before it", refused),
        ("when a day begins, its name stands before what was said in it", days),
        ("every script that arrives is in the conversation", scripts),
    ]
}

/// Ann says it, and bob's window shows it.
fn say(ann: &mut Peer, screen: &Screen, text: &str) {
    ann.send(format!("MSG ann {text}\n"));
    screen.until_conversation(&format!("ann  {text}"));
}

/// What the notes and counters in the window say.
fn notes() -> Vec<String> {
    widgets::<Frame>().iter().map(WidgetExt::label).collect()
}

fn note_is(screen: &Screen, note: &str) {
    screen.until(note, |_| notes().iter().any(|shown| shown == note));
}

/// Where in the window a piece of the conversation is.
fn place_of(text: &str) -> (i32, i32) {
    let (x, y) = shown().position_of(text).unwrap();
    (x + 12, y)
}

fn title() -> String {
    app::first_window().unwrap().label()
}

fn links_are_opened() {
    let home = Home::new();
    let opened = home.path().join("opened");
    let bin = home.path().join("bin");
    fs::create_dir(&bin).unwrap();
    // It tells whether it was handed the password, too.
    let password = "${MULTICHAT_PASSWORD+\"and a password\"}";
    let script = format!("#!/bin/sh\nprintf '%s|' \"$#\" \"$@\" {password} >> '{}'\n", opened.display());
    fs::write(bin.join("xdg-open"), script).unwrap();
    fs::set_permissions(bin.join("xdg-open"), fs::Permissions::from_mode(0o755)).unwrap();

    let room = Room::open();
    let mut ann = room.join("ann");
    let args = [&room.addr().to_string(), "--name", "bob", "--connect"];
    let variables = [("MULTICHAT_PASSWORD", "open sesame")];
    let program = Program::start_in(env!("CARGO_BIN_EXE_client"), &home, &args, &variables);
    let window = Window::of(program.id(), "^bob - multichat$");
    window.place(SIZE.0, SIZE.1);
    ann.expect("HELLO bob");
    let link = "https://example.org/a?b=$(touch+x)&c='d;e'#f";
    ann.send(format!("MSG ann {link}, and more\nMSG ann did you see it?\n"));
    ann.sync();
    let read = || fs::read_to_string(&opened).unwrap_or_default();
    let once = format!("1|{link}|");
    eventually("the link by keyboard", || {
        window.keys(&["ctrl+o", "Return"]);
        if read().starts_with(&once) { Ok(()) } else { Err(read()) }
    });
    let before = read().len();
    // Its line is somewhere in the upper part of the conversation.
    let mut places = (80..300).step_by(9).cycle();
    eventually("the link by mouse", || {
        window.click(240, places.next().unwrap());
        if read().len() > before { Ok(()) } else { Err(read()) }
    });
    assert_eq!(read().replace(&once, ""), "", "nothing else was opened");
}

fn remembered() {
    let home = Home::new();
    let mut program = Program::start(env!("CARGO_BIN_EXE_client"), &home, &["--theme", "light"]);
    let window = Window::of(program.id(), "^multichat$");
    window.place_at(70, 60, 720, 460);
    window.keys(&["ctrl+t", "ctrl+minus"]);
    // FLTK resizes the window when it zooms.
    eventually("a smaller window", || {
        let geometry = window.geometry();
        if geometry.2 == 720 { Err(geometry) } else { Ok(()) }
    });
    let geometry = window.geometry();
    window.close();
    assert!(program.ended().success());
    let program = Program::start(env!("CARGO_BIN_EXE_client"), &home, &[]);
    let window = Window::of(program.id(), "^multichat$");
    assert_eq!(window.geometry(), geometry);
    let settings = fs::read_to_string(home.path().join("multichat").join("client.conf")).unwrap();
    assert!(settings.contains("theme = dark\n"), "{settings}");
}

fn history() {
    let (_room, mut ann, screen) = bob_and_ann();
    for text in ["one", "two"] {
        screen.desktop.type_text(text);
        screen.until_draft(text);
        screen.desktop.keys(&["Return"]);
        screen.until_draft("");
        ann.expect(&format!("MSG bob {text}"));
    }
    screen.desktop.type_text("half a thought");
    screen.desktop.keys(&["Up"]);
    screen.until_draft("two");
    screen.desktop.keys(&["Up"]);
    screen.until_draft("one");
    screen.desktop.keys(&["Down", "Down"]);
    screen.until_draft("half a thought");
    screen.desktop.keys(&["Up", "Return"]);
    screen.until_draft("");
    ann.expect("MSG bob two");
    screen.close();
}

fn completion() {
    let (room, _ann, screen) = bob_and_ann();
    let _annika = room.join("Annika");
    screen.until("who is here", |screen| screen.window.people().contains(&"Annika".to_owned()));
    screen.desktop.type_text("an");
    screen.desktop.keys(&["Tab"]);
    screen.until_draft("ann: ");
    screen.desktop.keys(&["Tab"]);
    screen.until_draft("Annika: ");
    screen.desktop.type_text("ask bo");
    screen.desktop.keys(&["Tab"]);
    screen.until_draft("Annika: ask bob ");
    screen.desktop.type_text("xyz");
    screen.desktop.keys(&["Tab"]);
    screen.until_status("No name here begins with xyz");
    screen.until_draft("Annika: ask bob xyz");
    // The remark was about this word. With none before the cursor, it is the key that goes on to the next field.
    let changed = Instant::now();
    screen.desktop.keys(&["space"]);
    screen.until_status("Connected as bob");
    assert!(changed.elapsed() < Duration::from_secs(10), "it went by itself");
    screen.desktop.keys(&["Tab", "y"]);
    screen.until_draft("Annika: ask bob xyz ");
    screen.close();
}

fn counted() {
    let (_room, mut ann, screen) = bob_and_ann();
    assert!(!notes().iter().any(|note| note.contains("byte")), "{:?}", notes());
    // The longest label counts.
    let fits = 4096 - "#65535 MSG bob \n".len();
    app::copy(&"é".repeat(fits / 2 - 1));
    screen.desktop.keys(&["ctrl+v"]);
    note_is(&screen, &format!("{} bytes left", fits - 2 * (fits / 2 - 1)));
    screen.desktop.type_text("abcde");
    note_is(&screen, &format!("{} bytes too long", 5 + 2 * (fits / 2 - 1) - fits));
    screen.desktop.keys(&["Return"]);
    screen.until_status("Not sent: ");
    screen.desktop.keys(&["ctrl+a", "x", "Return"]);
    screen.until("no counter", |_| !notes().iter().any(|note| note.contains("byte")));
    screen.until_draft("");
    ann.expect("MSG bob x");
    screen.close();
}

fn found() {
    let (_room, mut ann, screen) = bob_and_ann();
    say(&mut ann, &screen, "Tea is ready");
    for n in 0..60 {
        ann.send(format!("MSG ann line {n}\n"));
    }
    say(&mut ann, &screen, "more tea, TEA?");
    screen.desktop.type_text("a draft");
    screen.desktop.keys(&["ctrl+f"]);
    screen.until("the row", |_| button("Previous").is_some());
    screen.desktop.type_text("tea");
    note_is(&screen, "3 of 3");
    assert_eq!(selected(), "TEA");
    screen.desktop.keys(&["Return"]);
    note_is(&screen, "2 of 3");
    assert_eq!(selected(), "tea");
    screen.desktop.keys(&["Up"]);
    note_is(&screen, "1 of 3");
    assert_eq!(selected(), "Tea");
    screen.until("the old line in view", |_| shown().position_of("Tea is ready").is_some());
    screen.desktop.keys(&["shift+Return"]);
    note_is(&screen, "2 of 3");
    for (key, note) in [("F3", "3"), ("ctrl+g", "1"), ("shift+F3", "3"), ("ctrl+shift+g", "2")] {
        screen.desktop.keys(&[key]);
        note_is(&screen, &format!("{note} of 3"));
    }
    ann.send("MSG ann one more tea\n");
    note_is(&screen, "2 of 4");
    screen.desktop.type_text("m");
    note_is(&screen, "not found");
    screen.desktop.keys(&["Escape"]);
    screen.until("no row", |_| button("Previous").is_none());
    assert_eq!(selected(), "");
    screen.desktop.type_text("!");
    screen.until_draft("a draft!");
    screen.desktop.keys(&["F3"]);
    screen.until("the row again", |_| button("Previous").is_some());
    screen.close();
}

fn copied_word() {
    let (_room, mut ann, screen) = bob_and_ann();
    say(&mut ann, &screen, "the password is swordfish of course");
    let (x, y) = place_of("swordfish");
    screen.desktop.double_click(x, y);
    screen.until("a selection", |_| selected() == "swordfish");
    screen.paste_copied();
    screen.until_draft("swordfish");
    screen.close();
}

fn copied_lines() {
    let (_room, mut ann, screen) = bob_and_ann();
    say(&mut ann, &screen, "one");
    say(&mut ann, &screen, "two");
    let (x, y) = place_of("one");
    screen.desktop.click(u32::try_from(x).unwrap(), u32::try_from(y).unwrap());
    screen.desktop.keys(&["ctrl+a"]);
    screen.paste_copied();
    screen.until("the question", |_| button("Join into one line").is_some());
    button("Join into one line").unwrap().do_callback();
    screen.until("names and times", |screen| {
        let draft = screen.window.draft();
        let (_, end) = draft.split_once("ann: one ").unwrap_or_default();
        draft.contains(" as bob ") && end.len() == "00:00  ann: two".len() && end.ends_with("ann: two")
    });
    screen.close();
}

fn hovered() {
    let (_room, mut ann, screen) = bob_and_ann();
    say(&mut ann, &screen, "http://bank.example@evil.example/ is a trap");
    let (x, y) = place_of("http://bank");
    screen.desktop.point(x, y);
    screen.until_status("Opens evil.example, by http://bank.example@evil.example/");
    let (x, y) = place_of("trap");
    screen.desktop.point(x, y);
    screen.until_status("Connected as bob");
    screen.desktop.keys(&["ctrl+o"]);
    screen.until_status("Enter opens evil.example, by http://bank.example@evil.example/");
    screen.desktop.keys(&["Tab"]);
    screen.until_status("Connected as bob");
    // Beside the end of a line is no link, even if the line ends with one.
    say(&mut ann, &screen, "look: http://a.example");
    let (x, y) = place_of("http://a.example");
    screen.desktop.point(x, y);
    screen.until_status("Opens a.example");
    screen.desktop.point(x + 300, y);
    screen.until_status("Connected as bob");
    screen.close();
}

fn saved() {
    let home = Home::new();
    let path = home.path().join("chat.txt");
    let (_room, mut ann, screen) = bob_and_ann();
    say(&mut ann, &screen, "gr\u{fc}\u{df}e");
    for expected in ["Saved as ", "Not saved: "] {
        screen.desktop.keys(&["ctrl+s"]);
        screen.until("the row", |_| button("Cancel").is_some());
        screen.desktop.keys(&["ctrl+a"]);
        screen.desktop.type_text(path.to_str().unwrap());
        screen.desktop.keys(&["Return"]);
        screen.until_status(expected);
        screen.desktop.type_text("x");
        // Once it is saved, the keyboard is free; otherwise the path is to be corrected.
        screen.until_draft("x");
    }
    let corrected = format!("{}x", path.display());
    screen.until("the path", |_| widgets::<Input>().iter().any(|field| field.value() == corrected));
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with("A conversation in multichat, saved on ") && text.contains("ann: gr\u{fc}\u{df}e\n"),
        "{text}"
    );
    screen.close();
}

fn looked_away() {
    let (_room, mut ann, screen) = bob_and_ann();
    say(&mut ann, &screen, "hi bob, still looking");
    assert_eq!(title(), "bob - multichat");
    assert!(!texts()[0].contains("looked away"));
    look_away();
    screen.until("nobody looking", |_| app::focus().is_none());
    // The next tick has to see it before ann goes on.
    let since = Instant::now();
    screen.until("a tick", |_| since.elapsed() > Duration::from_millis(100));
    say(&mut ann, &screen, "anybody?");
    say(&mut ann, &screen, "Bob?");
    say(&mut ann, &screen, "bobby is not meant");
    say(&mut ann, &screen, "BOB!");
    screen.until("the count", |_| title() == "(2) bob - multichat");
    let conversation = texts().remove(0);
    let mark = conversation.find("new since you looked away").unwrap();
    assert!(conversation[..mark].ends_with("still looking\n──── "), "{conversation}");
    screen.desktop.focus();
    screen.until("no count", |_| title() == "bob - multichat");
    assert_eq!(texts()[0].matches("looked away").count(), 1, "the mark stays");
    screen.close();
}

fn refused() {
    let (screen, mut server) = bob_and_a_server();
    screen.desktop.type_text("what?");
    screen.desktop.keys(&["Return"]);
    screen.until_draft("");
    screen.desktop.type_text("q");
    screen.desktop.keys(&["Tab"]);
    screen.until_status("No name here begins with q");
    server.write_all(b"#1 ERR BAD_TEXT no\n").unwrap();
    screen.until_status("Not sent: ");
    screen.until_draft("q");
    // What is typed stays, and Up brings back what was refused.
    screen.desktop.keys(&["BackSpace", "Up"]);
    screen.until_draft("what?");
    screen.close();
}

fn days() {
    let (screen, mut server) = bob_and_a_server();
    // Noon in Greenwich: the same day in nearly all of the world.
    let noon: u64 = 1_700_049_600_000_000;
    for day in 0..2 {
        let stamp = noon + day * 86_400_000_000;
        server.write_all(format!("@{stamp} MSG ann day {day}\n").as_bytes()).unwrap();
        screen.until_conversation(&format!("day {day}"));
    }
    let conversation = texts().remove(0);
    let lines: Vec<_> = conversation.lines().rev().take(4).map(|line| line.split("  ").last().unwrap()).collect();
    assert_eq!(
        lines,
        ["day 1", "Thursday, 16 November 2023", "day 0", "Wednesday, 15 November 2023"],
        "{conversation}"
    );
    screen.close();
}

fn scripts() {
    let (_room, mut ann, screen) = bob_and_ann();
    for text in ["\u{4f60}\u{597d}", "\u{633}\u{644}\u{627}\u{645}", "\u{1f469}\u{200d}\u{1f467}", "e\u{301}\u{323}"] {
        say(&mut ann, &screen, text);
    }
    screen.close();
}
