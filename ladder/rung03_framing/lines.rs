//! Framing: cuts a stream of bytes into lines, in bounded memory. The rungs above use this file, too.

use std::io::{self, ErrorKind, Read};
use std::mem;

/// Maximum length of a line in bytes, with its line feed.
pub(crate) const LINE_MAX: usize = 4096;

/// The lines that come from a socket, `Lines<&TcpStream>`, or from anything else that is read.
pub(crate) struct Lines<R> {
    source: R,
    /// What has come, and was not returned yet.
    bytes: Vec<u8>,
    /// The bytes that come belong to a line that was too long.
    skipping: bool,
}

/// What stood between two line feeds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line, without its line end.
    Text(String),
    /// A line that is longer than [`LINE_MAX`]. It is reported once, before its end has come, and kept nowhere.
    TooLong,
    /// A line that is not UTF-8.
    NotUtf8,
}

impl<R: Read> Lines<R> {
    /// Creates the reader of a source. Nothing else may read that source.
    pub(crate) fn new(source: R) -> Lines<R> {
        Lines { source, bytes: Vec::new(), skipping: false }
    }

    /// Waits for the next line. Returns `None` at the end of the stream; a last line without a line feed is dropped.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<Line>> {
        loop {
            if let Some(line) = self.cut() {
                return Ok(Some(line));
            }
            let mut piece = [0; LINE_MAX];
            match self.source.read(&mut piece) {
                Ok(0) => return Ok(None),
                Ok(count) => self.bytes.extend_from_slice(&piece[..count]),
                // A read with a timeout is interrupted where the process is suspended and resumed (Ctrl-Z, fg).
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Cuts the next line off the bytes that have come, if there is a whole one.
    fn cut(&mut self) -> Option<Line> {
        loop {
            let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') else {
                // The line feed is still to come, and with it the line would be longer than that.
                if !self.skipping && self.bytes.len() < LINE_MAX {
                    return None;
                }
                self.bytes.clear();
                return (!mem::replace(&mut self.skipping, true)).then_some(Line::TooLong);
            };
            let mut line: Vec<u8> = self.bytes.drain(..=end).collect();
            if mem::take(&mut self.skipping) {
                // This is the end of a line that was reported.
                continue;
            }
            if line.len() > LINE_MAX {
                return Some(Line::TooLong);
            }
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Some(String::from_utf8(line).map_or(Line::NotUtf8, Line::Text));
        }
    }
}
