//! Sending of the user's messages: at once if nothing stands in the way, later if the server asks for a pause.
//!
//! Lines are sent in the order in which they were written, and while one waits to be sent again after a `SLOW_DOWN`,
//! no newer one overtakes it. One case remains: two messages typed in quick succession are both on their way before
//! the first has its answer, and the server may refuse the first for coming too soon and accept the second a moment
//! later. The first then arrives after the second. Ruling that out would make each message wait for the answer to the
//! one before it, as the lines of [`send_all`](Chat::send_all) do; a user who types should not have to wait for the
//! network.
//!
//! Runs on the UI thread.

use std::time::Instant;

use super::message_log::{Kind, shown_name};
use super::queue::PENDING_MAX;
use super::queue::{Pending, Refusal, RequestKind};
use super::session::{Phase, Session};
use super::whom::Whom;
use super::{Chat, draft};
use crate::client::NotSent;
use crate::protocol::escape::escape;
use crate::protocol::{ClientLine, ErrorCode};

impl Chat {
    /// Sends a message. Returns false if the text stays with the user; the conversation's remark then says why.
    pub fn send(&mut self, whom: &Whom, text: &str) -> bool {
        let said = self.try_say(whom, text);
        self.entry_was_handled(whom, text, said)
    }

    /// Records whether the text of an entry was sent or carried out. Returns whether it was.
    pub(crate) fn entry_was_handled(&mut self, whom: &Whom, text: &str, done: Result<(), String>) -> bool {
        let Some(conversation) = self.conversation_mut(whom) else { return false };
        let is_done = done.is_ok();
        if let Err(why) = done {
            conversation.refuse(text, why);
        } else {
            conversation.set_remark(None);
            conversation.returned.entry_was_sent();
        }
        is_done
    }

    /// Queues several lines, each as a message of its own. Returns false if none was queued; the remark then says
    /// why.
    pub fn send_all(&mut self, whom: &Whom, lines: &[String]) -> bool {
        let room = self.queue.room();
        let too_long = lines.iter().any(|line| self.too_long_by(whom, line).is_some());
        let problem = if let Err(why) = self.can_send_to(whom) {
            Some(why)
        } else if too_long {
            Some("Not sent, since one of the lines is too long".into())
        } else if lines.len() > room {
            Some(format!("Not sent, since only {room} messages can wait at once"))
        } else {
            None
        };
        let Some(conversation) = self.conversation_mut(whom) else { return false };
        if let Some(problem) = problem {
            conversation.refuse(&lines.join("\n"), problem);
            return false;
        }
        conversation.set_remark(None);
        // Each line is sent when the one before it has its answer: the server would refuse a burst with SLOW_DOWN.
        for line in lines {
            self.queue.push(RequestKind::Say(whom.clone()), draft::sendable(line), self.stamp());
        }
        true
    }

    pub(crate) fn try_say(&mut self, whom: &Whom, text: &str) -> Result<(), String> {
        self.can_send_to(whom)?;
        let text = draft::sendable(text);
        if let Some(over) = self.too_long_by(whom, &text) {
            let bytes = if over == 1 { "byte" } else { "bytes" };
            return Err(format!("Not sent, since it is {over} {bytes} too long: shorten it, or send it in parts"));
        }
        if self.queue.room() == 0 {
            return Err(queue_is_full());
        }
        self.queue.push(RequestKind::Say(whom.clone()), text, self.stamp());
        match self.send_unless_queued() {
            Ok(()) => Ok(()),
            Err(why) => {
                self.queue.take_newest();
                Err(match why {
                    NotSent::Busy => "Not sent, since the server is slow to take it: try again in a moment".into(),
                    NotSent::Ended => "Not sent, since the connection has ended: the text stays here".into(),
                    NotSent::NotALine => "Not sent, since it is no line: the text stays here".into(),
                })
            }
        }
    }

    /// Returns by how many bytes a text is too long for a conversation; `None` if it fits.
    pub fn too_long_by(&self, whom: &Whom, text: &str) -> Option<usize> {
        draft::too_long_by(&self.line_to(whom, text))
    }

    /// Returns how many bytes a text has left in a conversation. Negative if it is too long.
    pub fn bytes_left(&self, whom: &Whom, text: &str) -> isize {
        draft::bytes_left(&self.line_to(whom, text))
    }

