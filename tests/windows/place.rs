//! What is read, selected or pressed stays what it is while messages come, people join and windows change their size: the
//! reading place, the selection, links, names, buttons and questions, on a real screen.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use fltk::app;
use fltk::button::Button;
use fltk::frame::Frame;
use fltk::group::Group;
use fltk::prelude::*;
use fltk::table::Table;
use fltk::valuator::Scrollbar;
use fltk::widget::Widget;
use multichat::internal::monitor::window::MonitorWindow;

use crate::support::desktop::{Test, Window, click_here, press, release};
use crate::support::monitor::{
    self, ANNOUNCEMENT, CANCEL, CHAT_TAB, FIRST_ROW, KICK, LOG_TAB, SAVE, SEND, Shown as _, WIRE_TAB, click, join,
    until as until_monitor,
};
use crate::support::screen::{Screen, bob_and_a_server, bob_and_ann, button, selected, shown, texts, widgets};
use crate::support::{DEADLINE, Peer, Room, config};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("the status line says where a link leads that has come under a resting mouse", a_link_that_came),
        ("a click opens the link that was pressed, whatever comes until the button is up", a_link_that_was_pressed),
        ("enter opens nothing but the link that the status line names", a_link_by_enter),
        ("a double click in a list that moves opens a window with whoever was clicked", a_list_that_moves),
        ("what is read stays where it is while the oldest lines go", the_oldest_go),
        ("what is read stays in view when the window is resized", resized),
        ("what is selected is what the mouse passed over, whatever comes meanwhile", selected_meanwhile),
        ("what is selected is what the mouse passed over while the oldest lines go", selected_at_the_cap),
        ("what was selected while older messages came is copied with its own names and times", copied_meanwhile),
        ("opening and closing the row to find something leaves the reading place", find_leaves_the_place),
        ("a file name with two lines is refused, and ~ is the home folder", client_saves),
        ("the monitor's log stays where it is while its oldest lines go", the_log_stays),
        ("rows that are being marked with the mouse do not move", the_wire_stays),
        ("enter answers the question about a ban", a_ban_by_enter),
        ("enter answers the question that took the place of another", a_question_after_another),
        ("the second click on cancel does not press what comes in its place", a_second_click),
        ("the monitor saves into the home folder that ~ stands for, and no file with two lines", the_monitor_saves),
    ]
}

/// The home of this test, which `~` stands for.
fn home() -> PathBuf {
    PathBuf::from(std::env::var_os("HOME").unwrap())
}

