//! Finding text in a conversation: the hits, their number, and the current one. Runs on the UI thread.
//!
//! Only new entries are searched with each step, so that a search keeps up with a conversation that goes on.

use std::collections::VecDeque;

use super::rendered_log::{RenderedLog, Span};
use crate::chat::state::talks::message_log::{Position, Splice};

/// A text search in one rendered log.
#[derive(Debug)]
pub struct Find {
    /// The text to find, in lower case.
    pattern: Vec<char>,
    /// The hits, oldest first.
    hits: VecDeque<Span>,
    /// Position in the log up to which it was searched.
    searched: Position,
    /// The current hit.
    pub(crate) current: Option<Span>,
    /// The last entry in view when the search began; the search goes upwards from there.
    from: Position,
}

impl Default for Find {
    /// Returns a search for nothing, from the end.
    fn default() -> Find {
        Find { pattern: Vec::new(), hits: VecDeque::new(), searched: Position::MIN, current: None, from: Position::MAX }
    }
}

/// Direction of the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// Upwards.
    Older,
    /// Downwards.
    Newer,
}

impl Find {
    /// Starts again with the text of the last search. Its hits are counted, and none is current before the first
    /// step. `from` is the last entry in view.
    pub fn begin(&mut self, pattern: &str, from: Position, rendered: &RenderedLog) {
        (self.from, self.current, self.pattern) = (from, None, folded(pattern));
        self.search_all(rendered);
    }

    /// Searches for another text. The current hit is the newest in view or above, or else the nearest below. While
    /// letters are added, the current hit stays as long as it still matches.
    pub fn look_for(&mut self, pattern: &str, rendered: &RenderedLog) {
        self.pattern = folded(pattern);
        self.search_all(rendered);
        let still =
            self.current.and_then(|at| self.hits.iter().find(|hit| (hit.entry, hit.start) == (at.entry, at.start)));
        self.current = still.or(self.hits.get(self.nearest(Towards::Older))).copied();
    }

    /// Returns the index of the nearest hit above or below the place where the search began.
    fn nearest(&self, towards: Towards) -> usize {
        let below = self.hits.partition_point(|hit| hit.entry <= self.from);
        match towards {
            Towards::Older => below.saturating_sub(1),
            Towards::Newer if below == self.hits.len() => 0,
            Towards::Newer => below,
        }
    }

    /// Searches everything again after a splice. The current hit moves with its entry.
    pub fn splice(&mut self, splices: &[Splice], rendered: &RenderedLog) {
        self.from = splices.iter().fold(self.from, |from, splice| splice.moved(from));
        let Some(Span { entry, start, len }) = self.current.take() else { return self.search_all(rendered) };
        let entry = splices.iter().fold(entry, |entry, splice| splice.moved(entry));
        self.search_all(rendered);
        // What is written above the entry's own line may have changed in length, which moves the hit within the
        // entry.
        let same = |hit: &&Span| hit.entry == entry && hit.len == len;
        self.current = self.hits.iter().filter(same).min_by_key(|hit| hit.start.abs_diff(start)).copied();
    }

    fn search_all(&mut self, rendered: &RenderedLog) {
        self.hits.clear();
        self.searched = Position::MIN;
        self.search(rendered);
    }

    /// Searches new entries, and removes hits that the log has dropped. Returns whether anything has changed.
    pub fn search(&mut self, rendered: &RenderedLog) -> bool {
        let before = (self.hits.len(), self.current);
        while self.hits.front().is_some_and(|hit| rendered.bytes(*hit).is_none()) {
            self.hits.pop_front();
        }
        self.current = self.current.filter(|at| rendered.bytes(*at).is_some());
        if !self.pattern.is_empty() {
            for (entry, text) in rendered.entries_from(self.searched) {
                self.hits.extend(occurrences(text, &self.pattern).map(|(start, len)| Span { entry, start, len }));
            }
        }
        self.searched = rendered.end();
        before != (self.hits.len(), self.current)
    }

