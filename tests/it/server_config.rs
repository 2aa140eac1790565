//! The config file of the server program: which one is read, what is stronger, and what becomes of a damaged one.

// In a helper too, what fails is to fail the test.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;

use crate::support::Peer;
use crate::support::program::{Home, Program};

const SERVER: &str = env!("CARGO_BIN_EXE_server");

/// Writes the file that is read if no other is named.
fn usual(home: &Home, text: &str) -> PathBuf {
    let folder = home.settings();
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("server.toml"), text).unwrap();
    folder.join("server.toml")
}

fn serve(home: &Home, args: &[&str]) -> Program {
    Program::start(SERVER, home, &[&["--headless"], args].concat())
}

fn join(program: &Program, name: &str) -> Peer {
    let mut peer = Peer::in_plain_text(program.listening().parse().unwrap());
    peer.join(name);
    peer
}

fn expect_burst(peer: &mut Peer, lines: usize) {
    peer.send("NONSENSE\n".repeat(lines + 1));
    for _ in 0..lines {
        peer.expect_start("ERR BAD_LINE");
    }
    peer.expect_start("ERR SLOW_DOWN");
}

#[test]
fn the_usual_file_is_read_and_the_command_line_is_stronger() {
    let home = Home::new();
    usual(&home, "listen = \"127.0.0.1:0\"\nrate = 1\nburst = 2\n");
    let program = serve(&home, &[]);
    expect_burst(&mut join(&program, "ann"), 2);
    let program = serve(&home, &["--burst", "4"]);
    expect_burst(&mut join(&program, "ann"), 4);
}

#[test]
fn a_file_that_is_named_takes_the_place_of_the_usual_one() {
    let home = Home::new();
    usual(&home, "burst = \"damaged\"\n");
    let file = home.path().join("lab.toml");
    // The path in it begins at its folder.
    fs::write(&file, "listen = \"127.0.0.1:0\"\nbans = \"lab.txt\"\n").unwrap();
    fs::write(home.path().join("lab.txt"), "name mallory forever\n").unwrap();
    let program = serve(&home, &["--config", file.to_str().unwrap()]);
    let mut peer = Peer::in_plain_text(program.listening().parse().unwrap());
    peer.send("HELLO mallory\n");
    peer.expect_start("ERR BANNED");
}

#[test]
fn a_password_in_the_file_closes_the_room() {
    let home = Home::new();
    usual(&home, "listen = \"127.0.0.1:0\"\npassword = \"open sesame\"\n");
    let program = serve(&home, &[]);
    let addr = program.listening().parse().unwrap();
    let mut ann = Peer::in_plain_text(addr);
    ann.send("HELLO ann\n");
    ann.expect_start("ERR PASSWORD_REQUIRED");
    let mut ben = Peer::in_plain_text(addr);
    ben.send("PASS open sesame\n");
    ben.join("ben");
}

#[test]
fn a_damaged_file_keeps_the_server_from_starting_and_stays_as_it_is() {
    let home = Home::new();
    let text = "# Room 12\npassword = \"sesame\"\nmax_clients = 5\n";
    let file = usual(&home, text);
    let mut program = serve(&home, &["--listen", "127.0.0.1:0"]);
    let complaint = program.expect_complaint("server.toml, line 3: ");
    assert!(complaint.contains("is it max-clients?"), "{complaint}");
    assert_eq!(program.ended().code(), Some(1));
    assert_eq!(fs::read_to_string(file).unwrap(), text);
}

#[test]
fn a_named_file_that_does_not_exist_is_an_error() {
    let home = Home::new();
    let mut program = serve(&home, &["--config", "/nowhere/lab.toml"]);
    program.expect_complaint("/nowhere/lab.toml: there is no such file");
    assert_eq!(program.ended().code(), Some(1));
}

#[cfg(feature = "storage")]
#[test]
fn the_members_of_the_file_are_those_that_the_subcommand_changes() {
    let home = Home::new();
    usual(&home, "members = \"pupils.db\"\n");
    let mut program = Program::start(SERVER, &home, &["members", "add", "ann", "--generate"]);
    program.expect_output("ann is registered");
    assert_eq!(program.ended().code(), Some(0));
    assert!(home.settings().join("pupils.db").exists());
}

#[cfg(unix)]
#[test]
fn a_reload_reads_the_file_again_and_a_damaged_one_changes_nothing() {
    let home = Home::new();
    let file = usual(&home, "listen = \"127.0.0.1:0\"\nrate = 1\nburst = 2\n");
    let script = format!("trap - HUP; exec {SERVER} --headless");
    let program = Program::start("/bin/sh", &home, &["-c", &script]);
    let addr = program.listening().parse().unwrap();
    fs::write(&file, "listen = \"127.0.0.1:0\"\nrate = 1\nburst = 4\npassword = \"sesame\"\nbans = \"b.txt\"\n")
        .unwrap();
    program.signal("HUP");
    let line = program.expect_complaint("settings changed");
    assert!(line.contains("burst 4 (was 2)") && line.contains("next start of the server: bans"), "{line}");
    let mut ann = Peer::in_plain_text(addr);
    ann.send("PASS sesame\n");
    ann.join("ann");
    expect_burst(&mut ann, 4);
    fs::write(&file, "burst = 9\npasword = \"other\"\n").unwrap();
    program.signal("HUP");
    let line = program.expect_complaint("settings not changed");
    assert!(line.contains("line 2") && line.contains("is it password?"), "{line}");
    let mut ben = Peer::in_plain_text(addr);
    ben.send("PASS sesame\n");
    ben.join("ben");
}
