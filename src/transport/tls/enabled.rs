//! A TLS session over a socket, for one reading thread and one writing thread at a time.
//!
//! The [parent](super) describes the protocol between them. Of the three locks here, only that of the session is ever contended.
//! The other two hold the buffer of the reading thread and that of the writing thread. Each thread takes its buffer out, works on
//! it without a lock, and puts it back. The session is locked while no other lock is held, and never during a system call.

use std::io::{self, ErrorKind, IoSlice, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use rustls::Connection;

use super::{IfFull, Sent, raw, read_by, write_some};
use crate::sync::{Mutex, lock};

/// Size of the first read buffer in bytes. It doubles whenever a read fills it, up to [`INCOMING_MAX`].
const INCOMING_START: usize = 2048;

/// Maximum size of the read buffer in bytes: two of the largest records.
const INCOMING_MAX: usize = 32 * 1024;

/// Size in bytes of the write buffer that is kept for the next records. A larger one is released once it is empty.
const OUTGOING_KEPT: usize = 4096;

/// A TLS session; see the [module](self).
#[derive(Debug)]
pub(crate) struct Tls {
    session: Mutex<Connection>,
    incoming: Mutex<Incoming>,
    outgoing: Mutex<Outgoing>,
}

/// Bytes read from the socket that the session has not processed. Owned by the reading thread.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

/// Records that the socket has not accepted. Owned by the writing thread.
#[derive(Debug, Default)]
struct Outgoing {
    bytes: Vec<u8>,
    start: usize,
}

impl Tls {
    /// Creates a session whose handshake is complete. `incoming` holds the bytes that were read after it.
    pub(crate) fn new(session: Connection, incoming: Incoming) -> Tls {
        Tls { session: Mutex::new(session), incoming: Mutex::new(incoming), outgoing: Mutex::default() }
    }

    /// Reads some text. The deadline, if there is one, holds for all reads of the socket together.
    pub(crate) fn read(&self, socket: &TcpStream, text: &mut [u8], deadline: Option<Instant>) -> io::Result<usize> {
        with(&self.incoming, |incoming| {
            loop {
                if let Some(read) = self.decrypt(incoming, text)? {
                    return Ok(read);
                }
                let filled = match deadline {
                    None => incoming.fill(socket),
                    Some(deadline) => read_by(deadline, socket, |socket| incoming.fill(socket)),
                };
                if filled? == 0 {
                    // End of file without `close_notify`: an attacker on the path may have truncated the stream. That is
                    // harmless, because every line has its own terminator and a partial line is never acted upon.
                    return Ok(0);
                }
            }
        })
    }

    /// Decrypts some text. Returns `None` if more bytes from the socket are needed.
    fn decrypt(&self, incoming: &mut Incoming, text: &mut [u8]) -> io::Result<Option<usize>> {
        let mut session = lock(&self.session);
        loop {
            // All decrypted text must be taken before the session gets more bytes: it has room for little more than a record.
            match session.reader().read(text) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => return read.map(Some),
            }
            if incoming.is_empty() {
                return Ok(None);
            }
            incoming.feed(&mut session).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        }
    }

    /// Returns whether the read buffer is larger than a new one.
    pub(crate) fn has_grown(&self) -> bool {
        lock(&self.incoming).bytes.len() > INCOMING_START
    }

    /// Releases the read buffer if it is empty.
    pub(crate) fn shrink(&self) {
        let mut incoming = lock(&self.incoming);
        if incoming.is_empty() {
            *incoming = Incoming::default();
        }
    }

    pub(crate) fn send(&self, socket: &TcpStream, mut pieces: &mut [IoSlice<'_>], if_full: IfFull) -> io::Result<Sent> {
        with(&self.outgoing, |outgoing| {
            let mut sent = Sent::default();
            loop {
                outgoing.write(socket, if_full, &mut sent)?;
                if sent.left || pieces.iter().all(|piece| piece.is_empty()) {
                    return Ok(sent);
                }
                let taken = {
                    let mut session = lock(&self.session);
                    // The session takes at most 64 KiB, which bounds the time for which it is locked.
                    let taken = session.writer().write_vectored(pieces)?;
                    outgoing.collect(&mut session)?;
                    taken
                };
                if taken == 0 {
                    return Err(ErrorKind::WriteZero.into());
                }
                sent.taken += taken;
                IoSlice::advance_slices(&mut pieces, taken);
            }
        })
    }

    pub(crate) fn end(&self, socket: &TcpStream) -> io::Result<()> {
        with(&self.outgoing, |outgoing| {
            let mut session = lock(&self.session);
            session.send_close_notify();
            outgoing.collect(&mut session)?;
            drop(session);
            outgoing.write(socket, IfFull::Leave, &mut Sent::default())
        })
    }
}

/// Takes a thread's buffer out, works on it without its lock, and puts it back.
fn with<B: Default, T>(buffer: &Mutex<B>, work: impl FnOnce(&mut B) -> T) -> T {
    let mut taken = std::mem::take(&mut *lock(buffer));
    let result = work(&mut taken);
    *lock(buffer) = taken;
    result
}

impl Incoming {
    /// Returns whether the session has processed all bytes.
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Reads from the socket into the buffer, which must be empty. Returns 0 at end of file.
    pub(crate) fn fill(&mut self, socket: &TcpStream) -> io::Result<usize> {
        debug_assert!(self.is_empty());
        if self.end == self.bytes.len() {
            let size = (self.bytes.len() * 2).clamp(INCOMING_START, INCOMING_MAX);
            self.bytes.resize(size, 0);
        }
        (self.start, self.end) = (0, 0);
        self.end = raw::read(socket, &mut self.bytes)?;
        Ok(self.end)
    }

    /// Returns the bytes that the session has not processed.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Returns whether the bytes cannot be the beginning of a TLS record. The first byte of a record is a content type (RFC 8446,
    /// section 5.1, and 24 for RFC 6520).
    pub(crate) fn is_text(&self) -> bool {
        self.rest().first().is_some_and(|byte| !(20..=24).contains(byte))
    }

    /// Passes bytes to the session, as many as it takes at once, and processes them.
    pub(crate) fn feed(&mut self, session: &mut Connection) -> Result<(), rustls::Error> {
        let mut unread = self.rest();
        // Reading from memory cannot fail, and the session has room.
        let taken = session.read_tls(&mut unread).map_err(|error| rustls::Error::General(error.to_string()))?;
        if taken == 0 {
            // Bytes after `close_notify` are discarded.
            self.start = self.end;
        }
        self.start += taken;
        session.process_new_packets().map(|_| ())
    }
}

impl Outgoing {
    /// Moves the records that the session wants to send into the buffer.
    fn collect(&mut self, session: &mut Connection) -> io::Result<()> {
        while session.wants_write() {
            session.write_tls(&mut self.bytes)?;
        }
        Ok(())
    }

    /// Performs one write. Bytes that the socket does not accept stay in the buffer.
    fn write(&mut self, socket: &TcpStream, if_full: IfFull, sent: &mut Sent) -> io::Result<()> {
        if self.start == self.bytes.len() {
            return Ok(());
        }
        let written = write_some(socket, &[IoSlice::new(&self.bytes[self.start..])], if_full)?;
        self.start += written;
        sent.moved |= written > 0;
        sent.left = self.start < self.bytes.len();
        if !sent.left {
            self.start = 0;
            self.bytes.clear();
            self.bytes.shrink_to(OUTGOING_KEPT);
        }
        Ok(())
    }
}

#[cfg(test)]
impl Tls {
    pub(crate) fn incoming_memory(&self) -> usize {
        lock(&self.incoming).bytes.capacity()
    }

    pub(crate) fn refresh_keys(&self) {
        lock(&self.session).refresh_traffic_keys().unwrap();
    }
}
