//! The talks and people beside the text, in one window: what is listed, unread and counted; turning from one talk to
//! another; and that nothing is said to another person than the one for whom it was typed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener};

use fltk::app;
use fltk::group::{Flex, Group};
use fltk::input::Input;
use fltk::prelude::*;
use fltk::valuator::Scrollbar;
use fltk::widget::Widget;
use fltk::window::Window as FltkWindow;

use crate::support::desktop::{Test, Window, press, release};
use crate::support::program::{Home, Program};
use crate::support::screen::{SIZE, Screen, bob_and_ann, button, choose, texts, widgets};
use crate::support::{DEADLINE, Peer, Room, eventually};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("a private line is listed and counted, and moves neither the view nor the keyboard", quiet),
        ("a click on a talk turns the view, and what is typed there is for one", click),
        ("each talk keeps its draft and caret, what was sent, and its place", kept),
        ("what is typed for one stays with their server", moved),
        ("each server has a talk with everybody, with its text, draft and what was sent", rooms),
        ("a talk with text that waits has a sign", sign),
        ("what is typed for one reaches them after a reconnect, and nobody else", again),
        ("a talk that was read is closed by Ctrl+W, and a draft keeps it", closed),
        ("Ctrl+N goes to what is unread, Ctrl+Tab from talk to talk", keys),
        ("Alt and a digit goes to the talk in that row, and writes nothing", by_row),
        ("Ctrl+K finds a person by a part of the name, and Escape goes back", filter),
        ("letters go to a name in the list", letters),
        ("the order of talks stays under the mouse", order),
        ("the first visible person stays while others come and go", first_row),
        ("the list folds away in a narrow window, and its border can be dragged", folds),
        ("the width of the list is that of the last time", remembered),
        ("a message to one person is sent from the present talk", beside),
        ("a talk goes to a window of its own by its menu, with the draft", own_window),
        ("a talk in the main window stays there when talks open windows of their own", stays),
        ("a talk that was closed unread is listed again in a window of its own", closed_unread),
    ]
}

/// Returns the lists: that of the talks, and that of the people below it.
pub(super) fn lists() -> [(Widget, Scrollbar); 2] {
    fn collect(group: &Group, out: &mut Vec<(Widget, Scrollbar)>) {
        let children: Vec<_> = (0..group.children()).filter_map(|at| group.child(at)).collect();
        if let [area, bar] = children.as_slice()
            && let (None, Some(bar)) = (Scrollbar::from_dyn_widget(area), Scrollbar::from_dyn_widget(bar))
            && Flex::from_dyn_widget(&group.as_base_widget()).is_some()
        {
            return out.push((area.as_base_widget(), bar));
        }
        children.iter().filter_map(WidgetExt::as_group).for_each(|group| collect(&group, out));
    }
    let mut out = Vec::new();
    collect(&app::first_window().unwrap().as_group().unwrap(), &mut out);
    out.try_into().unwrap_or_else(|lists: Vec<_>| panic!("{} lists", lists.len()))
}

/// Height of a row, and of the note below its name.
pub(super) const ROW: i32 = 24;
const NOTE: i32 = 17;

fn height(talk: &str) -> i32 {
    if talk.contains(", on ") || talk.contains(", has left") { ROW + NOTE } else { ROW }
}

impl Screen {
    #[track_caller]
    fn until_listed(&self, talks: &[&str]) {
        self.until(&format!("{talks:?}"), |screen| screen.window.talks() == talks);
    }

    #[track_caller]
    fn until_window_title(&self, title: &str) {
        self.until(title, |_| app::first_window().is_some_and(|window| window.label() == title));
    }

    /// Shows the talk in this row of the list.
    fn click_talk(&self, row: usize) {
        let [(area, _), _] = lists();
        let above: i32 = self.window.talks()[..row].iter().map(|talk| height(talk)).sum();
        self.desktop.click((area.x() + 30).cast_unsigned(), (area.y() + above + ROW / 2).cast_unsigned());
    }

