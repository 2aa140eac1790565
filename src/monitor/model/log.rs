//! The log as the window keeps it: the newest lines, the filter by level and words, and the pause.
//!
//! During a pause new lines wait in a log of their own, so that what is being read stays. Filled on the main thread; only
//! lines to be [saved] go to the server worker, which turns them into text.

use std::time::SystemTime;

use log::Level;

use crate::clock::Clock;
use crate::ring_log::RingLog;

/// The levels on offer, with their labels.
pub const LEVELS: [(Level, &str); 3] = [(Level::Info, "All"), (Level::Warn, "Warnings"), (Level::Error, "Errors")];

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

impl Line {
    /// Returns the line as it is copied and saved, with an LF.
    pub fn text(&self, clock: &Clock) -> String {
        format!("{} {:5} {}\n", clock.day_and_time(self.at), self.level, self.text)
    }
}

/// The level and words that a shown line has.
#[derive(Debug)]
struct Filter {
    /// Lines of this level or a more severe one match.
    least: Level,
    /// Text that a line must contain, in lower case.
    words: String,
}

impl Filter {
    fn matches(&self, line: &Line) -> bool {
        // Levels are ordered from Error, the smallest, to Trace.
        line.level <= self.least && (self.words.is_empty() || line.text.to_lowercase().contains(&self.words))
    }
}

/// The newest lines.
#[derive(Debug)]
pub struct Log {
    shown: RingLog<Line>,
    filter: Filter,
    /// The lines that arrived during the pause; `None` if it is not paused.
    new: Option<RingLog<Line>>,
    version: u64,
}

impl Default for Log {
    fn default() -> Log {
        let filter = Filter { least: Level::Info, words: String::new() };
        Log { shown: RingLog::default(), filter, new: None, version: 0 }
    }
}

impl Log {
    /// Returns the lines that are shown: those that pass the filter, and arrived before the pause.
    pub fn shown(&self) -> &RingLog<Line> {
        &self.shown
    }

    /// Returns a number that changes whenever the shown lines are numbered from 0 again.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns the number of matching lines that arrived during the pause; `None` if it is not paused.
    pub fn new_lines(&self) -> Option<u64> {
        self.new.as_ref().map(|new| new.first() + new.len() as u64)
    }

    /// Returns the lines that pass the filter, including those that arrived during a pause.
    pub fn lines(&self) -> Vec<Line> {
        self.shown.iter().chain(self.new.iter().flat_map(RingLog::iter)).cloned().collect()
    }

    pub(super) fn push(&mut self, line: Line) {
        let passes = self.filter.matches(&line);
        self.new.as_mut().unwrap_or(&mut self.shown).push(line, passes);
    }

    /// Shows only lines that have at least this level and contain these words.
    pub fn set_filter(&mut self, least: Level, words: &str) {
        self.filter = Filter { least, words: words.trim().to_lowercase() };
        self.version += 1;
        for log in [Some(&mut self.shown), self.new.as_mut()].into_iter().flatten() {
            log.filter(|line| self.filter.matches(line));
        }
    }

    /// Pauses the display at the current end of the log, or resumes it.
    pub fn pause(&mut self, paused: bool) {
        let new = std::mem::replace(&mut self.new, paused.then(RingLog::default));
        new.into_iter().flat_map(RingLog::into_items).for_each(|line| self.push(line));
    }
}

/// Returns lines as a text to be saved. There may be ten thousand, so the thread that writes the file calls this.
pub fn saved(lines: &[Line], clock: &Clock) -> String {
    lines.iter().map(|line| line.text(clock)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(log: &mut Log, level: Level, text: &str) {
        log.push(Line { at: SystemTime::UNIX_EPOCH, level, text: text.into() });
    }

    fn shown(log: &Log) -> Vec<&str> {
        log.shown().iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn saved_lines_have_their_time_and_level_in_columns() {
        let line = |level, text: &str| Line { at: SystemTime::UNIX_EPOCH, level, text: text.into() };
        let lines = vec![line(Level::Info, "ann joined"), line(Level::Error, "in use")];
        let text = saved(&lines, &Clock::utc());
        assert_eq!(text, "01-01 00:00:00 INFO  ann joined\n01-01 00:00:00 ERROR in use\n");
    }

    #[test]
    fn lines_pass_by_level_and_by_words_in_any_case() {
        let mut log = Log::default();
        push(&mut log, Level::Info, "#1 Änne joined");
        push(&mut log, Level::Warn, "#1 Änne is slow");
        log.set_filter(Level::Info, " äNNE ");
        push(&mut log, Level::Error, "#2 ben panicked");
        assert_eq!(shown(&log), ["#1 Änne joined", "#1 Änne is slow"]);
        log.set_filter(Level::Warn, "");
        assert_eq!(shown(&log), ["#1 Änne is slow", "#2 ben panicked"]);
        log.set_filter(Level::Error, "");
        assert_eq!(shown(&log), ["#2 ben panicked"]);
    }

    #[test]
    fn during_a_pause_new_lines_are_kept_and_counted() {
        let mut log = Log::default();
        push(&mut log, Level::Info, "before");
        log.pause(true);
        assert_eq!(log.new_lines(), Some(0));
        push(&mut log, Level::Info, "meanwhile");
        push(&mut log, Level::Warn, "meanwhile, a warning");
        assert_eq!((shown(&log), log.new_lines()), (vec!["before"], Some(2)));
        log.set_filter(Level::Warn, "");
        assert_eq!(log.new_lines(), Some(1), "of those that match");
        log.set_filter(Level::Info, "");
        log.pause(false);
        assert_eq!(shown(&log), ["before", "meanwhile", "meanwhile, a warning"]);
        assert_eq!(log.new_lines(), None);
    }

    #[test]
    fn what_is_read_during_a_pause_stays_however_much_arrives() {
        let mut log = Log::default();
        push(&mut log, Level::Info, "before");
        log.pause(true);
        let many = RingLog::<Line>::MAX + 7;
        (0..many).for_each(|n| push(&mut log, Level::Info, &n.to_string()));
        assert_eq!((shown(&log), log.new_lines()), (vec!["before"], Some(many as u64)));
        log.pause(false);
        assert_eq!((shown(&log)[0], log.shown().len()), ("7", RingLog::<Line>::MAX));
    }
}
