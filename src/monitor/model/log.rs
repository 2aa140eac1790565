//! The log as the window keeps it: the last lines, each with its time and level, and never more than a bound.

use std::collections::VecDeque;
use std::time::SystemTime;

use log::Level;

use crate::clock::Clock;
use crate::monitor::worker::Document;

/// Lines that are kept.
pub const LINES_MAX: usize = 10_000;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it happened.
    pub at: SystemTime,
    /// How much attention it deserves.
    pub level: Level,
    /// What happened, on one line, with nothing in it that could mislead the eye.
    pub text: String,
}

/// The last lines. Lines are numbered from 0 in the order of their coming, for good: who has shown all below a number
/// asks for those [since](Log::since) then.
#[derive(Debug, Default)]
pub struct Log {
    lines: VecDeque<Line>,
    /// How many lines came before the first that is kept.
    forgotten: u64,
}

impl Log {
    /// Adds a line, and forgets the oldest if there are too many.
    pub(super) fn push(&mut self, line: Line) {
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
            self.forgotten += 1;
        }
        self.lines.push_back(line);
    }

    /// The number of the first line that is kept.
    pub fn first(&self) -> u64 {
        self.forgotten
    }

    /// The number that the next line will have.
    pub fn next(&self) -> u64 {
        self.forgotten + self.lines.len() as u64
    }

    /// The lines from this number on, of those that are kept.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &Line> {
        // No more than the lines that are kept, so it fits.
        #[allow(clippy::cast_possible_truncation)]
        let skipped = number.saturating_sub(self.forgotten) as usize;
        self.lines.iter().skip(skipped)
    }

    /// The same, with their numbers.
    pub fn numbered(&self, number: u64) -> impl Iterator<Item = (u64, &Line)> {
        (number.max(self.forgotten)..).zip(self.since(number))
    }
}

/// Lines to be saved as text, one to a line. A clock knows the time zone, and there are many lines: the thread that writes
/// the file makes the text.
#[derive(Debug)]
pub struct Page {
    /// The lines.
    pub lines: Vec<Line>,
    /// Whose time they are in.
    pub clock: Clock,
}

impl Document for Page {
    fn text(&self) -> String {
        let line = |line: &Line| format!("{} {:5} {}\n", self.clock.day_and_time(line.at), line.level, line.text);
        self.lines.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_lines_have_their_time_and_level_in_columns() {
        let line = |level, text: &str| Line { at: SystemTime::UNIX_EPOCH, level, text: text.into() };
        let lines = vec![line(Level::Info, "ann joined"), line(Level::Error, "in use")];
        let text = Page { lines, clock: Clock::utc() }.text();
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
    fn it_gives_the_lines_that_somebody_has_not_shown_yet() {
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
