//! Omits log lines of a kind that is too frequent: a limited number per period is written, and the others are counted.
//!
//! Some lines are caused by clients: rejected connections, joins, leaves. Without a limit, a client could fill the operator's
//! disk. The kind of a line is its log target with its level, so that
//! a flood of harmless lines does not hide warnings. Pure; owned by the `log` thread.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use log::Level;

/// Maximum number of lines of a kind that are written within a [`PERIOD`].
const LINES_MAX: u32 = 1000;

/// Length of a period. It begins with the first line after the previous period. With lines of 100 bytes, a kind writes at most
/// 30 MB a day.
const PERIOD: Duration = Duration::from_mins(5);

/// Counts lines by kind; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Coalescer {
    kinds: HashMap<(Level, String), Kind>,
}

#[derive(Debug)]
struct Kind {
    began: Instant,
    lines: u32,
    omitted: u64,
}

impl Coalescer {
    /// Counts a line. Returns whether it is to be written.
    pub(super) fn passes(&mut self, level: Level, target: &str, now: Instant) -> bool {
        let kind = self.kinds.entry((level, target.to_owned())).or_insert(Kind { began: now, lines: 0, omitted: 0 });
        if now.saturating_duration_since(kind.began) >= PERIOD {
            (kind.began, kind.lines) = (now, 0);
        }
        kind.lines = kind.lines.saturating_add(1);
        kind.omitted += u64::from(kind.lines > LINES_MAX);
        kind.lines <= LINES_MAX
    }

    /// Returns whether no omitted lines are waiting to be reported.
    pub(super) fn is_empty(&self) -> bool {
        self.kinds.values().all(|kind| kind.omitted == 0)
    }

    /// Takes the kinds with omitted lines whose period is over (or all of them `at_end`), with the number of lines omitted.
    pub(super) fn take_omitted(&mut self, now: Instant, at_end: bool) -> Vec<((Level, String), u64)> {
        let is_due = |kind: &Kind| at_end || now.saturating_duration_since(kind.began) >= PERIOD;
        let due = self.kinds.iter_mut().filter(|(_, kind)| kind.omitted > 0 && is_due(kind));
        due.map(|(name, kind)| (name.clone(), std::mem::take(&mut kind.omitted))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_too_often_is_left_out_and_counted_and_nothing_else_is() {
        let (mut coalescer, now) = (Coalescer::default(), Instant::now());
        assert_eq!((0..1500).filter(|_| coalescer.passes(Level::Info, "refused", now)).count(), 1000);
        assert!(coalescer.passes(Level::Info, "joined", now) && coalescer.passes(Level::Warn, "refused", now));
        assert!(coalescer.take_omitted(now, false).is_empty(), "it may go on");
        let later = now + PERIOD;
        assert_eq!(coalescer.take_omitted(later, false), [((Level::Info, "refused".to_owned()), 500)]);
        assert!(coalescer.is_empty() && coalescer.passes(Level::Info, "refused", later));
        assert_eq!((0..1000).filter(|_| coalescer.passes(Level::Info, "refused", later)).count(), 999);
        assert_eq!(coalescer.take_omitted(later, true), [((Level::Info, "refused".to_owned()), 1)]);
    }
}
