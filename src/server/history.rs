//! The history: what was said in the room, kept in a database.
//!
//! A [`History`] is a handle that all threads share. What was said goes to the thread `history` (`history/scribe.rs`) over a
//! bounded channel; when that is full, whoever speaks waits, and nobody else. Who joins gets the past from the ring
//! (`history/ring.rs`), in memory. PAST and FIND are answered by the asking client's own thread, over a connection of its own
//! that only reads: nobody waits for it.

mod fold;
mod ring;
mod scribe;
mod store;

use std::path::PathBuf;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use rusqlite::Connection;

use super::clock;
use super::config::Config;
use super::database::{self, Database};
use super::event::{EventSink, Happening};
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
    pub(super) fn start(config: &Config, events: &EventSink) -> (Option<History>, Option<Ring>) {
        let Some(file) = &config.history else { return (None, None) };
        let bytes_max = RING_MAX.min(config.backlog_max / 4);
        match History::open(file.clone(), config.keep, bytes_max, events) {
            Ok((history, ring)) => (Some(history), Some(ring)),
            Err(why) => {
                events.report(Happening::NoHistory { file: file.clone(), why });
                // Nobody knows what was said before.
                (None, Some(Ring::new(bytes_max, clock::now(), config.keep)))
            }
        }
    }

    fn open(
        file: PathBuf,
        keep: Option<Duration>,
        bytes_max: usize,
        events: &EventSink,
    ) -> Result<(History, Ring), String> {
        let (database, aside) = Database::open(&file, &store::SCHEMA).map_err(|why| why.to_string())?;
        let file = database.file().to_owned();
        if let Some(aside) = aside {
            events.report(Happening::SetAside { file: file.clone(), aside });
        }
        let mut recent = store::before(&database.connection, Stamp::MAX, ring::oldest_kept(keep), ring::COUNT_MAX + 1)
            .map_err(|error| error.to_string())?;
        recent.reverse();
        // The oldest of them, if there are so many, is pushed out again: then the ring knows that there was one.
        let mut ring = Ring::new(bytes_max, 0, keep);
        recent.into_iter().for_each(|message| ring.add(message));
        let (orders, receiver) = bounded(WAITING_MAX);
        let scribe = Scribe { database, orders: receiver, events: events.clone(), group: Vec::new(), due: None };
        let thread =
            Builder::new().name("history".into()).spawn(move || scribe.run()).map_err(|error| error.to_string())?;
        Ok((History { file, keep, orders, thread: Mutex::new(Some(thread)), places: bounded(READERS_MAX) }, ring))
    }

    /// Stores messages; waits while too many wait already. To be called with no lock held.
    pub(super) fn store(&self, messages: impl Iterator<Item = Message>) {
        for message in messages {
            // It is gone only if it has panicked, and then there is nothing to wait for.
            let _ = self.orders.send(Order::Store(message));
        }
    }

    /// The messages before a stamp.
    pub(super) fn past(&self, before: Stamp, count: usize) -> Result<Answer, Rejected> {
        self.search(count, |connection, oldest| store::before(connection, before, oldest, count + 1))
    }

    /// The newest messages that have each of these words.
    pub(super) fn find(&self, words: &str) -> Result<Answer, Rejected> {
        let Some(query) = fold::query(words) else {
            return Err(Rejected::new(ErrorCode::BadLine, "write FIND <words>, with a letter or a digit in them"));
        };
        self.search(FOUND_MAX, |connection, oldest| store::find(connection, &query, oldest, FOUND_MAX + 1))
    }

    /// Asks the database for messages, the newest first and one more than are wanted.
    fn search(
        &self,
        count: usize,
        ask: impl FnOnce(&Connection, Stamp) -> rusqlite::Result<Vec<Message>>,
    ) -> Result<Answer, Rejected> {
        let unavailable = |detail: &str| Rejected::new(ErrorCode::Unavailable, detail);
        let Ok(()) = self.places.0.send_timeout((), TURN_MAX) else {
            return Err(unavailable("many are searching at this moment: try again"));
        };
        let found = self.read(ask);
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

    /// Asks over a connection of its own, when all that was said until now is stored.
    fn read<T>(&self, ask: impl FnOnce(&Connection, Stamp) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let (done, wait) = bounded(1);
        if self.orders.send_timeout(Order::Commit(done), TURN_MAX).is_ok() {
            // If that takes too long, what is stored is better than nothing.
            let _ = wait.recv_timeout(TURN_MAX);
        }
        let mut connection = database::reader(&self.file)?;
        let deadline = Instant::now() + SEARCH_MAX;
        connection.progress_handler(SEARCH_TICK, Some(move || Instant::now() > deadline))?;
        ask(&connection, ring::oldest_kept(self.keep))
    }

    /// Commits what has come, and joins the thread. To be called when nobody says anything any more.
    pub(super) fn stop(&self) {
        let _ = self.orders.send(Order::End);
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}
