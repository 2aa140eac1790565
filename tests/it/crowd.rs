//! The runner of the window tests: what fails among others runs once more, and what hangs is killed.

#![cfg(unix)]
// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;
use std::{fs, thread};

use crossbeam_channel::bounded;

use crate::support::crowd::{run, run_within};
use crate::support::program::Home;
use crate::support::{DEADLINE, eventually};

/// Runs tests of which `fails(name, time)` fails. Returns those that have failed, and what was printed.
fn run_with(
    names: &[&str],
    at_a_time: usize,
    fails: impl Fn(&str, usize) -> bool + Sync,
) -> (Vec<String>, Vec<String>) {
    let (times, printed) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let test = |name: &str| {
        let mut times = times.lock().unwrap();
        times.push(name.to_owned());
        let time = times.iter().filter(|other| *other == name).count();
        if fails(name, time) { Err(format!("failure {time}")) } else { Ok(()) }
    };
    let failed = run(names, at_a_time, test, |line| printed.lock().unwrap().push(line));
    let mut printed = printed.into_inner().unwrap();
    printed.sort();
    (failed.into_iter().map(str::to_owned).collect(), printed)
}

#[test]
fn a_test_that_fails_among_others_only_is_named_with_its_failure_and_the_run_passes() {
    let (failed, printed) = run_with(&["a", "b"], 4, |name, time| name == "b" && time == 1);
    assert_eq!(failed, [""; 0]);
    let again = "PASSED ALONE ONLY: b\nits failure among the others was:\nfailure 1";
    assert_eq!(printed, [again, "test a ... ok", "test b ... FAILED\nfailure 1"]);
}

#[test]
fn a_test_that_fails_alone_too_fails_the_run() {
    let (failed, printed) = run_with(&["a", "b"], 2, |name, _| name == "a");
    assert_eq!(failed, ["a"]);
    let again = "test a ... FAILED alone, too\nfailure 2";
    assert_eq!(printed, ["test a ... FAILED\nfailure 1", again, "test b ... ok"]);
}

#[test]
fn where_many_fail_none_is_repeated() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let (mut failed, _) = run_with(&names, 2, |_, time| time == 1);
    failed.sort();
    assert_eq!(failed, names);
    assert_eq!(run_with(&names[1..], 2, |_, time| time == 1).0, [""; 0]);
}

#[test]
fn a_test_that_hangs_is_killed_with_what_it_has_started() {
    let home = Home::new();
    let fifo = home.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    // Longer each time that this is not enough for a busy machine.
    let mut limit = Duration::from_millis(50);
    let ended = eventually("it has begun", || {
        limit *= 2;
        let (end, ended) = bounded(1);
        let pipe = fifo.clone();
        thread::spawn(move || end.send(fs::read(pipe)));
        let script = format!("exec 3>{}; echo begun; echo wrong >&2; sleep 1000 & wait", fifo.display());
        let output = run_within(limit, Command::new("sh").args(["-c", &script])).unwrap_err();
        let killed = format!("killed, because it has not ended within {limit:?}");
        if output == format!("begun\nwrong\n{killed}") { Ok(ended) } else { Err(output) }
    });
    // The inner process has the pipe open, too.
    ended.recv_timeout(DEADLINE).unwrap().unwrap();
}

#[test]
fn what_a_test_has_written_is_told_if_it_fails() {
    let output = run_within(DEADLINE, Command::new("sh").args(["-c", "echo why; exit 3"])).unwrap_err();
    assert_eq!(output, "why\nexit status: 3");
    run_within(DEADLINE, Command::new("sh").args(["-c", "echo fine"])).unwrap();
}
