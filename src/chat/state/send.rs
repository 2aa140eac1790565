//! Sending for the user: messages, the registration of a name, and presence; and the answers of the server to these
//! lines. Runs on the UI thread.
//!
//! A password is never a line of the conversation: it is typed into masked fields, and goes from there to the server.

use std::time::Instant;

use super::Chat;
use super::outgoing::{PENDING_MAX, Pending, RequestKind, draft};
use super::people::privacy::Privacy;
use super::talks::conversation::Conversation;
use super::talks::message_log::{Kind, shown_name};
use super::talks::whom::Whom;
use crate::chat::input::commands::Command;
use crate::client::{NotSent, Password, Said, Security};
use crate::protocol::escape::escape;
use crate::protocol::{Capabilities, ClientLine, ErrorCode};

const CHANGES_ON_RECONNECT: &str = "This changes the next time you connect";

impl Chat {
    /// Sends a message. Returns false if the text stays with the user; the conversation's remark then says why.
    pub fn send(&mut self, whom: &Whom, text: &str) -> bool {
        let said = self.try_say(whom, text);
        self.talks.entry_was_handled(whom, text, said)
    }

    /// Queues several lines, each as a message of its own. Returns false if none was queued; the remark then says
    /// why.
    pub fn send_all(&mut self, whom: &Whom, lines: &[String]) -> bool {
        let said = lines.iter().map(|line| draft::sendable(line)).collect();
        let done = self.try_say_all(whom, said);
        self.talks.entry_was_handled(whom, &lines.join("\n"), done)
    }

    /// Queues several lines as code. Returns false if none was queued; the remark then says why.
    pub fn send_code(&mut self, whom: &Whom, lines: &[String]) -> bool {
        let done = self.try_say_all(whom, draft::code(lines));
        self.talks.entry_was_handled(whom, &lines.join("\n"), done)
    }

    /// Queues the [parts](Chat::parts) of an entered text. Returns false if none was queued; the remark then says why.
    pub fn send_in_parts(&mut self, whom: &Whom, text: &str, parts: Vec<String>) -> bool {
        let done = self.try_say_all(whom, parts);
        self.talks.entry_was_handled(whom, text, done)
    }

    /// Returns the messages as which an entered text can be sent that is too long as it stands. `None` if it is not too long,
    /// if it cannot be sent now, or if it is a command or contains code.
    pub fn parts(&self, whom: &Whom, text: &str) -> Option<Vec<String>> {
        let Command::Say(text) = Command::parse(text) else { return None };
        let messages = draft::messages(text);
        let is_code = messages.iter().any(|message| message == draft::FENCE);
        let is_long = messages.iter().any(|message| self.bytes_left(whom, message) < 0);
        let most = self.bytes_left(whom, "").try_into().ok().filter(|_| is_long && !is_code)?;
        self.can_send_to(whom).ok()?;
        Some(messages.iter().flat_map(|message| draft::split(message, most)).collect())
    }

    /// Returns whether a conversation has a message that was not sent, or whose answer is late.
    pub fn has_unsent(&self, whom: &Whom) -> bool {
        self.talks.get(whom).is_some_and(Conversation::has_returned) || self.outgoing.may_be_lost(whom, self.now())
    }

    /// Sends a text of one line or of several.
    pub(super) fn try_say(&mut self, whom: &Whom, text: &str) -> Result<(), String> {
        let mut messages = draft::messages(text);
        if messages.len() > 1 {
            return self.try_say_all(whom, messages);
        }
        self.can_send_to(whom)?;
        let text = messages.pop().unwrap_or_default();
        let left = self.bytes_left(whom, &text);
        if left < 0 {
            let bytes = if left == -1 { "byte" } else { "bytes" };
            return Err(format!("Not sent: {} {bytes} too long. Shorten it, or send it in parts", -left));
        }
        if self.outgoing.room() == 0 {
            return Err(queue_is_full());
        }
        let line = self.pending(RequestKind::Say(whom.clone()), text);
        self.outgoing.submit(line, &self.link, self.now()).map_err(|why| match why {
            NotSent::Busy => "Not sent: the server is slow. Try again in a moment".into(),
            NotSent::Ended => "Not sent: the connection has ended. The text stays here".into(),
            NotSent::NotALine => "Not sent: this is not one line of text".into(),
        })
    }

