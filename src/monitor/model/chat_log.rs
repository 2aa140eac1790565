//! The conversation in the room as the operator sees it: the newest messages, those that were deleted, and how many came too fast
//! to be shown. It is filled only while its page is visible. Main thread.

use std::collections::HashMap;

use super::list::{Column, List, Listed, Look};
use crate::clock::{Clock, stamp_now};
use crate::monitor::messages::ChatNews;
use crate::monitor::units;
use crate::protocol::escape::escape;
use crate::protocol::{NameKey, RESERVED, Stamp};
use crate::server::{Deletion, StoredMessage};

/// Maximum number of rows; the oldest are dropped.
const ROWS_MAX: usize = 1000;

/// A row of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatRow {
    /// A message.
    Said(StoredMessage),
    /// A message that the operator has deleted.
    Deleted {
        /// Stamp of the message.
        stamp: Stamp,
        /// The sender's name.
        from: String,
    },
    /// Messages that came too fast.
    NotShown {
        /// Stamp of the message below.
        before: Stamp,
        /// Number of the messages.
        count: u64,
    },
}

impl ChatRow {
    fn time(&self, clock: &Clock) -> String {
        match self {
            ChatRow::Said(StoredMessage { stamp, .. }) | ChatRow::Deleted { stamp, .. } => {
                clock.day_and_minute(*stamp, stamp_now())
            }
            ChatRow::NotShown { .. } => String::new(),
        }
    }

    fn from(&self) -> (String, Look) {
        match self {
            ChatRow::Said(message) if message.from == RESERVED => ("Announcement".into(), Look::Plain),
            ChatRow::Said(message) => (escape(&message.from).into_owned(), Look::Plain),
            ChatRow::Deleted { from, .. } => (escape(from).into_owned(), Look::Muted),
            ChatRow::NotShown { .. } => (String::new(), Look::Muted),
        }
    }

    /// Returns what stands in the column of the message, escaped.
    pub fn text(&self) -> String {
        match self {
            ChatRow::Said(message) => escape(&message.text).into_owned(),
            ChatRow::Deleted { .. } => "(deleted)".into(),
            ChatRow::NotShown { count: 1, .. } => "… 1 message not shown".into(),
            ChatRow::NotShown { count, .. } => format!("… {} messages not shown", units::count(*count)),
        }
    }

    /// Returns the sender's name.
    pub fn sender(&self) -> Option<&str> {
        match self {
            ChatRow::Said(StoredMessage { from, .. }) | ChatRow::Deleted { from, .. } => Some(from),
            ChatRow::NotShown { .. } => None,
        }
    }

    /// Returns the message, unless it is deleted.
    pub fn message(&self) -> Option<&StoredMessage> {
        if let ChatRow::Said(message) = self { Some(message) } else { None }
    }
}

impl Listed for ChatRow {
    type Key = (Stamp, bool);

    const COLUMNS: &'static [Column<ChatRow>] = &[
        Column::<Self>::text("Time", (110, 0), |row, clock| (row.time(clock), Look::Muted)),
        Column::<Self>::text("From", (130, 0), |row, _| row.from()),
        Column::<Self>::text("Message", (300, 1), |row, _| {
            (row.text(), if row.message().is_some() { Look::Plain } else { Look::Muted })
        }),
    ];

    const NAME: usize = 1;
    const IS_SORTED: bool = false;
    const FOLLOWS: bool = true;

    fn key(&self) -> (Stamp, bool) {
        match self {
            ChatRow::Said(StoredMessage { stamp, .. }) | ChatRow::Deleted { stamp, .. } => (*stamp, false),
            ChatRow::NotShown { before, .. } => (*before, true),
        }
    }
}

/// The conversation.
#[derive(Debug, Default)]
pub struct ChatLog {
    /// The rows, the newest last.
    pub list: List<ChatRow>,
    /// The server keeps no messages, not even in memory.
    is_unavailable: bool,
    is_shown: bool,
}

