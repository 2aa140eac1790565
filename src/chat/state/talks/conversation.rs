//! A conversation: a log with its unsent texts, be it with the whole room or with one person. Runs on the UI thread.
//!
//! The room and private conversations share one type, so both have the same functions.

use super::message_log::MessageLog;
use super::returned::Returned;

/// A log, with the user's texts that did not get into it.
#[derive(Debug, Default)]
pub struct Conversation {
    /// The messages.
    pub log: MessageLog,
    /// Texts that were not sent.
    pub returned: Returned,
    /// A remark about the user's last action here.
    remark: Option<String>,
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

    /// Returns the reason why the user's last action here failed.
    pub fn remark(&self) -> Option<&str> {
        self.refusal.as_ref().map(|(_, why)| why).or(self.remark.as_ref()).map(String::as_str)
    }

    /// Returns the outcome of the user's last action that is about no text of the entry.
    pub(crate) fn outcome(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// Shows a remark in place of any other.
    pub(crate) fn set_remark(&mut self, remark: Option<String>) {
        (self.remark, self.refusal) = (remark, None);
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
        self.remark.take_if(|told| told == remark);
        self.refusal.take_if(|(_, why)| why == remark);
    }

    /// Returns whether a returned message waits for an empty entry.
    pub fn has_returned(&self) -> bool {
        !self.returned.is_empty()
    }
}
