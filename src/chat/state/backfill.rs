//! What was said before: loaded as the reader scrolls up, to fill a gap, or around something that was found; and what a
//! new connection has to replay. Runs on the UI thread.
//!
//! A conversation is a sequence with *edges*: places above which more was said than is loaded. One is its beginning,
//! unless it says that there is nothing older; the others are its gaps. `PAST` gives what is before a stamp, so an edge
//! is known by the stamp of the first message below it, and what comes is put there. One request at a time is under
//! way, and none while the user has something to say that waits: all of them together cost less than a client may say
//! (see [`PAUSE`]).
//!
//! What is loaded gets what room there is ([`SETTLED_MAX`]) and drops nothing: when there is none, loading ends, and
//! says so. What is said later drops the oldest as ever, loaded or not.

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

/// Messages that are loaded when the reader has scrolled up.
const PAGE_MESSAGES: usize = 100;

/// How many requests fill a gap by themselves. What is then still missing is loaded when somebody comes there.
const FILLS_MAX: u32 = 10;

/// Between two requests. A server takes ten lines a second if nothing else is said: most of them are for the user.
const PAUSE: Duration = Duration::from_millis(250);

/// After the server has said that it wants to hear less, this much longer.
const LONGER_PAUSE: Duration = Duration::from_secs(2);

/// An answer that has not come by then will not come.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// How much of what followed is to be seen below something that was found: an hour of it, or if that is too much, a
/// minute, or nothing. `PAST` tells only what was before.
const CONTEXT_AFTER: [Stamp; 3] = [3_600_000_000, 60_000_000, 1];

/// The past of the room, and what is asked about it.
#[derive(Debug, Default)]
pub(crate) struct Backfill {
    /// Of which server the newest part of the conversation is.
    source: Option<Source>,
    /// The server has no past, so it is not asked again.
    is_unavailable: bool,
    /// What the user wants to see.
    target: Option<Target>,
    /// The request that is under way.
    in_flight: Option<InFlight>,
    /// What has come of its answer.
    answer: Vec<Entry>,
    /// Requests that may still be made to fill gaps.
    pub(crate) fills_left: u32,
    send_after: Option<Instant>,
    /// Where that is which was found, until the window shows it.
    jump_target: Option<Position>,
}

/// A server, and what we have of it.
#[derive(Debug)]
struct Source {
    server: ServerAddress,
    me: Username,
    /// Entries from there on are of it.
    start: Position,
    newest: Option<Stamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// What is above this edge.
    Above(Missing),
    /// What was said then, and around it. How often has that been tried?
    Around(Stamp, usize),
}

#[derive(Clone, Copy, Debug)]
struct InFlight {
    target: Target,
    /// The messages before that one are asked for.
    before: Stamp,
    since: Instant,
}

impl Backfill {
    /// A connection to this server begins, at the end of a conversation.
    pub(crate) fn begin(&mut self, options: &ConnectOptions, end: Position) {
        let source = self.source.take().filter(|source| source.server == options.server);
        let (start, newest) = source.map_or((end, None), |source| (source.start, source.newest));
        let source = Some(Source { server: options.server.clone(), me: options.username.clone(), start, newest });
        *self = Backfill { source, ..Backfill::default() };
    }

    /// After which message a new connection is to replay what was missed: there is one if it is to the same server, by
    /// the same name.
    pub(crate) fn since(&self, options: &ConnectOptions) -> Option<Stamp> {
        let is_same = |source: &&Source| source.server == options.server && source.me == options.username;
        self.source.as_ref().filter(is_same)?.newest
    }

    /// The newest message that we have of the server.
    fn newest(&self) -> Option<Stamp> {
        self.source.as_ref()?.newest
    }

    /// A message to all has come. Returns whether it is one that we have already.
    pub(crate) fn note(&mut self, stamp: Option<Stamp>, live: bool) -> bool {
        let (Some(source), Some(stamp)) = (&mut self.source, stamp) else { return false };
        if !live && source.newest.is_some_and(|newest| stamp <= newest) {
            return true;
        }
        source.newest = source.newest.max(Some(stamp));
        false
    }

    /// A line of the answer. More than was asked for is not kept.
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
    /// The reader has scrolled up, and sees these entries: what is missing there, or above them, is loaded.
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

    /// The reader wants to see what was said to all then.
    pub fn go_to(&mut self, stamp: Stamp) {
        self.backfill.jump_target = self.position_of(stamp);
        if self.backfill.jump_target.is_some() {
            self.backfill.target = None;
        } else if self.phase() != Phase::Online {
            self.remark("That message is not loaded, and you are not connected");
        } else {
            self.backfill.target = Some(Target::Around(stamp, 0));
        }
    }

