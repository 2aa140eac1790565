//! The history: what was said in the room, kept in a database.
//!
//! A [`History`] is a handle that all threads share. What was said goes to the thread `history` (`history/scribe.rs`)
//! over a bounded channel; when that is full, whoever speaks waits, and nobody else. Who joins gets the past from the
//! ring (`history/ring.rs`), in memory. PAST and FIND are answered by the asking client's own thread, over a connection
//! of its own that only reads: nobody waits for it.

mod archive;
mod fold;
mod forget;
mod ring;
mod scribe;
mod store;

use std::path::PathBuf;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use rusqlite::Connection;

use super::clock;
use super::config::Config;
use super::database::{self, Database};
use super::delivery::Postman;
use super::doing::{self, Task};
use super::event::Happening;
use super::message::Message;
use crate::protocol::{ErrorCode, Rejected, Stamp};
use crate::sync::{Mutex, lock};
pub(super) use ring::Ring;
use scribe::{Order, Scribe};

/// Messages that may wait for the thread: what it stores in a fraction of the 200 ms that it has.
const WAITING_MAX: usize = 1000;

/// What the ring may take in memory. Far less than may wait for a client, to whom all of it may go at once.
const RING_MAX: usize = 1 << 20;

/// Clients that may search at once.
const READERS_MAX: usize = 2;

/// How long a client waits for its turn, and for the history's thread.
const TURN_MAX: Duration = Duration::from_secs(5);

/// How long a search may take.
const SEARCH_MAX: Duration = Duration::from_secs(2);

/// How often a search looks at the clock, in SQLite's instructions.
const SEARCH_TICK: i32 = 10_000;

/// Words that one FIND may have: each is looked up.
const WORDS_MAX: usize = 16;

/// Messages that one FIND is answered with at most.
const FOUND_MAX: usize = 100;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct History {
    file: PathBuf,
    keep: Option<Duration>,
    orders: Sender<Order>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// A place for each client that searches.
    places: (Sender<()>, Receiver<()>),
}

/// Messages in answer to a question, the oldest first.
pub(super) struct Answer {
    pub(super) messages: Vec<Message>,
    /// There are older ones.
    pub(super) more: bool,
}

impl History {
    /// Opens the database, and reads the last messages from it. Without a database there is still a ring.
    pub(super) fn start(config: &Config, postman: &Postman) -> (Option<History>, Option<Ring>) {
        let Some(file) = &config.history else { return (None, None) };
        let bytes_max = RING_MAX.min(config.backlog_max / 4);
        match History::open(file.clone(), config.keep, bytes_max, postman) {
            Ok((history, ring)) => (Some(history), Some(ring)),
            Err(why) => {
                postman.events.report(Happening::NoHistory { file: file.clone(), why });
                // Nobody knows what was said before.
                (None, Some(Ring::new(bytes_max, clock::now(), config.keep)))
            }
        }
    }

    fn open(
        file: PathBuf,
        keep: Option<Duration>,
        bytes_max: usize,
        postman: &Postman,
    ) -> Result<(History, Ring), String> {
        let (database, aside) = Database::open(&file, &store::SCHEMA).map_err(|why| why.to_string())?;
        let file = database.file().to_owned();
        if let Some(aside) = aside {
            postman.events.report(Happening::SetAside { file: file.clone(), aside });
        }
        let ring = Ring::filled(&database.connection, bytes_max, keep).map_err(|error| error.to_string())?;
        let (orders, receiver) = bounded(WAITING_MAX);
        let scribe = Scribe::new(database, receiver, postman.events.clone(), keep);
        let enrolled = postman.crew.enroll("history".into());
        let run = move || {
            enrolled.begin();
            scribe.run();
        };
        let thread = Builder::new().name("history".into()).spawn(run).map_err(|error| error.to_string())?;
        Ok((History { file, keep, orders, thread: Mutex::new(Some(thread)), places: bounded(READERS_MAX) }, ring))
    }

    /// Stores messages; waits while too many wait already. To be called with no lock held.
    pub(super) fn store(&self, messages: impl Iterator<Item = Message>) {
        for message in messages {
            if let Err(TrySendError::Full(order)) = self.orders.try_send(Order::Store(message)) {
                // The thread is gone only if it has panicked, and then there is nothing to wait for.
                let _ = doing::during(Task::Storing, || self.orders.send(order));
            }
        }
    }

    /// The messages before a stamp. `said` is how many were said until now, and are to be found.
    pub(super) fn past(&self, said: u64, before: Stamp, count: usize) -> Result<Answer, Rejected> {
        self.search(said, count, |connection, oldest| store::before(connection, before, oldest, count + 1))
    }

    /// The newest messages that have each of these words.
    pub(super) fn find(&self, said: u64, words: &str) -> Result<Answer, Rejected> {
        let bad_line = |detail: &str| Err(Rejected::new(ErrorCode::BadLine, detail));
        if words.split_whitespace().count() > WORDS_MAX {
            return bad_line("write FIND <words>, with 16 words at most");
        }
        let Some(query) = fold::query(words) else {
            return bad_line("write FIND <words>, with a letter or a digit in them");
        };
        self.search(said, FOUND_MAX, |connection, oldest| store::find(connection, &query, oldest, FOUND_MAX + 1))
    }

    /// Asks the database for messages, the newest first and one more than are wanted.
    fn search(
        &self,
        said: u64,
        count: usize,
        ask: impl FnOnce(&Connection, Stamp) -> rusqlite::Result<Vec<Message>>,
    ) -> Result<Answer, Rejected> {
        let unavailable = |detail: &str| Rejected::new(ErrorCode::Unavailable, detail);
        let Ok(()) = self.places.0.send_timeout((), TURN_MAX) else {
            return Err(unavailable("many are searching at this moment: try again"));
        };
        let found = doing::during(Task::Searching, || self.read(said, ask));
        // What comes out is what went in above, or what another has put in.
        let _ = self.places.1.try_recv();
        let mut messages = found.map_err(|error| {
            if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) {
                return unavailable("that would take too long: try longer words");
            }
            log::warn!("cannot read {}: {error}", self.file.display());
            unavailable("what was said before cannot be read at this moment")
        })?;
        let more = messages.len() > count;
        messages.truncate(count);
        messages.reverse();
        Ok(Answer { messages, more })
    }

    /// Asks over a connection of its own, when as much is stored as was said. What was relayed a moment ago may still
    /// be on its way in another client's thread.
    fn read<T>(&self, said: u64, ask: impl FnOnce(&Connection, Stamp) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        self.commit(said);
        let mut connection = database::reader(&self.file)?;
        let deadline = Instant::now() + SEARCH_MAX;
        connection.progress_handler(SEARCH_TICK, Some(move || Instant::now() > deadline))?;
        ask(&connection, ring::oldest_kept(self.keep))
    }

    /// Waits until as much is stored as was said; if that takes too long, what is stored is better than nothing.
    fn commit(&self, said: u64) {
        let (done, wait) = bounded(1);
        if self.orders.send_timeout(Order::Commit { said, done }, TURN_MAX).is_ok() {
            let _ = wait.recv_timeout(TURN_MAX);
        }
    }

    /// Commits what has come, and joins the thread. To be called when nobody says anything any more.
    pub(super) fn stop(&self) {
        let _ = self.orders.send(Order::End);
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}
