//! The watched parts of a running server that the server worker looks at with each update: the conversation in the room, and
//! whether the history has changed.
//!
//! Runs on the server worker's thread. The paths of the messages in the server pay nothing for it: a few times a second, the
//! newest messages are copied from the server's memory.

use std::time::{Duration, Instant};

use super::MESSAGES_MAX;
use crate::monitor::messages::{ChatNews, Watched};
use crate::protocol::Stamp;
use crate::server::{Deletion, HistorySummary, Server};

/// Maximum number of messages in one update.
const SAID_MAX: usize = 1000;

/// Minimum time between two looks at a history that changes all the time.
const LIST_INTERVAL: Duration = Duration::from_secs(1);

/// The state of watching one run of a server.
#[derive(Debug, Default)]
pub(super) struct Watching {
    watched: Watched,
    /// Stamp of the last message that was sent, and number of messages at that time; `None` before the first.
    sent: Option<(Stamp, u64)>,
    /// Deletions since then.
    deleted: Vec<Deletion>,
    /// The list of the history that the window shows; `None` if it cannot be listed.
    listed: Option<Listed>,
}

/// A list of the history.
#[derive(Debug)]
struct Listed {
    words: String,
    at: Instant,
    /// Number of messages at that time, or `None` if some were deleted since.
    said: Option<u64>,
}

impl Watching {
    /// Begins again with another run of a server.
    pub(super) fn begin(&mut self) {
        *self = Watching { watched: self.watched, ..Watching::default() };
    }

    /// Returns the watched parts.
    pub(super) fn watched(&self) -> Watched {
        self.watched
    }

    /// Watches other parts.
    pub(super) fn set(&mut self, watched: Watched) {
        if !watched.chat {
            (self.sent, self.deleted) = (None, Vec::new());
        }
        if !watched.history {
            self.listed = None;
        }
        self.watched = watched;
    }

    /// Notes that the operator has deleted messages.
    pub(super) fn on_deletion(&mut self, what: &Deletion) {
        if self.watched.chat {
            self.deleted.push(what.clone());
        }
        self.listed.iter_mut().for_each(|listed| listed.said = None);
    }

    /// Returns what was said since the last call, if that is watched.
    pub(super) fn chat_news(&mut self, server: &Server) -> Option<ChatNews> {
        if !self.watched.chat {
            return None;
        }
        let deleted = std::mem::take(&mut self.deleted);
        let before = self.sent.unwrap_or_default();
        let mut news = ChatNews { is_first: self.sent.is_none(), deleted, ..ChatNews::default() };
        if let Some(said) = server.said_after(before.0, SAID_MAX) {
            if !news.is_first && !said.are_all {
                news.skipped = (said.total - before.1).saturating_sub(said.messages.len() as u64);
            }
            self.sent = Some((said.messages.last().map_or(before.0, |last| last.stamp), said.total));
            news.messages = Some(said.messages);
        }
        Some(news)
    }

    /// Notes that the history was listed with these words.
    pub(super) fn on_listed(&mut self, words: String, server: &Server) {
        if self.watched.history {
            self.listed = Some(Listed { words, at: Instant::now(), said: Some(server.said()) });
        }
    }

    /// Lists the history again if it has changed. After an error it is not listed any more, until the operator asks for it.
    pub(super) fn list_again(&mut self, server: &Server) -> Option<HistorySummary> {
        let said = Some(server.said());
        let has_changed =
            |listed: &&mut Listed| listed.said.is_none() || listed.said != said && listed.at.elapsed() >= LIST_INTERVAL;
        let listed = self.listed.as_mut().filter(has_changed)?;
        (listed.at, listed.said) = (Instant::now(), said);
        let summary = server.archive(&listed.words, MESSAGES_MAX).ok();
        if summary.is_none() {
            self.listed = None;
        }
        summary
    }
}