    /// Moves the mouse out of the lists, and waits until the window has heard of it.
    fn point_elsewhere(&self) {
        self.desktop.point(100, 200);
        self.until("the mouse elsewhere", |_| app::belowmouse::<Widget>().is_some_and(|below| below.x() < 400));
    }

    #[track_caller]
    fn until_shown(&self, part: &str) {
        self.until(part, |_| texts().first().is_some_and(|text| text.contains(part)));
    }

    fn say(&self, text: &str) {
        self.desktop.type_text(text);
        self.until_draft(text);
        self.press_enter();
    }

    /// Presses Enter in the entry; what is written is taken.
    fn press_enter(&self) {
        self.desktop.keys(&["Return"]);
        self.until_draft("");
    }
}

fn quiet() {
    let (_room, mut ann, screen) = bob_and_ann();
    screen.desktop.type_text("h");
    screen.until_draft("h");
    ann.send("TELL bob psst\nTELL bob hey\n");
    screen.until_listed(&["Everybody", "ann, 2 unread"]);
    screen.until_window_title("(2) bob - multichat");
    assert_eq!(app::windows().unwrap().iter().filter(|window| window.shown()).count(), 1, "no window opens");
    screen.desktop.type_text("ello");
    screen.until_draft("hello");
    assert!(!texts()[0].contains("psst"), "the view stays with everybody");
    screen.press_enter();
    ann.expect("MSG bob hello");
    // A mention in the room is counted, too.
    screen.click_talk(1);
    screen.until_window_title("ann - bob - multichat");
    ann.send("MSG ann Bob?\nMSG ann anybody?\n");
    screen.until_window_title("(1) ann - bob - multichat");
    screen.until_listed(&["Everybody, 2 unread", "ann"]);
    screen.click_talk(0);
    screen.until_listed(&["Everybody", "ann"]);
    screen.until_window_title("bob - multichat");
    screen.close();
}

fn click() {
    let (room, mut ann, screen) = bob_and_ann();
    let mut carl = room.join("carl");
    ann.expect("HELLO carl");
    ann.send("TELL bob psst\n");
    screen.until_listed(&["Everybody", "ann, 1 unread"]);
    screen.click_talk(1);
    screen.until_shown("ann  psst");
    screen.until_listed(&["Everybody", "ann"]);
    assert_eq!(screen.window.about(), "Private talk with ann");
    assert_eq!(screen.window.hint(), "Message ann");
    assert!(screen.window.status().starts_with("Connected as bob"), "the status line tells of the connection");
    screen.say("between us");
    ann.expect("TELL bob between us");
    screen.click_talk(0);
    screen.until("everybody", |screen| screen.window.status_with("ann").is_none());
    screen.until("the words in the entry", |screen| screen.window.hint() == "Message everybody");
    screen.say("to all");
    ann.expect("MSG bob to all");
    carl.expect("MSG bob to all");
    screen.close();
}

fn beside() {
    let (_room, mut ann, screen) = bob_and_ann();
    screen.say("/msg ann hi");
    ann.expect("TELL bob hi");
    screen.until("the outcome", |screen| screen.window.status().starts_with("Sent to ann"));
    screen.until_listed(&["Everybody", "ann"]);
    screen.say("to all");
    ann.expect("MSG bob to all");
    screen.say("/msg ann");
    screen.until_shown("bob  hi");
    screen.say("again");
    ann.expect("TELL bob again");
    screen.close();
}

