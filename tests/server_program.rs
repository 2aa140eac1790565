//! The server program without its window: its first line, its end, and what it says about what cannot work.

// In a helper too, what fails is to fail the test.
#![allow(clippy::unwrap_used)]

mod support;

use std::net::TcpListener;

use support::Peer;
use support::program::{Home, Program};

const SERVER: &str = env!("CARGO_BIN_EXE_server");

fn join(addr: &str, name: &str) -> Peer {
    let mut peer = Peer::connect(addr.parse().unwrap());
    peer.join(name);
    peer
}

#[test]
fn it_says_where_it_listens_and_lets_people_in() {
    let home = Home::new();
    let program = Program::start(SERVER, &home, &["--headless", "--listen", "127.0.0.1:0"]);
    join(&program.listening(), "ann");
}

#[cfg(unix)]
#[test]
fn asked_to_terminate_it_says_goodbye_to_everybody_and_ends_well() {
    let home = Home::new();
    let mut program = Program::start(SERVER, &home, &["--headless", "--listen", "127.0.0.1:0"]);
    let mut ann = join(&program.listening(), "ann");
    program.terminate();
    ann.expect("ERR SHUTTING_DOWN the server stops");
    assert_eq!(program.ended().code(), Some(0));
}

#[test]
fn an_address_in_use_is_told_with_what_would_work() {
    let home = Home::new();
    let occupant = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = occupant.local_addr().unwrap().to_string();
    let mut program = Program::start(SERVER, &home, &["--headless", "--listen", &taken]);
    let complaint = program.expect_complaint(&taken);
    assert!(complaint.contains("in use") && complaint.contains("another port"), "{complaint}");
    assert_eq!(program.ended().code(), Some(1));
}

#[test]
fn arguments_that_cannot_work_are_refused_with_those_that_would() {
    let home = Home::new();
    for (args, hint) in [
        (["--listen", "5555"], "127.0.0.1:5555"),
        (["--listen", "127.0.0.1:66000"], "0 to 65535"),
        (["--max-clients", "0"], "1..=100000"),
        (["--hello-timeout", "0"], "1..=3600"),
        (["--rate", "-1"], "--rate"),
    ] {
        let mut program = Program::start(SERVER, &home, &args);
        program.expect_complaint(hint);
        assert_eq!(program.ended().code(), Some(2), "{args:?}");
    }
}

#[cfg(not(feature = "gui"))]
#[test]
fn built_without_its_window_it_says_how_to_run_it() {
    let home = Home::new();
    let mut program = Program::start(SERVER, &home, &[]);
    program.expect_complaint("--headless");
    assert_eq!(program.ended().code(), Some(1));
}
