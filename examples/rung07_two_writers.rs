//! Rung 7: two threads write to one socket, and their bytes mix. The rule that forbids it.
//!
//! **You learn** that a stream has no messages in it, only bytes. `write_all` is a *loop*: a socket that is nearly full
//! takes the first half of a line, and before there is room for the second half another thread's write gets in. The
//! rule: **one writer at a time, and it keeps the socket until its line is out.**
//!
//! **Run it** alone: it writes to itself and counts. Or give it an address, and look with your own eyes:
//!
//! ```text
//! 1$ cargo run --example rung07_two_writers
//! 1$ cargo run --example rung07_two_writers -- 127.0.0.1:5555        then, in terminal 2:
//! 2$ nc 127.0.0.1 5555 | tr -s ab | sort | uniq -c            (tr -s ab leaves one letter of each run)
//! ```
//!
//! **Predict before you run.** One thread writes lines of `a`, the other lines of `b`, 64 KiB each. How many of the 400
//! lines have both letters in them? And if the lines had 100 bytes?
//!
//! **Try** just that: set `LINE_BYTES` to 100. Not one is mixed, probably: the kernel takes a short line as a whole,
//! nearly always. Would you ship it? A test with short lines and quick readers never finds this.
//!
//! **What breaks:** the reader gets lines that no thread wrote: `MSG ann I owe MSG ben hello`. With a lock around each
//! write nothing mixes; but then a thread that waits for that lock waits for the reader, which is rung 5 again.
//!
//! **Rung 6 mends it**: the flag `writing` is this rule, without the wait. **The real program** has it in
//! `src/server/delivery/outbox.rs` (the claim), and `tests/it/server_slow_readers.rs` looks for torn lines.

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::thread;

const LINE_BYTES: usize = 64 * 1024;
/// For each of the two writers.
const LINES: usize = 200;

fn main() -> io::Result<()> {
    let addr = env::args().nth(1);
    let listener = TcpListener::bind(addr.as_deref().unwrap_or("127.0.0.1:0"))?;
    println!("listening on {}", listener.local_addr()?);
    if addr.is_some() {
        // For an nc: without the rule.
        loop {
            two_writers(&listener.accept()?.0, None);
        }
    }
    for (title, rule) in [("two writers", None), ("two writers, one at a time", Some(Mutex::new(())))] {
        let reading = TcpStream::connect(listener.local_addr()?)?;
        let (writing, _) = listener.accept()?;
        let mixed = thread::scope(|scope| {
            scope.spawn(|| {
                two_writers(&writing, rule.as_ref());
                writing.shutdown(std::net::Shutdown::Write)
            });
            count_mixed(&reading)
        })?;
        println!("{title}: {mixed} of {} lines are mixed", 2 * LINES);
    }
    Ok(())
}

/// Two threads write their lines to one socket: with the rule, each holds the lock for a whole line.
fn two_writers(socket: &TcpStream, rule: Option<&Mutex<()>>) {
    let write_lines = |letter: &str| {
        let line = letter.repeat(LINE_BYTES) + "\n";
        for _ in 0..LINES {
            let _guard = rule.map(|lock| lock.lock().unwrap_or_else(PoisonError::into_inner));
            if let Err(error) = { socket }.write_all(line.as_bytes()) {
                return println!("the reader is gone: {error}");
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| write_lines("a"));
        scope.spawn(|| write_lines("b"));
    });
}

/// Reads to the end, and counts the lines that neither writer wrote.
fn count_mixed(socket: &TcpStream) -> io::Result<usize> {
    let (mut reading, mut line, mut mixed) = (BufReader::new(socket), Vec::new(), 0);
    while reading.read_until(b'\n', &mut line)? > 0 {
        let whole = line.len() == LINE_BYTES + 1 && line[..LINE_BYTES].iter().all(|byte| *byte == line[0]);
        mixed += usize::from(!whole);
        line.clear();
    }
    Ok(mixed)
}
