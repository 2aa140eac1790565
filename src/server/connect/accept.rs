//! The `accept` thread: takes connections, gives each a thread of its own, and never does anything slower.
//!
//! It does not parse and does not wait for a client. When the system has no descriptor or thread to spare it pauses and
//! tries again: those who are connected go on, and newcomers wait in the kernel's queue.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::limits::LimitReached;
use super::{keepalive, reject};
use crate::protocol::ErrorCode;
use crate::server::context::ServerContext;
use crate::server::delivery;
use crate::server::id::ConnectionId;
use crate::server::observe::activity::{self, Task, ThreadRole};
use crate::server::observe::event::{DisconnectReason, EventKind};
use crate::server::session::NewConnection;
use crate::server::storage::bans::BanTarget;

/// How long to pause when the system has nothing to spare. A stop ends the pause.
const PAUSE: Duration = Duration::from_millis(100);

/// The life of the accept thread.
pub(crate) fn run(listener: &TcpListener, shared: &Arc<ServerContext>) {
    // A shortage is told when it begins, not ten times a second.
    let mut short_of = None;
    let mut id = 0;
    while !shared.lobby.is_closed() {
        activity::set(Task::Accepting);
        let result = listener.accept();
        if shared.lobby.is_closed() {
            return;
        }
        let shortage = match result {
            Ok((socket, addr)) => {
                id += 1;
                welcome(shared, ConnectionId(id), socket, addr).err().map(|error| ("start a client's thread", error))
            }
            // The connection is gone before it was accepted: accept(2) says to try the next.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => continue,
            Err(error) => Some(("accept a connection", error)),
        };
        if let Some((what, error)) = &shortage {
            if short_of != Some(*what) {
                shared.events().report(EventKind::OutOfResources { what, error: error.to_string() });
            }
            activity::set(Task::Pausing);
            thread::park_timeout(PAUSE);
        }
        short_of = shortage.map(|(what, _)| what);
    }
}

/// Gives a connection its seat and its thread, or says why it cannot stay.
///
/// # Errors
/// There is no thread to be had.
fn welcome(shared: &Arc<ServerContext>, id: ConnectionId, socket: TcpStream, addr: SocketAddr) -> std::io::Result<()> {
    if let Err(error) = prepare(&socket) {
        // The peer has reset the connection: nobody is there to be told.
        shared.turn_away(addr, DisconnectReason::Broken(error.to_string()));
        return Ok(());
    }
    let socket = Arc::new(socket);
    if let Some(ban) = shared.bans.find(&BanTarget::Address(addr.ip())) {
        turn_away(shared, &socket, addr, ErrorCode::Banned, &ban.detail());
        return Ok(());
    }
    let seat = match shared.lobby.enter(id, addr, &socket) {
        Ok(seat) => seat,
        Err(LimitReached(code, detail)) => {
            turn_away(shared, &socket, addr, code, detail);
            return Ok(());
        }
    };
    let arrival = NewConnection { shared: shared.clone(), id, addr, socket: socket.clone(), seat };
    shared.writers.threads.spawn(format!("client {id}"), ThreadRole::Client(id), move || arrival.run()).inspect_err(
        |_| {
            let detail = "the server has no thread to spare: try again later";
            turn_away(shared, &socket, addr, ErrorCode::ServerFull, detail);
        },
    )
}

/// Sets what a new socket needs: writes that do not wait for ever, and keepalive, by which a peer whose cable was pulled is
/// found.
fn prepare(socket: &TcpStream) -> std::io::Result<()> {
    delivery::prepare(socket)?;
    keepalive::set(socket)
}

/// Refuses a connection, and does not wait until it has read why.
fn turn_away(shared: &Arc<ServerContext>, socket: &Arc<TcpStream>, addr: SocketAddr, code: ErrorCode, detail: &str) {
    reject::refuse(shared, socket, addr, code, detail);
    shared.turn_away(addr, DisconnectReason::Ended(code, detail.into()));
}
