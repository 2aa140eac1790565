//! The servers on the network, on the card of a chat window in a network of its own: they are listed, stay in their places under the
//! mouse, are chosen by mouse and by keys, and nothing connects by itself. The monitor of one tells how it is found.

use std::net::{Ipv4Addr, UdpSocket};

use fltk::app;
use fltk::frame::Frame;
use fltk::input::Input;
use fltk::prelude::*;
use fltk::widget::Widget;
use fltk::window::Window;
use multichat::internal::chat::window::Options;
use multichat::internal::options;
use multichat::server::Config;

use crate::support::config;
use crate::support::desktop::Test;
use crate::support::monitor;
use crate::support::own_network::{announcement, is_own, open_lan, run_again};
use crate::support::places::faults;
use crate::support::screen::{SIZE, Screen, button, widgets};

/// Height of a row.
const ROW: i32 = 26;

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("servers on the network are listed, stay in their places under the mouse, and are chosen", || apart(listed)),
        ("who types while servers come and go is not disturbed", || apart(typing)),
        ("the monitor tells the address that others connect to, and the name under which they find it", || apart(told)),
    ]
}

/// Runs a test in a network of its own.
fn apart(test: fn()) {
    if is_own() {
        open_lan();
        test();
    } else {
        run_again(&[]);
    }
}

/// A network with forged announcements.
struct Forger(UdpSocket);

impl Forger {
    fn new() -> Forger {
        Forger(UdpSocket::bind("10.9.0.1:0").unwrap())
    }

    /// Announces a server.
    fn announce(&self, name: &str, last: u8) {
        self.send(&announcement(name, &format!("pc{last}"), 5555, [10, 9, 0, last], 120));
    }

    /// Takes it back.
    fn withdraw(&self, name: &str, last: u8) {
        self.send(&announcement(name, &format!("pc{last}"), 5555, [10, 9, 0, last], 0));
    }

    fn send(&self, packet: &[u8]) {
        self.0.send_to(packet, (Ipv4Addr::new(224, 0, 0, 251), 5353)).unwrap();
    }
}

fn card(name: &str) -> Screen {
    let screen = Screen::with(&Options { name: Some(name.into()), discover: true, ..Options::default() });
    screen.until("its size", |_| app::first_window().is_some_and(|window| window.w() == SIZE.0.cast_signed()));
    screen
}

/// The heading of the list, while that is shown.
fn heading() -> Option<Frame> {
    widgets::<Frame>().into_iter().find(|frame| frame.label() == "On this network")
}

/// The place of a row in the window.
fn row(number: i32) -> (u32, u32) {
    let heading = heading().unwrap();
    let y = heading.y() + heading.h() + 8 + ROW * number + ROW / 2;
    (u32::try_from(heading.x() + 40).unwrap(), u32::try_from(y).unwrap())
}

fn server() -> String {
    widgets::<Input>()[1].value()
}

/// Announces servers until the window lists this many.
fn until_listed(screen: &Screen, number: usize, mut announce: impl FnMut()) {
    screen.until(&format!("{number} servers"), |screen| {
        announce();
        screen.window.found().len() == number
    });
}

fn listed() {
    let screen = card("bob");
    let forger = Forger::new();
    assert_eq!(heading().map(|heading| heading.y()), None);
    let connect = button("Connect").unwrap();
    let place = (connect.x(), connect.y());
    until_listed(&screen, 1, || forger.announce("Room\u{202e}12", 20));
    until_listed(&screen, 2, || forger.announce("Physics", 21));
    let physics = "Physics on pc21, 10.9.0.21:5555, open";
    assert_eq!(screen.window.found(), ["Room<U+202E>12 on pc20, 10.9.0.20:5555, open", physics]);
    screen.until("the list", |_| heading().is_some());
    assert_eq!((connect.x(), connect.y()), place, "nothing that can be pressed has moved");
    assert!(widgets::<Input>()[1].has_focus());

    let (x, y) = row(1);
    screen.desktop.click(x, y);
    screen.until("the address of the second", |_| server() == "10.9.0.21:5555");
    assert_eq!(screen.window.status(), "Not connected");
    // The mouse is still there: what goes leaves its row, and what comes is below.
    until_listed(&screen, 3, || forger.announce("Art", 22));
    forger.withdraw("Room\u{202e}12", 20);
    screen.until("the first has gone", |screen| screen.window.found()[0] == "Room<U+202E>12 is gone");
    assert_eq!(screen.window.found()[1..], [physics.to_owned(), "Art on pc22, 10.9.0.22:5555, open".to_owned()]);
    let (x, y) = row(0);
    screen.desktop.click(x, y);
    let (x, y) = row(2);
    screen.desktop.point(i32::try_from(x).unwrap(), i32::try_from(y).unwrap());
    screen.desktop.click(x, y);
    screen.until("the third, as the first can no longer be chosen", |_| server() == "10.9.0.22:5555");
    screen.desktop.point(5, 5);
    until_listed(&screen, 2, || {});

    // Down leads from the field to the list, and Enter chooses.
    screen.desktop.keys(&["Down", "Home", "Return"]);
    screen.until("the first", |_| server() == "10.9.0.21:5555");
    assert_eq!(screen.window.status(), "Not connected");
    screen.until("the keyboard in the field", |_| widgets::<Input>()[1].has_focus());
    // The list is that of an open card. It forgets that the mouse was there when it went.
    let (x, y) = row(0);
    screen.desktop.point(i32::try_from(x).unwrap(), i32::try_from(y).unwrap());
    screen.until("the mouse", |_| app::belowmouse::<Widget>().is_some_and(|below| below.y() > place.1));
    screen.leave_card();
    screen.until("no list", |screen| screen.window.found().is_empty());
    screen.desktop.point(5, 5);
    button("Connect …").unwrap().do_callback();
    until_listed(&screen, 1, || forger.announce("Chess", 23));
    forger.withdraw("Chess", 23);
    until_listed(&screen, 0, || {});
    screen.close();
}

fn told() {
    let config = Config { listen: "0.0.0.0:0".into(), announce: Some("Room 12".into()), tls: None, ..config() };
    let (window, _, addr) = monitor::open_with(options::Options::over(config));
    let port = addr.rsplit(':').next().unwrap();
    let wanted = format!("Others connect to 10.9.0.1:{port}\nAnnounced as Room 12. No password. Not encrypted");
    monitor::until(&window, &wanted, || widgets::<Frame>().iter().any(|frame| frame.label() == wanted));
    monitor::close(window);
}

fn typing() {
    let screen = card("bob");
    let forger = Forger::new();
    let field = || widgets::<Input>().remove(1);
    let mut typed = field().value();
    for (number, letter) in (30..38).zip("abcdefgh".chars()) {
        until_listed(&screen, usize::from(number - 29), || forger.announce(&format!("Room {number}"), number));
        screen.desktop.keys(&[&letter.to_string()]);
        typed.push(letter);
        screen.until(&typed, |_| field().value() == typed);
        assert!(field().has_focus());
    }
    // More than the card has room for: the last ones are not shown, and nothing is cut.
    let window = app::first_window().and_then(|window| Window::from_dyn_widget(&window)).unwrap();
    assert_eq!(faults(&window), Vec::<String>::new());
    screen.close();
}
