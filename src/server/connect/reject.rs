//! Rejections: connections that get no thread of their own and are sent the reason, without making the accept thread
//! wait.
//!
//! Two things about a rejection take time. The first byte, which tells TLS from plain text, may not have come yet when
//! the connection is accepted. And the socket has to [linger](crate::server::delivery::linger), or the reason may be
//! lost. A short-lived thread `rejection` does both. Their number is limited. Beyond that, the oldest one whose client has
//! said nothing ends its wait, so a crowd of silent connections keeps the reason from no other client. If all are
//! lingering, or a flood comes faster than the threads end, a connection gets its reason at once, in plain text, and does
//! not linger.
//!
//! Called by the accept thread. The lock is held for a few assignments, and never together with another.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::sniff;
use crate::protocol::Rejected;
use crate::server::delivery::WriterContext;
use crate::server::delivery::client::error_line;
use crate::server::delivery::linger::linger;
use crate::server::observe::activity::{self, Task, ThreadRole};
use crate::sync::{Mutex, lock};
use crate::wire::Origin;

/// Number of rejections under way beyond which a new one ends the wait of the oldest silent one.
const REJECTIONS_MAX: usize = 32;

/// Maximum number of rejections under way, with those whose wait was ended early. Each has a file descriptor, of which the
/// server keeps [some in reserve](super::fd_limit).
const WITH_ENDED_MAX: usize = REJECTIONS_MAX + 16;

/// Maximum time to the first byte of a rejected connection. A program sends its first byte as soon as it is connected; a
/// person at `nc` reads the reason after this time.
const FIRST_BYTE_LIMIT: Duration = Duration::from_millis(500);

/// The rejections under way; see the [module](self).
#[derive(Debug)]
pub(crate) struct Rejections {
    state: Mutex<State>,
    /// For the threads, and for the trace of lines.
    writers: Arc<WriterContext>,
}

#[derive(Debug, Default)]
struct State {
    /// The sockets of the rejections under way, by number.
    sockets: BTreeMap<u64, Arc<TcpStream>>,
    /// Those of them that still wait for the first byte. Numbers rise, so the first is the oldest.
    silent: BTreeSet<u64>,
    /// Number of rejections so far.
    begun: u64,
    closed: bool,
}

/// One rejection under way, until it is dropped.
struct Rejection {
    rejections: Arc<Rejections>,
    number: u64,
    socket: Arc<TcpStream>,
    addr: SocketAddr,
    rejected: Rejected,
}

impl Rejections {
    pub(crate) fn new(writers: &Arc<WriterContext>) -> Arc<Rejections> {
        Arc::new(Rejections { state: Mutex::default(), writers: writers.clone() })
    }

    /// Sends a connection the reason why it is rejected, in a thread of its own if there is one to be had. Does not wait.
    pub(crate) fn reject(self: &Arc<Rejections>, socket: &Arc<TcpStream>, addr: SocketAddr, rejected: Rejected) {
        let Some(number) = self.begin(socket) else { return self.send(socket, addr, &rejected) };
        let (rejections, socket) = (self.clone(), socket.clone());
        let rejection = Rejection { rejections, number, socket: socket.clone(), addr, rejected: rejected.clone() };
        let spawned = self.writers.threads.spawn("rejection".into(), ThreadRole::All, move || rejection.run());
        if spawned.is_err() {
            self.send(&socket, addr, &rejected);
        }
    }

    /// Ends the rejections under way early, and begins no more: the server shuts down.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        for socket in state.sockets.values() {
            // Ends their wait for input. It fails only when the connection is gone, and then the thread is awake.
            let _ = socket.shutdown(Shutdown::Read);
        }
    }

    /// Returns the number of a new rejection, and ends the wait of an older one if that is needed. `None`: there are too
    /// many already.
    fn begin(&self, socket: &Arc<TcpStream>) -> Option<u64> {
        let mut state = lock(&self.state);
        if state.closed || state.sockets.len() >= WITH_ENDED_MAX {
            return None;
        }
        if state.sockets.len() >= REJECTIONS_MAX {
            let oldest = state.silent.pop_first()?;
            // Its thread sees the end of the input, as if the client had sent nothing more, and sends the reason.
            let _ = state.sockets[&oldest].shutdown(Shutdown::Read);
        }
        state.begun += 1;
        let number = state.begun;
        state.sockets.insert(number, socket.clone());
        state.silent.insert(number);
        Some(number)
    }

    /// Writes one line of plain text to a socket to which nothing has been written yet. The line fits into the socket's
    /// buffer, so this does not block.
    fn send(&self, socket: &TcpStream, addr: SocketAddr, rejected: &Rejected) {
        let line = error_line(rejected.code, &rejected.detail);
        // An error means that the client has gone without waiting for the reason.
        let _ = (&*socket).write_all(&line);
        if let Some(tap) = self.writers.events.tap.open() {
            tap.record_out(Origin::Server, &addr, &line);
        }
    }
}

impl Rejection {
    /// The work of the thread `rejection`.
    fn run(self) {
        activity::set(Task::Rejecting);
        let Rejection { rejections, socket, addr, rejected, .. } = &self;
        let first = sniff::first_byte(socket, Instant::now() + FIRST_BYTE_LIMIT);
        lock(&rejections.state).silent.remove(&self.number);
        match first {
            // No handshake: the alert says in one byte what the line says in words, and costs no cryptography.
            Ok(Some(sniff::HANDSHAKE)) => drop((&**socket).write_all(&sniff::alert(rejected.code.alert()))),
            Ok(_) => rejections.send(socket, *addr, rejected),
            Err(_) => return,
        }
        linger(socket);
    }
}

impl Drop for Rejection {
    fn drop(&mut self) {
        let mut state = lock(&self.rejections.state);
        state.sockets.remove(&self.number);
        state.silent.remove(&self.number);
    }
}
