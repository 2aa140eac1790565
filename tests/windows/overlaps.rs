//! Every combination of what can be open in a window, at its smallest size: no two widgets overlap, none is cut off, and each has
//! room for its text.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fltk::app;
use fltk::input::Input;
use fltk::prelude::*;
use fltk::table::Table;
use fltk::text::TextEditor;
use fltk::window::Window as FltkWindow;
use multichat::internal::chat::window::Options;
use multichat::server::Config;

use crate::support::desktop::Test;
use crate::support::history::with_history;
use crate::support::monitor::{close, join, open, until};
use crate::support::places::{faults, names};
use crate::support::program::Home;
use crate::support::screen::{Screen, button, choose, widgets};
use crate::support::tls::own_certificate;
use crate::support::{Peer, Room, config};

/// The smallest sizes.
const MONITOR: (i32, i32) = (800, 480);
const CHAT: (i32, i32) = (640, 400);
const PRIVATE: (i32, i32) = (460, 260);

/// Number of pages of the monitor.
const PAGES: usize = 9;

/// Sizes of the monitor, and the zoom: the smallest, half of a screen and all of it, and a screen at the highest zoom.
const MONITOR_SIZES: [((i32, i32), f32); 6] =
    [(MONITOR, 0.8), (MONITOR, 1.0), (MONITOR, 1.5), ((960, 1000), 1.0), ((1580, 980), 1.0), ((800, 500), 2.0)];

/// Sizes of the window, and the zoom.
const SIZES: [((i32, i32), f32); 5] = [(CHAT, 1.0), ((800, 500), 1.0), (CHAT, 0.8), (CHAT, 1.5), (CHAT, 2.0)];

/// Sizes of the chat window that fills a screen of 1024 by 768 at a zoom of 2 and of 3, and one of 1600 by 1000 at 3. In all of
/// them the list is folded.
const ZOOMED: [((i32, i32), f32); 3] = [((512, 384), 2.0), ((341, 256), 3.0), ((533, 333), 3.0)];

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("the chat window with each bar and each pane, in the room", || chat(false)),
        ("the chat window with each bar and each pane, in a private talk", || chat(true)),
        ("the chat window while it asks something", questions),
        ("the chat window at a high zoom shows a pane, and the list while the filter is open", zoomed),
        ("a private window with each bar", private),
        ("the pages of the monitor, with and without a question", monitor),
    ]
}

/// A name as long as a name may be.
fn long_name(first: char) -> String {
    format!("{first}{}", "W".repeat(31))
}

/// Returns the window with the main group, or the one whose title contains a text.
fn window(title: &str) -> FltkWindow {
    let all = app::windows().unwrap_or_default();
    let mut windows = all.iter().filter_map(FltkWindow::from_dyn_widget);
    windows.find(|window| window.shown() && window.label().contains(title)).expect("a window")
}

/// Lets the event loop run for some ticks, so that what a tick has to move is moved.
fn some_ticks() {
    let end = Instant::now() + Duration::from_millis(70);
    while Instant::now() < end {
        let _ = app::wait_for(0.01);
    }
    app::flush();
}

/// Does something after which other widgets are visible, and waits for that.
#[track_caller]
fn changes(what: &str, window: &FltkWindow, act: impl FnOnce()) {
    let before = names(window);
    act();
    let end = Instant::now() + Duration::from_secs(20);
    while names(window) == before {
        assert!(Instant::now() < end, "nothing changes: {what}, {before:#?}");
        let _ = app::wait_for(0.01);
    }
    some_ticks();
}

/// The faults, each with the states in which it was seen.
#[derive(Default)]
struct Faults(BTreeMap<String, Vec<String>>);

impl Faults {
    /// Looks at a window as it is.
    fn look(&mut self, state: &str, window: &FltkWindow) {
        some_ticks();
        // On a busy machine a tick may come late.
        for _ in 0..10 {
            if faults(window).iter().all(|fault| self.0.contains_key(fault)) {
                break;
            }
            some_ticks();
        }
        let size = format!("{}x{} at {:.1}", window.w(), window.h(), app::screen_scale(0));
        for fault in faults(window) {
            self.0.entry(fault).or_default().push(format!("{state}, {size}"));
        }
    }

