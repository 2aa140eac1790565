//! Search of the server's history: the server finds messages to all, and the client lists them. Runs on the UI
//! thread.
//!
//! The query is sent when the connection is free, as those of backfill are (see `backfill.rs`), and one at a time: only the
//! end of an answer has the label of its query, the lines before it do not. A query that waits is replaced by a newer one.

use std::collections::BTreeSet;

use crate::chat::render::find::first_match;
use crate::chat::state::deleted::DELETED;
use crate::chat::state::outgoing::draft;
use crate::chat::state::talks::message_log::shown_name;
use crate::protocol::escape::escape;
use crate::protocol::{ClientLine, PAST_MAX, RESERVED, Stamp};

/// Maximum number of characters before the first matching word in an excerpt.
const LEAD_CHARS: usize = 24;

/// Maximum number of characters in an excerpt. More do not fit into a row.
const EXCERPT_CHARS: usize = 240;

/// A message that was found. All texts are escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Stamp of the message, which identifies it.
    pub at: Stamp,
    /// Name of the sender.
    pub from: String,
    /// One line of the text, which begins shortly before the match.
    pub excerpt: String,
}

/// The search, and its results.
#[derive(Debug, Default)]
pub struct Search {
    /// The words of the query.
    pub words: String,
    /// The query to send once the current one is answered.
    next: Option<String>,
    state: SearchState,
    /// The messages found, oldest first.
    pub hits: Vec<Hit>,
    /// Number of messages found whose senders are ignored.
    hidden: usize,
    /// Changes whenever the results must be redrawn.
    pub version: u64,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum SearchState {
    /// No search.
    #[default]
    Idle,
    /// Waiting for the connection to be free.
    Queued,
    /// Sent to the server.
    Sent,
    /// Answered. `more`: the server has older matches.
    Found { more: bool },
    /// Failed, for this reason.
    Failed(String),
}

impl Search {
    /// Returns whether the search has ended.
    pub fn is_over(&self) -> bool {
        matches!(self.state, SearchState::Found { .. } | SearchState::Failed(_))
    }

    /// Returns the state of the search as a text.
    pub fn in_words(&self) -> String {
        let words = escape(&self.words);
        let SearchState::Found { more } = self.state else {
            return match &self.state {
                SearchState::Queued | SearchState::Sent => format!("Searching all messages for {words} …"),
                SearchState::Failed(why) => format!("Not searched: {why}"),
                SearchState::Idle | SearchState::Found { .. } => String::new(),
            };
        };
        let hidden = match self.hidden {
            0 => String::new(),
            1 => "; 1 of people you ignore is not listed".into(),
            hidden => format!("; {hidden} of people you ignore are not listed"),
        };
        match self.hits.len() {
            0 => format!("No messages contain {words}{hidden}"),
            count if more => format!("Showing the newest {count}. Add words to narrow it down{hidden}"),
            1 => format!("1 message with {words}: Enter or a double click shows it{hidden}"),
            count => format!("{count} messages with {words}: Enter or a double click shows one{hidden}"),
        }
    }

    fn enter(&mut self, state: SearchState) {
        self.state = state;
        self.version += 1;
    }

    /// Returns whether the query is in flight.
    pub(crate) fn is_sent(&self) -> bool {
        self.state == SearchState::Sent
    }

    /// Adds a line of the answer. Lines beyond [`PAST_MAX`] are dropped.
    pub(crate) fn receive_line(&mut self, at: Option<Stamp>, from: &str, text: &str) {
        if let (Some(at), true) = (at, self.is_sent() && self.hits.len() < PAST_MAX) {
            let from = if from == RESERVED { "Announcement".into() } else { shown_name(from) };
            self.hits.push(Hit { at, from, excerpt: excerpt(&escape(text), &self.words) });
        }
    }

    /// Counts a line of the answer whose sender is ignored.
    pub(crate) fn receive_hidden(&mut self) {
        self.hidden += usize::from(self.is_sent());
    }

    /// Removes the messages of a person from the results.
    pub(crate) fn hide(&mut self, is_hidden: impl Fn(&str) -> bool) {
        let before = self.hits.len();
        self.hits.retain(|hit| !is_hidden(&hit.from));
        self.hidden += before - self.hits.len();
        self.version += 1;
    }

    /// Takes the texts of deleted messages out of the results.
    pub(super) fn forget_deleted(&mut self, deleted: &BTreeSet<Stamp>) {
        for hit in self.hits.iter_mut().filter(|hit| deleted.contains(&hit.at)) {
            DELETED.clone_into(&mut hit.excerpt);
            self.version += 1;
        }
    }

    fn clear(&mut self) {
        self.hits.clear();
        self.hidden = 0;
    }

    /// Queues the query again, or the newer one, after the server has refused it for now.
    pub(crate) fn repeat(&mut self) {
        if self.is_sent() {
            self.clear();
            self.enter(SearchState::Queued);
            self.start_next(true);
        }
    }

    /// Ends the search with a reason, and drops a newer query that waits.
    pub(crate) fn failed(&mut self, why: &str) {
        self.next = None;
        if self.is_sent() || self.state == SearchState::Queued {
            self.clear();
            self.enter(SearchState::Failed(why.to_owned()));
        }
    }

    /// Starts a search for words in the server's history.
    pub(crate) fn start(&mut self, words: &str, is_online: bool) {
        let words = draft::sendable(words.trim());
        if self.is_sent() {
            // The answer on its way belongs to the words before, so the new query waits for it.
            self.next = Some(words);
            return;
        }
        self.words = words;
        self.clear();
        self.enter(SearchState::Queued);
        if self.words.is_empty() {
            self.failed("enter the words to search for");
        } else if draft::bytes_left(&ClientLine::Find(&self.words)) < 0 {
            self.failed("the words are too long");
        } else if !is_online {
            self.failed("you are not connected");
        }
    }

    /// Returns the words of a query that is to be sent now.
    pub(super) fn send(&mut self) -> Option<String> {
        (self.state == SearchState::Queued).then(|| {
            self.enter(SearchState::Sent);
            self.words.clone()
        })
    }

    /// Handles the end of the answer to `FIND`.
    pub(crate) fn on_end(&mut self, more: bool, is_online: bool) {
        if self.is_sent() {
            self.enter(SearchState::Found { more });
        }
        self.start_next(is_online);
    }

    /// Handles the end of the answer to an earlier `FIND`, for which this client no longer waited. What has come so far
    /// belongs to that one, because a server answers in the order in which it is asked.
    pub(crate) fn on_late_end(&mut self) {
        self.clear();
        self.version += 1;
    }

    /// Handles an answer that refuses the query.
    pub(crate) fn on_refused(&mut self, why: &str, is_online: bool) {
        let next = self.next.take();
        self.failed(why);
        self.next = next;
        self.start_next(is_online);
    }

    fn start_next(&mut self, is_online: bool) {
        if let Some(words) = self.next.take() {
            self.start(&words, is_online);
        }
    }
}

/// Returns a part of the text that begins shortly before the first match of one of the words.
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
