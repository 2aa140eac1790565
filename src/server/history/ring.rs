//! The ring: the most recent messages, in memory, for those who join.
//!
//! It lies beside the people in the registry, under the same lock as the live order: so a newcomer gets each message once,
//! either from here or live, and joining never waits for a disk. It is bounded in number and in bytes.

use std::collections::VecDeque;
use std::time::Duration;

use crate::protocol::{Capabilities, ServerLine, Stamp};
use crate::server::clock;
use crate::server::message::Message;
use crate::server::relay::Relay;

/// How many messages it holds: what a client that was away for a while can catch up with.
pub(super) const COUNT_MAX: usize = 1000;

/// How many of them a newcomer gets that does not say what it has.
const REPLAYED: usize = 100;

/// What has an earlier stamp than this is not kept any more.
pub(super) fn oldest_kept(keep: Option<Duration>) -> Stamp {
    let keep = keep.map_or(Stamp::MAX, |keep| Stamp::try_from(keep.as_micros()).unwrap_or(Stamp::MAX));
    clock::now().saturating_sub(keep)
}

/// See the [module](self).
#[derive(Debug)]
pub(in crate::server) struct Ring {
    messages: VecDeque<Message>,
    /// What they take in memory, and may take.
    bytes: usize,
    bytes_max: usize,
    /// The newest message that was said and is not here.
    missing: Stamp,
    /// The newest that was ever said.
    newest: Stamp,
    /// How long messages are kept; `None` is for good.
    keep: Option<Duration>,
}

impl Ring {
    /// An empty ring, when nothing later than `missing` was said before.
    pub(super) fn new(bytes_max: usize, missing: Stamp, keep: Option<Duration>) -> Ring {
        Ring { messages: VecDeque::new(), bytes: 0, bytes_max, missing, newest: missing, keep }
    }

    /// Takes up a message that is newer than all others.
    pub(in crate::server) fn add(&mut self, message: Message) {
        self.newest = message.stamp;
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
    pub(in crate::server) fn newest(&self) -> Stamp {
        self.newest
    }

    /// What a newcomer gets: what it does not have, or the last few.
    pub(in crate::server) fn replay(&self, capabilities: Capabilities) -> Vec<u8> {
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
        let mut lines = Relay::default();
        for message in self.messages.range(start..).filter(|message| message.stamp >= too_old) {
            lines.add_past(&ServerLine::Msg { from: message.from(), text: message.text() }, message.stamp);
        }
        bytes.extend_from_slice(lines.piece(capabilities.stamp));
        bytes
    }
}
