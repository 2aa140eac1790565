//! Entries that are shown as one: joins and leaves that follow one another, messages of ignored people, and blocks of code.
//! Pure; runs on the UI thread.
//!
//! **Joins and leaves** form a group until something else is shown, and for five minutes at most, so that the time beside
//! the group says when. So do the messages of **ignored people**. **Code** is what one sender says between two messages of
//! three backticks. Each of its lines is an ordinary message, so other people's messages and joins may arrive in between:
//! they end nothing, and are shown below the block in their order. A block ends unclosed, and all of it is ordinary text,
//! when its sender leaves (another person may take the name), at a gap, after `CODE_LINES` lines or `CODE_BYTES` bytes,
//! or after `CODE_ENTRIES` entries of the log. Two fences without a line in between are ordinary text as well.

use crate::chat::state::ignore::Treatment;
use crate::chat::state::outgoing::draft::FENCE;
use crate::chat::state::people::joins::Joins;
use crate::chat::state::talks::message_log::{Entry, Kind, Position};
use crate::protocol::Stamp;

/// Maximum number of lines of a block and of their bytes, and maximum distance of its fences in the log. A block is one line
/// of the view, which is laid out as a whole whenever something changes.
const CODE_LINES: usize = 200;
const CODE_BYTES: usize = 32 << 10;
const CODE_ENTRIES: Position = 400;

/// Maximum number of blocks that are open at the same time.
const OPEN_MAX: usize = 8;

/// Maximum duration of a group in microseconds, and maximum distance of its first and last entry in the log.
const GROUP_DURATION: Stamp = 5 * 60 * 1_000_000;
const GROUP_ENTRIES: Position = 500;

/// Maximum number of entries from the first to the last of a group or block, with those of others in between.
pub(super) const SPAN_MAX: usize = 501;
const _: () = assert!(GROUP_ENTRIES < 501 && CODE_ENTRIES < 501, "the limit of both");

/// Display of one entry. Entries that are shown as one have the position at which that begins, and where it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A line of its own.
    Line,
    /// One of several joins and leaves.
    Group(Position),
    /// One of several messages of ignored people.
    Folded(Position),
    /// A line or a fence of a block of code.
    Code(Position),
    /// Not shown.
    Hidden,
}

impl Shape {
    /// Returns the position at which a block begins.
    pub(super) fn block(self) -> Option<Position> {
        match self {
            Shape::Group(first) | Shape::Folded(first) | Shape::Code(first) => Some(first),
            Shape::Line | Shape::Hidden => None,
        }
    }
}

/// Assigns a shape to each entry, one after the other.
#[derive(Debug, Default)]
pub(super) struct Shaper {
    pub(super) joins: Joins,
    /// The group that may still grow.
    group: Option<Group>,
    /// Fences without a second one, oldest first.
    open: Vec<Fence>,
}

#[derive(Debug)]
struct Group {
    shape: Shape,
    first: Position,
    at: Option<Stamp>,
}

#[derive(Debug)]
struct Fence {
    at: Position,
    from: String,
    lines: usize,
    bytes: usize,
}

impl Shaper {
    pub(super) fn new(joins: Joins) -> Shaper {
        Shaper { joins, ..Shaper::default() }
    }

    /// Returns the shape of the next entry. A shape of code closes a block: every message of the sender from the beginning
    /// of the block on is a part of it.
    pub(super) fn next(&mut self, position: Position, entry: &Entry, treatment: Treatment) -> Shape {
        if let Kind::Left(name) = &entry.kind {
            self.open.retain(|fence| fence.from != *name);
        }
        match (treatment, &entry.kind, self.joins) {
            (Treatment::LeaveOut, ..) | (_, Kind::Joined(_) | Kind::Left(_), Joins::Hide) => return Shape::Hidden,
            (Treatment::Fold, ..) => return self.grouped(Shape::Folded(position), position, entry.at),
            (_, Kind::Joined(_) | Kind::Left(_), Joins::Grouped) => {
                return self.grouped(Shape::Group(position), position, entry.at);
            }
            _ => {}
        }
        self.group = None;
        if matches!(entry.kind, Kind::Gap { .. }) {
            self.open.clear();
        }
        let closed = said(entry).and_then(|(from, text)| self.code(position, from, text));
        closed.map_or(Shape::Line, Shape::Code)
    }

    /// Returns the shape of the group so far if it is of the same kind and has room, or else begins another one.
    fn grouped(&mut self, begins: Shape, position: Position, at: Option<Stamp>) -> Shape {
        if let Some(group) = &self.group
            && std::mem::discriminant(&group.shape) == std::mem::discriminant(&begins)
            && position - group.first <= GROUP_ENTRIES
            && group.at.zip(at).is_none_or(|(first, now)| now.saturating_sub(first) <= GROUP_DURATION)
        {
            return group.shape;
        }
        self.group = Some(Group { shape: begins, first: position, at });
        begins
    }

