//! Entries that are shown as one: joins and leaves that follow one another, and blocks of code. Pure; runs on the UI
//! thread.
//!
//! **Joins and leaves** form a group until something else is shown, and for five minutes at most, so that the time beside
//! the group says when. **Code** is what one sender says between two messages of three backticks. Each of its lines is an
//! ordinary message, so other people's messages and joins may arrive in between: they end nothing, and are shown below
//! the block in their order. A block ends unclosed, and all of it is ordinary text, when its sender leaves (another person
//! may take the name), at a gap, after [`CODE_LINES`] lines, or after [`CODE_ENTRIES`] entries of the log. Two fences
//! without a line in between are ordinary text as well.

use crate::chat::state::talks::message_log::{Entry, Kind, Position};
use crate::protocol::Stamp;

words! {
    /// Display of joins and leaves.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Joins {
        /// Not shown.
        Hide = "hide",
        /// Those that follow one another in one line.
        #[default]
        Grouped = "grouped",
        /// A line for each.
        All = "all",
    }
    /// Returns the word in the settings.
    pub fn word(self) -> &'static str;
    /// Returns the display for a word of the settings.
    pub fn from_word(word: &str) -> Option<Self>;
}

/// The message before and after the lines of a block.
pub(super) const FENCE: &str = "```";

/// Maximum number of lines of a block, and maximum distance of its fences in the log.
const CODE_LINES: usize = 200;
const CODE_ENTRIES: Position = 400;

/// Maximum number of blocks that are open at the same time.
const OPEN_MAX: usize = 8;

/// Maximum duration of a group in microseconds, and maximum number of its members.
const GROUP_DURATION: Stamp = 5 * 60 * 1_000_000;
const GROUP_MAX: usize = 500;

/// Maximum distance of the first and the last entry of a group or block.
pub(super) const SPAN_MAX: usize = 501;
const _: () = assert!(GROUP_MAX < SPAN_MAX && CODE_ENTRIES < SPAN_MAX as Position, "the limit of both");

/// Display of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A line of its own.
    Line,
    /// A member of the group or block that begins with the entry at this position, and is shown there.
    Part(Position),
    /// Not shown.
    Hidden,
}

/// Assigns a shape to each entry, one after the other.
#[derive(Debug, Default)]
pub(super) struct Shaper {
    pub(super) joins: Joins,
    group: Option<Group>,
    /// Fences without a second one, oldest first.
    open: Vec<Fence>,
}

#[derive(Debug)]
struct Group {
    first: Position,
    at: Option<Stamp>,
    members: usize,
}

#[derive(Debug)]
struct Fence {
    at: Position,
    from: String,
    lines: usize,
}

impl Shaper {
    pub(super) fn new(joins: Joins) -> Shaper {
        Shaper { joins, ..Shaper::default() }
    }

    /// Returns the shape of the next entry. If the entry closes a block, every message of its sender from the returned
    /// position on is part of that block.
    pub(super) fn next(&mut self, position: Position, entry: &Entry) -> (Shape, Option<Position>) {
        if let Kind::Joined(name) | Kind::Left(name) = &entry.kind {
            if matches!(entry.kind, Kind::Left(_)) {
                self.open.retain(|fence| fence.from != *name);
            }
            return (self.presence(position, entry.at), None);
        }
        self.group = None;
        if matches!(entry.kind, Kind::Gap { .. }) {
            self.open.clear();
        }
        let closed = said(entry).and_then(|(from, text)| self.code(position, from, text));
        (closed.map_or(Shape::Line, Shape::Part), closed)
    }

    fn presence(&mut self, position: Position, at: Option<Stamp>) -> Shape {
        match self.joins {
            Joins::Hide => return Shape::Hidden,
            Joins::All => return Shape::Line,
            Joins::Grouped => {}
        }
        if let Some(group) = &mut self.group
            && group.members < GROUP_MAX
            && group.at.zip(at).is_none_or(|(first, now)| now.saturating_sub(first) <= GROUP_DURATION)
        {
            group.members += 1;
            return Shape::Part(group.first);
        }
        self.group = Some(Group { first: position, at, members: 1 });
        Shape::Part(position)
    }

