//! Tests of the people in the monitor window: the filter, several marked at once, the context menu, the columns. The window is in
//! this process, so that its state can be read; clicks and keys come from the screen.

use std::cell::Cell;
use std::fs;
use std::rc::Rc;

use fltk::app;
use multichat::internal::monitor::window::MonitorWindow;
use multichat::server::Config;

use crate::support::desktop::{Test, Window, press, release};
use crate::support::monitor::{
    BANS_TAB, FIRST_BAN, FIRST_ROW, NAME_TITLE, PEOPLE_FILTER, Place, Shown as _, click, close, join, open, server,
    until,
};
use crate::support::program::Home;
use crate::support::{Peer, config, tells};

const COLUMNS: Place = (740, 101);
const SECOND_ROW: Place = (FIRST_ROW.0, FIRST_ROW.1 + 24);

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("typed text narrows the people, and escape shows all again", narrowed),
        ("several are marked by mouse and by keyboard, and a letter leads to a name", several),
        ("one question kicks all who are marked, whoever comes meanwhile", kicked_together),
        ("what the mouse holds does not move when somebody leaves", held),
        ("the context menu is for those who are marked", menu),
        ("several bans are lifted by the menu of their list", unbanned),
        ("what somebody said is shown in the history", said),
        ("a column is hidden by the menu of the button, and shown again", columns_by_button),
        ("columns are hidden by a menu of the titles, and remembered", columns),
    ]
}

/// A window in which three people are listed.
fn three() -> (MonitorWindow, Window, String, [Peer; 3]) {
    let (window, desktop, addr) = open(config());
    let mut peers = ["ann", "ben", "hanna"].map(|name| join(&addr, name));
    peers[0].expect("HELLO ben");
    peers[0].expect("HELLO hanna");
    peers[1].expect("HELLO hanna");
    until(&window, "three people", || window.names().len() == 3);
    (window, desktop, addr, peers)
}

fn until_marked(window: &MonitorWindow, rows: &[usize]) {
    until(window, &format!("marks {rows:?}"), || window.model().clients.marked_rows() == rows);
}

fn until_asked(window: &MonitorWindow, title: &str) {
    let asked = || window.model().actions().pending().map(|question| question.title.clone());
    until(window, title, || asked().as_deref() == Some(title));
}

/// Opens a menu, presses keys in it, and waits until it is closed.
fn in_menu(window: &MonitorWindow, open: impl FnOnce(), keys: &'static [&str]) {
    let is_over = Rc::new(Cell::new(false));
    let (over, desktop) = (Rc::clone(&is_over), Window::of(std::process::id(), "multichat server"));
    open();
    // While the menu is open, its own event loop runs.
    app::add_timeout3(0.02, move |timer| match app::grab() {
        Some(_) => {
            desktop.keys(keys);
            over.set(true);
        }
        None => app::repeat_timeout3(0.02, timer),
    });
    until(window, "the menu closed", || is_over.get() && app::grab().is_none());
}

fn narrowed() {
    let (window, desktop, addr, _peers) = three();
    click(&desktop, PEOPLE_FILTER);
    desktop.type_text("AN");
    until(&window, "those with an", || window.names() == ["ann", "hanna"]);
    assert_eq!(window.model().clients.summary(), "2 of 3");
    let _dan = join(&addr, "dan");
    until(&window, "dan", || window.names() == ["ann", "hanna", "dan"]);
    desktop.keys(&["Down"]);
    until_marked(&window, &[0]);
    desktop.keys(&["Down"]);
    until_marked(&window, &[1]);
    click(&desktop, PEOPLE_FILTER);
    desktop.keys(&["Escape"]);
    until(&window, "everybody", || window.names() == ["ann", "ben", "hanna", "dan"]);
    until_marked(&window, &[2]);
    close(window);
}

fn several() {
    let (window, desktop, _addr, peers) = three();
    click(&desktop, FIRST_ROW);
    until_marked(&window, &[0]);
    desktop.click_with("ctrl", SECOND_ROW.0, SECOND_ROW.1);
    until_marked(&window, &[0, 1]);
    desktop.click_with("ctrl", FIRST_ROW.0, FIRST_ROW.1);
    until_marked(&window, &[1]);
    click(&desktop, FIRST_ROW);
    until_marked(&window, &[0]);
    desktop.click_with("shift", SECOND_ROW.0, SECOND_ROW.1);
    until_marked(&window, &[0, 1]);
    desktop.keys(&["shift+Down"]);
    until_marked(&window, &[0, 1, 2]);
    desktop.keys(&["End", "shift+Up"]);
    until_marked(&window, &[1, 2]);
    desktop.keys(&["Home", "b"]);
    until_marked(&window, &[1]);
    desktop.keys(&["ctrl+a"]);
    until_marked(&window, &[0, 1, 2]);
    let [_ann, ben, _hanna] = peers;
    drop(ben);
    until(&window, "ben gone", || window.names() == ["ann", "hanna"]);
    until_marked(&window, &[0, 1]);
    close(window);
}

