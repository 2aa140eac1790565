//! Support for tests of the monitor window: positions of its widgets, the real program, and a window in this process.

use std::time::Instant;

use crossbeam_channel::never;
use fltk::app;
use fltk::prelude::*;
use multichat::internal::clock::Clock;
use multichat::internal::monitor::window::{MonitorWindow, Options};
use multichat::internal::options;
use multichat::internal::ui::Settings;
use multichat::server::{Config, StoredMessage};

use super::desktop::Window;
use super::program::{Home, Program};
use super::{DEADLINE, Peer};

pub(crate) const TITLE: &str = "multichat server";

pub(crate) type Place = (u32, u32);

/// Size of the window, for which the positions below hold.
pub(crate) const SIZE: Place = (1000, 500);
pub(crate) const NAME_TITLE: Place = (60, 138);
pub(crate) const FIRST_ROW: Place = (60, 164);
/// Height of a row of a table.
pub(crate) const ROW_HEIGHT: u32 = 24;
pub(crate) const PEOPLE_FILTER: Place = (120, 101);
pub(crate) const KICK: Place = (850, 101);
/// On the page of the conversation.
pub(crate) const ANNOUNCEMENT: Place = (450, 468);
pub(crate) const SEND: Place = (850, 468);
pub(crate) const CHAT_TAB: Place = (47, 308);
pub(crate) const FIRST_SAID: Place = (300, 370);
pub(crate) const SETTINGS_TAB: Place = (358, 308);
pub(crate) const LOG_TAB: Place = (443, 308);
pub(crate) const FIRST_LOG_LINE: Place = (300, 407);
pub(crate) const BANS_TAB: Place = (109, 308);
pub(crate) const MEMBERS_TAB: Place = (188, 308);
pub(crate) const MEMBER_NAME: Place = (300, 344);
pub(crate) const REGISTER: Place = (734, 344);
pub(crate) const FIRST_MEMBER: Place = (100, 407);
pub(crate) const REMOVE_MEMBER: Place = (946, 344);
pub(crate) const THREADS_TAB: Place = (627, 308);
pub(crate) const THREADS_FILTER: Place = (500, 344);
pub(crate) const WIRE_TAB: Place = (701, 308);
pub(crate) const HISTORY_TAB: Place = (275, 308);
pub(crate) const WIRE_FILTER: Place = (330, 344);
pub(crate) const WIRE_PAUSE: Place = (750, 344);
pub(crate) const WIRE_COPY: Place = (880, 344);
pub(crate) const FIRST_LINE: Place = (300, 405);
pub(crate) const WIRE_RAW: Place = (300, 471);
pub(crate) const HISTORY_SEARCH: Place = (300, 344);
pub(crate) const SAVE_ALL: Place = (940, 344);
pub(crate) const FIRST_KEPT: Place = (300, 430);
pub(crate) const FIRST_BAN: Place = (100, 407);
pub(crate) const LET_IN_AGAIN: Place = (944, 344);
pub(crate) const FILTER: Place = (500, 344);
pub(crate) const PAUSE: Place = (856, 344);
pub(crate) const SAVE: Place = (944, 344);
/// While a question is pending.
pub(crate) const YES: Place = (862, 247);
/// The same; afterwards Send is in its place.
pub(crate) const CANCEL: Place = (948, 247);
pub(crate) const ADDRESS_SEGMENT: Place = (497, 247);

/// Starts the server program with its window, and returns the address on which it listens.
pub(crate) fn server(home: &Home) -> (Program, Window, String) {
    let program = Program::start(env!("CARGO_BIN_EXE_server"), home, &["--listen", "127.0.0.1:0"]);
    let addr = program.listening();
    let window = Window::of(program.id(), TITLE);
    resize(&window, SIZE.1);
    (program, window, addr)
}

