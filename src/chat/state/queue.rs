//! What we say, from Send to the server's answer: one queue for all talks, since the server answers in one order.
//!
//! An `ERR` does not say what it is about. Answers come in the order of the lines, so it is about the oldest line that has no
//! answer, whomever that was said to. A message to all is answered with its echo. What is said to one person (`TELL`) and
//! that we are away (`AWAY`) have no answer if all goes well: behind such a line goes a `PING`, and its `PONG` is the *receipt*.
//!
//! # Which of the two was refused?
//!
//! Both lines cost something of what a client may say, so the server may also refuse the `PING`, with the same
//! `SLOW_DOWN`. Counting tells them apart: each `PING` has exactly one answer, and the line before it has one only if it was
//! refused. So when the answer to the last `PING` is there, one answer more than there were pings means that the line
//! was refused, for the reason that came first. Until then nothing else is sent that could be refused.
//!
//! Runs on the UI thread.

use std::collections::VecDeque;
use std::time::Instant;

use super::whom::Whom;
use crate::protocol::{ClientLine, ErrorCode, Stamp};

/// Lines that may wait for their answer. More are not sent: a server that never answers must not fill the memory.
pub const PENDING_MAX: usize = 100;

/// What a line of ours does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// It says something.
    Say(Whom),
    /// It says that we are away, and why, or (without a reason) back.
    Away,
    /// It asks for older messages.
    Past {
        /// Those before this one.
        before: Stamp,
        /// How many.
        count: usize,
    },
    /// It asks for the messages with the words that are its text.
    Find,
}

/// A line of ours that has no answer yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// What it does.
    pub kind: RequestKind,
    /// The text as it is sent.
    pub text: String,
    /// When it was written.
    pub at: Stamp,
    /// It was sent and waits for its answer; otherwise it waits to be sent.
    pub sent: bool,
    /// When it was sent last, by the clock that ticks count with.
    pub(crate) sent_at: Option<Instant>,
}

/// What is known about a line that only a receipt confirms.
#[derive(Debug)]
struct Receipt {
    /// The tokens of its PINGs: the first, and the last.
    first: u64,
    last: u64,
    /// Answers to the line or to a PING.
    answers: u64,
    /// The first of them that was an error.
    refusal: Option<Refusal>,
    /// The last PING may have been refused: another is to be sent.
    repeats_ping: bool,
}

/// Why the server refused a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It came too soon after others.
    TooSoon,
    /// Something is wrong with it, in words; the code, if it is one that we know.
    Wrong(Option<ErrorCode>, String),
}

/// The lines that have no answer yet, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    lines: VecDeque<Pending>,
    /// For the last line that was sent, if that is one that needs a receipt.
    receipt: Option<Receipt>,
    /// Makes each token another.
    tokens: u64,
}

impl Pending {
    /// The line as the protocol has it.
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

    /// Does the server answer it only if something is wrong?
    fn needs_receipt(&self) -> bool {
        matches!(self.kind, RequestKind::Say(Whom::One(_) | Whom::OnOtherServer(..)) | RequestKind::Away)
    }

    /// Does it ask for something, of which the server tells when it has told all?
    pub(crate) fn is_query(&self) -> bool {
        matches!(self.kind, RequestKind::Past { .. } | RequestKind::Find)
    }
}

impl Queue {
    /// A line is to be sent when those before it are.
    pub(crate) fn push(&mut self, kind: RequestKind, text: String, at: Stamp) {
        self.lines.push_back(Pending { kind, text, at, sent: false, sent_at: None });
    }

    /// Takes the newest line out again.
    pub(crate) fn take_newest(&mut self) -> Option<Pending> {
        self.lines.pop_back()
    }

    /// What is being said to somebody, in the order in which it was written.
    pub(crate) fn pending_for(&self, whom: &Whom) -> impl Iterator<Item = &Pending> {
        self.lines.iter().filter(move |line| matches!(&line.kind, RequestKind::Say(to) if to == whom))
    }

    /// How many more lines may wait.
    pub(crate) fn room(&self) -> usize {
        PENDING_MAX.saturating_sub(self.lines.len())
    }

