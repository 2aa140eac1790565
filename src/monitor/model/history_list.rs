//! What was said before, as the operator looks at it: how much is kept, and the newest messages, or those with some
//! words.
//!
//! It is asked for when the operator looks, and not again and again: the rows must not move while somebody chooses one.

use super::units;
use crate::protocol::escape::escape;
use crate::server::{HistorySummary, StoredMessage};

/// How many messages are listed at most.
pub(crate) const LISTED: usize = 200;

/// What the operator sees of what was said before.
#[derive(Debug, Default)]
pub struct Past {
    /// What is kept, or why that cannot be said. `None`: nobody has looked yet.
    archive: Option<Result<HistorySummary, String>>,
    /// Looks that were asked for and have not come: only the last one counts.
    asked: usize,
}

impl Past {
    /// How much is kept, where, and for how long; or why that cannot be said.
    pub fn summary(&self) -> String {
        match &self.archive {
            None => String::new(),
            Some(Err(why)) => escape(why).into_owned(),
            Some(Ok(archive)) => {
                let messages = units::count(archive.messages);
                let messages = if archive.messages == 1 { "1 message".into() } else { format!("{messages} messages") };
                let keep = match archive.keep.map(|keep| keep.as_secs() / 86_400) {
                    None => "for good".to_owned(),
                    Some(1) => "for a day".to_owned(),
                    Some(days) => format!("for {days} days"),
                };
                let file = archive.file.to_string_lossy();
                format!("{messages}, {}, kept {keep} in {}", units::bytes(archive.bytes), escape(&file))
            }
        }
    }

    /// How many messages are listed.
    pub fn rows(&self) -> usize {
        self.listed().len()
    }

    /// The message in a row.
    pub fn message(&self, row: usize) -> Option<&StoredMessage> {
        self.listed().get(row)
    }

    /// Somebody looks.
    pub fn ask(&mut self) {
        self.asked += 1;
    }

    /// What was seen. `true`: it is what was asked for last.
    pub(super) fn set(&mut self, archive: &Result<HistorySummary, String>) -> bool {
        self.asked = self.asked.saturating_sub(1);
        if self.asked == 0 {
            self.archive = Some(archive.clone());
        }
        self.asked == 0
    }

    fn listed(&self) -> &[StoredMessage] {
        match &self.archive {
            Some(Ok(archive)) => &archive.shown,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn how_much_is_kept_and_how_long_is_said_in_one_line() {
        let mut past = Past::default();
        assert_eq!((past.summary(), past.rows()), (String::new(), 0));
        let kept = StoredMessage { stamp: 7, from: "ann".into(), text: "hello".into() };
        let file = "/data/history.db".into();
        let mut archive = HistorySummary { file, keep: None, messages: 12_345, bytes: 3 << 20, shown: vec![kept] };
        past.set(&Ok(archive.clone()));
        assert_eq!(past.summary(), "12,345 messages, 3.0 MiB, kept for good in /data/history.db");
        assert_eq!(past.message(0).map(|kept| kept.text.as_str()), Some("hello"));
        assert_eq!(past.message(1), None);
        (archive.messages, archive.keep) = (1, Some(Duration::from_hours(24 * 30)));
        past.set(&Ok(archive));
        assert_eq!(past.summary(), "1 message, 3.0 MiB, kept for 30 days in /data/history.db");
        past.set(&Err("it cannot be read".into()));
        assert_eq!((past.summary(), past.rows()), ("it cannot be read".into(), 0));
    }

    #[test]
    fn of_what_was_asked_for_in_haste_only_the_last_is_shown() {
        let mut past = Past::default();
        past.ask();
        past.ask();
        assert!(!past.set(&Err("old".into())));
        assert!(past.set(&Err("new".into())));
        assert_eq!(past.summary(), "new");
    }
}
