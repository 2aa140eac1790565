//! What was said, in the order that is the same for everybody.
//!
//! It grows at its end and is trimmed at its beginning, so a view keeps a position in it and appends what is new. What
//! is loaded of the past comes in between ([`splice`](MessageLog::splice)), and a view is told so. What this client
//! has said and not yet heard back (see `queue.rs`) is drawn below it, and anew each time that changes. A message moves
//! from one to the other when the server's answer gives it its place. Whatever came from the wire is escaped on its way
//! in. Runs on the UI thread.

use std::collections::VecDeque;

use crate::protocol::Stamp;
use crate::protocol::escape::escape;

/// Entries that are kept; older ones are dropped. What is loaded of the past drops nothing: it gets what room there is.
pub const SETTLED_MAX: usize = 10_000;

/// Bytes of text that are kept of what was said to all, and of what one person said to us alone, of which there may be
/// many. [`SETTLED_MAX`] entries of ordinary length are less; it is a flood of the longest that must not fill the
/// memory.
const ROOM_BYTES: usize = 16 << 20;
const PRIVATE_BYTES: usize = 4 << 20;

/// Characters of a name that are shown. The protocol allows fewer; a server that does not keep to it must not push the
/// text out of the window.
const NAME_MAX: usize = 40;

/// Where an entry is. Positions count up from zero as the conversation goes on, and down from there when what is older
/// is loaded; whatever comes in between moves those before it, so that a view at the end need not care.
pub type Position = i64;

/// One thing in the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, by the server's clock if it said, else by ours; `None` for the past of a server without stamps.
    pub at: Option<Stamp>,
    /// What.
    pub kind: Kind,
}

/// What an entry is. All words are fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Said to all.
    Message {
        /// Who.
        from: String,
        /// What.
        text: String,
        /// Before we came.
        earlier: bool,
    },
    /// Said to us alone.
    Private {
        /// Who.
        from: String,
        /// What.
        text: String,
    },
    /// Said by the operator of the server.
    Announcement {
        /// What.
        text: String,
        /// Before we came.
        earlier: bool,
    },
    /// Somebody came.
    Joined(String),
    /// Somebody went.
    Left(String),
    /// What this program itself has to say.
    Notice(String),
    /// Something was said here that is not loaded.
    Gap {
        /// Not missing is what was said then, nor what was said before.
        after: Stamp,
    },
    /// The server has nothing older.
    Beginning,
}

/// Some entries have come in the place of others, before one that stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Splice {
    /// The one that stays.
    pub before: Position,
    /// How many right before it are gone.
    pub removed: Position,
    /// How many have come in their place.
    pub inserted: Position,
}

impl Splice {
    /// Where that is now which was at a position before.
    pub fn moved(&self, position: Position) -> Position {
        if position >= self.before {
            position
        } else if position >= self.before - self.removed {
            self.before - self.inserted
        } else {
            position + self.removed - self.inserted
        }
    }

    /// Whether what was at a position is gone.
    pub fn removes(&self, position: Position) -> bool {
        (self.before - self.removed..self.before).contains(&position)
    }
}

impl Kind {
    /// The bytes of its words.
    fn bytes(&self) -> usize {
        match self {
            Kind::Message { from, text, .. } | Kind::Private { from, text } => from.len() + text.len(),
            Kind::Announcement { text, .. } | Kind::Joined(text) | Kind::Left(text) | Kind::Notice(text) => text.len(),
            Kind::Gap { .. } | Kind::Beginning => 0,
        }
    }
}

impl Entry {
    /// When it was said to all, which is what the server remembers; `None` for all else.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        self.at.filter(|_| matches!(self.kind, Kind::Message { .. } | Kind::Announcement { .. }))
    }
}

/// The conversation.
#[derive(Debug)]
pub struct MessageLog {
    settled: VecDeque<Entry>,
    /// The bytes of all of them together, and how many there may be.
    bytes: usize,
    bytes_max: usize,
    /// The position of the first entry that is kept.
    first: Position,
    /// What a view has not been told yet.
    splices: Vec<Splice>,
}

impl Default for MessageLog {
    fn default() -> MessageLog {
        let (settled, splices) = Default::default();
        MessageLog { settled, bytes: 0, bytes_max: ROOM_BYTES, first: 0, splices }
    }
}

impl MessageLog {
    /// A conversation with one person alone.
    pub(crate) fn private() -> MessageLog {
        MessageLog { bytes_max: PRIVATE_BYTES, ..MessageLog::default() }
    }

    /// Appends an entry, and drops the oldest if there are too many, or too much is in them.
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

