//! The check of one receiver: it must get the same lines as all others, each once and in the same order.
//!
//! Without faults this is a comparison of the received bytes with the [`Log`]. A line that is not the next one of the log is
//! searched further on, and classified. After one fault, other receivers may be blamed, too (if the first receiver of a line
//! missed the line before it, the others seem to get that one late). But every fault is counted, and without a fault none is.

use std::collections::HashSet;
use std::ops::AddAssign;

use super::log::{Id, Log, Place, Run};
use super::wire::{self, Heard};

/// Numbers of faulty lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// Never received.
    pub(crate) lost: u64,
    /// Received again.
    pub(crate) repeated: u64,
    /// Received after a line that others received later, or that its sender sent later.
    pub(crate) disordered: u64,
    /// Not sent by any client: an ERR, or torn bytes.
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

/// The state of the check. See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Receiver {
    /// Its position in the log.
    pub(crate) place: Place,
    /// Messages that were skipped, since later ones have come.
    missing: HashSet<Id>,
    /// The same for HELLO and BYE lines, which have no number.
    missing_others: u64,
    faults: Faults,
    /// The first unexpected line, for the report.
    pub(crate) strangest: Option<String>,
}

impl Receiver {
    /// Checks the whole lines at the beginning of `bytes`; returns their length in bytes. Calls `got` with the received runs:
    /// messages that one client sent at the same time.
    pub(crate) fn read(&mut self, log: &mut Log, bytes: &[u8], mut got: impl FnMut(&Run, u64)) -> usize {
        let mut used = 0;
        loop {
            let rest = &bytes[used..];
            let known = log.after(self.place);
            let whole = whole_lines(&rest[..in_common(known, rest)]);
            log.advance(&mut self.place, whole, &mut got);
            used += whole;
            // The next line is new to all receivers, or differs from the log.
            let Some(lf) = memchr::memchr(b'\n', &bytes[used..]) else { return used };
            self.take(log, &bytes[used..=used + lf], &mut got);
            used += lf + 1;
        }
    }

    /// Classifies one line that is not the next one of the log.
    fn take(&mut self, log: &mut Log, line: &[u8], got: &mut impl FnMut(&Run, u64)) {
        let heard = wire::read(line);
        let at_end = log.after(self.place).is_empty();
        if let Heard::Said(said) = heard {
            let id = (said.sender, said.number);
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
        // New to all receivers: the rest of the log has not come here yet.
        self.miss(log.ids(self.place).collect());
        let behind = log.after(self.place).len();
        log.advance(&mut self.place, behind, |_, _| {});
        // A later message of the same sender was received before.
        let late = matches!(heard, Heard::Said(said) if log.is_hole(&said));
        self.faults.disordered += u64::from(late);
        if log.append(line) {
            log.advance(&mut self.place, line.len(), got);
        } else {
            self.faults.strange += 1;
        }
    }

    /// Searches the line further on in the log, and continues after it. Returns whether it was found.
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

    /// Returns whether it has received everything in the log.
    pub(crate) fn is_up_to_date(&self, log: &Log) -> bool {
        self.place.offset == log.length()
    }

    /// Returns the faults, after the last line has come. `never_came`: see [`Log::never_came`].
    pub(crate) fn faults(&self, log: &Log, never_came: u64) -> Faults {
        let behind = log.ids(self.place).count() as u64;
        let lost = self.missing.len() as u64 + self.missing_others + behind + never_came;
        Faults { lost, ..self.faults }
    }
}

/// Returns the length of the common prefix.
fn in_common(one: &[u8], other: &[u8]) -> usize {
    let shorter = one.len().min(other.len());
    if one[..shorter] == other[..shorter] {
        return shorter;
    }
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// Returns the length of the whole lines at the beginning, in bytes.
fn whole_lines(bytes: &[u8]) -> usize {
    memchr::memrchr(b'\n', bytes).map_or(0, |lf| lf + 1)
}
