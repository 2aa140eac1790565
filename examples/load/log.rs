//! The log: all lines that the server has relayed, in its order. Every receiver must get exactly these bytes.
//!
//! The first receiver of a line appends it to the log, and all others are compared with the log. That is a comparison of memory,
//! which makes it affordable to check every byte of tens of millions of deliveries a second. Bytes that all receivers have
//! passed are discarded.

use std::collections::{HashSet, VecDeque};

use super::wire::{self, Heard, Said};

/// Minimum number of bytes that are discarded at once.
const DISCARD_MIN: usize = 1 << 20;

/// The identity of a message: its sender's index, and its number.
pub(crate) type Id = (usize, u64);

/// Consecutive lines that differ only in their number: one client sent them at the same time.
#[derive(Debug)]
pub(crate) struct Run {
    /// The first message; `None` for a single HELLO or BYE.
    pub(crate) first: Option<Said>,
    pub(crate) count: u64,
    /// Bytes of each line.
    pub(crate) size: usize,
}

impl Run {
    /// Returns the identity of a line of the run.
    fn id(&self, line: u64) -> Option<Id> {
        self.first.map(|first| (first.sender, first.number + line))
    }
}

/// A position between two lines of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Number of bytes before it, since the beginning.
    pub(crate) offset: usize,
    /// Number of runs before its own, since the beginning.
    run: usize,
    /// Number of lines of its run before it.
    line: u64,
}

/// The log. See the [module](self).
#[derive(Debug)]
pub(crate) struct Log {
    bytes: Bytes,
    runs: VecDeque<Run>,
    runs_discarded: usize,
    /// For each sender, the number after the highest received.
    next: Vec<u64>,
    /// Messages that no receiver got, although a later one of the same sender was received.
    holes: HashSet<Id>,
    messages: u64,
    /// Number of HELLO and of BYE lines.
    pub(crate) hellos: u64,
    pub(crate) byes: u64,
}

/// The bytes that are not discarded yet.
#[derive(Debug, Default)]
struct Bytes {
    kept: Vec<u8>,
    discarded: usize,
}

impl Log {
    pub(crate) fn new(senders: usize) -> Log {
        Log {
            bytes: Bytes::default(),
            runs: VecDeque::new(),
            runs_discarded: 0,
            next: vec![0; senders],
            holes: HashSet::new(),
            messages: 0,
            byes: 0,
            hellos: 0,
        }
    }

    /// Returns the bytes after a position.
    pub(crate) fn after(&self, place: Place) -> &[u8] {
        &self.bytes.kept[place.offset - self.bytes.discarded..]
    }

    /// Advances a position by `bytes` bytes of whole lines, and calls `passed` with each run, or part of a run.
    pub(crate) fn advance(&self, place: &mut Place, mut bytes: usize, mut passed: impl FnMut(&Run, u64)) {
        place.offset += bytes;
        while bytes > 0 {
            let run = &self.runs[place.run - self.runs_discarded];
            let lines = (run.count - place.line).min((bytes / run.size) as u64);
            if lines > 0 {
                passed(run, lines);
            }
            bytes -= usize::try_from(lines).unwrap_or(0) * run.size;
            place.line += lines;
            // A position stays at the end of a run until more bytes follow, since the last run may grow.
            if bytes > 0 {
                *place = Place { run: place.run + 1, line: 0, ..*place };
            }
        }
    }

    /// Appends a line that no receiver got before. Returns `false` for a line that a server must not send, and drops it.
    pub(crate) fn append(&mut self, line: &[u8]) -> bool {
        let first = match wire::read(line) {
            Heard::Said(said) => {
                let Some(next) = self.next.get_mut(said.sender) else { return false };
                if said.number >= *next {
                    self.holes.extend((*next..said.number).map(|number| (said.sender, number)));
                    *next = said.number + 1;
                } else {
                    self.holes.remove(&(said.sender, said.number));
                }
                self.messages += 1;
                Some(said)
            }
            Heard::Hello(_) => {
                self.hellos += 1;
                None
            }
            Heard::Bye => {
                self.byes += 1;
                None
            }
            Heard::Start | Heard::Strange => return false,
        };
        self.bytes.kept.extend_from_slice(line);
        if let (Some(last), Some(said)) = (self.runs.back_mut(), first)
            && last.size == line.len()
            && last.first.is_some_and(|begun| begun.sent == said.sent)
            && last.id(last.count) == Some((said.sender, said.number))
        {
            last.count += 1;
        } else {
            self.runs.push_back(Run { first, count: 1, size: line.len() });
        }
        true
    }

    /// Returns whether no receiver got this message yet.
    pub(crate) fn is_new(&self, said: &Said) -> bool {
        self.next.get(said.sender).is_none_or(|next| said.number >= *next) || self.is_hole(said)
    }

    /// Returns whether no receiver got this message, although a later one of the same sender was received.
    pub(crate) fn is_hole(&self, said: &Said) -> bool {
        self.holes.contains(&(said.sender, said.number))
    }

    /// Searches for a line after a position; returns the distance in bytes, and the messages in between.
    pub(crate) fn find(&self, line: &[u8], place: Place) -> Option<(usize, Vec<Option<Id>>)> {
        let after = self.after(place);
        let mut between = Vec::new();
        let mut start = 0;
        for id in self.ids(place) {
            let end = start + memchr::memchr(b'\n', &after[start..])? + 1;
            if &after[start..end] == line {
                return Some((start, between));
            }
            between.push(id);
            start = end;
        }
        None
    }

    /// Returns the identity of each line after a position; `None` for a HELLO or BYE.
    pub(crate) fn ids(&self, place: Place) -> impl Iterator<Item = Option<Id>> {
        let at = place.run - self.runs_discarded;
        self.runs.iter().enumerate().skip(at).flat_map(move |(index, run)| {
            let begin = if index == at { place.line } else { 0 };
            (begin..run.count).map(|line| run.id(line))
        })
    }

    /// Returns the number of messages that no receiver got. `sent` is the number of messages sent by each client.
    pub(crate) fn never_came(&self, sent: impl Iterator<Item = u64>) -> u64 {
        let tails: u64 = self.next.iter().zip(sent).map(|(next, sent)| sent.saturating_sub(*next)).sum();
        tails + self.holes.len() as u64
    }

    /// Returns the length in bytes, since the beginning.
    pub(crate) fn length(&self) -> usize {
        self.bytes.discarded + self.bytes.kept.len()
    }

    /// Returns the number of different messages received.
    pub(crate) fn messages(&self) -> u64 {
        self.messages
    }

    /// Returns whether the log is too short for anything to be discarded.
    pub(crate) fn is_short(&self) -> bool {
        self.bytes.kept.len() < DISCARD_MIN
    }

    /// Discards everything before the position of the slowest receiver.
    pub(crate) fn discard_before(&mut self, slowest: Place) {
        let passed = slowest.offset - self.bytes.discarded;
        if passed < DISCARD_MIN || passed < self.bytes.kept.len() / 2 {
            return;
        }
        self.bytes.kept.drain(..passed);
        self.bytes.discarded += passed;
        self.runs.drain(..slowest.run - self.runs_discarded);
        self.runs_discarded = slowest.run;
    }
}
