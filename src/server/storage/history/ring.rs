//! The ring: the most recent messages in memory, for newcomers.
//!
//! It belongs to the registry's state, under the lock that also orders live messages. So a newcomer gets each message exactly
//! once, either from the ring or live, and joining never waits for a disk. The ring is bounded in messages and in bytes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::delete::Selector;
use super::store;
use super::types::{Deletion, Keep};
use crate::protocol::{Capabilities, ServerLine, Stamp};
use crate::server::delivery::batch::Batch;
use crate::server::stamps;
use crate::server::storage::message::Message;

/// Maximum number of messages in the ring: how much a client that was disconnected for a while can catch up with.
const COUNT_MAX: usize = 1000;

/// Number of messages that a newcomer gets that does not say up to which stamp it has them.
const REPLAYED: usize = 100;

/// Returns the stamp before which messages are too old to be shown. It goes by the clock alone: see `trusted_time.rs`.
pub(super) fn oldest_kept(keep: Option<Duration>) -> Stamp {
    let keep = keep.map_or(Stamp::MAX, |keep| Stamp::try_from(keep.as_micros()).unwrap_or(Stamp::MAX));
    stamps::now().saturating_sub(keep)
}

/// The most recent messages. See the [module](self).
#[derive(Debug)]
pub(crate) struct Ring {
    messages: VecDeque<Message>,
    /// Memory of the messages, and its limit.
    bytes: usize,
    bytes_max: usize,
    /// Stamp of the newest message that the ring does not have.
    missing: Stamp,
    /// Stamp of the newest message ever.
    newest: Stamp,
    /// Number of messages added since the start.
    taken: u64,
    keep: Arc<Keep>,
}

impl Ring {
    /// Creates an empty ring. Messages up to the stamp `missing` may exist that it does not have.
    pub(super) fn new(bytes_max: usize, missing: Stamp, keep: Arc<Keep>) -> Ring {
        Ring { messages: VecDeque::new(), bytes: 0, bytes_max, missing, newest: missing, taken: 0, keep }
    }

    /// Creates a ring with the last messages of the database.
    pub(super) fn filled(connection: &Connection, bytes_max: usize, keep: Arc<Keep>) -> rusqlite::Result<Ring> {
        let newest = store::total(connection)?.newest;
        // One more than there is room for: if it exists, adding the others evicts it, and `missing` has its stamp.
        let mut recent = store::before(connection, Stamp::MAX, oldest_kept(keep.get()), COUNT_MAX + 1)?;
        recent.reverse();
        let mut ring = Ring::new(bytes_max, 0, keep);
        recent.into_iter().for_each(|message| ring.add(message));
        // The newest message may have been deleted. Its stamp must not be assigned again all the same.
        ring.newest = newest;
        ring.taken = 0;
        Ok(ring)
    }

    /// Adds a message that is newer than all others, and evicts the oldest beyond the limits.
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

    /// Returns the stamp of the newest message ever.
    pub(crate) fn newest(&self) -> Stamp {
        self.newest
    }

    /// Returns the number of messages relayed since the start.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Returns the newest `count` messages after a stamp, the oldest first, and whether these are all.
    pub(crate) fn after(&self, stamp: Stamp, count: usize) -> (Vec<Message>, bool) {
        let start = self.messages.partition_point(|message| message.stamp <= stamp.max(oldest_kept(self.keep.get())));
        let all = self.messages.len() - start;
        let newest = self.messages.range(self.messages.len() - all.min(count)..).cloned().collect();
        (newest, all <= count && stamp >= self.missing)
    }

    /// Removes the messages that the operator deletes. Returns their stamps, the newest first.
    pub(crate) fn delete(&mut self, what: &Deletion) -> Vec<Stamp> {
        let (mut selector, mut deleted) = (Selector::new(what), Vec::new());
        self.messages.retain(|message| {
            let is_deleted = selector.includes(message.stamp, message.from());
            deleted.extend(is_deleted.then_some(message.stamp));
            !is_deleted
        });
        self.bytes = self.messages.iter().map(Message::memory).sum();
        deleted.reverse();
        deleted
    }

