//! What the operator can do with what is kept: look at it, delete from it, take a copy as text.
//!
//! Called by the operator's thread, which may wait for a disk.

use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, bounded};

use super::delete::DeleteJob;
use super::types::{Deletion, HistorySummary, StoredMessage};
use super::{Command, History, OpenError, normalize, ring, store};
use crate::clock::Clock;
use crate::files;
use crate::protocol::Stamp;
use crate::protocol::escape::escape;
use crate::server::storage::message::Message;
use crate::server::storage::sqlite;

/// How long the operator waits for what is being deleted. It goes on in any case.
const DELETED_MAX: Duration = Duration::from_secs(2);

impl From<Message> for StoredMessage {
    fn from(message: Message) -> StoredMessage {
        StoredMessage { stamp: message.stamp, from: message.from().to_owned(), text: message.text().to_owned() }
    }
}

impl History {
    /// How much is kept, and the newest messages with these words in them; without words, the newest of all.
    ///
    /// # Errors
    /// It cannot be read; in words.
    pub(crate) fn archive(&self, said: u64, words: &str, count: usize) -> Result<HistorySummary, String> {
        let query = normalize::query(words);
        let (total, mut shown) = self
            .read(said, Stamp::MAX, |connection, oldest| {
                let found = match &query {
                    Some(query) => store::find(connection, query, oldest, count)?,
                    None => store::before(connection, Stamp::MAX, oldest, count)?,
                };
                Ok((store::total(connection)?, found))
            })
            .map_err(|trouble| match trouble {
                OpenError::Unreadable(error) => format!("{} cannot be read: {error}", self.file.display()),
                trouble => trouble.to_string(),
            })?;
        shown.reverse();
        Ok(HistorySummary {
            file: self.file.clone(),
            keep: self.keep,
            messages: total.messages,
            bytes: sqlite::size(&self.file),
            shown: shown.into_iter().map(StoredMessage::from).collect(),
        })
    }

    /// Deletes something; returns how many messages it were. `None`: there is so much that it goes on.
    ///
    /// # Errors
    /// It cannot be done; in words.
    pub(crate) fn forget(&self, said: u64, what: &Deletion) -> Result<Option<u64>, String> {
        // What cannot be stored at this moment is deleted all the same, when it is.
        let _ = self.commit(said);
        let (done, wait) = bounded(1);
        let _ = self.orders.send(Command::Deletion(DeleteJob::new(what, done)));
        match wait.recv_timeout(DELETED_MAX) {
            Ok(outcome) => outcome.map(Some),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err("the history does not work at this moment".into()),
        }
    }

    /// Writes all that is kept into a new file, a line for each message.
    ///
    /// # Errors
    /// It cannot be read, or not be written: then there is no file.
    pub(crate) fn export(&self, file: &Path, clock: &Clock) -> io::Result<u64> {
        let oldest = ring::oldest_kept(self.keep);
        let mut count = 0;
        files::write_new_with(file, |out| {
            let mut out = BufWriter::new(out);
            let connection = sqlite::reader(&self.file).map_err(io::Error::other)?;
            store::each(&connection, oldest, |message| {
                count += 1;
                let (at, from, text) = (clock.in_full(message.stamp), escape(message.from()), escape(message.text()));
                writeln!(out, "{at}  {from}: {text}")
            })?;
            out.flush()
        })?;
        Ok(count)
    }
}
