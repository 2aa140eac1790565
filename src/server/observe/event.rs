//! What the server tells whoever watches it: happenings, by a channel that never makes the network wait.
//!
//! Any thread of the server reports through an [`EventSink`]. The event goes to the log, and to the watcher's channel
//! if there is one. That channel is bounded, and what does not fit is counted instead: a flooded window is late, never
//! wrong, since *state* (who is here, how much waits) is read from a [`Snapshot`](super::snapshot::Snapshot).

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crossbeam_channel::{Receiver, Sender, bounded};
use log::Level;

use super::threads::{ACCEPT, HISTORY};
use crate::protocol::escape::escape;
use crate::protocol::{ErrorCode, Username};
use crate::server::id::ConnectionId;
use crate::wire::{self, Tap, TapReceiver};

/// Events that may wait for the watcher.
const WAITING_MAX: usize = 4096;

/// Something that happened, and when.
#[derive(Clone, Debug)]
pub struct Event {
    /// The server's clock.
    pub at: SystemTime,
    /// What.
    pub what: EventKind,
}

/// What can happen. Displays as one line, in which whatever users sent is escaped.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// The server accepts connections.
    Listening(SocketAddr),
    /// It speaks TLS with those who ask for it.
    Encrypts {
        /// The SHA-256 of its public key.
        fingerprint: String,
    },
    /// The certificate that the server shows is not valid now.
    NotValid {
        /// The file.
        file: PathBuf,
        /// When it is valid, in words.
        why: String,
    },
    /// Certificate and password were read again, and hold for those who come from now on.
    Reloaded,
    /// They could not be read again, so that the earlier ones hold.
    NotReloaded {
        /// Why not, and what would help.
        why: String,
    },
    /// The server has begun to stop, and these people are still here.
    Stopping(usize),
    /// Every socket is closed and every thread has ended.
    Stopped,
    /// Somebody has joined.
    Joined {
        /// The connection.
        id: ConnectionId,
        /// The name.
        name: Username,
        /// From where.
        addr: SocketAddr,
    },
    /// Somebody who had joined is gone.
    Left {
        /// The connection.
        id: ConnectionId,
        /// The name.
        name: Username,
        /// Why the connection ended.
        why: DisconnectReason,
    },
    /// A connection ended before it joined.
    Refused {
        /// From where.
        addr: SocketAddr,
        /// Why it ended.
        why: DisconnectReason,
    },
    /// The system allows too few descriptors for as many clients as may be here.
    TooFewDescriptors {
        /// How many clients may be here.
        clients: usize,
        /// For how many there are descriptors.
        fit: usize,
    },
    /// What is said is not kept: the database cannot be used.
    NoHistory {
        /// The file.
        file: PathBuf,
        /// Why not, and what would help.
        why: String,
    },
    /// A database was damaged. It has another name now, and a new one was begun.
    SetAside {
        /// The file.
        file: PathBuf,
        /// Its name now.
        aside: PathBuf,
    },
    /// What is said cannot be stored at this moment.
    HistoryFails {
        /// What the system or SQLite said.
        error: String,
    },
    /// What is said can be stored again.
    HistoryWorks {
        /// How many messages had to be given up.
        lost: u64,
    },
    /// The server stops, and the disk does not take the last messages.
    HistoryEnds {
        /// How many they are.
        lost: u64,
    },
    /// The file of the history was removed or replaced while the server runs; it goes on with the file that is there now.
    HistoryGone {
        /// The file.
        file: PathBuf,
    },
    /// The clock is so far ahead of what the history knows that it may be wrong: nothing is deleted by it.
    ClockAhead {
        /// By how much.
        by: Duration,
    },
    /// The newest message has a stamp of the future, and so will all that follow: the clock was wrong once.
    FromTheFuture {
        /// How far its stamp is ahead of the clock.
        by: Duration,
    },
    /// A thread ended by a panic: a defect of ours.
    Panicked {
        /// The thread's name.
        thread: String,
        /// What the panic said.
        why: String,
    },
    /// The system would not give another connection or thread; the server goes on and tries again.
    OutOfResources {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        error: String,
    },
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The client said BYE.
    Bye,
    /// The client closed its end without a BYE.
    Closed,
    /// The connection broke: reset, keepalive timed out.
    Broken(String),
    /// The server ended it with this code and detail.
    Ended(ErrorCode, String),
    /// The client's thread panicked: a defect of ours.
    Panicked,
}

impl DisconnectReason {
    /// One word for all endings of this kind: the code, if the server ended it.
    pub fn kind(&self) -> &'static str {
        match self {
            DisconnectReason::Bye => "BYE",
            DisconnectReason::Closed => "closed",
            DisconnectReason::Broken(_) => "broken",
            DisconnectReason::Ended(code, _) => code.word(),
            DisconnectReason::Panicked => "panicked",
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DisconnectReason::Bye => write!(f, "said BYE"),
            DisconnectReason::Closed => write!(f, "closed the connection"),
            DisconnectReason::Broken(error) => write!(f, "connection broken: {error}"),
            DisconnectReason::Ended(code, detail) if detail.is_empty() => write!(f, "{}", code.word()),
            DisconnectReason::Ended(code, detail) => write!(f, "{} ({})", code.word(), escape(detail)),
            DisconnectReason::Panicked => write!(f, "its thread panicked: a defect of the server"),
        }
    }
}