fn kept() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send("TELL bob psst\n");
    let lines: Vec<_> = (0..100).map(|n| format!("MSG ann line {n}\n")).collect();
    ann.send(lines.concat());
    screen.until_shown("line 99");
    screen.say("said to all");
    screen.desktop.type_text("for all");
    screen.until_draft("for all");
    screen.desktop.keys(&["Home", "Prior", "Prior"]);
    ann.send("MSG ann one\n");
    screen.until("a line below the place", |_| button("new below").is_some());
    let before = button("new below").unwrap().label();
    screen.click_talk(1);
    screen.until_shown("ann  psst");
    screen.until_draft("");
    screen.desktop.keys(&["Up"]);
    assert_eq!(screen.window.draft(), "", "what was sent to all is not recalled here");
    screen.desktop.type_text("for ann");
    ann.send("MSG ann two\n");
    screen.until_listed(&["Everybody, draft, 1 unread", "ann"]);
    screen.desktop.keys(&["ctrl+Tab"]);
    screen.until_draft("for all");
    screen.until("one line more below the place", |_| button("new below").is_some_and(|now| now.label() > before));
    screen.desktop.type_text("x");
    screen.until_draft("xfor all");
    screen.desktop.keys(&["ctrl+Tab"]);
    screen.until_draft("for ann");
    screen.press_enter();
    while ann.line() != "TELL bob for ann" {}
    screen.desktop.keys(&["ctrl+shift+Tab"]);
    screen.until_draft("xfor all");
    screen.close();
}

/// Leaves, and connects to this room.
fn go_to_room(screen: &Screen, room: &Room, ann: &mut Peer) {
    choose("Disconnect");
    screen.until_status("Not connected");
    let mut fields: Vec<Input> = widgets();
    fields[1].set_value(&room.addr().to_string());
    button("Connect").unwrap().do_callback();
    screen.until_status("Connected as bob");
    ann.expect("HELLO bob");
}

fn moved() {
    let (room, mut ann, screen) = bob_and_ann();
    let other_room = Room::open();
    let mut other_ann = other_room.join("ann");
    ann.send("TELL bob psst\n");
    screen.until_listed(&["Everybody", "ann, 1 unread"]);
    screen.click_talk(1);
    screen.until_shown("ann  psst");
    screen.until_listed(&["Everybody", "ann"]);
    screen.desktop.type_text("for ann");
    screen.until_draft("for ann");
    screen.point_elsewhere();

    go_to_room(&screen, &other_room, &mut other_ann);
    ann.expect("BYE bob");
    screen.until_draft("");
    let elsewhere = format!("ann, draft, on {}", room.addr());
    let all_elsewhere = format!("Everybody, on {}", room.addr());
    screen.until_listed(&["Everybody", &elsewhere, &all_elsewhere]);
    other_ann.send("TELL bob I am another\n");
    screen.until_listed(&["Everybody", "ann, 1 unread", &elsewhere, &all_elsewhere]);
    screen.click_talk(2);
    screen.until_draft("for ann");
    assert!(texts()[0].contains("psst") && !texts()[0].contains("another"), "{}", texts()[0]);
    screen.desktop.keys(&["Return"]);
    screen.until_status("Not sent");
    assert_eq!(screen.window.draft(), "for ann");
    other_ann.sync();

    go_to_room(&screen, &room, &mut ann);
    screen.until("the talk with ann", |screen| screen.window.talks().contains(&"ann, draft".to_owned()));
    let at = screen.window.talks().iter().position(|talk| talk == "ann, draft").unwrap();
    screen.click_talk(at);
    screen.until_draft("for ann");
    screen.press_enter();
    ann.expect("TELL bob for ann");
    screen.close();
}

fn rooms() {
    let (room, mut ann, screen) = bob_and_ann();
    let other_room = Room::open();
    let mut other_ann = other_room.join("ann");
    screen.say("said here");
    ann.expect("MSG bob said here");
    screen.desktop.type_text("for those here");
    screen.until_draft("for those here");

    go_to_room(&screen, &other_room, &mut other_ann);
    ann.expect("BYE bob");
    screen.until_draft("");
    assert!(!texts()[0].contains("said here"), "{}", texts()[0]);
    screen.desktop.keys(&["Up"]);
    other_ann.send("MSG ann hello there\n");
    screen.until_shown("ann  hello there");
    assert_eq!(screen.window.draft(), "", "what was sent elsewhere is not recalled");
    let elsewhere = format!("Everybody, draft, on {}", room.addr());
    screen.until_listed(&["Everybody", &elsewhere]);
    screen.click_talk(1);
    screen.until_draft("for those here");
    assert!(texts()[0].contains("said here") && !texts()[0].contains("hello there"), "{}", texts()[0]);
    assert_eq!(screen.window.hint(), format!("Message everybody on {}", room.addr()));
    screen.until_window_title(&format!("Everybody on {} - bob - multichat", room.addr()));
    screen.until("no way to send there", |_| !button("Send").unwrap().active());
    screen.desktop.keys(&["Return"]);
    screen.until_draft("for those here");
    other_ann.sync();

    go_to_room(&screen, &room, &mut ann);
    screen.until_draft("for those here");
    screen.until("the way to send", |_| button("Send").unwrap().active());
    assert!(texts()[0].contains("said here") && !texts()[0].contains("hello there"), "{}", texts()[0]);
    screen.press_enter();
    ann.expect("MSG bob for those here");
    screen.close();
}

