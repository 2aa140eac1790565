//! Lines on their way to many: encoded once, stamped once, shared by all the outboxes.
//!
//! What one read returned is one batch, so a fast speaker costs the room one push and one write per recipient for
//! many lines. A `Batch` is filled by one client's thread outside every lock, and read under the registry's lock, where
//! the stamps are known. It never blocks.

use std::sync::Arc;

use super::outbox::Chunk;
use crate::protocol::{ServerLine, Stamp};

/// Lines that belong together, in the forms in which clients asked for them.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The lines without stamps.
    lines: Vec<u8>,
    /// Where each line ends in `lines`, and its stamp if it has one already: if it is about the past.
    ends: Vec<(usize, Option<Stamp>)>,
    /// The stamp of the first line that is not about the past; the others follow it one by one.
    first: Stamp,
    plain: Option<Chunk>,
    stamped: Option<Chunk>,
}

impl Batch {
    /// A relay with one line.
    pub(crate) fn of(line: &ServerLine<'_>) -> Batch {
        let mut relay = Batch::default();
        relay.add(line);
        relay
    }

    /// Appends a line.
    pub(crate) fn add(&mut self, line: &ServerLine<'_>) {
        line.encode(&mut self.lines);
        self.ends.push((self.lines.len(), None));
    }

    /// Appends a line that was relayed before, at this stamp.
    pub(crate) fn add_past(&mut self, line: &ServerLine<'_>, stamp: Stamp) {
        line.encode(&mut self.lines);
        self.ends.push((self.lines.len(), Some(stamp)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many lines there are.
    pub(crate) fn count(&self) -> u64 {
        self.ends.len() as u64
    }

    /// Says when the lines are relayed: the first at this stamp, each next one a microsecond later.
    pub(crate) fn stamp(&mut self, first: Stamp) {
        self.first = first;
    }

    /// The stamps of lines of which none is about the past.
    pub(crate) fn stamps(&self) -> impl DoubleEndedIterator<Item = Stamp> + use<> {
        self.first..self.first + self.count()
    }

    /// The bytes for a client that did, or did not, ask for stamps. Made when first needed.
    pub(crate) fn piece(&mut self, stamped: bool) -> &Chunk {
        if stamped {
            self.stamped.get_or_insert_with(|| with_stamps(&self.lines, &self.ends, self.first))
        } else {
            self.plain.get_or_insert_with(|| Arc::from(self.lines.as_slice()))
        }
    }

    /// Those lines about the past that have a later stamp than this; the stamps rise.
    pub(crate) fn after(&self, stamp: Stamp) -> Batch {
        let count = self.ends.partition_point(|(_, past)| past.is_some_and(|past| past <= stamp));
        let start = self.ends[..count].last().map_or(0, |(end, _)| *end);
        let ends = self.ends[count..].iter().map(|(end, past)| (end - start, *past)).collect();
        Batch { lines: self.lines[start..].to_vec(), ends, ..Batch::default() }
    }

    /// Empty again, with its memory kept for the next batch.
    pub(crate) fn clear(&mut self) {
        self.lines.clear();
        self.ends.clear();
        self.plain = None;
        self.stamped = None;
    }
}

fn with_stamps(lines: &[u8], ends: &[(usize, Option<Stamp>)], first: Stamp) -> Chunk {
    let mut bytes = Vec::with_capacity(lines.len() + ends.len() * "@1700000000000000 ".len());
    let (mut start, mut next) = (0, first..);
    for (end, past) in ends {
        push_stamp(&mut bytes, past.or_else(|| next.next()).unwrap_or(first));
        bytes.extend_from_slice(&lines[start..*end]);
        start = *end;
    }
    bytes.into()
}

/// `@<stamp> `. By hand, since this runs under the registry's lock, and `write!` takes several times as long.
fn push_stamp(bytes: &mut Vec<u8>, stamp: Stamp) {
    bytes.push(b'@');
    let start = bytes.len();
    let mut rest = stamp;
    loop {
        bytes.push(b'0' + u8::try_from(rest % 10).unwrap_or(0));
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    bytes[start..].reverse();
    bytes.push(b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_batch_has_a_stamp_of_its_own() {
        let mut relay = Batch::of(&ServerLine::Msg { from: "ann", text: "one" });
        relay.add(&ServerLine::Bye("ben"));
        relay.stamp(1_700_000_000_000_009);
        assert_eq!(&**relay.piece(false), b"MSG ann one\nBYE ben\n");
        assert_eq!(&**relay.piece(true), b"@1700000000000009 MSG ann one\n@1700000000000010 BYE ben\n");
    }

    #[test]
    fn a_line_about_the_past_keeps_the_stamp_that_it_had() {
        let mut relay = Batch::default();
        relay.add_past(&ServerLine::Hello("ann"), 7);
        relay.add(&ServerLine::Hello("ben"));
        relay.stamp(1000);
        assert_eq!(&**relay.piece(true), b"@7 HELLO ann\n@1000 HELLO ben\n");
    }

    #[test]
    fn what_came_after_a_moment_can_be_told_apart() {
        let mut relay = Batch::default();
        for (name, stamp) in [("ann", 7), ("ben", 9), ("carl", 10)] {
            relay.add_past(&ServerLine::Hello(name), stamp);
        }
        assert_eq!(&**relay.after(9).piece(true), b"@10 HELLO carl\n");
        assert_eq!(&**relay.after(7).piece(false), b"HELLO ben\nHELLO carl\n");
        assert_eq!(relay.after(6).count(), 3);
        assert!(relay.after(10).is_empty());
    }

    #[test]
    fn a_relay_can_be_used_again() {
        let mut relay = Batch::of(&ServerLine::Hello("ann"));
        assert_eq!(&**relay.piece(false), b"HELLO ann\n");
        relay.clear();
        assert!(relay.is_empty());
        relay.add(&ServerLine::Hello("ben"));
        assert_eq!(&**relay.piece(false), b"HELLO ben\n");
    }
}
