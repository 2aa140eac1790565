//! The talk in which one writes: it is named, stands in sight in the list, and is marked there alone.

use std::io::Write as _;

use fltk::app;
use fltk::frame::Frame;
use fltk::prelude::*;
use fltk::widget::Widget;

use super::talks::{ROW, lists};
use crate::support::desktop::Test;
use crate::support::screen::{Screen, bob_and_a_server, bob_and_ann, button, shown, widgets};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("the title names the talk, and the top bar does while the list is folded", named),
        ("the current talk comes into view in the list, and the heading counts unread talks", in_view),
        ("the filter finds talks with those who have left, and says when there is nobody", filtered),
        ("a row is marked as long as the list has the keyboard or its menu is open", marked),
        ("the button for what is below goes when the end is in sight", below),
    ]
}

fn title() -> String {
    app::first_window().unwrap().label()
}

fn has_label(label: &str) -> bool {
    widgets::<Frame>().iter().any(|frame| frame.label().starts_with(label))
}

fn named() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send("TELL bob psst\n");
    screen.until("the message", |screen| screen.window.talks().len() == 2);
    screen.desktop.keys(&["ctrl+n"]);
    screen.until("the talk", |_| title() == "ann - bob - multichat");
    assert!(!has_label("ann · "), "the list names it");
    screen.desktop.keys(&["F9"]);
    screen.until("its name at the top", |_| has_label("ann · 127.0.0.1"));
    screen.desktop.keys(&["ctrl+Tab"]);
    screen.until("everybody", |_| title() == "bob - multichat" && has_label("Everybody · 127.0.0.1"));
    screen.close();
}

/// Returns whether the row at this place of the list of talks is in sight.
#[expect(clippy::cast_possible_truncation, reason = "a number of pixels")]
fn is_in_sight(row: usize) -> bool {
    let [(area, bar), _] = lists();
    let top = ROW * i32::try_from(row).unwrap() - bar.value() as i32;
    top >= 0 && top + ROW <= area.h()
}

fn in_view() {
    let (screen, mut server) = bob_and_a_server();
    for n in 10..24 {
        write!(server, "HELLO p{n}\nTELL p{n} hi\n").unwrap();
    }
    screen.until("all of them", |screen| screen.window.talks_title() == "TALKS 14 unread");
    let [(area, bar), _] = lists();
    screen.until("a scrollbar", |_| bar.visible());
    screen.desktop.point(area.x() + 30, area.y() + ROW / 2);
    screen.until("the mouse", |_| app::belowmouse::<Widget>().is_some_and(|below| below.is_same(&area)));
    write!(server, "HELLO zoe\nTELL zoe hi\n").unwrap();
    screen.until("one more", |screen| screen.window.talks_title() == "TALKS 15 unread");
    assert!(screen.window.talks()[15].starts_with("zoe") && !is_in_sight(15));
    screen.desktop.keys(&["ctrl+shift+Tab"]);
    screen.until("the talk", |_| title().contains("zoe - "));
    screen.until("its row", |_| is_in_sight(15));
    screen.until("it is read", |screen| screen.window.talks_title() == "TALKS 14 unread");
    screen.desktop.keys(&["ctrl+Tab"]);
    screen.until("everybody in sight", |_| is_in_sight(0));
    screen.close();
}

fn filtered() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send("TELL bob psst\n");
    screen.until("the message", |screen| screen.window.talks().len() == 2);
    drop(ann);
    screen.until("ann gone", |screen| screen.window.people() == ["bob, you"]);
    screen.desktop.keys(&["ctrl+k"]);
    screen.desktop.type_text("an");
    screen.until("her talk", |screen| screen.window.talks() == ["ann, has left, 1 unread"]);
    assert!(screen.window.people().is_empty());
    screen.desktop.type_text("x");
    screen.until("nobody", |screen| screen.window.people() == ["No name has that"]);
    assert!(screen.window.talks().is_empty());
    screen.desktop.keys(&["BackSpace", "Down"]);
    screen.until("the keyboard in the list of talks", |_| lists()[0].0.has_focus());
    screen.desktop.keys(&["Return"]);
    screen.until("her talk", |_| title() == "ann - bob - multichat");
    screen.close();
}

/// Returns the colour at the right end of a row, where nothing is written.
fn ground(screen: &Screen, list: usize, row: i32) -> [u8; 3] {
    let (area, _) = &lists()[list];
    let (x, y) = (area.x() + area.w() - 30, area.y() + row * ROW + ROW / 2);
    screen.desktop.color_at(x.try_into().unwrap(), y.try_into().unwrap())
}

fn marked() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send("TELL bob psst\n");
    screen.until("the message", |screen| screen.window.talks().len() == 2);
    let plain = ground(&screen, 1, 0);
    let raised = ground(&screen, 0, 0);
    assert_ne!(plain, raised);
    let [(talks, _), (people, _)] = lists();
    screen.desktop.click((people.x() + 30).cast_unsigned(), (people.y() + ROW / 2).cast_unsigned());
    screen.until("the mark", |screen| ground(screen, 1, 0) == raised);
    screen.desktop.keys(&["ctrl+n"]);
    screen.until("no mark without the keyboard", |screen| ground(screen, 1, 0) == plain);
    screen.until("the talk", |screen| ground(screen, 0, 1) == raised && ground(screen, 0, 0) == plain);
    // Tab comes to the list of people at last: a row has the keyboard.
    screen.until("the keyboard in the list", |screen| {
        screen.desktop.keys(&["Tab"]);
        people.has_focus()
    });
    screen.until("the mark", |screen| ground(screen, 1, 0) == raised);
    screen.desktop.keys(&["ctrl+Tab"]);
    screen.until("everybody", |screen| ground(screen, 0, 0) == raised);
    let at = (talks.x() + 30, talks.y() + ROW + ROW / 2);
    screen.desktop.right_click(at.0.cast_unsigned(), at.1.cast_unsigned());
    screen.desktop.keys(&["Escape"]);
    // A key that comes too soon goes to the menu.
    screen.until("the keyboard in the entry", |screen| {
        screen.desktop.type_text("h");
        screen.window.draft().starts_with('h')
    });
    screen.until("no mark without the menu", |screen| ground(screen, 0, 1) == plain && ground(screen, 0, 0) == raised);
    screen.close();
}

fn below() {
    let (screen, mut server) = bob_and_a_server();
    for n in 0..30 {
        writeln!(server, "MSG ann number {n}").unwrap();
    }
    screen.until("all of them", |_| shown().text().contains("number 29"));
    let (x, y, ..) = shown().area();
    (0..2).for_each(|_| screen.desktop.wheel_up(x + 50, y + 50));
    for n in 30..34 {
        writeln!(server, "MSG ann number {n}").unwrap();
    }
    screen.until("the button", |_| button("new below").is_some());
    // A higher window brings the end into sight, which the view sees while it is drawn.
    screen.desktop.place(800, 1100);
    screen.until("the end", |_| shown().in_sight().last().is_some_and(|(text, _)| text.contains("number 33")));
    screen.until("no button", |_| button("new below").is_none());
    screen.close();
}
