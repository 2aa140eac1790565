//! The filter of the log: the level and the words of the lines shown, and the pause.
//!
//! During a pause the log still receives lines, which are counted here. The window shows the lines
//! [below a number](LogFilter::end), and starts over when the filter has another [version](LogFilter::version). Main
//! thread.

use log::Level;

use super::log::{Line, Log};

/// The level and words that a line must have, and the line at which the display is paused.
#[derive(Debug)]
pub struct LogFilter {
    /// Lines of this level or a more severe one match.
    least: Level,
    /// Text that a line must contain, in lower case.
    words: String,
    version: u64,
    /// Number of the first line that arrived during the pause; `None` if it is not paused.
    paused: Option<u64>,
    /// Number of matching lines that arrived during the pause.
    new: u64,
}

/// The levels on offer, with their labels.
pub const LEVELS: [(Level, &str); 3] = [(Level::Info, "All"), (Level::Warn, "Warnings"), (Level::Error, "Errors")];

impl Default for LogFilter {
    fn default() -> LogFilter {
        LogFilter { least: Level::Info, words: String::new(), version: 0, paused: None, new: 0 }
    }
}

impl LogFilter {
    /// Returns true if the line passes the filter.
    pub fn matches(&self, line: &Line) -> bool {
        // Levels are ordered from Error, the smallest, to Trace.
        line.level <= self.least && (self.words.is_empty() || line.text.to_lowercase().contains(&self.words))
    }

    /// Returns the number before which lines are shown: that of the pause, or of the next line.
    pub fn end(&self, log: &Log) -> u64 {
        self.paused.unwrap_or(log.next())
    }

    /// Returns a number that changes whenever other lines pass the filter.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns the number of matching lines that arrived during the pause; `None` if it is not paused.
    pub fn new_lines(&self) -> Option<u64> {
        self.paused.map(|_| self.new)
    }

    /// Changes the filter.
    pub(super) fn set(&mut self, log: &Log, least: Level, words: &str) {
        let words = words.trim().to_lowercase();
        if (self.least, &self.words) != (least, &words) {
            (self.least, self.words) = (least, words);
            self.version += 1;
            if let Some(since) = self.paused {
                self.new = log.since(since).filter(|line| self.matches(line)).count() as u64;
            }
        }
    }

    /// Pauses the display at the current end of the log, or resumes it.
    pub(super) fn pause(&mut self, log: &Log, paused: bool) {
        self.paused = paused.then(|| log.next());
        self.new = 0;
    }

    /// Counts a line that arrives.
    pub(super) fn count(&mut self, line: &Line) {
        if self.paused.is_some() && self.matches(line) {
            self.new += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn push(log: &mut Log, filter: &mut LogFilter, level: Level, text: &str) {
        let line = Line { at: SystemTime::UNIX_EPOCH, level, text: text.into() };
        filter.count(&line);
        log.push(line);
    }

    fn shown<'a>(log: &'a Log, filter: &LogFilter) -> Vec<&'a str> {
        let lines = log.numbered(0).filter(|(number, line)| *number < filter.end(log) && filter.matches(line));
        lines.map(|(_, line)| line.text.as_str()).collect()
    }

    #[test]
    fn lines_pass_by_level_and_by_words_in_any_case() {
        let (mut log, mut filter) = (Log::default(), LogFilter::default());
        push(&mut log, &mut filter, Level::Info, "#1 Änne joined");
        push(&mut log, &mut filter, Level::Warn, "#1 Änne is slow");
        push(&mut log, &mut filter, Level::Error, "#2 ben panicked");
        filter.set(&log, Level::Info, " äNNE ");
        assert_eq!(shown(&log, &filter), ["#1 Änne joined", "#1 Änne is slow"]);
        let version = filter.version();
        filter.set(&log, Level::Info, "änne");
        assert_eq!(filter.version(), version, "that is the same");
        filter.set(&log, Level::Warn, "");
        assert_eq!(shown(&log, &filter), ["#1 Änne is slow", "#2 ben panicked"]);
        filter.set(&log, Level::Error, "");
        assert_eq!(shown(&log, &filter), ["#2 ben panicked"]);
    }

    #[test]
    fn during_a_pause_new_lines_are_kept_and_counted() {
        let (mut log, mut filter) = (Log::default(), LogFilter::default());
        push(&mut log, &mut filter, Level::Info, "before");
        filter.pause(&log, true);
        assert_eq!(filter.new_lines(), Some(0));
        push(&mut log, &mut filter, Level::Info, "meanwhile");
        push(&mut log, &mut filter, Level::Warn, "meanwhile, a warning");
        assert_eq!((shown(&log, &filter), filter.new_lines()), (vec!["before"], Some(2)));
        filter.set(&log, Level::Warn, "");
        assert_eq!(filter.new_lines(), Some(1), "of those that match");
        filter.set(&log, Level::Info, "");
        filter.pause(&log, false);
        assert_eq!(shown(&log, &filter), ["before", "meanwhile", "meanwhile, a warning"]);
        assert_eq!(filter.new_lines(), None);
    }
}
