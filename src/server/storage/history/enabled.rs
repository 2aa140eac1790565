//! The history: the messages of the room in a database.
//!
//! A [`History`] is a handle that all threads share.
//!
//! - **Storing**: messages go to the thread `history` (`history/writer.rs`) over a bounded channel. When the channel is full,
//!   the sending client's thread waits, which is back-pressure on that client alone.
//! - **Joining**: a newcomer gets recent messages from the ring (`history/ring.rs`), in memory.
//! - **PAST and FIND**: the asking client's own thread answers, over a read-only connection of its own, so no other thread
//!   waits for it (`history/queries.rs`). Only a few threads query at the same time, and networks take turns. Paging back and
//!   searching have separate permits, so that slow searches do not delay paging back.
//!
//! An answer is complete or an error: a message that cannot be stored or read at the moment is never left out silently.

mod archive;
mod delete;
mod file_watch;
mod normalize;
mod queries;
mod retention;
mod ring;
mod store;
mod trusted_time;
pub(crate) mod types;
mod writer;

use std::convert::Infallible;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::message::Message;
use super::sqlite::Database;
use crate::server::config::Config;
use crate::server::observe::activity::{self, HISTORY, Task};
use crate::server::observe::event::{EventKind, EventSink};
use crate::server::observe::threads::ThreadTracker;
use crate::server::permits::Permits;
use crate::server::stamps;
use crate::sync::{Mutex, lock};
pub(crate) use queries::QueryState;
pub(crate) use ring::Ring;
use types::Keep;
use writer::{Command, HistoryWriter};

/// Capacity of the channel to the history's thread, in messages and other commands: as much as the thread stores in a fraction
/// of the 200 ms that it has.
const WAITING_MAX: usize = 1000;

/// Maximum memory of the ring, in bytes. It is far less than a client's queue limit, since all of the ring may be pushed to a
/// newcomer at once.
const RING_MAX: usize = 1 << 20;

/// Clients that may search at the same time; as many others may page back.
const PERMITS: usize = 2;

/// Maximum number of threads of one network that wait for a permit.
const QUEUE_MAX: usize = 200;

/// Maximum time that a connection waits for a lock that another program has on the file. It is short, since the history's
/// thread tries again in any case, and a stop of the server waits for it.
const BUSY_MAX: Duration = Duration::from_millis(500);

/// A handle to the history. See the [module](self).
#[derive(Debug)]
pub(crate) struct History {
    file: PathBuf,
    keep: Arc<Keep>,
    /// Commands to the thread `history`.
    commands: Sender<Command>,
    /// Taken and joined by [`stop`](History::stop).
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Permits to page back.
    past: Permits,
    /// Permits to search.
    find: Permits,
    /// Dropped when the server stops. That disconnects `stopped`, and so wakes every thread that waits for something here: a
    /// channel is the one thing that `select!` can wait for beside an answer. It never carries a value.
    running: Mutex<Option<Sender<Infallible>>>,
    stopped: Receiver<Infallible>,
}

impl History {
    /// Opens the database, reads recent messages into a ring, and starts the thread `history`. If the database cannot be opened,
    /// that is reported, and the ring works without it. Without `config.history` there is neither.
    pub(crate) fn start(
        config: &Config,
        keep: &Arc<Keep>,
        events: &EventSink,
        threads: &Arc<ThreadTracker>,
    ) -> (Option<History>, Option<Ring>) {
        let Some(file) = &config.history else { return (None, None) };
        let bytes_max = RING_MAX.min(config.backlog_max / 4);
        match History::open(file.clone(), keep, bytes_max, events, threads) {
            Ok((history, ring)) => (Some(history), Some(ring)),
            Err(why) => {
                events.report(EventKind::NoHistory { file: file.clone(), why: why.to_string() });
                // Messages from before the start are missing in this ring: it has none up to now.
                (None, Some(Ring::new(bytes_max, stamps::now(), keep.clone())))
            }
        }
    }

    fn open(
        file: PathBuf,
        keep: &Arc<Keep>,
        bytes_max: usize,
        events: &EventSink,
        threads: &Arc<ThreadTracker>,
    ) -> Result<(History, Ring), Box<dyn Error>> {
        let (database, quarantined) = Database::open(&file, &store::SCHEMA)?;
        let file = database.file.clone();
        if let Some(quarantined) = quarantined {
            events.report(EventKind::Quarantined { file: file.clone(), quarantined });
        }
        let ring = Ring::filled(&database.connection, bytes_max, keep.clone())?;
        let (commands, receiver) = bounded(WAITING_MAX);
        let writer = HistoryWriter::new(database, receiver, events.clone(), keep.clone())?;
        let thread = threads.spawn_apart(HISTORY, || writer.run())?;
        let (running, stopped) = bounded(0);
        let history = History {
            file,
            keep: keep.clone(),
            commands,
            thread: Mutex::new(Some(thread)),
            past: Permits::new(PERMITS, QUEUE_MAX),
            find: Permits::new(PERMITS, QUEUE_MAX),
            running: Mutex::new(Some(running)),
            stopped,
        };
        Ok((history, ring))
    }

    /// Passes relayed messages to the history's thread. Blocks while its channel is full: back-pressure on the sending client.
    /// The caller must hold no lock, since the wait may be for a disk.
    pub(crate) fn store(&self, messages: impl Iterator<Item = Message>) {
        for message in messages {
            if let Err(TrySendError::Full(command)) = self.commands.try_send(Command::Store(message)) {
                // The channel is disconnected only if the thread has panicked. That was reported, so the error is ignored.
                let _ = activity::during(Task::Storing, || self.commands.send(command));
            }
        }
    }

    /// Tells the history's thread that [`Keep`] has another value. Blocks while its channel is full.
    pub(crate) fn keep_changed(&self) {
        let _ = self.commands.send(Command::KeepChanged);
    }

    /// Ends all waits for an answer with an error, and makes later queries fail. Called when the server begins to stop.
    pub(crate) fn close(&self) {
        self.past.close();
        self.find.close();
        lock(&self.running).take();
    }

    /// Commits all received messages, and joins the thread `history`. Called after all clients' threads have ended, so that no
    /// message follows.
    pub(crate) fn stop(&self) {
        let _ = self.commands.send(Command::End);
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