/// Starts a server with both, and turns bob's window to the talk that ann has begun.
fn bob_in_the_talk_with_ann() -> (Room, Peer, Screen) {
    let (room, mut ann, screen) = bob_and_ann();
    ann.send("TELL bob psst\n");
    screen.until_listed(&["Everybody", "ann, 1 unread"]);
    screen.click_talk(1);
    screen.until_listed(&["Everybody", "ann"]);
    (room, ann, screen)
}

fn sign() {
    let (_room, _ann, screen) = bob_in_the_talk_with_ann();
    screen.desktop.type_text("well");
    screen.until_draft("well");
    screen.until_listed(&["Everybody", "ann"]);
    screen.click_talk(0);
    screen.until_listed(&["Everybody", "ann, draft"]);
    screen.desktop.type_text("x");
    screen.until_draft("x");
    screen.click_talk(1);
    screen.until_listed(&["Everybody, draft", "ann"]);
    screen.close();
}

fn again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let screen = Screen::open(listener.local_addr().unwrap());
    listener.set_nonblocking(true).unwrap();
    let accept = || {
        let mut accepted = None;
        screen.until("a connection", |_| {
            accepted = listener.accept().ok();
            accepted.is_some()
        });
        let (mut server, _) = accepted.unwrap();
        server.set_nonblocking(false).unwrap();
        server.set_read_timeout(Some(DEADLINE)).unwrap();
        server.write_all(b"HELLO ann\nHELLO bob\n").unwrap();
        server
    };
    let mut server = accept();
    server.write_all(b"TELL ann psst\n").unwrap();
    screen.until_listed(&["Everybody", "ann, 1 unread"]);
    screen.click_talk(1);
    screen.until_shown("ann  psst");
    screen.desktop.type_text("for you");
    server.shutdown(Shutdown::Both).unwrap();
    screen.until_status("Trying again");
    screen.desktop.type_text(" alone");
    screen.until_draft("for you alone");
    let server = accept();
    screen.until_status("Connected as bob");
    assert!(screen.window.status_with("ann").is_some(), "the view has not turned");
    screen.press_enter();
    let mut lines = BufReader::new(server).lines().map_while(Result::ok);
    let said = lines.find(|line| line.contains("for you alone")).unwrap();
    assert!(said.ends_with(" TELL ann for you alone"), "{said}");
    screen.close();
}

fn closed() {
    let (_room, _ann, screen) = bob_in_the_talk_with_ann();
    screen.desktop.keys(&["ctrl+w"]);
    screen.until_listed(&["Everybody"]);
    assert_eq!(screen.window.status_with("ann"), None);
    screen.desktop.keys(&["ctrl+w"]);
    screen.say("/msg ann");
    screen.until("ann", |screen| screen.window.status_with("ann").is_some());
    screen.until_shown("psst");
    screen.desktop.type_text("a draft");
    screen.desktop.keys(&["ctrl+w"]);
    screen.until("everybody", |screen| screen.window.status_with("ann").is_none());
    assert_eq!(screen.window.talks(), ["Everybody", "ann, draft"]);
    screen.desktop.keys(&["ctrl+Tab"]);
    screen.until_draft("a draft");
    screen.close();
}

