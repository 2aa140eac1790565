//! One receiver's side of the check: did it get what all others got, each line once, and in the same order?
//!
//! As long as nothing is wrong, this is a comparison of what it reads with the [`Log`]. A line that is not the next of the
//! log is looked for further on, and counted for what it is. Once there is one fault, blame may fall on the innocent too
//! (if the first to get a line missed the one before, the others seem to get that one late), but no fault goes unseen,
//! and where there is none, none is counted.

use std::collections::HashSet;
use std::ops::AddAssign;

use crate::log::{Id, Log, Place, Run};
use crate::wire::{self, Heard};

/// What was wrong, in lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// Never came.
    pub(crate) lost: u64,
    /// Came again.
    pub(crate) repeated: u64,
    /// Came behind a line that came before it to others, or that its sender sent later.
    pub(crate) disordered: u64,
    /// Nobody said that: an ERR, or bytes that were mixed up.
    pub(crate) strange: u64,
}

impl Faults {
    pub(crate) fn total(&self) -> u64 {
        self.lost + self.repeated + self.disordered + self.strange
    }
}

impl AddAssign for Faults {
    fn add_assign(&mut self, other: Faults) {
        self.lost += other.lost;
        self.repeated += other.repeated;
        self.disordered += other.disordered;
        self.strange += other.strange;
    }
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Receiver {
    /// How far it has come.
    pub(crate) place: Place,
    /// Messages that it has not got, although it got later ones.
    missing: HashSet<Id>,
    /// The same for HELLO and BYE lines, which have no number.
    missing_others: u64,
    faults: Faults,
    /// The first strange line, for whoever wants to know what it was.
    pub(crate) strangest: Option<String>,
}

impl Receiver {
    /// Takes the whole lines at the beginning of `bytes`; returns how many bytes they are. Shows what was got in runs:
    /// messages of one speaker that were said at the same time.
    pub(crate) fn read(&mut self, log: &mut Log, bytes: &[u8], mut got: impl FnMut(&Run, u64)) -> usize {
        let mut used = 0;
        loop {
            let rest = &bytes[used..];
            let known = log.after(self.place);
            let whole = whole_lines(&rest[..in_common(known, rest)]);
            log.advance(&mut self.place, whole, &mut got);
            used += whole;
            // From here on it is nothing that somebody else has got, or not what they got next.
            let Some(lf) = memchr::memchr(b'\n', &bytes[used..]) else { return used };
            self.take(log, &bytes[used..=used + lf], &mut got);
            used += lf + 1;
        }
    }

    /// Takes one line that is not the next one of the log.
    fn take(&mut self, log: &mut Log, line: &[u8], got: &mut impl FnMut(&Run, u64)) {
        let heard = wire::read(line);
        let at_end = log.after(self.place).is_empty();
        if let Heard::Said(said) = heard {
            let id = (said.speaker, said.number);
            if !log.is_new(&said) {
                if self.missing.remove(&id) {
                    self.faults.disordered += 1;
                } else if !self.skip_to(log, line, got) {
                    self.faults.repeated += 1;
                }
                return;
            }
        } else if !at_end && self.skip_to(log, line, got) {
            return;
        } else if heard == Heard::Strange || heard == Heard::Start {
            self.faults.strange += 1;
            self.strangest.get_or_insert_with(|| String::from_utf8_lossy(line).trim_end().to_owned());
            return;
        }
        // New to all: what is in the log before it has not come here yet.
        self.miss(log.ids(self.place).collect());
        let behind = log.after(self.place).len();
        log.advance(&mut self.place, behind, |_, _| {});
        // A later one of the same speaker came before it.
        let late = matches!(heard, Heard::Said(said) if log.is_hole(&said));
        self.faults.disordered += u64::from(late);
        if log.append(line) {
            log.advance(&mut self.place, line.len(), got);
        } else {
            self.faults.strange += 1;
        }
    }

    /// Finds the line further on in the log, and goes on behind it.
    fn skip_to(&mut self, log: &Log, line: &[u8], got: &mut impl FnMut(&Run, u64)) -> bool {
        let Some((skipped, between)) = log.find(line, self.place) else { return false };
        self.miss(between);
        log.advance(&mut self.place, skipped, |_, _| {});
        log.advance(&mut self.place, line.len(), got);
        true
    }

    fn miss(&mut self, lines: Vec<Option<Id>>) {
        self.missing_others += lines.iter().filter(|id| id.is_none()).count() as u64;
        self.missing.extend(lines.into_iter().flatten());
    }

    /// Has it got everything that anybody got?
    pub(crate) fn is_up_to_date(&self, log: &Log) -> bool {
        self.place.offset == log.length()
    }

    /// What was wrong, when nothing more will come. `never_came`: see [`Log::never_came`].
    pub(crate) fn faults(&self, log: &Log, never_came: u64) -> Faults {
        let behind = log.ids(self.place).count() as u64;
        let lost = self.missing.len() as u64 + self.missing_others + behind + never_came;
        Faults { lost, ..self.faults }
    }
}

/// How many bytes are the same at the beginning of both.
fn in_common(one: &[u8], other: &[u8]) -> usize {
    let shorter = one.len().min(other.len());
    if one[..shorter] == other[..shorter] {
        return shorter;
    }
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// Bytes of the whole lines at the beginning.
fn whole_lines(bytes: &[u8]) -> usize {
    memchr::memrchr(b'\n', bytes).map_or(0, |lf| lf + 1)
}
