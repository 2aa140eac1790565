//! Searching everything that was ever said to all: the server does it, and what it finds is listed. Runs on the UI
//! thread.
//!
//! What is looked for is asked when the connection is free, as all of the past is (see `past.rs`), and one thing at a
//! time: what is looked for last replaces what has no answer yet.

use std::time::Instant;

use super::message_log::shown_name;
use super::queue::RequestKind;
use super::session::Phase;
use super::{Chat, draft};
use crate::chat::render::find::first_match;
use crate::protocol::escape::escape;
use crate::protocol::{ClientLine, PAST_MAX, RESERVED, Stamp};

/// Characters before the first word that is looked for, in a line of the list.
const LEAD_CHARS: usize = 24;

/// Characters of such a line. More are not seen.
const EXCERPT_CHARS: usize = 240;

/// A message that was found. All words are fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// When it was said, which is also which one it is.
    pub at: Stamp,
    /// Who said it.
    pub from: String,
    /// What, as one line that begins not long before what was looked for.
    pub excerpt: String,
}

/// What is looked for on the server, and what was found.
#[derive(Debug, Default)]
pub struct Search {
    words: String,
    /// What is to be looked for when the answer is there.
    next: Option<String>,
    state: SearchState,
    hits: Vec<Hit>,
    /// Counts the changes.
    version: u64,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum SearchState {
    /// Nothing is looked for.
    #[default]
    Idle,
    /// It is to be asked for.
    Queued,
    /// The server looks for it.
    Sent(Instant),
    /// This is what it has found, and perhaps there is more.
    Found { more: bool },
    /// This is why it has found nothing.
    Failed(String),
}

impl Search {
    /// What was found, oldest first.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// The words that are looked for.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Another one than before means that there is something to be drawn.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Is the answer there?
    pub fn is_over(&self) -> bool {
        matches!(self.state, SearchState::Found { .. } | SearchState::Failed(_))
    }

    /// How it stands.
    pub fn in_words(&self) -> String {
        let words = escape(&self.words);
        match (&self.state, self.hits.len()) {
            (SearchState::Idle, _) => String::new(),
            (SearchState::Queued | SearchState::Sent(_), _) => {
                format!("Searching all that the server remembers for {words} …")
            }
            (SearchState::Failed(why), _) => format!("Not searched: {why}"),
            (SearchState::Found { .. }, 0) => format!("Nothing that the server remembers has {words} in it"),
            (SearchState::Found { more: true }, count) => {
                format!("The newest {count} messages with {words}; there are older ones: more words find fewer")
            }
            (SearchState::Found { .. }, 1) => format!("One message with {words}: Enter or a double click goes there"),
            (SearchState::Found { .. }, count) => {
                format!("{count} messages with {words}: Enter or a double click goes there")
            }
        }
    }

    fn enter(&mut self, state: SearchState) {
        self.state = state;
        self.version += 1;
    }

    /// Does the server look for something?
    pub(crate) fn is_sent(&self) -> bool {
        matches!(self.state, SearchState::Sent(_))
    }

    /// Since when the server looks for something.
    pub(crate) fn sent_at(&self) -> Option<Instant> {
        if let SearchState::Sent(since) = self.state { Some(since) } else { None }
    }

    pub(crate) fn is_queued(&self) -> bool {
        self.state == SearchState::Queued
    }

    /// A line of the answer. More than any server should send is not kept.
    pub(crate) fn receive_line(&mut self, at: Option<Stamp>, from: &str, text: &str) {
        if let (Some(at), true) = (at, self.is_sent() && self.hits.len() < PAST_MAX) {
            let from = if from == RESERVED { "Announcement".into() } else { shown_name(from) };
            self.hits.push(Hit { at, from, excerpt: excerpt(&escape(text), &self.words) });
        }
    }

    /// The answer is complete.
    pub(crate) fn on_end(&mut self, more: bool) {
        if self.is_sent() {
            self.enter(SearchState::Found { more });
        }
    }

    /// The server was asked, and is to be asked again.
    pub(crate) fn repeat(&mut self) {
        if self.is_sent() {
            self.hits.clear();
            self.enter(SearchState::Queued);
        }
    }

    /// There will be no answer.
    pub(crate) fn failed(&mut self, why: &str) {
        if self.is_sent() || self.is_queued() {
            self.hits.clear();
            self.enter(SearchState::Failed(why.to_owned()));
        }
    }
}

impl Chat {
    /// Looks for these words in all that the server remembers.
    pub fn search(&mut self, words: &str) {
        let words = draft::sendable(words.trim());
        let problem = if words.is_empty() {
            Some("write what to look for")
        } else if draft::too_long_by(&ClientLine::Find(&words)).is_some() {
            Some("that is too long")
        } else if self.phase() != Phase::Online {
            Some("you are not connected")
        } else {
            None
        };
        if self.search.is_sent() {
            // The answer that is on its way is to other words: first that has to come.
            self.search.next = Some(words);
            return;
        }
        self.search.words = words;
        self.search.hits.clear();
        self.search.enter(SearchState::Queued);
        if let Some(problem) = problem {
            self.search.failed(problem);
        }
    }

    /// What is looked for on the server, and what was found.
    pub fn search_state(&self) -> &Search {
        &self.search
    }

    /// Goes to one of the messages that were found.
    pub fn go_to_hit(&mut self, at: usize) {
        if let Some(hit) = self.search.hits.get(at) {
            self.go_to(hit.at);
        }
    }

    /// Asks the server to look. The connection is free.
    pub(crate) fn send_find(&mut self, now: Instant) -> bool {
        let sent = self.send_query(RequestKind::Find, self.search.words.clone());
        if sent {
            self.search.enter(SearchState::Sent(now));
        }
        sent
    }

    /// The answer to a FIND is complete.
    pub(crate) fn on_find_end(&mut self, more: bool) {
        self.search.on_end(more);
        if let Some(words) = self.search.next.take() {
            self.search(&words);
        }
    }
}

/// A text, from not long before the first of these words on.
fn excerpt(text: &str, words: &str) -> String {
    let at = words.split_whitespace().find_map(|word| first_match(text, word.trim_matches('"'))).unwrap_or(0);
    let start = text[..at].char_indices().rev().nth(LEAD_CHARS).map_or(0, |(start, _)| start);
    let cut: String = text[start..].chars().take(EXCERPT_CHARS).collect();
    if start > 0 { format!("… {}", cut.trim_start()) } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_begins_not_long_before_what_was_looked_for() {
        assert_eq!(excerpt("there is tea", "TEA"), "there is tea");
        let long = format!("{} grüße {}", "x ".repeat(100), "y".repeat(1000));
        let short = excerpt(&long, "nothing \"Grüße");
        assert!(short.starts_with("… x") && short.contains("grüße"), "{short}");
        assert!(short.chars().count() <= EXCERPT_CHARS + 2, "{short}");
        assert_eq!(excerpt(&long, "nothing").chars().count(), EXCERPT_CHARS);
    }
}
