//! The queue of the client's own lines, from Send to the server's answer. One queue serves all conversations, since
//! the server answers in one order.
//!
//! An `ERR` does not say which line it is about. Answers come in the order of the lines, so it is about the oldest
//! line without an answer, in whichever conversation. A message to all is answered by its echo. A private message
//! (`TELL`) and `AWAY` have no answer if all goes well, so such a line is followed by a `PING`, and the `PONG` is its
//! *receipt*.
//!
//! # Telling which of the two was refused
//!
//! Both lines count against the rate limit, so the server may also refuse the `PING`, with the same `SLOW_DOWN`.
//! Counting tells them apart: each `PING` has exactly one answer, and the line before it has one only if it was
//! refused. So when the answer to the last `PING` arrives, one answer more than there were pings means that the line
//! was refused, for the reason that came first. Until then nothing else is sent that could be refused.
//!
//! Runs on the UI thread.

use std::collections::VecDeque;
use std::time::Instant;

use super::whom::Whom;
use crate::protocol::{ClientLine, ErrorCode, Stamp};

/// Maximum number of lines without an answer. Further lines are not accepted, since a server that never answers must
/// not fill the memory.
pub const PENDING_MAX: usize = 100;

/// Kind of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

/// A line of this client that has no answer yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Kind of the line.
    pub kind: RequestKind,
    /// The text as it is sent.
    pub text: String,
    /// Stamp of the time when it was written.
    pub at: Stamp,
    /// Sent, and waiting for its answer; otherwise waiting to be sent.
    pub sent: bool,
    /// When it was last sent, by the clock of the ticks.
    pub(crate) sent_at: Option<Instant>,
}

/// Answers received for a line that only a receipt confirms.
#[derive(Debug)]
struct Receipt {
    /// Tokens of the first and the last of its PINGs.
    first: u64,
    last: u64,
    /// Number of answers to the line or to one of the PINGs.
    answers: u64,
    /// The first error among them.
    refusal: Option<Refusal>,
    /// The last PING may have been refused, so another one is to be sent.
    repeats_ping: bool,
}

/// Reason why the server refused a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The rate limit (`SLOW_DOWN`).
    TooSoon,
    /// Another error, with its code if that is known, and its text.
    Wrong(Option<ErrorCode>, String),
}

/// Lines without an answer, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    lines: VecDeque<Pending>,
    /// State of the receipt for the last line sent, if it needs one.
    receipt: Option<Receipt>,
    /// The token of the last PING; counting up makes each token unique.
    tokens: u64,
}

impl Pending {
    /// Returns the line as the protocol encodes it.
    pub(crate) fn line<'a>(&'a self, me: &'a str) -> ClientLine<'a> {
        let text = self.text.as_str();
        match &self.kind {
            RequestKind::Say(Whom::All) => ClientLine::Msg { username: me, text },
            RequestKind::Say(Whom::One(name) | Whom::OnOtherServer(_, name)) => {
                ClientLine::Tell { recipient: name, text }
            }
            RequestKind::Away => ClientLine::Away(text),
            RequestKind::Find => ClientLine::Find(text),
            RequestKind::Past { before, count } => ClientLine::Past { before: *before, count: *count },
        }
    }

    /// Returns whether the server answers the line only to refuse it.
    fn needs_receipt(&self) -> bool {
        matches!(self.kind, RequestKind::Say(Whom::One(_) | Whom::OnOtherServer(..)) | RequestKind::Away)
    }

    /// Returns whether the line is a query, whose answer ends with END.
    pub(crate) fn is_query(&self) -> bool {
        matches!(self.kind, RequestKind::Past { .. } | RequestKind::Find)
    }
}

impl Queue {
    /// Appends a line.
    pub(crate) fn push(&mut self, kind: RequestKind, text: String, at: Stamp) {
        self.lines.push_back(Pending { kind, text, at, sent: false, sent_at: None });
    }

    /// Removes the newest line.
    pub(crate) fn take_newest(&mut self) -> Option<Pending> {
        self.lines.pop_back()
    }

