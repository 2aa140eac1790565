//! The `accept` thread: accepts connections, gives each a thread of its own, and never does anything slower. A server that listens
//! on several addresses has one for each, since a thread blocks in the `accept` of one socket.
//!
//! It does not parse, and it never waits for a client: one slow client would keep all others out. When the system has
//! no file descriptor or thread to spare, it pauses and tries again. The clients that have joined are not affected, and
//! new connections wait in the kernel's queue.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::new_connection::NewConnection;
use super::{keepalive, listener};
use crate::protocol::{ErrorCode, Rejected};
use crate::server::context::ServerContext;
use crate::server::delivery;
use crate::server::id::ConnectionId;
use crate::server::network::canonical;
use crate::server::observe::activity::{self, Task, ThreadRole};
use crate::server::observe::event::{DisconnectReason, EventKind};
use crate::server::storage::bans::BanTarget;
use crate::sync::{Mutex, lock};

/// Pause between two attempts when the system has nothing to spare. The shutdown ends it early.
const PAUSE: Duration = Duration::from_millis(100);

/// Minimum time between two checks of the certificate's dates.
const VALIDITY_INTERVAL: Duration = Duration::from_hours(24);

/// The state that the accept threads of a server share.
#[derive(Debug)]
pub(crate) struct Accepting {
    context: Arc<ServerContext>,
    /// Number of connections so far. It guards no other data, so `Relaxed`.
    accepted: AtomicU64,
    /// Time of the last check of the certificate's dates. It can expire while the server runs, and only a new connection meets it.
    checked: Mutex<Instant>,
}

/// An accept thread, seen by the thread that stops it.
#[derive(Debug)]
pub(crate) struct AcceptThread {
    pub(crate) handle: JoinHandle<()>,
    /// The listening socket, by which the thread is woken. Weak, since the accept thread is its only owner: if that
    /// thread panics, the listener is closed, and the system refuses new connections instead of queueing them for ever.
    pub(crate) listener: Weak<TcpListener>,
}

impl AcceptThread {
    /// Starts the thread. `name` is that of a server with one address; with several, each thread is named by its own, too.
    ///
    /// # Errors
    /// The system has no thread to spare.
    pub(crate) fn start(listener: TcpListener, name: &str, accepting: &Arc<Accepting>) -> io::Result<AcceptThread> {
        listener::prepare(&listener)?;
        let owner = Arc::new(listener);
        let listener = Arc::downgrade(&owner);
        let (threads, accepting) = (&accepting.context.writers.threads, accepting.clone());
        // Apart, since the shutdown needs it to be over before all others.
        let handle = threads.spawn_apart(name, move || run(&owner, &accepting))?;
        Ok(AcceptThread { handle, listener })
    }
}

impl Accepting {
    pub(crate) fn new(context: Arc<ServerContext>) -> Arc<Accepting> {
        Arc::new(Accepting { context, accepted: AtomicU64::new(0), checked: Mutex::new(Instant::now()) })
    }

    /// Reports a certificate that is not valid any more, once a day.
    fn check_validity(&self) {
        let mut checked = lock(&self.checked);
        if checked.elapsed() >= VALIDITY_INTERVAL {
            *checked = Instant::now();
            drop(checked);
            self.context.report_validity();
        }
    }
}

/// The accept loop. Returns when the server's shutdown has begun.
fn run(listener: &TcpListener, accepting: &Accepting) {
    let context = &accepting.context;
    // The shortage that was reported last: each is reported when it begins, not ten times a second.
    let mut short_of = None;
    while !context.limits.is_shutting_down() {
        activity::set(Task::Accepting);
        let result = listener::accept(listener, || context.limits.is_shutting_down());
        // Again, since the shutdown wakes this thread out of its accept.
        if context.limits.is_shutting_down() {
            return;
        }
        accepting.check_validity();
        let shortage = match result {
            Ok((socket, addr)) => {
                let id = ConnectionId(accepting.accepted.fetch_add(1, Ordering::Relaxed) + 1);
                // From here on, a client of IPv4 has an IPv4 address everywhere.
                start_connection(context, id, socket, canonical(addr))
                    .err()
                    .map(|error| ("start a client's thread", error))
            }
            // The connection is gone before it was accepted: accept(2) says to try the next.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => continue,
            Err(error) => Some(("accept a connection", error)),
        };
        if let Some((what, error)) = &shortage {
            if short_of != Some(*what) {
                context.events().report(EventKind::OutOfResources { what, error: error.to_string() });
            }
            activity::set(Task::Pausing);
            // Not a sleep: the shutdown unparks this thread.
            thread::park_timeout(PAUSE);
        }
        short_of = shortage.map(|(what, _)| what);
    }
}

/// Gives a connection its permit and its thread, or rejects it.
///
/// # Errors
/// The system has no thread to spare.
fn start_connection(
    context: &Arc<ServerContext>,
    id: ConnectionId,
    socket: TcpStream,
    addr: SocketAddr,
) -> io::Result<()> {
    // A write timeout, and keepalive, which finds a peer whose cable was pulled.
    if let Err(error) = delivery::prepare(&socket).and_then(|()| keepalive::set(&socket)) {
        // The peer has reset the connection, so there is no one to answer.
        context.count_rejected(id, None, addr, DisconnectReason::Broken(error.to_string()));
        return Ok(());
    }
    let socket = Arc::new(socket);
    // Before the limits: a banned address must not take another connection's place.
    if let Some(ban) = context.bans.find(&BanTarget::Address(addr.ip())) {
        reject(context, &socket, (id, addr), Rejected::new(ErrorCode::Banned, ban.detail()));
        return Ok(());
    }
    let permit = match context.limits.acquire(id, addr, &socket) {
        Ok(permit) => permit,
        Err(rejected) => {
            reject(context, &socket, (id, addr), rejected);
            return Ok(());
        }
    };
    let connection = NewConnection { context: context.clone(), id, addr, socket: socket.clone(), permit };
    let threads = &context.writers.threads;
    // If there is no thread, the closure is dropped, and with it the permit.
    threads.spawn(format!("client {id}"), ThreadRole::Client(id), move || connection.run()).inspect_err(|_| {
        let detail = "the server has no thread to spare: try again later";
        reject(context, &socket, (id, addr), Rejected::new(ErrorCode::ServerFull, detail));
    })
}

/// Rejects a connection without waiting until the client has read why.
fn reject(
    context: &ServerContext,
    socket: &Arc<TcpStream>,
    (id, addr): (ConnectionId, SocketAddr),
    rejected: Rejected,
) {
    context.rejections.reject(socket, addr, rejected.clone());
    context.count_rejected(id, None, addr, DisconnectReason::Ended(rejected.code, rejected.detail));
}
