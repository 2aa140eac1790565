//! A conversation: a log with its unsent texts, be it with the whole room or with one person. Runs on the UI thread.
//!
//! The room and private conversations share one type, so both have the same functions.

use super::draft::Returned;
use super::message_log::MessageLog;

/// A log, with the user's texts that did not get into it.
#[derive(Debug, Default)]
pub struct Conversation {
    pub(crate) log: MessageLog,
    pub(crate) returned: Returned,
    /// A remark about the user's last action here.
    pub(crate) remark: Option<String>,
    /// Number of unread messages. Counted only in private: the room has no such counter.
    pub(crate) unread: u64,
}

impl Conversation {
    /// Returns an empty private conversation.
    pub(crate) fn private() -> Conversation {
        Conversation { log: MessageLog::private(), ..Conversation::default() }
    }

    /// Clears the conversation for reuse. Positions go on, so that a view that follows the log shows no old entry.
    pub(crate) fn reset(&mut self) {
        self.log.clear();
        let log = std::mem::take(&mut self.log);
        *self = Conversation { log, ..Conversation::default() };
    }

    /// Returns what was said.
    pub fn log(&self) -> &MessageLog {
        &self.log
    }

    /// Returns the number of unread messages.
    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// Returns the reason why the user's last action here failed.
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// Returns whether a returned message waits for an empty entry.
    pub fn has_returned(&self) -> bool {
        !self.returned.is_empty()
    }
}
