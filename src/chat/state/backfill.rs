//! Backfill: older messages, loaded when the user scrolls up, to fill a gap, or around a search hit; and the stamp
//! from which a new connection replays. Runs on the UI thread.
//!
//! Messages may be missing in two kinds of places: above the oldest entry, unless the server has nothing older, and
//! at each gap in the log (`Missing`). `PAST` returns the messages before a stamp, so a place is identified by the
//! stamp of the first message below it, and the answer is inserted there. One request is in flight at a time, and
//! none while a message of the user is queued: all of them together cost less than a client may send (see `PAUSE`).
//!
//! Loaded entries use only free room ([`SETTLED_MAX`]) and drop nothing. When no room is left, loading stops with a
//! remark. New messages drop the oldest entries as always, loaded or not.

use std::time::{Duration, Instant};

use super::Chat;
use super::message_log::{Entry, Position};
use super::message_log::{Kind, SETTLED_MAX, shown_name};
use super::queue::{Pending, RequestKind};
use super::session::Phase;
use crate::client::{ConnectOptions, ServerAddress};
use crate::protocol::escape::escape;
use crate::protocol::{ErrorCode, PAST_MAX, RESERVED, Stamp, Username};

pub mod gaps;

use gaps::{InsertionPoint, Missing};

/// Messages requested when the user has scrolled up.
const PAGE_MESSAGES: usize = 100;

/// Maximum number of requests that fill a gap automatically. What is still missing then is loaded when the user
/// scrolls there.
const FILLS_MAX: u32 = 10;

/// Pause between two requests. A server accepts ten lines a second, and most of them are reserved for the user's
/// messages.
const PAUSE: Duration = Duration::from_millis(250);

/// Additional pause after a `SLOW_DOWN`.
const LONGER_PAUSE: Duration = Duration::from_secs(2);

/// Time after which a request counts as unanswered.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Microseconds to load below a search hit: an hour or, if that is too much, a minute, or nothing. `PAST` returns
/// only what was said before a stamp, so the request starts that much later.
const CONTEXT_AFTER: [Stamp; 3] = [3_600_000_000, 60_000_000, 1];

const NOT_THERE: &str = "That message is no longer there";
const NOT_LOADED: &str = "That message is not loaded, and you are not connected";

/// Backfill of the room's log, and the request for it.
#[derive(Debug, Default)]
pub(crate) struct Backfill {
    /// The server to which the newest part of the log belongs.
    source: Option<Source>,
    /// The server keeps no history, so it is not asked again.
    is_unavailable: bool,
    /// The part to load next.
    target: Option<Target>,
    /// The request that is in flight.
    in_flight: Option<InFlight>,
    /// Entries received so far in answer to that request.
    answer: Vec<Entry>,
    /// Requests left that may fill gaps automatically.
    pub(crate) fills_left: u32,
    send_after: Option<Instant>,
    /// Position of the search hit, until the window scrolls to it.
    jump_target: Option<Position>,
}

/// A server, and the part of the log that came from it.
#[derive(Debug)]
struct Source {
    server: ServerAddress,
    me: Username,
    /// Position of the first entry from this server.
    start: Position,
    newest: Option<Stamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// The messages missing above this place.
    Above(Missing),
    /// The message with this stamp and its surroundings, with the number of attempts made.
    Around(Stamp, usize),
}

#[derive(Clone, Copy, Debug)]
struct InFlight {
    target: Target,
    /// Stamp before which messages were requested.
    before: Stamp,
    since: Instant,
}

impl Backfill {
    /// Resets the state for a connection to this server, at the end of the log.
    pub(crate) fn begin(&mut self, options: &ConnectOptions, end: Position) {
        let source = self.source.take().filter(|source| source.server == options.server);
        let (start, newest) = source.map_or((end, None), |source| (source.start, source.newest));
        let source = Some(Source { server: options.server.clone(), me: options.username.clone(), start, newest });
        *self = Backfill { source, ..Backfill::default() };
    }

    /// Returns the stamp after which a new connection replays missed messages. Only a connection to the same server
    /// under the same name does.
    pub(crate) fn since(&self, options: &ConnectOptions) -> Option<Stamp> {
        let is_same = |source: &&Source| source.server == options.server && source.me == options.username;
        self.source.as_ref().filter(is_same)?.newest
    }

    /// Returns the stamp of the newest message received from the server.
    fn newest(&self) -> Option<Stamp> {
        self.source.as_ref()?.newest
    }

    /// Records a message to all. Returns whether the log has it already.
    pub(crate) fn note(&mut self, stamp: Option<Stamp>, is_live: bool) -> bool {
        let (Some(source), Some(stamp)) = (&mut self.source, stamp) else { return false };
        if !is_live && source.newest.is_some_and(|newest| stamp <= newest) {
            return true;
        }
        source.newest = source.newest.max(Some(stamp));
        false
    }

