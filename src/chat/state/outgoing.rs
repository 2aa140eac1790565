//! Outgoing lines: the user's messages and whatever else is asked of the server, from Send to the answer. Sent at once if
//! nothing stands in the way, later if the server asks for a pause.
//!
//! Each line is sent with a label of its own, and its answer carries that label: the echo of a message to all, `OK`, `END`,
//! `REGISTERED`, or the `ERR` that refuses it. So any number of lines may be on their way, and answers may come in any
//! order.
//!
//! Lines are sent in the order in which they were written, and while one waits to be sent again after a `SLOW_DOWN`,
//! no newer one overtakes it. One case remains: two messages typed in quick succession are both on their way before
//! the first has its answer, and the server may refuse the first for coming too soon and accept the second a moment
//! later. The first then arrives after the second. Ruling that out would make each message wait for the answer to the
//! one before it, as pasted lines do; a user who types should not have to wait for the network.
//!
//! Runs on the UI thread.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::link::Link;
use super::talks::whom::Whom;
use crate::client::{NotSent, Password};
use crate::protocol::{ClientLine, Secret, Stamp};

pub mod draft;

/// Maximum number of lines without an answer. Further lines are not accepted, since a server that never answers must
/// not fill the memory.
pub const PENDING_MAX: usize = 100;

/// Time after which a query counts as unanswered.
const QUERY_TIMEOUT: Duration = Duration::from_secs(30);

/// Kind of a line.
#[derive(Clone, Debug)]
pub enum RequestKind {
    /// A message.
    Say(Whom),
    /// The user's presence: away with a reason, or back with an empty one.
    Away,
    /// A request for older messages.
    Past {
        /// Stamp before which messages are requested.
        before: Stamp,
        /// Maximum number of messages.
        count: usize,
    },
    /// A search for the words that are its text.
    Find,
    /// The registration of the user's name with this password.
    Register(Password),
}

/// A line of this client that has no answer yet.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Kind of the line.
    pub kind: RequestKind,
    /// The text as it is sent.
    pub text: String,
    /// Stamp of the time when it was written.
    pub at: Stamp,
    /// The label with which it was sent last, and when by the clock of the ticks; `None` while it waits to be sent.
    sent: Option<(u16, Instant)>,
}

/// Time in which a server usually answers.
const ANSWER_USUAL: std::time::Duration = std::time::Duration::from_secs(1);

/// Lines on their way to the server, and messages of which it is unknown whether they have arrived.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// Lines that have no answer yet, oldest first.
    lines: VecDeque<Pending>,
    /// The label of the line that was sent last. It wraps around, long after the label before has had its answer.
    last_label: u16,
    /// The server has answered a line with its label.
    knows_labels: bool,
    /// Messages to all without an answer when the connection was lost. The replay of the next connection shows which of
    /// them have arrived.
    unconfirmed: VecDeque<Pending>,
    /// Time before which the server wants no further line (`SLOW_DOWN`).
    send_after: Option<Instant>,
}

impl Pending {
    /// Creates a line that waits to be sent.
    pub(crate) fn new(kind: RequestKind, text: String, at: Stamp) -> Pending {
        Pending { kind, text, at, sent: None }
    }

    /// Returns the line as the protocol encodes it.
    fn line<'a>(&'a self, me: &'a str) -> ClientLine<'a> {
        let text = self.text.as_str();
        match &self.kind {
            RequestKind::Say(whom) => whom.line(me, text),
            RequestKind::Away => ClientLine::Away(text),
            RequestKind::Find => ClientLine::Find(text),
            RequestKind::Past { before, count } => ClientLine::Past { before: *before, count: *count },
            RequestKind::Register(password) => ClientLine::Register(Secret(password.reveal())),
        }
    }

    pub(super) fn is_query(&self) -> bool {
        matches!(self.kind, RequestKind::Past { .. } | RequestKind::Find)
    }
}

impl Outgoing {
    /// Returns the user's messages in a conversation that have no answer yet, in the order in which they were
    /// written.
    pub fn pending(&self, whom: &Whom) -> impl Iterator<Item = &Pending> {
        self.unconfirmed.iter().filter(move |_| *whom == Whom::All).chain(self.messages(whom))
    }

    /// Returns whether a message of a conversation may not have arrived: it waits to be sent, or its answer is late.
    pub(super) fn may_be_lost(&self, whom: &Whom, now: Instant) -> bool {
        let is_late = |since: Instant| now.saturating_duration_since(since) > ANSWER_USUAL;
        self.pending(whom).any(|line| line.sent.is_none_or(|(_, since)| is_late(since)))
    }

    fn messages(&self, whom: &Whom) -> impl Iterator<Item = &Pending> {
        self.lines.iter().filter(move |line| matches!(&line.kind, RequestKind::Say(to) if to == whom))
    }

    /// Returns how many messages of a conversation wait to be sent.
    pub(super) fn waiting_for(&self, whom: &Whom) -> usize {
        self.messages(whom).filter(|line| line.sent.is_none()).count()
    }

    /// Returns whether a line waits to be sent.
    pub(super) fn has_waiting(&self) -> bool {
        self.lines.iter().any(|line| line.sent.is_none())
    }

    /// Returns how many more lines are accepted.
    pub(super) fn room(&self) -> usize {
        PENDING_MAX.saturating_sub(self.lines.len())
    }

    /// Returns when the oldest unanswered line was sent.
    pub(super) fn unanswered_since(&self) -> Option<Instant> {
        self.lines.iter().filter_map(|line| line.sent).map(|(_, since)| since).min()
    }

