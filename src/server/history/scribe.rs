//! The thread `history`: it owns the connection that writes, and commits what was said in groups.
//!
//! Messages come over a bounded channel. A group is committed [`GATHER`] after its first message came, or when it is large;
//! so with the commit itself, and whatever waited for the one before, a message is on the disk 200 ms after it was said: that
//! is the most that a crash, a `kill -9` or a pulled plug takes. A stop takes nothing.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::store;
use crate::server::database::Database;
use crate::server::event::{EventSink, Happening};
use crate::server::message::Message;

/// How long a group waits for more.
const GATHER: Duration = Duration::from_millis(100);

/// Messages that are committed at once at most.
const GROUP_MAX: usize = 1000;

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Order {
    /// This was said.
    Store(Message),
    /// Commit what has come, then answer.
    Commit(Sender<()>),
    /// Commit what has come, and end.
    End,
}

/// The thread, and what it owns.
pub(super) struct Scribe {
    pub(super) database: Database,
    pub(super) orders: Receiver<Order>,
    pub(super) events: EventSink,
    /// What has come and is not committed.
    pub(super) group: Vec<Message>,
    /// When it is to be.
    pub(super) due: Option<Instant>,
}

impl Scribe {
    /// The life of the thread.
    pub(super) fn run(mut self) {
        loop {
            let order = match self.due {
                Some(due) => self.orders.recv_deadline(due),
                None => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match order {
                Ok(Order::Store(message)) => {
                    self.due.get_or_insert_with(|| Instant::now() + GATHER);
                    self.group.push(message);
                    if self.group.len() >= GROUP_MAX {
                        self.commit();
                    }
                }
                Ok(Order::Commit(done)) => {
                    self.commit();
                    // Whoever asked may have given up.
                    let _ = done.send(());
                }
                Err(RecvTimeoutError::Timeout) => self.commit(),
                Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => {
                    self.commit();
                    return;
                }
            }
        }
    }

    fn commit(&mut self) {
        self.due = None;
        if self.group.is_empty() {
            return;
        }
        if let Err(error) = self.try_commit() {
            self.events.report(Happening::HistoryFails { error: error.to_string() });
        }
        self.group.clear();
    }

    fn try_commit(&mut self) -> rusqlite::Result<()> {
        let transaction = self.database.connection.transaction()?;
        store::insert(&transaction, &self.group)?;
        transaction.commit()
    }
}
