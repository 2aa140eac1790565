//! The log of one conversation: everything that was said, in the order that is the same for every client.
//!
//! The log grows at its end and is trimmed at its beginning, so a view keeps a position in it and appends what is
//! new. Older messages are spliced in ([`splice`](MessageLog::splice)), and each view then adjusts its position.
//! Messages of this client that have no answer yet (see `outgoing.rs`) are drawn below the log, and redrawn whenever
//! they change. A message moves from the queue to the log when the server's answer gives it its place. Text from the
//! network is escaped before it is stored here. Runs on the UI thread.

use std::collections::{BTreeSet, VecDeque};

use crate::protocol::escape::escape;
use crate::protocol::{RESERVED, Stamp};

/// Maximum number of entries; older ones are dropped. Backfill drops nothing and uses only the room that is left.
pub const SETTLED_MAX: usize = 10_000;

/// Maximum number of text bytes in the room's log, and in that of a private conversation, of which there may be many.
/// [`SETTLED_MAX`] entries of ordinary length take less: the limit stops a flood of the longest messages from filling
/// the memory.
const ROOM_BYTES: usize = 16 << 20;
const PRIVATE_BYTES: usize = 4 << 20;

/// Maximum number of characters of a name to show. The protocol allows fewer, but a server that breaks it must not
/// push the text out of the window.
const NAME_MAX: usize = 40;

/// Position of an entry. Positions count up from zero as the conversation goes on, and down from there when older
/// messages are loaded. A splice moves the positions before it, so a view at the end is not affected.
pub type Position = i64;

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Time by the server's clock or, without a stamp, by the local one; `None` for replayed messages without stamps.
    pub at: Option<Stamp>,
    /// Kind and contents.
    pub kind: Kind,
}

/// Kind of an entry. All texts are escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message to all.
    Message {
        /// Name of the sender.
        from: String,
        /// Text of the message.
        text: String,
        /// Said before the user joined.
        earlier: bool,
    },
    /// A message to the user alone.
    Private {
        /// Name of the sender.
        from: String,
        /// Text of the message.
        text: String,
    },
    /// A message of the server's operator.
    Announcement {
        /// Text of the message.
        text: String,
        /// Said before the user joined.
        earlier: bool,
    },
    /// A message to all that the operator has deleted.
    Deleted {
        /// Name of the sender; empty for the operator.
        from: String,
    },
    /// A person who joined.
    Joined(String),
    /// A person who left.
    Left(String),
    /// A notice of this program.
    Notice(String),
    /// Messages that are not loaded.
    Gap {
        /// Stamp of the last message above the gap: everything after it is missing.
        after: Stamp,
    },
    /// The beginning of the server's history.
    Beginning,
}

/// A replacement of entries right before one that keeps its position. If as many are inserted as are removed, all keep theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Position of the entry that stays.
    pub before: Position,
    /// Number of entries removed right before it.
    pub removed: Position,
    /// Number of entries inserted in their place.
    pub inserted: Position,
}

impl Splice {
    /// Returns whether each entry is replaced by one: texts were deleted.
    pub fn is_in_place(&self) -> bool {
        self.removed == self.inserted
    }

    /// Returns the new position of what was at `position`.
    pub fn moved(&self, position: Position) -> Position {
        if position >= self.before || self.is_in_place() {
            position
        } else if position >= self.before - self.removed {
            self.before - self.inserted
        } else {
            position + self.removed - self.inserted
        }
    }
}

impl Kind {
    /// Returns a message to all, or of the server's operator, as it came from the network.
    pub(crate) fn said(from: &str, text: &str, earlier: bool) -> Kind {
        let text = escape(text).into_owned();
        if from == RESERVED {
            Kind::Announcement { text, earlier }
        } else {
            Kind::Message { from: shown_name(from), text, earlier }
        }
    }

    /// Returns the number of bytes of its texts.
    fn bytes(&self) -> usize {
        match self {
            Kind::Message { from, text, .. } | Kind::Private { from, text } => from.len() + text.len(),
            Kind::Announcement { text, .. }
            | Kind::Deleted { from: text }
            | Kind::Joined(text)
            | Kind::Left(text)
            | Kind::Notice(text) => text.len(),
            Kind::Gap { .. } | Kind::Beginning => 0,
        }
    }
}

impl Entry {
    /// Returns the stamp of a message to all, by which the server's history refers to it; `None` for other entries.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        let is_to_all = matches!(self.kind, Kind::Message { .. } | Kind::Announcement { .. } | Kind::Deleted { .. });
        self.at.filter(|_| is_to_all)
    }
}

/// The log of one conversation.
#[derive(Debug)]
pub struct MessageLog {
    settled: VecDeque<Entry>,
    /// Sum of the text bytes of all entries, and its maximum.
    bytes: usize,
    bytes_max: usize,
    /// Position of the oldest entry that is kept.
    first: Position,
    /// Splices that the view has not applied yet.
    splices: Vec<Splice>,
}