    /// Makes the next hit current, and after the last one the first.
    pub fn step(&mut self, towards: Towards) {
        let count = self.hits.len();
        let at = match (self.index(), towards) {
            (None, _) => self.nearest(towards),
            (Some(at), Towards::Older) => at.checked_sub(1).unwrap_or(count - 1),
            (Some(at), Towards::Newer) => (at + 1) % count,
        };
        self.current = self.hits.get(at).copied();
    }

    fn index(&self) -> Option<usize> {
        self.current.and_then(|current| self.hits.binary_search(&current).ok())
    }

    /// Returns the count for display: `3 of 7`, where 7 is the newest.
    pub fn words(&self) -> String {
        match (self.index(), self.hits.len()) {
            _ if self.pattern.is_empty() => String::new(),
            (_, 0) => "not found".into(),
            (Some(at), count) => format!("{} of {count}", at + 1),
            (None, count) => format!("{count}"),
        }
    }
}

/// Returns the byte offset of the first occurrence of a word, in any case.
pub(crate) fn first_match(text: &str, word: &str) -> Option<usize> {
    let pattern = folded(word);
    occurrences(text, &pattern).next().map(|(start, _)| start).filter(|_| !pattern.is_empty())
}

fn folded(pattern: &str) -> Vec<char> {
    pattern.chars().flat_map(char::to_lowercase).collect()
}

/// Returns the start and length in bytes of each occurrence of `wanted`, which is in lower case. A letter and its
/// lower-case form may differ in length.
fn occurrences<'a>(text: &'a str, pattern: &'a [char]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        let (start, len) = text.get(from..)?.char_indices().find_map(|(at, _)| {
            let at = from + at;
            matches(&text[at..], pattern).map(|len| (at, len))
        })?;
        from = start + len;
        Some((start, len))
    })
}

