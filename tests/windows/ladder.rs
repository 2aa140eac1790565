//! The ladder's two windows: the same flood does nothing to the one, and fills the memory of the other.

use std::io::{ErrorKind, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::support::DEADLINE;
use crate::support::desktop::{Test, Window};
use crate::support::program::{Home, Program};

/// The button "Save" of rung 12.
const SAVE: (u32, u32) = (60, 25);

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("rung 13: under a flood little waits, the talker has to, and the window can be closed", rung_13),
        ("rung 12: what nobody looks at piles up, and work in a callback makes the window deaf", rung_12),
    ]
}

/// What a rung says about itself once a second: lines shown, lines that wait, milliseconds of the longest pause.
fn report(program: &Program) -> [u64; 3] {
    let line = program.expect_output("lines shown");
    let mut numbers = line.split(' ').filter_map(|word| word.parse().ok());
    [(); 3].map(|()| numbers.next().unwrap_or_else(|| panic!("three numbers in {line:?}")))
}

fn start(name: &str, home: &Home, title: &str) -> (Program, Window, TcpStream) {
    let program = Program::example(name, home, &["127.0.0.1:0"]);
    let talker = TcpStream::connect(program.listening()).unwrap();
    talker.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    let window = Window::of(program.id(), title);
    window.place(640, 400);
    (program, window, talker)
}

fn rung_13() {
    let home = Home::new();
    let (mut program, window, mut talker) = start("rung13_window", &home, "rung 13");
    let flood = thread::spawn(move || {
        let lines = b"flood\n".repeat(10_000);
        // Six hundred megabytes, if nobody stops it.
        (0..10_000).try_for_each(|_| talker.write_all(&lines))
    });
    let first = report(&program);
    let mut last = report(&program);
    while last[1] == 0 {
        last = report(&program);
    }
    assert!(last[0] > first[0], "it shows {last:?} after {first:?}");
    let stopped = flood.join().unwrap().map_err(|error| error.kind());
    assert_eq!(stopped, Err(ErrorKind::WouldBlock), "the talker never had to wait");
    let last = report(&program);
    assert!(last[1] <= 256, "{} lines wait", last[1]);
    window.close();
    assert!(program.ended().success());
}

fn rung_12() {
    let home = Home::new();
    let (mut program, window, mut talker) = start("rung12_window_wrong", &home, "rung 12");
    talker.set_write_timeout(Some(DEADLINE)).unwrap();
    talker.write_all(&b"flood\n".repeat(200_000)).unwrap();
    while report(&program)[1] < 100_000 {}
    window.click(SAVE.0, SAVE.1);
    while report(&program)[2] < 3000 {}
    window.close();
    assert!(program.ended().success());
}