impl Default for MessageLog {
    fn default() -> MessageLog {
        let (settled, splices) = Default::default();
        MessageLog { settled, bytes: 0, bytes_max: ROOM_BYTES, first: 0, splices }
    }
}

impl MessageLog {
    /// Returns an empty log of a private conversation.
    pub(crate) fn private() -> MessageLog {
        MessageLog { bytes_max: PRIVATE_BYTES, ..MessageLog::default() }
    }

    /// Appends an entry, and drops the oldest ones while there are too many entries or bytes.
    pub fn settle(&mut self, at: Option<Stamp>, kind: Kind) {
        self.bytes += kind.bytes();
        while (self.settled.len() >= SETTLED_MAX || self.bytes > self.bytes_max)
            && let Some(oldest) = self.settled.pop_front()
        {
            self.bytes -= oldest.kind.bytes();
            self.first += 1;
        }
        self.settled.push_back(Entry { at, kind });
    }

    /// Replaces the `removed` entries before a position by others, as far as there is room. The last of them take
    /// precedence. Returns the number of entries without room.
    pub fn splice(&mut self, before: Position, removed: usize, mut entries: Vec<Entry>) -> usize {
        let at = self.index(before);
        let before = self.first + count(at);
        let mut after = self.settled.split_off(at);
        for gone in self.settled.drain(at.saturating_sub(removed)..) {
            self.bytes -= gone.kind.bytes();
        }
        let removed = at - self.settled.len();
        let mut room = SETTLED_MAX.saturating_sub(self.settled.len() + after.len());
        let mut bytes = self.bytes_max.saturating_sub(self.bytes);
        let fits = |entry: &&Entry| {
            let left = room.checked_sub(1).zip(bytes.checked_sub(entry.kind.bytes()));
            left.is_some_and(|(room_left, bytes_left)| {
                (room, bytes) = (room_left, bytes_left);
                true
            })
        };
        let left_out = entries.len() - entries.iter().rev().take_while(fits).count();
        entries.drain(..left_out);
        let inserted = entries.len();
        self.bytes += entries.iter().map(|entry| entry.kind.bytes()).sum::<usize>();
        self.settled.extend(entries);
        self.settled.append(&mut after);
        let (removed, inserted) = (count(removed), count(inserted));
        self.first += removed - inserted;
        self.splices.push(Splice { before, removed, inserted });
        left_out
    }

    /// Replaces the messages with these stamps by entries without their texts. Returns the entries that were replaced.
    pub(crate) fn forget_texts(&mut self, deleted: &BTreeSet<Stamp>) -> Vec<Entry> {
        let (mut gone, mut first, mut last) = (Vec::new(), None, 0);
        for (at, entry) in self.settled.iter_mut().enumerate() {
            let is_deleted = entry.stamp().is_some_and(|stamp| deleted.contains(&stamp));
            if is_deleted && !matches!(entry.kind, Kind::Deleted { .. }) {
                let kind = entry.kind.without_text();
                self.bytes -= entry.kind.bytes() - kind.bytes();
                gone.push(Entry { at: entry.at, kind: std::mem::replace(&mut entry.kind, kind) });
                (first, last) = (first.or(Some(at)), at);
            }
        }
        if let Some(first) = first {
            let replaced = count(last + 1 - first);
            self.splices.push(Splice { before: self.first + count(last + 1), removed: replaced, inserted: replaced });
        }
        gone
    }

    /// Takes the splices that a view must apply before it goes on from its position.
    pub fn take_splices(&mut self) -> Vec<Splice> {
        std::mem::take(&mut self.splices)
    }

    /// Returns the position of the oldest entry that is kept.
    pub fn first(&self) -> Position {
        self.first
    }

    /// Returns the position after the newest entry.
    pub fn end(&self) -> Position {
        self.first + count(self.settled.len())
    }

    /// Returns how many more entries can be loaded.
    pub(crate) fn room(&self) -> usize {
        SETTLED_MAX.saturating_sub(self.settled.len())
    }

    fn index(&self, position: Position) -> usize {
        usize::try_from(position.saturating_sub(self.first)).unwrap_or(0).min(self.settled.len())
    }

    /// Returns the entries from a position on, or from the oldest that is kept.
    pub fn since(&self, position: Position) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.settled.range(self.index(position)..)
    }

    /// Like [`since`](MessageLog::since), with the position of each entry.
    pub(crate) fn positions_since(&self, position: Position) -> impl Iterator<Item = (Position, &Entry)> {
        (position.max(self.first)..).zip(self.since(position))
    }

    /// Returns whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.settled.is_empty()
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.first = self.end();
        self.settled.clear();
        self.bytes = 0;
    }
}

/// Converts a number of entries to a distance of positions.
pub(crate) fn count(entries: usize) -> Position {
    Position::try_from(entries).unwrap_or(Position::MAX)
}

/// Returns a name for display: escaped, and cut to 40 characters.
pub fn shown_name(name: &str) -> String {
    let mut shown: String = escape(name).chars().take(NAME_MAX + 1).collect();
    if shown.chars().count() > NAME_MAX {
        shown.pop();
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
