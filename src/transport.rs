//! What bytes go through on their way to a socket and from it: nothing, or TLS.
//!
//! A [`Transport`] is used by several threads at once, as a `&TcpStream` is: one reads, and one at a time writes. What
//! it does for text and for TLS is the same to its callers, so there is one way to write and one way to read in this
//! program, with TLS beneath it.
//!
//! # How one thread blocks in read while others write
//!
//! A TLS connection is one state machine: what is read and what is written go through the same keys, counters and
//! alerts, and no library splits it in two. A mutex around it is needed; but a thread that blocked in `read` while it
//! holds that mutex would keep everybody from writing for as long as the peer is silent. So the mutex is never held
//! while a socket is waited for:
//!
//! - **Reading.** Bytes are read from the socket into a buffer that only the reading thread touches. Then the session
//!   is locked, for as long as it takes to make text of them.
//! - **Writing.** The session is locked for as long as it takes to make records of some text, at most 64 KiB. Then,
//!   with the lock released, they are written to the socket. Records must be written in the order in which they were
//!   made, and each as a whole. So what the socket does not take stays in a buffer that only the writing thread
//!   touches, and goes first at the next call. Who the writing thread is, the outbox says: whoever holds the claim.
//! - **The session's own answers.** What is read can make the session want to write, too: new keys of its own after a
//!   `KeyUpdate`, an alert. The reading thread leaves them in the session. They go out in their place before the next
//!   text, or with the end of the stream; RFC 8446, section 4.6.3, asks for no more. So the reader never writes.
//!   (Who asks for a renegotiation, which TLS 1.2 still has, is told that there is none with the next line, too.)
//!
//! Text counts as taken once there are records of it, so a caller has two things to look at: how much was taken, and
//! whether something is left that the socket must still take ([`Sent::left`]).

use std::io::{self, ErrorKind, IoSlice, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Instant;

#[cfg(target_os = "linux")]
use nix::libc::MSG_DONTWAIT;
#[cfg(target_os = "linux")]
use socket2::SockRef;

#[cfg(feature = "tls")]
mod fingerprint;
#[cfg(feature = "tls")]
mod handshake;
#[cfg_attr(feature = "tls", path = "transport/tls/enabled.rs")]
#[cfg_attr(not(feature = "tls"), path = "transport/tls/disabled.rs")]
mod tls;

#[cfg(feature = "tls")]
pub use fingerprint::{fingerprint, key_fingerprint};
#[cfg(feature = "tls")]
pub use handshake::HandshakeError;
use tls::Tls;

/// See the [module](self). A handle; clones are the same connection.
#[derive(Clone, Debug)]
pub struct Transport {
    socket: Arc<TcpStream>,
    /// Large, and most clients of most servers have none: so it has its own place in memory.
    tls: Option<Arc<Tls>>,
}

/// How a write went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Bytes of text that need not be given again.
    pub taken: usize,
    /// The socket took something, of this text or of what was left from before.
    pub moved: bool,
    /// There are records that the socket has not taken: the next call begins with them.
    pub left: bool,
}

/// What a write does when the socket is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfFull {
    /// It waits, for as long as the socket's time limit says.
    Wait,
    /// It is done, and has not waited. Only on Linux: Windows has no such writes, macOS takes no notice of the flag
    /// (`MSG_DONTWAIT`, see send(2)) on a socket that blocks. There it waits all the same, for as long as the socket's
    /// time limit says.
    Leave,
}

impl Transport {
    /// Text goes over this socket as it is.
    pub fn plain(socket: impl Into<Arc<TcpStream>>) -> Transport {
        Transport { socket: socket.into(), tls: None }
    }

    /// Agrees with the peer on keys, by the deadline; from then on all text is encrypted. Either end's session will do.
    #[cfg(feature = "tls")]
    pub fn encrypted(
        socket: impl Into<Arc<TcpStream>>,
        session: impl Into<rustls::Connection>,
        deadline: Instant,
    ) -> Result<Transport, HandshakeError> {
        let socket = socket.into();
        let tls = handshake::shake_hands(&socket, session.into(), deadline)?;
        Ok(Transport { socket, tls: Some(Arc::new(tls)) })
    }

    /// The socket, for its options and addresses.
    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Can nobody on the way read what is said?
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Reads some text; blocks as the socket does. 0 is the end of the stream.
    pub fn read(&self, text: &mut [u8]) -> io::Result<usize> {
        match &self.tls {
            None => (&*self.socket).read(text),
            Some(tls) => tls.read(&self.socket, text, None),
        }
    }

    /// Reads some text by the deadline; 0 is the end of the stream. Bytes of which no text can be made yet (a part of a
    /// TLS record, say) do not move the deadline. It changes the socket's time limit for reads.
    ///
    /// # Errors
    /// The kind is `TimedOut` at the deadline.
    pub fn read_by(&self, deadline: Instant, text: &mut [u8]) -> io::Result<usize> {
        match &self.tls {
            None => by(deadline, &self.socket, |mut socket| socket.read(text)),
            Some(tls) => tls.read(&self.socket, text, Some(deadline)),
        }
    }

    /// Gives back the memory that reading has taken. For the reading thread, after a read that ended without a result.
    pub fn shrink(&self) {
        if let Some(tls) = &self.tls {
            tls.shrink();
        }
    }

    /// Writes what was left, then some text, and is done when the socket is full. What `pieces` holds afterwards is of no
    /// use to anybody.
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

    /// Writes all of it. For a socket without a time limit for writes, or for a little text on a new one: one that is
    /// full is an error here.
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

    /// Tells the peer that no more text comes; does not wait if the socket is full.
    pub fn end(&self) -> io::Result<()> {
        match &self.tls {
            None => Ok(()),
            Some(tls) => tls.end(&self.socket),
        }
    }

    /// Shuts the socket for reading, for writing or for both, which wakes whoever blocks in it.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }
}

/// Did a system call end without a result, at the socket's time limit or before it? Which of the two a time limit gives
/// depends on the system.
pub(crate) fn is_short_of_time(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Reads from a socket by the deadline: again when a read was interrupted or its time limit came early. It changes the
/// socket's time limit for reads.
///
/// # Errors
/// The kind is `TimedOut` at the deadline.
pub(crate) fn by<'a>(
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
            Err(error) if is_short_of_time(&error) => {}
            result => return result,
        }
    }
}

/// One write; 0: the socket is full.
fn write_some(mut socket: &TcpStream, pieces: &[IoSlice<'_>], if_full: IfFull) -> io::Result<usize> {
    loop {
        // For one piece there is a call that is quicker.
        let written = match (if_full, pieces) {
            #[cfg(target_os = "linux")]
            (IfFull::Leave, [one]) => SockRef::from(socket).send_with_flags(one, MSG_DONTWAIT),
            #[cfg(target_os = "linux")]
            (IfFull::Leave, several) => SockRef::from(socket).send_vectored_with_flags(several, MSG_DONTWAIT),
            (_, [one]) => socket.write(one),
            (_, several) => socket.write_vectored(several),
        };
        match written {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => return Ok(written),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                _ if is_short_of_time(&error) => return Ok(0),
                _ => return Err(error),
            },
        }
    }
}

#[cfg(test)]
#[cfg(all(feature = "tls", not(loom)))]
mod tests;
