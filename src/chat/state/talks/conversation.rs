//! A conversation: a log with its unsent texts, be it with the whole room or with one person. Runs on the UI thread.
//!
//! The room and private conversations share one type, so both have the same functions.

use std::time::{Duration, Instant};

use super::message_log::MessageLog;
use super::returned::Returned;
use crate::mood::Mood;

/// Time for which the outcome of an action is shown.
const OUTCOME_DURATION: Duration = Duration::from_secs(15);

/// A remark about the user's last action.
#[derive(Debug)]
struct Remark {
    words: String,
    /// The action has succeeded.
    is_good: bool,
    /// It stays until the next action, because a text came back with it.
    lasts: bool,
    /// The first tick that has seen it.
    since: Option<Instant>,
}

/// A log, with the user's texts that did not get into it.
#[derive(Debug, Default)]
pub struct Conversation {
    /// The messages.
    pub log: MessageLog,
    /// Texts that were not sent.
    pub returned: Returned,
    /// A remark about the user's last action here.
    remark: Option<Remark>,
    /// The text of the entry that was not sent, and why. It goes with that text.
    refusal: Option<(String, String)>,
    /// Number of unread messages. Counted only in private: the room has no such counter.
    pub unread: u64,
}

impl Conversation {
    /// Returns an empty private conversation.
    pub(crate) fn private() -> Conversation {
        Conversation { log: MessageLog::private(), ..Conversation::default() }
    }

    /// Returns what the user's last action here has come to.
    pub fn remark(&self) -> Option<&str> {
        let refusal = self.refusal.as_ref().map(|(_, why)| why.as_str());
        refusal.or(self.outcome())
    }

    /// Returns the outcome of the user's last action that is about no text of the entry.
    pub(crate) fn outcome(&self) -> Option<&str> {
        self.remark.as_ref().map(|remark| remark.words.as_str())
    }

    /// Shows a remark in place of any other, for [`OUTCOME_DURATION`].
    pub(crate) fn set_remark(&mut self, remark: Option<String>) {
        self.remark = remark.map(|words| Remark { words, is_good: false, lasts: false, since: None });
        self.refusal = None;
    }

    /// Shows what an action has come to that has succeeded, likewise.
    pub(crate) fn set_success(&mut self, words: String) {
        self.remark = Some(Remark { words, is_good: true, lasts: false, since: None });
        self.refusal = None;
    }

    /// Returns the level of the remark.
    pub fn remark_mood(&self) -> Mood {
        let is_good = self.refusal.is_none() && self.remark.as_ref().is_some_and(|remark| remark.is_good);
        if is_good { Mood::Good } else { Mood::Warn }
    }

    /// Shows until the next action why a text came back.
    pub(crate) fn set_lasting_remark(&mut self, words: String) {
        (self.remark, self.refusal) = (Some(Remark { words, is_good: false, lasts: true, since: None }), None);
    }

    /// Drops a remark that was shown long enough. Returns whether there was one.
    pub(crate) fn expire_remark(&mut self, now: Instant) -> bool {
        let is_over = |remark: &mut Remark| {
            let since = *remark.since.get_or_insert(now);
            !remark.lasts && now.saturating_duration_since(since) >= OUTCOME_DURATION
        };
        self.remark.take_if(is_over).is_some()
    }

    /// Shows why this text of the entry was not sent, as long as it stands there.
    pub(crate) fn refuse(&mut self, text: &str, why: String) {
        self.refusal = Some((text.to_owned(), why));
    }

    /// Drops the reason why a text was not sent, unless it still stands in the entry. Returns whether there was one.
    pub(crate) fn entry_changed(&mut self, text: &str) -> bool {
        self.refusal.take_if(|(refused, _)| refused != text).is_some()
    }

    /// Drops a remark, once its cause is gone.
    pub(crate) fn forget_remark(&mut self, remark: &str) {
        self.remark.take_if(|told| told.words == remark);
        self.refusal.take_if(|(_, why)| why == remark);
    }

    /// Returns whether a returned message waits to be recalled.
    pub fn has_returned(&self) -> bool {
        !self.returned.is_empty()
    }
}
