//! The last lines that went by, as a window shows them: bounded, filtered, paused. Pure, and tested without a display.
//!
//! What is missing is said where it is missing: lines that there were too many of, or that passed while the tape was
//! paused, leave a [gap](Item::Gap) with their number.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use super::TraceLine;
use crate::clock::Clock;
use crate::protocol::escape::escape_bytes;

/// Items that are kept.
pub const LINES_MAX: usize = 10_000;

/// What is on the tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A line.
    Line(TraceLine),
    /// So many lines are not shown.
    Gap(u64),
}

/// The tape. What is shown of it is numbered from 0 in the order of its coming; numbers stay the same when the oldest go.
#[derive(Debug, Default)]
pub struct TraceLog {
    items: VecDeque<Item>,
    /// How many items came before the first that is kept.
    forgotten: u64,
    /// The numbers of the items that the filter lets through.
    shown: VecDeque<u64>,
    /// How many of those came before the first that is kept.
    first_shown: u64,
    /// What a line must have in it, in small letters.
    filter: String,
    /// How many have passed since it was paused; `None` if it is not.
    paused: Option<u64>,
}

impl TraceLog {
    /// A line has gone by.
    pub fn push(&mut self, passed: TraceLine) {
        match &mut self.paused {
            Some(missed) => *missed += 1,
            None => self.add(Item::Line(passed)),
        }
    }

    /// So many lines have gone by that nobody has seen.
    pub fn lost(&mut self, lines: u64) {
        match (&mut self.paused, self.items.back_mut()) {
            _ if lines == 0 => {}
            (Some(missed), _) => *missed += lines,
            // While a flood goes on, what is lost here and there comes together.
            (None, Some(Item::Gap(more))) => *more += lines,
            (None, _) => self.add(Item::Gap(lines)),
        }
    }

    /// Stops where it is, or goes on.
    pub fn pause(&mut self, paused: bool) {
        if paused {
            self.paused.get_or_insert(0);
        } else if let Some(missed) = self.paused.take() {
            self.lost(missed);
        }
    }

    /// How many lines have passed since it was paused; `None` if it is not.
    pub fn passed_meanwhile(&self) -> Option<u64> {
        self.paused
    }

    /// Shows only what has these words in it. What is shown is numbered anew.
    pub fn filter(&mut self, words: &str) {
        let words = words.trim().to_lowercase();
        if words == self.filter {
            return;
        }
        self.filter = words;
        self.first_shown = 0;
        let numbered = (self.forgotten..).zip(&self.items);
        self.shown = numbered.filter(|(_, item)| passes(&self.filter, item)).map(|(number, _)| number).collect();
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = TraceLog { filter: std::mem::take(&mut self.filter), paused: self.paused, ..TraceLog::default() };
    }

    /// The number of the first item that is shown.
    pub fn first(&self) -> u64 {
        self.first_shown
    }

    /// How many items are shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether there is nothing to be seen.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// What is shown under a number.
    pub fn get(&self, number: u64) -> Option<&Item> {
        let at = usize::try_from(number.checked_sub(self.first_shown)?).ok()?;
        let at = usize::try_from(self.shown.get(at)?.checked_sub(self.forgotten)?).ok()?;
        self.items.get(at)
    }

    /// What is shown between two numbers, as text to be copied: one line for each.
    pub fn text(&self, numbers: RangeInclusive<u64>, clock: &Clock) -> String {
        let last = self.first_shown + self.shown.len() as u64;
        let numbers = (*numbers.start()).max(self.first_shown)..numbers.end().saturating_add(1).min(last);
        numbers.filter_map(|number| self.get(number)).map(|item| item.text(clock) + "\n").collect()
    }

    fn add(&mut self, item: Item) {
        if self.items.len() == LINES_MAX {
            self.items.pop_front();
            self.forgotten += 1;
            if self.shown.front().is_some_and(|number| *number < self.forgotten) {
                self.shown.pop_front();
                self.first_shown += 1;
            }
        }
        if passes(&self.filter, &item) {
            self.shown.push_back(self.forgotten + self.items.len() as u64);
        }
        self.items.push_back(item);
    }
}

