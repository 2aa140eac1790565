//! Plain data about the history: a summary, a stored message, a deletion, and the error of a request.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use thiserror::Error;

use crate::protocol::Stamp;
use crate::server::observe::event::SHUTTING_DOWN;
use crate::server::storage::message::Message;

/// Beginning of a word that selects messages by their sender in [`Server::archive`](crate::server::Server::archive).
pub(crate) const SENDER: &str = "from:";

/// The state of the history, and some of its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistorySummary {
    /// The database.
    pub file: PathBuf,
    /// Time for which messages are kept; `None` is forever.
    pub keep: Option<Duration>,
    /// Number of stored messages.
    pub messages: u64,
    /// Bytes on the disk, in all files together.
    pub bytes: u64,
    /// The newest messages, or the newest of those that match the search; the oldest first.
    pub shown: Vec<StoredMessage>,
}

/// Time for which messages are kept. It may change while the server runs: the operator's thread sets it, and every thread
/// that reads messages looks at it. It guards no other data, so `Relaxed`.
#[derive(Debug)]
pub(crate) struct Keep(AtomicU64);

impl Keep {
    /// `None` is forever.
    pub(crate) fn new(keep: Option<Duration>) -> Keep {
        Keep(AtomicU64::new(Keep::micros(keep)))
    }

    pub(crate) fn set(&self, keep: Option<Duration>) {
        self.0.store(Keep::micros(keep), Ordering::Relaxed);
    }

    #[cfg(feature = "storage")]
    pub(crate) fn get(&self) -> Option<Duration> {
        let micros = self.0.load(Ordering::Relaxed);
        (micros < u64::MAX).then(|| Duration::from_micros(micros))
    }

    fn micros(keep: Option<Duration>) -> u64 {
        keep.map_or(u64::MAX, |keep| u64::try_from(keep.as_micros()).unwrap_or(u64::MAX))
    }
}

/// A message of the room as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Time and identity: no other message has this stamp.
    pub stamp: Stamp,
    /// The sender's name.
    pub from: String,
    /// The text.
    pub text: String,
}

/// A selection of messages that the operator deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The message with this stamp.
    One(Stamp),
    /// All messages of this name, and of every name that could be mistaken for it.
    AllOf(String),
}

/// The answer to a query: messages, the oldest first.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) messages: Vec<Message>,
    /// Older messages exist that match, too.
    pub(crate) more: bool,
}

/// The reason why the history has no answer, or does not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HistoryError {
    /// The server runs without a history.
    #[error("this server keeps nothing of what is said")]
    NoHistory,
    /// The latest messages are not stored, and cannot be at the moment.
    #[error("the latest messages cannot be stored at this moment: try again later")]
    NotStored,
    /// The history's thread has panicked, or has no file.
    #[error("this server cannot store messages any more")]
    Dead,
    /// The server stops.
    #[error("{SHUTTING_DOWN}")]
    Stopping,
    /// The search took too long.
    #[error("that would take too long: try longer words")]
    Slow,
    /// The file cannot be read.
    #[error("{file} cannot be read: {error}")]
    Unreadable {
        /// The database.
        file: PathBuf,
        /// The database's error.
        error: String,
    },
    /// The messages cannot be deleted, or not all of them; in the words of the database.
    #[error("{0}")]
    NotDeleted(String),
}
