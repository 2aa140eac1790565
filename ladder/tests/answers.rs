//! The answers in the READMEs that are not transcripts: what they say is asked here.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use ladder::peer::Peer;
use ladder::program::{Launch, PATIENCE, free_port};
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

#[test]
fn rung_0_a_server_that_closes_is_an_end_and_one_that_breaks_off_is_an_error() {
    let mut stage = stage("rung00_talk_solution");
    stage.accept("the server").unwrap().hang_up();
    assert!(stage.program().expect_exit(PATIENCE).unwrap().success());
    let server = stage.accept("the server").unwrap();
    stage.program().type_line("this will not be read").unwrap();
    server.break_off().unwrap();
    assert!(!stage.program().expect_exit(PATIENCE).unwrap().success());
    let program = stage.program();
    eventually("the error is on standard error", || program.stderr().contains("ConnectionReset"));
}

#[test]
fn rung_0_a_scope_waits_for_the_keyboard_although_the_server_has_closed() {
    let (keyboard, mut typing) = io::pipe().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    // Accepted and closed.
    drop(listener.accept().unwrap());
    let talk = thread::spawn(move || {
        thread::scope(|scope| {
            scope.spawn(|| io::copy(&mut { keyboard }, &mut &socket));
            io::copy(&mut &socket, &mut io::sink())
        })
    });
    thread::sleep(Duration::from_millis(300));
    assert!(!talk.is_finished());
    // Enter, until it notices.
    eventually("it ends", || {
        // It fails when the thread is gone, and with it the other end of the pipe.
        let _ = typing.write_all(b"\n");
        talk.is_finished()
    });
}

/// Sends half a line and then Ctrl-D, which is answered by an echo or not. The stage has to live as long as the peer.
fn half_a_line(program: &str) -> (Stage, Peer) {
    let mut stage = stage(program);
    let mut ann = stage.connect("ann").unwrap();
    ann.send("half a line").unwrap();
    ann.end_sending();
    (stage, ann)
}

#[test]
fn rungs_1_and_2_make_a_line_of_half_a_line_and_rung_3_drops_it() {
    for program in ["rung01_echo_solution", "rung02_threads_solution"] {
        let (_stage, mut ann) = half_a_line(program);
        ann.expect("half a line").unwrap();
        ann.expect_end().unwrap();
    }
    let (_stage, mut ann) = half_a_line("rung03_framing_solution");
    ann.expect_end().unwrap();
}

#[test]
fn rung_2_a_panic_is_told_with_the_name_of_its_thread() {
    let mut stage = stage("rung02_threads_solution");
    let mut ann = stage.connect("ann").unwrap();
    ann.send("panic\n").unwrap();
    ann.expect_end().unwrap();
    let program = stage.program();
    eventually("the panic is on standard error", || program.stderr().contains("'client #1'"));
}

/// Only Linux tells the number of threads.
#[cfg(target_os = "linux")]
#[test]
fn rung_2_has_a_thread_for_each_client_and_one_that_accepts() {
    let mut stage = stage("rung02_threads_solution");
    let (mut ann, mut ben) = (stage.connect("ann").unwrap(), stage.connect("ben").unwrap());
    for peer in [&mut ann, &mut ben] {
        peer.send("hello\n").unwrap();
        peer.expect("hello").unwrap();
    }
    assert_eq!(stage.program().threads(), Some(3));
    // A tick of the clock is a hundredth of a second.
    let before = processor_ticks(stage.program().id());
    ann.expect_nothing(Duration::from_millis(500)).unwrap();
    assert_eq!(processor_ticks(stage.program().id()), before, "somebody works, although nobody talks");
}

/// Only Linux tells the memory of another process.
#[cfg(target_os = "linux")]
#[test]
fn rung_2_a_silent_client_costs_some_kibibytes() {
    const CLIENTS: u64 = 200;
    let mut stage = stage("rung02_threads_solution");
    let mut first = stage.connect("the first").unwrap();
    first.send("hello\n").unwrap();
    first.expect("hello").unwrap();
    let before = stage.program().memory().unwrap();
    let clients: Vec<_> = (0..CLIENTS).map(|number| stage.connect(&format!("client {number}")).unwrap()).collect();
    let program = stage.program();
    eventually("each has its thread", || program.threads() == Some(CLIENTS + 2));
    let each = (program.memory().unwrap() - before) / CLIENTS;
    assert!((8 << 10..32 << 10).contains(&each), "{each} bytes for a client");
    drop(clients);
}

