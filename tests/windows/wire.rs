//! The wire in the monitor's window: lines as they go by, filtered, paused, and typed. The window is in this process, so that it
//! can be asked; the clicks and keys come from the screen.

use std::time::{Duration, Instant};

use fltk::app;
use fltk::input::Input;
use fltk::prelude::*;
use multichat::internal::monitor::window::MonitorWindow;
use multichat::server::Config;

use crate::support::desktop::Test;
use crate::support::monitor::{
    FIRST_LINE, FIRST_ROW, LOG_TAB, Shown as _, WIRE_COPY, WIRE_FILTER, WIRE_PAUSE, WIRE_RAW, WIRE_TAB, click, close,
    join, open, until,
};
use crate::support::screen::widgets;

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("lines are shown while the wire is seen, and passwords never", shown),
        ("the wire can be filtered and paused, and says what passed meanwhile", filtered_and_paused),
        ("the lines that are shown can be copied, or the one that is marked", copied),
        ("a line that is typed goes to whoever is marked, as it is", typed),
    ]
}

fn flooding() -> Config {
    Config { rate: 0, ..Config::default() }
}

/// Of each line what is between its time and its meaning.
fn lines(window: &MonitorWindow) -> Vec<String> {
    window.wire().lines().map(|line| line.split('\t').skip(1).take(3).collect::<Vec<_>>().join(" ")).collect()
}

/// What has gone by on the wire is in the window after a tick or two.
fn let_it_tick() {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(200) {
        app::wait_for(0.02).unwrap();
    }
}

fn shown() {
    let (window, desktop, addr) = open(flooding());
    let mut ann = join(&addr, "ann");
    ann.sync();
    assert_eq!(lines(&window), Vec::<String>::new(), "nobody looks");
    click(&desktop, WIRE_TAB);
    // Whether it is open yet shows when the first line comes.
    until(&window, "that it is open", || {
        ann.for_sending().send("WHO\n");
        lines(&window).iter().any(|line| line == "← ann WHO")
    });
    ann.send("register secret\nMSG ann secret no more\n");
    until(&window, "the last line", || lines(&window).iter().any(|line| line == "← ann MSG ann secret no more"));
    assert!(lines(&window).iter().any(|line| line == "← ann register ***"), "{:#?}", lines(&window));
    click(&desktop, LOG_TAB);
    until(&window, "that it is closed", || {
        let before = window.wire();
        ann.send("WHO\n");
        ann.until_sync();
        let_it_tick();
        window.wire() == before
    });
    close(window);
}

fn filtered_and_paused() {
    let (window, desktop, addr) = open(flooding());
    let (mut ann, mut ben) = (join(&addr, "ann"), join(&addr, "ben"));
    click(&desktop, WIRE_TAB);
    click(&desktop, WIRE_FILTER);
    desktop.type_text("hello there");
    let said = |expected: &[&str]| until(&window, &format!("{expected:?}"), || lines(&window) == expected);
    until(&window, "that it is open", || {
        ann.for_sending().send("MSG ann hello there\n");
        !lines(&window).is_empty()
    });
    ann.until_sync();
    click(&desktop, WIRE_PAUSE);
    // It is paused when a line does not come any more.
    until(&window, "that it is paused", || {
        let before = lines(&window).len();
        ann.send("MSG ann hello there\n");
        ann.until_sync();
        let_it_tick();
        lines(&window).len() == before
    });
    ben.send("MSG ben hello there\n");
    ben.until_sync();
    let before = lines(&window);
    assert!(before.iter().all(|line| !line.contains("ben hello")), "{before:#?}");
    click(&desktop, WIRE_PAUSE);
    until(&window, "the gap", || window.wire().contains(" not shown"));
    let mut expected = before.clone();
    expected.push(String::new());
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    said(&expected);
    close(window);
}

fn copied() {
    let (window, desktop, addr) = open(flooding());
    let mut ann = join(&addr, "ann");
    click(&desktop, WIRE_TAB);
    click(&desktop, WIRE_FILTER);
    desktop.type_text("hello");
    until(&window, "that it is open", || {
        ann.for_sending().send("MSG ann hello there\n");
        !lines(&window).is_empty()
    });
    ann.until_sync();
    let_it_tick();
    let shown = window.wire();
    assert!(shown.lines().count() > 1, "{shown}");

    // The field writes several lines as one.
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let pasted = || {
        // The mouse may be there already.
        desktop.go_to(WIRE_RAW.0, WIRE_RAW.1);
        desktop.keys(&["ctrl+a", "ctrl+v"]);
        let_it_tick();
        words(&widgets::<Input>().last().unwrap().value())
    };
    click(&desktop, WIRE_COPY);
    until(&window, "all lines", || pasted() == words(&shown));
    click(&desktop, FIRST_LINE);
    desktop.keys(&["ctrl+c"]);
    until(&window, "one line", || shown.lines().any(|line| pasted() == words(line)));
    close(window);
}

fn typed() {
    let (window, desktop, addr) = open(flooding());
    let mut ann = join(&addr, "ann");
    until(&window, "ann", || window.names() == ["ann"]);
    click(&desktop, WIRE_TAB);
    click(&desktop, FIRST_ROW);
    click(&desktop, WIRE_RAW);
    desktop.type_text(r"MSG ghost boo\x21");
    desktop.keys(&["Return"]);
    until(&window, "what came of it", || window.note() == "Sent to ann unchanged");
    ann.expect("MSG ghost boo!");
    until(&window, "the line", || lines(&window).iter().any(|line| line == "→ ann MSG ghost boo!"));
    close(window);
}