    /// Queues all messages, or none.
    fn try_say_all(&mut self, whom: &Whom, messages: Vec<String>) -> Result<(), String> {
        self.can_send_to(whom)?;
        if messages.iter().any(|message| self.bytes_left(whom, message) < 0) {
            return Err("Not sent: one of the lines is too long".into());
        }
        let room = self.outgoing.room();
        if messages.len() > room {
            return Err(format!("Not sent: these are {} messages, and only {room} more can wait", messages.len()));
        }
        // Each line is sent when the one before it has its answer: the server would refuse a burst with SLOW_DOWN.
        for message in messages {
            self.outgoing.enqueue(self.pending(RequestKind::Say(whom.clone()), message));
        }
        Ok(())
    }

    pub(super) fn pending(&self, kind: RequestKind, text: String) -> Pending {
        Pending::new(kind, text, self.link.stamp())
    }

    /// Returns how many bytes a text has left in a conversation; if it has several lines, the longest of them. Negative if
    /// it is too long.
    pub fn bytes_left(&self, whom: &Whom, text: &str) -> isize {
        let longest = text.lines().max_by_key(|line| line.len()).unwrap_or_default();
        draft::bytes_left(&whom.line(self.link.own_name(), longest))
    }

    fn can_send_to(&self, whom: &Whom) -> Result<(), String> {
        if !self.link.is_online() {
            return Err("Not sent: you are not connected. The text stays here".into());
        }
        match whom {
            Whom::One(name) if self.people.roster().find(name).is_none() => {
                Err(format!("Not sent: {} has left. The text stays here", shown_name(name)))
            }
            Whom::OnOtherServer(..) | Whom::AllOnOtherServer(_) => {
                let whom = whom.shown();
                Err(format!("Not sent: this is {whom}. The text stays here until you connect there"))
            }
            _ => Ok(()),
        }
    }

    /// Records that the text of an entry has changed: a reason why the text before was not sent goes with it. Sends a
    /// typing notification, if the contents of the entry are to be seen by others and the user allows it. Returns
    /// whether the status line has changed.
    pub fn typed(&mut self, whom: &Whom, text: &str, now: Instant) -> bool {
        if self.link.is_online()
            && let Some(to) = self.people.typing_to_tell(whom, text, now)
            && let Ok(connection) = self.link.connection()
        {
            // A notification has no answer. If the writer is busy, it is the first thing to leave out.
            let _ = connection.send(&ClientLine::Typing(to));
        }
        self.talks.entry_changed(whom, text)
    }

    /// Records a key or a click of the user, which may end being away.
    pub fn record_activity(&mut self, now: Instant) {
        let reason = self.people.record_activity(now);
        self.announce(reason);
    }

    /// Tells the server that the user is away for this reason, or back if it is empty.
    pub(super) fn announce(&mut self, reason: Option<String>) {
        if let Some(reason) = reason.filter(|_| self.link.is_online()) {
            let line = self.pending(RequestKind::Away, reason);
            // If the writer is busy, the next tick sends it.
            if self.outgoing.submit(line.clone(), &self.link, self.now()).is_err() {
                self.outgoing.enqueue(line);
            }
        }
    }

    /// Sets the user's choice of what to send to others and to request of them.
    pub fn set_privacy(&mut self, privacy: Privacy) {
        if let Some(asked) = self.link.capabilities().filter(|_| self.link.is_online()) {
            let wanted = |privacy: Privacy| Capabilities { since: asked.since, ..privacy.capabilities() };
            if wanted(privacy) == asked {
                self.talks.forget_remark(CHANGES_ON_RECONNECT);
            } else if wanted(privacy) != wanted(self.people.privacy()) {
                self.talks.remark(CHANGES_ON_RECONNECT);
            }
        }
        self.people.set_privacy(privacy);
    }

