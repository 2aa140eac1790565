//! Queries of the history: PAST and FIND. They run in the asking client's own thread.
//!
//! A query takes a permit, waits until all messages that were relayed before it are stored, and reads over a connection of its
//! own. Each of these waits has a timeout, and a stop of the server ends all of them. No lock is held meanwhile.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, after, bounded, select};
use rusqlite::{Connection, ErrorCode as SqliteError};

use super::types::{Answer, HistoryError};
use super::writer::{Command, Stored};
use super::{BUSY_MAX, History, normalize, ring, store};
use crate::protocol::{ErrorCode, Rejected, Stamp};
use crate::server::network::Network;
use crate::server::observe::activity::{self, Task};
use crate::server::permits::{NoPermit, Permits};
use crate::server::storage::message::Message;
use crate::server::storage::sqlite;

/// Maximum wait for a permit, and then for the history's thread.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Maximum time of a search.
const SEARCH_MAX: Duration = Duration::from_secs(2);

/// Number of instructions of SQLite's virtual machine between two looks at the clock during a query.
const SEARCH_TICK: i32 = 10_000;

/// Maximum number of words in one FIND: SQLite looks each of them up.
const WORDS_MAX: usize = 16;

/// Maximum number of messages in the answer to one FIND.
const FOUND_MAX: usize = 100;

/// The state that the history keeps for one client: its network, and the earliest time of its next search.
#[derive(Debug)]
pub(crate) struct QueryState {
    network: Network,
    /// Start of the next search at the earliest. A client pauses for as long as its last search took, so that it uses a permit
    /// for half of the time at most.
    pub(super) rests_until: Option<Instant>,
}

impl QueryState {
    /// Creates the state of a client that has not searched yet.
    pub(crate) fn new(network: Network) -> QueryState {
        QueryState { network, rests_until: None }
    }
}

fn unavailable(detail: impl Into<String>) -> Rejected {
    Rejected::new(ErrorCode::Unavailable, detail)
}

impl History {
    /// Returns the last `count` messages before a stamp. `relayed` is the number of messages that were relayed since the start;
    /// the answer takes all of them into account.
    ///
    /// # Errors
    /// `UNAVAILABLE`: the messages cannot be read, or not all of them can be stored.
    pub(crate) fn past(
        &self,
        state: &QueryState,
        relayed: u64,
        before: Stamp,
        count: usize,
    ) -> Result<Answer, Rejected> {
        answer(&self.past, state.network, count, || {
            self.read(relayed, before, |connection, oldest| store::before(connection, before, oldest, count + 1))
        })
    }

    /// Returns the newest messages that contain each of these words.
    ///
    /// # Errors
    /// As for [`past`](History::past), and `BAD_LINE` if the words cannot be searched for.
    pub(crate) fn find(&self, state: &mut QueryState, relayed: u64, words: &str) -> Result<Answer, Rejected> {
        let bad_line = |detail: &str| Err(Rejected::new(ErrorCode::BadLine, detail));
        if words.split_whitespace().count() > WORDS_MAX {
            return bad_line("write FIND <words>, with 16 words at most");
        }
        if words.split_whitespace().any(|word| normalize::parts(word) > normalize::PARTS_MAX) {
            return bad_line("write FIND <words>, with shorter words: at most 64 Chinese characters, for example");
        }
        let Some(query) = normalize::query(words) else {
            return bad_line("write FIND <words>, with a letter or a digit in them");
        };
        if let Some(until) = state.rests_until.take() {
            // A sleep that a stop ends: the channel carries no values and is disconnected then, which `read` notices.
            let _ = activity::during(Task::Searching, || self.stopped.recv_deadline(until));
        }
        answer(&self.find, state.network, FOUND_MAX, || {
            let begun = Instant::now();
            let found = self
                .read(relayed, Stamp::MAX, |connection, oldest| store::find(connection, &query, oldest, FOUND_MAX + 1));
            state.rests_until = Some(Instant::now() + begun.elapsed());
            found
        })
    }

