//! What a server has relayed, in the order in which it did: the bytes that every receiver must get.
//!
//! The first receiver to get a line appends it here, and all others are compared with it: a comparison of memory, which
//! is what makes it affordable to check every byte of tens of millions of deliveries a second. What all receivers have
//! passed is forgotten.

use std::collections::{HashSet, VecDeque};

use crate::wire::{self, Heard, Said};

/// Bytes that all have passed are kept until there are this many of them.
const FORGET: usize = 1 << 20;

/// One message, whenever it was sent.
pub(crate) type Id = (usize, u64);

/// Lines that came one after the other and differ only in their number: one speaker said them at the same time.
#[derive(Debug)]
pub(crate) struct Run {
    /// The first of them; `None` for a single HELLO or BYE.
    pub(crate) first: Option<Said>,
    pub(crate) count: u64,
    /// Bytes of each line.
    pub(crate) size: usize,
}

impl Run {
    /// The message at a place in the run.
    fn id(&self, line: u64) -> Option<Id> {
        self.first.map(|first| (first.speaker, first.number + line))
    }
}

/// Between two lines of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Bytes before it, since the beginning.
    pub(crate) offset: usize,
    /// Runs before the one that it is in, since the beginning.
    run: usize,
    /// Lines of that run before it.
    line: u64,
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Log {
    bytes: Bytes,
    runs: VecDeque<Run>,
    runs_forgotten: usize,
    /// For each speaker, the number after the highest that was heard.
    next: Vec<u64>,
    /// Messages that came to nobody although a later one of the same speaker did.
    holes: HashSet<Id>,
    messages: u64,
    /// How many were said to have come, and to have gone.
    pub(crate) hellos: u64,
    pub(crate) byes: u64,
}

/// The bytes since the last time that some were forgotten.
#[derive(Debug, Default)]
struct Bytes {
    kept: Vec<u8>,
    forgotten: usize,
}

impl Log {
    pub(crate) fn new(speakers: usize) -> Log {
        Log {
            bytes: Bytes::default(),
            runs: VecDeque::new(),
            runs_forgotten: 0,
            next: vec![0; speakers],
            holes: HashSet::new(),
            messages: 0,
            byes: 0,
            hellos: 0,
        }
    }

    /// What comes after a place.
    pub(crate) fn after(&self, place: Place) -> &[u8] {
        &self.bytes.kept[place.offset - self.bytes.forgotten..]
    }

    /// Moves a place over `bytes` bytes, which are whole lines; shows the runs, or parts of runs, that it passes.
    pub(crate) fn advance(&self, place: &mut Place, mut bytes: usize, mut passed: impl FnMut(&Run, u64)) {
        place.offset += bytes;
        while bytes > 0 {
            let run = &self.runs[place.run - self.runs_forgotten];
            let lines = (run.count - place.line).min((bytes / run.size) as u64);
            if lines > 0 {
                passed(run, lines);
            }
            bytes -= usize::try_from(lines).unwrap_or(0) * run.size;
            place.line += lines;
            // A place stays at the end of a run until there are bytes behind it, since the last run may grow.
            if bytes > 0 {
                *place = Place { run: place.run + 1, line: 0, ..*place };
            }
        }
    }

    /// Appends a line that nobody has got before. `false`: it is none that a server may send, and not kept.
    pub(crate) fn append(&mut self, line: &[u8]) -> bool {
        let first = match wire::read(line) {
            Heard::Said(said) => {
                let Some(next) = self.next.get_mut(said.speaker) else { return false };
                if said.number >= *next {
                    self.holes.extend((*next..said.number).map(|number| (said.speaker, number)));
                    *next = said.number + 1;
                } else {
                    self.holes.remove(&(said.speaker, said.number));
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
            && last.id(last.count) == Some((said.speaker, said.number))
        {
            last.count += 1;
        } else {
            self.runs.push_back(Run { first, count: 1, size: line.len() });
        }
        true
    }

    /// Has this message never come to anybody?
    pub(crate) fn is_new(&self, said: &Said) -> bool {
        self.next.get(said.speaker).is_none_or(|next| said.number >= *next) || self.is_hole(said)
    }

    /// Has it never come to anybody, although a later one of the same speaker did?
    pub(crate) fn is_hole(&self, said: &Said) -> bool {
        self.holes.contains(&(said.speaker, said.number))
    }

    /// Looks for a line behind a place: how many bytes further on it begins, and the messages between.
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

    /// What each line behind a place is; `None` for a HELLO or BYE.
    pub(crate) fn ids(&self, place: Place) -> impl Iterator<Item = Option<Id>> {
        let at = place.run - self.runs_forgotten;
        self.runs.iter().enumerate().skip(at).flat_map(move |(index, run)| {
            let begin = if index == at { place.line } else { 0 };
            (begin..run.count).map(|line| run.id(line))
        })
    }

    /// Messages that were sent and came to nobody at all, given how many each speaker has sent.
    pub(crate) fn never_came(&self, sent: impl Iterator<Item = u64>) -> u64 {
        let tails: u64 = self.next.iter().zip(sent).map(|(next, sent)| sent.saturating_sub(*next)).sum();
        tails + self.holes.len() as u64
    }

    /// The place behind everything.
    pub(crate) fn length(&self) -> usize {
        self.bytes.forgotten + self.bytes.kept.len()
    }

    /// How many different messages came.
    pub(crate) fn messages(&self) -> u64 {
        self.messages
    }

    /// There is too little of it to forget any.
    pub(crate) fn is_short(&self) -> bool {
        self.bytes.kept.len() < FORGET
    }

    /// Forgets what is before the place that the slowest receiver has come to.
    pub(crate) fn forget(&mut self, slowest: Place) {
        let passed = slowest.offset - self.bytes.forgotten;
        if passed < FORGET || passed < self.bytes.kept.len() / 2 {
            return;
        }
        self.bytes.kept.drain(..passed);
        self.bytes.forgotten += passed;
        self.runs.drain(..slowest.run - self.runs_forgotten);
        self.runs_forgotten = slowest.run;
    }
}