    /// Where that is which the reader wanted to see. It is told once.
    pub fn take_jump(&mut self) -> Option<Position> {
        self.backfill.jump_target.take()
    }

    /// What came in between in a talk, for its view, which is told once.
    pub fn take_splices(&mut self, whom: &super::whom::Whom) -> Vec<super::message_log::Splice> {
        self.conversation_mut(whom).map(|conversation| conversation.log.take_splices()).unwrap_or_default()
    }

    /// Not all that was said since the connection was lost is replayed.
    pub(crate) fn on_gap(&mut self, after: Stamp) {
        self.backfill.fills_left = FILLS_MAX;
        self.room.log.settle(None, Kind::Gap { after });
    }

    /// Asks for what is wanted, if the time is right. Returns whether that changes anything that is shown.
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

    /// The newest gap, as long as gaps are filled without anybody's asking.
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

    /// Before which stamp to ask; `None` if there is nothing to ask for.
    fn stamp_to_ask_before(&mut self, target: Target) -> Option<Stamp> {
        let log = &self.room.log;
        match target {
            Target::Above(missing) => Some(self.backfill.insertion_point(log, missing)?.below),
            Target::Around(stamp, tries) => {
                let Some(point) = self.insertion_point_of(stamp) else {
                    self.remark("That message is no longer there");
                    return None;
                };
                // What is below is loaded already.
                Some(stamp.saturating_add(*CONTEXT_AFTER.get(tries)?).min(point.below))
            }
        }
    }

    /// Sends a line that asks for something. The queue has it until the answer is there, since an error does not say
    /// what it is about.
    pub(crate) fn send_query(&mut self, kind: RequestKind, text: String) -> bool {
        self.queue.push(kind, text, self.stamp());
        let sent = self.send_next().is_ok();
        if !sent {
            self.queue.take_newest();
        }
        sent
    }

    /// The answer to a PAST is complete.
    pub(crate) fn on_past_end(&mut self, more: bool, now: Instant) {
        let Some(InFlight { target, before, .. }) = self.backfill.in_flight.take() else { return };
        let answer = std::mem::take(&mut self.backfill.answer);
        match target {
            Target::Above(missing) => {
                // If it is not there any more, what was below it was dropped meanwhile.
                let point = self.backfill.insertion_point(&self.room.log, missing);
                if let Some(point) = point.filter(|point| point.below == before) {
                    self.load(point, before, answer, more);
                }
            }
            Target::Around(stamp, tries) => {
                if answer.iter().any(|entry| entry.at == Some(stamp)) {
                    if let Some(point) = self.insertion_point_of(stamp) {
                        self.load(point, before, answer, more);
                    }
                    self.backfill.jump_target = self.position_of(stamp);
                } else if tries + 1 < CONTEXT_AFTER.len() {
                    self.backfill.target = Some(Target::Around(stamp, tries + 1));
                    self.backfill.send_after = Some(now);
                } else {
                    self.remark("That message is no longer there");
                }
            }
        }
    }

    /// Puts what was said before `before` where it belongs.
    fn load(&mut self, point: InsertionPoint, before: Stamp, mut answer: Vec<Entry>, more: bool) {
        let got = answer.len();
        let is_missing = |at: Stamp| at < point.below && point.above.is_none_or(|above| above < at);
        answer.retain(|entry| entry.at.is_some_and(is_missing));
        if let Some(newest) = answer.last().and_then(|entry| entry.at)
            && before < point.below
        {
            answer.push(Entry { at: None, kind: Kind::Gap { after: newest } });
        }
        // A gap ends where something comes that is above it, and everything where there is no more.
        let closes = point.above.is_some() && (answer.len() < got || !more);
        if point.above.is_none() && !more {
            answer.insert(0, Entry { at: None, kind: Kind::Beginning });
        }
        let first = self.room.log.first();
        let left_out = self.room.log.splice(point.position, usize::from(closes), answer);
        if let Some(source) = &mut self.backfill.source {
            // What is above of what came is so much further up now.
            source.start += self.room.log.first() - first;
        }
        if left_out > 0 {
            self.remark_log_full();
        }
    }

    fn remark_log_full(&mut self) {
        self.remark(format!("This window holds {SETTLED_MAX} lines, and no more are loaded: /clear makes room"));
    }

    /// The request for the past came too soon: it is made again, later.
    pub(crate) fn retry_query_later(&mut self, pause: Duration, now: Instant) {
        self.search.repeat();
        self.backfill.answer.clear();
        if let Some(asked) = self.backfill.in_flight.take() {
            self.backfill.target.get_or_insert(asked.target);
        }
        self.backfill.send_after = Some(now + pause + LONGER_PAUSE);
    }

    /// The server does not tell of the past, which is said once.
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
