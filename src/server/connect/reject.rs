//! Refusals: a connection for which there is no seat reads why, and the accept thread waits for none of them.
//!
//! Two things about a refusal take time. The first byte, which shows whether the client speaks TLS or plain text, may not
//! have come yet when the connection is accepted. And a socket that is closed with input unread is reset, which can
//! overtake the reason (RFC 1122, section 4.2.2.13), so it lingers: the input is read away for a while. A short-lived thread
//! does both. There is a limit to how many refusals are under way at once; a connection beyond that gets its reason at
//! once, in plain text, and does not linger.
//!
//! The lock is held for a few assignments, and never with another.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{hello, sniff};
use crate::protocol::ErrorCode;
use crate::server::context::ServerContext;
use crate::server::delivery::client::error_line;
use crate::server::observe::activity::{self, Task, ThreadRole};
use crate::sync::{Mutex, lock};
use crate::wire::Origin;

/// Maximum number of refusals that are under way at once. Each has a descriptor, of which the server keeps
/// [some in reserve](super::fd_limit).
const REFUSALS_MAX: usize = 32;

/// Maximum time to the first byte of a connection that is refused. A program speaks as soon as it is connected; a person
/// at `nc` reads the reason after this time.
const FIRST_BYTE_LIMIT: Duration = Duration::from_millis(500);

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Rejections {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The sockets of the refusals that are under way, by number.
    sockets: HashMap<u64, Arc<TcpStream>>,
    begun: u64,
    closed: bool,
}

/// One refusal under way, until it is dropped.
struct Refusal {
    shared: Arc<ServerContext>,
    number: u64,
    socket: Arc<TcpStream>,
    addr: SocketAddr,
    code: ErrorCode,
    detail: String,
}

impl Rejections {
    /// Wakes all refusals that are under way, so that they end, and begins no more: the server stops.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        for socket in state.sockets.values() {
            // Fails only when the connection is gone, and then its thread is awake.
            let _ = socket.shutdown(Shutdown::Read);
        }
    }

    /// Returns the number of a new refusal; `None` if too many are under way.
    fn begin(&self, socket: &Arc<TcpStream>) -> Option<u64> {
        let mut state = lock(&self.state);
        if state.closed || state.sockets.len() >= REFUSALS_MAX {
            return None;
        }
        state.begun += 1;
        let number = state.begun;
        state.sockets.insert(number, socket.clone());
        Some(number)
    }
}

/// Tells a connection why it cannot stay, in a thread of its own if there is one to be had. Does not wait.
pub(crate) fn refuse(
    shared: &Arc<ServerContext>,
    socket: &Arc<TcpStream>,
    addr: SocketAddr,
    code: ErrorCode,
    detail: &str,
) {
    let Some(number) = shared.refusals.begin(socket) else { return tell(shared, socket, addr, code, detail) };
    let refusal =
        Refusal { shared: shared.clone(), number, socket: socket.clone(), addr, code, detail: detail.to_owned() };
    let spawned = shared.writers.threads.spawn("refusal".into(), ThreadRole::All, move || refusal.run());
    if spawned.is_err() {
        tell(shared, socket, addr, code, detail);
    }
}

impl Refusal {
    fn run(self) {
        activity::set(Task::Refusing);
        let Refusal { shared, socket, addr, code, detail, .. } = &self;
        match sniff::first_byte(socket, Instant::now() + FIRST_BYTE_LIMIT) {
            // A client that does not wait for the reason does not get it.
            Ok(Some(sniff::HANDSHAKE)) => drop((&**socket).write_all(&sniff::alert(code.alert()))),
            Ok(_) => tell(shared, socket, *addr, *code, detail),
            Err(_) => return,
        }
        hello::read_away(socket);
    }
}

impl Drop for Refusal {
    fn drop(&mut self) {
        lock(&self.shared.refusals.state).sockets.remove(&self.number);
    }
}

/// Writes one line of plain text to a socket that nothing was written to yet. It fits into the socket's buffer, so this
/// does not wait.
fn tell(shared: &ServerContext, socket: &TcpStream, addr: SocketAddr, code: ErrorCode, detail: &str) {
    let line = error_line(code, detail);
    // If the peer is gone already there is nobody to be told.
    let _ = (&*socket).write_all(&line);
    if let Some(tap) = shared.events().tap.open() {
        tap.record_out(Origin::Server, &addr, &line);
    }
}
