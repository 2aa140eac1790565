//! Finding text in a conversation: the hits, their number, and the current one. Runs on the UI thread.
//!
//! Only entries that are new or have changed are searched with each step, so that a search keeps up with a conversation
//! that goes on.

use std::collections::VecDeque;

use memchr::memchr2_iter;

use super::page::Page;
use super::selection::Span;
use crate::chat::state::talks::message_log::{Position, Splice};

/// A text search in one page.
#[derive(Debug)]
pub struct Find {
    pattern: Pattern,
    /// The hits, oldest first.
    hits: VecDeque<Span>,
    /// The current hit.
    pub(crate) current: Option<Span>,
    /// The last entry in view when the search began; the search goes upwards from there.
    from: Position,
}

impl Default for Find {
    /// Returns a search for nothing, from the end.
    fn default() -> Find {
        Find { pattern: Pattern::default(), hits: VecDeque::new(), current: None, from: Position::MAX }
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
    pub fn begin(&mut self, pattern: &str, from: Position, page: &Page) {
        (self.from, self.current, self.pattern) = (from, None, Pattern::new(pattern));
        self.search_all(page);
    }

    /// Ends the search: nothing is a hit any more.
    pub fn end(&mut self) {
        *self = Find::default();
    }

    /// Searches for another text. The current hit is the newest in view or above, or else the nearest below. While
    /// letters are added, the current hit stays as long as it still matches.
    pub fn look_for(&mut self, pattern: &str, page: &Page) {
        self.pattern = Pattern::new(pattern);
        self.search_all(page);
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

    fn search_all(&mut self, page: &Page) {
        self.hits.clear();
        self.search(page, Position::MIN);
    }

    fn search(&mut self, page: &Page, from: Position) {
        if self.pattern.is_empty() {
            return;
        }
        let mut text = String::new();
        for entry in from.max(page.first())..page.end() {
            if page.write(entry, &mut text) {
                let spans = self.pattern.occurrences(&text).map(|(start, len)| Span { entry, start, len });
                self.hits.extend(spans);
            }
        }
    }

    /// Searches the page again from the first entry that has changed, and removes hits that are gone. The current hit moves
    /// with its entry. Returns whether anything has changed.
    pub fn update(&mut self, page: &Page, from: Position, splices: &[Splice]) -> bool {
        let before = (self.hits.len(), self.current);
        let moved = |entry| splices.iter().fold(entry, |entry, splice| splice.moved(entry));
        self.from = moved(self.from);
        self.current = self.current.map(|hit| Span { entry: moved(hit.entry), ..hit });
        while self.hits.front().is_some_and(|hit| hit.entry < page.first()) {
            self.hits.pop_front();
        }
        self.hits.truncate(self.hits.partition_point(|hit| hit.entry < from));
        self.search(page, from);
        self.current = self.current.filter(|hit| self.hits.binary_search(hit).is_ok());
        before != (self.hits.len(), self.current)
    }

    /// Returns the hits in one entry.
    pub fn hits_in(&self, entry: Position) -> impl Iterator<Item = &Span> {
        let from = self.hits.partition_point(|hit| hit.entry < entry);
        self.hits.range(from..).take_while(move |hit| hit.entry == entry)
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
    let pattern = Pattern::new(word);
    pattern.occurrences(text).next().map(|(start, _)| start).filter(|_| !pattern.is_empty())
}

/// The text to find.
#[derive(Debug, Default)]
struct Pattern {
    /// In lower case.
    letters: Vec<char>,
    /// The same as bytes, if all of them are ASCII.
    ascii: Option<Vec<u8>>,
}

impl Pattern {
    fn new(pattern: &str) -> Pattern {
        let letters = pattern.chars().flat_map(char::to_lowercase).collect();
        Pattern { letters, ascii: pattern.is_ascii().then(|| pattern.to_ascii_lowercase().into_bytes()) }
    }

    fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// Returns the start and length in bytes of each occurrence. A letter and its lower-case form may differ in length.
    fn occurrences<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            let rest = text.get(from..)?;
            let (start, len) = match &self.ascii {
                Some(ascii) if rest.is_ascii() => (first_ascii(rest.as_bytes(), ascii)?, ascii.len()),
                _ => rest.char_indices().find_map(|(at, _)| Some((at, matches(&rest[at..], &self.letters)?)))?,
            };
            let start = from + start;
            from = start + len;
            Some((start, len))
        })
    }
}