/// Gives the window of a program this height, and waits until it has drawn itself.
pub(crate) fn resize(window: &Window, height: u32) {
    window.place(SIZE.0, height);
    // The margin below the pages, and a page. Before, a page was there, or nothing yet.
    let at = |above: u32| window.color_at(500, i16::try_from(height - above).unwrap());
    let is_laid_out = || (at(7) == window.color_at(5, 5) && at(20) != at(7)).then_some(());
    Window::until("its layout", || (), is_laid_out);
}

pub(crate) fn join(addr: &str, name: &str) -> Peer {
    let mut peer = Peer::connect(addr.parse().unwrap());
    peer.join(name);
    peer
}

/// Waits until the window shows so many clients. A name has joined some time before its row is there, and the keys and clicks
/// of a test must not come in between.
pub(crate) fn until_rows(window: &Window, count: u32) {
    let (x, y) = (FIRST_ROW.0 - 40, FIRST_ROW.1 - 8 + ROW_HEIGHT * (count - 1));
    Window::until("the row", || (), || window.has_text(x, y, 60, 16).then_some(()));
}

pub(crate) fn click(window: &Window, place: Place) {
    window.click(place.0, place.1);
}

/// Opens a window in this process, and returns the address on which its server listens.
pub(crate) fn open(config: Config) -> (MonitorWindow, Window, String) {
    open_with(options::Options::over(Config { listen: "127.0.0.1:0".into(), ..config }))
}

/// The same, with options from a command line or a file, which have to begin with port 0.
pub(crate) fn open_with(options: options::Options) -> (MonitorWindow, Window, String) {
    let options = Options { options, theme: None, announce: |_| (), signals: never() };
    let window = MonitorWindow::open(options, Settings::default()).unwrap();
    until(&window, "an address", || window.status().starts_with("Listening on "));
    let addr = window.status().split([' ', ',']).nth(2).unwrap().to_owned();
    let desktop = Window::of(std::process::id(), TITLE);
    desktop.place(SIZE.0, SIZE.1);
    until(&window, "its size", || app::first_window().unwrap().w() == SIZE.0.cast_signed());
    (window, desktop, addr)
}

/// What a window shows, in short.
pub(crate) trait Shown {
    /// Returns the names in the table, in its order.
    fn names(&self) -> Vec<String>;

    /// Returns the displayed lines of the log.
    fn log(&self) -> Vec<String>;

    /// Returns the summary of the history, and the listed messages: `ann: hello`.
    fn history(&self) -> (String, Vec<String>);

    /// Returns the listed threads with their activities: `accept: accepting`.
    fn threads(&self) -> Vec<String>;
}

impl Shown for MonitorWindow {
    fn names(&self) -> Vec<String> {
        self.model().clients.iter().map(|client| client.name.to_string()).collect()
    }

    fn log(&self) -> Vec<String> {
        self.model().log.shown().iter().map(|line| line.text.clone()).collect()
    }

    fn history(&self) -> (String, Vec<String>) {
        let history = &self.model().history;
        let row = |message: &StoredMessage| format!("{}: {}", message.from, message.text);
        (history.summary(), history.list.iter().map(row).collect())
    }

    fn threads(&self) -> Vec<String> {
        let threads = &self.model().threads;
        let cell = |row, column| threads.cell(row, column, &Clock::system()).unwrap().0;
        (0..threads.len()).map(|row| format!("{}: {}", cell(row, 0), cell(row, 1))).collect()
    }
}

/// Runs the event loop until `is_so` returns true.
#[track_caller]
pub(crate) fn until(window: &MonitorWindow, what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        let (names, note) = (window.names(), window.note());
        assert!(Instant::now() < deadline, "not seen: {what}; there are {names:?}, and it says {note:?}");
        app::wait_for(0.02).unwrap();
    }
}

/// Closes the window of this process, and waits until its server has stopped.
pub(crate) fn close(window: MonitorWindow) {
    app::first_window().unwrap().hide();
    window.run().unwrap();
}