    /// Waits until `relayed` messages are stored, but for those from the stamp `before` on.
    ///
    /// # Errors
    /// A message before that stamp cannot be stored.
    pub(super) fn wait_until_stored(&self, relayed: u64, before: Stamp) -> Result<(), HistoryError> {
        match self.commit(relayed)? {
            Stored::UpTo(missing) if missing < before => Err(HistoryError::NotStored),
            Stored::Nowhere => Err(HistoryError::Dead),
            Stored::UpTo(_) | Stored::All => Ok(()),
        }
    }

    /// Waits until `relayed` messages are stored, and runs `query` over a new connection. A message that was relayed a moment ago
    /// may still be on its way to the history's thread in another client's thread, so the number of messages is what counts.
    /// Messages from the stamp `before` on do not matter to the query, so they may be missing.
    pub(super) fn read<T>(
        &self,
        relayed: u64,
        before: Stamp,
        query: impl FnOnce(&Connection, Stamp) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        self.wait_until_stored(relayed, before)?;
        let run = || {
            let mut connection = sqlite::reader(&self.file)?;
            connection.busy_timeout(BUSY_MAX)?;
            let (deadline, stopped) = (Instant::now() + SEARCH_MAX, self.stopped.clone());
            // SQLite calls this during the query, and interrupts the query when it returns true.
            let is_over = move || Instant::now() > deadline || is_disconnected(&stopped);
            connection.progress_handler(SEARCH_TICK, Some(is_over))?;
            query(&connection, ring::oldest_kept(self.keep.get()))
        };
        run().map_err(|error| match error.sqlite_error_code() {
            _ if is_disconnected(&self.stopped) => HistoryError::Stopping,
            Some(SqliteError::OperationInterrupted) => HistoryError::Slow,
            _ => HistoryError::Unreadable { file: self.file.clone(), error: error.to_string() },
        })
    }

    /// Waits until `relayed` messages are stored, or until it is known that they cannot be.
    pub(super) fn commit(&self, relayed: u64) -> Result<Stored, HistoryError> {
        let (done, wait) = bounded(1);
        let limit = after(WAIT_MAX);
        select! {
            send(self.commands, Command::Commit { relayed, done }) -> sent => sent.map_err(|_| HistoryError::Dead)?,
            recv(self.stopped) -> _ => return Err(HistoryError::Stopping),
            recv(limit) -> _ => return Err(HistoryError::NotStored),
        }
        select! {
            recv(wait) -> stored => stored.map_err(|_| HistoryError::Dead),
            recv(self.stopped) -> _ => Err(HistoryError::Stopping),
            recv(limit) -> _ => Err(HistoryError::NotStored),
        }
    }
}

/// Takes a permit, and makes an answer of what `read` returns: messages, the newest first, one more than `count` if there
/// are more.
pub(super) fn answer(
    permits: &Permits,
    network: Network,
    count: usize,
    read: impl FnOnce() -> Result<Vec<Message>, HistoryError>,
) -> Result<Answer, Rejected> {
    let found = activity::during(Task::Searching, || {
        // A guard: a panic in `read` returns the permit, too.
        let _permit = permits.acquire(network, WAIT_MAX).map_err(|why| match why {
            NoPermit::Busy => unavailable("too many clients are searching at this moment: try again"),
            NoPermit::Closed => unavailable(HistoryError::Stopping.to_string()),
        })?;
        read().map_err(|error| {
            if !matches!(error, HistoryError::Unreadable { .. }) {
                return unavailable(error.to_string());
            }
            // Neither the file nor the database's words are for a client.
            log::error!("{error}");
            unavailable("the history cannot be read at this moment: try again later")
        })
    });
    let mut messages = found?;
    let more = messages.len() > count;
    messages.truncate(count);
    messages.reverse();
    Ok(Answer { messages, more })
}
fn is_disconnected(stopped: &Receiver<Infallible>) -> bool {
    matches!(stopped.try_recv(), Err(TryRecvError::Disconnected))
}
