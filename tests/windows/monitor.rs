//! Tests of the server program with its window, on a real screen: by mouse and keyboard, with
//! clients that see the effect.

use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use crossbeam_channel::never;
use fltk::app;
use fltk::prelude::*;
use fltk::table::{Table, TableContext};
use multichat::internal::monitor::window::{MonitorWindow, Options};
use multichat::internal::options;
use multichat::internal::ui::Settings;
use multichat::server::Config;

use crate::support::desktop::{Test, Window};
use crate::support::monitor::Shown as _;
use crate::support::program::{Home, Program};
use crate::support::screen::widgets;
use crate::support::{DEADLINE, Peer, config, monitor, tells};

const TITLE: &str = "multichat server";
const GOODBYE: &str = "ERR SHUTTING_DOWN the server stops";

/// Positions of the widgets in a window of this size, the smallest that a user can make.
const SIZE: (u32, u32) = (800, 480);
const ADDRESS: (u32, u32) = (180, 32);
const START: (u32, u32) = (314, 32);
const STOP: (u32, u32) = (672, 32);

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("closing the window stops the server and ends with success", closing_the_window),
        ("a signal does the same", a_signal),
        ("a signal ends the monitor while a menu is open", a_signal_in_a_menu),
        ("escape closes nothing", escape),
        ("stop and start by mouse", by_mouse),
        ("stop and start by keyboard alone", by_keyboard),
        ("an address in use is reported, and another one can be typed", an_address_in_use),
        ("addresses that were typed are remembered", remembered),
        ("the window shows why an address cannot be listened on", the_reason_is_shown),
        ("the log follows its end, unless the reader has scrolled up", the_log_follows),
    ]
}

/// Starts the server program with its window, and returns the address on which it listens.
fn server(home: &Home) -> (Program, Window, String) {
    let program = Program::start(env!("CARGO_BIN_EXE_server"), home, &["--listen", "127.0.0.1:0"]);
    let addr = program.listening();
    let window = Window::of(program.id(), TITLE);
    window.place(SIZE.0, SIZE.1);
    (program, window, addr)
}

fn join(addr: &str, name: &str) -> Peer {
    let mut peer = Peer::connect(addr.parse().unwrap());
    peer.join(name);
    peer
}

/// Waits until Start is active, does `act`, which starts the server again, and returns the new address. Start and the address
/// become active a moment after the old server has stopped, and an act of several steps must not begin before that.
fn start_again(program: &Program, window: &Window, act: impl FnOnce()) -> String {
    // Beside the word. Inactive it is grey.
    let (x, y) = (i16::try_from(START.0 - 34).unwrap(), i16::try_from(START.1).unwrap());
    let is_active = || {
        let [red, _, blue] = window.color_at(x, y);
        blue.abs_diff(red) > 50
    };
    Window::until("an active Start", || (), || is_active().then_some(()));
    act();
    program.listening()
}

/// Clicks on Stop until nothing listens. Stop becomes active a moment after the server has said where it listens.
fn stop(window: &Window, addr: &str) {
    let click = || {
        // Without a way in between, two clicks are a double click.
        window.point(ADDRESS.0.cast_signed(), ADDRESS.1.cast_signed());
        window.click(STOP.0, STOP.1);
    };
    Window::until("the stop", click, || TcpStream::connect(addr).is_err().then_some(()));
}

/// Types an address into the focused field, and presses Enter.
fn enter(window: &Window, addr: &str) {
    window.keys(&["ctrl+a"]);
    window.type_text(addr);
    window.keys(&["Return"]);
}

/// Returns an address that was free a moment ago.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn closing_the_window() {
    let home = Home::new();
    let (mut program, window, addr) = server(&home);
    window.close();
    assert_eq!(program.ended().code(), Some(0));
    assert!(TcpStream::connect(addr).is_err());
}

fn a_signal() {
    let home = Home::new();
    let (mut program, _, addr) = server(&home);
    let mut ann = join(&addr, "ann");
    program.terminate();
    ann.expect(GOODBYE);
    assert_eq!(program.ended().code(), Some(0));
}

fn a_signal_in_a_menu() {
    let home = Home::new();
    let (mut program, window, addr) = server(&home);
    let mut ann = join(&addr, "ann");
    window.click(SIZE.0 - 50, 32);
    window.keys(&["Down"]);
    program.terminate();
    ann.expect(GOODBYE);
    assert_eq!(program.ended().code(), Some(0));
}

fn escape() {
    let home = Home::new();
    let (mut program, window, addr) = server(&home);
    window.keys(&["Escape"]);
    // Keys and clicks arrive in order: once Stop has worked, Escape has had its effect.
    stop(&window, &addr);
    start_again(&program, &window, || window.click(START.0, START.1));
    assert!(program.runs());
}

fn by_mouse() {
    let home = Home::new();
    let (program, window, addr) = server(&home);
    stop(&window, &addr);
    let again = start_again(&program, &window, || {
        window.click(ADDRESS.0, ADDRESS.1);
        window.keys(&["ctrl+a"]);
        window.type_text(&addr);
        window.click(START.0, START.1);
    });
    assert_eq!(again, addr, "the same port, at once");
    join(&addr, "ann");
}

