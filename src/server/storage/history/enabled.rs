//! The history: what was said in the room, kept in a database.
//!
//! A [`History`] is a handle that all threads share. What was said goes to the thread `history` (`history/scribe.rs`)
//! over a bounded channel; when that is full, whoever speaks waits, and nobody else. Who joins gets the past from the
//! ring (`history/ring.rs`), in memory. PAST and FIND are answered by the asking client's own thread, over a connection
//! of its own that only reads: nobody waits for it. Few do so at once, and networks take turns; scrolling back and
//! searching have places of their own, so that slow searches keep nobody from scrolling back. An answer is complete or an
//! error: what cannot be stored or read at this moment is never passed over in silence.

mod age;
mod archive;
mod delete;
mod file_watch;
mod normalize;
mod queries;
mod ring;
mod store;
pub(crate) mod types;
mod writer;

use std::fmt;
use std::path::PathBuf;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::message::Message;
use super::sqlite::Database;
use crate::server::config::Config;
use crate::server::delivery::WriterContext;
use crate::server::observe::activity::HISTORY;
use crate::server::observe::activity::{self, Task};
use crate::server::observe::event::{EventKind, SHUTTING_DOWN};
use crate::server::permits::Permits;
use crate::server::stamps;
use crate::sync::{Mutex, lock};
pub(crate) use queries::{Answer, Asker};
pub(crate) use ring::Ring;
use writer::{Command, HistoryWriter};

/// Messages that may wait for the thread: what it stores in a fraction of the 200 ms that it has.
const WAITING_MAX: usize = 1000;

/// What the ring may take in memory. Far less than may wait for a client, to whom all of it may go at once.
const RING_MAX: usize = 1 << 20;

/// Clients that may search at once, and as many that may scroll back.
const PERMITS: usize = 2;

/// Threads of one network that may wait for a permit.
const QUEUE_MAX: usize = 200;

/// How long a connection waits for a lock that another program has on the file. Short, since the history's thread tries
/// again in any case, and a stop waits for it.
const BUSY_MAX: Duration = Duration::from_millis(500);

/// Has no value: a channel of these says something only by its end.
#[derive(Debug)]
enum Never {}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct History {
    file: PathBuf,
    keep: Option<Duration>,
    orders: Sender<Command>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Permits to scroll back, and to search.
    past: Permits,
    find: Permits,
    /// Dropped when the server stops, which ends `stopped`: that wakes all who wait for anything here.
    running: Mutex<Option<Sender<Never>>>,
    stopped: Receiver<Never>,
}

/// Why it is not known what was said.
#[derive(Debug)]
enum OpenError {
    /// What was said last is not stored, and cannot be at this moment.
    NotStored,
    /// The history's thread is dead, or has no file.
    Dead,
    /// The server stops.
    Stopping,
    /// The search was too slow.
    Slow,
    /// The file cannot be read.
    Unreadable(rusqlite::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::NotStored => write!(f, "what was said last cannot be stored at this moment: try again later"),
            OpenError::Dead => write!(f, "this server cannot keep what is said any more"),
            OpenError::Stopping => f.write_str(SHUTTING_DOWN),
            OpenError::Slow => write!(f, "that would take too long: try longer words"),
            OpenError::Unreadable(_) => write!(f, "what was said before cannot be read at this moment"),
        }
    }
}

impl History {
    /// Opens the database, and reads the last messages from it. Without a database there is still a ring.
    pub(crate) fn start(config: &Config, writers: &WriterContext) -> (Option<History>, Option<Ring>) {
        let Some(file) = &config.history else { return (None, None) };
        let bytes_max = RING_MAX.min(config.backlog_max / 4);
        match History::open(file.clone(), config.keep, bytes_max, writers) {
            Ok((history, ring)) => (Some(history), Some(ring)),
            Err(why) => {
                writers.events.report(EventKind::NoHistory { file: file.clone(), why });
                // Nobody knows what was said before.
                (None, Some(Ring::new(bytes_max, stamps::now(), config.keep)))
            }
        }
    }

    fn open(
        file: PathBuf,
        keep: Option<Duration>,
        bytes_max: usize,
        writers: &WriterContext,
    ) -> Result<(History, Ring), String> {
        let (database, aside) = Database::open(&file, &store::SCHEMA).map_err(|why| why.to_string())?;
        let file = database.file().to_owned();
        if let Some(aside) = aside {
            writers.events.report(EventKind::SetAside { file: file.clone(), aside });
        }
        let ring = Ring::filled(&database.connection, bytes_max, keep).map_err(|error| error.to_string())?;
        let (orders, receiver) = bounded(WAITING_MAX);
        let scribe =
            HistoryWriter::new(database, receiver, writers.events.clone(), keep).map_err(|error| error.to_string())?;
        let registration = writers.threads.register(HISTORY.into());
        let run = move || registration.run(|| scribe.run());
        let thread = Builder::new().name(HISTORY.into()).spawn(run).map_err(|error| error.to_string())?;
        let (running, stopped) = bounded(0);
        let history = History {
            file,
            keep,
            orders,
            thread: Mutex::new(Some(thread)),
            past: Permits::new(PERMITS, QUEUE_MAX),
            find: Permits::new(PERMITS, QUEUE_MAX),
            running: Mutex::new(Some(running)),
            stopped,
        };
        Ok((history, ring))
    }

    /// Stores messages; waits while too many wait already. To be called with no lock held.
    pub(crate) fn store(&self, messages: impl Iterator<Item = Message>) {
        for message in messages {
            if let Err(TrySendError::Full(order)) = self.orders.try_send(Command::Store(message)) {
                // The thread is gone only if it has panicked, which was reported; then there is nothing to wait for.
                let _ = activity::during(Task::Storing, || self.orders.send(order));
            }
        }
    }

    /// The server stops: whoever waits for an answer waits no longer, and nobody gets one any more.
    pub(crate) fn close(&self) {
        self.past.close();
        self.find.close();
        lock(&self.running).take();
    }

    /// Commits what has come, and joins the thread. To be called when nobody says anything any more.
    pub(crate) fn stop(&self) {
        let _ = self.orders.send(Command::End);
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
