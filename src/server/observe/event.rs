//! Events: what the server reports as it happens, over a channel that never blocks the network.
//!
//! Any thread of the server reports through an [`EventSink`]. An event goes to the log, and to the watcher's channel if there
//! is one. That channel is bounded, and an event that does not fit is counted instead of sent. A flooded window is late but
//! never wrong, since it reads *state* (the clients, the queued bytes) from a [`Snapshot`](super::snapshot::Snapshot).

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, Sender, bounded};
use log::Level;
mod reason;
mod words;

pub use reason::DisconnectReason;
pub(crate) use reason::SHUTTING_DOWN;

use crate::protocol::{ErrorCode, Username};
use crate::server::changes::Changes;
use crate::server::id::ConnectionId;
use crate::wire::{self, Tap, TapReceiver};

/// Capacity of the watcher's channel, in events.
const WAITING_MAX: usize = 4096;

/// An event with the time at which it happened.
///
/// ```
/// use multichat::server::{Config, EventKind, Server};
///
/// let (server, events) = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() })?;
/// server.stop();
/// for event in events {
///     println!("{}", event.kind);
///     if let EventKind::Listening(addresses) = event.kind {
///         assert_ne!(addresses[0].port(), 0);
///     }
/// }
/// # Ok::<(), multichat::server::StartError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Event {
    /// Time by the server's clock.
    pub at: SystemTime,
    /// The kind of event, with its details.
    pub kind: EventKind,
}

/// The kinds of events. Displays as one line, in which all text that comes from users is escaped.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// The server accepts connections at these addresses.
    Listening(Vec<SocketAddr>),
    /// The server offers TLS.
    Encrypts {
        /// The SHA-256 of its public key.
        fingerprint: String,
    },
    /// The server is announced on the local network.
    Announced {
        /// The name that people see there.
        name: String,
    },
    /// The server is not announced on the local network, although it should be.
    NotAnnounced {
        /// The reason.
        why: String,
    },
    /// The server's certificate is not valid at this time.
    NotValid {
        /// The certificate's file.
        file: PathBuf,
        /// When it is valid, in words.
        why: String,
    },
    /// The settings were changed while the server runs, or certificate and password were read again.
    Reconfigured(Changes),
    /// The settings could not be changed. The earlier ones stay in force.
    NotReconfigured {
        /// The reason, and what would help.
        why: String,
    },
    /// The server has begun to stop, with this number of clients connected.
    Stopping(usize),
    /// Every socket is closed and every thread has ended.
    Stopped,
    /// A client has joined.
    Joined {
        /// The connection's id.
        id: ConnectionId,
        /// The username.
        name: Username,
        /// The peer's address.
        addr: SocketAddr,
    },
    /// A client that had joined has disconnected.
    Left {
        /// The connection's id.
        id: ConnectionId,
        /// The username.
        name: Username,
        /// The peer's address.
        addr: SocketAddr,
        /// The reason for which the connection ended.
        why: DisconnectReason,
    },
    /// A connection ended before it joined.
    Rejected {
        /// The connection's id.
        id: ConnectionId,
        /// The username that the client asked for; `None` if the connection ended before that.
        name: Option<Username>,
        /// The peer's address.
        addr: SocketAddr,
        /// The reason for which the connection ended.
        why: DisconnectReason,
    },
    /// The limit of file descriptors is too low for the maximum number of clients.
    TooFewDescriptors {
        /// Maximum number of clients by the configuration.
        clients: usize,
        /// Number of clients for which there are descriptors.
        fit: usize,
    },
    /// The history database cannot be used, so messages are not stored.
    NoHistory {
        /// The database file.
        file: PathBuf,
        /// The reason, and what would help.
        why: String,
    },
    /// A database was damaged. It was renamed, and a new one was created in its place.
    Quarantined {
        /// The database file.
        file: PathBuf,
        /// Its new name.
        quarantined: PathBuf,
    },
    /// Messages cannot be stored at this time.
    HistoryFails {
        /// The error of the system or of SQLite.
        error: String,
    },
    /// Messages can be stored again.
    HistoryWorks {
        /// Number of messages that were dropped in the meantime.
        lost: u64,
    },
    /// The server stops, and the last messages cannot be stored.
    HistoryEnds {
        /// Number of those messages.
        lost: u64,
    },
    /// The history file was removed or replaced while the server runs. The server goes on with the file that is there now.
    HistoryGone {
        /// The database file.
        file: PathBuf,
    },
    /// The clock is so far ahead of the newest stored message that it may be wrong. Until it is trusted again, no message is
    /// deleted for its age.
    ClockAhead {
        /// By how much.
        by: Duration,
    },
    /// The newest stored message has a stamp in the future, so all that follow get one too: the clock was wrong once.
    FromTheFuture {
        /// By how much the stamp is ahead of the clock.
        by: Duration,
    },
    /// A thread ended by a panic: a defect of the server.
    Panicked {
        /// The thread's name.
        thread: String,
        /// The message of the panic.
        why: String,
    },
    /// The system did not provide another connection or thread. The server goes on and tries again.
    OutOfResources {
        /// The attempt that failed, as a verb phrase.
        what: &'static str,
        /// The system's error.
        error: String,
    },
}

