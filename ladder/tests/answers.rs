//! The answers in the READMEs that are not transcripts: what they say is asked here.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use ladder::peer::Peer;
use ladder::program::{Launch, free_port};
use ladder::stage::Stage;

/// Returns the path of a program of this package, which cargo has built before the tests.
fn built(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_climb")).with_file_name(name).with_extension(std::env::consts::EXE_EXTENSION)
}

fn stage(program: &str) -> Stage {
    Stage::new(&Launch { program: built(program).into(), args: Vec::new() })
}

/// Waits until something is true.
fn eventually(what: &str, mut is_true: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_true() {
        assert!(start.elapsed() < Duration::from_secs(10), "not within ten seconds: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn rung_0_where_nothing_listens_the_connection_is_refused() {
    let talk = Command::new(built("rung00_talk_solution")).arg(free_port().unwrap().to_string()).output().unwrap();
    assert!(!talk.status.success());
    assert!(String::from_utf8_lossy(&talk.stderr).contains("ConnectionRefused"), "{talk:?}");
}

#[test]
fn rung_0_after_ctrl_d_talk_waits_for_the_server() {
    let mut stage = stage("rung00_talk_solution");
    let mut server = stage.accept("the server").unwrap();
    stage.program().end_input();
    server.expect_end().unwrap();
    server.send("late\n").unwrap();
    stage.program().expect_output("late").unwrap();
    assert!(stage.program().has_ended().is_none());
}

/// Sends half a line and then Ctrl-D; returns what comes back.
fn half_a_line(program: &str) -> Peer {
    let mut ann = stage(program).connect("ann").unwrap();
    ann.send("half a line").unwrap();
    ann.end_sending();
    ann
}
