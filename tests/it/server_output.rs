//! What a program says, where nothing reads it: a log or a first line that is stuck holds nothing up, and says afterwards what
//! is missing.
#![cfg(unix)]
// In a helper too, what fails is to fail the test.
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;

use crate::support::program::{Home, Program, stuck};
use crate::support::{DEADLINE, Peer, eventually, lines, tells};

const SERVER: &str = env!("CARGO_BIN_EXE_server");
const HEADLESS: [&str; 5] = ["--headless", "--listen", "127.0.0.1:0", "--rate", "0"];

/// So many people that more lines are logged of them than the channel to the log holds.
fn come_and_go(addr: SocketAddr) {
    for number in 0..700 {
        let mut guest = Peer::in_plain_text(addr);
        guest.send(format!("HELLO guest{number}\nBYE\n"));
        guest.skip_to_end();
    }
}

/// People get in, talk and get out, and a signal ends it.
fn serves_and_ends(mut program: Program, addr: &str) {
    let addr = addr.parse().unwrap();
    let mut ann = Peer::in_plain_text(addr);
    ann.join("ann");
    come_and_go(addr);
    ann.until_sync();
    program.terminate();
    ann.expect("ERR SHUTTING_DOWN the server stops");
    eventually("the program ends", || if program.runs() { Err("it runs") } else { Ok(()) });
}

#[test]
fn a_log_that_nothing_reads_keeps_nobody_out_and_does_not_outlive_a_signal() {
    let home = Home::new();
    let (_reader, stderr) = stuck();
    let program = Program::start_with(SERVER, &home, &HEADLESS, |command| command.stderr(stderr));
    let addr = program.listening();
    serves_and_ends(program, &addr);
}

#[test]
fn a_first_line_that_nothing_reads_keeps_nobody_out_and_does_not_outlive_a_signal() {
    let home = Home::new();
    let (_reader, stdout) = stuck();
    let program = Program::start_with(SERVER, &home, &HEADLESS, |command| command.stdout(stdout));
    let line = program.expect_complaint("listening on ");
    serves_and_ends(program, line.rsplit(' ').next().unwrap());
}

#[test]
fn an_error_at_the_start_that_nothing_reads_ends_the_program_all_the_same() {
    let home = Home::new();
    let (_reader, stderr) = stuck();
    let args = ["--headless", "--listen", "256.256.256.256:0"];
    let mut program = Program::start_with(SERVER, &home, &args, |command| command.stderr(stderr));
    eventually("the program ends", || if program.runs() { Err("it runs") } else { Ok(()) });
    assert_eq!(program.ended().code(), Some(1));
}

#[test]
fn a_log_that_is_read_again_says_how_much_is_missing_and_goes_on() {
    let home = Home::new();
    let (mut reader, stderr) = stuck();
    let mut program = Program::start_with(SERVER, &home, &HEADLESS, |command| command.stderr(stderr));
    let addr = program.listening();
    come_and_go(addr.parse().unwrap());
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).map(|_| text)
    });
    program.terminate();
    assert_eq!(program.ended().code(), Some(0));
    let text = reading.join().unwrap().unwrap();
    let missing = text.lines().find(|line| line.contains("lines are missing here"));
    assert!(missing.is_some(), "{}", &text[text.len() - 2000..]);
    assert!(text.trim_end().ends_with("stopped"), "{}", &text[text.len() - 2000..]);
}

#[test]
fn in_the_journal_a_line_has_a_priority_and_no_time() {
    let home = Home::new();
    let (reader, stderr) = UnixStream::pair().unwrap();
    let stderr = File::from(OwnedFd::from(stderr));
    let found = stderr.metadata().unwrap();
    let stream = format!("{}:{}", found.dev(), found.ino());
    let args = [&HEADLESS[..], &["--password-file", "password"]].concat();
    std::fs::write(home.path().join("password"), "sesame\n").unwrap();
    let program = Program::start_with(SERVER, &home, &args, |command| {
        command.env("JOURNAL_STREAM", &stream).stderr(stderr).current_dir(home.path())
    });
    let addr: SocketAddr = program.listening().parse().unwrap();
    for lines in ["PASS sesame\nHELLO ann\nBYE\n", "PASS guess\nHELLO ben\n"] {
        let mut peer = Peer::in_plain_text(addr);
        peer.send(lines);
        peer.skip_to_end();
    }
    std::fs::remove_file(home.path().join("password")).unwrap();
    program.signal("HUP");
    let reader = lines(reader);
    for (start, end) in [
        ("<6>server started, listening on 127.0.0.1:", ""),
        ("<6>ann (127.0.0.1:", " #1) joined"),
        ("<6>ann (127.0.0.1:", " #1) left: said goodbye"),
        ("<4>ben (127.0.0.1:", " #2) was refused: wrong password"),
        ("<3>settings not changed", ""),
    ] {
        let line = reader.recv_timeout(DEADLINE).unwrap();
        assert!(line.starts_with(start) && line.ends_with(end), "{line}");
    }
}

#[test]
fn who_knocks_a_thousand_times_does_not_fill_the_disk_with_the_log() {
    let home = Home::new();
    let mut program = Program::start(SERVER, &home, &HEADLESS);
    let addr = program.listening();
    for _ in 0..1100 {
        let mut rude = Peer::in_plain_text(addr.parse().unwrap());
        rude.send("NONSENSE\n");
        rude.skip_to_end();
    }
    // Another kind of line is not left out for that.
    Peer::in_plain_text(addr.parse().unwrap()).join("ann");
    program.terminate();
    let lines = program.complaints();
    assert_eq!(program.ended().code(), Some(0));
    let refused = lines.iter().filter(|line| line.contains("was refused: not a chat program")).count();
    assert_eq!(refused, 1000);
    assert!(
        lines
            .iter()
            .any(|line| line.contains("100 more lines of the kind INFO multichat::server::rejected were left out")),
        "{:#?}",
        lines.last()
    );
    assert!(lines.iter().any(|line| tells(line, "ann", "joined")));
}
