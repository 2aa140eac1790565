//! Handling of events from the network: what each line of the server changes. The only place that distinguishes past
//! from live.
//!
//! Everything before the user's own HELLO is the past, and everything after it is live. Until that line has arrived,
//! HELLO and BYE only list who is in the room, and a MSG is an older message; from then on they are announced. Runs
//! on the UI thread.

use std::time::{Duration, Instant};

use super::alerts::Reason;
use super::link::session::Phase;
use super::people::roster::Away;
use super::talks::message_log::{Kind, shown_name};
use super::talks::private::TalkId;
use super::talks::whom::Whom;
use super::{Chat, error_text};
use crate::chat::render::mentions::mentions;
use crate::client::{Event, Line, Said};
use crate::clock::stamp_now;
use crate::protocol::escape::escape;
use crate::protocol::{ErrorCode, Stamp};

/// Pause after a `SLOW_DOWN` without a time, and the longest pause that the client believes.
const DEFAULT_PAUSE: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_mins(1);

/// Limits of one tick, in lines and in bytes of their texts: a flood must leave time for drawing and for the user's
/// input. The lines of one read are processed together, so a tick may exceed the limits by that much.
pub(crate) const LINES_PER_TICK: usize = 2000;
pub(crate) const BYTES_PER_TICK: usize = 256 << 10;

/// Reason for the refusals of a server that does not know labels, by which this program recognizes the answers.
const NO_LABELS: &str = "this server is too old: it does not support labels";

impl Chat {
    /// Processes pending events, up to the limits of one tick. Returns whether there were any.
    pub(super) fn receive_events(&mut self, now: Instant) -> bool {
        let (mut lines, mut bytes) = (0, 0);
        let mut changed = false;
        while lines < LINES_PER_TICK
            && bytes < BYTES_PER_TICK
            && let Some(event) = self.link.next_event()
        {
            changed = true;
            match event {
                Event::Connected { security, not_remembered, .. } => {
                    self.link.on_connected(security, now);
                    if let Some(why) = not_remembered {
                        let why = escape(&why);
                        self.notice_now(&format!("The server's certificate could not be remembered: {why}"));
                    }
                }
                Event::Received { lines: received, not_understood } => {
                    lines += received.len() + not_understood;
                    bytes += received.iter().map(|line| line.said.bytes()).sum::<usize>();
                    for line in received {
                        self.receive(line, now);
                    }
                    if not_understood > 0 && self.link.not_understood() {
                        self.notice_now("This program does not understand some lines of the server, and skips them");
                    }
                }
                Event::Ended(error) => self.on_connection_ended(&error, now),
            }
        }
        self.forget_deleted();
        changed
    }

    /// Handles a line.
    fn receive(&mut self, Line { label, stamp, said }: Line, now: Instant) {
        if let Said::Err { code, detail } = said {
            return self.on_error(label.as_deref(), &code, &detail, now);
        }
        if let Some(label) = label {
            match self.outgoing.take_answered(&label) {
                Some(line) => self.on_answer(line, &said, now),
                None if matches!(&said, Said::End { of, .. } if of == "FIND") => {
                    self.backfill.search_mut().on_late_end();
                }
                None => {}
            }
        }
        let is_live = self.link.phase() != Phase::Connecting;
        let at = stamp.or_else(|| is_live.then(|| self.link.stamp()));
        match said {
            Said::Hello(name) => {
                let is_new = self.people.join(&name);
                if name == self.link.own_name() {
                    return self.on_joined(&name, at, now);
                }
                if is_new {
                    self.talks.on_recipient_joined(&name);
                }
                if is_new && is_live {
                    self.talks.settle_presence(&name, at, Kind::Joined(shown_name(&name)));
                }
            }
            Said::Bye(name) => {
                if self.people.left(&name) && is_live {
                    self.talks.settle_presence(&name, at, Kind::Left(shown_name(&name)));
                }
            }
            Said::Msg { from, text } => self.on_message(&from, &text, stamp, at, is_live),
            Said::Tell { from, text } => {
                self.people.has_said(&from, true);
                if self.ignored.hides(&from) {
                    return self.talks.receive_hidden(&from, &text, at);
                }
                let outgoing = &self.outgoing;
                self.talks.receive_private(&from, &text, at, |whom| outgoing.pending(whom).next().is_some());
                // Without room for another conversation, it is in that with everybody.
                let talk = self.talks.id(&Whom::One(from.clone())).unwrap_or(self.talks.room_id());
                self.alert(talk, at, &Kind::Private { from: shown_name(&from), text: escape(&text).into_owned() });
            }
            Said::Away { name, reason } => self.people.set_away(&name, Away { since: at, reason }),
            Said::Typing { from, .. } if self.ignored.hides(&from) => {}
            Said::Typing { from, to } => self.people.is_typing(&from, !to.is_empty(), now),
            Said::Past { from, text } => self.backfill.receive_line(stamp, &from, &text),
            Said::Found { from, .. } if self.ignored.hides(&from) => self.backfill.search_mut().receive_hidden(),
            Said::Found { from, text } => self.backfill.search_mut().receive_line(stamp, &from, &text),
            Said::Gap(after) => {
                // Only a part of what was said since the connection was lost is replayed.
                self.backfill.on_gap();
                self.talks.room_mut().log.settle(None, Kind::Gap { after });
            }
            Said::Deleted(stamp) => self.on_deleted(stamp),
            // Answers, which have been handled, and answers to lines that this program has not sent.
            Said::Ok | Said::End { .. } | Said::Registered(_) | Said::Pong(_) | Said::Err { .. } => {}
        }
    }

