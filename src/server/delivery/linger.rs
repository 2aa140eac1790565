//! Lingering close: what a connection's thread does between its last line and the close, so that the peer can read that
//! line.
//!
//! A socket that is closed with unread input is reset, and so is one that input reaches after its reading half is shut
//! (RFC 1122, section 4.2.2.13). A reset can overtake the last line: the peer's system throws away what its program has
//! not read yet, and the program sees an error in the place of the reason. So the reading half stays open for a while
//! after the last line, and the input is read and dropped. HTTP servers do the same under this name.
//!
//! Runs in the thread that closes the connection. Nothing here takes a lock, and every function returns after a bounded
//! time or when another thread shuts the socket.

use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::transport::{Transport, is_timeout, raw, read_by};

/// Maximum time for which a connection lingers, and for which the server's stop waits for the last lines to be written.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// Maximum number of bytes that are read and dropped from a client that has not joined. A client that sends more than
/// this after its rejection is a flood, and its connection may be reset.
const LINGER_BYTES: usize = 64 * 1024;

/// Ends the stream towards the peer, then reads and drops the peer's input until its end of file, for at most
/// [`LINGER`] and `LINGER_BYTES`.
///
/// For a connection that only the calling thread uses: one that has not joined. It changes the socket's read timeout.
pub(crate) fn linger(socket: &TcpStream) {
    let deadline = Instant::now() + LINGER;
    if socket.shutdown(Shutdown::Write).is_err() {
        // The connection is gone already, so there is no line left to protect.
        return;
    }
    let mut scrap = [0; 1024];
    let mut dropped = 0;
    while dropped < LINGER_BYTES {
        match read_by(deadline, socket, |socket| raw::read(socket, &mut scrap)) {
            Ok(count) if count > 0 => dropped += count,
            _ => return,
        }
    }
}

/// Ends the stream towards the peer, then sleeps for [`LINGER`] while another thread [discards its input](discard_input).
///
/// For the thread that has written the last line of a client that reads slowly: the kernel may still hold much of what was
/// written, which closing the socket at once could destroy.
pub(super) fn wait_for_reader(transport: &Transport) {
    let _ = transport.shutdown(Shutdown::Write);
    thread::sleep(LINGER);
}

/// Reads and drops the peer's input until end of file or an error.
///
/// For the thread of a client that another thread disconnects. That thread's last line may still wait in the outbox, so
/// this thread keeps the reading half drained and has no deadline of its own: the thread that writes the last line
/// shuts the socket after it, which is the end of file here.
pub(crate) fn discard_input(transport: &Transport) {
    let mut scrap = [0; 4096];
    loop {
        match transport.read(&mut scrap) {
            Ok(0) => return,
            Err(error) if !is_timeout(&error) => return,
            _ => {}
        }
    }
}