    /// Returns the messages to a recipient, in the order in which they were written.
    pub(crate) fn pending_for(&self, whom: &Whom) -> impl Iterator<Item = &Pending> {
        self.lines.iter().filter(move |line| matches!(&line.kind, RequestKind::Say(to) if to == whom))
    }

    /// Returns how many more lines the queue accepts.
    pub(crate) fn room(&self) -> usize {
        PENDING_MAX.saturating_sub(self.lines.len())
    }

    /// Returns whether everything else must wait for a receipt.
    pub(crate) fn awaits_receipt(&self) -> bool {
        self.receipt.is_some()
    }

    /// Returns the number of lines that wait to be sent.
    pub(crate) fn waiting(&self) -> usize {
        self.lines.iter().filter(|line| !line.sent).count()
    }

    /// Returns when the oldest unanswered line was sent.
    pub(crate) fn unanswered_since(&self) -> Option<Instant> {
        self.lines.iter().filter(|line| line.sent).filter_map(|line| line.sent_at).min()
    }

    /// Returns the number of lines that were sent and have no answer.
    pub(crate) fn unanswered(&self) -> usize {
        self.lines.len() - self.waiting()
    }

    /// Returns the next line to send, and the token of the PING that must follow it.
    pub(crate) fn next(&mut self) -> Option<(&Pending, Option<u64>)> {
        let line = self.lines.iter().find(|line| !line.sent)?;
        let token = line.needs_receipt().then(|| {
            self.tokens += 1;
            self.tokens
        });
        Some((line, token))
    }

    /// Marks that line as sent, with that PING.
    pub(crate) fn mark_next_sent(&mut self, token: Option<u64>, now: Instant) {
        if let Some(next) = self.lines.iter_mut().find(|line| !line.sent) {
            next.sent = true;
            next.sent_at = Some(now);
        }
        self.receipt =
            token.map(|token| Receipt { first: token, last: token, answers: 0, refusal: None, repeats_ping: false });
    }

    /// Returns the token of another PING, if one is needed.
    pub(crate) fn ping_to_repeat(&self) -> Option<u64> {
        self.receipt.as_ref().filter(|receipt| receipt.repeats_ping).map(|receipt| receipt.last + 1)
    }

    /// Records that this PING was sent.
    pub(crate) fn repeated_ping_sent(&mut self, token: u64) {
        self.tokens = token;
        if let Some(receipt) = &mut self.receipt {
            receipt.last = token;
            receipt.repeats_ping = false;
        }
    }

    /// Removes a message to all whose echo has arrived: it has its place in the log now.
    ///
    /// Echoes come in the order of the messages, so it is the oldest one that waits. If it is not, the server has
    /// lost one, and the matching message is removed instead. The lost message stays in the queue, and is returned to
    /// the user at the end.
    pub(crate) fn confirm_by_echo(&mut self, text: &str) {
        if let Some(at) = self
            .lines
            .iter()
            .position(|line| line.sent && line.kind == RequestKind::Say(Whom::All) && line.text == text)
        {
            self.lines.remove(at);
        }
    }

    /// Counts an error towards the receipt, if the oldest line sent needs one: the receipt will tell what was
    /// refused. Returns whether it did.
    pub(crate) fn note_error_for_receipt(&mut self, refusal: impl FnOnce() -> Refusal) -> bool {
        let oldest = self.lines.iter().find(|line| line.sent);
        let (Some(receipt), true) = (&mut self.receipt, oldest.is_some_and(Pending::needs_receipt)) else {
            return false;
        };
        let refusal = refusal();
        receipt.answers += 1;
        receipt.repeats_ping = refusal == Refusal::TooSoon;
        receipt.refusal.get_or_insert(refusal);
        true
    }

