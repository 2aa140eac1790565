//! A TCP connection, in plain text or with TLS, behind one interface for reading and writing.
//!
//! Several threads share a [`Transport`], as they can share a `&TcpStream`: one reads, and one at a time writes. Callers do not
//! distinguish plain text from TLS, so the program has a single read path and a single write path.
//!
//! # Blocking in read while other threads write
//!
//! A TLS connection is one state machine: reading and writing share keys, counters and alerts, and no library splits it in two.
//! It needs a mutex. But a thread that held this mutex while it blocks in `read` would prevent all writes for as long as the peer
//! is silent. Therefore the mutex is never held during a system call on the socket:
//!
//! - **Reading.** The reading thread reads from the socket into a buffer that only it touches. Then it locks the session for as
//!   long as decrypting takes.
//! - **Writing.** The writing thread locks the session for as long as encrypting takes, at most 64 KiB of text at a time. Then it
//!   releases the lock and writes the records to the socket. Records must be written whole, and in the order in which they were
//!   made. The bytes that the socket does not accept therefore stay in a buffer that only the writing thread touches, and are
//!   written first at the next call. The server's outbox determines the writing thread: it is the one that holds the claim.
//! - **Answers of the session itself.** Reading can make the session want to write: new keys after a `KeyUpdate`, or an alert.
//!   The reading thread leaves these in the session. They are written before the next text, or with the end of the stream; RFC
//!   8446, section 4.6.3, requires no more. The reader therefore never writes.
//!
//! Text counts as taken once it has been encrypted. A caller therefore checks two things: how much was taken, and whether
//! records are left that the socket has yet to accept ([`Sent::left`]).

use std::io::{self, ErrorKind, IoSlice};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Instant;

#[cfg(feature = "tls")]
mod fingerprint;
#[cfg(feature = "tls")]
mod handshake;
// The systems whose own source says that send(2) obeys the flag.
#[cfg_attr(
    any(target_os = "linux", target_os = "android", target_os = "freebsd", target_os = "openbsd"),
    path = "transport/raw/with_flag.rs"
)]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_os = "openbsd")),
    path = "transport/raw/with_poll.rs"
)]
pub(crate) mod raw;
#[cfg_attr(feature = "tls", path = "transport/tls/enabled.rs")]
#[cfg_attr(not(feature = "tls"), path = "transport/tls/disabled.rs")]
mod tls;

#[cfg(feature = "tls")]
pub use fingerprint::{fingerprint, key_fingerprint};
#[cfg(feature = "tls")]
pub use handshake::HandshakeError;
use tls::Tls;

/// A handle to a connection; see the module. Clones are the same connection.
#[derive(Clone, Debug)]
pub struct Transport {
    socket: Arc<TcpStream>,
    /// Allocated separately, because it is large and most connections have none.
    tls: Option<Arc<Tls>>,
}

/// The result of a write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Number of bytes of text taken: the caller does not pass them again.
    pub taken: usize,
    /// True if the socket accepted any bytes, of this text or of the records left from earlier calls.
    pub moved: bool,
    /// True if records are left that the socket did not accept. The next call writes them first.
    pub left: bool,
}

/// The behaviour of a write when the socket would block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfFull {
    /// Block, up to the write timeout of the socket.
    Wait,
    /// Return without blocking.
    Leave,
}

impl Transport {
    /// Creates a transport that sends text over the socket as it is.
    pub fn plain(socket: impl Into<Arc<TcpStream>>) -> Transport {
        Transport { socket: socket.into(), tls: None }
    }

    /// Performs the TLS handshake before the deadline and returns an encrypted transport. `session` is that of a client or of a
    /// server.
    ///
    /// # Errors
    /// The handshake failed or was not complete at the deadline.
    #[cfg(feature = "tls")]
    pub fn encrypted(
        socket: impl Into<Arc<TcpStream>>,
        session: impl Into<rustls::Connection>,
        deadline: Instant,
    ) -> Result<Transport, HandshakeError> {
        let socket = socket.into();
        let tls = handshake::handshake(&socket, session.into(), deadline)?;
        Ok(Transport { socket, tls: Some(Arc::new(tls)) })
    }

