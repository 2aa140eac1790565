//! The state of a server at one moment, copied out for whoever watches: windows, tests.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use crate::protocol::Username;
use crate::server::id::ConnectionId;

/// Who is here, and what was counted since the start.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When it was taken.
    pub taken: Instant,
    /// Everybody who has joined, in the order of joining.
    pub people: Vec<ClientInfo>,
    /// What was counted since the start.
    pub totals: Totals,
    /// Why connections ended ([`DisconnectReason::kind`](super::event::DisconnectReason::kind)), and how many for each reason, since the start.
    pub endings: Vec<(&'static str, u64)>,
}

/// One client that has joined.
#[derive(Clone, Debug)]
pub struct ClientInfo {
    /// Which connection; never used again.
    pub id: ConnectionId,
    /// The name.
    pub name: Username,
    /// From where.
    pub addr: SocketAddr,
    /// When it joined.
    pub since: SystemTime,
    /// Messages that it sent, to all or to one.
    pub messages: u64,
    /// Bytes that were read from its socket.
    pub bytes_in: u64,
    /// Bytes that its socket took.
    pub bytes_out: u64,
    /// Bytes that wait in its outbox.
    pub backlog: usize,
    /// Does it speak TLS?
    pub encrypted: bool,
    /// How long its socket has been taking nothing; `None` while it keeps up.
    pub stalled: Option<Duration>,
}

/// Counted since the start of the server. Differences between two snapshots give rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages that were accepted from clients.
    pub messages: u64,
    /// Messages handed to recipients: one message to ten people is ten deliveries.
    pub deliveries: u64,
    /// Connections that have joined.
    pub joined: u64,
    /// Connections that ended without having joined.
    pub refused: u64,
    /// Connections that have not said HELLO yet, now.
    pub greeting: usize,
    /// Bytes of memory that the backlogs of all slow readers take, now.
    pub waiting: usize,
}
