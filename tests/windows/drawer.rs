//! The drawer between the text and the entry: its edge, what it leaves the text in a small window, and the keyboard after it was
//! closed.

use fltk::app;
use fltk::frame::Frame;
use fltk::input::Input;
use fltk::prelude::*;
use fltk::table::Table;

use crate::support::Room;
use crate::support::desktop::{Test, press, release};
use crate::support::history::with_history;
use crate::support::program::Home;
use crate::support::screen::{SIZE, Screen, bob_and_ann, button, widgets};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("the edge of the wire is dragged, and the height is that of the last time", dragged),
        ("the wire in the smallest window shows some lines", smallest),
        ("the keyboard goes from the wire that is hidden to the entry", keyboard),
        ("a result of a search is shown in the room, whatever is shown", result),
    ]
}

/// Returns the lines of the wire.
fn wire() -> Table {
    widgets::<Table>().remove(0)
}

fn open_wire(screen: &Screen) {
    screen.desktop.keys(&["F12"]);
    screen.until("the wire", |_| button("Pause").is_some());
    screen.until("its place", |_| wire().h() > 0);
}

/// Returns the height of the text above the wire, without the line below it.
fn shown_text_height() -> i32 {
    let view = edge().parent().unwrap();
    let text = view.child(0).and_then(|plate| plate.as_group()?.child(0)).unwrap();
    text.h()
}

fn edge() -> Frame {
    widgets::<Frame>().into_iter().find(|frame| frame.tooltip().is_some_and(|tip| tip.contains("higher"))).unwrap()
}

fn dragged() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.place(SIZE.0, 900);
    screen.until("a high window", |_| app::first_window().unwrap().h() == 900);
    open_wire(&screen);
    let before = wire().h();
    let at = (edge().x() + 100, edge().y() + 4);
    screen.desktop.point(at.0, at.1);
    press();
    screen.desktop.point(at.0, at.1 - 50);
    screen.until("a higher wire", |_| wire().h() == before + 50);
    // Two fifths of the window are the most.
    screen.desktop.point(at.0, at.1 - 500);
    screen.until("the highest wire", |_| wire().h() > before + 50);
    let highest = wire().h();
    screen.desktop.point(at.0, at.1 - 480);
    screen.until("a lower wire", |_| wire().h() == highest - 20);
    release();
    screen.close();
}

fn smallest() {
    let (_room, mut ann, screen) = bob_and_ann();
    screen.desktop.place(640, 400);
    screen.until("a small window", |_| app::first_window().unwrap().h() == 400);
    open_wire(&screen);
    ann.send("MSG ann one\nMSG ann two\nMSG ann three\n");
    screen.until("the lines", |screen| screen.window.wire_text().contains("three"));
    screen.until("room for three lines", |_| !wire().col_header() && wire().h() >= 3 * wire().row_height(0));
    assert!(!wire().hscrollbar().visible(), "a scrollbar takes the room of a line");
    assert!(shown_text_height() >= 36, "two lines of text: {}", shown_text_height());
    screen.desktop.place(SIZE.0, 900);
    screen.until("headings where there is room", |_| wire().col_header());
    screen.close();
}

fn keyboard() {
    let (_room, _ann, screen) = bob_and_ann();
    open_wire(&screen);
    let line = widgets::<Input>().into_iter().next_back().unwrap();
    screen.desktop.click((line.x() + 20).cast_unsigned(), (line.y() + 10).cast_unsigned());
    screen.desktop.type_text("PING");
    screen.until("a line", |_| line.value() == "PING");
    screen.desktop.keys(&["F12"]);
    screen.until("no wire", |_| button("Pause").is_none());
    screen.desktop.type_text("x");
    screen.until("the keyboard in the entry", |screen| screen.window.draft() == "x");
    screen.close();
}

fn result() {
    let home = Home::new();
    let room = Room::with(with_history(&home));
    let mut ann = room.join("ann");
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    ann.send("MSG ann tea\n");
    ann.send("TELL bob psst\n");
    screen.until("the talk", |screen| screen.window.talks().len() == 2);
    screen.desktop.keys(&["ctrl+n"]);
    screen.until_conversation("psst");
    screen.desktop.keys(&["ctrl+f"]);
    screen.desktop.type_text("tea");
    screen.desktop.keys(&["ctrl+shift+f"]);
    screen.until("the result", |_| widgets::<Table>().first().is_some_and(|table| table.rows() == 1));
    screen.desktop.keys(&["ctrl+shift+f"]);
    screen.until("the keyboard in the results", |_| wire().has_focus());
    screen.desktop.keys(&["Return"]);
    screen.until_conversation("ann  tea");
    screen.close();
}