    /// Handles a PONG. Returns the line that it confirms or, with the reason, refuses; `None` if the PONG is not the
    /// awaited one. A line refused by the rate limit goes back to those that wait to be sent, which also returns
    /// `None`.
    pub(crate) fn receipt(&mut self, token: &str) -> Option<(Pending, Option<Refusal>)> {
        let receipt = self.receipt.as_mut()?;
        let token = token.parse().ok().filter(|token| (receipt.first..=receipt.last).contains(token))?;
        receipt.answers += 1;
        if receipt.last != token {
            return None;
        }
        let receipt = self.receipt.take()?;
        let pings = receipt.last - receipt.first + 1;
        let at = self.lines.iter().rposition(|line| line.sent && line.needs_receipt())?;
        match receipt.refusal.filter(|_| receipt.answers > pings) {
            Some(Refusal::TooSoon) => {
                self.lines[at].sent = false;
                None
            }
            refusal => self.lines.remove(at).map(|line| (line, refusal)),
        }
    }

    /// Removes the query whose answer is complete.
    pub(crate) fn take_answered_query(&mut self) {
        if let Some(at) = self.lines.iter().position(|line| line.sent && line.is_query()) {
            self.lines.remove(at);
        }
    }

    /// Removes the oldest line sent if it is a query, which may be sent again later.
    pub(crate) fn take_oldest_query(&mut self) -> Option<Pending> {
        let at = self.lines.iter().position(|line| line.sent).filter(|at| self.lines[*at].is_query())?;
        self.lines.remove(at)
    }

    /// Removes the oldest line sent, which was refused.
    pub(crate) fn take_oldest_sent(&mut self) -> Option<Pending> {
        let at = self.lines.iter().position(|line| line.sent)?;
        self.lines.remove(at)
    }

    /// Moves the oldest line sent back to those that wait to be sent, after a `SLOW_DOWN`. Returns whether there was
    /// one.
    pub(crate) fn requeue_oldest_sent(&mut self) -> bool {
        let Some(too_soon) = self.lines.iter_mut().find(|line| line.sent) else { return false };
        too_soon.sent = false;
        true
    }