    /// Returns the lines for a newcomer: the messages after the stamp that it sent, or else the last [`REPLAYED`]. A `GAP` line
    /// comes first if messages after that stamp are missing in the ring.
    pub(crate) fn replay(&self, capabilities: Capabilities) -> Vec<u8> {
        let mut bytes = Vec::new();
        let too_old = oldest_kept(self.keep.get());
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

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    /// Returns a ring that has these messages, and no others after the stamp 5.
    fn ring(bytes_max: usize, keep: Option<Duration>, stamps: impl IntoIterator<Item = Stamp>) -> Ring {
        let mut ring = Ring::new(bytes_max, 5, Arc::new(Keep::new(keep)));
        stamps.into_iter().for_each(|stamp| ring.add(message(stamp)));
        ring
    }

    fn message(stamp: Stamp) -> Message {
        Message::at(stamp, "ann", "hi")
    }

    fn stamps_of(messages: &[Message]) -> Vec<Stamp> {
        messages.iter().map(|message| message.stamp).collect()
    }

    fn replayed(ring: &Ring, since: Option<Stamp>) -> String {
        String::from_utf8(ring.replay(Capabilities { since, ..Capabilities::default() })).unwrap()
    }

    #[test]
    fn the_oldest_messages_beyond_a_limit_are_missing() {
        let each = message(10).memory();
        let mut small = ring(2 * each, None, []);
        assert_eq!((small.newest(), small.taken()), (5, 0));
        small.add(message(10));
        small.add(message(11));
        assert_eq!((small.missing, small.messages.len(), small.bytes), (5, 2, 2 * each), "there is room for them");
        small.add(message(12));
        assert_eq!((small.missing, small.messages.len(), small.bytes), (10, 2, 2 * each));
        assert_eq!((small.newest(), small.taken()), (12, 3));
        let mut large = ring(usize::MAX, None, 10..10 + COUNT_MAX as Stamp);
        assert_eq!((large.missing, large.messages.len()), (5, COUNT_MAX));
        large.add(message(5000));
        assert_eq!((large.missing, large.messages.len()), (10, COUNT_MAX));
    }

    #[test]
    fn what_is_after_a_stamp_is_all_if_nothing_is_missing_and_nothing_too_much() {
        let some = ring(usize::MAX, None, 10..13);
        for (stamp, count, expected, are_all) in [
            (10, 9, &[11, 12][..], true),
            (10, 2, &[11, 12], true),
            (10, 1, &[12], false),
            (5, 9, &[10, 11, 12], true),
            (4, 9, &[10, 11, 12], false),
            (12, 9, &[], true),
        ] {
            let (messages, all) = some.after(stamp, count);
            assert_eq!((&stamps_of(&messages)[..], all), (expected, are_all), "{stamp} {count}");
        }
        let now = stamps::now();
        let old = ring(usize::MAX, Some(HOUR), [now - 7_200_000_000, now - 1]);
        assert_eq!(stamps_of(&old.after(6, 9).0), [now - 1], "the other is too old to be shown");
    }

    #[test]
    fn deleted_messages_leave_room() {
        let mut some = ring(usize::MAX, None, 10..13);
        some.add(Message::at(13, "ben", "hi"));
        assert_eq!(some.delete(&Deletion::AllOf("ANN".into())), [12, 11, 10]);
        assert_eq!((stamps_of(&some.messages.iter().cloned().collect::<Vec<_>>()), some.newest()), (vec![13], 13));
        assert_eq!(some.bytes, Message::at(13, "ben", "hi").memory());
    }

    #[test]
    fn a_newcomer_gets_what_it_lacks_and_is_told_of_what_nobody_has() {
        let line = "MSG ann hi\n";
        let some = ring(usize::MAX, None, 10..13);
        for (since, gap, lines) in [(4, "GAP 4\n", 3), (5, "", 3), (9, "", 3), (10, "", 2), (12, "", 0)] {
            assert_eq!(replayed(&some, Some(since)), gap.to_owned() + &line.repeat(lines), "{since}");
        }
        assert_eq!(replayed(&some, None), line.repeat(3));
        let many = ring(usize::MAX, None, 10..11 + REPLAYED as Stamp);
        assert_eq!(replayed(&many, None), line.repeat(REPLAYED));
        assert_eq!(replayed(&many, Some(9)), line.repeat(REPLAYED + 1));
        let (now, hours) = (stamps::now(), 3_600_000_000);
        let old = ring(usize::MAX, Some(HOUR), [now - 2 * hours, now - 1]);
        assert_eq!(replayed(&old, None), line);
        let since = now - 3 * hours;
        assert_eq!(replayed(&old, Some(since)), format!("GAP {since}\n{line}"), "some may have been deleted since");
    }
}