    /// Looks at a window at several sizes.
    fn look_at(&mut self, sizes: &[((i32, i32), f32)], state: &str, window: &mut FltkWindow) {
        for ((w, h), zoom) in sizes {
            app::set_screen_scale(0, *zoom);
            window.resize(0, 0, *w, *h);
            let end = Instant::now() + Duration::from_secs(20);
            while (window.w(), window.h()) != (*w, *h) {
                assert!(Instant::now() < end, "the window stays at {} by {}", window.w(), window.h());
                let _ = app::wait_for(0.01);
            }
            self.look(state, window);
        }
    }

    /// Looks at the chat window with the sidebar and without it.
    fn look_at_chat(&mut self, state: &str, window: &mut FltkWindow) {
        for side in ["with the sidebar", "folded"] {
            self.look_at(&SIZES, &format!("{state}, {side}"), window);
            changes("the sidebar", window, || choose("Talks and people beside the text (F9)"));
        }
    }

    fn expect_none(self) {
        let in_short =
            |(fault, states): (&String, &Vec<String>)| format!("{fault}: {}, {} states", states[0], states.len());
        let found: Vec<_> = self.0.iter().map(in_short).collect();
        assert!(found.is_empty(), "{} faults: {found:#?}", found.len());
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Bar {
    None,
    Find,
    Save,
    Paste,
    Parts,
    Register,
    Nick,
    /// No bar, and an entry of six lines.
    Lines,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Pane {
    None,
    Results,
    Wire,
}

const BARS: [Bar; 8] = [Bar::None, Bar::Find, Bar::Save, Bar::Paste, Bar::Parts, Bar::Register, Bar::Nick, Bar::Lines];
const PANES: [Pane; 3] = [Pane::None, Pane::Results, Pane::Wire];

/// A window in a room with long names.
struct Stage {
    screen: Screen,
    room: Room,
    encrypting: Room,
    ann: Peer,
    _home: Home,
    main: FltkWindow,
}

impl Stage {
    fn open() -> Stage {
        let home = Home::new();
        let room = Room::with(with_history(&home));
        let mut ann = room.join(&long_name('a'));
        let options = Options {
            server: Some(room.addr().into()),
            name: Some(long_name('b')),
            connect: true,
            ..Options::default()
        };
        let screen = Screen::with(&options);
        screen.until_status("Connected");
        ann.send(format!("MSG {} tea and line {}\n", long_name('a'), "word ".repeat(60)));
        let encrypting = Room::with(Config { tls: Some(own_certificate()), require_tls: true, ..config() });
        let main = window("multichat");
        some_ticks();
        Stage { screen, room, encrypting, ann, _home: home, main }
    }

    /// Turns to a talk with ann, who has said something.
    fn turn_to_ann(&mut self) {
        self.ann.send(format!("TELL {} psst\n", long_name('b')));
        self.screen.until("a talk", |screen| screen.window.talks().len() == 2);
        self.screen.desktop.keys(&["ctrl+n"]);
        self.screen.until_conversation("psst");
    }

    fn entry() -> TextEditor {
        widgets::<TextEditor>().pop().expect("an entry")
    }

    fn open_pane(&self, pane: Pane) {
        let keys = |keys: &[&str]| self.screen.desktop.keys(keys);
        match pane {
            Pane::None => {}
            Pane::Wire => changes("the wire", &self.main, || keys(&["F12"])),
            Pane::Results => {
                changes("the bar", &self.main, || keys(&["ctrl+f"]));
                self.screen.desktop.type_text("tea");
                changes("what is found", &self.main, || keys(&["ctrl+shift+f"]));
            }
        }
    }

    fn open_bar(&self, bar: Bar) {
        let act = |act: &dyn Fn()| changes(&format!("{bar:?}"), &self.main, act);
        match bar {
            Bar::None => {}
            Bar::Find if button("Previous").or(button("@8>")).is_some() => {}
            Bar::Find => act(&|| choose("Find …")),
            Bar::Save => act(&|| choose("Save as …")),
            Bar::Register => act(&|| choose("Register this name …")),
            Bar::Lines => {
                Stage::entry().buffer().expect("a text").set_text("1\n2\n3\n4\n5\n6\n7");
                some_ticks();
            }
            Bar::Nick => act(&|| {
                app::set_focus(&Stage::entry());
                self.screen.desktop.keys(&["ctrl+a"]);
                self.screen.desktop.type_text(&format!("/nick {}", long_name('c')));
                self.screen.desktop.keys(&["Return"]);
            }),
            Bar::Parts => act(&|| {
                Stage::entry().buffer().expect("a text").set_text(&"word ".repeat(1000));
                app::set_focus(&Stage::entry());
                some_ticks();
                self.screen.desktop.keys(&["Return"]);
            }),
            Bar::Paste => act(&|| {
                app::copy("one\n    two\nthree");
                app::set_focus(&Stage::entry());
                self.screen.desktop.keys(&["ctrl+v"]);
            }),
        }
    }

    fn close_all(&self, bare: &[String]) {
        Stage::entry().buffer().expect("a text").set_text("");
        let end = Instant::now() + Duration::from_secs(20);
        // A button that counts the lines below the text is no part of the drawer.
        let is_open = || names(&self.main).iter().any(|name| !bare.contains(name) && !name.contains("new below"));
        while is_open() {
            assert!(Instant::now() < end, "not closed: {:#?}, not {bare:#?}", names(&self.main));
            let key = if button("Clear").is_some() { "F12" } else { "Escape" };
            self.screen.desktop.keys(&[key]);
            some_ticks();
        }
    }
}

fn chat(is_private: bool) {
    let mut stage = Stage::open();
    if is_private {
        stage.turn_to_ann();
    }
    let mut found = Faults::default();
    some_ticks();
    let bare = names(&stage.main);
    for pane in PANES {
        for bar in BARS {
            stage.open_pane(pane);
            stage.open_bar(bar);
            let mut main = stage.main.clone();
            found.look_at_chat(&format!("{bar:?} and {pane:?}"), &mut main);
            stage.close_all(&bare);
        }
    }
    stage.screen.close();
    found.expect_none();
}

fn zoomed() {
    let stage = Stage::open();
    let (mut found, mut main) = (Faults::default(), stage.main.clone());
    for (pane, bar) in PANES.into_iter().flat_map(|pane| [(pane, Bar::None), (pane, Bar::Find)]) {
        for size in ZOOMED {
            let what = format!("{bar:?} and {pane:?}");
            found.look_at(&[size], "nothing", &mut main);
            some_ticks();
            let bare = names(&main);
            if pane != Pane::Results {
                stage.open_bar(bar);
            }
            stage.open_pane(pane);
            found.look(&what, &main);
            if pane != Pane::None {
                let table = widgets::<Table>().pop().expect("a pane");
                let titles = if table.col_header() { table.col_header_height() } else { 0 };
                let rows = (table.h() - titles) / 24;
                let beside = names(&main).iter().any(|name| name.contains("Previous"));
                assert!(rows >= if beside { 2 } else { 3 }, "{rows} rows, {what}, {size:?}");
            }
            // The filter shows the list, which then folds again.
            let shown = || -> Vec<_> {
                // The mouse may stand over a row of a table, which then has a tooltip.
                names(&main).into_iter().filter(|name| !name.starts_with("a table")).collect()
            };
            let before = shown();
            changes("the filter", &main, || stage.screen.desktop.keys(&["ctrl+k"]));
            found.look(&format!("{what} and the filter"), &main);
            stage.screen.desktop.keys(&["Escape"]);
            let end = Instant::now() + Duration::from_secs(20);
            while shown() != before {
                assert!(Instant::now() < end, "not folded: {what}, {size:?}, {:#?}, not {before:#?}", shown());
                some_ticks();
            }
            stage.close_all(&bare);
        }
    }
    stage.screen.close();
    found.expect_none();
}

fn questions() {
    let stage = Stage::open();
    let mut found = Faults::default();
    let bare = names(&stage.main);
    for (pane, bar) in PANES.into_iter().flat_map(|pane| BARS.map(|bar| (pane, bar))) {
        stage.open_pane(pane);
        stage.open_bar(bar);
        let mut main = stage.main.clone();
        changes("the card", &main, || choose("Disconnect"));
        stage.screen.until_status("Not connected");
        found.look_at_chat(&format!("{bar:?} and {pane:?} and the card"), &mut main);
        let encrypting = stage.encrypting.addr();
        widgets::<Input>()[1].clone().set_value(&encrypting.to_string());
        button("Connect").expect("the card").do_callback();
        stage.screen.until("the question", |_| button("Do not connect").is_some());
        found.look_at_chat(&format!("{bar:?} and {pane:?} and a certificate"), &mut main);
        changes("no question", &main, || button("Do not connect").expect("an answer").do_callback());
        let room = stage.room.addr();
        widgets::<Input>()[1].clone().set_value(&room.to_string());
        button("Connect").expect("the card").do_callback();
        stage.screen.until_status("Connected");
        stage.close_all(&bare);
    }
    stage.screen.close();
    found.expect_none();
}

fn private() {
    let mut stage = Stage::open();
    choose("Private talks in windows of their own");
    stage.ann.send(format!("TELL {} psst\n", long_name('b')));
    let mut own = None;
    stage.screen.until("a window", |_| {
        let all = app::windows().unwrap_or_default();
        own = all
            .iter()
            .filter_map(FltkWindow::from_dyn_widget)
            .find(|window| window.shown() && !window.is_same(&stage.main) && window.label().contains(&long_name('a')));
        own.is_some()
    });
    let (mut own, mut found) = (own.expect("it was seen"), Faults::default());
    some_ticks();
    let title = own.label();
    let desktop =
        crate::support::desktop::Window::of(std::process::id(), &format!("{}$", title.trim_start_matches("(1) ")));
    let bare = names(&own);
    desktop.click(60, 200);
    for keys in [None, Some("ctrl+f"), Some("ctrl+s"), Some("ctrl+v")] {
        if let Some(keys) = keys {
            app::copy("one\n    two\nthree");
            changes(keys, &own, || desktop.keys(&[keys]));
        }
        for size in SIZES {
            found.look_at(&[(PRIVATE, size.1)], &format!("{keys:?}"), &mut own);
        }
        while names(&own) != bare {
            desktop.keys(&["Escape"]);
            some_ticks();
        }
    }
    stage.screen.close();
    found.expect_none();
}

fn monitor() {
    let (monitor, desktop, addr) = open(Config::default());
    let people = [join(&addr, &long_name('a')), join(&addr, &long_name('b'))];
    let mut window = window("multichat server");
    until(&monitor, "two people", || monitor.model().clients.iter().count() == 2);
    let tabs = tabs();
    let table = widgets::<Table>().remove(0);
    let mut found = Faults::default();
    for page in 0..PAGES {
        app::set_focus(&tabs);
        // The first page, and so many to the right.
        desktop.keys(&["Left"; PAGES]);
        desktop.keys(&vec!["Right"; page]);
        some_ticks();
        found.look_at(&MONITOR_SIZES, &format!("page {page}"), &mut window);
        app::set_focus(&table);
        for keys in [["Home", "Delete"], ["Home", "shift+Delete"]] {
            desktop.keys(&keys);
            until(&monitor, "the question", || button("Cancel").is_some());
            found.look_at(&MONITOR_SIZES, &format!("page {page} and the question of {keys:?}"), &mut window);
            desktop.keys(&["Escape"]);
            until(&monitor, "no question", || button("Cancel").is_none());
        }
    }
    // The questions whether to stop, and for another address; and the row at the top without a server.
    desktop.keys(&["ctrl+q"]);
    until(&monitor, "the question", || button("Close").is_some());
    found.look_at(&MONITOR_SIZES, "the question whether to close", &mut window);
    desktop.keys(&["Escape"]);
    until(&monitor, "no question", || button("Cancel").is_none());
    drop(people);
    until(&monitor, "nobody", || monitor.model().clients.is_empty());
    button("Stop").unwrap().do_callback();
    until(&monitor, "the stop", || monitor.status() == "Stopped");
    found.look_at(&MONITOR_SIZES, "no server", &mut window);
    close(monitor);
    found.expect_none();
}

/// Returns the tabs of the monitor, which stand above the pages. A button of the first page is in a row of it.
fn tabs() -> fltk::widget::Widget {
    let page = button("Send").unwrap().parent().unwrap().parent().unwrap();
    let lower = page.parent().unwrap().parent().unwrap();
    lower.child(0).unwrap().as_group().unwrap().child(0).unwrap()
}