/// Returns the first occurrence of a pattern in lower case in a text of ASCII. In 10,000 messages this is some twenty times
/// faster than letter by letter.
fn first_ascii(text: &[u8], pattern: &[u8]) -> Option<usize> {
    let first = *pattern.first()?;
    memchr2_iter(first, first.to_ascii_uppercase(), text)
        .find(|at| text.get(*at..at + pattern.len()).is_some_and(|piece| piece.eq_ignore_ascii_case(pattern)))
}

/// Returns the length in bytes of `pattern` at the beginning of the text, if the text begins with it.
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
    use crate::chat::render::page::Reader;
    use crate::chat::state::talks::message_log::{Entry, Kind, MessageLog, SETTLED_MAX};
    use crate::chat::state::{IgnoredNames, Joins};
    use crate::clock::Clock;

    struct Stage {
        log: MessageLog,
        page: Page,
        find: Find,
    }

    fn stage(texts: &[&str]) -> Stage {
        let page = Page::new(Clock::utc());
        let mut stage = Stage { log: MessageLog::default(), page, find: Find::default() };
        for text in texts {
            stage.say(text);
        }
        stage
    }

    impl Stage {
        fn say(&mut self, text: &str) {
            self.settle(Kind::Notice(text.into()));
        }

        fn settle(&mut self, kind: Kind) {
            self.log.settle(None, kind);
            self.update();
        }

        fn update(&mut self) {
            let splices = self.log.take_splices();
            let ignored = IgnoredNames::default();
            let reader = Reader { me: "bob", joins: Joins::Grouped, ignored: &ignored, version: 0 };
            self.page.splice(&self.log, reader, &splices);
            self.page.update(&self.log, reader, [], None);
            if let Some(from) = self.page.take_changed() {
                self.find.update(&self.page, from, &splices);
            }
        }

        fn look_for(&mut self, text: &str) -> String {
            self.find.look_for(text, &self.page);
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
            stage.find.begin("tea", 2, &stage.page);
            assert_eq!((stage.find.words(), stage.entry()), ("3".into(), None), "nothing is looked at yet");
            stage.step(towards);
            assert_eq!(stage.entry(), Some(at));
        }
        stage.find.begin("", 2, &stage.page);
        assert_eq!((stage.look_for("tea"), stage.entry()), ("2 of 3".into(), Some(1)));
        // There is no hit above.
        stage.find.begin("", 0, &stage.page);
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
    fn a_hit_moves_with_its_entry_when_older_ones_come() {
        let mut stage = stage(&["tea", "coffee", "tea"]);
        stage.look_for("tea");
        stage.step(Towards::Older);
        assert_eq!(stage.entry(), Some(0));
        let old = Entry { at: None, kind: Kind::Notice("green tea".into()) };
        stage.log.splice(1, 0, vec![old.clone(), old]);
        stage.update();
        assert_eq!((stage.find.words(), stage.entry()), ("1 of 4".into(), Some(-2)));
        assert_eq!(stage.step(Towards::Newer), "2 of 4");
    }

    #[test]
    fn names_are_found_too_and_what_has_become_a_block_is_found_in_it() {
        let mut stage = stage(&[]);
        for text in ["```", "let tea = 1;", "```", "tea"] {
            stage.settle(Kind::Message { from: "Teresa".into(), text: text.into(), earlier: false });
        }
        assert_eq!(stage.look_for("te"), "4 of 4");
        let hits: Vec<_> = stage.find.hits_in(0).map(|hit| (hit.start, hit.len)).collect();
        assert_eq!(hits, [(0, 2), ("Teresa  let ".len(), 2)]);
        assert_eq!(stage.find.hits_in(1).count(), 0, "it is shown where the block begins");
        stage.find.end();
        assert_eq!(stage.find.hits_in(0).count(), 0);
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