fn by_keyboard() {
    let (window, desktop, addr) = monitor::open(config());
    let mut ann = join(&addr, "ann");
    monitor::until(&window, "ann", || window.model().clients.len() == 1);
    // The focus is on the choice of who can connect; Stop is behind the button for the board.
    desktop.keys(&["Tab", "Tab", "space"]);
    monitor::until(&window, "the question", || window.note().starts_with("1 person will be disconnected"));
    desktop.keys(&["space"]);
    monitor::until(&window, "the stop", || window.status().starts_with("Stopped"));
    ann.expect(GOODBYE);
    // The focus has gone to the address, because Stop is inactive.
    let next = free_address();
    enter(&desktop, &next);
    monitor::until(&window, &next, || window.status().starts_with(&format!("Listening on {next}")));
    join(&next, "ann");
    monitor::close(window);
}

fn an_address_in_use() {
    let home = Home::new();
    let occupant = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = occupant.local_addr().unwrap().to_string();
    let program = Program::start(env!("CARGO_BIN_EXE_server"), &home, &["--listen", &taken]);
    let complaint = program.expect_complaint("in use");
    assert!(complaint.contains(&taken), "{complaint}");
    let window = Window::of(program.id(), TITLE);
    window.place(SIZE.0, SIZE.1);
    let next = free_address();
    assert_eq!(start_again(&program, &window, || enter(&window, &next)), next);
}

fn remembered() {
    let home = Home::new();
    let (mut program, window, addr) = server(&home);
    stop(&window, &addr);
    window.click(ADDRESS.0, ADDRESS.1);
    let other = free_address();
    assert_eq!(start_again(&program, &window, || enter(&window, &format!("{addr}, {other}"))), addr);
    assert_eq!(program.listening(), other);
    window.close();
    assert_eq!(program.ended().code(), Some(0));

    let again = Program::start(env!("CARGO_BIN_EXE_server"), &home, &[]);
    assert_eq!([again.listening(), again.listening()], [addr, other]);
}

/// Opens a window in this process.
fn open(listen: &str) -> MonitorWindow {
    let options = Options {
        options: options::Options::over(Config { listen: listen.into(), ..Config::default() }),
        theme: None,
        announce: |_| (),
        signals: never(),
    };
    MonitorWindow::open(options, Settings::default()).unwrap()
}

/// Runs the event loop until `is_so` returns true.
fn until(window: &MonitorWindow, what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not seen: {what}; the window says {:?}", window.status());
        app::wait_for(0.02).unwrap();
    }
}

/// Closes the window of this process, and waits until its server has stopped.
fn close(window: MonitorWindow) {
    app::first_window().unwrap().hide();
    window.run().unwrap();
}

fn the_reason_is_shown() {
    let occupant = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = occupant.local_addr().unwrap().to_string();
    let window = open(&taken);
    let shown = || window.status().contains(&taken) && window.status().contains("in use by another program");
    until(&window, "the reason", shown);
    close(window);
}

fn the_log_follows() {
    let window = open("127.0.0.1:0");
    until(&window, "an address", || window.status().starts_with("Listening on "));
    let addr = window.status().split([' ', ',']).nth(2).unwrap().to_owned();
    let desktop = Window::of(std::process::id(), TITLE);
    desktop.click(443, 415);
    // The first table is that of the clients.
    let tables = || widgets::<Table>();
    let is_log = |table: &Table| usize::try_from(table.rows()).unwrap() == window.log().len();
    until(&window, "the log", || tables().get(1).is_some_and(is_log));
    let log = widgets::<Table>().remove(1);
    let end_is_seen = || {
        let last = usize::try_from(log.rows()).unwrap() == window.log().len();
        // A line that is cut off cannot be read.
        let cell = log.find_cell(TableContext::Cell, log.rows() - 1, 0);
        last && cell.is_some_and(|(_, y, _, h)| y >= log.y() && y + h <= log.y() + log.h())
    };
    let has_left = |name: &str| window.log().iter().any(|line| tells(line, name, "left"));
    // Everything that is queued for the window enters the log in one tick.
    let burst = |name: &str, refused: usize| {
        for _ in 0..refused {
            let mut other = Peer::connect(addr.parse().unwrap());
            other.send("GET / HTTP/1.1\r\n\r\n");
            other.until_end();
        }
        join(&addr, name);
        until(&window, name, || has_left(name));
        until(&window, "the end", end_is_seen);
    };
    burst("ann", 100);
    // The last size is below the minimum, which stands for a larger font.
    for (width, height) in [(1100, 700), SIZE, (900, 500)] {
        desktop.place(width, height);
        until(&window, "another size", || app::first_window().unwrap().w() == width.cast_signed());
        until(&window, "the end, with another size", end_is_seen);
        for refused in 1..12 {
            burst(&format!("dora{refused}of{width}"), refused);
        }
    }

    desktop.click(400, 440);
    desktop.keys(&["Prior"]);
    until(&window, "something further up", || !end_is_seen());
    join(&addr, "bob");
    until(&window, "bob", || has_left("bob"));
    assert!(!end_is_seen(), "the reader is left in peace");
    desktop.keys(&["End"]);
    until(&window, "the end", end_is_seen);
    join(&addr, "carl");
    until(&window, "carl, at the end", || has_left("carl") && end_is_seen());
    close(window);
}
