//! Rung 6, solved: measures what one stalled reader does to a server. Ann speaks, Ben listens, Carl reads nothing.

use std::env;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A line that takes longer has not come.
const FROZEN: Duration = Duration::from_secs(3);
/// With verb and name just below the maximum length of a line.
const TEXT_BYTES: usize = 4000;
/// 64 MB: more than a kernel keeps for one connection.
const LINES: usize = 16_000;

/// A client of the measured server.
struct Peer {
    reading: BufReader<TcpStream>,
    /// What has come of the next line.
    line: Vec<u8>,
}

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let (mut ann, mut ben) = (Peer::join(&addr, "ann")?, Peer::join(&addr, "ben")?);

    // First without Carl, to have something to compare with.
    let (passed, slowest) = talk(&mut ann, &mut ben, 0..500)?;
    println!("everybody reads: {passed} of 500 lines reach ben, the slowest in {slowest:?}");

    let carl = Peer::join(&addr, "carl")?;
    println!("carl is here, and reads nothing");
    let (passed, slowest) = talk(&mut ann, &mut ben, 500..500 + LINES)?;
    let (bytes, frozen) = (passed * line(0).len(), passed < LINES);
    let verdict = if frozen { "FROZEN" } else { "NOT FROZEN" };
    println!("{verdict} after {bytes} bytes; the slowest line took {slowest:?}");

    let start = Instant::now();
    match Peer::join(&addr, "dora") {
        Ok(_) => println!("dora wants to join: she is in after {:?}", start.elapsed()),
        Err(error) => println!("dora wants to join: {error}"),
    }
    if frozen {
        drop(carl);
        let thawed = ben.read_until_line(&line(500 + passed))?.is_some();
        println!("carl hangs up: {}", if thawed { "ben gets the line after all" } else { "still nothing" });
    } else {
        match io::copy(&mut { carl.reading }, &mut io::sink()) {
            Ok(bytes) => println!("carl reads again: {bytes} bytes, and then the end: he was sent away"),
            Err(error) => println!("carl reads again: {error}"),
        }
    }
    Ok(())
}

/// Ann sends each line when Ben has the one before. Returns how many reached him before one did not, and the slowest.
fn talk(ann: &mut Peer, ben: &mut Peer, numbers: std::ops::Range<usize>) -> io::Result<(usize, Duration)> {
    let (mut passed, mut slowest) = (0, Duration::ZERO);
    for number in numbers {
        let Some(delay) = delay_of(ann, ben, number)? else { break };
        slowest = slowest.max(delay);
        passed += 1;
    }
    Ok((passed, slowest))
}

/// Ann sends a line. Returns how long it takes to reach Ben, or `None` if it does not come.
fn delay_of(ann: &mut Peer, ben: &mut Peer, number: usize) -> io::Result<Option<Duration>> {
    let line = line(number);
    ann.reading.get_ref().write_all(&line)?;
    ben.read_until_line(&line)
}

/// A line with a number: which one is missing can be seen.
fn line(number: usize) -> Vec<u8> {
    format!("MSG ann {number:0TEXT_BYTES$}\n").into_bytes()
}

impl Peer {
    /// Connects, and waits for its own HELLO: the acknowledgement.
    fn join(addr: &str, name: &str) -> io::Result<Peer> {
        let mut socket = TcpStream::connect(addr)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(FROZEN))?;
        let hello = format!("HELLO {name}\n");
        socket.write_all(hello.as_bytes())?;
        let mut peer = Peer { reading: BufReader::new(socket), line: Vec::new() };
        let joined = peer.read_until_line(hello.as_bytes())?;
        joined.map(|_| peer).ok_or_else(|| io::Error::new(ErrorKind::TimedOut, format!("{name} gets no answer")))
    }

    /// Reads up to a line. Returns how long that took, or `None` if the line does not come.
    fn read_until_line(&mut self, wanted: &[u8]) -> io::Result<Option<Duration>> {
        let start = Instant::now();
        loop {
            match self.reading.read_until(b'\n', &mut self.line) {
                Ok(_) if self.line == wanted => {
                    self.line.clear();
                    return Ok(Some(start.elapsed()));
                }
                Ok(_) if self.line.ends_with(b"\n") => self.line.clear(),
                Ok(_) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "the server has closed the connection")),
                // The part of the line that has come stays in `line`, for the next call.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}
