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
//! happens to Dora, who wants to join now? And what when Carl hangs up?
//!
//! **Try** `sysctl net.ipv4.tcp_wmem net.ipv4.tcp_rmem` (Linux): the last numbers are how large the buffers of a sender
//! and of a receiver may grow, and their sum is close to what you measured. While it is frozen, look where the threads
//! are: `cat /proc/$(pgrep rung05)/task/*/wchan`.
//!
//! **What breaks:** rung 4: one stalled reader freezes the room for everybody.
//!
//! **Rung 6 mends it**, and is measured with this program.
//!
//! **The real program** is held to the same by `tests/server_slow_readers.rs` and by `stall` in `examples/load`.

use std::env;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

#[path = "rung04_broadcast.rs"]
#[allow(dead_code, reason = "its own main is not needed here")]
mod rung04;

/// A line that takes longer than this is taken for one that does not come.
const FROZEN: Duration = Duration::from_secs(5);
/// With its verb and name it is just below what a line may have.
const TEXT_BYTES: usize = 4000;
/// More than the kernel keeps for one connection: 64 MB in all.
const LINES: usize = 16_000;

/// Somebody who is here: a socket to write to, and lines to read.
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
        let Some(wait) = wait_of(&mut ann, &mut ben, number)? else {
            return Err(io::Error::other("it does not even pass on 500 lines in a row: has it a limit (--rate 0)?"));
        };
        slowest = slowest.max(wait);
    }
    println!("everybody reads: ben got 500 lines, the slowest took {slowest:?}");

    let mut carl = Peer::join(&addr, "carl")?;
    println!("carl is here, and reads nothing");
    let mut passed = 0;
    while passed < LINES {
        let Some(wait) = wait_of(&mut ann, &mut ben, passed)? else { break };
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
    let joins = Peer::connect(&addr, "dora")?.hear_until(b"HELLO dora\n")?;
    let joins = joins.map_or("no answer".into(), |_| format!("she is in after {:?}", start.elapsed()));
    println!("dora wants to join: {joins}");
    if frozen {
        drop(carl);
        let thawed = ben.hear_until(&line(passed))?;
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

/// Ann says a line; how long until Ben has it? `None`: it does not come.
fn wait_of(ann: &mut Peer, ben: &mut Peer, number: usize) -> io::Result<Option<Duration>> {
    let line = line(number);
    ann.reading.get_ref().write_all(&line)?;
    ben.hear_until(&line)
}

impl Peer {
    /// Connects and asks to join.
    fn connect(addr: &str, name: &str) -> io::Result<Peer> {
        let mut socket = TcpStream::connect(addr)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(FROZEN))?;
        socket.write_all(format!("HELLO {name}\n").as_bytes())?;
        Ok(Peer { reading: BufReader::new(socket), line: Vec::new() })
    }

    fn join(addr: &str, name: &str) -> io::Result<Peer> {
        let mut peer = Peer::connect(addr, name)?;
        match peer.hear_until(format!("HELLO {name}\n").as_bytes())? {
            Some(_) => Ok(peer),
            None => Err(io::Error::new(ErrorKind::TimedOut, format!("{name} gets no answer"))),
        }
    }

    /// Reads up to this line; how long did that take? `None`: it does not come.
    fn hear_until(&mut self, wanted: &[u8]) -> io::Result<Option<Duration>> {
        let start = Instant::now();
        loop {
            match self.reading.read_until(b'\n', &mut self.line) {
                Ok(0) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "the server has closed the connection")),
                Ok(_) if self.line == wanted => {
                    self.line.clear();
                    return Ok(Some(start.elapsed()));
                }
                Ok(_) => self.line.clear(),
                // What was read of the line so far stays, for the next time.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}
