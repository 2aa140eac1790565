//! A talk: one conversation with what belongs to it, be it with the whole room or with one person alone.
//!
//! The room's talk and the private ones are the same thing, so that everything that can be done in one can be done in the
//! others, with the same code. Runs on the UI thread.

use super::draft::Returned;
use super::message_log::MessageLog;

/// A conversation, and what of ours did not get into it.
#[derive(Debug, Default)]
pub struct Conversation {
    pub(crate) log: MessageLog,
    pub(crate) returned: Returned,
    /// Something about what the user has just tried here.
    pub(crate) remark: Option<String>,
    /// Messages that nobody has looked at. Only counted in private: of the room, everybody sees something.
    pub(crate) unread: u64,
}

impl Conversation {
    /// A talk with one person alone.
    pub(crate) fn private() -> Conversation {
        Conversation { log: MessageLog::private(), ..Conversation::default() }
    }

    /// Ends it, and begins another in its place. Positions go on, so that a view that follows it sees nothing of the old one.
    pub(crate) fn reset(&mut self) {
        self.log.clear();
        let log = std::mem::take(&mut self.log);
        *self = Conversation { log, ..Conversation::default() };
    }

    /// What was said.
    pub fn log(&self) -> &MessageLog {
        &self.log
    }

    /// How many messages have come that nobody has looked at.
    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// Why what the user has just tried here was not done.
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// Is there a message that was not sent, and waits for an empty entry?
    pub fn has_returned(&self) -> bool {
        !self.returned.is_empty()
    }
}
