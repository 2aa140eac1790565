//! The server program without its window: its first line, its end, and what it says about what cannot work.

// In a helper too, what fails is to fail the test.
#![allow(clippy::unwrap_used)]

use std::net::TcpListener;

use crate::support::Peer;
use crate::support::program::{Home, Program};

const SERVER: &str = env!("CARGO_BIN_EXE_server");

fn join(addr: &str, name: &str) -> Peer {
    let mut peer = Peer::in_plain_text(addr.parse().unwrap());
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
fn whoever_is_in_the_list_of_bans_is_kept_out_by_default_and_with_a_file_that_was_named() {
    let home = Home::new();
    let (usual, named) = (home.data(), home.path().join("mine.txt"));
    std::fs::create_dir_all(&usual).unwrap();
    std::fs::write(usual.join("bans.txt"), "name mallory forever\n").unwrap();
    std::fs::write(&named, "name nick forever\n").unwrap();
    for (more, banned, welcome) in
        [(&[][..], "mallory", "nick"), (&["--bans", named.to_str().unwrap()][..], "nick", "mallory")]
    {
        let program = Program::start(SERVER, &home, &[&["--headless", "--listen", "127.0.0.1:0"], more].concat());
        let addr = program.listening();
        let mut peer = Peer::in_plain_text(addr.parse().unwrap());
        peer.send(format!("HELLO {banned}\n"));
        peer.expect_start("ERR BANNED");
        join(&addr, welcome);
    }
}

#[test]
fn a_list_of_bans_that_cannot_be_understood_keeps_the_server_from_starting() {
    let home = Home::new();
    let file = home.path().join("bans.txt");
    std::fs::write(&file, "name mallory\n").unwrap();
    let args = ["--headless", "--listen", "127.0.0.1:0", "--bans", file.to_str().unwrap()];
    let mut program = Program::start(SERVER, &home, &args);
    let complaint = program.expect_complaint("line 1");
    assert!(complaint.contains("bans.txt") && complaint.contains("correct the file"), "{complaint}");
    assert_eq!(program.ended().code(), Some(1));
}

#[test]
fn somebody_who_was_silent_may_send_a_burst_of_as_many_lines_as_was_said() {
    let home = Home::new();
    let args = ["--headless", "--listen", "127.0.0.1:0", "--rate", "1", "--burst", "3"];
    let program = Program::start(SERVER, &home, &args);
    let mut ann = join(&program.listening(), "ann");
    ann.send("NONSENSE\n".repeat(4));
    for _ in 0..3 {
        ann.expect_start("ERR BAD_LINE");
    }
    ann.expect_start("ERR SLOW_DOWN");
}

#[test]
fn arguments_that_cannot_work_are_refused_with_those_that_would() {
    let home = Home::new();
    for (args, hint) in [
        (["--listen", "5555"], "127.0.0.1:5555"),
        (["--listen", "127.0.0.1:66000"], "0 to 65535"),
        (["--max-clients", "0"], "1 to 100000"),
        (["--hello-timeout", "0"], "1 to 3600"),
        (["--rate", "-1"], "--rate"),
        (["--burst", "0"], "--burst"),
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