    /// Sends REGISTER, to register the user's name or to change its password.
    ///
    /// # Errors
    /// The reason why nothing was sent, and what would help.
    pub fn register(&mut self, typed: &str, again: &str) -> Result<(), String> {
        if !self.link.is_online() {
            return Err("Not registered: connect first, with the name to register".into());
        }
        if typed != again {
            return Err("Not registered: the two passwords differ".into());
        }
        let password = match Password::typed(typed) {
            Ok(Some(password)) => password,
            Ok(None) => return Err("Not registered: enter the password for the name twice".into()),
            Err(why) => return Err(format!("Not registered: {why}")),
        };
        if !self.link.security().is_some_and(Security::is_confidential) {
            return Err("Not registered: the connection is not encrypted, and others could read the password".into());
        }
        let line = self.pending(RequestKind::Register(password), String::new());
        self.outgoing.send_now(line, &self.link, self.now()).map_err(|why| match why {
            NotSent::Busy => "Not registered: the server is slow. Try again in a moment".to_owned(),
            NotSent::Ended => "Not registered: the connection has ended".to_owned(),
            NotSent::NotALine => "Not registered: this is not one line of text".to_owned(),
        })?;
        self.talks.remark(self.registering());
        Ok(())
    }

    fn registering(&self) -> String {
        format!("Registering the name {} …", self.link.own_name())
    }

    /// Handles the answer to a line that was acted upon.
    pub(super) fn on_answer(&mut self, line: Pending, answer: &Said, now: Instant) {
        match (line.kind, answer) {
            // The echo is shown like any other message.
            (RequestKind::Say(Whom::All), Said::Msg { .. }) => {}
            (RequestKind::Say(whom), _) => {
                let (from, text) = (shown_name(self.link.own_name()), escape(&line.text).into_owned());
                self.talks.settle(&whom, Some(self.link.stamp()), Kind::Message { from, text, earlier: false });
            }
            (RequestKind::Away, _) => self.people.on_presence_confirmed(line.text, line.at),
            (RequestKind::Past { .. }, Said::End { more, .. }) => {
                let remark = self.backfill.on_past_end(&mut self.talks.room_mut().log, *more, now);
                self.talks.remark_in(&Whom::All, remark);
            }
            (RequestKind::Find, Said::End { more, .. }) => {
                self.backfill.search_mut().on_end(*more, self.link.is_online());
            }
            (RequestKind::Register(password), Said::Registered(_)) => {
                self.link.set_password(password);
                self.talks.forget_remark(&self.registering());
                let name = self.link.own_name();
                self.notice_now(&format!("The name {name} is registered: from now on it needs your password"));
            }
            (kind, _) => self.on_refusal(kind, line.text, None, "the server's answer was not understood"),
        }
    }

    /// Handles the refusal of a line: a text returns to the conversation where it was written, with the reason.
    pub(super) fn on_refusal(&mut self, kind: RequestKind, text: String, code: Option<ErrorCode>, words: &str) {
        match kind {
            RequestKind::Say(whom) => {
                let remark = match (&whom, code) {
                    (Whom::One(name), Some(ErrorCode::NoSuchUser)) => {
                        format!("Not sent: {} has left. Up brings the text back", shown_name(name))
                    }
                    _ => format!("Not sent: {words}"),
                };
                self.talks.give_back(&whom, text, Some(remark));
            }
            RequestKind::Away => {
                self.people.on_presence_refused(&text);
                self.talks.remark(format!("Your status was not changed: {words}"));
            }
            RequestKind::Register(_) => self.talks.remark(format!("Not registered: {words}")),
            RequestKind::Find => self.backfill.search_mut().on_refused(words, self.link.is_online()),
            RequestKind::Past { .. } => {
                let remark = self.backfill.on_past_error(code, words);
                self.talks.remark_in(&Whom::All, Some(remark));
            }
        }
    }
}

/// Returns the remark for a full queue.
pub(super) fn queue_is_full() -> String {
    format!("Not sent: the server has not answered the last {PENDING_MAX} messages")
}
