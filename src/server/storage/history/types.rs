//! What the operator sees of the history, and what can be deleted from it: plain data.

use std::path::PathBuf;
use std::time::Duration;

use crate::protocol::Stamp;

/// What is kept of what was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistorySummary {
    /// Where.
    pub file: PathBuf,
    /// How long; `None` is for good.
    pub keep: Option<Duration>,
    /// How many messages.
    pub messages: u64,
    /// Bytes on the disk, in all files together.
    pub bytes: u64,
    /// The newest, or the newest of those that were searched for; the oldest first.
    pub shown: Vec<StoredMessage>,
}

/// A message that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// When it was said; no other has that stamp.
    pub stamp: Stamp,
    /// Who said it.
    pub from: String,
    /// What.
    pub text: String,
}

/// What is to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The message with this stamp.
    One(Stamp),
    /// Everything that was said under this name, or under one that could pass for it.
    AllOf(String),
}