    /// Appends a line that is sent when the lines before it have their answers.
    pub(super) fn enqueue(&mut self, line: Pending) {
        self.lines.push_back(line);
    }

    /// Sends a line at once, or as soon as the lines that wait are sent.
    pub(super) fn submit(&mut self, pending: Pending, link: &Link, now: Instant) -> Result<(), NotSent> {
        if self.has_waiting() {
            self.enqueue(pending);
            return Ok(());
        }
        self.send_now(pending, link, now)
    }

    /// Sends a line at once. If the connection does not accept it, it is not kept.
    pub(super) fn send_now(&mut self, pending: Pending, link: &Link, now: Instant) -> Result<(), NotSent> {
        self.lines.push_back(pending);
        let sent = self.send_at(self.lines.len() - 1, link, now);
        if sent.is_err() {
            self.lines.pop_back();
        }
        sent
    }

    /// Sends the next waiting line, one at a time: each answer shows whether the next may be sent. Returns whether it
    /// did.
    pub(super) fn send_waiting(&mut self, link: &Link, now: Instant) -> bool {
        let is_busy = self.lines.iter().any(|line| line.sent.is_some() && !line.is_query());
        if is_busy || self.send_after.is_some_and(|time| now < time) {
            return false;
        }
        // If the writer is busy, the next tick sends it.
        self.lines.iter().position(|line| line.sent.is_none()).is_some_and(|at| self.send_at(at, link, now).is_ok())
    }

    fn send_at(&mut self, at: usize, link: &Link, now: Instant) -> Result<(), NotSent> {
        let (pending, label) = (&mut self.lines[at], self.last_label.wrapping_add(1));
        link.connection()?.send_labelled(&label.to_string(), &pending.line(link.own_name()))?;
        pending.sent = Some((label, now));
        self.last_label = label;
        Ok(())
    }

    fn position(&mut self, label: &str) -> Option<usize> {
        self.knows_labels = true;
        let label = label.parse().ok()?;
        self.lines.iter().position(|line| line.sent.is_some_and(|(sent, _)| sent == label))
    }

    /// Removes the line that an answer with this label is about.
    pub(super) fn take_answered(&mut self, label: &str) -> Option<Pending> {
        self.position(label).and_then(|at| self.lines.remove(at))
    }

    /// Schedules a line again that came too soon (`SLOW_DOWN`), if it is a message or the user's presence: it is sent
    /// without the user pressing Send a second time. Returns whether it is one of those.
    pub(super) fn send_again(&mut self, label: &str, then: Instant) -> bool {
        let Some(at) = self.position(label) else { return false };
        let is_presence = |line: &Pending| matches!(line.kind, RequestKind::Away);
        if is_presence(&self.lines[at]) && self.lines.iter().skip(at + 1).any(is_presence) {
            // Sent after the newer presence, it would be the last that others learn of.
            self.lines.remove(at);
        } else if is_presence(&self.lines[at]) || matches!(self.lines[at].kind, RequestKind::Say(_)) {
            self.lines[at].sent = None;
        } else {
            return false;
        }
        self.send_after = Some(then);
        true
    }

    /// Returns whether the registration of the user's name has no answer yet.
    pub(super) fn is_registering(&self) -> bool {
        self.lines.iter().any(|line| matches!(line.kind, RequestKind::Register(_)))
    }

    /// Removes the line that an answer without a label is about: the oldest, if the server knows no labels. Such a server
    /// understands none of these lines.
    pub(super) fn take_not_understood(&mut self) -> Option<Pending> {
        let at = self.lines.iter().position(|line| line.sent.is_some()).filter(|_| !self.knows_labels)?;
        self.lines.remove(at)
    }

    /// Removes a query that has had no answer for too long.
    pub(super) fn take_timed_out(&mut self, now: Instant) -> Option<Pending> {
        let timed_out = |line: &Pending| {
            line.is_query() && line.sent.is_some_and(|(_, since)| now.saturating_duration_since(since) > QUERY_TIMEOUT)
        };
        let at = self.lines.iter().position(timed_out)?;
        self.lines.remove(at)
    }

    /// Prepares for a new connection.
    pub(super) fn begin(&mut self) {
        (self.send_after, self.knows_labels) = (None, false);
    }

    /// Removes all lines at the end of a connection. Returns the messages that go back to the user, oldest first.
    /// `will_be_seen`: the next connection shows which messages to all have arrived, so they are kept until then.
    pub(super) fn end(&mut self, will_be_seen: bool) -> Vec<(Whom, String)> {
        let mut returned = Vec::new();
        for line in std::mem::take(&mut self.lines) {
            match &line.kind {
                RequestKind::Say(Whom::All) if will_be_seen => self.unconfirmed.push_back(line),
                RequestKind::Say(whom) => returned.push((whom.clone(), line.text)),
                _ => {}
            }
        }
        returned
    }

    /// Removes a message of the last connection that is among the replayed ones.
    pub(super) fn confirm_replayed(&mut self, text: &str) {
        if let Some(at) = self.unconfirmed.iter().position(|line| line.sent.is_some() && line.text == text) {
            self.unconfirmed.remove(at);
        }
    }

    /// Takes the messages of the last connection that may not have arrived, oldest first.
    pub(super) fn take_unconfirmed(&mut self) -> impl Iterator<Item = String> + use<> {
        std::mem::take(&mut self.unconfirmed).into_iter().map(|line| line.text)
    }
}