fn keys() {
    let (room, mut ann, screen) = bob_and_ann();
    let mut carl = room.join("carl");
    ann.expect("HELLO carl");
    ann.send("TELL bob one\n");
    screen.until_listed(&["Everybody", "ann, 1 unread"]);
    carl.send("TELL bob two\n");
    screen.until_listed(&["Everybody", "carl, 1 unread", "ann, 1 unread"]);
    screen.desktop.keys(&["ctrl+n"]);
    screen.until_listed(&["Everybody", "ann, 1 unread", "carl"]);
    screen.until_shown("two");
    screen.desktop.keys(&["ctrl+n"]);
    screen.until_listed(&["Everybody", "carl", "ann"]);
    screen.until_shown("one");
    // Nothing more is unread.
    screen.desktop.keys(&["ctrl+n", "ctrl+Tab"]);
    screen.until("everybody, after the last", |screen| screen.window.about().is_empty());
    screen.desktop.keys(&["ctrl+shift+Tab"]);
    screen.until("the last", |screen| screen.window.status_with("ann").is_some());
    screen.close();
}

fn by_row() {
    let (room, mut ann, screen) = bob_and_ann();
    let mut carl = room.join("carl");
    ann.expect("HELLO carl");
    ann.send("TELL bob one\n");
    screen.until_listed(&["Everybody", "ann, 1 unread"]);
    carl.send("TELL bob two\n");
    screen.until_listed(&["Everybody", "carl, 1 unread", "ann, 1 unread"]);
    screen.desktop.keys(&["alt+3"]);
    screen.until_shown("ann  one");
    screen.desktop.keys(&["alt+9", "alt+1"]);
    screen.until("everybody", |screen| screen.window.status_with("ann").is_none());
    assert_eq!(screen.window.draft(), "");
    screen.close();
}

fn filter() {
    let (room, mut ann, screen) = bob_and_ann();
    let _others: Vec<_> = ["joann", "carl"].map(|name| room.join(name)).into();
    ann.expect("HELLO joann");
    screen.until("four people", |screen| screen.window.people().len() == 4);
    screen.desktop.type_text("a draft");
    screen.desktop.keys(&["ctrl+k"]);
    screen.desktop.type_text("AN");
    screen.until("two of them", |screen| screen.window.people() == ["ann", "joann"]);
    screen.desktop.keys(&["Escape"]);
    screen.until("all of them", |screen| screen.window.people().len() == 4);
    screen.desktop.type_text("!");
    screen.until_draft("a draft!");
    screen.desktop.keys(&["ctrl+k"]);
    screen.desktop.type_text("oa");
    screen.until("one of them", |screen| screen.window.people() == ["joann"]);
    screen.desktop.keys(&["Return"]);
    screen.until("the talk", |screen| screen.window.status_with("joann").is_some());
    screen.desktop.type_text("psst");
    screen.until_draft("psst");
    assert_eq!(screen.window.people().len(), 4);
    screen.close();
}

fn letters() {
    let (room, mut ann, screen) = bob_and_ann();
    let _others: Vec<_> = ["cleo", "Clara", "dora"].map(|name| room.join(name)).into();
    ["cleo", "Clara", "dora"].iter().for_each(|name| ann.expect(&format!("HELLO {name}")));
    screen.until("five people", |screen| screen.window.people().len() == 5);
    let [_, (people, _)] = lists();
    screen.desktop.click((people.x() + 30).cast_unsigned(), (people.y() + ROW / 2).cast_unsigned());
    screen.until("the keyboard in the list", |_| people.has_focus());
    screen.desktop.type_text("cle");
    screen.desktop.keys(&["Return"]);
    screen.until("the talk with cleo", |screen| screen.window.status_with("cleo").is_some());
    screen.close();
}

