//! The ring: the most recent messages, in memory, for those who join.
//!
//! It lies beside the people in the registry, under the same lock as the live order: so a newcomer gets each message
//! once, either from here or live, and joining never waits for a disk. It is bounded in number and in bytes.

use std::collections::VecDeque;
use std::time::Duration;

use rusqlite::Connection;

use super::store;
use super::types::Deletion;
use crate::protocol::{Capabilities, ServerLine, Stamp};
use crate::server::delivery::batch::Batch;
use crate::server::stamps;
use crate::server::storage::message::Message;

/// How many messages it holds: what a client that was away for a while can catch up with.
const COUNT_MAX: usize = 1000;

/// How many of them a newcomer gets that does not say what it has.
const REPLAYED: usize = 100;

/// What has an earlier stamp than this is not kept any more.
pub(super) fn oldest_kept(keep: Option<Duration>) -> Stamp {
    let keep = keep.map_or(Stamp::MAX, |keep| Stamp::try_from(keep.as_micros()).unwrap_or(Stamp::MAX));
    stamps::now().saturating_sub(keep)
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Ring {
    messages: VecDeque<Message>,
    /// What they take in memory, and may take.
    bytes: usize,
    bytes_max: usize,
    /// The newest message that was said and is not here.
    missing: Stamp,
    /// The newest that was ever said.
    newest: Stamp,
    /// How many were taken up since the start.
    taken: u64,
    /// How long messages are kept; `None` is for good.
    keep: Option<Duration>,
}

impl Ring {
    /// An empty ring, when nothing later than `missing` was said before.
    pub(super) fn new(bytes_max: usize, missing: Stamp, keep: Option<Duration>) -> Ring {
        Ring { messages: VecDeque::new(), bytes: 0, bytes_max, missing, newest: missing, taken: 0, keep }
    }

    /// A ring with the last messages of the database in it.
    pub(super) fn filled(connection: &Connection, bytes_max: usize, keep: Option<Duration>) -> rusqlite::Result<Ring> {
        let newest = store::total(connection)?.newest;
        // One more than there is room for: if it comes, it is pushed out again, and the ring knows that it is missing.
        let mut recent = store::before(connection, Stamp::MAX, oldest_kept(keep), COUNT_MAX + 1)?;
        recent.reverse();
        let mut ring = Ring::new(bytes_max, 0, keep);
        recent.into_iter().for_each(|message| ring.add(message));
        // It may have been deleted; its stamp is not given twice all the same.
        ring.newest = newest;
        ring.taken = 0;
        Ok(ring)
    }

    /// Takes up a message that is newer than all others.
    pub(crate) fn add(&mut self, message: Message) {
        self.newest = message.stamp;
        self.taken += 1;
        self.bytes += message.memory();
        self.messages.push_back(message);
        while (self.bytes > self.bytes_max || self.messages.len() > COUNT_MAX)
            && let Some(oldest) = self.messages.pop_front()
        {
            self.bytes -= oldest.memory();
            self.missing = oldest.stamp;
        }
    }

    /// The stamp of the newest message that was ever said.
    pub(crate) fn newest(&self) -> Stamp {
        self.newest
    }

    /// How many messages were said since the start.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Forgets what is to be forgotten.
    pub(crate) fn forget(&mut self, what: &Deletion) {
        self.messages.retain(|message| !what.means(message));
        self.bytes = self.messages.iter().map(Message::memory).sum();
    }

    /// What a newcomer gets: what it does not have, or the last few.
    pub(crate) fn replay(&self, capabilities: Capabilities) -> Vec<u8> {
        let mut bytes = Vec::new();
        let too_old = oldest_kept(self.keep);
        let start = match capabilities.since {
            Some(since) => {
                if since < self.missing.max(too_old) {
                    ServerLine::Gap(since).encode(&mut bytes);
                }
                self.messages.partition_point(|message| message.stamp <= since)
            }
            None => self.messages.len().saturating_sub(REPLAYED),
        };
        let mut lines = Batch::default();
        for message in self.messages.range(start..).filter(|message| message.stamp >= too_old) {
            lines.add_past(&ServerLine::Msg { from: message.from(), text: message.text() }, message.stamp);
        }
        bytes.extend_from_slice(lines.chunk(capabilities.stamp));
        bytes
    }
}
