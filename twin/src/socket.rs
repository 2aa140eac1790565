//! What both twins of rung 8 share: its words, from the ladder itself, and its framing, which needs no thread.

use std::io::{self, ErrorKind, Read};

use tokio::net::TcpStream;

#[path = "../../ladder/rung05_broadcast/words.rs"]
mod words;

pub(crate) use words::{Line, Said, hello, said};

/// Queued lines for one client in bytes. A client for which more would wait is disconnected.
pub(crate) const QUEUE_MAX: usize = 1 << 20;

/// The lines that come from a socket.
pub(crate) struct Lines<'a>(words::Lines<Source<'a>>);

/// A socket that is read without waiting.
struct Source<'a>(&'a TcpStream);

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl<'a> Lines<'a> {
    /// Creates the reader of a socket.
    pub(crate) fn new(socket: &'a TcpStream) -> Lines<'a> {
        Lines(words::Lines::new(Source(socket)))
    }

    /// Waits for the next line. Returns `None` at the end of the stream.
    ///
    /// The framing of rung 3 knows nothing of tasks. It is asked again whenever there is something to read.
    ///
    /// # Errors
    /// The connection has ended in another way than by its end.
    pub(crate) async fn next_line(&mut self, socket: &TcpStream) -> io::Result<Option<Line>> {
        loop {
            match self.0.next_line() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => socket.readable().await?,
                other => return other,
            }
        }
    }
}

/// Writes all bytes. Where the socket is full, the task waits, and its thread serves others.
///
/// # Errors
/// The connection has ended.
pub(crate) async fn write_all(socket: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => socket.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
