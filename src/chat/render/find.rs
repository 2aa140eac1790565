//! Finding text in a conversation: the hits, their number, and the current one. Runs on the UI thread.
//!
//! A new search goes upwards in slices, so that it delays no key. Only entries that are new or have changed are searched
//! with each step from then on, so that a search keeps up with a conversation that goes on.

use std::collections::VecDeque;
use std::time::Instant;

use memchr::memchr2_iter;

use super::page::Page;
use super::selection::Span;
use crate::chat::state::talks::message_log::{Position, Splice};

/// Maximum number of hits in one line: 16 MiB of one letter, and a search for that letter, must not fill the memory.
const HITS_IN_LINE: usize = 500;

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
    /// The entries before this one are still to be searched; `None` when all are searched.
    rest: Option<Position>,
    /// A hit is to become current as soon as it is known which one: this one, if it matches still.
    is_choosing: bool,
    wanted: Option<Span>,
}

impl Default for Find {
    /// Returns a search for nothing, from the end.
    fn default() -> Find {
        Find {
            pattern: Pattern::default(),
            hits: VecDeque::new(),
            current: None,
            from: Position::MAX,
            rest: None,
            is_choosing: false,
            wanted: None,
        }
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
    /// step. `from` is the last entry in view. [`go_on`](Find::go_on) searches.
    pub fn begin(&mut self, pattern: &str, from: Position) {
        self.from = from;
        self.start(pattern);
        (self.is_choosing, self.wanted) = (false, None);
    }

    /// Ends the search: nothing is a hit any more.
    pub fn end(&mut self) {
        *self = Find::default();
    }

    /// Searches for another text. The current hit is the newest in view or above, or else the nearest below. While
    /// letters are added, the current hit stays as long as it still matches. [`go_on`](Find::go_on) searches.
    pub fn look_for(&mut self, pattern: &str) {
        // A search that has not come to its end may still have to find the hit that stays.
        let before = self.current.or(self.wanted);
        self.start(pattern);
        (self.is_choosing, self.wanted) = (true, before);
    }

    fn start(&mut self, pattern: &str) {
        self.pattern = Pattern::new(pattern);
        (self.current, self.rest) = (None, Some(Position::MAX));
        self.hits.clear();
    }

    /// Returns whether there are entries that the search has not come to.
    pub fn is_searching(&self) -> bool {
        self.rest.is_some()
    }

    /// Searches on until this time, and at least one entry; without a time to the end. Returns whether it is known by now
    /// which hit is current, and was not before.
    pub fn go_on(&mut self, page: &Page, until: Option<Instant>) -> bool {
        let Some(rest) = self.rest.map(|rest| rest.min(page.end())) else { return false };
        let mut text = String::new();
        let mut entry = if self.pattern.is_empty() { page.first() } else { rest };
        while entry > page.first() {
            entry -= 1;
            if page.write(entry, &mut text) {
                let at = self.hits.len();
                let found = self.pattern.occurrences(&text).take(HITS_IN_LINE);
                self.hits.extend(found.map(|(start, len)| Span { entry, start, len }));
                // They are in front of all that were found before.
                let count = self.hits.len() - at;
                self.hits.rotate_right(count);
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                break;
            }
        }
        self.rest = Some(entry).filter(|entry| *entry > page.first());
        self.choose()
    }

    /// Makes a hit current, once it is known which one.
    fn choose(&mut self) -> bool {
        if !self.is_choosing {
            return false;
        }
        let wanted = self.wanted;
        let searched_from = self.rest.unwrap_or(Position::MIN);
        let place = |hit: &Span| (hit.entry, hit.start);
        let still = wanted.and_then(|at| self.hits.binary_search_by_key(&place(&at), place).ok());
        let still = still.map(|at| self.hits[at]);
        let comes = still.is_none() && wanted.is_some_and(|at| at.entry < searched_from);
        let above = self.hits.front().is_some_and(|hit| hit.entry <= self.from);
        if comes || still.is_none() && !above && self.rest.is_some() {
            return false;
        }
        self.current = still.or(self.hits.get(self.nearest(Towards::Older)).copied());
        (self.is_choosing, self.wanted) = (false, None);
        true
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

    fn search(&mut self, page: &Page, from: Position) {
        if self.pattern.is_empty() {
            return;
        }
        let mut text = String::new();
        for entry in from.max(page.first())..page.end() {
            if page.write(entry, &mut text) {
                let found = self.pattern.occurrences(&text).take(HITS_IN_LINE);
                self.hits.extend(found.map(|(start, len)| Span { entry, start, len }));
            }
        }
    }

    /// Searches the page again from the first entry that has changed, and removes hits that are gone. The current hit moves
    /// with its entry. Returns whether anything has changed.
    pub fn update(&mut self, page: &Page, from: Position, splices: &[Splice]) -> bool {
        let before = (self.hits.len(), self.current);
        self.splice(splices);
        while self.hits.front().is_some_and(|hit| hit.entry < page.first()) {
            self.hits.pop_front();
        }
        self.hits.truncate(self.hits.partition_point(|hit| hit.entry < from));
        // What is still to be searched is searched later.
        self.search(page, self.rest.map_or(from, |rest| from.max(rest)));
        self.current = self.current.filter(|hit| self.hits.binary_search(hit).is_ok());
        before != (self.hits.len(), self.current)
    }

    /// Moves the current hit and the place where the search began after changes to the log, which is searched anew.
    pub fn splice(&mut self, splices: &[Splice]) {
        let moved = |entry| splices.iter().fold(entry, |entry, splice| splice.moved(entry));
        let moved_hit = |hit: Option<Span>| hit.map(|hit| Span { entry: moved(hit.entry), ..hit });
        self.from = moved(self.from);
        self.rest = self.rest.map(moved);
        self.current = moved_hit(self.current);
        self.wanted = moved_hit(self.wanted);
    }

    /// Returns the hits in one entry.
    pub fn hits_in(&self, entry: Position) -> impl Iterator<Item = &Span> {
        let from = self.hits.partition_point(|hit| hit.entry < entry);
        self.hits.range(from..).take_while(move |hit| hit.entry == entry)
    }

    /// Makes the next hit current, and after the last one the first. All is searched first.
    pub fn step(&mut self, towards: Towards, page: &Page) {
        self.go_on(page, None);
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
        let ascii = self.ascii.as_ref().filter(|_| text.is_ascii());
        std::iter::from_fn(move || {
            let rest = text.get(from..)?;
            let (start, len) = match ascii {
                Some(ascii) => (first_ascii(rest.as_bytes(), ascii)?, ascii.len()),
                None => rest.char_indices().find_map(|(at, _)| Some((at, matches(&rest[at..], &self.letters)?)))?,
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
mod tests;
