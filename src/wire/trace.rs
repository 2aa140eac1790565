//! The trace as a window shows it: the most recent lines, bounded, filtered and paused. Pure, and tested without a display.
//!
//! Missing lines are replaced by a [gap](Item::Gap) with their number. These are lines that did not fit into the channel,
//! or that passed while the trace was paused.

use super::line::{Direction, TraceLine};
use super::meaning::meaning;
use crate::clock::Clock;
use crate::protocol::escape::escape_bytes;
use crate::ring_log::RingLog;

/// An item of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A line.
    Line(TraceLine),
    /// A number of lines that are missing.
    Gap(u64),
}

/// The most recent items of a trace.
#[derive(Debug, Default)]
pub struct TraceLog {
    items: RingLog<Item>,
    /// Text that a line must contain, in lower case.
    filter: String,
    /// Number of lines that arrived since the trace was paused; `None` if it is not paused.
    paused: Option<u64>,
}

impl TraceLog {
    /// Appends a line, or counts it while the trace is paused.
    pub fn push(&mut self, line: TraceLine) {
        match &mut self.paused {
            Some(missed) => *missed += 1,
            None => self.add(Item::Line(line)),
        }
    }

    /// Appends a gap of this many lines. Consecutive gaps are merged.
    pub fn push_gap(&mut self, lines: u64) {
        match (&mut self.paused, self.items.last_mut()) {
            _ if lines == 0 => {}
            (Some(missed), _) => *missed += lines,
            // During a flood, many small losses become one gap.
            (None, Some(Item::Gap(more))) => *more += lines,
            (None, _) => self.add(Item::Gap(lines)),
        }
    }

    /// Pauses or resumes the trace. Resuming appends a gap for the lines that arrived meanwhile.
    pub fn pause(&mut self, paused: bool) {
        if paused {
            self.paused.get_or_insert(0);
        } else if let Some(missed) = self.paused.take() {
            self.push_gap(missed);
        }
    }

    /// Returns the number of lines that arrived since the trace was paused, or `None` if it is not paused.
    pub fn missed_while_paused(&self) -> Option<u64> {
        self.paused
    }

    /// Shows only the lines that contain this text. The items are numbered from 0 again.
    pub fn filter(&mut self, words: &str) {
        self.filter = words.trim().to_lowercase();
        self.items.filter(|item| passes(&self.filter, item));
    }

    /// Drops all items. The filter and the pause stay.
    pub fn clear(&mut self) {
        self.items = RingLog::default();
    }

    /// Returns the items that pass the filter.
    pub fn items(&self) -> &RingLog<Item> {
        &self.items
    }

    fn add(&mut self, item: Item) {
        let passes = passes(&self.filter, &item);
        self.items.push(item, passes);
    }
}

impl TraceLine {
    /// Returns the bytes, escaped, with the length of the line if it was cut. Of a redacted line the length stays unknown.
    pub fn shown(&self) -> String {
        let mut shown = escape_bytes(&self.bytes);
        if self.bytes.len() < self.length && !self.bytes.ends_with(b" ***") {
            shown += &format!(" … ({} bytes)", self.length);
        }
        shown
    }

    /// Returns an arrow for the direction.
    pub fn arrow(&self) -> &'static str {
        match self.direction {
            Direction::In => "←",
            Direction::Out => "→",
        }
    }

    /// Returns the [meaning](super::meaning()) of the line.
    pub fn meaning(&self) -> String {
        meaning(self.origin, &self.bytes)
    }
}

impl Item {
    /// Returns the item as a line of text for the clipboard.
    pub fn text(&self, clock: &Clock) -> String {
        match self {
            Item::Line(line) => {
                let (at, arrow) = (clock.to_the_millisecond(line.at), line.arrow());
                let peer = if line.peer.is_empty() { String::new() } else { format!("\t{}", line.peer) };
                format!("{at}\t{arrow}{peer}\t{}\t{}\t{}", line.shown(), line.meaning(), line.thread)
            }
            Item::Gap(lines) => gap(*lines),
        }
    }