    /// Returns the socket, for its options and addresses.
    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Returns whether the connection uses TLS.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Reads some text. Blocks as the socket does. Returns 0 at end of file.
    ///
    /// # Errors
    /// Those of the socket; `InvalidData` for bytes that are not TLS.
    pub fn read(&self, text: &mut [u8]) -> io::Result<usize> {
        match &self.tls {
            None => raw::read(&self.socket, text),
            Some(tls) => tls.read(&self.socket, text, None),
        }
    }

    /// Reads some text before the deadline. Returns 0 at end of file. Bytes that do not yet yield text, such as a part of a TLS
    /// record, do not extend the deadline. Changes the read timeout of the socket.
    ///
    /// # Errors
    /// `TimedOut` at the deadline, and those of [`read`](Transport::read).
    pub fn read_by(&self, deadline: Instant, text: &mut [u8]) -> io::Result<usize> {
        match &self.tls {
            None => read_by(deadline, &self.socket, |socket| raw::read(socket, text)),
            Some(tls) => tls.read(&self.socket, text, Some(deadline)),
        }
    }

    /// Returns whether the read buffer of TLS holds more memory than a new one. Plain text has none.
    pub fn has_grown(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.has_grown())
    }

    /// Releases memory of the read buffer. Called by the reading thread after a read that timed out.
    pub fn shrink(&self) {
        if let Some(tls) = &self.tls {
            tls.shrink();
        }
    }

    /// Writes the records left from earlier calls, then some of the text, until the socket would block. The contents of `pieces`
    /// are unspecified afterwards.
    ///
    /// # Errors
    /// Those of the socket. A full socket is not an error.
    pub fn send(&self, pieces: &mut [IoSlice<'_>], if_full: IfFull) -> io::Result<Sent> {
        match &self.tls {
            None if pieces.is_empty() => Ok(Sent::default()),
            None => {
                let taken = write_some(&self.socket, pieces, if_full)?;
                Ok(Sent { taken, moved: taken > 0, left: false })
            }
            Some(tls) => tls.send(&self.socket, pieces, if_full),
        }
    }

    /// Writes all of the text. Meant for a socket without a write timeout, or for a short text on a new one.
    ///
    /// # Errors
    /// `TimedOut` if the socket accepts nothing before its write timeout, and its other errors.
    pub fn send_all(&self, mut text: &[u8]) -> io::Result<()> {
        loop {
            let sent = self.send(&mut [IoSlice::new(text)], IfFull::Wait)?;
            text = &text[sent.taken..];
            match sent {
                Sent { left: false, .. } if text.is_empty() => return Ok(()),
                Sent { moved: false, .. } => return Err(ErrorKind::TimedOut.into()),
                Sent { .. } => {}
            }
        }
    }

    /// Sends the end of the TLS stream (`close_notify`); does nothing in plain text. Does not block if the socket is full.
    pub fn end(&self) -> io::Result<()> {
        match &self.tls {
            None => Ok(()),
            Some(tls) => tls.end(&self.socket),
        }
    }

    /// Shuts the socket down for reading, writing or both, which also unblocks threads that read or write.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }
}

/// Returns whether a system call ended without a result: interrupted, or at the socket's timeout, which is `WouldBlock` or
/// `TimedOut` depending on the system.
pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Reads from a socket before the deadline. A read that was interrupted, or timed out early, is repeated. Changes the read timeout
/// of the socket.
///
/// # Errors
/// `TimedOut` at the deadline, and those of `read`.
pub(crate) fn read_by<'a>(
    deadline: Instant,
    socket: &'a TcpStream,
    mut read: impl FnMut(&'a TcpStream) -> io::Result<usize>,
) -> io::Result<usize> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        match socket.set_read_timeout(Some(left)).and_then(|()| read(socket)) {
            Err(error) if is_timeout(&error) => {}
            result => return result,
        }
    }
}

/// Performs one write, repeated if interrupted. Returns 0 if the socket would block.
fn write_some(socket: &TcpStream, pieces: &[IoSlice<'_>], if_full: IfFull) -> io::Result<usize> {
    loop {
        match raw::write(socket, pieces, if_full) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => return Ok(written),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                _ if is_timeout(&error) => return Ok(0),
                _ => return Err(error),
            },
        }
    }
}

#[cfg(test)]
#[cfg(all(feature = "tls", not(loom)))]
pub(crate) mod tests;
