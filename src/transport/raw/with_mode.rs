//! One write to a socket, where no flag makes a single write return instead of waiting: Windows has none, and macOS looks at
//! `MSG_DONTWAIT` in recv(2) only.
//!
//! The socket is in non-blocking mode for as long as one write takes. Only one thread at a time writes, so no other changes the
//! mode meanwhile. But the mode is the socket's and not the thread's: a thread that begins to read in that moment is told that it
//! would block, and tries again. A thread that waits in read already goes on waiting.
//!
//! A write that may wait is made of the same writes, and of poll(2) in between. A blocking write would need a timeout of the
//! socket, and on Windows a socket cannot be used any more once a write has timed out (`SO_SNDTIMEO`): how much of it was sent is
//! unknown.

use std::io::{self, ErrorKind, IoSlice, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::transport::IfFull;

/// Maximum time in poll. Another thread may shut the socket down meanwhile, which the next write finds; not every system wakes a
/// thread from poll for that.
const POLL_MAX: Duration = Duration::from_millis(250);

/// Performs one write. If the socket is full, it waits up to the write timeout of the socket, or does not wait at all.
///
/// # Errors
/// `WouldBlock` or `TimedOut` if nothing was written, `Interrupted`, and those of the socket.
pub(super) fn write(socket: &TcpStream, pieces: &[IoSlice<'_>], if_full: IfFull) -> io::Result<usize> {
    let written = write_at_once(socket, pieces);
    if if_full == IfFull::Leave || !would_block(&written) {
        return written;
    }
    let deadline = socket.write_timeout()?.map(|timeout| Instant::now() + timeout);
    loop {
        let left = deadline.map_or(POLL_MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        wait_for_room(socket, left.min(POLL_MAX))?;
        let written = write_at_once(socket, pieces);
        if !would_block(&written) {
            return written;
        }
    }
}

/// Performs one read. Blocks up to the read timeout of the socket.
///
/// # Errors
/// Those of the socket.
pub(super) fn read(mut socket: &TcpStream, bytes: &mut [u8]) -> io::Result<usize> {
    let begun = Instant::now();
    loop {
        let read = socket.read(bytes);
        if !would_block(&read) || socket.read_timeout()?.is_some_and(|timeout| begun.elapsed() >= timeout) {
            return read;
        }
        // Another thread writes at this moment.
        thread::yield_now();
    }
}

fn write_at_once(mut socket: &TcpStream, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
    socket.set_nonblocking(true)?;
    let written = match pieces {
        [one] => socket.write(one),
        several => socket.write_vectored(several),
    };
    socket.set_nonblocking(false)?;
    written
}

/// Waits until the socket has room for bytes, or has failed, or the time is over.
fn wait_for_room(socket: &TcpStream, time: Duration) -> io::Result<()> {
    // A limit of 250 ms fits.
    let timeout = Timespec::try_from(time).map_err(io::Error::other)?;
    match poll(&mut [PollFd::new(socket, PollFlags::OUT)], Some(&timeout)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn would_block(result: &io::Result<usize>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}
