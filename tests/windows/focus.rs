//! What is typed goes on in the entry, whatever has the keyboard; and Enter presses the button that has it.

use std::cell::Cell;
use std::rc::Rc;

use fltk::app;
use fltk::menu::MenuButton;
use fltk::prelude::*;
use fltk::text::TextEditor;
use fltk::window::Window as FltkWindow;

use crate::support::desktop::{Test, Window};
use crate::support::screen::{Screen, bob_and_ann, button, widgets};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("a menu that the mouse opens leaves the keyboard in the entry", menu),
        ("what is typed on a button or after a menu goes on in the entry", typed),
        ("Enter presses the button that has the keyboard, and opens a menu", enter),
        ("one Enter too many presses no other button", too_many),
        ("who closes a private window finds the keyboard where it was", closed),
    ]
}

fn entry() -> TextEditor {
    widgets().remove(0)
}

/// The menu with this label.
fn menu_of(label: &str) -> MenuButton {
    widgets::<MenuButton>().into_iter().find(|menu| menu.label() == label).unwrap()
}

fn click(screen: &Screen, widget: &impl WidgetExt) {
    let (x, y) = (widget.x() + widget.w() / 2, widget.y() + widget.h() / 2);
    screen.desktop.click(x.cast_unsigned(), y.cast_unsigned());
}

/// Opens a menu, presses keys in it, and waits until it is closed. Its event loop runs within that of the window.
fn in_menu(screen: &Screen, open: impl Fn(), keys: &'static [&'static str]) {
    let is_over = Rc::new(Cell::new(false));
    let (over, window) = (Rc::clone(&is_over), Window::of(std::process::id(), "multichat"));
    app::add_timeout3(0.02, move |timer| {
        if app::grab().is_some() {
            window.keys(keys);
            over.set(true);
        } else {
            app::repeat_timeout3(0.02, timer);
        }
    });
    open();
    screen.until("the menu closed", |_| is_over.get() && app::grab().is_none());
}

fn menu() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.type_text("a");
    screen.until_draft("a");
    for label in ["Menu", "bob"] {
        in_menu(&screen, || click(&screen, &menu_of(label)), &["Escape"]);
        assert!(entry().has_focus(), "{label}");
    }
    in_menu(&screen, || click(&screen, &menu_of("bob")), &["Down", "Return"]);
    screen.until("bob away", |screen| screen.window.people().iter().any(|line| line.contains("away")));
    screen.desktop.type_text("b");
    screen.until_draft("ab");
    screen.close();
}

fn typed() {
    let (_room, _ann, screen) = bob_and_ann();
    for (label, before, after) in [("Find", "", "h"), ("Send", "h", "hi")] {
        screen.until_draft(before);
        button(label).unwrap().take_focus().unwrap();
        screen.desktop.type_text(&after[before.len()..]);
        screen.until_draft(after);
        assert!(entry().has_focus());
    }
    menu_of("Menu").take_focus().unwrap();
    in_menu(&screen, || screen.desktop.keys(&["space"]), &["Escape"]);
    screen.desktop.type_text("!");
    screen.until_draft("hi!");
    screen.close();
}

fn enter() {
    let (_room, mut ann, screen) = bob_and_ann();
    app::copy("one\ntwo");
    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the question", |_| button("Send as code").is_some());
    screen.desktop.keys(&["shift+Tab", "shift+Tab", "shift+Tab"]);
    screen.until("the button", |_| button("Send as code").is_some_and(|button| button.has_focus()));
    screen.desktop.keys(&["Return"]);
    screen.until("no question", |_| button("Send as code").is_none());
    let heard = std::thread::spawn(move || {
        for line in ["```", "one", "two", "```"] {
            ann.expect(&format!("MSG bob {line}"));
        }
    });
    screen.until("all lines", |_| heard.is_finished());
    heard.join().unwrap();
    screen.until("the keyboard in the entry", |_| entry().has_focus());
    // The padlock, which has no use for the keyboard afterwards.
    button("Not encrypted").unwrap().take_focus().unwrap();
    screen.desktop.keys(&["Return"]);
    screen.until("the words", |screen| screen.window.status().contains("Not encrypted"));
    screen.desktop.keys(&["x"]);
    screen.until_draft("x");
    for label in ["bob", "Menu"] {
        menu_of(label).take_focus().unwrap();
        in_menu(&screen, || screen.desktop.keys(&["Return"]), &["Escape"]);
    }
    screen.close();
}

fn too_many() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.keys(&["ctrl+s"]);
    screen.until("the row", |_| button("Cancel").is_some());
    button("Cancel").unwrap().take_focus().unwrap();
    screen.desktop.keys(&["Return", "Return", "x"]);
    screen.until_draft("x");
    assert!(button("Cancel").is_none());
    screen.close();
}

fn closed() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.type_text("/msg ann");
    screen.until_draft("/msg ann");
    screen.desktop.keys(&["Return"]);
    screen.until("the talk", |screen| screen.window.talks() == ["Everybody", "ann"]);
    screen.until_draft("");
    let [(area, _), _] = super::talks::lists();
    let (x, y) = (area.x() + 30, area.y() + super::talks::ROW * 3 / 2);
    let open = || screen.desktop.right_click(x.cast_unsigned(), y.cast_unsigned());
    in_menu(&screen, open, &["Down", "Return"]);
    let private = || {
        let windows = app::windows().unwrap_or_default();
        windows.iter().filter_map(FltkWindow::from_dyn_widget).find(|window| window.label().starts_with("ann - "))
    };
    screen.until("the window", |_| private().is_some_and(|window| window.shown()));
    app::flush();
    let desktop = Window::of(std::process::id(), "ann - multichat");
    desktop.focus();
    desktop.keys(&["ctrl+w"]);
    screen.until("no window", |_| private().is_none_or(|window| !window.shown()));
    screen.desktop.focus();
    screen.until("the keyboard in the entry", |_| entry().has_focus());
    screen.desktop.type_text("hello");
    screen.until_draft("hello");
    screen.close();
}
