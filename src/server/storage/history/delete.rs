//! Deleting: one message, everything of a name, or what has become too old. Done by the thread `history`, a few rows at
//! a time, so that nobody who speaks waits long.

use crossbeam_channel::Sender;
use rusqlite::{Connection, Result};

use super::store;
use super::types::Deletion;
use crate::protocol::{NameKey, Stamp};
use crate::server::storage::message::Message;

/// Rows that are deleted at once.
const PART: usize = 200;

impl Deletion {
    /// Is it to be forgotten?
    pub(super) fn means(&self, message: &Message) -> bool {
        match self {
            Deletion::One(stamp) => message.stamp == *stamp,
            Deletion::AllOf(name) => NameKey::of(message.from()).clashes_with(&NameKey::of(name)),
        }
    }
}

/// Something to be deleted, part by part.
#[derive(Debug)]
pub(super) struct DeleteJob {
    /// Whose messages; `None`: everybody's.
    name: Option<NameKey>,
    /// Every spelling of that name is remembered as doomed.
    doomed: bool,
    /// From this stamp on. Rises with each part.
    from: Stamp,
    /// Up to this one, and not that one.
    to: Stamp,
    deleted: u64,
    /// For how many it were, or why not all. `None`: nobody waits for it.
    done: Option<Sender<std::result::Result<u64, String>>>,
}

/// How a part went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is more.
    Part,
    /// That was all.
    Done,
}

impl DeleteJob {
    /// What the operator wants to be deleted.
    pub(super) fn new(what: &Deletion, done: Sender<std::result::Result<u64, String>>) -> DeleteJob {
        let (name, from, to) = match what {
            Deletion::One(stamp) => (None, *stamp, stamp.saturating_add(1)),
            Deletion::AllOf(name) => (Some(NameKey::of(name)), 0, Stamp::MAX),
        };
        DeleteJob { name, doomed: false, from, to, deleted: 0, done: Some(done) }
    }

    /// What was said before this.
    pub(super) fn too_old(before: Stamp) -> DeleteJob {
        DeleteJob { name: None, doomed: false, from: 0, to: before, deleted: 0, done: None }
    }

    /// Deletes a few.
    pub(super) fn do_a_part(&mut self, connection: &mut Connection) -> Result<Progress> {
        if let Some(key) = self.name.as_ref().filter(|_| !self.doomed) {
            let all = store::names(connection)?;
            store::doom(connection, all.into_iter().filter(|name| NameKey::of(name).clashes_with(key)))?;
            self.doomed = true;
        }
        let transaction = connection.transaction()?;
        let deleted = store::delete(&transaction, self.doomed, self.from, self.to, PART)?;
        transaction.commit()?;
        self.deleted += deleted.count;
        if let Some(last) = deleted.last.filter(|_| deleted.count == PART as u64) {
            self.from = last + 1;
            return Ok(Progress::Part);
        }
        if self.deleted > 0 {
            store::wipe(connection)?;
        }
        self.tell(Ok(self.deleted));
        Ok(Progress::Done)
    }

    /// It cannot be done.
    pub(super) fn fail(self, why: String) {
        self.tell(Err(why));
    }

    fn tell(&self, outcome: std::result::Result<u64, String>) {
        if let Some(done) = &self.done {
            // Whoever asked may have given up.
            let _ = done.send(outcome);
        }
    }
}
