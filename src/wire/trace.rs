//! The trace as a window shows it: the most recent lines, bounded, filtered and paused. Pure, and tested without a display.
//!
//! Missing lines are replaced by a [gap](Item::Gap) with their number. These are lines that did not fit into the channel,
//! or that passed while the trace was paused.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use super::line::{Direction, TraceLine};
use super::meaning::meaning;
use crate::clock::Clock;
use crate::protocol::escape::escape_bytes;

/// Maximum number of items kept.
pub const LINES_MAX: usize = 10_000;

/// An item of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A line.
    Line(TraceLine),
    /// A number of lines that are missing.
    Gap(u64),
}

/// The most recent items of a trace. Those that pass the filter are numbered from 0 in the order of arrival; the numbers stay
/// the same when the oldest items are dropped.
#[derive(Debug, Default)]
pub struct TraceLog {
    items: VecDeque<Item>,
    /// Number of items dropped: the position of `items[0]` among all items that ever arrived.
    dropped: u64,
    /// Positions of the items that pass the filter.
    shown: VecDeque<u64>,
    /// Number of items that passed the filter and were dropped.
    first_shown: u64,
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
        match (&mut self.paused, self.items.back_mut()) {
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
        let words = words.trim().to_lowercase();
        if words == self.filter {
            return;
        }
        self.filter = words;
        self.first_shown = 0;
        let numbered = (self.dropped..).zip(&self.items);
        self.shown = numbered.filter(|(_, item)| passes(&self.filter, item)).map(|(number, _)| number).collect();
    }

    /// Drops all items. The filter and the pause stay.
    pub fn clear(&mut self) {
        *self = TraceLog { filter: std::mem::take(&mut self.filter), paused: self.paused, ..TraceLog::default() };
    }

    /// Returns the number of the first item shown.
    pub fn first(&self) -> u64 {
        self.first_shown
    }

    /// Returns the number of items shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Returns whether no item is shown.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Returns the item with this number.
    pub fn get(&self, number: u64) -> Option<&Item> {
        let at = usize::try_from(number.checked_sub(self.first_shown)?).ok()?;
        let at = usize::try_from(self.shown.get(at)?.checked_sub(self.dropped)?).ok()?;
        self.items.get(at)
    }

    /// Returns the items in a range of numbers as text for the clipboard, one line each.
    pub fn text(&self, numbers: RangeInclusive<u64>, clock: &Clock) -> String {
        let last = self.first_shown + self.shown.len() as u64;
        let numbers = (*numbers.start()).max(self.first_shown)..numbers.end().saturating_add(1).min(last);
        numbers.filter_map(|number| self.get(number)).map(|item| item.text(clock) + "\n").collect()
    }

    fn add(&mut self, item: Item) {
        if self.items.len() == LINES_MAX {
            self.items.pop_front();
            self.dropped += 1;
            if self.shown.front().is_some_and(|number| *number < self.dropped) {
                self.shown.pop_front();
                self.first_shown += 1;
            }
        }
        if passes(&self.filter, &item) {
            self.shown.push_back(self.dropped + self.items.len() as u64);
        }
        self.items.push_back(item);
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
    fn text(&self, clock: &Clock) -> String {
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
        let numbers = trace.first()..trace.first() + trace.len() as u64;
        let item = |number| trace.get(number).unwrap();
        numbers.map(item).map(|item| item.gap().unwrap_or_else(|| item.text(&Clock::utc()))).collect()
    }

    #[test]
    fn a_line_is_copied_with_all_that_is_known_of_it() {
        let mut trace = TraceLog::default();
        trace.push(line("MSG ann a\tb\u{202e}"));
        assert_eq!(
            trace.text(0..=99, &Clock::utc()),
            "00:00:01.234\t←\tann\tMSG ann a<U+0009>b<U+202E>\tcannot be acted upon: BAD_TEXT\tclient #1\n"
        );
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
    fn it_is_bounded_and_numbers_stay() {
        let mut trace = TraceLog::default();
        trace.filter("odd");
        for number in 0..LINES_MAX + 10 {
            trace.push(line(if number % 2 == 1 { "odd" } else { "even" }));
        }
        assert_eq!((trace.items.len(), trace.len(), trace.first()), (LINES_MAX, LINES_MAX / 2, 5));
        assert!(trace.get(4).is_none() && trace.get(5).is_some());
        trace.filter("");
        assert_eq!((trace.len(), trace.first()), (LINES_MAX, 0));
    }

    #[test]
    fn while_it_is_paused_nothing_moves_and_the_gap_is_told() {
        let mut trace = TraceLog::default();
        trace.push(line("one"));
        trace.pause(true);
        for _ in 0..LINES_MAX * 2 {
            trace.push(line("two"));
        }
        trace.push_gap(5);
        assert_eq!((trace.len(), trace.missed_while_paused()), (1, Some(LINES_MAX as u64 * 2 + 5)));
        trace.pause(true);
        trace.pause(false);
        trace.push(line("three"));
        assert_eq!(shown(&trace)[1], "20005 lines are not shown");
        assert_eq!((trace.len(), trace.missed_while_paused()), (3, None));
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
            assert_eq!(trace.len(), count, "{words}");
        }
        trace.clear();
        assert!(trace.is_empty());
    }
}