/// Returns the length in bytes of `wanted` at the beginning of the text, if the text begins with it.
fn matches(text: &str, pattern: &[char]) -> Option<usize> {
    let mut pattern = pattern.iter();
    for (at, c) in text.char_indices() {
        for lower in c.to_lowercase() {
            match pattern.next() {
                None => return Some(at),
                Some(expected) if *expected == lower => {}
                Some(_) => return None,
            }
        }
    }
    pattern.next().is_none().then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::state::talks::message_log::{Kind, MessageLog, SETTLED_MAX};
    use crate::clock::Clock;

    struct Stage {
        log: MessageLog,
        rendered: RenderedLog,
        find: Find,
    }

    fn stage(texts: &[&str]) -> Stage {
        let mut stage =
            Stage { log: MessageLog::default(), rendered: RenderedLog::new(Clock::utc()), find: Find::default() };
        for text in texts {
            stage.say(text);
        }
        stage
    }

    impl Stage {
        fn say(&mut self, text: &str) {
            self.log.settle(None, Kind::Notice(text.into()));
            self.rendered.update(&self.log, "bob", [], None);
            self.find.search(&self.rendered);
        }

        fn look_for(&mut self, text: &str) -> String {
            self.find.look_for(text, &self.rendered);
            self.find.words()
        }

        fn step(&mut self, towards: Towards) -> String {
            self.find.step(towards);
            self.find.words()
        }

        /// Returns the entry of the current hit.
        fn entry(&self) -> Option<Position> {
            self.find.current.map(|span| span.entry)
        }
    }

    #[test]
    fn the_newest_comes_first_and_one_can_go_round_both_ways() {
        let mut stage = stage(&["Tea?", "coffee", "tea, tea"]);
        assert_eq!((stage.look_for("TEA"), stage.entry()), ("3 of 3".into(), Some(2)));
        assert_eq!(stage.step(Towards::Older), "2 of 3");
        assert_eq!((stage.step(Towards::Older), stage.entry()), ("1 of 3".into(), Some(0)));
        assert_eq!(stage.step(Towards::Older), "3 of 3");
        assert_eq!(stage.step(Towards::Newer), "1 of 3");
    }

    #[test]
    fn it_is_looked_for_from_what_is_in_view() {
        let mut stage = stage(&["tea", "tea", "coffee", "tea"]);
        for (towards, at) in [(Towards::Older, 1), (Towards::Newer, 3)] {
            stage.find.begin("tea", 2, &stage.rendered);
            assert_eq!((stage.find.words(), stage.entry()), ("3".into(), None), "nothing is looked at yet");
            stage.step(towards);
            assert_eq!(stage.entry(), Some(at));
        }
        stage.find.begin("", 2, &stage.rendered);
        assert_eq!((stage.look_for("tea"), stage.entry()), ("2 of 3".into(), Some(1)));
        // There is no hit above.
        stage.find.begin("", 0, &stage.rendered);
        assert_eq!((stage.look_for("coffee"), stage.entry()), ("1 of 1".into(), Some(2)));
    }

    #[test]
    fn what_is_not_there_is_said_to_be_not_found() {
        let mut stage = stage(&["tea"]);
        assert_eq!(stage.look_for("coffee"), "not found");
        assert_eq!((stage.step(Towards::Older), stage.entry()), ("not found".into(), None));
        assert_eq!(stage.look_for(""), "");
    }

    #[test]
    fn while_letters_are_added_the_eye_stays_where_it_is() {
        let mut stage = stage(&["tea", "team", "tea"]);
        stage.look_for("te");
        assert_eq!((stage.step(Towards::Older), stage.entry()), ("2 of 3".into(), Some(1)));
        assert_eq!((stage.look_for("tea"), stage.entry()), ("2 of 3".into(), Some(1)));
        assert_eq!((stage.look_for("team"), stage.entry()), ("1 of 1".into(), Some(1)));
    }

    #[test]
    fn what_comes_while_one_looks_is_counted_and_does_not_move_the_eye() {
        let mut stage = stage(&["tea"]);
        stage.look_for("tea");
        stage.say("more tea");
        assert_eq!((stage.find.words(), stage.entry()), ("1 of 2".into(), Some(0)));
        for _ in 0..SETTLED_MAX - 1 {
            stage.log.settle(None, Kind::Notice("flood".into()));
        }
        stage.say("tea again");
        assert_eq!(stage.find.words(), "1", "two of three were dropped, and with them the one that was looked at");
        assert_eq!(stage.step(Towards::Older), "1 of 1");
    }

    #[test]
    fn a_hit_below_the_mark_is_the_same_word_once_the_mark_has_moved() {
        let mut stage = stage(&["coffee"]);
        for (text, news) in [("tea one", 1), ("cake", 2)] {
            stage.log.settle(None, Kind::Notice(text.into()));
            let edits = stage.rendered.update(&stage.log, "bob", [], Some(news));
            if news == 1 {
                assert!(edits[0].new.text.contains("new since"), "{edits:?}");
                stage.look_for("tea");
                // The whole text consists of the first text and the appended one.
                let hit = stage.rendered.bytes(stage.find.current.unwrap()).unwrap();
                assert_eq!(&edits[0].new.text[hit.start - "coffee".len()..hit.end - "coffee".len()], "tea");
            }
        }
        stage.step(Towards::Older);
        let hit = stage.rendered.bytes(stage.find.current.unwrap()).unwrap();
        assert_eq!(&"coffee\ntea one"[hit], "tea");
    }

    #[test]
    fn letters_of_every_script_are_found_in_any_case() {
        let mut stage = stage(&["GRÜSSE aus Ünna", "İstanbul 你好"]);
        for (pattern, entry) in [("grüsse", 0), ("Ü", 0), ("你好", 1), ("stanbul", 1)] {
            stage.look_for(pattern);
            assert_eq!(stage.entry(), Some(entry), "{pattern}");
        }
        // A letter whose lower-case form is longer is matched with all of its bytes.
        stage.look_for("i\u{307}s");
        assert_eq!(stage.find.current.map(|span| span.len), Some("İs".len()));
    }
}
