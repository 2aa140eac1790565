//! Plain data about the history, for the operator: a summary, a stored message, a deletion.

use std::path::PathBuf;
use std::time::Duration;

use crate::protocol::Stamp;

/// The state of the history, and some of its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistorySummary {
    /// The database.
    pub file: PathBuf,
    /// How long messages are kept; `None` is forever.
    pub keep: Option<Duration>,
    /// Number of stored messages.
    pub messages: u64,
    /// Bytes on the disk, in all files together.
    pub bytes: u64,
    /// The newest messages, or the newest of those that match the search; the oldest first.
    pub shown: Vec<StoredMessage>,
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