impl EventKind {
    /// Returns the log level. Error: the operator must act. Warn: something was lost, or refused although it may have been
    /// meant well. Info: people, start and stop, changes.
    pub fn level(&self) -> Level {
        match self {
            EventKind::NoHistory { .. }
            | EventKind::HistoryFails { .. }
            | EventKind::HistoryEnds { .. }
            | EventKind::Panicked { .. }
            | EventKind::NotReconfigured { .. }
            | EventKind::NotValid { .. }
            | EventKind::Left { why: DisconnectReason::Panicked, .. } => Level::Error,
            EventKind::TooFewDescriptors { .. }
            | EventKind::NotAnnounced { .. }
            | EventKind::OutOfResources { .. }
            | EventKind::Quarantined { .. }
            | EventKind::HistoryGone { .. }
            | EventKind::ClockAhead { .. }
            | EventKind::FromTheFuture { .. }
            | EventKind::Left { why: DisconnectReason::Ended(ErrorCode::TooSlow, _), .. }
            | EventKind::Rejected {
                why:
                    DisconnectReason::Ended(
                        ErrorCode::ServerFull | ErrorCode::TooManyConnections | ErrorCode::BadPassword,
                        _,
                    ),
                ..
            } => Level::Warn,
            EventKind::HistoryWorks { lost } if *lost > 0 => Level::Warn,
            _ => Level::Info,
        }
    }

    /// Returns the log target. Each kind of line that clients can cause at will has its own, so that an operator can filter
    /// it out.
    fn target(&self) -> &'static str {
        match self {
            EventKind::Joined { .. } => "multichat::server::joined",
            EventKind::Left { .. } => "multichat::server::left",
            EventKind::Rejected { .. } => "multichat::server::rejected",
            _ => "multichat::server",
        }
    }
}

/// The sending end for events. A handle that is cheap to clone: each thread that reports has its own.
#[derive(Clone, Debug, Default)]
pub struct EventSink {
    watcher: Option<Sender<Event>>,
    /// Number of events that did not fit into the channel. Written by the thread that finds it full, read by the watcher.
    /// It guards no other data, so `Relaxed`.
    lost: Arc<AtomicU64>,
    /// Shows the lines of the wire to a debugging window.
    pub(crate) tap: Tap,
}

impl EventSink {
    /// Creates a sink, and the channel that a watcher reads.
    pub fn watched() -> (EventSink, Receiver<Event>) {
        let (sender, receiver) = bounded(WAITING_MAX);
        (EventSink { watcher: Some(sender), ..EventSink::default() }, receiver)
    }

    /// Adds a tap to the sink, and returns its receiving end: from now on the lines of the wire can be watched too.
    pub fn tapped(self) -> (EventSink, TapReceiver) {
        let (tap, wire) = wire::tap();
        (EventSink { tap, ..self }, wire)
    }

    /// Reports an event. Never blocks on the watcher: if the channel is full, the event is only counted.
    pub fn report(&self, kind: EventKind) {
        log::log!(target: kind.target(), kind.level(), "{kind}");
        if let Some(watcher) = &self.watcher
            && watcher.try_send(Event { at: SystemTime::now(), kind }).is_err()
        {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns the number of events that were dropped because the watcher was too slow, since the sink was created.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}
