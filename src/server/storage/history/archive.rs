//! The operator's access to the history: list messages, delete them, export them as text.
//!
//! Called by the operator's thread, which may wait for a disk, and never by a window's UI thread.

use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, bounded};

use super::delete::{DeleteJob, Selector};
use super::types::{Deletion, HistoryError, HistorySummary, SENDER, StoredMessage};
use super::{Command, History, normalize, ring, store};
use crate::clock::Clock;
use crate::files;
use crate::protocol::escape::escape;
use crate::protocol::{NameKey, Stamp};
use crate::server::storage::message::Message;
use crate::server::storage::sqlite;

/// Maximum time that the operator waits for a deletion. The deletion continues after that.
const DELETE_WAIT_MAX: Duration = Duration::from_secs(2);

impl From<Message> for StoredMessage {
    fn from(message: Message) -> StoredMessage {
        StoredMessage { stamp: message.stamp, from: message.from().to_owned(), text: message.text().to_owned() }
    }
}

impl History {
    /// Returns the size of the history, and the newest `count` messages that contain each of these words; without words, the
    /// newest of all. Words that begin with [`SENDER`] are names, of which the message has one. `relayed` is the number of messages that were relayed since the start: the answer includes all of them.
    ///
    /// # Errors
    /// The history cannot be read.
    pub(crate) fn summary(&self, relayed: u64, words: &str, count: usize) -> Result<HistorySummary, HistoryError> {
        let (names, words): (Vec<_>, Vec<_>) = words.split_whitespace().partition(|word| word.starts_with(SENDER));
        let names: Vec<NameKey> = names.iter().map(|word| NameKey::of(&word[SENDER.len()..])).collect();
        let query = normalize::query(&words.join(" "));
        let (total, mut shown) = self.read(relayed, Stamp::MAX, |connection, oldest| {
            let found = match &query {
                _ if !names.is_empty() => store::by(connection, &names, query.as_deref(), oldest, count)?,
                Some(query) => store::find(connection, query, oldest, count)?,
                None => store::before(connection, Stamp::MAX, oldest, count)?,
            };
            Ok((store::total(connection)?, found))
        })?;
        shown.reverse();
        Ok(HistorySummary {
            file: self.file.clone(),
            keep: self.keep.get(),
            messages: total.messages,
            bytes: sqlite::size(&self.file),
            shown: shown.into_iter().map(StoredMessage::from).collect(),
        })
    }

    /// Returns the stamps of messages that a deletion includes, up to the stamp `last`: the newest `count`, the newest first.
    /// If they cannot be read, or not in time, some of them are missing. None for the deletion of one message.
    pub(crate) fn stamps(&self, relayed: u64, what: &Deletion, last: Stamp, count: usize) -> Vec<Stamp> {
        let mut stamps = Vec::new();
        if matches!(what, Deletion::AllOf(_)) {
            let mut selector = Selector::new(what);
            let select = |stamp, from: &str| {
                stamps.extend(selector.includes(stamp, from).then_some(stamp));
                stamps.len() < count
            };
            // The deletion that follows reports an error. It deletes messages without a stamp here, too.
            let _ = self.read(relayed, Stamp::MAX, |connection, _| store::visit_back(connection, last, select));
        }
        stamps
    }

    /// Deletes messages up to the stamp `last`; returns how many. `None`: there are so many that the deletion continues in the
    /// background.
    ///
    /// # Errors
    /// The messages cannot be deleted.
    pub(crate) fn delete(&self, relayed: u64, what: &Deletion, last: Stamp) -> Result<Option<u64>, HistoryError> {
        // An error changes nothing: the writer's thread stores what it has before it begins to delete.
        let _ = self.commit(relayed);
        let (done, wait) = bounded(1);
        let _ = self.commands.send(Command::Delete(DeleteJob::new(what, last, done)));
        match wait.recv_timeout(DELETE_WAIT_MAX) {
            Ok(outcome) => outcome.map(Some),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(HistoryError::Dead),
        }
    }

    /// Writes all messages into a new text file, one line for each; returns how many. They include the `relayed` messages that
    /// were relayed since the start.
    ///
    /// # Errors
    /// Not all messages can be stored, the history cannot be read, or the file cannot be written. No file is left behind then.
    pub(crate) fn export(&self, relayed: u64, file: &Path, clock: &Clock) -> io::Result<u64> {
        self.wait_until_stored(relayed, Stamp::MAX).map_err(io::Error::other)?;
        let oldest = ring::oldest_kept(self.keep.get());
        let mut count = 0;
        files::write_new_with(file, |out| {
            let mut out = BufWriter::new(out);
            let connection = sqlite::reader(&self.file).map_err(io::Error::other)?;
            store::for_each(&connection, oldest, |message| {
                count += 1;
                let (at, from, text) = (clock.in_full(message.stamp), escape(message.from()), escape(message.text()));
                writeln!(out, "{at}  {from}: {text}")
            })?;
            out.flush()
        })?;
        Ok(count)
    }
}