/// Returns the processor time of a process: the 14th and 15th number of its stat, behind the name in brackets.
#[cfg(target_os = "linux")]
fn processor_ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let numbers = stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
    numbers.map(|number| number.parse::<u64>().unwrap()).sum()
}

#[cfg(unix)]
#[test]
fn rung_2_without_file_descriptors_the_last_clients_wait_until_others_leave() {
    let args = ["-c", "ulimit -n 20; exec \"$0\" \"$1\""].map(Into::into).into_iter();
    let args = args.chain([built("rung02_threads_solution").into()]).collect();
    let mut stage = Stage::new(&Launch { program: "sh".into(), args });
    let mut first = stage.connect("the first").unwrap();
    let mut others: Vec<_> = (0..30).map(|number| stage.connect(&format!("client {number}")).unwrap()).collect();
    for peer in &mut others {
        peer.send("is anybody there?\n").unwrap();
    }
    others[0].expect("is anybody there?").unwrap();
    stage.program().expect_output("cannot serve another client now").unwrap();
    let mut last = others.pop().unwrap();
    last.expect_nothing(Duration::from_millis(300)).unwrap();
    // Those who are in are not disturbed.
    first.send("still here\n").unwrap();
    first.expect("still here").unwrap();
    drop(others);
    last.expect("is anybody there?").unwrap();
}

/// Only Linux tells the memory of another process.
#[cfg(target_os = "linux")]
#[test]
fn rung_2_keeps_all_of_a_line_that_does_not_end() {
    const SENT: u64 = 64 << 20;
    let mut stage = stage("rung02_threads_solution");
    let mut ann = stage.connect("ann").unwrap();
    ann.send("hello\n").unwrap();
    ann.expect("hello").unwrap();
    let before = stage.program().memory().unwrap();
    let megabyte = vec![b'x'; 1 << 20];
    for _ in 0..SENT >> 20 {
        ann.send(&megabyte).unwrap();
    }
    let program = stage.program();
    eventually("the server has it all", || program.memory().unwrap() - before > SENT);
    assert!(program.memory().unwrap() - before < 2 * SENT + (4 << 20), "{} bytes", program.memory().unwrap() - before);
}

#[test]
fn rung_4_with_one_lock_nobody_shares_a_name_and_with_two_somebody_does() {
    let output = Command::new(built("rung04_two_locks")).output().unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    let both = |title: &str| -> usize {
        let line = report.lines().find(|line| line.starts_with(title)).unwrap();
        line.split(" in ").last().unwrap().split(' ').next().unwrap().parse().unwrap()
    };
    assert!(both("two locks, and a millisecond") > 0, "{report}");
    assert_eq!(both("one lock"), 0, "{report}");
}

#[test]
fn rung_4_a_guard_without_a_name_lives_to_the_end_of_its_statement() {
    let room = Mutex::new(vec!["ann"]);
    // In the place of a write to a socket. A lock that this thread holds cannot be taken, by itself neither.
    let is_free = || room.try_lock().is_ok();
    for _ in room.lock().unwrap().iter() {
        assert!(!is_free(), "a: for");
    }
    match room.lock().unwrap().len() {
        0 => unreachable!(),
        _ => assert!(!is_free(), "b: match"),
    }
    let send = |_: usize| assert!(!is_free(), "an argument");
    send(room.lock().unwrap().len());
    if let Some(&"ben") = room.lock().unwrap().first() {
        unreachable!();
    } else {
        assert!(is_free(), "else");
    }
    if let Some(name) = room.lock().unwrap().first() {
        assert!(!is_free(), "if let: {name}");
    }
    let count = room.lock().unwrap().len();
    assert!(is_free(), "c: {count}");
}