impl EventKind {
    /// How much attention it deserves.
    pub fn level(&self) -> Level {
        match self {
            EventKind::NoHistory { .. }
            | EventKind::HistoryFails { .. }
            | EventKind::HistoryEnds { .. }
            | EventKind::HistoryGone { .. }
            | EventKind::Panicked { .. }
            | EventKind::NotReloaded { .. }
            | EventKind::Left { why: DisconnectReason::Panicked, .. } => Level::Error,
            EventKind::TooFewDescriptors { .. }
            | EventKind::OutOfResources { .. }
            | EventKind::NotValid { .. }
            | EventKind::SetAside { .. }
            | EventKind::ClockAhead { .. }
            | EventKind::FromTheFuture { .. }
            | EventKind::Left { why: DisconnectReason::Ended(ErrorCode::TooSlow, _), .. } => Level::Warn,
            _ => Level::Info,
        }
    }

    /// The target in the log. Each kind of line of which somebody else decides how many there are has its own.
    fn target(&self) -> &'static str {
        match self {
            EventKind::Joined { .. } => "multichat::server::joined",
            EventKind::Left { .. } => "multichat::server::left",
            EventKind::Refused { .. } => "multichat::server::refused",
            _ => "multichat::server",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventKind::Listening(addr) => write!(f, "listening on {addr}"),
            EventKind::Encrypts { fingerprint } => write!(f, "speaks TLS, with the key {fingerprint}"),
            EventKind::NotValid { file, why } => write!(
                f,
                "the certificate in {} {why}: clients that look at its dates refuse it. Bring another, or set the clock",
                file.display()
            ),
            EventKind::Reloaded => write!(f, "certificate and password were read again"),
            EventKind::NotReloaded { why } => {
                write!(f, "certificate and password stay as they were: {why}")
            }
            EventKind::Stopping(0) => write!(f, "stopping, with nobody here"),
            EventKind::Stopping(people) => write!(f, "stopping, with {people} here"),
            EventKind::Stopped => write!(f, "stopped"),
            EventKind::Joined { id, name, addr } => write!(f, "{id} {} joined from {addr}", escape(name.as_str())),
            EventKind::Left { id, name, why } => write!(f, "{id} {} left: {why}", escape(name.as_str())),
            EventKind::Refused { addr, why } => write!(f, "{addr} did not join: {why}"),
            EventKind::TooFewDescriptors { clients, fit } => write!(
                f,
                "the system allows descriptors for {fit} clients, not for {clients}: raise the hard limit (ulimit -Hn)"
            ),
            EventKind::NoHistory { file, why } => write!(f, "what is said is not kept: {}: {why}", file.display()),
            EventKind::SetAside { file, aside } => {
                write!(f, "{} was damaged: it is now {}, and a new one was begun", file.display(), aside.display())
            }
            EventKind::HistoryFails { error } => write!(f, "what is said cannot be stored: {error}; trying again"),
            EventKind::HistoryWorks { lost: 0 } => write!(f, "what is said is stored again, and nothing is missing"),
            EventKind::HistoryWorks { lost } => write!(f, "what is said is stored again; {lost} messages are missing"),
            EventKind::HistoryEnds { lost } => write!(f, "{lost} messages could not be stored, and are lost"),
            EventKind::HistoryGone { file } => write!(
                f,
                "{} was removed or replaced while the server runs: what is said from now on goes into a new one there",
                file.display()
            ),
            EventKind::ClockAhead { by } => write!(
                f,
                "the clock is {} ahead of the history: check it; until it has gone right for a day, nothing is deleted for its age",
                rough(*by)
            ),
            EventKind::FromTheFuture { by } => write!(
                f,
                "the newest message is dated {} ahead of the clock, and so are all that follow: if the clock is right, \
                 start the server with a new history (--history), where dates begin anew",
                rough(*by)
            ),
            EventKind::Panicked { thread, why } => {
                write!(f, "the thread {} panicked, a defect of the server: {}", escape(thread), escape(why))?;
                f.write_str(match thread.as_str() {
                    HISTORY => "; nothing that is said is kept until it is started again",
                    ACCEPT => "; nobody can connect until it is started again",
                    _ => "",
                })
            }
            EventKind::OutOfResources { what, error } => write!(f, "could not {what} ({error}): trying again"),
        }
    }
}

/// Writes a time in the unit that suits it.
fn rough(time: Duration) -> String {
    match time.as_secs() / 60 {
        minutes @ 0..120 => format!("{minutes} minutes"),
        minutes @ 120..2880 => format!("{} hours", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    }
}

/// Where the server's threads report. Cloning it is cheap; each thread has its own.
#[derive(Clone, Debug, Default)]
pub struct EventSink {
    watcher: Option<Sender<Event>>,
    /// Written by whichever thread found the channel full, read by the watcher.
    lost: Arc<AtomicU64>,
    /// Where lines are seen as they go by.
    pub(crate) tap: Tap,
}

impl EventSink {
    /// A sink and the channel that a watcher reads.
    pub fn watched() -> (EventSink, Receiver<Event>) {
        let (sender, receiver) = bounded(WAITING_MAX);
        (EventSink { watcher: Some(sender), ..EventSink::default() }, receiver)
    }

    /// Lets the lines of the wire be seen, too, where they come out.
    pub fn tapped(self) -> (EventSink, TapReceiver) {
        let (tap, wire) = wire::tap();
        (EventSink { tap, ..self }, wire)
    }

    /// Reports without ever waiting.
    pub fn report(&self, what: EventKind) {
        log::log!(target: what.target(), what.level(), "{what}");
        if let Some(watcher) = &self.watcher
            && watcher.try_send(Event { at: SystemTime::now(), what }).is_err()
        {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many events the watcher was too slow for, since the sink was made.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}
