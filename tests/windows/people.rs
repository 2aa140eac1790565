//! The list of people with the mouse and the keyboard: the menu of a person, and the keyboard after a part of the list was
//! hidden.

use fltk::app;
use fltk::input::Input;
use fltk::menu::MenuButton;
use fltk::prelude::*;
use fltk::text::TextEditor;

use super::talks::{ROW, lists};
use crate::support::Peer;
use crate::support::desktop::Test;
use crate::support::screen::{SIZE, Screen, bob_and_ann, button, choose, widgets};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("the menu of a person mentions them, and copies the name", mention),
        ("the menu of a person hides what they say, and shows it again", ignore),
        ("the menu of a person opens a talk", message),
        ("the menu of one's own row copies the name, and offers nothing that is for others", oneself),
        ("the menu of the window lists whom one ignores, and shows their messages again", stop_ignoring),
        ("nobody found leaves the keyboard in the filter, somebody who has left gives it back", nobody),
        ("the keyboard goes to the entry when the button for the lists is gone", list_button),
        ("the filter gives the keyboard back to the card", card),
        ("a list that was hidden under the mouse is free to grow when it is shown again", hidden),
        ("a list that rows under the mouse have scrolled is at its top again without the mouse", back_at_the_top),
    ]
}

impl Screen {
    /// Chooses an item of the menu of the person in this row of the list.
    fn choose_of_person(&self, row: i32, item: usize) {
        let [_, (area, _)] = lists();
        self.desktop.right_click((area.x() + 30).cast_unsigned(), (area.y() + row * ROW + ROW / 2).cast_unsigned());
        self.desktop.keys(&vec!["Down"; item]);
        self.desktop.keys(&["Return"]);
    }
}

fn with_people() -> (crate::support::Room, Peer, Screen) {
    let (room, ann, screen) = bob_and_ann();
    screen.until("ann and bob", |screen| screen.window.people() == ["ann", "bob, you"]);
    (room, ann, screen)
}

fn mention() {
    let (_room, _ann, screen) = with_people();
    screen.desktop.type_text("Hello ");
    screen.until("a draft", |screen| screen.window.draft() == "Hello ");
    screen.choose_of_person(0, 2);
    screen.until("the name", |screen| screen.window.draft() == "Hello ann ");
    screen.desktop.type_text("!");
    screen.until("the keyboard in the entry", |screen| screen.window.draft() == "Hello ann !");
    app::copy("something else");
    screen.choose_of_person(0, 3);
    // The keyboard has stayed in the entry. A key that comes too soon goes to the menu.
    screen.until("the copied name", |screen| {
        screen.desktop.keys(&["ctrl+a", "ctrl+v"]);
        screen.window.draft() == "ann"
    });
    screen.close();
}

fn ignore() {
    let (_room, mut ann, screen) = with_people();
    ann.send("MSG ann one\n");
    screen.until_conversation("ann  one");
    screen.choose_of_person(0, 4);
    screen.until_conversation("1 message from ignored people");
    screen.until("a note beside the name", |screen| screen.window.people()[0] == "ann, ignored");
    screen.choose_of_person(0, 4);
    screen.until_conversation("ann  one");
    screen.until("no note", |screen| screen.window.people()[0] == "ann");
    screen.close();
}

fn oneself() {
    let (_room, _ann, screen) = with_people();
    app::copy("something else");
    screen.choose_of_person(1, 1);
    screen.until("the copied name", |screen| {
        screen.desktop.keys(&["ctrl+a", "ctrl+v"]);
        screen.window.draft() == "bob"
    });
    // There is one item: to go down further leads to the same.
    app::copy("something else");
    screen.choose_of_person(1, 4);
    screen.until("the copied name again", |screen| {
        screen.desktop.keys(&["ctrl+a", "ctrl+v"]);
        screen.window.draft() == "bob"
    });
    assert_eq!(screen.window.people(), ["ann", "bob, you"], "nobody is ignored");
    screen.close();
}

/// Opens the menu of the window, and closes it.
fn open_menu(screen: &Screen) {
    screen.until("a menu", |_| !widgets::<MenuButton>().is_empty());
    let menu = widgets::<MenuButton>().pop().unwrap();
    screen.desktop.click((menu.x() + 5).cast_unsigned(), (menu.y() + 5).cast_unsigned());
    screen.desktop.keys(&["Escape"]);
}

