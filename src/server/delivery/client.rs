//! One client that has joined: what the threads of the server share about it.
//!
//! Its own thread reads from the socket; whoever holds the outbox's claim writes to it; the registry lists it. When the
//! last of them lets go, the socket closes.

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
use crate::server::storage::bans::BanTarget;
use crate::server::storage::members::Proof;
use crate::sync::{Mutex, lock};
use crate::transport::Transport;

/// See the [module](self). First what a delivery needs, in this order, so that it lies in as few cache lines as may be:
/// for a client that has heard nothing for a while each is a trip to the memory.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Client {
    pub(crate) id: ConnectionId,
    /// What it asked for in its HELLO.
    pub(crate) capabilities: Capabilities,
    /// Its own thread reads from it, the holder of the claim writes to it.
    pub(crate) transport: Transport,
    pub(crate) outbox: Outbox,
    pub(crate) name: Username,
    pub(crate) addr: SocketAddr,
    pub(crate) since: SystemTime,
    /// What proves that the name is its own, if it is. Written by its own thread, read by that.
    proof: Mutex<Option<Proof>>,
    /// Why the connection ends, if it is not the client that ends it. The first reason counts: written by whoever ends
    /// the client, read by the client's own thread when its socket is shut.
    ending: OnceLock<DisconnectReason>,
    /// Since when the socket has been taking nothing: written by the drain thread, read by snapshots.
    stalled: Mutex<Option<Instant>>,
    /// Written by the client's own thread only, read by snapshots; nothing else depends on them, so `Relaxed`.
    messages: AtomicU64,
    bytes_in: AtomicU64,
    /// Whether a [probe](crate::server::connect::keepalive::Probe) of it goes on; it guards no other data, so `Relaxed`.
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
            ending: OnceLock::new(),
            stalled: Mutex::new(None),
            messages: AtomicU64::new(0),
            bytes_in: AtomicU64::new(0),
            is_probed: AtomicBool::new(false),
        }
    }

    /// It has proved that the name is its own.
    pub(crate) fn set_proof(&self, proof: Proof) {
        *lock(&self.proof) = Some(proof);
    }

    /// Returns what it has proved. That entry may be gone by now.
    pub(crate) fn proof(&self) -> Option<Proof> {
        lock(&self.proof).clone()
    }

    /// Says goodbye with `ERR <code> <detail>` behind what waits (or instead of it), after which its connection is
    /// closed. To be called like [`Outbox::push`]: the caller may come away with the claim.
    pub(crate) fn end(&self, code: ErrorCode, detail: &str, backlog: OnClose, budget: &Budget) -> Pushed {
        // What is full stays full: the first reason counts.
        let _ = self.ending.set(DisconnectReason::Ended(code, detail.into()));
        self.outbox.finish(Some(error_line(code, detail)), backlog, budget)
    }

    /// The socket failed while it was written to: no byte more in either direction. For the holder of the claim.
    pub(crate) fn abort(&self, why: DisconnectReason, budget: &Budget) {
        let _ = self.ending.set(why);
        self.outbox.abandon(budget);
        self.shut();
    }

    /// Its system does not answer any more. For a thread that does not hold the claim.
    pub(crate) fn give_up(&self) {
        let _ = self
            .ending
            .set(DisconnectReason::Broken("its computer does not answer, and somebody wants its name".into()));
        self.shut();
    }

    /// Shuts the socket, which wakes the client's thread out of its read.
    pub(crate) fn shut(&self) {
        // The only error is that it is not connected any more, which is what is wanted.
        let _ = self.transport.shutdown(Shutdown::Both);
    }

    /// Why the server has ended this connection, if it has.
    pub(crate) fn ending(&self) -> Option<&DisconnectReason> {
        self.ending.get()
    }

    /// The drain thread says that the socket takes nothing, or that it does again.
    pub(crate) fn set_stalled(&self, since: Option<Instant>) {
        *lock(&self.stalled) = since;
    }

    pub(crate) fn set_bytes_in(&self, bytes: u64) {
        self.bytes_in.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn count_messages(&self, messages: u64) {
        self.messages.fetch_add(messages, Ordering::Relaxed);
    }

    /// By what a ban recognises it.
    pub(crate) fn whom(&self) -> [BanTarget; 2] {
        [BanTarget::Name(self.name.clone()), BanTarget::Address(self.addr.ip())]
    }

    /// Its row in a snapshot.
    pub(crate) fn person(&self) -> ClientInfo {
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

/// `ERR <code> <detail>`, ready to be sent.
pub(crate) fn error_line(code: ErrorCode, detail: &str) -> Chunk {
    let mut line = Vec::new();
    ServerLine::Err { code: code.word(), detail }.encode(&mut line);
    line.into()
}
