//! A batch of lines on the way to many clients: encoded once, stamped once, shared by all outboxes.
//!
//! The lines of one read from a client form one batch. So a client that sends many lines at once costs each recipient one push
//! and one write, and not one for each line. A batch is filled by one client's thread outside every lock. It is read under the
//! registry's lock, where the lines get their stamps: time and identity in one number (`stamps.rs`). It never blocks.

use std::sync::Arc;

use super::outbox::Chunk;
use crate::protocol::{ServerLine, Stamp, put_label};

/// Lines that belong together, in both forms that clients can ask for: with stamps and without.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The encoded lines without stamps.
    lines: Vec<u8>,
    /// For each line the end of its bytes in `lines`, and its stamp if it has one already. Lines about the past have one:
    /// replayed messages, and announcements that were held back.
    ends: Vec<(usize, Option<Stamp>)>,
    /// The labels of lines whose sender gets them back, each with the number of its line. The other recipients get none.
    labels: Vec<(usize, String)>,
    /// Stamp of the first line that has none of its own; each further one gets the next.
    first: Stamp,
    /// The two forms, encoded when the first recipient needs them and then shared by all. In a room without clients of one
    /// kind, its form is never made.
    plain: Option<Chunk>,
    stamped: Option<Chunk>,
}

impl Batch {
    /// Creates a batch of one line.
    pub(crate) fn of(line: &ServerLine<'_>) -> Batch {
        let mut batch = Batch::default();
        batch.add(line);
        batch
    }

    /// Appends a line that has no stamp yet.
    pub(crate) fn add(&mut self, line: &ServerLine<'_>) {
        line.encode(&mut self.lines);
        self.ends.push((self.lines.len(), None));
    }

    /// Gives the last line a label, for its sender.
    pub(crate) fn label(&mut self, label: String) {
        self.labels.push((self.ends.len() - 1, label));
    }

    pub(crate) fn is_labelled(&self) -> bool {
        !self.labels.is_empty()
    }

    /// Returns the encoded lines with their labels, for the sender.
    pub(crate) fn labelled(&self, stamped: bool) -> Chunk {
        with_prefixes(&self.lines, &self.ends, &self.labels, stamped.then_some(self.first))
    }

