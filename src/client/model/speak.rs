//! What we say: at once if nothing stands in the way, later if the server asks for patience, and never out of order.
//! Runs on the UI thread.

use std::time::Instant;

use super::session::{Phase, Session};
use super::{Chat, PENDING_MAX, draft};
use crate::client::NotSent;
use crate::clock::stamp_now;
use crate::protocol::ClientLine;

impl Chat {
    /// How many bytes a message with this text has left up to the limit.
    pub fn bytes_left(&self, text: &str) -> isize {
        draft::bytes_left(&ClientLine::Msg { username: self.my_name(), text })
    }

    /// Says something to all. When this returns false, the text stays with the user and the status says why.
    pub fn say(&mut self, text: &str) -> bool {
        let said = self.try_say(text);
        if said.is_ok() {
            self.unsent.entry_was_sent();
        }
        self.remark = said.err();
        self.remark.is_none()
    }

    /// Says several lines, each as a message of its own. When this returns false, none was said and the status says why.
    pub fn say_all(&mut self, lines: &[String]) -> bool {
        let room = self.conversation.room();
        let username = self.my_name();
        let too_long = lines.iter().any(|text| draft::too_long_by(&ClientLine::Msg { username, text }).is_some());
        self.remark = if self.phase() != Phase::Online {
            Some("Not sent, since you are not connected".into())
        } else if too_long {
            Some("Not sent, since one of the lines is too long".into())
        } else if lines.len() > room {
            Some(format!("Not sent, since only {room} messages can wait at once"))
        } else {
            None
        };
        if self.remark.is_some() {
            return false;
        }
        // They are sent one by one, each when the one before it has its answer: a burst would only be told to slow down.
        for line in lines {
            self.conversation.wait(draft::sendable(line), stamp_now());
        }
        true
    }

    fn try_say(&mut self, text: &str) -> Result<(), String> {
        let Some(session) = self.session.as_ref().filter(|session| session.phase == Phase::Online) else {
            return Err("Not sent, since you are not connected: the text stays here".into());
        };
        let text = draft::sendable(text);
        let line = ClientLine::Msg { username: session.me.as_str(), text: &text };
        if let Some(over) = draft::too_long_by(&line) {
            let bytes = if over == 1 { "byte" } else { "bytes" };
            return Err(format!("Not sent, since it is {over} {bytes} too long: shorten it, or send it in parts"));
        }
        if self.conversation.room() == 0 {
            return Err(format!("Not sent, since the server has not answered the last {PENDING_MAX} messages"));
        }
        if self.conversation.waiting() > 0 {
            // Behind those that wait already, so that they arrive in the order in which they were written.
            self.conversation.wait(text, stamp_now());
            return Ok(());
        }
        match session.send(&text) {
            Ok(()) => {
                self.conversation.sent(text, stamp_now());
                Ok(())
            }
            Err(NotSent::Busy) => Err("Not sent, since the server is slow to take it: try again in a moment".into()),
            Err(NotSent::Ended) => Err("Not sent, since the connection has ended: the text stays here".into()),
        }
    }

    /// Sends what waits, one at a time: each answer shows whether the next may be sent.
    pub(super) fn speak_if_allowed(&mut self, now: Instant) -> bool {
        let Some(session) = self.session.as_ref().filter(|session| session.phase == Phase::Online) else {
            return false;
        };
        if self.speak_again.is_some_and(|time| now < time) || self.conversation.unanswered() > 0 {
            return false;
        }
        let Some(text) = self.conversation.next_waiting() else { return false };
        // If the writer is busy, there will be another tick.
        let sent = session.send(text).is_ok();
        if sent {
            self.conversation.sent_next();
        }
        sent
    }
}

impl Session {
    /// Sends a message.
    fn send(&self, text: &str) -> Result<(), NotSent> {
        self.connection.send(&ClientLine::Msg { username: self.me.as_str(), text })
    }
}