impl ChatLog {
    /// Records whether the page is visible. While it is not, nothing is kept.
    pub fn set_shown(&mut self, shown: bool) {
        self.is_shown = shown;
        if !shown {
            self.clear();
        }
    }

    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.is_unavailable = false;
    }

    /// Returns whether there is nothing to show because the server keeps no messages.
    pub fn is_unavailable(&self) -> bool {
        self.is_unavailable
    }

    /// Takes what was said and deleted since the last time.
    pub(super) fn take(&mut self, news: ChatNews) {
        if !self.is_shown {
            return;
        }
        let ChatNews { is_first, deleted, skipped, messages } = news;
        if is_first {
            self.list.clear();
        }
        deleted.iter().for_each(|what| self.forget(what));
        self.is_unavailable = messages.is_none();
        let messages = messages.unwrap_or_default();
        let gap = messages.first().filter(|_| skipped > 0);
        let gap = gap.map(|first| ChatRow::NotShown { before: first.stamp, count: skipped });
        if !messages.is_empty() {
            self.list.append(gap.into_iter().chain(messages.into_iter().map(ChatRow::Said)), ROWS_MAX);
        }
    }

    /// Takes the texts of deleted messages out of the rows.
    fn forget(&mut self, what: &Deletion) {
        let key = if let Deletion::AllOf(name) = what { Some(NameKey::of(name)) } else { None };
        // Each name is compared once, since a comparison is expensive.
        let mut compared = HashMap::new();
        self.list.change(|row| {
            let ChatRow::Said(message) = row else { return };
            let is_deleted = match (what, &key) {
                (Deletion::One(stamp), _) => message.stamp == *stamp,
                (_, Some(key)) => *compared
                    .entry(message.from.clone())
                    .or_insert_with(|| NameKey::of(&message.from).clashes_with(key)),
                (Deletion::AllOf(_), None) => false,
            };
            if is_deleted {
                *row = ChatRow::Deleted { stamp: message.stamp, from: std::mem::take(&mut message.from) };
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(stamp: Stamp, from: &str, text: &str) -> StoredMessage {
        StoredMessage { stamp, from: from.into(), text: text.into() }
    }

    fn news(messages: Vec<StoredMessage>) -> ChatNews {
        ChatNews { messages: Some(messages), ..ChatNews::default() }
    }

    fn shown() -> ChatLog {
        let mut log = ChatLog::default();
        log.set_shown(true);
        log
    }

    fn texts(log: &ChatLog) -> Vec<String> {
        log.list.iter().map(|row| format!("{} {}", row.from().0, row.text())).collect()
    }

    #[test]
    fn what_is_said_is_appended_and_the_oldest_rows_are_dropped_with_their_numbers() {
        let mut log = shown();
        log.take(news(vec![said(1, "ann", "one"), said(2, RESERVED, "two\u{202e}")]));
        assert_eq!(texts(&log), ["ann one", "Announcement two<U+202E>"]);
        log.list.mark(1);
        log.take(news((3..1000).map(|at| said(at, "ben", "x")).collect()));
        assert_eq!((log.list.len(), log.list.first()), (999, 0));
        log.take(ChatNews { skipped: 7, ..news(vec![said(2000, "ben", "last")]) });
        assert_eq!((log.list.len(), log.list.first()), (1000, 1));
        assert_eq!(log.list.ends(), Some((0, 0)), "the mark stays with its message");
        assert_eq!(texts(&log)[998..], [" … 7 messages not shown", "ben last"]);
    }

    #[test]
    fn deleted_messages_lose_their_texts_and_later_ones_of_that_name_are_there() {
        let mut log = shown();
        log.take(news(vec![said(1, "ann", "one"), said(2, "ben", "two"), said(3, "ANN", "three")]));
        log.list.mark(0);
        log.take(ChatNews { deleted: vec![Deletion::One(2)], ..news(Vec::new()) });
        assert_eq!(texts(&log), ["ann one", "ben (deleted)", "ANN three"]);
        let deleted = vec![Deletion::AllOf("ann".into())];
        log.take(ChatNews { deleted, ..news(vec![said(4, "ann", "four")]) });
        assert_eq!(texts(&log), ["ann (deleted)", "ben (deleted)", "ANN (deleted)", "ann four"]);
        assert!(log.list.marked().is_some_and(|row| row.message().is_none()), "the mark stays where it was");
    }

    #[test]
    fn the_first_news_replace_what_there_was_and_a_hidden_page_takes_none() {
        let mut log = shown();
        log.take(news(vec![said(5, "ann", "five")]));
        log.take(ChatNews { is_first: true, ..news(vec![said(4, "ann", "four"), said(5, "ann", "five")]) });
        assert_eq!(texts(&log), ["ann four", "ann five"]);
        log.set_shown(false);
        log.take(news(vec![said(6, "ann", "six")]));
        assert!(log.list.is_empty());
        let mut log = shown();
        log.take(ChatNews::default());
        assert!(log.is_unavailable());
    }
}
