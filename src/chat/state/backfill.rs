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

use gaps::{Edge, Place};

/// Messages that are loaded when the reader has scrolled up.
const PAGE: usize = 100;

/// How many requests fill a gap by themselves. What is then still missing is loaded when somebody comes there.
const FILLS: u32 = 10;

/// Between two requests. A server takes ten lines a second if nothing else is said: most of them are for the user.
const PAUSE: Duration = Duration::from_millis(250);

/// After the server has said that it wants to hear less, this much longer.
const LONGER_PAUSE: Duration = Duration::from_secs(2);

/// An answer that has not come by then will not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much of what followed is to be seen below something that was found: an hour of it, or if that is too much, a
/// minute, or nothing. `PAST` tells only what was before.
const FOLLOWING: [Stamp; 3] = [3_600_000_000, 60_000_000, 1];

/// The past of the room, and what is asked about it.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// Of which server the newest part of the conversation is.
    source: Option<Source>,
    /// The server has no past, so it is not asked again.
    is_none: bool,
    /// What the user wants to see.
    wanted: Option<Wanted>,
    /// The request that is under way.
    asked: Option<Asked>,
    /// What has come of its answer.
    answer: Vec<Entry>,
    /// Requests that may still be made to fill gaps.
    pub(crate) fills: u32,
    not_before: Option<Instant>,
    /// Where that is which was found, until the window shows it.
    arrived: Option<Position>,
}

/// A server, and what we have of it.
#[derive(Debug)]
struct Source {
    server: ServerAddress,
    me: Username,
    /// Entries from there on are of it.
    floor: Position,
    newest: Option<Stamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// What is above this edge.
    Above(Edge),
    /// What was said then, and around it. How often has that been tried?
    Around(Stamp, usize),
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    wanted: Wanted,
    /// The messages before that one are asked for.
    before: Stamp,
    since: Instant,
}

impl Past {
    /// A connection to this server begins, at the end of a conversation.
    pub(crate) fn begin(&mut self, visit: &ConnectOptions, end: Position) {
        let source = self.source.take().filter(|source| source.server == visit.server);
        let (floor, newest) = source.map_or((end, None), |source| (source.floor, source.newest));
        let source = Some(Source { server: visit.server.clone(), me: visit.username.clone(), floor, newest });
        *self = Past { source, ..Past::default() };
    }

