//! Reads and writes of a socket, where a flag of send(2) makes a single write return instead of waiting: `MSG_DONTWAIT`.
//!
//! The socket itself is in blocking mode, since a thread blocks in read.

use std::io::{self, IoSlice, Read as _, Write as _};
use std::net::TcpStream;

use nix::libc::MSG_DONTWAIT;
use socket2::SockRef;

use crate::transport::IfFull;

/// Performs one write. If the socket is full, it waits up to the write timeout of the socket, or does not wait at all.
///
/// # Errors
/// `WouldBlock` or `TimedOut` if nothing was written, `Interrupted`, and those of the socket.
pub(super) fn write(mut socket: &TcpStream, pieces: &[IoSlice<'_>], if_full: IfFull) -> io::Result<usize> {
    // For a single piece there is a faster system call.
    match (if_full, pieces) {
        (IfFull::Leave, [one]) => SockRef::from(socket).send_with_flags(one, MSG_DONTWAIT),
        (IfFull::Leave, several) => SockRef::from(socket).send_vectored_with_flags(several, MSG_DONTWAIT),
        (IfFull::Wait, [one]) => socket.write(one),
        (IfFull::Wait, several) => socket.write_vectored(several),
    }
}

/// Performs one read. Waits up to the read timeout of the socket.
///
/// # Errors
/// Those of the socket.
pub(crate) fn read(mut socket: &TcpStream, bytes: &mut [u8]) -> io::Result<usize> {
    socket.read(bytes)
}

/// Like [`read`], and leaves the bytes in the socket.
///
/// # Errors
/// Those of the socket.
pub(crate) fn peek(socket: &TcpStream, bytes: &mut [u8]) -> io::Result<usize> {
    socket.peek(bytes)
}
