//! Rung 5: what one stalled reader does to rung 4, measured.
//!
//! **You learn** to measure before you believe. Ann speaks, Ben listens, and Carl is connected but reads nothing: a
//! laptop that was closed, a program that hangs, a bad network. How long does each of Ann's lines take to reach *Ben*?
//!
//! **Run it** alone: it starts rung 4's server inside itself. Or give it the address of any server that knows HELLO and
//! MSG:
//!
//! ```text
//! 1$ cargo run --example rung05_stall
//! 1$ cargo run --example rung06_outbox                          then, in terminal 2:
//! 2$ cargo run --example rung05_stall -- 127.0.0.1:5555
//! 1$ cargo run --bin server -- --rate 0 --no-history            or the real one, in the place of rung 6
//! ```
//!
//! **Predict before you run.** After how many megabytes does Ben hear nothing more? Who makes room for those? What
//! happens to Dora, who wants to join now? And what when Carl disconnects?
//!
//! **Try** `sysctl net.ipv4.tcp_wmem net.ipv4.tcp_rmem` (Linux): the last numbers are how large the buffers of a sender
//! and of a receiver may grow, and their sum is close to what you measured. While it is frozen, look where the threads
//! are: `cat /proc/$(pgrep rung05)/task/*/wchan`.
//!
//! **What breaks:** rung 4: one stalled reader freezes the room for everybody.
//!
//! **Rung 6 mends it**, and is measured with this program.
//!
//! **The real program** is held to the same by `tests/it/server_slow_readers.rs` and by `stall` in `examples/load`.

use std::env;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

#[path = "rung04_broadcast.rs"]
#[allow(dead_code, reason = "its own main is not needed here")]
mod rung04;

/// Timeout: a line that takes longer counts as not delivered.
const FROZEN: Duration = Duration::from_secs(5);
/// With verb and name just below the maximum length of a line.
const TEXT_BYTES: usize = 4000;
/// More than the kernel buffers for one connection: 64 MB in all.
const LINES: usize = 16_000;

/// A client of the measured server: a socket to write to, and lines to read.
struct Peer {
    reading: BufReader<TcpStream>,
    line: Vec<u8>,
}

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).map_or_else(start_rung_4, Ok)?;
    println!("measuring the server at {addr}");
    let (mut ann, mut ben) = (Peer::join(&addr, "ann")?, Peer::join(&addr, "ben")?);

    let mut slowest = Duration::ZERO;
    for number in 0..500 {
        let Some(wait) = delay_of(&mut ann, &mut ben, number)? else {
            return Err(io::Error::other(
                "it does not relay 500 lines in a row: start it without a rate limit (--rate 0)",
            ));
        };
        slowest = slowest.max(wait);
    }
    println!("everybody reads: ben got 500 lines, the slowest took {slowest:?}");

    let mut carl = Peer::join(&addr, "carl")?;
    println!("carl is here, and reads nothing");
    let mut passed = 0;
    while passed < LINES {
        let Some(wait) = delay_of(&mut ann, &mut ben, passed)? else { break };
        slowest = slowest.max(wait);
        passed += 1;
    }
    println!("ben got {passed} more, {} MB; the slowest of all took {slowest:?}", passed * TEXT_BYTES / 1_000_000);
    let frozen = passed < LINES;
    println!(
        "{}",
        if frozen { "FROZEN: the next does not come" } else { "NOT FROZEN: carl makes no difference to ben" }
    );

    let start = Instant::now();
    let joins = Peer::connect(&addr, "dora")?.read_until_line(b"HELLO dora\n")?;
    let joins = joins.map_or("no answer".into(), |_| format!("she is in after {:?}", start.elapsed()));
    println!("dora wants to join: {joins}");
    if frozen {
        drop(carl);
        let thawed = ben.read_until_line(&line(passed))?;
        println!("carl hangs up: {}", if thawed.is_some() { "ben gets the line after all" } else { "still nothing" });
    } else {
        match io::copy(&mut carl.reading, &mut io::sink()) {
            Ok(bytes) => println!("carl reads again: {} MB, and then the end: he was sent away", bytes / 1_000_000),
            Err(error) => println!("carl reads again: {error}"),
        }
    }
    Ok(())
}

fn start_rung_4() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?;
    thread::spawn(move || rung04::serve(&listener));
    Ok(addr.to_string())
}

fn line(number: usize) -> Vec<u8> {
    format!("MSG ann {number:0TEXT_BYTES$}\n").into_bytes()
}

/// Ann sends a line; returns how long it takes to reach Ben, or `None` if it does not come.
fn delay_of(ann: &mut Peer, ben: &mut Peer, number: usize) -> io::Result<Option<Duration>> {
    let line = line(number);
    ann.reading.get_ref().write_all(&line)?;
    ben.read_until_line(&line)
}

impl Peer {
    /// Connects and sends HELLO.
    fn connect(addr: &str, name: &str) -> io::Result<Peer> {
        let mut socket = TcpStream::connect(addr)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(FROZEN))?;
        socket.write_all(format!("HELLO {name}\n").as_bytes())?;
        Ok(Peer { reading: BufReader::new(socket), line: Vec::new() })
    }

    fn join(addr: &str, name: &str) -> io::Result<Peer> {
        let mut peer = Peer::connect(addr, name)?;
        match peer.read_until_line(format!("HELLO {name}\n").as_bytes())? {
            Some(_) => Ok(peer),
            None => Err(io::Error::new(ErrorKind::TimedOut, format!("{name} gets no answer"))),
        }
    }

    /// Reads up to a line; returns how long that took, or `None` if the line does not come.
    fn read_until_line(&mut self, wanted: &[u8]) -> io::Result<Option<Duration>> {
        let start = Instant::now();
        loop {
            match self.reading.read_until(b'\n', &mut self.line) {
                Ok(0) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "the server has closed the connection")),
                Ok(_) if self.line == wanted => {
                    self.line.clear();
                    return Ok(Some(start.elapsed()));
                }
                Ok(_) => self.line.clear(),
                // The part of the line that was read stays in `line`, for the next call.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}