    /// Appends a line that got its stamp earlier.
    pub(crate) fn add_past(&mut self, line: &ServerLine<'_>, stamp: Stamp) {
        line.encode(&mut self.lines);
        self.ends.push((self.lines.len(), Some(stamp)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the number of lines.
    pub(crate) fn count(&self) -> u64 {
        self.ends.len() as u64
    }

    /// Sets the stamp of the first line that has none of its own; each further one gets a stamp that is larger by 1, which
    /// is a microsecond. Must be called before the first [`chunk`](Batch::chunk).
    pub(crate) fn stamp(&mut self, first: Stamp) {
        self.first = first;
    }

    /// Returns the stamps of the lines, in a batch in which no line had one of its own.
    pub(crate) fn stamps(&self) -> impl DoubleEndedIterator<Item = Stamp> + use<> {
        self.first..self.first + self.count()
    }

    /// Returns the encoded lines, with stamps or without, for a client that asked for that form. Encodes each form once.
    pub(crate) fn chunk(&mut self, stamped: bool) -> &Chunk {
        if stamped {
            self.stamped.get_or_insert_with(|| with_prefixes(&self.lines, &self.ends, &[], Some(self.first)))
        } else {
            self.plain.get_or_insert_with(|| Arc::from(self.lines.as_slice()))
        }
    }

    /// Returns the lines with a later stamp than this one, in a batch in which each line has a stamp of its own. They are
    /// in the order of their stamps, so the result is the end of this batch.
    pub(crate) fn after(&self, stamp: Stamp) -> Batch {
        let count = self.ends.partition_point(|(_, past)| past.is_some_and(|past| past <= stamp));
        let start = self.ends[..count].last().map_or(0, |(end, _)| *end);
        let ends = self.ends[count..].iter().map(|(end, past)| (end - start, *past)).collect();
        Batch { lines: self.lines[start..].to_vec(), ends, ..Batch::default() }
    }

    /// Removes all lines and keeps the memory for the next batch. Chunks that were handed out are not affected: the outboxes
    /// hold references of their own.
    pub(crate) fn clear(&mut self) {
        self.lines.clear();
        self.ends.clear();
        self.labels.clear();
        self.plain = None;
        self.stamped = None;
    }
}

/// Returns the lines with their labels, and, if there is a first stamp, with a stamp in front of each.
fn with_prefixes(
    lines: &[u8],
    ends: &[(usize, Option<Stamp>)],
    labels: &[(usize, String)],
    first: Option<Stamp>,
) -> Chunk {
    let mut bytes = Vec::with_capacity(lines.len() + ends.len() * "@1700000000000000 ".len());
    let mut labels = labels.iter().peekable();
    let (mut start, mut next) = (0, first);
    for (number, (end, past)) in ends.iter().enumerate() {
        if let Some((_, label)) = labels.next_if(|(labelled, _)| *labelled == number) {
            put_label(&mut bytes, label);
        }
        if let Some(stamp) = &mut next {
            push_stamp(&mut bytes, past.unwrap_or(*stamp));
            *stamp += u64::from(past.is_none());
        }
        bytes.extend_from_slice(&lines[start..*end]);
        start = *end;
    }
    bytes.into()
}

/// Appends `@<stamp> `. Written by hand, since it runs under the registry's lock and `write!` takes several times as long.
fn push_stamp(bytes: &mut Vec<u8>, stamp: Stamp) {
    bytes.push(b'@');
    let start = bytes.len();
    let mut rest = stamp;
    // The digits come out in reverse order.
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
        let mut batch = Batch::of(&ServerLine::Msg { from: "ann", text: "one" });
        batch.add(&ServerLine::Bye("ben"));
        batch.stamp(1_700_000_000_000_009);
        assert_eq!(&**batch.chunk(false), b"MSG ann one\nBYE ben\n");
        assert_eq!(&**batch.chunk(true), b"@1700000000000009 MSG ann one\n@1700000000000010 BYE ben\n");
    }

    #[test]
    fn the_sender_alone_gets_its_labels() {
        let mut batch = Batch::default();
        for (text, label) in [("one", Some("7")), ("two", None), ("three", Some("a"))] {
            batch.add(&ServerLine::Msg { from: "ann", text });
            label.into_iter().for_each(|label| batch.label(label.into()));
        }
        batch.stamp(9);
        assert_eq!(&**batch.chunk(true), b"@9 MSG ann one\n@10 MSG ann two\n@11 MSG ann three\n");
        assert_eq!(&*batch.labelled(true), b"#7 @9 MSG ann one\n@10 MSG ann two\n#a @11 MSG ann three\n");
        assert_eq!(&*batch.labelled(false), b"#7 MSG ann one\nMSG ann two\n#a MSG ann three\n");
        batch.clear();
        assert!(!batch.is_labelled());
    }

    #[test]
    fn a_line_about_the_past_keeps_the_stamp_that_it_had() {
        let mut batch = Batch::default();
        batch.add_past(&ServerLine::Hello("ann"), 7);
        batch.add(&ServerLine::Hello("ben"));
        batch.stamp(1000);
        assert_eq!(&**batch.chunk(true), b"@7 HELLO ann\n@1000 HELLO ben\n");
    }

    #[test]
    fn the_lines_after_a_stamp_can_be_separated() {
        let mut batch = Batch::default();
        for (name, stamp) in [("ann", 7), ("ben", 9), ("carl", 10)] {
            batch.add_past(&ServerLine::Hello(name), stamp);
        }
        assert_eq!(&**batch.after(9).chunk(true), b"@10 HELLO carl\n");
        assert_eq!(&**batch.after(7).chunk(false), b"HELLO ben\nHELLO carl\n");
        assert_eq!(batch.after(6).count(), 3);
        assert!(batch.after(10).is_empty());
    }

    #[test]
    fn a_batch_can_be_used_again() {
        let mut batch = Batch::of(&ServerLine::Hello("ann"));
        assert_eq!(&**batch.chunk(false), b"HELLO ann\n");
        batch.clear();
        assert!(batch.is_empty());
        batch.add(&ServerLine::Hello("ben"));
        assert_eq!(&**batch.chunk(false), b"HELLO ben\n");
    }
}