fn order() {
    let (room, mut ann, screen) = bob_and_ann();
    let mut carl = room.join("carl");
    ann.expect("HELLO carl");
    carl.send("TELL bob one\n");
    screen.until_listed(&["Everybody", "carl, 1 unread"]);
    ann.send("TELL bob two\n");
    screen.until_listed(&["Everybody", "ann, 1 unread", "carl, 1 unread"]);
    let [(area, _), _] = lists();
    screen.desktop.point(area.x() + 30, area.y() + ROW + ROW / 2);
    screen.until("the mouse", |_| app::belowmouse::<Widget>().is_some_and(|below| below.is_same(&area)));
    carl.send("TELL bob three\n");
    screen.until_listed(&["Everybody", "ann, 1 unread", "carl, 2 unread"]);
    screen.click_talk(1);
    screen.until("ann, who was under the mouse", |screen| screen.window.status_with("ann").is_some());
    screen.until_listed(&["Everybody", "ann", "carl, 2 unread"]);
    screen.point_elsewhere();
    carl.send("TELL bob four\n");
    screen.until_listed(&["Everybody", "carl, 3 unread", "ann"]);
    screen.close();
}

fn first_row() {
    let room = Room::open();
    let _crowd: Vec<_> = (10..50).map(|number| room.join(&format!("m{number}"))).collect();
    let screen = Screen::open(room.addr());
    screen.until("all of them", |screen| screen.window.people().len() == 41);
    screen.point_elsewhere();
    let [_, (people, mut bar)] = lists();
    screen.until("a scrollbar", |_| bar.visible());
    bar.set_value(f64::from(10 * ROW + 5));
    let offset = || {
        let [_, (_, bar)] = lists();
        #[expect(clippy::cast_possible_truncation, reason = "a number of pixels")]
        let offset = bar.value() as i32;
        offset
    };
    let mut ann = room.join("ann");
    screen.until("ann above them", |screen| screen.window.people().len() == 42);
    assert_eq!(offset(), 11 * ROW + 5);
    let _zoe = room.join("zoe");
    screen.until("zoe below them", |screen| screen.window.people().len() == 43);
    assert_eq!(offset(), 11 * ROW + 5);
    ann.send("AWAY lunch\n");
    screen.until("ann away", |screen| screen.window.people()[0].contains("lunch"));
    assert_eq!(offset(), 11 * ROW + 5 + NOTE, "a row above is higher now");
    drop(ann);
    screen.until("ann gone", |screen| screen.window.people().len() == 42);
    assert_eq!(offset(), 10 * ROW + 5);
    assert!(people.h() > 0);
    screen.close();
}

/// Returns the width of the list of people, and 0 while it is folded away.
fn list_width() -> i32 {
    let [_, (people, _)] = lists();
    if people.visible_r() { people.parent().unwrap().w() } else { 0 }
}

fn folds() {
    let (_room, _ann, screen) = bob_and_ann();
    let usual = list_width();
    let [_, (people, _)] = lists();
    assert!(usual > 100);
    screen.desktop.keys(&["F9"]);
    screen.until("a folded list", |_| list_width() == 0);
    screen.until("a button for it", |_| button("Talks").is_some());
    screen.desktop.keys(&["F9"]);
    screen.until("the list", |_| list_width() == usual);
    screen.desktop.place(639, 450);
    screen.until("a folded list in a narrow window", |_| list_width() == 0);
    screen.desktop.keys(&["ctrl+k"]);
    screen.until("the list for the filter", |_| list_width() > 0);
    screen.desktop.place(SIZE.0, SIZE.1);
    screen.until("a wide window", |_| app::first_window().unwrap().w() == SIZE.0.cast_signed());
    screen.until("the list in a wide window", |_| list_width() == usual);
    // The border is to the left of the plate.
    let border = people.x() - 8 - 5;
    screen.desktop.point(border, people.y() + 50);
    press();
    screen.desktop.point(border - 60, people.y() + 50);
    screen.until("a wider list", |_| list_width() == usual + 60);
    release();
    screen.close();
}