/// Puts a browser into the home: a script that notes what it is to open.
fn install_browser() {
    let browser = home().join("bin").join("xdg-open");
    fs::create_dir(home().join("bin")).unwrap();
    fs::write(&browser, "#!/bin/sh\necho \"$1\" >> \"$HOME/opened\"\n").unwrap();
    fs::set_permissions(browser, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Returns the links that were opened.
fn opened() -> Vec<String> {
    fs::read_to_string(home().join("opened")).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// A message that takes a row or more.
fn text(n: usize) -> String {
    format!("number {n}{}", " and more of it".repeat(n % 7 * 2))
}

/// Says so many messages, numbered. More than fit into the sockets need a window that takes them.
fn say(server: &TcpStream, numbers: std::ops::Range<usize>) {
    let mut server = server.try_clone().unwrap();
    let lines: String = numbers.map(|n| format!("MSG ann {}\n", text(n))).collect::<Vec<_>>().concat();
    std::thread::spawn(move || server.write_all(lines.as_bytes()));
}

/// A position in the conversation.
fn inside() -> (i32, i32) {
    let (x, y, ..) = shown().area();
    (x + 50, y + 50)
}

fn number_in(text: &str) -> Option<usize> {
    text.split("number ").nth(1)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn last_number() -> Option<usize> {
    number_in(texts()[0].lines().last()?)
}

fn until_last(screen: &Screen, number: usize) {
    screen.until("the last message", |_| last_number() == Some(number));
}

/// The number of the message in the first row.
fn at_top() -> Option<usize> {
    number_in(&shown().in_sight().first()?.0)
}

/// Lets the window draw, and do what it does at its next ticks.
fn settle() {
    let since = Instant::now();
    while since.elapsed() < Duration::from_millis(150) {
        app::wait_for(0.02).unwrap();
    }
}

/// Scrolls up so far that there is much above and below; the number in the first row.
fn scroll_up(screen: &Screen) -> usize {
    let last = last_number().unwrap();
    let (x, y) = inside();
    screen.desktop.point(x, y);
    screen.until("something further up", |screen| {
        screen.desktop.wheel_up(x, y);
        settle();
        at_top().is_some_and(|top| top + 60 < last)
    });
    at_top().unwrap()
}

/// Where in the window a piece of the conversation is.
fn place_of(piece: &str) -> (i32, i32) {
    shown().position_of(piece).unwrap()
}

/// Bob's window full of lines that are links, and ann, who says more of them.
fn links() -> (Room, Peer, Screen) {
    let (room, mut ann, screen) = bob_and_ann();
    ann.send((0..40).map(|n| format!("MSG ann http://{n}.example/\n")).collect::<Vec<_>>().concat());
    screen.until_conversation("http://39.example/");
    settle();
    (room, ann, screen)
}

fn a_link_that_came() {
    let (_room, mut ann, screen) = links();
    let (x, y) = place_of("http://30.example");
    screen.desktop.point(x + 20, y);
    screen.until_status("Opens 30.example");
    // The mouse rests, and the text goes up by a row.
    ann.send("MSG ann http://40.example/\n");
    screen.until_conversation("http://40.example/");
    screen.until_status("Opens 31.example");
    install_browser();
    click_here();
    screen.until("the link", |_| opened() == ["http://31.example/"]);
    // What has no link any more says so.
    ann.send("MSG ann no link\n".repeat(20));
    screen.until("no link", |screen| !screen.window.status().starts_with("Opens"));
    click_here();
    settle();
    assert_eq!(opened(), ["http://31.example/"]);
    screen.close();
}

fn a_link_that_was_pressed() {
    let (_room, mut ann, screen) = links();
    let (x, y) = place_of("http://30.example");
    screen.desktop.point(x + 20, y);
    screen.until_status("Opens 30.example");
    install_browser();
    press();
    settle();
    ann.send("MSG ann http://40.example/\nAWAY so that this is seen\n");
    screen.until("ann away", |screen| screen.window.people()[0].contains("so that this is seen"));
    settle();
    release();
    screen.until("the link", |_| opened() == ["http://30.example/"]);
    screen.until_conversation("http://40.example/");
    screen.close();
}

fn a_link_by_enter() {
    let (_room, mut ann, screen) = links();
    let (x, y) = place_of("http://30.example");
    screen.desktop.point(x + 20, y);
    screen.until_status("Opens 30.example");
    screen.desktop.keys(&["ctrl+o"]);
    screen.until_status("Enter opens 39.example; a click opens 30.example");
    ann.send("MSG ann http://40.example/\n");
    screen.until_conversation("http://40.example/");
    screen.until_status("Enter opens 39.example");
    install_browser();
    screen.desktop.keys(&["Return"]);
    screen.until("the link", |_| opened() == ["http://39.example/"]);
    screen.close();
}

/// The list of people: it stands beside a scrollbar of its own.
fn people_area(group: &Group) -> Option<Widget> {
    let is_bar = |widget: &Widget| Scrollbar::from_dyn_widget(widget).is_some();
    let children: Vec<_> = (0..group.children()).filter_map(|at| group.child(at)).collect();
    match children.as_slice() {
        [area, bar] if is_bar(bar) && !is_bar(area) => Some(area.clone()),
        // The list of talks is above it.
        children => children.iter().rev().find_map(|child| people_area(&child.as_group()?)),
    }
}

fn a_list_that_moves() {
    let room = Room::open();
    let _ben = room.join("ben");
    let screen = Screen::open(room.addr());
    screen.until("who is here", |screen| screen.window.people() == ["ben", "bob, you"]);
    settle();
    let area = people_area(&app::first_window().unwrap().as_group().unwrap()).unwrap();
    screen.desktop.point(area.x() + 40, area.y() + 12);
    click_here();
    settle();
    let _ann = room.join("ann");
    screen.until("ann above them", |screen| screen.window.people() == ["ann", "ben", "bob, you"]);
    settle();
    click_here();
    screen.until("a window with ben", |screen| screen.window.status_with("ben").is_some());
    assert_eq!(screen.window.status_with("ann"), None);
    screen.close();
}

fn the_oldest_go() {
    let (screen, server) = bob_and_a_server();
    say(&server, 0..10_050);
    until_last(&screen, 10_049);
    let top = scroll_up(&screen);
    for round in 1..=5 {
        say(&server, 9950 + 100 * round..9950 + 100 * round + 100);
        until_last(&screen, 10_049 + 100 * round);
        settle();
        assert_eq!(at_top(), Some(top), "round {round}");
    }
    // One at a time, too.
    for n in 10_550..10_570 {
        say(&server, n..n + 1);
        until_last(&screen, n);
        settle();
        assert_eq!(at_top(), Some(top), "message {n}");
    }
    screen.close();
}

fn resized() {
    let (screen, server) = bob_and_a_server();
    say(&server, 0..3000);
    until_last(&screen, 2999);
    let top = scroll_up(&screen);
    for (width, height) in [(780, 500), (800, 500), (820, 520), (700, 440), (1000, 700), (640, 500), (800, 500)] {
        screen.desktop.place(width, height);
        screen.until("its size", |_| app::first_window().unwrap().w() == width.cast_signed());
        settle();
        assert_eq!(at_top(), Some(top), "{width}x{height}");
    }
    screen.close();
}

/// Passes over a word with the button down, and calls `meanwhile` on the way.
fn pass_over(screen: &Screen, word: &str, meanwhile: impl FnOnce()) {
    let (x, y) = place_of(word);
    screen.desktop.point(x + 1, y);
    press();
    settle();
    meanwhile();
    // Where its end was when the button was pressed, since nothing is to move.
    let last_letter = word.char_indices().next_back().unwrap().0;
    let end =
        shown().position_of(&word[last_letter..]).filter(|(_, row)| *row == y).map_or(100, |(last, _)| last + 9 - x);
    screen.desktop.point(x + end / 2, y);
    settle();
    screen.desktop.point(x + end, y);
    settle();
    release();
    settle();
}

fn selected_meanwhile() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send((0..40).map(|n| format!("MSG ann line {n}\n")).collect::<Vec<_>>().concat());
    ann.send("MSG ann the password is swordfish\nMSG ann one\nMSG ann two\n");
    screen.until_conversation("ann  two");
    settle();
    pass_over(&screen, "swordfish", || {
        ann.send("MSG ann one more\n".repeat(5));
        ann.send("AWAY so that this is seen\n");
        screen.until("ann away", |screen| screen.window.people()[0].contains("so that this is seen"));
        settle();
    });
    assert_eq!(selected(), "swordfish");
    screen.until("what came meanwhile", |_| texts()[0].matches("one more").count() == 5);
    screen.paste_copied();
    screen.until_draft("swordfish");
    screen.close();
}

fn selected_at_the_cap() {
    let (screen, mut server) = bob_and_a_server();
    say(&server, 0..10_050);
    until_last(&screen, 10_049);
    let top = scroll_up(&screen);
    let word = format!("number {}", top + 3);
    pass_over(&screen, &word, || {
        say(&server, 10_050..10_080);
        settle();
    });
    assert_eq!(selected(), word);
    until_last(&screen, 10_079);
    settle();
    assert_eq!((selected(), at_top()), (word, Some(top)));
    server.write_all(b"BYE ann\n").unwrap();
    screen.close();
}

fn copied_meanwhile() {
    let (screen, mut server) = bob_and_a_server();
    // Noon in Greenwich: the same day in nearly all of the world.
    let noon: u64 = 1_700_049_600_000_000;
    let line = |verb: &str, n: u64| format!("@{} {verb} ann number {n}\n", noon + n * 1_000_000);
    let all = |verb: &str, numbers: std::ops::Range<u64>| numbers.map(|n| line(verb, n)).collect::<Vec<_>>().concat();
    server.write_all(all("MSG", 1000..1100).as_bytes()).unwrap();
    until_last(&screen, 1099);
    screen.until("the beginning", |screen| {
        let (x, y) = inside();
        screen.desktop.wheel_up(x, y);
        settle();
        shown().position_of("number 1003").is_some()
    });
    let (x, y) = place_of("number 1003");
    let (_, below) = place_of("number 1004");
    screen.desktop.point(x + 1, y);
    press();
    settle();
    // What is older comes while the button is down.
    server.write_all(all("PAST", 900..1000).as_bytes()).unwrap();
    server.write_all(b"#1 END PAST MORE\n").unwrap();
    settle();
    screen.desktop.point(x + 30, below);
    settle();
    release();
    screen.desktop.keys(&["ctrl+c"]);
    let part = selected();
    assert!(part.contains("ann: number 1003\n") && part.ends_with("ann: number 1004"), "{part:?}");
    screen.until("what is older", |_| texts()[0].contains("number 900"));
    settle();
    assert_eq!(selected(), part);
    screen.desktop.click(300, 450);
    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the question", |_| button("Join into one line").is_some());
    button("Join into one line").unwrap().do_callback();
    screen.until("both lines", |screen| screen.window.draft().ends_with("ann: number 1004"));
    let draft = screen.window.draft();
    assert!(draft.contains("ann: number 1003 ") && draft.matches("number").count() == 2, "{draft}");
    screen.close();
}

fn find_leaves_the_place() {
    let (screen, server) = bob_and_a_server();
    say(&server, 0..3000);
    until_last(&screen, 2999);
    let top = scroll_up(&screen);
    screen.desktop.keys(&["ctrl+f"]);
    screen.until("the row", |_| button("Previous").is_some());
    settle();
    assert_eq!(at_top(), Some(top), "opened");
    screen.desktop.type_text("no such thing");
    screen.until("in vain", |_| widgets::<Frame>().iter().any(|note| note.label() == "not found"));
    settle();
    assert_eq!(at_top(), Some(top), "in vain");
    screen.desktop.keys(&["Escape"]);
    screen.until("no row", |_| button("Previous").is_none());
    settle();
    assert_eq!(at_top(), Some(top), "closed");
    // What was looked for before is looked for again, but from here.
    screen.desktop.keys(&["ctrl+f", "ctrl+a"]);
    screen.desktop.type_text("number");
    screen.until("some", |_| selected() == "number");
    screen.desktop.keys(&["Escape"]);
    let top = scroll_up(&screen);
    screen.desktop.keys(&["ctrl+f"]);
    screen.until("the row again", |_| button("Previous").is_some());
    settle();
    assert_eq!(at_top(), Some(top), "opened with what was looked for before");
    screen.desktop.keys(&["Return"]);
    screen.until("a hit", |_| selected() == "number");
    settle();
    let now = at_top().unwrap();
    assert!(now.abs_diff(top) < 30, "Enter went from {top} to {now}");
    screen.close();
}

fn client_saves() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send("MSG ann hello\n");
    screen.until_conversation("ann  hello");
    let save_as = |name: &str| {
        app::copy(name);
        screen.desktop.keys(&["ctrl+s"]);
        screen.until("the row", |_| button("Cancel").is_some());
        screen.desktop.keys(&["ctrl+a", "ctrl+v", "Return"]);
    };
    save_as("two\nlines.txt");
    screen.until_status("Not saved: a file name cannot contain <U+000A>");
    assert!(button("Cancel").is_some(), "the name is still there to be mended");
    save_as("~");
    screen.until_status("Not saved: ");
    save_as("~/chat.txt\n");
    screen.until_status("Saved as ");
    assert_eq!(fs::read_dir(home()).unwrap().filter(|file| is_odd(file.as_ref().unwrap())).count(), 0);
    assert!(fs::read_to_string(home().join("chat.txt")).unwrap().contains("ann: hello\n"));
    screen.close();
}

/// The monitor in this process, and ann, who is marked in its table.
fn ann_is_marked() -> (MonitorWindow, Window, String, Peer) {
    let (window, desktop, addr) = monitor::open(config());
    let ann = join(&addr, "ann");
    until_monitor(&window, "ann", || window.names() == ["ann"]);
    settle();
    click(&desktop, FIRST_ROW);
    settle();
    (window, desktop, addr, ann)
}

fn until_note(window: &MonitorWindow, begins: &str) {
    until_monitor(window, begins, || window.note().starts_with(begins));
}

fn a_ban_by_enter() {
    let (window, desktop, addr, mut ann) = ann_is_marked();
    // By Enter on No, or elsewhere, nobody is banned.
    for other_servers in [&["Tab", "Tab", "Tab"][..], &["shift+Tab"]] {
        desktop.keys(&["shift+Delete"]);
        until_note(&window, "This bans ann");
        desktop.keys(&[other_servers, &["Return", "Escape"]].concat());
        until_monitor(&window, "no question", || window.note().is_empty());
        click(&desktop, FIRST_ROW);
    }
    ann.sync();
    desktop.keys(&["shift+Delete"]);
    until_note(&window, "This bans ann");
    desktop.keys(&["Return"]);
    until_note(&window, "ann is banned");
    ann.expect_start("ERR BANNED");
    // From the second choice, too.
    let mut ben = join(&addr, "ben");
    until_monitor(&window, "ben", || window.names() == ["ben"]);
    settle();
    click(&desktop, FIRST_ROW);
    desktop.keys(&["shift+Delete", "Tab", "Right", "Return"]);
    until_note(&window, "ben is banned");
    ben.expect_start("ERR BANNED");
    monitor::close(window);
}

fn a_question_after_another() {
    let (window, desktop, _, mut ann) = ann_is_marked();
    let file = home().join("after-another.txt");
    desktop.keys(&["shift+Delete"]);
    until_note(&window, "This bans ann");
    click(&desktop, LOG_TAB);
    click(&desktop, SAVE);
    settle();
    desktop.keys(&["ctrl+a"]);
    desktop.type_text(file.to_str().unwrap());
    desktop.keys(&["Return"]);
    until_note(&window, "Saved");
    assert!(file.exists());
    ann.sync();
    monitor::close(window);
}

fn a_second_click() {
    let (window, desktop, _, mut ann) = ann_is_marked();
    click(&desktop, CHAT_TAB);
    click(&desktop, ANNOUNCEMENT);
    desktop.type_text("oops");
    click(&desktop, KICK);
    let is_asked = || widgets::<Button>().iter().any(|button| button.label() == "Kick");
    until_monitor(&window, "the question", is_asked);
    settle();
    // Nothing comes where Cancel was.
    desktop.point(CANCEL.0.cast_signed(), CANCEL.1.cast_signed());
    click_here();
    until_monitor(&window, "no question", || !is_asked());
    click_here();
    settle();
    ann.sync();
    click(&desktop, SEND);
    settle();
    ann.expect("MSG server oops");
    monitor::close(window);
}

fn the_monitor_saves() {
    let (window, desktop, _) = monitor::open(config());
    click(&desktop, LOG_TAB);
    let save_as = |name: &str| {
        app::copy(name);
        click(&desktop, SAVE);
        settle();
        desktop.keys(&["ctrl+a", "ctrl+v", "Return"]);
    };
    save_as("two\nlines.log");
    until_note(&window, "Not saved: a file name cannot contain <U+000A>");
    desktop.keys(&["Escape"]);
    save_as("~/monitor.log\n");
    until_note(&window, "Saved");
    assert!(home().join("monitor.log").exists());
    assert_eq!(fs::read_dir(".").unwrap().filter(|file| is_odd(file.as_ref().unwrap())).count(), 0);
    monitor::close(window);
}

fn is_odd(file: &fs::DirEntry) -> bool {
    let name = file.file_name().into_string().unwrap();
    name == "~" || name.contains('\n')
}

fn the_log_stays() {
    let (window, desktop, addr) = monitor::open(config());
    click(&desktop, LOG_TAB);
    settle();
    // Below the table of clients.
    let log = widgets::<Table>().remove(1);
    let top = || window.log()[usize::try_from(log.row_position()).unwrap()].clone();
    let visits = |count: usize| {
        for _ in 0..count {
            let mut other = Peer::connect(addr.parse().unwrap());
            other.send("GET / HTTP/1.1\r\n\r\n");
            other.until_end();
        }
    };
    fill(&window, visits);
    desktop.point(log.x() + 50, log.y() + 50);
    desktop.wheel_up(log.x() + 50, log.y() + 50);
    settle();
    let (before, first) = (top(), window.log()[0].clone());
    for round in 0..5 {
        visits(10);
        let deadline = Instant::now() + DEADLINE;
        while window.log()[0] == first {
            assert!(Instant::now() < deadline, "the oldest line stays");
            app::wait_for(0.02).unwrap();
        }
        settle();
        assert_eq!(top(), before, "round {round}");
    }
    monitor::close(window);
}

fn the_wire_stays() {
    let (window, desktop, addr) = monitor::open(config());
    desktop.place(1000, 900);
    until_monitor(&window, "its size", || app::first_window().unwrap().h() == 900);
    let y = widgets::<Table>().remove(1).parent().unwrap().parent().unwrap().y() - 21;
    desktop.click(WIRE_TAB.0, u32::try_from(y).unwrap());
    settle();
    let mut ann = join(&addr, "ann");
    let lines = |count: usize| window.wire().matches("MSG ann").count() >= count;
    ann.send("MSG ann one\n".repeat(50));
    ann.until_sync();
    until_monitor(&window, "the lines", || lines(50));
    settle();
    let table = widgets::<Table>().into_iter().find(|table| table.rows() >= 50).unwrap();
    desktop.point(table.x() + 100, table.y() + 80);
    press();
    settle();
    let top = table.row_position();
    ann.send("MSG ann two\n".repeat(10));
    ann.until_sync();
    until_monitor(&window, "more lines", || lines(60));
    settle();
    assert_eq!(table.row_position(), top, "under the mouse");
    release();
    until_monitor(&window, "the end again", || table.row_position() > top);
    monitor::close(window);
}

/// Fills the log up to the number of lines that are kept.
fn fill(window: &MonitorWindow, visits: impl Fn(usize)) {
    let lines = || window.log().len();
    while lines() < 10_000 {
        visits((10_000 - lines()).clamp(1, 500));
        until_monitor(window, "nothing more", || {
            let before = lines();
            settle();
            lines() == before
        });
    }
}