    /// Puts entries before the one at a position, in the place of so many that are there, as far as there is room: the
    /// last of them come first. Returns how many had none.
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
            let both = room.checked_sub(1).zip(bytes.checked_sub(entry.kind.bytes()));
            both.is_some_and(|(room_left, bytes_left)| {
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

    /// What a view has to be told before it goes on from its position.
    pub fn take_splices(&mut self) -> Vec<Splice> {
        std::mem::take(&mut self.splices)
    }

    /// The entry that was at a position of a view which has not been told yet what came in between; if it is still there.
    pub(crate) fn of_view(&self, position: Position) -> Option<&Entry> {
        let mut now = position;
        for splice in &self.splices {
            if splice.removes(now) {
                return None;
            }
            now = splice.moved(now);
        }
        self.positions_since(now).next().filter(|(at, _)| *at == now).map(|(_, entry)| entry)
    }

    /// The position of the oldest entry that is kept.
    pub fn first(&self) -> Position {
        self.first
    }

    /// The position after the newest entry.
    pub fn end(&self) -> Position {
        self.first + count(self.settled.len())
    }

    /// How many more entries can be loaded.
    pub(crate) fn room(&self) -> usize {
        SETTLED_MAX.saturating_sub(self.settled.len())
    }

    fn index(&self, position: Position) -> usize {
        usize::try_from(position.saturating_sub(self.first)).unwrap_or(0).min(self.settled.len())
    }

    /// The entries from a position on, or from the first that is still kept.
    pub fn since(&self, position: Position) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.settled.range(self.index(position)..)
    }

    /// The same, with their positions.
    pub(crate) fn positions_since(&self, position: Position) -> impl Iterator<Item = (Position, &Entry)> {
        (position.max(self.first)..).zip(self.since(position))
    }

    /// The entries before a position, newest first.
    pub(crate) fn before(&self, position: Position) -> impl Iterator<Item = &Entry> {
        self.settled.range(..self.index(position)).rev()
    }

    /// Forgets all that was said.
    pub fn clear(&mut self) {
        self.first = self.end();
        self.settled.clear();
        self.bytes = 0;
    }
}

/// So many entries, as the distance of two positions.
pub(crate) fn count(entries: usize) -> Position {
    Position::try_from(entries).unwrap_or(Position::MAX)
}

/// A name as it may be shown: escaped, and not longer than any name should be.
pub fn shown_name(name: &str) -> String {
    let mut shown: String = escape(name).chars().take(NAME_MAX + 1).collect();
    if shown.chars().count() > NAME_MAX {
        shown.pop();
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notices(log: &MessageLog, position: Position) -> Vec<&str> {
        log.since(position)
            .map(|entry| match &entry.kind {
                Kind::Notice(text) => text.as_str(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_view_that_keeps_its_position_sees_each_entry_once() {
        let mut log = MessageLog::default();
        for text in ["one", "two"] {
            log.settle(None, Kind::Notice(text.into()));
        }
        let seen = log.end();
        assert_eq!(notices(&log, 0), ["one", "two"]);
        log.settle(None, Kind::Notice("three".into()));
        assert_eq!(notices(&log, seen), ["three"]);
    }

    #[test]
    fn the_oldest_entries_are_dropped_and_positions_stay() {
        let mut log = MessageLog::default();
        for n in 0..SETTLED_MAX + 5 {
            log.settle(None, Kind::Notice(n.to_string()));
        }
        assert_eq!((log.first(), log.end()), (5, count(SETTLED_MAX) + 5));
        assert_eq!(notices(&log, 0).len(), SETTLED_MAX);
        assert_eq!(notices(&log, log.end() - 1), [(SETTLED_MAX + 4).to_string()]);
    }

    #[test]
    fn a_flood_of_the_longest_messages_is_kept_up_to_a_number_of_bytes() {
        for (mut log, bytes_max) in [(MessageLog::default(), ROOM_BYTES), (MessageLog::private(), PRIVATE_BYTES)] {
            let long = || Kind::Message { from: "ann".into(), text: "x".repeat(3900), earlier: false };
            let fit = bytes_max / long().bytes();
            for _ in 0..fit + 5 {
                log.settle(None, long());
            }
            assert_eq!((log.first(), log.end()), (5, count(fit) + 5));
            assert_eq!(log.bytes, log.settled.iter().map(|entry| entry.kind.bytes()).sum::<usize>());
            assert!(log.bytes <= bytes_max);
            log.clear();
            assert_eq!(log.bytes, 0);
        }
    }

    #[test]
    fn what_was_cleared_is_gone_and_positions_stay() {
        let mut log = MessageLog::default();
        log.settle(None, Kind::Notice("one".into()));
        log.clear();
        assert_eq!((log.first(), log.end()), (1, 1));
        log.settle(None, Kind::Notice("two".into()));
        assert_eq!(notices(&log, 0), ["two"]);
    }

    #[test]
    fn a_name_that_no_server_should_send_is_cut_and_escaped() {
        assert_eq!(shown_name("ann"), "ann");
        assert_eq!(shown_name("a\u{202e}b"), "a<U+202E>b");
        let cut = shown_name(&"w".repeat(4000));
        assert_eq!((cut.chars().count(), cut.ends_with('…')), (NAME_MAX + 1, true));
    }
}
