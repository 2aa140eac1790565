//! The context menu of the messages, on a real screen: it acts on what was under the mouse when it was opened.

use std::cell::Cell;
use std::rc::Rc;

use fltk::app;
use fltk::prelude::*;
use fltk::text::TextEditor;

use crate::support::desktop::{Test, Window};
use crate::support::screen::{Screen, bob_and_ann, button, shown, widgets};
use crate::support::{Peer, Room};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("a reply begins with the name, or has it at the caret", reply),
        ("a talk is opened from a message, where a reply needs no name", privately),
        ("one's own message and an empty place have no reply", without_author),
        ("what is marked is copied, or else the message, or the link", copies),
        ("while the menu is open the text moves, and the menu is about what was pressed", moves),
        ("the menu key is about the newest message, or about the selected one", by_keyboard),
    ]
}

fn editor() -> TextEditor {
    widgets().remove(0)
}

/// Clicks with the right button, runs `act` as often as the clock ticks once the menu is open, until it returns true, and waits
/// until the menu is closed.
fn in_menu(screen: &Screen, (x, y): (u32, u32), mut act: impl FnMut() -> bool + 'static) {
    let is_over = Rc::new(Cell::new(false));
    let over = Rc::clone(&is_over);
    screen.desktop.right_click(x, y);
    app::add_timeout3(0.02, move |timer| match app::grab() {
        Some(_) if act() => over.set(true),
        _ => app::repeat_timeout3(0.02, timer),
    });
    screen.until("the menu closed", |_| is_over.get() && app::grab().is_none());
}

/// Opens the menu there, and presses keys in it.
fn menu_at(screen: &Screen, place: (u32, u32), keys: &'static [&str]) {
    let window = Window::of(std::process::id(), "multichat");
    in_menu(screen, place, move || {
        window.keys(keys);
        true
    });
}

/// The same, on a text.
fn menu_on(screen: &Screen, text: &str, keys: &'static [&str]) {
    menu_at(screen, place_of(screen, text), keys);
}

fn place_of(screen: &Screen, text: &str) -> (u32, u32) {
    screen.until(text, |_| shown().position_of(text).is_some());
    let (x, y) = shown().position_of(text).unwrap();
    (x.cast_unsigned() + 3, y.cast_unsigned())
}

/// Returns an empty place below the messages.
fn below_all() -> (u32, u32) {
    let (x, y, width, height) = shown().area();
    ((x + width / 2).cast_unsigned(), (y + height - 10).cast_unsigned())
}

/// Moves the keyboard to the messages, with nothing selected.
fn leave_entry(screen: &Screen) {
    let (x, y) = below_all();
    screen.desktop.click(x, y);
    screen.until("the keyboard in the messages", |_| !editor().has_focus());
}

/// Bob's window, in which cleo and then ann have said something.
fn two_say() -> (Room, Peer, Peer, Screen) {
    let (room, mut ann, screen) = bob_and_ann();
    let mut cleo = room.join("cleo");
    ann.expect("HELLO cleo");
    cleo.send("MSG cleo first words\n");
    ann.expect("MSG cleo first words");
    ann.send("MSG ann see https://example.org/a here\n");
    screen.until_conversation("example.org");
    (room, ann, cleo, screen)
}

fn reply() {
    let (_room, _ann, _cleo, screen) = two_say();
    menu_on(&screen, "first words", &["Down", "Down", "Return"]);
    screen.until_draft("cleo: ");
    assert!(editor().has_focus());
    screen.desktop.type_text("and");
    screen.until_draft("cleo: and");
    screen.desktop.keys(&["ctrl+a"]);
    screen.until("a selection", |_| editor().buffer().unwrap().selected());
    menu_on(&screen, "see https", &["Down", "Down", "Return"]);
    // What was selected is still there.
    screen.until_draft("cleo: and ann ");
    screen.close();
}

fn privately() {
    let (_room, mut ann, _cleo, screen) = two_say();
    menu_on(&screen, "see https", &["Down", "Down", "Down", "Return"]);
    screen.until("the talk", |_| !shown().text().contains("first words"));
    ann.send("TELL bob psst\n");
    screen.until_conversation("psst");
    leave_entry(&screen);
    menu_on(&screen, "psst", &["Down", "Down", "Return"]);
    screen.until("the keyboard in the entry", |_| editor().has_focus());
    screen.until_draft("");
    screen.close();
}

fn without_author() {
    let (_room, _ann, _cleo, screen) = two_say();
    screen.desktop.type_text("mine");
    screen.desktop.keys(&["Return"]);
    screen.until_conversation("bob  mine");
    // Behind the message itself, to find.
    menu_on(&screen, "mine", &["Down", "Down", "Return"]);
    screen.until("the row", |_| button("Close").is_some());
    screen.desktop.keys(&["Escape"]);
    screen.until("no row", |_| button("Close").is_none());
    // There is nothing to copy.
    menu_at(&screen, below_all(), &["Down", "Return"]);
    screen.until("the row again", |_| button("Close").is_some());
    assert_eq!(screen.window.draft(), "");
    screen.close();
}

fn copies() {
    let (_room, _ann, _cleo, screen) = two_say();
    let pasted = |text: &str| {
        screen.desktop.keys(&["ctrl+v"]);
        screen.until_draft(text);
        screen.desktop.keys(&["ctrl+a", "Delete"]);
        screen.until_draft("");
    };
    menu_on(&screen, "see https", &["Down", "Return"]);
    pasted("see https://example.org/a here");
    menu_on(&screen, "example.org", &["Down", "Down", "Return"]);
    pasted("https://example.org/a");
    let (x, y) = shown().position_of("words").unwrap();
    screen.desktop.double_click(x + 3, y);
    screen.until("a marked word", |_| shown().selected() == "words");
    // It is marked elsewhere.
    menu_on(&screen, "see https", &["Down", "Return"]);
    screen.desktop.click(200, 446);
    pasted("words");
    screen.close();
}

fn moves() {
    let (_room, mut ann, _cleo, screen) = two_say();
    let window = Window::of(std::process::id(), "multichat");
    let mut is_said = false;
    in_menu(&screen, place_of(&screen, "first words"), move || {
        if !is_said {
            ann.send((0..60).map(|n| format!("MSG ann number {n}.\n")).collect::<Vec<_>>().concat());
            is_said = true;
        }
        let has_moved = shown().position_of("number 59.").is_some() && shown().position_of("first words").is_none();
        if has_moved {
            window.keys(&["Down", "Down", "Return"]);
        }
        has_moved
    });
    screen.until_draft("cleo: ");
    screen.close();
}

fn by_keyboard() {
    let (_room, _ann, _cleo, screen) = two_say();
    leave_entry(&screen);
    screen.desktop.keys(&["Menu", "Down", "Down", "Return"]);
    screen.until_draft("ann: ");
    let (x, y) = shown().position_of("words").unwrap();
    screen.desktop.double_click(x + 3, y);
    screen.until("a marked word", |_| shown().selected() == "words");
    screen.desktop.keys(&["shift+F10", "Down", "Down", "Return"]);
    screen.until_draft("ann: cleo ");
    screen.close();
}
