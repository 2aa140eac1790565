//! A client that has joined: everything that several threads of the server share about it.
//!
//! An `Arc<Client>` has three kinds of owners. The client's own thread reads from the socket, the holder of the outbox's
//! [claim](super::claim) writes to it, and the registry lists it. When the last of them drops its reference, the file
//! descriptor is closed. Nothing in this file blocks.

use std::net::{Shutdown, SocketAddr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Instant, SystemTime};

use super::budget::Budget;
use super::outbox::{Chunk, OnClose, Outbox, Pushed};
use crate::protocol::{Capabilities, ErrorCode, ServerLine, Username};
use crate::server::id::ConnectionId;
use crate::server::observe::event::DisconnectReason;
use crate::server::observe::snapshot::ClientInfo;
use crate::server::proof::Proof;
use crate::sync::{Mutex, lock};
use crate::transport::Transport;

/// A client that has joined: see the [module](self).
///
/// The fields that a delivery needs come first, in this order (`repr(C)` keeps it), so that they lie in as few cache lines as
/// possible. For a client that has got nothing for a while, each cache line is an access to main memory.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Client {
    pub(crate) id: ConnectionId,
    /// The optional features that the client asked for in its HELLO.
    pub(crate) capabilities: Capabilities,
    /// Read by the client's own thread, written by the holder of the claim: at most two threads at a time, one for each
    /// direction.
    pub(crate) transport: Transport,
    pub(crate) outbox: Outbox,
    pub(crate) name: Username,
    pub(crate) addr: SocketAddr,
    pub(crate) since: SystemTime,
    /// The proof that the client owns its name, if it has given one. Written and read by the client's own thread only: the
    /// lock is never contended, but a shared value that changes needs one.
    proof: Mutex<Option<Proof>>,
    /// The reason for which the server disconnects the client; empty while the client may stay. The thread that disconnects
    /// the client sets it, and the client's own thread reads it when its socket is shut. Several threads may try (an operator
    /// kicks a client that has just stalled), and the first reason counts: that is what `OnceLock` is.
    disconnect_reason: OnceLock<DisconnectReason>,
    /// Since when the socket has accepted nothing. Written by the drain thread, read by snapshots.
    stalled: Mutex<Option<Instant>>,
    /// Counters for snapshots. Written by the client's own thread only; no other data depends on them, so `Relaxed`.
    messages: AtomicU64,
    bytes_in: AtomicU64,
    /// Set while a [probe](crate::server::connect::keepalive::Probe) of the connection is under way. It guards no other
    /// data, so `Relaxed`.
    pub(crate) is_probed: AtomicBool,
}

impl Client {
    pub(crate) fn new(
        id: ConnectionId,
        name: Username,
        capabilities: Capabilities,
        addr: SocketAddr,
        transport: Transport,
    ) -> Client {
        Client {
            id,
            name,
            addr,
            since: SystemTime::now(),
            capabilities,
            transport,
            outbox: Outbox::default(),
            proof: Mutex::new(None),
            disconnect_reason: OnceLock::new(),
            stalled: Mutex::new(None),
            messages: AtomicU64::new(0),
            bytes_in: AtomicU64::new(0),
            is_probed: AtomicBool::new(false),
        }
    }

    /// Records that the client has proved that it owns its name.
    pub(crate) fn set_proof(&self, proof: Proof) {
        *lock(&self.proof) = Some(proof);
    }

    /// Returns the proof that the client has given. Its entry in the list of members may have changed since.
    pub(crate) fn proof(&self) -> Option<Proof> {
        lock(&self.proof).clone()
    }

    /// Closes the outbox with a last line, `ERR <code> <detail>`, behind the queued bytes or in their place.
    ///
    /// The caller may come away with the claim, as from [`Outbox::push`], and must then write. Never writes by itself, so it
    /// may be called under the registry's lock.
    pub(crate) fn disconnect(&self, code: ErrorCode, detail: &str, on_close: OnClose, budget: &Budget) -> Pushed {
        // `set` fails if there is a reason already, which then stays. The outbox accepts one last line only, too.
        let _ = self.disconnect_reason.set(DisconnectReason::Ended(code, detail.into()));
        self.outbox.finish(Some(error_line(code, detail)), on_close, budget)
    }

    /// Closes the connection at once: drops the queued bytes and shuts the socket in both directions. Only the holder of the
    /// claim may call this, when a write has failed or a stall has lasted too long.
    pub(crate) fn abort(&self, why: DisconnectReason, budget: &Budget) {
        // The reason before the shutdown: the client's own thread wakes from its read at the shutdown, and then looks for it.
        let _ = self.disconnect_reason.set(why);
        self.outbox.abandon(budget);
        self.shut();
    }

    /// Records that the server disconnects the client, whose last line is queued already. The caller closes the outbox.
    pub(crate) fn end(&self, why: DisconnectReason) {
        let _ = self.disconnect_reason.set(why);
    }

    /// Closes the connection to a peer that does not answer any more. May be called without the claim: it leaves the outbox
    /// alone, and if a thread is writing, its write fails and that thread cleans up.
    pub(crate) fn give_up(&self) {
        self.end(DisconnectReason::Broken("its computer does not answer, and somebody wants its name".into()));
        self.shut();
    }

    /// Shuts the socket in both directions, which wakes the client's own thread from its read. The descriptor stays open
    /// until the last reference is dropped, so no thread can hold a number that the system has given to another connection.
    pub(crate) fn shut(&self) {
        // The only possible error is ENOTCONN, see shutdown(2), and then the aim is reached already.
        let _ = self.transport.shutdown(Shutdown::Both);
    }

    /// Returns the reason for which the server disconnects the client, or `None` while it may stay.
    pub(crate) fn disconnect_reason(&self) -> Option<&DisconnectReason> {
        self.disconnect_reason.get()
    }

    /// Records since when the socket has accepted nothing, or `None` when it accepts bytes again. Called by the drain thread.
    pub(crate) fn set_stalled(&self, since: Option<Instant>) {
        *lock(&self.stalled) = since;
    }

    pub(crate) fn set_bytes_in(&self, bytes: u64) {
        self.bytes_in.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn count_messages(&self, messages: u64) {
        self.messages.fetch_add(messages, Ordering::Relaxed);
    }

    /// Returns the client's row of a snapshot. Takes the outbox's lock twice, so it is not for use under it.
    pub(crate) fn info(&self) -> ClientInfo {
        ClientInfo {
            id: self.id,
            name: self.name.clone(),
            addr: self.addr,
            since: self.since,
            messages: self.messages.load(Ordering::Relaxed),
            bytes_in: self.bytes_in.load(Ordering::Relaxed),
            bytes_out: self.outbox.written(),
            backlog: self.outbox.backlog(),
            encrypted: self.transport.is_encrypted(),
            stalled: lock(&self.stalled).map(|since| since.elapsed()),
        }
    }
}

/// Returns the encoded line `ERR <code> <detail>`.
pub(crate) fn error_line(code: ErrorCode, detail: &str) -> Chunk {
    let mut line = Vec::new();
    ServerLine::Err { code: code.word(), detail }.encode(&mut line);
    line.into()
}