fn kicked_together() {
    let (window, desktop, addr, [mut ann, mut ben, mut hanna]) = three();
    click(&desktop, FIRST_ROW);
    desktop.click_with("ctrl", SECOND_ROW.0, SECOND_ROW.1);
    until_marked(&window, &[0, 1]);
    desktop.keys(&["Delete"]);
    until_asked(&window, "Kick 2 people. Reason (optional):");
    let mut dora = join(&addr, "dora");
    until(&window, "dora", || window.names().len() == 4);
    desktop.type_text("off you go");
    desktop.keys(&["Return"]);
    until(&window, "the outcome", || window.note() == "2 people were kicked");
    for peer in [&mut ann, &mut ben] {
        peer.expect("HELLO dora");
        peer.expect("ERR KICKED off you go");
    }
    hanna.expect("HELLO dora");
    dora.until_sync();
    close(window);
}

fn held() {
    let (window, desktop, _addr, [ann, _ben, _hanna]) = three();
    desktop.point(FIRST_ROW.0.cast_signed(), FIRST_ROW.1.cast_signed());
    press();
    until_marked(&window, &[0]);
    drop(ann);
    until(&window, "the end of ann", || window.log().iter().any(|line| tells(line, "ann", "left")));
    // A tick takes the events before the update, and several updates have come by now.
    let since = std::time::Instant::now();
    until(&window, "some updates", || since.elapsed() > std::time::Duration::from_millis(600));
    assert_eq!(window.names(), ["ann", "ben", "hanna"]);
    release();
    until(&window, "those who stay", || window.names() == ["ben", "hanna"]);
    close(window);
}

fn menu() {
    let (window, desktop, _addr, _peers) = three();
    click(&desktop, FIRST_ROW);
    until_marked(&window, &[0]);
    in_menu(&window, || desktop.right_click(SECOND_ROW.0, SECOND_ROW.1), &["Down", "Return"]);
    until_marked(&window, &[1]);
    until_asked(&window, "Kick ben. Reason (optional):");
    desktop.keys(&["Escape"]);
    until(&window, "no question", || window.model().actions().pending().is_none());
    desktop.keys(&["ctrl+a"]);
    until_marked(&window, &[0, 1, 2]);
    in_menu(&window, || desktop.keys(&["Menu"]), &["Down", "Down", "Down", "Down", "Return"]);
    until_asked(&window, "Ban 3 people");
    let all = "This bans everyone from 127.0.0.0/24 (3 people now) for 10 minutes: this computer, too";
    assert_eq!(window.note(), all);
    desktop.keys(&["Escape"]);
    until(&window, "no question", || window.model().actions().pending().is_none());
    // The list has the keyboard again.
    in_menu(&window, || desktop.keys(&["shift+F10"]), &["Escape"]);
    until_marked(&window, &[0, 1, 2]);
    close(window);
}

fn unbanned() {
    let (window, desktop, addr, _peers) = three();
    click(&desktop, FIRST_ROW);
    desktop.keys(&["ctrl+a", "shift+Delete"]);
    until_asked(&window, "Ban 3 people");
    desktop.keys(&["Return"]);
    until(&window, "three bans", || window.model().bans.len() == 3);
    click(&desktop, BANS_TAB);
    click(&desktop, FIRST_BAN);
    desktop.keys(&["ctrl+a"]);
    until(&window, "all marked", || window.model().bans.marked_rows() == [0, 1, 2]);
    in_menu(&window, || desktop.keys(&["Menu"]), &["Down", "Return"]);
    until(&window, "the outcome", || window.note() == "3 names are no longer banned");
    join(&addr, "ann");
    close(window);
}

fn said() {
    let home = Home::new();
    let history = Some(home.path().join("history.db"));
    let (window, desktop, addr) = open(Config { history, ..config() });
    let (mut ann, mut ben) = (join(&addr, "ann"), join(&addr, "ben"));
    ann.expect("HELLO ben");
    ann.send("MSG ann hello\n");
    ben.expect("MSG ann hello");
    ben.send("MSG ben hi\n");
    ann.until_sync();
    until(&window, "two people", || window.names().len() == 2);
    in_menu(
        &window,
        || desktop.right_click(FIRST_ROW.0, FIRST_ROW.1),
        &["Down", "Down", "Down", "Down", "Down", "Return"],
    );
    until(&window, "what ann said", || window.history().1 == ["ann: hello"]);
    close(window);
}

fn columns_by_button() {
    let (window, desktop, _, _peers) = three();
    let hidden = || window.model().clients.hidden_columns();
    for (hidden_then, what) in [("TLS", "hidden"), ("", "shown")] {
        in_menu(&window, || click(&desktop, COLUMNS), &["Down", "Down", "Return"]);
        until(&window, what, || hidden() == hidden_then);
    }
    close(window);
}

fn columns() {
    let home = Home::new();
    let (mut program, window, _addr) = server(&home);
    window.right_click(NAME_TITLE.0, NAME_TITLE.1);
    // Behind the address.
    window.keys(&["Down", "Down", "Return"]);
    let settings = home.path().join("multichat/server.conf");
    let is_remembered = || fs::read_to_string(&settings).is_ok_and(|text| text.contains("hidden_columns = TLS"));
    Window::until("the setting", || (), || is_remembered().then_some(()));
    window.close();
    assert_eq!(program.ended().code(), Some(0));
}