    /// Removes all lines at the end of a connection, oldest first.
    pub(crate) fn take_all(&mut self) -> VecDeque<Pending> {
        self.receipt = None;
        std::mem::take(&mut self.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> RequestKind {
        RequestKind::Say(Whom::One("ann".into()))
    }

    fn queue(lines: &[(RequestKind, &str)]) -> Queue {
        let mut queue = Queue::default();
        for (kind, text) in lines {
            queue.push(kind.clone(), (*text).to_owned(), 0);
        }
        queue
    }

    /// Sends the next line; returns the token of its PING.
    fn send(queue: &mut Queue) -> Option<u64> {
        let token = queue.next().unwrap().1;
        queue.mark_next_sent(token, Instant::now());
        token
    }

    fn wrong() -> Refusal {
        Refusal::Wrong(Some(ErrorCode::NoSuchUser), "nobody".into())
    }

    #[test]
    fn an_echo_confirms_the_oldest_of_equal_messages() {
        let all = || RequestKind::Say(Whom::All);
        let mut queue = queue(&[(all(), "hi"), (all(), "hi"), (all(), "ho")]);
        for _ in 0..3 {
            assert_eq!(send(&mut queue), None);
        }
        queue.confirm_by_echo("hi");
        assert_eq!(queue.unanswered(), 2);
        queue.confirm_by_echo("never said");
        assert_eq!(queue.take_oldest_sent().map(|line| line.text).as_deref(), Some("hi"));
        assert_eq!(queue.take_all().iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["ho"]);
        assert_eq!(queue.room(), PENDING_MAX);
    }

    #[test]
    fn what_came_too_soon_is_sent_again_in_order() {
        let all = || RequestKind::Say(Whom::All);
        let mut queue = queue(&[(all(), "one"), (all(), "two"), (all(), "three")]);
        send(&mut queue);
        send(&mut queue);
        assert!(queue.requeue_oldest_sent() && queue.requeue_oldest_sent() && !queue.requeue_oldest_sent());
        assert_eq!((queue.waiting(), queue.unanswered()), (3, 0));
        assert_eq!(queue.next().unwrap().0.text, "one");
        send(&mut queue);
        queue.confirm_by_echo("two");
        assert_eq!(queue.waiting(), 2, "what was not sent has no echo");
    }

    #[test]
    fn a_receipt_confirms_what_was_said_to_one_person() {
        let mut queue = queue(&[(ann(), "psst")]);
        let token = send(&mut queue).unwrap();
        assert!(queue.awaits_receipt());
        assert_eq!(queue.receipt("nobody's"), None);
        let (line, refusal) = queue.receipt(&token.to_string()).unwrap();
        assert_eq!((line.text.as_str(), refusal), ("psst", None));
        assert!(!queue.awaits_receipt() && queue.receipt(&token.to_string()).is_none());
    }

    #[test]
    fn an_error_before_the_receipt_is_about_the_line() {
        let mut queue = queue(&[(ann(), "psst")]);
        let token = send(&mut queue).unwrap();
        assert!(queue.note_error_for_receipt(wrong));
        assert_eq!(queue.ping_to_repeat(), None);
        assert_eq!(queue.receipt(&token.to_string()).unwrap().1, Some(wrong()));
    }

    #[test]
    fn an_error_while_a_message_is_older_is_about_the_message() {
        let mut queue = queue(&[(RequestKind::Say(Whom::All), "hi"), (ann(), "psst")]);
        send(&mut queue);
        let token = send(&mut queue).unwrap();
        assert!(!queue.note_error_for_receipt(wrong));
        assert_eq!(queue.take_oldest_sent().unwrap().text, "hi");
        assert_eq!(queue.receipt(&token.to_string()).unwrap().1, None);
    }

    /// Each combination of refusals of a line and its PINGs, and what the client must conclude.
    #[test]
    fn counting_answers_tells_which_of_line_and_ping_was_refused() {
        for (line_refused, first_ping_refused, second_ping_refused) in
            [(false, true, false), (false, true, true), (true, false, false), (true, true, false), (true, true, true)]
        {
            let mut queue = queue(&[(ann(), "psst")]);
            let mut token = send(&mut queue).unwrap();
            let slow = || Refusal::TooSoon;
            if line_refused {
                assert!(queue.note_error_for_receipt(slow));
            }
            let mut pongs = Vec::new();
            for refused in [first_ping_refused, second_ping_refused, false] {
                if refused {
                    assert!(queue.note_error_for_receipt(slow));
                } else {
                    pongs.push(queue.receipt(&token.to_string()));
                    break;
                }
                token = queue.ping_to_repeat().unwrap();
                queue.repeated_ping_sent(token);
            }
            let case = (line_refused, first_ping_refused, second_ping_refused);
            let arrived = matches!(&pongs[..], [Some((_, None))]);
            assert_eq!(arrived, !line_refused, "{case:?}: {pongs:?}");
            assert_eq!(queue.waiting(), usize::from(line_refused), "{case:?}: what came too soon is sent again");
            assert!(!queue.awaits_receipt());
        }
    }

    #[test]
    fn a_wrong_line_whose_ping_came_too_soon_is_wrong_all_the_same() {
        let mut queue = queue(&[(ann(), "psst")]);
        send(&mut queue).unwrap();
        assert!(queue.note_error_for_receipt(wrong) && queue.note_error_for_receipt(|| Refusal::TooSoon));
        let token = queue.ping_to_repeat().unwrap();
        queue.repeated_ping_sent(token);
        assert_eq!(queue.receipt(&token.to_string()).unwrap().1, Some(wrong()));
    }

    #[test]
    fn each_talk_sees_what_waits_in_it() {
        let queue = queue(&[(RequestKind::Say(Whom::All), "hi"), (ann(), "psst"), (RequestKind::Away, "lunch")]);
        let texts = |whom: &Whom| queue.pending_for(whom).map(|line| line.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&Whom::All), ["hi"]);
        assert_eq!(texts(&Whom::One("ann".into())), ["psst"]);
    }
}
