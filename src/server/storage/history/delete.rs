//! Deletion of one message, of all messages of a name, or of messages that are too old.
//!
//! The thread `history` deletes in batches of a few rows, and stores new messages between two batches. So its channel does not
//! fill during a large deletion, and no sender waits.

use std::collections::HashMap;

use crossbeam_channel::{Sender, bounded};
use rusqlite::{Connection, Result};

use super::store;
use super::types::{Deletion, HistoryError};
use crate::protocol::{NameKey, Stamp};

/// Rows that are deleted in one transaction.
const BATCH: usize = 200;

/// Selects the messages that a deletion includes. Each name is compared once, since a comparison is expensive.
pub(super) enum Selector {
    One(Stamp),
    AllOf(NameKey, HashMap<String, bool>),
}

impl Selector {
    /// Creates the selector for a deletion.
    pub(super) fn new(what: &Deletion) -> Selector {
        match what {
            Deletion::One(stamp) => Selector::One(*stamp),
            Deletion::AllOf(name) => Selector::AllOf(NameKey::of(name), HashMap::new()),
        }
    }

    /// Returns whether the deletion includes a message.
    pub(super) fn includes(&mut self, stamp: Stamp, from: &str) -> bool {
        match self {
            Selector::One(one) => stamp == *one,
            Selector::AllOf(key, compared) => compared.get(from).copied().unwrap_or_else(|| {
                let is_included = NameKey::of(from).clashes_with(key);
                compared.insert(from.to_owned(), is_included);
                is_included
            }),
        }
    }
}

/// A deletion in progress.
#[derive(Debug)]
pub(super) struct DeleteJob {
    /// Only messages of this name; `None`: of all names.
    name: Option<NameKey>,
    /// The spellings of that name are selected in the database: see [`store::select_names`].
    names_selected: bool,
    /// First stamp that is deleted. Rises with each batch.
    from: Stamp,
    /// First stamp that is not deleted.
    to: Stamp,
    /// Number of messages deleted so far.
    deleted: u64,
    /// Receives the number of deleted messages, or the reason why they are not all deleted. The caller may have given up
    /// waiting, or not wait at all.
    pub(super) done: Sender<Result<u64, HistoryError>>,
}

/// The state of a deletion after a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More messages remain.
    More,
    Done,
}

impl DeleteJob {
    /// Creates the job for a deletion by the operator of messages up to the stamp `last`, with the channel on which its result
    /// is sent.
    pub(super) fn new(what: &Deletion, last: Stamp, done: Sender<Result<u64, HistoryError>>) -> DeleteJob {
        let (name, from, to) = match what {
            Deletion::One(stamp) => (None, *stamp, stamp.saturating_add(1)),
            Deletion::AllOf(name) => (Some(NameKey::of(name)), 0, last.saturating_add(1)),
        };
        DeleteJob { name, names_selected: false, from, to, deleted: 0, done }
    }

    /// Creates the job that deletes all messages before a stamp, because they are too old.
    pub(super) fn too_old(before: Stamp) -> DeleteJob {
        DeleteJob { name: None, names_selected: false, from: 0, to: before, deleted: 0, done: bounded(0).0 }
    }

    /// Deletes the next batch.
    pub(super) fn run_batch(&mut self, connection: &mut Connection) -> Result<Progress> {
        if let Some(key) = self.name.as_ref().filter(|_| !self.names_selected) {
            let all = store::names(connection)?;
            store::select_names(connection, all.into_iter().filter(|name| NameKey::of(name).clashes_with(key)))?;
            self.names_selected = true;
        }
        let transaction = connection.transaction()?;
        let deleted = store::delete(&transaction, self.names_selected, self.from, self.to, BATCH)?;
        transaction.commit()?;
        self.deleted += deleted.count;
        if let Some(last) = deleted.last.filter(|_| deleted.count == BATCH as u64) {
            self.from = last + 1;
            return Ok(Progress::More);
        }
        if self.deleted > 0 {
            store::wipe(connection)?;
        }
        let _ = self.done.send(Ok(self.deleted));
        Ok(Progress::Done)
    }
}