    /// Adds a line of the answer. Lines beyond the requested number are dropped.
    pub(crate) fn receive_line(&mut self, at: Option<Stamp>, from: &str, text: &str) {
        if self.in_flight.is_some() && self.answer.len() < PAST_MAX {
            let text = escape(text).into_owned();
            let kind = if from == RESERVED {
                Kind::Announcement { text, earlier: true }
            } else {
                Kind::Message { from: shown_name(from), text, earlier: true }
            };
            self.answer.push(Entry { at, kind });
        }
    }
}

impl Chat {
    /// Loads what is missing among the visible entries or above them, after the user has scrolled up.
    pub fn scrolled_up(&mut self, top: Position, end: Position) {
        let log = &self.room.log;
        let missing = self.backfill.missing_above(log, end);
        let Some(point) = self.backfill.insertion_point(log, missing) else { return };
        let in_view = if missing == Missing::Top { point.position >= top } else { point.position > top };
        if !in_view
            || self.backfill.is_unavailable
            || self.backfill.target.is_some()
            || self.backfill.in_flight.is_some()
        {
            return;
        }
        if log.room() == 0 {
            return self.remark_log_full();
        }
        self.backfill.target = Some(Target::Above(missing));
    }

    /// Scrolls to the message with this stamp, and loads it first if necessary.
    pub fn go_to(&mut self, stamp: Stamp) {
        self.forget_remark(NOT_THERE);
        self.forget_remark(NOT_LOADED);
        self.backfill.jump_target = self.position_of(stamp);
        if self.backfill.jump_target.is_some() {
            self.backfill.target = None;
        } else if self.phase() != Phase::Online {
            self.remark(NOT_LOADED);
        } else {
            self.backfill.target = Some(Target::Around(stamp, 0));
        }
    }

    /// Takes the position to scroll to, once it is loaded.
    pub fn take_jump(&mut self) -> Option<Position> {
        self.backfill.jump_target.take()
    }

    /// Takes the splices that a view of this conversation has not applied yet.
    pub fn take_splices(&mut self, whom: &super::whom::Whom) -> Vec<super::message_log::Splice> {
        self.conversation_mut(whom).map(|conversation| conversation.log.take_splices()).unwrap_or_default()
    }

    /// Records that the server replays only a part of what was said since the connection was lost.
    pub(crate) fn on_gap(&mut self, after: Stamp) {
        self.backfill.fills_left = FILLS_MAX;
        self.room.log.settle(None, Kind::Gap { after });
    }

    /// Sends the next request if none is in flight and no message of the user waits. Returns whether anything shown
    /// has changed.
    pub(crate) fn send_query_if_idle(&mut self, now: Instant) -> bool {
        let since = self.backfill.in_flight.as_ref().map(|asked| asked.since).or(self.search.sent_at());
        if since.is_some_and(|since| now.saturating_duration_since(since) > ANSWER_TIMEOUT) {
            self.queue.take_answered_query();
            if self.search.is_sent() {
                self.search.failed("the server does not answer");
            } else {
                self.stop_backfill("The server does not answer when asked for older messages".into());
            }
            return true;
        }
        let may_ask = self.phase() == Phase::Online
            && since.is_none()
            && self.backfill.send_after.is_none_or(|time| time <= now)
            && self.queue.waiting() == 0
            && !self.queue.awaits_receipt();
        if may_ask && self.search.is_queued() {
            self.backfill.send_after = Some(now + PAUSE);
            return self.send_find(now);
        }
        if !may_ask || self.backfill.is_unavailable {
            return false;
        }
        let by_reader = matches!(self.backfill.target, Some(Target::Above(_)));
        let Some(target) = self.backfill.target.take().or_else(|| self.next_fill()) else { return false };
        let Some(before) = self.stamp_to_ask_before(target) else { return true };
        let count = if by_reader { PAGE_MESSAGES } else { PAST_MAX };
        if self.send_query(RequestKind::Past { before, count }, String::new()) {
            self.backfill.in_flight = Some(InFlight { target, before, since: now });
            self.backfill.send_after = Some(now + PAUSE);
        } else {
            self.backfill.target = Some(target);
        }
        true
    }

    /// Returns the newest gap, as long as gaps are filled automatically.
    fn next_fill(&mut self) -> Option<Target> {
        self.backfill.fills_left = self.backfill.fills_left.checked_sub(1)?;
        match self.backfill.missing_above(&self.room.log, self.room.log.end()) {
            Missing::Gap(below) if self.room.log.room() > 0 => Some(Target::Above(Missing::Gap(below))),
            _ => {
                self.backfill.fills_left = 0;
                None
            }
        }
    }

