//! A raw connection to a server: lines out, and lines in with a deadline.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::{DEADLINE, lines};

/// A connection that knows no more of the protocol than a person with `nc` does.
pub(crate) struct Raw {
    stream: TcpStream,
    answers: Receiver<String>,
}

impl Raw {
    /// Connects and joins under this name.
    pub(crate) fn join(addr: &str, name: &str) -> Raw {
        let stream = TcpStream::connect(addr).unwrap_or_else(|error| panic!("cannot connect to {addr}: {error}"));
        let mut raw = Raw { answers: lines(stream.try_clone().unwrap()), stream };
        raw.say(&format!("HELLO {name}"));
        raw.expect(&format!("HELLO {name}"));
        raw
    }

    /// Sends a line.
    pub(crate) fn say(&mut self, line: &str) {
        self.stream.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Reads lines until this one.
    pub(crate) fn expect(&self, line: &str) {
        if let Err(seen) = self.hears(line, DEADLINE) {
            panic!("expected {line:?}, got {seen:#?}");
        }
    }

    /// Reads lines until this one; the error is what came instead.
    pub(crate) fn hears(&self, line: &str, limit: Duration) -> Result<(), Vec<String>> {
        let deadline = Instant::now() + limit;
        let mut seen = Vec::new();
        loop {
            match self.answers.recv_deadline(deadline) {
                Ok(heard) if heard == line => return Ok(()),
                Ok(other) => seen.push(other),
                Err(RecvTimeoutError::Timeout) => return Err(seen),
                Err(RecvTimeoutError::Disconnected) => panic!("expected {line:?}, got the end after {seen:#?}"),
            }
        }
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // The reading thread has a handle of its own, which would keep the connection open.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}