impl TraceLine {
    /// Its bytes as they can be shown, and how many there were if not all are there.
    pub fn shown(&self) -> String {
        let mut shown = escape_bytes(&self.bytes);
        if self.bytes.len() < self.length && !self.bytes.ends_with(b" ***") {
            shown += &format!(" … ({} bytes)", self.length);
        }
        shown
    }

    /// An arrow: into this program, or out of it.
    pub fn arrow(&self) -> &'static str {
        match self.direction {
            super::Direction::In => "←",
            super::Direction::Out => "→",
        }
    }

    /// What it means.
    pub fn meaning(&self) -> String {
        super::meaning(self.speaker, &self.bytes)
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

    /// What is said of lines that are not shown; nothing of a line.
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
    use crate::wire::{Direction, Origin};

    fn line(text: &str) -> TraceLine {
        TraceLine {
            at: SystemTime::UNIX_EPOCH + Duration::from_millis(1234),
            direction: Direction::In,
            speaker: Origin::Client,
            peer: "ann".into(),
            thread: "client #1".into(),
            bytes: text.into(),
            length: text.len(),
        }
    }

    fn shown(tape: &TraceLog) -> Vec<String> {
        let numbers = tape.first()..tape.first() + tape.len() as u64;
        let item = |number| tape.get(number).unwrap();
        numbers.map(item).map(|item| item.gap().unwrap_or_else(|| item.text(&Clock::utc()))).collect()
    }

    #[test]
    fn a_line_is_copied_with_all_that_is_known_of_it() {
        let mut tape = TraceLog::default();
        tape.push(line("MSG ann a\tb\u{202e}"));
        assert_eq!(
            tape.text(0..=99, &Clock::utc()),
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
        let mut tape = TraceLog::default();
        tape.filter("odd");
        for number in 0..LINES_MAX + 10 {
            tape.push(line(if number % 2 == 1 { "odd" } else { "even" }));
        }
        assert_eq!((tape.items.len(), tape.len(), tape.first()), (LINES_MAX, LINES_MAX / 2, 5));
        assert!(tape.get(4).is_none() && tape.get(5).is_some());
        tape.filter("");
        assert_eq!((tape.len(), tape.first()), (LINES_MAX, 0));
    }

    #[test]
    fn while_it_is_paused_nothing_moves_and_the_gap_is_told() {
        let mut tape = TraceLog::default();
        tape.push(line("one"));
        tape.pause(true);
        for _ in 0..LINES_MAX * 2 {
            tape.push(line("two"));
        }
        tape.lost(5);
        assert_eq!((tape.len(), tape.passed_meanwhile()), (1, Some(LINES_MAX as u64 * 2 + 5)));
        tape.pause(true);
        tape.pause(false);
        tape.push(line("three"));
        assert_eq!(shown(&tape)[1], "20005 lines are not shown");
        assert_eq!((tape.len(), tape.passed_meanwhile()), (3, None));
    }

    #[test]
    fn lines_that_were_too_many_leave_one_gap_and_no_filter_hides_it() {
        let mut tape = TraceLog::default();
        tape.filter("nothing has this");
        tape.lost(0);
        tape.lost(1);
        assert_eq!(shown(&tape), ["1 line is not shown"]);
        tape.lost(3);
        tape.push(line("MSG ann hi"));
        assert_eq!(shown(&tape), ["4 lines are not shown"]);
    }

    #[test]
    fn the_filter_looks_at_the_bytes_the_thread_and_whom_it_is_about() {
        let mut tape = TraceLog::default();
        tape.push(line("MSG ann Hello"));
        tape.push(TraceLine { thread: "drain ben".into(), peer: "ben".into(), ..line("MSG ann other") });
        for (words, count) in [("hello", 1), (" DRAIN ", 1), ("ben", 1), ("msg", 2), ("zoe", 0)] {
            tape.filter(words);
            assert_eq!(tape.len(), count, "{words}");
        }
        tape.clear();
        assert!(tape.is_empty());
    }
}
