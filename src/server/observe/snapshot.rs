//! The state of a server at one moment, copied out for windows and tests.
//!
//! Plain data without locks. A snapshot is made by the thread that asks for it (`Server::snapshot`), and nothing here
//! changes afterwards.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use crate::protocol::Username;
use crate::server::id::ConnectionId;

/// The clients that are connected, and the counters since the start of the server.
///
/// ```
/// # use multichat::client::{ConnectOptions, Connection};
/// # use multichat::protocol::Username;
/// # use multichat::server::{Config, Server};
/// # let (server, _events) = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() })?;
/// let ann = Connection::connect(ConnectOptions::new(server.addr().into(), Username::parse("ann")?))?;
/// let snapshot = server.snapshot();
/// assert_eq!(snapshot.people[0].name.as_str(), "ann");
/// assert_eq!((snapshot.totals.joined, snapshot.totals.messages), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When the snapshot was taken. With two of these, differences between counters become rates.
    pub taken: Instant,
    /// Every client that has joined, in the order of connection ids.
    pub people: Vec<ClientInfo>,
    /// Counters since the start.
    pub totals: Totals,
    /// Number of connections that ended for each reason
    /// ([`DisconnectReason::kind`](super::event::DisconnectReason::kind)), since the start.
    pub disconnects: Vec<(&'static str, u64)>,
}

/// One client that has joined.
#[derive(Clone, Debug)]
pub struct ClientInfo {
    /// The connection's id, which is never used again.
    pub id: ConnectionId,
    /// The username.
    pub name: Username,
    /// The peer's address.
    pub addr: SocketAddr,
    /// When the client joined.
    pub since: SystemTime,
    /// Number of messages that the client has sent, public and private.
    pub messages: u64,
    /// Bytes read from the socket.
    pub bytes_in: u64,
    /// Bytes that the socket has accepted.
    pub bytes_out: u64,
    /// Bytes queued in the outbox.
    pub backlog: usize,
    /// Set if the connection speaks TLS.
    pub encrypted: bool,
    /// Time for which the socket has accepted nothing, or `None` while the client keeps up.
    pub stalled: Option<Duration>,
}

/// Counters since the start of the server, and two gauges. Differences between two snapshots give rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages accepted from clients.
    pub messages: u64,
    /// Messages queued for recipients: one message to ten clients is ten deliveries.
    pub deliveries: u64,
    /// Connections that have joined.
    pub joined: u64,
    /// Connections that ended without having joined.
    pub rejected: u64,
    /// Connections that have not sent HELLO yet. A gauge, not a counter.
    pub unauthenticated: usize,
    /// Bytes of memory reserved for the backlogs of all slow readers. A gauge, not a counter.
    pub waiting: usize,
}
