//! Questions about what was said before: PAST and FIND, answered in the asking client's own thread.
//!
//! A question takes a permit, waits until all that was said is stored, and reads over a connection of its own. Each of these
//! waits has a limit, and a stop ends all of them.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, after, bounded, select};
use rusqlite::{Connection, ErrorCode as SqliteError};

use super::writer::{Command, Stored};
use super::{BUSY_MAX, History, Never, OpenError, normalize, ring, store};
use crate::protocol::{ErrorCode, Rejected, Stamp};
use crate::server::network::Network;
use crate::server::observe::activity::{self, Task};
use crate::server::permits::{NoPermit, Permits};
use crate::server::storage::message::Message;
use crate::server::storage::sqlite;

/// How long a client waits for a permit, and for the history's thread.
const TURN_MAX: Duration = Duration::from_secs(5);

/// How long a search may take.
const SEARCH_MAX: Duration = Duration::from_secs(2);

/// How often a search looks at the clock, in SQLite's instructions.
const SEARCH_TICK: i32 = 10_000;

/// Words that one FIND may have: each is looked up.
const WORDS_MAX: usize = 16;

/// Messages that one FIND is answered with at most.
const FOUND_MAX: usize = 100;

/// Messages in answer to a question, the oldest first.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) messages: Vec<Message>,
    /// There are older ones.
    pub(crate) more: bool,
}

/// One client as the history knows it.
#[derive(Debug)]
pub(crate) struct Asker {
    network: Network,
    /// Its next search waits until then: as long as the last one took, so that nobody searches all the time.
    rests_until: Option<Instant>,
}

impl Asker {
    /// Creates a client that has not asked yet.
    pub(crate) fn new(network: Network) -> Asker {
        Asker { network, rests_until: None }
    }

    #[cfg(test)]
    pub(super) fn rest_until(&mut self, until: Instant) {
        self.rests_until = Some(until);
    }
}

fn unavailable(detail: impl Into<String>) -> Rejected {
    Rejected::new(ErrorCode::Unavailable, detail)
}

impl History {
    /// Returns the messages before a stamp. `said` is how many were said until now, and are to be found.
    ///
    /// # Errors
    /// `UNAVAILABLE`: they cannot be read, or not all of them are stored.
    pub(crate) fn past(&self, asker: &Asker, said: u64, before: Stamp, count: usize) -> Result<Answer, Rejected> {
        self.answer(&self.past, asker.network, count, || {
            self.read(said, before, |connection, oldest| store::before(connection, before, oldest, count + 1))
        })
    }

    /// Returns the newest messages that have each of these words.
    ///
    /// # Errors
    /// As for [`past`](History::past); or the words are none that can be searched for.
    pub(crate) fn find(&self, asker: &mut Asker, said: u64, words: &str) -> Result<Answer, Rejected> {
        let bad_line = |detail: &str| Err(Rejected::new(ErrorCode::BadLine, detail));
        if words.split_whitespace().count() > WORDS_MAX {
            return bad_line("write FIND <words>, with 16 words at most");
        }
        if words.split_whitespace().any(|word| normalize::parts(word) > normalize::PARTS_MAX) {
            return bad_line("write FIND <words>, with shorter words: 64 Chinese characters at most, say");
        }
        let Some(query) = normalize::query(words) else {
            return bad_line("write FIND <words>, with a letter or a digit in them");
        };
        if let Some(until) = asker.rests_until.take() {
            // Nothing comes out of it but its end, when the server stops; that is noticed below.
            let _ = activity::during(Task::Searching, || self.stopped.recv_deadline(until));
        }
        self.answer(&self.find, asker.network, FOUND_MAX, || {
            let begun = Instant::now();
            let found = self
                .read(said, Stamp::MAX, |connection, oldest| store::find(connection, &query, oldest, FOUND_MAX + 1));
            asker.rests_until = Some(Instant::now() + begun.elapsed());
            found
        })
    }

    /// Takes a permit and reads messages, the newest first and one more than are wanted.
    pub(super) fn answer(
        &self,
        permits: &Permits,
        network: Network,
        count: usize,
        read: impl FnOnce() -> Result<Vec<Message>, OpenError>,
    ) -> Result<Answer, Rejected> {
        let found = activity::during(Task::Searching, || {
            let _permit = permits.acquire(network, TURN_MAX).map_err(|why| match why {
                NoPermit::Busy => unavailable("many are searching at this moment: try again"),
                NoPermit::Closed => unavailable(OpenError::Stopping.to_string()),
            })?;
            read().map_err(|trouble| {
                if let OpenError::Unreadable(error) = &trouble {
                    log::warn!("cannot read {}: {error}", self.file.display());
                }
                unavailable(trouble.to_string())
            })
        });
        let mut messages = found?;
        let more = messages.len() > count;
        messages.truncate(count);
        messages.reverse();
        Ok(Answer { messages, more })
    }

    /// Asks over a connection of its own, when as much is stored as was said. What was relayed a moment ago may still
    /// be on its way in another client's thread. `before`: nothing from this stamp on is asked for, so it may be missing.
    pub(super) fn read<T>(
        &self,
        said: u64,
        before: Stamp,
        ask: impl FnOnce(&Connection, Stamp) -> rusqlite::Result<T>,
    ) -> Result<T, OpenError> {
        match self.commit(said)? {
            Stored::UpTo(missing) if missing < before => return Err(OpenError::NotStored),
            Stored::Nowhere => return Err(OpenError::Dead),
            Stored::UpTo(_) | Stored::All => {}
        }
        let ask_in_time = || {
            let mut connection = sqlite::reader(&self.file)?;
            connection.busy_timeout(BUSY_MAX)?;
            let (deadline, stopped) = (Instant::now() + SEARCH_MAX, self.stopped.clone());
            let is_over = move || Instant::now() > deadline || has_ended(&stopped);
            connection.progress_handler(SEARCH_TICK, Some(is_over))?;
            ask(&connection, ring::oldest_kept(self.keep))
        };
        ask_in_time().map_err(|error| match error.sqlite_error_code() {
            _ if has_ended(&self.stopped) => OpenError::Stopping,
            Some(SqliteError::OperationInterrupted) => OpenError::Slow,
            _ => OpenError::Unreadable(error),
        })
    }

    /// Waits until as much is stored as was said, or until it is known that it cannot be.
    pub(super) fn commit(&self, said: u64) -> Result<Stored, OpenError> {
        let (done, wait) = bounded(1);
        let limit = after(TURN_MAX);
        select! {
            send(self.orders, Command::Commit { said, done }) -> sent => sent.map_err(|_| OpenError::Dead)?,
            recv(self.stopped) -> _ => return Err(OpenError::Stopping),
            recv(limit) -> _ => return Err(OpenError::NotStored),
        }
        select! {
            recv(wait) -> stored => stored.map_err(|_| OpenError::Dead),
            recv(self.stopped) -> _ => Err(OpenError::Stopping),
            recv(limit) -> _ => Err(OpenError::NotStored),
        }
    }
}

fn has_ended(stopped: &Receiver<Never>) -> bool {
    matches!(stopped.try_recv(), Err(TryRecvError::Disconnected))
}