fn stop_ignoring() {
    let (_room, mut ann, screen) = with_people();
    ann.send("MSG ann one\n");
    screen.until_conversation("ann  one");
    // While the menu of the person is open, it is the first window.
    let has = |item: &str| widgets::<MenuButton>().pop().is_some_and(|menu| menu.find_item(item).is_some());
    screen.until("nobody in the menu", |_| has("Ignored people/Nobody"));
    screen.choose_of_person(0, 4);
    screen.until_conversation("1 message from ignored people");
    // The items are those of the time when the menu is opened.
    open_menu(&screen);
    screen.until("ann in the menu", |_| has("Ignored people/Stop ignoring ann") && !has("Ignored people/Nobody"));
    choose("Ignored people/Stop ignoring ann");
    screen.until_conversation("ann  one");
    open_menu(&screen);
    screen.until("nobody in the menu", |_| has("Ignored people/Nobody") && !has("Ignored people/Stop ignoring ann"));
    screen.close();
}

fn message() {
    let (_room, mut ann, screen) = with_people();
    screen.choose_of_person(0, 1);
    screen.until("the talk", |screen| screen.window.status_with("ann").is_some());
    screen.desktop.type_text("psst");
    screen.until("what is typed", |screen| screen.window.draft() == "psst");
    screen.desktop.keys(&["Return"]);
    screen.until("an empty entry", |screen| screen.window.draft().is_empty());
    ann.expect("TELL bob psst");
    screen.close();
}

fn nobody() {
    let (_room, _ann, screen) = with_people();
    screen.desktop.keys(&["ctrl+k"]);
    screen.desktop.type_text("bob");
    screen.desktop.keys(&["Return"]);
    screen.desktop.type_text("x");
    screen.until("the filter", |_| widgets::<Input>().iter().any(|field| field.value() == "bobx"));
    screen.close();
}

fn list_button() {
    let (_room, _ann, screen) = with_people();
    screen.desktop.keys(&["F9"]);
    screen.until("a button for the lists", |_| button("Talks").is_some());
    let talks = button("Talks").unwrap();
    screen.desktop.click((talks.x() + 5).cast_unsigned(), (talks.y() + 5).cast_unsigned());
    screen.until("the lists", |_| button("Talks").is_none());
    screen.desktop.type_text("x");
    screen.until("the keyboard in the entry", |screen| screen.window.draft() == "x");
    screen.close();
}

fn card() {
    let screen = Screen::with_card("bob");
    screen.desktop.place(SIZE.0, SIZE.1);
    screen.until("the keyboard in the card", |_| widgets::<Input>()[1].has_focus());
    screen.desktop.keys(&["ctrl+k"]);
    screen.until("the filter", |_| widgets::<Input>().len() == 3);
    screen.desktop.keys(&["Escape"]);
    screen.until("no filter", |_| widgets::<Input>().len() == 2);
    screen.until("the keyboard in the card", |_| widgets::<Input>()[1].has_focus());
    screen.close();
}

fn hidden() {
    let (_room, mut ann, screen) = with_people();
    let [(talks, _), (people, _)] = lists();
    screen.desktop.point(people.x() + 30, people.y() + 60);
    screen.until("the mouse", |_| app::belowmouse::<fltk::widget::Widget>().is_some_and(|at| at.is_same(&people)));
    screen.desktop.keys(&["F9"]);
    screen.until("no lists", |_| !people.visible_r());
    screen.desktop.point(100, 200);
    screen.desktop.keys(&["F9"]);
    screen.until("the lists", |_| people.visible_r());
    let before = talks.h();
    ann.send("TELL bob psst\n");
    screen.until("a higher list", |_| talks.h() > before);
    assert!(widgets::<TextEditor>()[0].has_focus());
    screen.close();
}

fn back_at_the_top() {
    let (room, mut ann, screen) = with_people();
    let _crowd: Vec<Peer> = (0..40).map(|n| room.join(&format!("p{n}"))).collect();
    screen.until("all", |screen| screen.window.people().len() == 42);
    let [_, (people, bar)] = lists();
    let scrolled = |rows: f64| screen.until("the list", |_| (bar.value() - rows).abs() < 0.1);
    let point = || screen.desktop.point(people.x() + 30, people.y() + 3 * ROW);
    point();
    screen.until("the mouse", |_| app::belowmouse::<fltk::widget::Widget>().is_some_and(|at| at.is_same(&people)));
    // The row under the mouse stays there, and a line comes above it.
    ann.send("AWAY lunch\n");
    scrolled(17.0);
    screen.desktop.point(100, 200);
    scrolled(0.0);
    // Who has scrolled stays.
    point();
    let mut dragged = bar.clone();
    dragged.set_value(48.0);
    dragged.do_callback();
    ann.send("AWAY\n");
    scrolled(31.0);
    screen.desktop.point(100, 200);
    ann.send("MSG ann back\n");
    screen.until_conversation("ann  back");
    scrolled(31.0);
    screen.close();
}
