//! Lines of one kind that come too often: so many are written, and of the others it is said how many they were.
//!
//! Connections that are refused, people who come and go: somebody else decides how many of these lines there are, and the
//! disk is ours. A kind is a target of the log.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How many lines of a kind are written within a [`PERIOD`].
const LINES_MAX: u32 = 1000;

/// Begins with a line after the last one was over. So a kind takes 30 MB a day at most, with lines of 100 bytes.
const PERIOD: Duration = Duration::from_mins(5);

/// See the [module](self). Owned by the thread that writes.
#[derive(Debug, Default)]
pub(super) struct Often {
    kinds: HashMap<String, Kind>,
}

#[derive(Debug)]
struct Kind {
    began: Instant,
    lines: u32,
    left_out: u64,
}

impl Often {
    /// Counts a line. `false`: it is to be left out.
    pub(super) fn passes(&mut self, kind: &str, now: Instant) -> bool {
        if !self.kinds.contains_key(kind) {
            self.kinds.insert(kind.to_owned(), Kind { began: now, lines: 0, left_out: 0 });
        }
        let Some(kind) = self.kinds.get_mut(kind) else { return true };
        if now.saturating_duration_since(kind.began) >= PERIOD {
            (kind.began, kind.lines) = (now, 0);
        }
        kind.lines = kind.lines.saturating_add(1);
        kind.left_out += u64::from(kind.lines > LINES_MAX);
        kind.lines <= LINES_MAX
    }

    /// Nothing was left out that is not said yet.
    pub(super) fn is_empty(&self) -> bool {
        self.kinds.values().all(|kind| kind.left_out == 0)
    }

    /// The kinds of which lines were left out, and how many, where that is to be said now: the period is over, or the program.
    pub(super) fn left_out(&mut self, now: Instant, at_end: bool) -> Vec<(String, u64)> {
        let is_due = |kind: &Kind| at_end || now.saturating_duration_since(kind.began) >= PERIOD;
        let due = self.kinds.iter_mut().filter(|(_, kind)| kind.left_out > 0 && is_due(kind));
        due.map(|(name, kind)| (name.clone(), std::mem::take(&mut kind.left_out))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_too_often_is_left_out_and_counted_and_nothing_else_is() {
        let (mut often, now) = (Often::default(), Instant::now());
        assert_eq!((0..1500).filter(|_| often.passes("refused", now)).count(), 1000);
        assert!(often.passes("joined", now));
        assert!(often.left_out(now, false).is_empty(), "it may go on");
        let later = now + PERIOD;
        assert_eq!(often.left_out(later, false), [("refused".to_owned(), 500)]);
        assert!(often.is_empty() && often.passes("refused", later));
        assert_eq!((0..1000).filter(|_| often.passes("refused", later)).count(), 999);
        assert_eq!(often.left_out(later, true), [("refused".to_owned(), 1)]);
    }
}