    /// Must everything else wait for a receipt?
    pub(crate) fn awaits_receipt(&self) -> bool {
        self.receipt.is_some()
    }

    /// How many wait to be sent.
    pub(crate) fn waiting(&self) -> usize {
        self.lines.iter().filter(|line| !line.sent).count()
    }

    /// Since when the oldest line has no answer that was sent.
    pub(crate) fn unanswered_since(&self) -> Option<Instant> {
        self.lines.iter().filter(|line| line.sent).filter_map(|line| line.sent_at).min()
    }

    /// How many were sent and wait for their answer.
    pub(crate) fn unanswered(&self) -> usize {
        self.lines.len() - self.waiting()
    }

    /// The line that is to be sent next, and the token of the PING that has to go behind it.
    pub(crate) fn next(&mut self) -> Option<(&Pending, Option<u64>)> {
        let line = self.lines.iter().find(|line| !line.sent)?;
        let token = line.needs_receipt().then(|| {
            self.tokens += 1;
            self.tokens
        });
        Some((line, token))
    }

    /// That line was sent, with that PING.
    pub(crate) fn mark_next_sent(&mut self, token: Option<u64>, now: Instant) {
        if let Some(next) = self.lines.iter_mut().find(|line| !line.sent) {
            next.sent = true;
            next.sent_at = Some(now);
        }
        self.receipt =
            token.map(|token| Receipt { first: token, last: token, answers: 0, refusal: None, repeats_ping: false });
    }

    /// The token of another PING, if there is need for one.
    pub(crate) fn ping_to_repeat(&self) -> Option<u64> {
        self.receipt.as_ref().filter(|receipt| receipt.repeats_ping).map(|receipt| receipt.last + 1)
    }

    /// That PING was sent.
    pub(crate) fn repeated_ping_sent(&mut self, token: u64) {
        self.tokens = token;
        if let Some(receipt) = &mut self.receipt {
            receipt.last = token;
            receipt.repeats_ping = false;
        }
    }

    /// Our own message to all came back: it has its place now, and waits no more.
    ///
    /// Echoes come in the order of the messages, so it is the oldest that waits. If it is not, then a server lost one,
    /// and the right one is looked for; what was lost keeps waiting, and is given back at the end.
    pub(crate) fn confirm_by_echo(&mut self, text: &str) {
        if let Some(at) = self
            .lines
            .iter()
            .position(|line| line.sent && line.kind == RequestKind::Say(Whom::All) && line.text == text)
        {
            self.lines.remove(at);
        }
    }

    /// Something was refused while the oldest line that was sent is one that needs a receipt: then that will tell what it
    /// was. Is it so?
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

    /// A PONG. If it is the one that was waited for: the line that it confirms, or, with why it was refused, does not.
    /// One that came too soon is to be sent again, and nothing is said about it.
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

    /// What was asked for has been told.
    pub(crate) fn take_answered_query(&mut self) {
        if let Some(at) = self.lines.iter().position(|line| line.sent && line.is_query()) {
            self.lines.remove(at);
        }
    }

    /// Is the oldest line that was sent one that asks for something? Then it is taken out, and may be asked again.
    pub(crate) fn take_oldest_query(&mut self) -> Option<Pending> {
        let at = self.lines.iter().position(|line| line.sent).filter(|at| self.lines[*at].is_query())?;
        self.lines.remove(at)
    }

    /// The oldest line that was sent was refused: it is taken back.
    pub(crate) fn take_oldest_sent(&mut self) -> Option<Pending> {
        let at = self.lines.iter().position(|line| line.sent)?;
        self.lines.remove(at)
    }

    /// The oldest line that was sent came too soon, and is to be sent again. Was there one?
    pub(crate) fn requeue_oldest_sent(&mut self) -> bool {
        let Some(too_soon) = self.lines.iter_mut().find(|line| line.sent) else { return false };
        too_soon.sent = false;
        true
    }

    /// The connection is over: what was not confirmed is taken back, oldest first.
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

    /// What the server may do with a line and its PING (and the PINGs that follow), and what the client must make of it.
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
