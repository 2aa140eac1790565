//! Tests of the list of threads in the monitor window, also while a client stops reading. The window is in this process, so that
//! its state can be read; clicks and keys come from the screen.

use std::time::Duration;

use multichat::server::Config;

use crate::support::Peer;
use crate::support::desktop::Test;
use crate::support::monitor::{LOG_TAB, Shown as _, THREADS_FILTER, THREADS_TAB, click, close, join, open, until};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("the threads are listed while their page is seen, and only then", listed),
        ("the list can be filtered, and a client that stops reading is seen to be drained", drained),
    ]
}

fn listed() {
    let (window, desktop, addr) = open(Config::default());
    let shows = |expected: &[&str]| until(&window, &format!("{expected:?}"), || window.threads() == expected);
    let _ann = join(&addr, "ann");
    assert_eq!(window.threads(), Vec::<String>::new(), "nobody looks");
    click(&desktop, THREADS_TAB);
    let everybody = [
        "main: running this window",
        "server worker: looking at the server",
        "accept: accepting",
        "client #1, ann: reading from ann",
    ];
    shows(&everybody);
    let _silent = Peer::connect(addr.parse().unwrap());
    shows(&[&everybody[..], &["client #2: waiting for the HELLO of #2"]].concat());
    click(&desktop, LOG_TAB);
    shows(&[]);
    close(window);
}

fn drained() {
    let stall_timeout = Duration::from_mins(10);
    let (window, desktop, addr) = open(Config { stall_timeout, backlog_max: 1 << 30, rate: 0, ..Config::default() });
    let mut carl = Peer::connect_with_small_buffer(addr.parse().unwrap());
    carl.join("carl");
    let mut ann = join(&addr, "ann");
    click(&desktop, THREADS_TAB);
    click(&desktop, THREADS_FILTER);
    desktop.type_text("DRAIN");
    let line = format!("MSG ann {}\n", "x".repeat(4000));
    until(&window, "that carl is drained", || {
        ann.for_sending().send(&line);
        window.threads() == ["drain carl: draining carl"]
    });
    ann.sync();
    close(window);
}
