//! The log as the window keeps it: the newest lines, each with its time and level, up to a bound.
//!
//! Filled on the main thread; only lines to be [saved] go to the server worker, which turns them into text.

use std::collections::VecDeque;
use std::time::SystemTime;

use log::Level;

use crate::clock::Clock;

/// Maximum number of lines kept.
pub const LINES_MAX: usize = 10_000;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Time of the event.
    pub at: SystemTime,
    /// Severity of the event.
    pub level: Level,
    /// The event as one line. Control and direction characters are escaped.
    pub text: String,
}

/// The newest lines. Lines are numbered from 0 in order of arrival, and keep their numbers: a reader that has shown all below a
/// number continues with those [since](Log::since) that number.
#[derive(Debug, Default)]
pub struct Log {
    lines: VecDeque<Line>,
    /// Number of lines dropped so far, which is also the number of the first line kept.
    dropped: u64,
}

impl Log {
    /// Appends a line, and drops the oldest at [`LINES_MAX`].
    pub(super) fn push(&mut self, line: Line) {
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.lines.push_back(line);
    }

    /// Returns the number of the first line kept.
    pub fn first(&self) -> u64 {
        self.dropped
    }

    /// Returns the number that the next line will have.
    pub fn next(&self) -> u64 {
        self.dropped + self.lines.len() as u64
    }

    /// Returns the lines from `number` on, as far as they are kept.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &Line> {
        // At most LINES_MAX, so it fits.
        #[allow(clippy::cast_possible_truncation)]
        let skipped = number.saturating_sub(self.dropped) as usize;
        self.lines.iter().skip(skipped)
    }

    /// Returns the lines from `number` on, with their numbers.
    pub fn numbered(&self, number: u64) -> impl Iterator<Item = (u64, &Line)> {
        (number.max(self.dropped)..).zip(self.since(number))
    }
}

/// Returns lines as a text to be saved. There may be ten thousand, so the thread that writes the file calls this.
pub fn saved(lines: &[Line], clock: &Clock) -> String {
    let line = |line: &Line| format!("{} {:5} {}\n", clock.day_and_time(line.at), line.level, line.text);
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_lines_have_their_time_and_level_in_columns() {
        let line = |level, text: &str| Line { at: SystemTime::UNIX_EPOCH, level, text: text.into() };
        let lines = vec![line(Level::Info, "ann joined"), line(Level::Error, "in use")];
        let text = saved(&lines, &Clock::utc());
        assert_eq!(text, "01-01 00:00:00 INFO  ann joined\n01-01 00:00:00 ERROR in use\n");
    }

    fn filled(lines: usize) -> Log {
        let mut log = Log::default();
        for n in 0..lines {
            log.push(Line { at: SystemTime::UNIX_EPOCH, level: Level::Info, text: n.to_string() });
        }
        log
    }

    fn texts(log: &Log, since: u64) -> Vec<&str> {
        log.since(since).map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn it_returns_the_lines_that_a_reader_has_not_shown_yet() {
        let log = filled(5);
        assert_eq!(texts(&log, 0), ["0", "1", "2", "3", "4"]);
        assert_eq!(texts(&log, 3), ["3", "4"]);
        assert_eq!((texts(&log, 5), log.next()), (vec![], 5));
    }

    #[test]
    fn it_is_bounded_and_keeps_the_numbers_of_the_lines() {
        let log = filled(LINES_MAX + 7);
        assert_eq!((log.first(), log.next(), log.since(0).count()), (7, LINES_MAX as u64 + 7, LINES_MAX));
        assert_eq!(texts(&log, 0)[0], "7");
        assert_eq!(texts(&log, LINES_MAX as u64 + 6), ["10006"]);
        assert_eq!(log.numbered(0).next().map(|(number, _)| number), Some(7));
    }
}