    /// Returns the position of the fence that this message closes.
    fn code(&mut self, position: Position, from: &str, text: &str) -> Option<Position> {
        self.open.retain(|fence| position - fence.at <= CODE_ENTRIES);
        let open = self.open.iter().position(|fence| fence.from == from);
        if text != FENCE {
            if let Some(at) = open {
                let fence = &mut self.open[at];
                (fence.lines, fence.bytes) = (fence.lines + 1, fence.bytes + text.len());
                if fence.lines > CODE_LINES || fence.bytes > CODE_BYTES {
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
        self.open.push(Fence { at: position, from: from.to_owned(), lines: 0, bytes: 0 });
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

/// Returns the sender of a message of a person, deleted or not.
pub(super) fn speaker(entry: &Entry) -> Option<&str> {
    match &entry.kind {
        Kind::Deleted { from } => Some(from),
        _ => said(entry).map(|(from, _)| from),
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

    fn shapes(joins: Joins, entries: &[Entry]) -> Vec<Shape> {
        let mut shaper = Shaper::new(joins);
        (0..).zip(entries).map(|(at, entry)| shaper.next(at, entry, Treatment::Show)).collect()
    }

    #[test]
    fn joins_are_one_until_something_else_is_said_or_some_minutes_have_passed() {
        let entries = [joined(0), joined(5), joined(6), message("ann", "hi"), joined(6)];
        let grouped = shapes(Joins::Grouped, &entries);
        assert_eq!(grouped, [Shape::Group(0), Shape::Group(0), Shape::Group(2), Shape::Line, Shape::Group(4)]);
        assert_eq!(shapes(Joins::All, &entries), [Shape::Line; 5]);
        assert_eq!(shapes(Joins::Hide, &entries)[1], Shape::Hidden);
    }

    #[test]
    fn a_group_has_room_for_a_number_of_entries_whatever_is_hidden_between_them() {
        let mut shaper = Shaper::new(Joins::Hide);
        assert_eq!(shaper.next(0, &message("ann", "x"), Treatment::Fold), Shape::Folded(0));
        for at in 1..GROUP_ENTRIES {
            assert_eq!(shaper.next(at, &joined(0), Treatment::Show), Shape::Hidden);
        }
        let mut folded = |at| shaper.next(at, &message("ann", "x"), Treatment::Fold);
        assert_eq!(folded(GROUP_ENTRIES), Shape::Folded(0));
        assert_eq!(folded(GROUP_ENTRIES + 1), Shape::Folded(GROUP_ENTRIES + 1), "the view reads no further than this");
    }

    #[test]
    fn what_ignored_people_say_is_one_and_code_of_theirs_is_none() {
        let mut shaper = Shaper::new(Joins::Grouped);
        let mut next = |at, text, treatment| shaper.next(at, &message("ann", text), treatment);
        assert_eq!(next(0, FENCE, Treatment::Fold), Shape::Folded(0));
        assert_eq!(shaper.next(1, &joined(0), Treatment::LeaveOut), Shape::Hidden);
        let mut next = |at, text, treatment| shaper.next(at, &message("ann", text), treatment);
        assert_eq!([next(2, "x", Treatment::Fold), next(3, FENCE, Treatment::Fold)], [Shape::Folded(0); 2]);
        assert_eq!(shaper.next(4, &joined(0), Treatment::Show), Shape::Group(4));
    }

    #[test]
    fn code_is_what_one_sender_says_between_two_fences() {
        let lines = |from, texts: [&str; 3]| shapes(Joins::Grouped, &texts.map(|text| message(from, text)));
        assert_eq!(lines("ann", [FENCE, "  x", FENCE]), [Shape::Line, Shape::Line, Shape::Code(0)]);
        assert_eq!(lines("ann", ["```rust", "x", FENCE]), [Shape::Line; 3]);
        let between = [message("ann", FENCE), message("ben", FENCE), message("ann", "x"), joined(0)];
        let rest = [message("ben", "y"), message("ann", FENCE), message("ben", FENCE)];
        let shapes = shapes(Joins::Grouped, &[&between[..], &rest[..]].concat());
        assert_eq!(shapes[4..], [Shape::Line, Shape::Code(0), Shape::Code(1)], "each has a block");
    }

    #[test]
    fn a_block_that_is_empty_too_long_or_left_alone_is_none() {
        let last = |entries: &[Entry]| shapes(Joins::Grouped, entries).pop();
        assert_eq!(last(&[message("ann", FENCE), message("ann", FENCE)]), Some(Shape::Line));
        let left = Entry { at: None, kind: Kind::Left("ann".into()) };
        assert_eq!(last(&[message("ann", FENCE), message("ann", "x"), left, message("ann", FENCE)]), Some(Shape::Line));
        for (lines, shape) in [(CODE_LINES, Shape::Code(0)), (CODE_LINES + 1, Shape::Line)] {
            let mut long = vec![message("ann", "x"); lines + 2];
            long[0] = message("ann", FENCE);
            long[lines + 1] = message("ann", FENCE);
            assert_eq!(last(&long), Some(shape), "{lines} lines");
        }
        for (bytes, shape) in [(CODE_BYTES, Shape::Code(0)), (CODE_BYTES + 1, Shape::Line)] {
            let block = [message("ann", FENCE), message("ann", &"x".repeat(bytes)), message("ann", FENCE)];
            assert_eq!(last(&block), Some(shape), "{bytes} bytes");
        }
    }
}
