//! Deletions: DELETED for each message that the operator deletes, to the clients that asked for it.
//!
//! The room remembers the stamps of deleted messages, for clients that get or keep such a message all the same: one whose
//! answer to PAST or FIND was read before the deletion and is queued after DELETED, and one that returns with what it had.
//! Everything here is under the registry's lock, so a message that a client gets live or with its roster comes before its
//! DELETED. Any thread may call in; the operator's calls come from the thread of a window, or of the program.

use std::collections::BTreeSet;

use super::{Registry, Room, lock};
use crate::protocol::{ServerLine, Stamp};
use crate::server::delivery::PendingWrites;
use crate::server::storage::history::types::Deletion;

/// Maximum number of deleted messages that the room remembers, and of the DELETED lines when all messages of a name are
/// deleted: as many as a screen holds.
pub(crate) const DELETED_MAX: usize = 10_000;

/// Maximum number of DELETED lines for a client that returns.
const RETOLD_MAX: usize = 1_000;

/// The stamps of the newest messages that were deleted since the start.
#[derive(Debug, Default)]
pub(super) struct Deletions(BTreeSet<Stamp>);

impl Deletions {
    /// Appends a DELETED for each of the newest deleted messages up to a stamp.
    pub(super) fn encode_until(&self, newest: Stamp, out: &mut Vec<u8>) {
        let stamps = self.0.range(..=newest).rev().take(RETOLD_MAX);
        stamps.for_each(|stamp| ServerLine::Deleted(*stamp).encode(out));
    }
}

impl Registry {
    /// Deletes messages from the ring, so that no client that joins from now on gets them, and sends DELETED. Returns the
    /// stamp of the last message so far: what is said from now on is not deleted. Also returns the number of messages that
    /// were in the ring; `None` if there is no ring.
    pub(crate) fn forget(&self, what: &Deletion, writes: &mut PendingWrites) -> (Stamp, Option<u64>) {
        let mut room = self.room(writes);
        let recent = room.ring.as_mut().map(|ring| ring.delete(what));
        let count = recent.as_ref().map(|recent| recent.len() as u64);
        match what {
            // It may be older than what the ring has.
            Deletion::One(stamp) => room.tell_deleted(&[*stamp], writes),
            Deletion::AllOf(_) => room.tell_deleted(&recent.unwrap_or_default(), writes),
        }
        (room.last_message, count)
    }

    /// Sends DELETED for these stamps, once for each.
    pub(crate) fn tell_deleted(&self, stamps: &[Stamp], writes: &mut PendingWrites) {
        self.room(writes).tell_deleted(stamps, writes);
    }

    /// Returns those of the stamps whose messages are deleted.
    pub(crate) fn deleted_among(&self, stamps: impl Iterator<Item = Stamp>) -> Vec<Stamp> {
        let room = lock(&self.room);
        stamps.filter(|stamp| room.deletions.0.contains(stamp)).collect()
    }
}

impl Room {
    fn tell_deleted(&mut self, stamps: &[Stamp], writes: &mut PendingWrites) {
        let mut lines = Vec::new();
        for stamp in stamps.iter().filter(|stamp| self.deletions.0.insert(**stamp)) {
            ServerLine::Deleted(*stamp).encode(&mut lines);
        }
        while self.deletions.0.len() > DELETED_MAX {
            self.deletions.0.pop_first();
        }
        if lines.is_empty() {
            return;
        }
        let chunk = lines.into();
        for occupant in self.occupants.values().filter(|occupant| occupant.client.capabilities.deleted) {
            writes.push(&occupant.client, &chunk);
        }
    }
}
