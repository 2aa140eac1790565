//! The history as the operator sees it: its size, and the newest messages or the result of a search.
//!
//! It is requested when the operator opens the page or searches. While the page is visible, the server worker lists it again after
//! a change; the marked row keeps its place then. Main thread.

use super::list::{Column, List, Listed, Look};
use crate::monitor::units;
use crate::protocol::escape::escape;
use crate::protocol::{Stamp, Username};
use crate::server::{HistorySummary, SENDER, StoredMessage};

impl Listed for StoredMessage {
    type Key = Stamp;

    const COLUMNS: &'static [Column<StoredMessage>] = &[
        Column::<Self>::text("Time", (160, 0), |message, clock| (clock.in_full(message.stamp), Look::Muted))
            .sorted(|one, other| one.stamp.cmp(&other.stamp)),
        Column::<Self>::text("From", (140, 1), |message, _| (escape(&message.from).into_owned(), Look::Plain))
            .sorted(|one, other| one.from.to_lowercase().cmp(&other.from.to_lowercase())),
        Column::<Self>::text("Message", (300, 5), |message, _| (escape(&message.text).into_owned(), Look::Plain))
            .sorted(|one, other| one.text.to_lowercase().cmp(&other.text.to_lowercase())),
    ];

    const NAME: usize = 1;

    fn key(&self) -> Stamp {
        self.stamp
    }
}

/// The last summary that arrived, and the number of those still to come.
#[derive(Debug, Default)]
pub struct HistoryList {
    /// The summary, or why the history cannot be read. `None` before the first request.
    summary: Option<Result<HistorySummary, String>>,
    /// Number of requests that have not been answered. Only the answer to the last one is shown.
    requested: usize,
    /// The listed messages.
    pub list: List<StoredMessage>,
}

impl HistoryList {
    /// Returns a line about the number and size of the messages, the time for which they are kept, and the file; or why the
    /// history cannot be read.
    pub fn summary(&self) -> String {
        match &self.summary {
            None => String::new(),
            Some(Err(why)) => escape(why).into_owned(),
            Some(Ok(history)) => {
                let messages = units::count(history.messages);
                let messages = if history.messages == 1 { "1 message".into() } else { format!("{messages} messages") };
                let keep = match history.keep.map(|keep| keep.as_secs() / 86_400) {
                    None => "permanently".to_owned(),
                    Some(1) => "for 1 day".to_owned(),
                    Some(days) => format!("for {days} days"),
                };
                let file = history.file.to_string_lossy();
                format!("{messages}, {}, kept {keep} in {}", units::bytes(history.bytes), escape(&file))
            }
        }
    }

    /// Returns the text of an empty list: what it will show, or that the search found nothing.
    pub fn hint(&self) -> &'static str {
        match &self.summary {
            Some(Ok(history)) if history.messages == 0 => "No messages yet. What people say is listed here",
            Some(Ok(_)) => "No message has these words",
            _ => "",
        }
    }

    /// Counts a request that the window sends to the server worker.
    pub fn on_request(&mut self) {
        self.requested += 1;
    }

    /// Takes the messages of the same request again, unless another request waits for its answer.
    pub(super) fn refresh(&mut self, summary: &HistorySummary) {
        if self.requested == 0 {
            self.list.set_in_place(summary.shown.clone());
            self.summary = Some(Ok(summary.clone()));
        }
    }

    /// Takes an answer. Returns true if it answers the last request; earlier answers are ignored.
    pub(super) fn set(&mut self, summary: &Result<HistorySummary, String>) -> bool {
        self.requested = self.requested.saturating_sub(1);
        if self.requested == 0 {
            self.summary = Some(summary.clone());
            self.list.clear();
            self.list.set(summary.as_ref().map(|history| history.shown.clone()).unwrap_or_default());
        }
        self.requested == 0
    }
}

/// Returns the words of a search for everything that was said under these names.
pub fn said_by(names: &[Username]) -> String {
    names.iter().map(|name| format!("{SENDER}{name}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_summary_has_the_number_the_size_the_time_and_the_file_in_one_line() {
        let mut list = HistoryList::default();
        assert_eq!((list.summary(), list.list.len()), (String::new(), 0));
        let kept = StoredMessage { stamp: 7, from: "ann".into(), text: "hello".into() };
        let file = "/data/history.db".into();
        let mut summary = HistorySummary { file, keep: None, messages: 12_345, bytes: 3 << 20, shown: vec![kept] };
        list.set(&Ok(summary.clone()));
        assert_eq!(list.summary(), "12,345 messages, 3.0 MiB, kept permanently in /data/history.db");
        assert_eq!(list.list.iter().map(|kept| kept.text.as_str()).collect::<Vec<_>>(), ["hello"]);
        (summary.messages, summary.keep) = (1, Some(Duration::from_hours(24 * 30)));
        list.set(&Ok(summary));
        assert_eq!(list.summary(), "1 message, 3.0 MiB, kept for 30 days in /data/history.db");
        list.set(&Err("it cannot be read".into()));
        assert_eq!((list.summary(), list.list.len(), list.hint()), ("it cannot be read".into(), 0, ""));
    }

    #[test]
    fn an_empty_list_says_whether_nothing_is_kept_or_nothing_was_found() {
        let mut list = HistoryList::default();
        list.set(&Ok(HistorySummary::default()));
        assert!(list.hint().starts_with("No messages yet"), "{}", list.hint());
        list.set(&Ok(HistorySummary { messages: 3, ..HistorySummary::default() }));
        assert_eq!(list.hint(), "No message has these words");
    }

    #[test]
    fn of_several_hasty_requests_only_the_last_answer_is_shown() {
        let mut list = HistoryList::default();
        list.on_request();
        list.on_request();
        assert!(!list.set(&Err("old".into())));
        assert!(list.set(&Err("new".into())));
        assert_eq!(list.summary(), "new");
    }

    #[test]
    fn a_list_that_is_refreshed_keeps_the_marked_row_in_its_place() {
        let kept = |stamps: &[Stamp]| HistorySummary {
            shown: stamps
                .iter()
                .map(|at| StoredMessage { stamp: *at, from: "ann".into(), text: String::new() })
                .collect(),
            ..HistorySummary::default()
        };
        let stamps = |list: &HistoryList| list.list.iter().map(|kept| kept.stamp).collect::<Vec<_>>();
        // The row of the mark in the window: it counts what is gone above.
        let place = |list: &HistoryList| list.list.ends().map(|(_, row)| list.list.first() + row as u64);
        let mut list = HistoryList::default();
        list.set(&Ok(kept(&[1, 2, 3, 4])));
        list.list.mark(2);
        list.refresh(&kept(&[2, 3, 4, 5]));
        assert_eq!((place(&list), list.list.marked().map(|kept| kept.stamp)), (Some(2), Some(3)));
        list.refresh(&kept(&[3, 4, 5, 6]));
        assert_eq!((place(&list), list.list.marked().map(|kept| kept.stamp)), (Some(2), Some(3)));
        // It is deleted: the next one is marked.
        list.refresh(&kept(&[4, 5, 6]));
        assert_eq!((stamps(&list), list.list.marked().map(|kept| kept.stamp)), (vec![4, 5, 6], Some(4)));
        list.on_request();
        list.refresh(&kept(&[7]));
        assert_eq!(stamps(&list), [4, 5, 6], "an answer to another request is on its way");
        let mut list = HistoryList::default();
        list.set(&Ok(kept(&[1, 2, 3])));
        list.refresh(&kept(&[2, 3, 4]));
        assert_eq!((list.list.first(), list.list.marked()), (1, None), "without a mark, what is there keeps its place");
    }
}