    fn line_to<'a>(&'a self, whom: &'a Whom, text: &'a str) -> ClientLine<'a> {
        match whom {
            Whom::All => ClientLine::Msg { username: self.requested_name(), text },
            Whom::One(name) | Whom::OnOtherServer(_, name) => ClientLine::Tell { recipient: name, text },
        }
    }

    fn can_send_to(&self, whom: &Whom) -> Result<(), String> {
        if self.phase() != Phase::Online {
            return Err("Not sent, since you are not connected: the text stays here".into());
        }
        match whom {
            Whom::One(name) if self.roster.find(name).is_none() => {
                Err(format!("Not sent, since {} has left: the text stays here", shown_name(name)))
            }
            Whom::OnOtherServer(server, name) => {
                let (name, server) = (shown_name(name), server.to_string());
                let server = escape(&server);
                Err(format!("Not sent, since this is {name} on {server}: the text stays here until you connect there"))
            }
            _ => Ok(()),
        }
    }

    /// Sends the newest line of the queue, unless others wait before it or a receipt is awaited.
    pub(crate) fn send_unless_queued(&mut self) -> Result<(), NotSent> {
        if self.queue.waiting() > 1 || self.queue.awaits_receipt() { Ok(()) } else { self.send_next() }
    }

    /// Sends the next queued line, one at a time: each answer shows whether the next may be sent. Returns whether it
    /// did.
    pub(crate) fn send_queued(&mut self, now: Instant) -> bool {
        if self.phase() != Phase::Online || self.send_after.is_some_and(|time| now < time) {
            return false;
        }
        if let (Some(token), Some(session)) = (self.queue.ping_to_repeat(), &self.session) {
            let asked = session.connection.send(&ClientLine::Ping(&token.to_string())).is_ok();
            if asked {
                self.queue.repeated_ping_sent(token);
            }
            return asked;
        }
        if self.queue.unanswered() > 0 || self.queue.waiting() == 0 {
            return false;
        }
        // If the writer is busy, the next tick sends it.
        self.send_next().is_ok()
    }

    pub(crate) fn send_next(&mut self) -> Result<(), NotSent> {
        let session = self.session.as_ref().ok_or(NotSent::Ended)?;
        let Some((pending, token)) = self.queue.next() else { return Ok(()) };
        session.send(pending, token)?;
        self.queue.mark_next_sent(token, self.now.unwrap_or_else(Instant::now));
        Ok(())
    }

    /// Handles the receipt of a line: the line has arrived, or was refused.
    pub(crate) fn on_receipt(&mut self, line: Pending, refusal: Option<Refusal>) {
        let at = self.stamp();
        match (&line.kind, refusal) {
            (_, Some(Refusal::Wrong(code, words))) => self.take_back(line, code, &words),
            (RequestKind::Say(whom), _) => {
                let kind = Kind::Message {
                    from: shown_name(self.requested_name()),
                    text: escape(&line.text).into_owned(),
                    earlier: false,
                };
                if let Some(conversation) = self.conversation_mut(whom) {
                    conversation.log.settle(Some(at), kind);
                }
            }
            (RequestKind::Away, _) => self.on_presence_confirmed(line),
            (RequestKind::Past { .. } | RequestKind::Find, _) => {}
        }
    }

    /// Returns the text of a refused line to the conversation where it was written, with the reason.
    pub(crate) fn take_back(&mut self, line: Pending, code: Option<ErrorCode>, words: &str) {
        if line.is_query() {
            return self.on_query_error(&line, code, words);
        }
        let RequestKind::Say(whom) = line.kind else {
            self.on_presence_refused(&line.text);
            return self.remark(format!("Nobody was told whether you are away, {words}"));
        };
        let remark = match (&whom, code) {
            (Whom::One(name), Some(ErrorCode::NoSuchUser)) => {
                format!("Not sent, since {} has left: the text is back", shown_name(name))
            }
            _ => format!("Not sent, {words}"),
        };
        if let Some(conversation) = self.conversation_mut(&whom) {
            conversation.returned.keep(line.text);
            conversation.set_remark(Some(remark));
        }
    }
}

/// Returns the remark for a full queue.
pub(crate) fn queue_is_full() -> String {
    format!("Not sent, since the server has not answered the last {PENDING_MAX} messages")
}

impl Session {
    /// Sends a line, followed by the PING whose PONG is its receipt.
    fn send(&self, pending: &Pending, token: Option<u64>) -> Result<(), NotSent> {
        let line = pending.line(self.options.username.as_str());
        match token {
            None => self.connection.send(&line),
            Some(token) => self.connection.send_together(&[line, ClientLine::Ping(&token.to_string())]),
        }
    }
}
