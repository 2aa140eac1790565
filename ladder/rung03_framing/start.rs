//! Rung 3: an echo of lines that have a maximum length. `cargo climb 3` checks it.

// For as long as there are todo!()s. Then take this line away: the compiler may have something to say.
#![allow(unused)]

use std::env;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::mem;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let listener = TcpListener::bind(&addr)?;
    println!("listening on {addr}");
    loop {
        let served = listener.accept().and_then(|(socket, peer)| {
            thread::Builder::new().spawn(move || match echo(&socket) {
                Ok(()) => println!("{peer} has closed the connection"),
                Err(error) => println!("{peer} is gone: {error}"),
            })
        });
        if let Err(error) = served {
            println!("cannot serve another client now: {error}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Sends every line back, and an error for what is not a line.
fn echo(mut socket: &TcpStream) -> io::Result<()> {
    let mut lines = Lines::new(socket);
    while let Some(line) = lines.next_line()? {
        let answer = match line {
            Line::Text(text) => format!("{text}\n"),
            Line::TooLong => format!("ERR LINE_TOO_LONG a line has at most {LINE_MAX} bytes\n"),
            Line::NotUtf8 => "ERR NOT_UTF8 a line is text in UTF-8\n".into(),
        };
        socket.write_all(answer.as_bytes())?;
    }
    Ok(())
}

/// Maximum length of a line in bytes, with its line feed.
const LINE_MAX: usize = 4096;

/// The lines that come from a socket.
struct Lines<'a> {
    socket: &'a TcpStream,
    /// What has come, and was not returned yet.
    bytes: Vec<u8>,
    /// The bytes that come belong to a line that was too long.
    skipping: bool,
}

/// What stood between two line feeds.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// A line, without its line end.
    Text(String),
    /// A line that is longer than [`LINE_MAX`]. It is reported once, before its end has come, and kept nowhere.
    TooLong,
    /// A line that is not UTF-8.
    NotUtf8,
}

impl<'a> Lines<'a> {
    /// Creates the reader of a socket. Nothing else may read that socket.
    fn new(socket: &'a TcpStream) -> Lines<'a> {
        Lines { socket, bytes: Vec::new(), skipping: false }
    }

    /// Waits for the next line. Returns `None` at the end of the stream; a last line without a line feed is dropped.
    fn next_line(&mut self) -> io::Result<Option<Line>> {
        loop {
            if let Some(line) = self.cut() {
                return Ok(Some(line));
            }
            todo!("read a piece of the stream, and append it to self.bytes; Ok(None) at the end of the stream")
        }
    }

    /// Cuts the next line off the bytes that have come, if there is a whole one.
    fn cut(&mut self) -> Option<Line> {
        loop {
            let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') else {
                todo!("no line feed yet: wait for more, or report a line that is too long already")
            };
            let mut line: Vec<u8> = self.bytes.drain(..=end).collect();
            todo!("leave out the end of a reported line; check the length; take the line end off; decode")
        }
    }
}