    /// Handles a message to all.
    fn on_message(&mut self, from: &str, text: &str, stamp: Option<Stamp>, at: Option<Stamp>, is_live: bool) {
        if self.backfill.note(stamp, is_live) {
            return;
        }
        if from == self.link.own_name() && !is_live {
            self.outgoing.confirm_replayed(text);
        }
        self.people.has_said(from, false);
        let earlier = !is_live && self.link.capabilities().is_none_or(|asked| asked.since.is_none());
        let kind = Kind::said(from, text, earlier);
        if !self.ignored.hides(from) {
            self.alert(self.talks.room_id(), at, &kind);
        }
        self.talks.room_mut().log.settle(at, kind);
    }

    /// Passes a new message in a conversation on to the alerts.
    fn alert(&mut self, talk: TalkId, at: Option<Stamp>, kind: &Kind) {
        // A search for mentions would be in vain.
        if self.alerts.is_in_front(talk) {
            return;
        }
        if let Some((from, text, reason)) = self.alert_about(kind) {
            self.alerts.heard(talk, at, from, text, reason);
        }
    }

    /// Returns the sender, the text and the reason of an alert about a message; `None` if there is nothing to tell.
    pub(super) fn alert_about<'k>(&self, kind: &'k Kind) -> Option<(&'k str, &'k str, Reason)> {
        let me = self.link.own_name();
        let (from, text) = match kind {
            Kind::Message { from, text, earlier: false } | Kind::Private { from, text } if from != me => {
                (from.as_str(), text)
            }
            Kind::Announcement { text, earlier: false } => ("the server", text),
            _ => return None,
        };
        let reason = match kind {
            Kind::Private { .. } => Reason::Private,
            _ if mentions(text, me).is_empty() => Reason::Other,
            _ => Reason::Mention,
        };
        Some((from, text, reason))
    }

    /// Handles the user's own HELLO: the server has accepted this client. It also ends the answer to WHO, and is
    /// ignored then.
    fn on_joined(&mut self, me: &str, at: Option<Stamp>, now: Instant) {
        if let Some(server) = self.link.on_joined(at, now) {
            let text = format!("You joined {} as {me}", escape(&server));
            self.talks.room_mut().log.settle(Some(at.unwrap_or_else(stamp_now)), Kind::Notice(text));
            self.talks.forget_remarks();
            self.return_unconfirmed();
            let reason = self.people.announce_again();
            self.announce(reason);
        }
    }

    /// Handles an ERR.
    fn on_error(&mut self, label: Option<&str>, word: &str, detail: &str, now: Instant) {
        let code = ErrorCode::from_word(word);
        let words = match code {
            Some(code) => error_text::explain(code, detail, self.link.own_name()),
            None => format!("The server says {} {}", escape(word), escape(detail)).trim_end().to_owned(),
        };
        let pause = detail.parse().map_or(DEFAULT_PAUSE, Duration::from_millis).min(PAUSE_MAX);
        match (code, label) {
            (Some(code), _) if code.ends_connection() => self.link.on_fatal_error(code, words),
            // What came too soon and has no label is no line of this program that anybody waits for.
            (Some(ErrorCode::SlowDown), None) => {}
            (Some(ErrorCode::SlowDown), Some(label)) if self.outgoing.send_again(label, now + pause) => {}
            (_, Some(label)) => match self.outgoing.take_answered(label) {
                Some(line) if code == Some(ErrorCode::SlowDown) && line.is_query() => {
                    self.backfill.retry_later(&line.kind, now + pause);
                }
                Some(line) => self.on_refusal(line.kind, line.text, code, &words),
                None => {}
            },
            (Some(ErrorCode::BadLine), None) if let Some(line) = self.outgoing.take_not_understood() => {
                self.on_refusal(line.kind, line.text, code, NO_LABELS);
            }
            (Some(_), None) => self.notice_now(&format!("The server says: {words}")),
            (None, None) => self.notice_now(&words),
        }
    }

    /// Appends a notice of this program to the room's log, with the current time.
    pub(super) fn notice_now(&mut self, text: &str) {
        self.talks.room_mut().log.settle(Some(self.link.stamp()), Kind::Notice(text.to_owned()));
    }
}
