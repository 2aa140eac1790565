//! A TLS session over a socket, for one thread that reads and one at a time that writes.
//!
//! The [parent](super) says how they get along. Of the three locks here, only the session's is ever waited for. The
//! other two hold what belongs to the reading thread and to the writing thread; each takes its own out, works on it
//! with no lock held, and puts it back.

use std::io::{self, ErrorKind, IoSlice, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use rustls::Connection;

use super::{IfFull, Sent, by, write_some};
use crate::sync::{Mutex, lock};

/// Bytes that the first read asks for. The buffer doubles whenever a read fills it, up to [`INCOMING_MAX`].
const INCOMING_START: usize = 2048;

/// Two of the largest records.
const INCOMING_MAX: usize = 32 * 1024;

/// Memory that a writer keeps for the next records; what was larger is given back when the socket has it all.
const OUTGOING_KEPT: usize = 4096;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Tls {
    session: Mutex<Connection>,
    incoming: Mutex<Incoming>,
    outgoing: Mutex<Outgoing>,
}

/// Bytes from the socket that the session has not seen: the reading thread's own.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

/// Records that the socket has not taken: the writing thread's own.
#[derive(Debug, Default)]
struct Outgoing {
    bytes: Vec<u8>,
    start: usize,
}

impl Tls {
    /// A session whose handshake is done, and what was read behind it.
    pub(crate) fn new(session: Connection, incoming: Incoming) -> Tls {
        Tls { session: Mutex::new(session), incoming: Mutex::new(incoming), outgoing: Mutex::default() }
    }

    /// Reads some text; a deadline, if there is one, holds for all the reads of the socket that this takes.
    pub(crate) fn read(&self, socket: &TcpStream, text: &mut [u8], deadline: Option<Instant>) -> io::Result<usize> {
        let mut incoming = std::mem::take(&mut *lock(&self.incoming));
        let read = self.read_with(&mut incoming, socket, text, deadline);
        *lock(&self.incoming) = incoming;
        read
    }

    fn read_with(
        &self,
        incoming: &mut Incoming,
        socket: &TcpStream,
        text: &mut [u8],
        deadline: Option<Instant>,
    ) -> io::Result<usize> {
        loop {
            if let Some(read) = self.decrypt(incoming, text)? {
                return Ok(read);
            }
            let filled = match deadline {
                None => incoming.fill(socket),
                Some(deadline) => by(deadline, socket, |socket| incoming.fill(socket)),
            };
            if filled? == 0 {
                // The end of TCP without one of TLS (close_notify): somebody on the way may have cut the stream. Since
                // every line has an end of its own, the beginning of one cannot pass for the whole.
                return Ok(0);
            }
        }
    }

    /// Makes text of what was read. `None`: there is not enough for any.
    fn decrypt(&self, incoming: &mut Incoming, text: &mut [u8]) -> io::Result<Option<usize>> {
        let mut session = lock(&self.session);
        loop {
            // Before the session gets more bytes, all its text must be taken: it has room for little more than a
            // record.
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

    /// Gives back the memory of a reader that has nothing to read.
    pub(crate) fn shrink(&self) {
        let mut incoming = lock(&self.incoming);
        if incoming.is_empty() {
            *incoming = Incoming::default();
        }
    }

    pub(crate) fn send(&self, socket: &TcpStream, pieces: &mut [IoSlice<'_>], if_full: IfFull) -> io::Result<Sent> {
        let mut outgoing = std::mem::take(&mut *lock(&self.outgoing));
        let sent = self.send_with(&mut outgoing, socket, pieces, if_full);
        *lock(&self.outgoing) = outgoing;
        sent
    }

    fn send_with(
        &self,
        outgoing: &mut Outgoing,
        socket: &TcpStream,
        mut pieces: &mut [IoSlice<'_>],
        if_full: IfFull,
    ) -> io::Result<Sent> {
        let mut sent = Sent::default();
        loop {
            outgoing.write(socket, if_full, &mut sent)?;
            if sent.left || pieces.iter().all(|piece| piece.is_empty()) {
                return Ok(sent);
            }
            let taken = {
                let mut session = lock(&self.session);
                // It has room for 64 KiB, and takes no more than that.
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
    }

    pub(crate) fn end(&self, socket: &TcpStream) -> io::Result<()> {
        let mut outgoing = std::mem::take(&mut *lock(&self.outgoing));
        {
            let mut session = lock(&self.session);
            session.send_close_notify();
            outgoing.collect(&mut session)?;
        }
        let written = outgoing.write(socket, IfFull::Leave, &mut Sent::default());
        *lock(&self.outgoing) = outgoing;
        written
    }
}

impl Incoming {
    /// Everything that was read is in the session.
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Reads into an empty buffer; 0 is the end of the stream.
    pub(crate) fn fill(&mut self, mut socket: &TcpStream) -> io::Result<usize> {
        debug_assert!(self.is_empty());
        if self.end == self.bytes.len() {
            let size = (self.bytes.len() * 2).clamp(INCOMING_START, INCOMING_MAX);
            self.bytes.resize(size, 0);
        }
        (self.start, self.end) = (0, 0);
        self.end = socket.read(&mut self.bytes)?;
        Ok(self.end)
    }

    /// What was read and is not in the session yet.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Returns whether this cannot be the beginning of a TLS record, whose first byte is a content type (RFC 8446, section
    /// 5.1, and 24 for RFC 6520).
    pub(crate) fn is_text(&self) -> bool {
        self.rest().first().is_some_and(|byte| !(20..=24).contains(byte))
    }

    /// Gives the session as many bytes as it takes at once.
    pub(crate) fn feed(&mut self, session: &mut Connection) -> Result<(), rustls::Error> {
        let mut unread = self.rest();
        // Reading from memory cannot fail, and the session has room.
        let taken = session.read_tls(&mut unread).map_err(|error| rustls::Error::General(error.to_string()))?;
        if taken == 0 {
            // Bytes behind its end of the stream: nobody wants them.
            self.start = self.end;
        }
        self.start += taken;
        session.process_new_packets().map(|_| ())
    }
}

impl Outgoing {
    /// Takes what the session wants to have written.
    fn collect(&mut self, session: &mut Connection) -> io::Result<()> {
        while session.wants_write() {
            session.write_tls(&mut self.bytes)?;
        }
        Ok(())
    }

    /// One write; what the socket did not take is left.
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