    /// Returns the stamp for a request; `None` if there is nothing to request.
    fn stamp_to_ask_before(&mut self, target: Target) -> Option<Stamp> {
        let log = &self.room.log;
        match target {
            Target::Above(missing) => Some(self.backfill.insertion_point(log, missing)?.below),
            Target::Around(stamp, attempts) => {
                let Some(point) = self.insertion_point_of(stamp) else {
                    self.remark(NOT_THERE);
                    return None;
                };
                // Everything from `point.below` on is loaded already.
                Some(stamp.saturating_add(*CONTEXT_AFTER.get(attempts)?).min(point.below))
            }
        }
    }

    /// Sends a query. It stays in the queue until its answer is complete, since an error does not say which line it
    /// is about.
    pub(crate) fn send_query(&mut self, kind: RequestKind, text: String) -> bool {
        self.queue.push(kind, text, self.stamp());
        let sent = self.send_next().is_ok();
        if !sent {
            self.queue.take_newest();
        }
        sent
    }

    /// Handles the end of the answer to `PAST`.
    pub(crate) fn on_past_end(&mut self, more: bool, now: Instant) {
        let Some(InFlight { target, before, .. }) = self.backfill.in_flight.take() else { return };
        let answer = std::mem::take(&mut self.backfill.answer);
        match target {
            Target::Above(missing) => {
                // If the place has gone, the message below it was dropped meanwhile.
                let point = self.backfill.insertion_point(&self.room.log, missing);
                if let Some(point) = point.filter(|point| point.below == before) {
                    self.load(point, before, answer, more);
                }
            }
            Target::Around(stamp, attempts) => {
                if answer.iter().any(|entry| entry.at == Some(stamp)) {
                    if let Some(point) = self.insertion_point_of(stamp) {
                        self.load(point, before, answer, more);
                    }
                    self.backfill.jump_target = self.position_of(stamp);
                } else if attempts + 1 < CONTEXT_AFTER.len() {
                    self.backfill.target = Some(Target::Around(stamp, attempts + 1));
                    self.backfill.send_after = Some(now);
                } else {
                    self.remark(NOT_THERE);
                }
            }
        }
    }

    /// Inserts the messages before `before` at the place where they belong.
    fn load(&mut self, point: InsertionPoint, before: Stamp, mut answer: Vec<Entry>, more: bool) {
        let got = answer.len();
        let is_missing = |at: Stamp| at < point.below && point.above.is_none_or(|above| above < at);
        answer.retain(|entry| entry.at.is_some_and(is_missing));
        if let Some(newest) = answer.last().and_then(|entry| entry.at)
            && before < point.below
        {
            answer.push(Entry { at: None, kind: Kind::Gap { after: newest } });
        }
        // A gap is closed by an answer that overlaps what is above it. Any place is closed when the server has no
        // more.
        let closes = point.above.is_some() && (answer.len() < got || !more);
        if point.above.is_none() && !more {
            answer.insert(0, Entry { at: None, kind: Kind::Beginning });
        }
        let first = self.room.log.first();
        let left_out = self.room.log.splice(point.position, usize::from(closes), answer);
        if let Some(source) = &mut self.backfill.source {
            // The insertion moved the older entries to lower positions.
            source.start += self.room.log.first() - first;
        }
        if left_out > 0 {
            self.remark_log_full();
        }
    }

    fn remark_log_full(&mut self) {
        self.remark(format!("This window holds {SETTLED_MAX} lines, and no more are loaded: /clear makes room"));
    }

    /// Schedules the query again after a `SLOW_DOWN`.
    pub(crate) fn retry_query_later(&mut self, pause: Duration, now: Instant) {
        self.search.repeat();
        self.backfill.answer.clear();
        if let Some(asked) = self.backfill.in_flight.take() {
            self.backfill.target.get_or_insert(asked.target);
        }
        self.backfill.send_after = Some(now + pause + LONGER_PAUSE);
    }

    /// Handles an error in answer to a query. Backfill stops with one remark if the server keeps no history.
    pub(crate) fn on_query_error(&mut self, line: &Pending, code: Option<ErrorCode>, words: &str) {
        match code {
            _ if line.kind == RequestKind::Find => self.search.failed(words),
            Some(ErrorCode::Unavailable | ErrorCode::BadLine) => {
                self.stop_backfill("The server keeps no older messages".into());
            }
            _ => self.stop_backfill(format!("Older messages cannot be loaded: {words}")),
        }
    }

    fn stop_backfill(&mut self, remark: String) {
        self.backfill.is_unavailable = true;
        (self.backfill.in_flight, self.backfill.target, self.backfill.fills_left) = (None, None, 0);
        self.backfill.answer.clear();
        self.remark(remark);
    }
}
