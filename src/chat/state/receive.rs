//! Handling of events from the network: what each line of the server changes. The only place that distinguishes past
//! from live.
//!
//! Everything before the user's own HELLO is the past, and everything after it is live. Until that line has arrived,
//! HELLO and BYE only list who is in the room, and a MSG is an older message; from then on they are announced. Runs
//! on the UI thread.

use std::time::{Duration, Instant};

use crossbeam_channel::TryRecvError;

use super::message_log::{Kind, shown_name};
use super::queue::Refusal;
use super::roster::Away;
use super::session::Phase;
use super::{Chat, error_text};
use crate::client::{ConnectionError, Event, Line, Said, TrustPolicy};
use crate::clock::stamp_now;
use crate::protocol::escape::escape;
use crate::protocol::{ErrorCode, RESERVED, Stamp};

/// Pause after a `SLOW_DOWN` without a time, and the longest pause that the client believes.
const DEFAULT_PAUSE: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_mins(1);

/// Limits of one tick, in lines and in bytes of their texts: a flood must leave time for drawing and for the user's
/// input. The lines of one read are processed together, so a tick may exceed the limits by that much.
pub(crate) const LINES_PER_TICK: usize = 2000;
pub(crate) const BYTES_PER_TICK: usize = 256 << 10;

impl Chat {
    /// Processes pending events, up to the limits of one tick. Returns whether there were any.
    pub(crate) fn receive_events(&mut self, now: Instant) -> bool {
        let (mut lines, mut bytes) = (0, 0);
        let mut changed = false;
        while lines < LINES_PER_TICK && bytes < BYTES_PER_TICK {
            let Some(session) = &mut self.session else { break };
            let event = match session.connection.events().try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => Event::Ended(ConnectionError::Broken("its thread has ended".into())),
            };
            changed = true;
            match event {
                Event::Connected { security, not_remembered, .. } => {
                    session.security = Some(security);
                    // The decision was for one attempt; the next one uses what is remembered.
                    session.options.trust = TrustPolicy::Remembered;
                    session.enter(Phase::Connecting, now);
                    if let Some(why) = not_remembered {
                        let why = escape(&why);
                        self.notice_now(&format!("The server's certificate will not be known the next time: {why}"));
                    }
                }
                Event::Received { lines: received, not_understood } => {
                    lines += received.len() + not_understood;
                    bytes += received.iter().map(|line| line.said.bytes()).sum::<usize>();
                    self.receive(received, not_understood, now);
                }
                Event::Ended(error) => self.on_connection_ended(&error, now),
            }
        }
        changed
    }

    /// Handles the lines of one read.
    pub(crate) fn receive(&mut self, lines: Vec<Line>, not_understood: usize, now: Instant) {
        for Line { stamp, said, .. } in lines {
            let Some(session) = &self.session else { return };
            let is_live = session.phase != Phase::Connecting;
            let at = stamp.or_else(|| is_live.then(|| self.stamp()));
            let is_me = |name: &str| name == session.options.username.as_str();
            let is_new = is_live || session.options.capabilities.since.is_some();
            match said {
                Said::Hello(name) if is_me(&name) => self.on_joined(&name, at, now),
                Said::Hello(name) => {
                    let is_new = self.roster.add(&name);
                    if is_new {
                        self.on_recipient_joined(&name);
                    }
                    if is_new && is_live {
                        self.settle_if_open(&name, at, Kind::Joined(shown_name(&name)));
                        self.room.log.settle(at, Kind::Joined(shown_name(&name)));
                    }
                }
                Said::Bye(name) => {
                    self.typing.remove(&name);
                    if self.roster.remove(&name) && is_live {
                        self.settle_if_open(&name, at, Kind::Left(shown_name(&name)));
                        self.room.log.settle(at, Kind::Left(shown_name(&name)));
                    }
                }
                Said::Msg { from, text } => {
                    if self.backfill.note(stamp, is_live) {
                        continue;
                    }
                    if is_me(&from) {
                        if is_live {
                            self.queue.confirm_by_echo(&text);
                        } else {
                            self.unconfirmed.confirm(&text);
                        }
                    }
                    self.typing.stop(&from, false);
                    let text = escape(&text).into_owned();
                    let kind = if from == RESERVED {
                        Kind::Announcement { text, earlier: !is_new }
                    } else {
                        Kind::Message { from: shown_name(&from), text, earlier: !is_new }
                    };
                    self.room.log.settle(at, kind);
                }
                Said::Tell { from, text } => {
                    self.typing.stop(&from, true);
                    self.receive_private(&from, &text, at);
                }
                Said::Pong(token) => {
                    if let Some((line, refusal)) = self.queue.receipt(&token) {
                        self.on_receipt(line, refusal);
                    }
                }
                Said::Away { name, reason } => {
                    let away = (!reason.is_empty()).then_some(Away { since: at, reason });
                    self.roster.set_away(&name, away);
                }
                Said::Typing { from, to } => {
                    if self.privacy.show_typing && self.roster.has(&from) {
                        self.typing.start(&from, !to.is_empty(), now);
                    }
                }
                Said::Past { from, text } => self.backfill.receive_line(stamp, &from, &text),
                Said::End { of, more } if of == "PAST" => {
                    self.queue.take_answered_query();
                    self.on_past_end(more, now);
                }
                Said::Gap(after) => self.on_gap(after),
                Said::Found { from, text } => self.search.receive_line(stamp, &from, &text),
                Said::End { of, more } if of == "FIND" => {
                    self.queue.take_answered_query();
                    self.on_find_end(more);
                }
                // The end of an answer that was never requested, and an answer to a line with a label, which none is sent with.
                Said::End { .. } | Said::Ok => {}
                Said::Registered(_) => self.on_registered(),
                Said::Err { code, detail } => self.on_error(&code, &detail, now),
            }
        }
        if not_understood > 0
            && let Some(session) = &mut self.session
            && !std::mem::replace(&mut session.warned, true)
        {
            self.notice_now("The server says things that this program does not understand; they are left out");
        }
    }

    /// Handles the user's own HELLO: the server has accepted this client. It also ends the answer to WHO, and is
    /// ignored then.
    fn on_joined(&mut self, me: &str, at: Option<Stamp>, now: Instant) {
        self.roster.add(me);
        if let Some(session) = &mut self.session
            && session.phase == Phase::Connecting
        {
            session.enter(Phase::Online, now);
            // Even if the local clock is wrong, the user's own lines must sort among those of others.
            self.clock_offset = at.map_or(0, |at| at.cast_signed().saturating_sub(stamp_now().cast_signed()));
            let server = session.options.server.to_string();
            let text = format!("You joined {} as {me}", escape(&server));
            self.room.log.settle(Some(at.unwrap_or_else(stamp_now)), Kind::Notice(text));
            self.forget_remarks();
            self.return_unconfirmed();
            self.announce_presence_again();
        }
    }

    /// Handles an ERR.
    fn on_error(&mut self, word: &str, detail: &str, now: Instant) {
        let Some(session) = &mut self.session else { return };
        let Some(code) = ErrorCode::from_word(word) else {
            let text = format!("The server says {} {}", escape(word), escape(detail)).trim_end().to_owned();
            if self.take_as_register_error(None, &text) {
                return;
            }
            // An unknown code may be about anything, so no message is taken back for it. Only a receipt can tell that
            // it was about one.
            if !self.queue.note_error_for_receipt(|| Refusal::Wrong(None, text.clone())) {
                self.notice_now(&text);
            }
            return;
        };
        let words = error_text::explain(code, detail, session.options.username.as_str());
        if code.ends_connection() {
            session.fatal_error = Some((code, words));
        } else if self.take_as_register_error(Some(code), &words) {
            // The remark is shown where the user asked for it.
        } else if code == ErrorCode::SlowDown {
            let pause = detail.parse().map_or(DEFAULT_PAUSE, Duration::from_millis).min(PAUSE_MAX);
            if self.queue.take_oldest_query().is_some() {
                self.retry_query_later(pause, now);
            } else if self.queue.note_error_for_receipt(|| Refusal::TooSoon) || self.queue.requeue_oldest_sent() {
                // It is sent again after the pause, without the user pressing Send a second time.
                self.send_after = Some(now + pause);
            }
        } else if self.queue.note_error_for_receipt(|| Refusal::Wrong(Some(code), words.clone())) {
            // The receipt will show which line was refused.
        } else if let Some(line) = self.queue.take_oldest_sent() {
            self.take_back(line, Some(code), &words);
        } else {
            self.notice_now(&format!("The server says: {words}"));
        }
    }

    /// Appends a notice of this program to the room's log, with the current time.
    pub(crate) fn notice_now(&mut self, text: &str) {
        self.room.log.settle(Some(self.stamp()), Kind::Notice(text.to_owned()));
    }
}
