//! Reads and writes of a socket, where `with_flag.rs` does not do: Windows has no flag that makes a single write return instead of
//! waiting, and macOS looks at `MSG_DONTWAIT` in recv(2) only.
//!
//! The socket is in non-blocking mode. A call that may wait is one that does not, and poll(2) until it is worth another. On
//! Windows this has two more reasons. A thread that blocks in recv does not notice that another thread shuts the socket down
//! (rust-lang/rust issue 31657). And a socket cannot be used any more once a blocking send or recv has timed out (`SO_SNDTIMEO`,
//! `SO_RCVTIMEO`): what became of the bytes is unknown. Here the timeouts of the socket are no more than a place to keep two
//! numbers, which poll gets.

use std::io::{self, ErrorKind, IoSlice, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::transport::IfFull;

/// Maximum time in poll. When another thread shuts the socket down, the next call finds that, but Windows does not promise to wake
/// a thread from poll for it.
const POLL_MAX: Duration = Duration::from_millis(500);

/// Maximum number of bytes in one call. Windows accepts all of a call, however much it is, if it has room for one byte. A peer
/// that reads slowly would then look as if it read nothing, until it has read all of that.
const CALL_MAX: usize = 64 * 1024;

/// Writes until the socket is full. If it is full already, waits up to the write timeout of the socket, or does not wait at all.
///
/// # Errors
/// `WouldBlock` or `TimedOut` if nothing was written, `Interrupted`, and those of the socket.
pub(super) fn write(socket: &TcpStream, pieces: &[IoSlice<'_>], if_full: IfFull) -> io::Result<usize> {
    match if_full {
        IfFull::Leave => {
            socket.set_nonblocking(true)?;
            write_until_full(socket, pieces)
        }
        IfFull::Wait => repeat(socket, PollFlags::OUT, TcpStream::write_timeout, || write_until_full(socket, pieces)),
    }
}

fn write_until_full(mut socket: &TcpStream, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
    // The usual case.
    if let [one] = pieces
        && one.len() <= CALL_MAX
    {
        return socket.write(one);
    }
    let mut pieces = pieces.to_vec();
    let (mut rest, mut written) = (&mut pieces[..], 0);
    // Of empty pieces nothing is written, which looks like an error.
    IoSlice::advance_slices(&mut rest, 0);
    while let Some(first) = rest.first() {
        let mut length = 0;
        let fitting = rest.iter().take_while(|piece| {
            length += piece.len();
            length <= CALL_MAX
        });
        let result = match fitting.count() {
            0 | 1 => socket.write(&first[..first.len().min(CALL_MAX)]),
            count => socket.write_vectored(&rest[..count]),
        };
        match result {
            Ok(0) => break,
            Ok(count) => {
                written += count;
                IoSlice::advance_slices(&mut rest, count);
            }
            // If it is not just that the socket is full, the next call has the error again.
            Err(_) if written > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// Performs one read. Waits up to the read timeout of the socket.
///
/// # Errors
/// `TimedOut`, and those of the socket.
pub(crate) fn read(socket: &TcpStream, bytes: &mut [u8]) -> io::Result<usize> {
    let mut stream = socket;
    repeat(socket, PollFlags::IN, TcpStream::read_timeout, || stream.read(bytes))
}

/// Like [`read`], and leaves the bytes in the socket.
///
/// # Errors
/// Those of [`read`].
pub(crate) fn peek(socket: &TcpStream, bytes: &mut [u8]) -> io::Result<usize> {
    repeat(socket, PollFlags::IN, TcpStream::read_timeout, || socket.peek(bytes))
}

/// Repeats a call until it need not wait, or its time is over.
fn repeat(
    socket: &TcpStream,
    awaited: PollFlags,
    timeout: fn(&TcpStream) -> io::Result<Option<Duration>>,
    mut call: impl FnMut() -> io::Result<usize>,
) -> io::Result<usize> {
    // Costs little, and holds for sockets from everywhere.
    socket.set_nonblocking(true)?;
    let mut deadline = None;
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            done => return done,
        }
        if deadline.is_none() {
            deadline = timeout(socket)?.map(|timeout| Instant::now() + timeout);
        }
        let left = deadline.map_or(POLL_MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        wait_for(socket, awaited, left.min(POLL_MAX))?;
    }
}

/// Waits until there is room or input, or the socket has failed, or the time is over.
fn wait_for(socket: &TcpStream, awaited: PollFlags, time: Duration) -> io::Result<()> {
    let timeout = Timespec::try_from(time).map_err(io::Error::other)?;
    match poll(&mut [PollFd::new(socket, awaited)], Some(&timeout)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