    /// After which message a new connection is to replay what was missed: there is one if it is to the same server, by
    /// the same name.
    pub(crate) fn since(&self, visit: &ConnectOptions) -> Option<Stamp> {
        let is_same = |source: &&Source| source.server == visit.server && source.me == visit.username;
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
    pub(crate) fn heard(&mut self, at: Option<Stamp>, from: &str, text: &str) {
        if self.asked.is_some() && self.answer.len() < PAST_MAX {
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
        let edge = self.past.edge_above(log, end);
        let Some(place) = self.past.place(log, edge) else { return };
        let in_view = if edge == Edge::Top { place.position >= top } else { place.position > top };
        if !in_view || self.past.is_none || self.past.wanted.is_some() || self.past.asked.is_some() {
            return;
        }
        if log.room() == 0 {
            return self.say_that_it_is_full();
        }
        self.past.wanted = Some(Wanted::Above(edge));
    }

    /// The reader wants to see what was said to all then.
    pub fn go_to(&mut self, stamp: Stamp) {
        self.past.arrived = self.position_of(stamp);
        if self.past.arrived.is_some() {
            self.past.wanted = None;
        } else if self.phase() != Phase::Online {
            self.remark("That message is not loaded, and you are not connected");
        } else {
            self.past.wanted = Some(Wanted::Around(stamp, 0));
        }
    }

    /// Where that is which the reader wanted to see. It is told once.
    pub fn take_jump(&mut self) -> Option<Position> {
        self.past.arrived.take()
    }

    /// What came in between in a talk, for its view, which is told once.
    pub fn take_splices(&mut self, whom: &super::conversation::Whom) -> Vec<super::message_log::Splice> {
        self.conversation_mut(whom).map(|conversation| conversation.log.take_splices()).unwrap_or_default()
    }

    /// Not all that was said since the connection was lost is replayed.
    pub(crate) fn heard_of_gap(&mut self, after: Stamp) {
        self.past.fills = FILLS;
        self.room.log.settle(None, Kind::Gap { after });
    }

    /// Asks for what is wanted, if the time is right. Returns whether that changes anything that is shown.
    pub(crate) fn ask_if_allowed(&mut self, now: Instant) -> bool {
        let since = self.past.asked.as_ref().map(|asked| asked.since).or(self.search.asked_since());
        if since.is_some_and(|since| now.saturating_duration_since(since) > PATIENCE) {
            self.queue.asked_and_answered();
            if self.search.is_asked() {
                self.search.failed("the server does not answer");
            } else {
                self.answer_is("The server does not answer when asked for older messages".into());
            }
            return true;
        }
        let may_ask = self.phase() == Phase::Online
            && since.is_none()
            && self.past.not_before.is_none_or(|time| time <= now)
            && self.queue.waiting() == 0
            && !self.queue.awaits_receipt();
        if may_ask && self.search.is_wanted() {
            self.past.not_before = Some(now + PAUSE);
            return self.ask_to_find(now);
        }
        if !may_ask || self.past.is_none {
            return false;
        }
        let by_reader = matches!(self.past.wanted, Some(Wanted::Above(_)));
        let Some(wanted) = self.past.wanted.take().or_else(|| self.next_fill()) else { return false };
        let Some(before) = self.stamp_to_ask_before(wanted) else { return true };
        let count = if by_reader { PAGE } else { PAST_MAX };
        if self.ask(RequestKind::Past { before, count }, String::new()) {
            self.past.asked = Some(Asked { wanted, before, since: now });
            self.past.not_before = Some(now + PAUSE);
        } else {
            self.past.wanted = Some(wanted);
        }
        true
    }

    /// The newest gap, as long as gaps are filled without anybody's asking.
    fn next_fill(&mut self) -> Option<Wanted> {
        self.past.fills = self.past.fills.checked_sub(1)?;
        match self.past.edge_above(&self.room.log, self.room.log.end()) {
            Edge::Gap(below) if self.room.log.room() > 0 => Some(Wanted::Above(Edge::Gap(below))),
            _ => {
                self.past.fills = 0;
                None
            }
        }
    }

    /// Before which stamp to ask; `None` if there is nothing to ask for.
    fn stamp_to_ask_before(&mut self, wanted: Wanted) -> Option<Stamp> {
        let log = &self.room.log;
        match wanted {
            Wanted::Above(edge) => Some(self.past.place(log, edge)?.below),
            Wanted::Around(stamp, tries) => {
                let Some(place) = self.place_of(stamp) else {
                    self.remark("That message is no longer there");
                    return None;
                };
                // What is below is loaded already.
                Some(stamp.saturating_add(*FOLLOWING.get(tries)?).min(place.below))
            }
        }
    }

    /// Sends a line that asks for something. The queue has it until the answer is there, since an error does not say
    /// what it is about.
    pub(crate) fn ask(&mut self, aim: RequestKind, text: String) -> bool {
        self.queue.push(aim, text, self.stamp());
        let sent = self.send_next().is_ok();
        if !sent {
            self.queue.take_newest();
        }
        sent
    }

    /// The answer to a PAST is complete.
    pub(crate) fn past_is_told(&mut self, more: bool, now: Instant) {
        let Some(Asked { wanted, before, .. }) = self.past.asked.take() else { return };
        let answer = std::mem::take(&mut self.past.answer);
        match wanted {
            Wanted::Above(edge) => {
                // If it is not there any more, what was below it was dropped meanwhile.
                let place = self.past.place(&self.room.log, edge);
                if let Some(place) = place.filter(|place| place.below == before) {
                    self.load(place, before, answer, more);
                }
            }
            Wanted::Around(stamp, tries) => {
                if answer.iter().any(|entry| entry.at == Some(stamp)) {
                    if let Some(place) = self.place_of(stamp) {
                        self.load(place, before, answer, more);
                    }
                    self.past.arrived = self.position_of(stamp);
                } else if tries + 1 < FOLLOWING.len() {
                    self.past.wanted = Some(Wanted::Around(stamp, tries + 1));
                    self.past.not_before = Some(now);
                } else {
                    self.remark("That message is no longer there");
                }
            }
        }
    }

    /// Puts what was said before `before` where it belongs.
    fn load(&mut self, place: Place, before: Stamp, mut answer: Vec<Entry>, more: bool) {
        let got = answer.len();
        let is_missing = |at: Stamp| at < place.below && place.above.is_none_or(|above| above < at);
        answer.retain(|entry| entry.at.is_some_and(is_missing));
        if let Some(newest) = answer.last().and_then(|entry| entry.at)
            && before < place.below
        {
            answer.push(Entry { at: None, kind: Kind::Gap { after: newest } });
        }
        // A gap ends where something comes that is above it, and everything where there is no more.
        let closes = place.above.is_some() && (answer.len() < got || !more);
        if place.above.is_none() && !more {
            answer.insert(0, Entry { at: None, kind: Kind::Beginning });
        }
        let first = self.room.log.first();
        let left_out = self.room.log.splice(place.position, usize::from(closes), answer);
        if let Some(source) = &mut self.past.source {
            // What is above of what came is so much further up now.
            source.floor += self.room.log.first() - first;
        }
        if left_out > 0 {
            self.say_that_it_is_full();
        }
    }

    fn say_that_it_is_full(&mut self) {
        self.remark(format!("This window holds {SETTLED_MAX} lines, and no more are loaded: /clear makes room"));
    }

    /// The request for the past came too soon: it is made again, later.
    pub(crate) fn ask_later(&mut self, pause: Duration, now: Instant) {
        self.search.is_wanted_again();
        self.past.answer.clear();
        if let Some(asked) = self.past.asked.take() {
            self.past.wanted.get_or_insert(asked.wanted);
        }
        self.past.not_before = Some(now + pause + LONGER_PAUSE);
    }

    /// The server does not tell of the past, which is said once.
    pub(crate) fn asked_in_vain(&mut self, line: &Pending, code: Option<ErrorCode>, words: &str) {
        match code {
            _ if line.aim == RequestKind::Find => self.search.failed(words),
            Some(ErrorCode::Unavailable | ErrorCode::BadLine) => {
                self.answer_is("The server keeps no older messages".into());
            }
            _ => self.answer_is(format!("Older messages cannot be loaded: {words}")),
        }
    }

    fn answer_is(&mut self, remark: String) {
        self.past.is_none = true;
        (self.past.asked, self.past.wanted, self.past.fills) = (None, None, 0);
        self.past.answer.clear();
        self.remark(remark);
    }
}