fn remembered() {
    let room = Room::open();
    let home = Home::new();
    let args = [&room.addr().to_string(), "--name", "bob", "--connect"];
    let bob = Program::start(env!("CARGO_BIN_EXE_client"), &home, &args);
    let window = Window::of(bob.id(), "^bob - multichat$");
    window.place(SIZE.0, SIZE.1);
    let border = i32::try_from(SIZE.0).unwrap() - 14 - 190 - 5;
    let settings = || std::fs::read_to_string(home.path().join("multichat").join("client.conf")).unwrap_or_default();
    Window::until(
        "a wider list",
        || {
            window.point(border, 200);
            press();
            window.point(border - 30, 200);
            release();
        },
        || settings().lines().any(|line| line.starts_with("sidebar_width = 2")).then_some(()),
    );
    drop(bob);
    eventually("the width", || if settings().contains("sidebar_width = 2") { Ok(()) } else { Err(settings()) });
}

fn own_window() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let home = Home::new();
    let args = [&room.addr().to_string(), "--name", "bob", "--connect"];
    let bob = Program::start(env!("CARGO_BIN_EXE_client"), &home, &args);
    let window = Window::of(bob.id(), "^bob - multichat$");
    window.place(SIZE.0, SIZE.1);
    ann.expect("HELLO bob");
    ann.send("TELL bob psst\n");
    Window::of(bob.id(), "^(1) bob - multichat$");
    // The second row of the list.
    let (x, y) = (SIZE.0 - 150, 86 + 24 + 12);
    // The program may not have heard of its size yet.
    let is_read = || Window::is_shown(bob.id(), "^ann - bob - multichat$").then_some(());
    Window::until("the talk", || window.click(x, y), is_read);
    window.type_text("a draft");
    window.right_click(x, y);
    window.keys(&["Down", "Return"]);
    let with_ann = Window::of(bob.id(), "^ann - multichat$");
    with_ann.keys(&["Return"]);
    ann.expect("TELL bob a draft");
    // The main window shows everybody, and the talk is counted in its own window.
    window.go_to(100, 444);
    window.type_text("to all");
    window.keys(&["Return"]);
    ann.expect("MSG bob to all");
    ann.send("TELL bob still there?\n");
    Window::of(bob.id(), "^(1) ann - multichat$");
    Window::of(bob.id(), "^bob - multichat$");
    with_ann.close();
    Window::of(bob.id(), "^(1) bob - multichat$");
}

/// Returns the number of windows that are shown.
fn windows() -> usize {
    app::windows().unwrap_or_default().iter().filter(|window| window.shown()).count()
}

fn stays() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send("TELL bob psst\n");
    screen.until_listed(&["Everybody", "ann, 1 unread"]);
    screen.click_talk(1);
    screen.until_shown("ann  psst");
    screen.desktop.type_text("a draft");
    screen.until_draft("a draft");
    choose("Private talks in windows of their own");
    ann.send("TELL bob hey\n");
    screen.until_shown("hey");
    assert_eq!(windows(), 1);
    // Nor does it go when it is asked for.
    screen.desktop.keys(&["ctrl+k"]);
    screen.desktop.type_text("ann");
    screen.desktop.keys(&["Return"]);
    screen.desktop.type_text("!");
    screen.until_draft("a draft!");
    assert_eq!(windows(), 1);
    screen.close();
}

fn closed_unread() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send("TELL bob psst\n");
    screen.until_listed(&["Everybody", "ann, 1 unread"]);
    let [(area, _), _] = lists();
    let choose = |keys: &[&str]| {
        let at = (area.x() + 30, area.y() + ROW + ROW / 2);
        screen.desktop.right_click(at.0.cast_unsigned(), at.1.cast_unsigned());
        screen.desktop.keys(keys);
    };
    choose(&["Down", "Down", "Return"]);
    ann.send("MSG ann hi\n");
    screen.until_shown("ann  hi");
    choose(&["Down", "Return"]);
    let is_shown = |window: &FltkWindow| window.shown() && window.label().ends_with("ann - multichat");
    screen.until("its window", |_| {
        app::windows()
            .unwrap_or_default()
            .iter()
            .filter_map(FltkWindow::from_dyn_widget)
            .any(|window| is_shown(&window))
    });
    app::flush();
    Window::of(std::process::id(), "ann - multichat").focus();
    screen.until_listed(&["Everybody", "ann"]);
    screen.close();
}
