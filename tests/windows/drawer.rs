//! The drawer between the text and the entry: one bar and one pane at a time, its edge, what it leaves the text
//! in a small window, and the keyboard after it was closed.

use fltk::app;
use fltk::button::Button;
use fltk::frame::Frame;
use fltk::input::Input;
use fltk::prelude::*;
use fltk::table::Table;
use fltk::window::Window as FltkWindow;

use crate::support::Room;
use crate::support::desktop::{Test, press, release};
use crate::support::history::with_history;
use crate::support::places::faults;
use crate::support::program::Home;
use crate::support::screen::{SIZE, Screen, bob_and_ann, button, widgets};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("the edge of the wire is dragged, up to two fifths of the window", dragged),
        ("the wire in the smallest window shows some lines", smallest),
        ("the keyboard goes from the wire that is hidden to the entry", keyboard),
        ("a result of a search is shown in the room, whatever is shown", result),
        ("one bar is open at a time, and a question about pasted lines comes back", one_bar),
        ("one pane is open at a time, and leaves room for the text", one_pane),
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
    let column = wire().parent().and_then(|card| card.parent()?.parent()).unwrap();
    let view = column.parent().unwrap();
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
    // Two fifths of the window are the most, in whole rows.
    screen.desktop.point(at.0, at.1 - 500);
    screen.until("the highest wire", |_| wire().h() > before + 50);
    let column = wire().parent().and_then(|card| card.parent()?.parent()).unwrap();
    assert!((900 * 2 / 5 - 23..=900 * 2 / 5).contains(&column.h()), "{}", column.h());
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

fn is_open(label: &str) -> bool {
    button(label).is_some()
}

/// Returns whether the bar that finds text is open, which has short labels in a narrow window.
fn is_finding() -> bool {
    widgets::<Button>().iter().any(|button| button.tooltip().is_some_and(|tip| tip.contains("Ctrl+Shift+F")))
}

fn one_bar() {
    let (_room, mut ann, screen) = bob_and_ann();
    app::copy("one\ntwo\n");
    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the question", |_| is_open("2 messages"));
    screen.desktop.keys(&["ctrl+f"]);
    screen.until("the bar that finds", |_| is_finding() && !is_open("2 messages"));
    screen.desktop.keys(&["ctrl+s"]);
    screen.until("the bar that saves", |_| is_open("Save") && !is_finding());
    screen.desktop.keys(&["Escape"]);
    screen.until("the question again", |_| is_open("2 messages") && !is_open("Save"));
    button("2 messages").unwrap().do_callback();
    screen.until("no bar", |_| !is_open("2 messages"));
    let heard = std::thread::spawn(move || {
        ann.expect("MSG bob one");
        ann.expect("MSG bob two");
    });
    screen.until("both messages", |_| heard.is_finished());
    heard.join().unwrap();
    screen.close();
}

fn one_pane() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.keys(&["F12"]);
    screen.until("the wire", |_| is_open("Pause"));
    screen.desktop.place(640, 400);
    screen.until("a small window", |_| app::first_window().unwrap().h() == 400);
    screen.until("a place for everything", |_| {
        let window = app::first_window().and_then(|window| FltkWindow::from_dyn_widget(&window)).unwrap();
        faults(&window).is_empty()
    });
    screen.desktop.place(SIZE.0, SIZE.1);
    screen.until("the size", |_| app::first_window().unwrap().h() == 500);
    screen.desktop.keys(&["ctrl+f"]);
    screen.desktop.type_text("nothing");
    screen.desktop.keys(&["ctrl+shift+f"]);
    screen.until("the results in place of the wire", |_| is_finding() && !is_open("Pause"));
    screen.desktop.keys(&["Escape"]);
    screen.until("the bar, since the results were the newest", |_| is_finding());
    screen.desktop.keys(&["Escape"]);
    screen.until("nothing open", |_| !is_finding());
    screen.desktop.type_text("the keyboard is back");
    screen.until_draft("the keyboard is back");
    screen.close();
}
