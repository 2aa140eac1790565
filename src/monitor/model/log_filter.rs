//! How the log is read: which lines are let through, and whether reading has been paused.
//!
//! While it is paused, the log goes on; what comes is kept there, and counted here. The window shows the lines
//! [below a number](Reading::until), and begins anew when the filter has another [version](Reading::version).

use log::Level;

use super::log::{Line, Log};

/// The filter, and the pause.
#[derive(Debug)]
pub struct Reading {
    /// What deserves at least so much attention is let through.
    least: Level,
    /// What a line must have in it, in small letters.
    words: String,
    version: u64,
    /// The number of the first line that came while it was paused.
    paused: Option<u64>,
    /// How many have come since then and are let through.
    new: u64,
}

/// The levels that can be asked for, and how they are called.
pub const LEVELS: [(Level, &str); 3] = [(Level::Info, "All"), (Level::Warn, "Warnings"), (Level::Error, "Errors")];

impl Default for Reading {
    fn default() -> Reading {
        Reading { least: Level::Info, words: String::new(), version: 0, paused: None, new: 0 }
    }
}

impl Reading {
    /// Whether a line is let through.
    pub fn shows(&self, line: &Line) -> bool {
        // The levels are in order, Error first.
        line.level <= self.least && (self.words.is_empty() || line.text.to_lowercase().contains(&self.words))
    }

    /// The lines below this number are to be shown.
    pub fn until(&self, log: &Log) -> u64 {
        self.paused.unwrap_or(log.next())
    }

    /// Changes whenever other lines are let through.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many lines have come since it was paused; `None` if it is not.
    pub fn new_lines(&self) -> Option<u64> {
        self.paused.map(|_| self.new)
    }

    /// Lets through other lines.
    pub(super) fn filter(&mut self, log: &Log, least: Level, words: &str) {
        let words = words.trim().to_lowercase();
        if (self.least, &self.words) != (least, &words) {
            (self.least, self.words) = (least, words);
            self.version += 1;
            if let Some(since) = self.paused {
                self.new = log.since(since).filter(|line| self.shows(line)).count() as u64;
            }
        }
    }

    /// Stops where it is, or goes on.
    pub(super) fn pause(&mut self, log: &Log, paused: bool) {
        self.paused = paused.then(|| log.next());
        self.new = 0;
    }

    /// A line has come.
    pub(super) fn came(&mut self, line: &Line) {
        if self.paused.is_some() && self.shows(line) {
            self.new += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn push(log: &mut Log, reading: &mut Reading, level: Level, text: &str) {
        let line = Line { at: SystemTime::UNIX_EPOCH, level, text: text.into() };
        reading.came(&line);
        log.push(line);
    }

    fn shown<'a>(log: &'a Log, reading: &Reading) -> Vec<&'a str> {
        let lines = log.numbered(0).filter(|(number, line)| *number < reading.until(log) && reading.shows(line));
        lines.map(|(_, line)| line.text.as_str()).collect()
    }

    #[test]
    fn lines_are_let_through_by_level_and_by_words_in_any_case() {
        let (mut log, mut reading) = (Log::default(), Reading::default());
        push(&mut log, &mut reading, Level::Info, "#1 Änne joined");
        push(&mut log, &mut reading, Level::Warn, "#1 Änne is slow");
        push(&mut log, &mut reading, Level::Error, "#2 ben panicked");
        reading.filter(&log, Level::Info, " äNNE ");
        assert_eq!(shown(&log, &reading), ["#1 Änne joined", "#1 Änne is slow"]);
        let version = reading.version();
        reading.filter(&log, Level::Info, "änne");
        assert_eq!(reading.version(), version, "that is the same");
        reading.filter(&log, Level::Warn, "");
        assert_eq!(shown(&log, &reading), ["#1 Änne is slow", "#2 ben panicked"]);
        reading.filter(&log, Level::Error, "");
        assert_eq!(shown(&log, &reading), ["#2 ben panicked"]);
    }

    #[test]
    fn while_it_is_paused_what_comes_is_kept_and_counted() {
        let (mut log, mut reading) = (Log::default(), Reading::default());
        push(&mut log, &mut reading, Level::Info, "before");
        reading.pause(&log, true);
        assert_eq!(reading.new_lines(), Some(0));
        push(&mut log, &mut reading, Level::Info, "meanwhile");
        push(&mut log, &mut reading, Level::Warn, "meanwhile, a warning");
        assert_eq!((shown(&log, &reading), reading.new_lines()), (vec!["before"], Some(2)));
        reading.filter(&log, Level::Warn, "");
        assert_eq!(reading.new_lines(), Some(1), "of those that are let through");
        reading.filter(&log, Level::Info, "");
        reading.pause(&log, false);
        assert_eq!(shown(&log, &reading), ["before", "meanwhile", "meanwhile, a warning"]);
        assert_eq!(reading.new_lines(), None);
    }
}