    /// Returns the position of the fence that this message closes.
    fn code(&mut self, position: Position, from: &str, text: &str) -> Option<Position> {
        self.open.retain(|fence| position - fence.at <= CODE_ENTRIES);
        let open = self.open.iter().position(|fence| fence.from == from);
        if text != FENCE {
            if let Some(at) = open {
                self.open[at].lines += 1;
                if self.open[at].lines > CODE_LINES {
                    self.open.remove(at);
                }
            }
            return None;
        }
        if let Some(at) = open {
            let fence = self.open.remove(at);
            return (fence.lines > 0).then_some(fence.at);
        }
        if self.open.len() == OPEN_MAX {
            self.open.remove(0);
        }
        self.open.push(Fence { at: position, from: from.to_owned(), lines: 0 });
        None
    }
}

/// Returns the sender and the text of a message of a person.
pub(super) fn said(entry: &Entry) -> Option<(&str, &str)> {
    match &entry.kind {
        Kind::Message { from, text, .. } | Kind::Private { from, text } => Some((from, text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Stamp = 60 * 1_000_000;

    fn message(from: &str, text: &str) -> Entry {
        Entry { at: None, kind: Kind::Message { from: from.into(), text: text.into(), earlier: false } }
    }

    fn joined(minute: Stamp) -> Entry {
        Entry { at: Some(minute * MINUTE), kind: Kind::Joined("carl".into()) }
    }

    fn shapes(joins: Joins, entries: &[Entry]) -> Vec<(Shape, Option<Position>)> {
        let mut shaper = Shaper::new(joins);
        (0..).zip(entries).map(|(at, entry)| shaper.next(at, entry)).collect()
    }

    fn closes(entries: &[Entry]) -> Vec<Option<Position>> {
        shapes(Joins::Grouped, entries).into_iter().map(|(_, closed)| closed).collect()
    }

    #[test]
    fn joins_are_one_until_something_else_is_said_or_some_minutes_have_passed() {
        let entries = [joined(0), joined(5), joined(6), message("ann", "hi"), joined(6)];
        let grouped: Vec<_> = shapes(Joins::Grouped, &entries).into_iter().map(|(shape, _)| shape).collect();
        assert_eq!(grouped, [Shape::Part(0), Shape::Part(0), Shape::Part(2), Shape::Line, Shape::Part(4)]);
        assert!(shapes(Joins::All, &entries).iter().all(|(shape, _)| *shape == Shape::Line));
        assert_eq!(shapes(Joins::Hide, &entries)[1].0, Shape::Hidden);
    }

    #[test]
    fn code_is_what_one_sender_says_between_two_fences() {
        let lines = |from, texts: [&str; 3]| texts.map(|text| message(from, text));
        assert_eq!(closes(&lines("ann", [FENCE, "  x", FENCE])), [None, None, Some(0)]);
        assert_eq!(closes(&lines("ann", ["```rust", "x", FENCE])), [None; 3]);
        let between = [message("ann", FENCE), message("ben", FENCE), message("ann", "x"), joined(0)];
        let rest = [message("ben", "y"), message("ann", FENCE), message("ben", FENCE)];
        let closed = closes(&[&between[..], &rest[..]].concat());
        assert_eq!(closed[4..], [None, Some(0), Some(1)], "each has a block");
    }

    #[test]
    fn a_block_that_is_empty_too_long_or_left_alone_is_none() {
        assert_eq!(closes(&[message("ann", FENCE), message("ann", FENCE), message("ann", "x")]), [None; 3]);
        let left = Entry { at: None, kind: Kind::Left("ann".into()) };
        assert_eq!(closes(&[message("ann", FENCE), message("ann", "x"), left, message("ann", FENCE)]), [None; 4]);
        for (lines, is_block) in [(CODE_LINES, true), (CODE_LINES + 1, false)] {
            let mut long = vec![message("ann", "x"); lines + 2];
            long[0] = message("ann", FENCE);
            long[lines + 1] = message("ann", FENCE);
            assert_eq!(closes(&long)[lines + 1], is_block.then_some(0), "{lines} lines");
        }
    }
}