    /// Returns the text of a gap; `None` for a line.
    pub fn gap(&self) -> Option<String> {
        match self {
            Item::Line(_) => None,
            Item::Gap(lines) => Some(gap(*lines)),
        }
    }
}

fn gap(lines: u64) -> String {
    if lines == 1 { "1 line is not shown".into() } else { format!("{lines} lines are not shown") }
}

fn passes(filter: &str, item: &Item) -> bool {
    let Item::Line(line) = item else { return true };
    filter.is_empty()
        || [&line.peer, &line.thread].into_iter().any(|text| text.to_lowercase().contains(filter))
        || line.shown().to_lowercase().contains(filter)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::wire::line::Origin;

    fn line(text: &str) -> TraceLine {
        TraceLine {
            at: SystemTime::UNIX_EPOCH + Duration::from_millis(1234),
            direction: Direction::In,
            origin: Origin::Client,
            peer: "ann".into(),
            thread: "client #1".into(),
            bytes: text.into(),
            length: text.len(),
        }
    }

    fn shown(trace: &TraceLog) -> Vec<String> {
        trace.items().iter().map(|item| item.text(&Clock::utc())).collect()
    }

    #[test]
    fn a_line_is_copied_with_all_that_is_known_of_it() {
        let mut trace = TraceLog::default();
        trace.push(line("MSG ann a\tb\u{202e}"));
        assert_eq!(shown(&trace), ["00:00:01.234\t←\tann\tMSG ann a<U+0009>b<U+202E>\tinvalid: BAD_TEXT\tclient #1"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_written_out_and_a_long_line_says_how_long() {
        let mut not_text = line("");
        not_text.bytes = b"\xffMSG".to_vec();
        not_text.length = 4;
        assert_eq!(not_text.shown(), "<FF>MSG");
        let mut long = line("MSG ann x");
        long.length = 4000;
        assert_eq!(long.shown(), "MSG ann x … (4000 bytes)");
        let mut secret = line("PASS ***");
        secret.length = 90;
        assert_eq!(secret.shown(), "PASS ***", "how long a password is nobody learns");
    }

    #[test]
    fn while_it_is_paused_nothing_moves_and_the_gap_is_told() {
        let mut trace = TraceLog::default();
        trace.push(line("one"));
        trace.pause(true);
        for _ in 0..20_000 {
            trace.push(line("two"));
        }
        trace.push_gap(5);
        assert_eq!((trace.items().len(), trace.missed_while_paused()), (1, Some(20_005)));
        trace.pause(true);
        trace.pause(false);
        trace.push(line("three"));
        assert_eq!(shown(&trace)[1], "20005 lines are not shown");
        assert_eq!((trace.items().len(), trace.missed_while_paused()), (3, None));
    }

    #[test]
    fn lines_that_were_too_many_leave_one_gap_and_no_filter_hides_it() {
        let mut trace = TraceLog::default();
        trace.filter("nothing has this");
        trace.push_gap(0);
        trace.push_gap(1);
        assert_eq!(shown(&trace), ["1 line is not shown"]);
        trace.push_gap(3);
        trace.push(line("MSG ann hi"));
        assert_eq!(shown(&trace), ["4 lines are not shown"]);
    }

    #[test]
    fn the_filter_looks_at_the_bytes_the_thread_and_whom_it_is_about() {
        let mut trace = TraceLog::default();
        trace.push(line("MSG ann Hello"));
        trace.push(TraceLine { thread: "drain ben".into(), peer: "ben".into(), ..line("MSG ann other") });
        for (words, count) in [("hello", 1), (" DRAIN ", 1), ("ben", 1), ("msg", 2), ("zoe", 0)] {
            trace.filter(words);
            assert_eq!(trace.items().len(), count, "{words}");
        }
        trace.clear();
        assert!(trace.items().is_empty());
    }
}
