//! Backfill: older messages, loaded when the user scrolls up, to fill a gap, or around a search hit; and the stamp
//! from which a new connection replays. Runs on the UI thread.
//!
//! Messages may be missing in two kinds of places: above the oldest entry, unless the server has nothing older, and
//! at each gap in the log (`Missing`). `PAST` returns the messages before a stamp, so a place is identified by the
//! stamp of the first message below it, and the answer is inserted there. One request is in flight at a time, since
//! its answer decides about the next; a search may be on its way beside it. None is sent while a message of the user waits
//! to be sent: all of them together cost less than a client may send (see `PAUSE`).
//!
//! Loaded entries use only free room ([`SETTLED_MAX`]) and drop nothing. When no room is left, loading stops with a
//! remark. New messages drop the oldest entries as always, loaded or not.
//!
//! A `Remark` that a method returns is for the user.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::outgoing::RequestKind;
use super::talks::message_log::{Entry, Kind, MessageLog, Position, SETTLED_MAX};
use crate::client::{ConnectOptions, ServerAddress};
use crate::protocol::{ErrorCode, PAST_MAX, Stamp, Username};

pub mod gaps;
pub mod search;

use gaps::{InsertionPoint, Missing, missing_above, position_of};
use search::Search;

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

/// Microseconds to load below a search hit: an hour or, if that is too much, a minute, or nothing. `PAST` returns
/// only what was said before a stamp, so the request starts that much later.
const CONTEXT_AFTER: [Stamp; 3] = [3_600_000_000, 60_000_000, 1];

pub(super) const NOT_THERE: &str = "That message no longer exists";
pub(super) const NOT_LOADED: &str = "Connect to load that message";

/// A sentence for the user's status line, if there is one.
pub(super) type Remark = Option<String>;

/// Backfill of the room's log, and the request for it.
#[derive(Debug, Default)]
pub struct Backfill {
    /// The search and its results.
    search: Search,
    /// The current server, or the last one.
    source: Option<Source>,
    /// The servers before it.
    other_sources: Vec<Source>,
    /// The server keeps no history, so it is not asked again.
    is_unavailable: bool,
    /// The part to load next.
    target: Option<Target>,
    /// The request that is in flight.
    in_flight: Option<InFlight>,
    /// Entries received so far in answer to that request.
    answer: Vec<Entry>,
    /// Requests left that may fill gaps automatically.
    fills_left: u32,
    send_after: Option<Instant>,
    /// Position of the search hit, once it is loaded, until the window scrolls to it.
    jump_target: Option<Position>,
}

/// A server, and how far its messages were received.
#[derive(Debug)]
struct Source {
    server: ServerAddress,
    me: Username,
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
}

impl Backfill {
    /// Returns the search and its results.
    pub fn search(&self) -> &Search {
        &self.search
    }

    pub(super) fn search_mut(&mut self) -> &mut Search {
        &mut self.search
    }

    /// Takes the position of the search hit that was loaded, to scroll to it.
    pub fn take_jump(&mut self) -> Option<Position> {
        self.jump_target.take()
    }

    /// Records that the server replays only a part of what was said since the connection was lost.
    pub(super) fn on_gap(&mut self) {
        self.fills_left = FILLS_MAX;
    }

    #[cfg(test)]
    pub(super) fn stop_filling(&mut self) {
        self.fills_left = 0;
    }

    /// Resets the state for a connection to this server. What was found on another one is forgotten.
    pub(crate) fn begin(&mut self, options: &ConnectOptions) {
        let is_same = self.source.as_ref().is_some_and(|source| source.server == options.server);
        let search = if is_same { std::mem::take(&mut self.search) } else { Search::default() };
        let mut other_sources = std::mem::take(&mut self.other_sources);
        other_sources.extend(self.source.take());
        let known = other_sources.extract_if(.., |source| source.server == options.server).last();
        let newest = known.and_then(|source| source.newest);
        let source = Some(Source { server: options.server.clone(), me: options.username.clone(), newest });
        *self = Backfill { search, source, other_sources, ..Backfill::default() };
    }

    /// Returns the stamp after which a new connection replays missed messages. Only a connection to the same server
    /// under the same name does.
    pub(crate) fn since(&self, options: &ConnectOptions) -> Option<Stamp> {
        let is_same = |source: &&Source| source.server == options.server && source.me == options.username;
        self.source.iter().chain(&self.other_sources).find(is_same)?.newest
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
            self.answer.push(Entry { at, kind: Kind::said(from, text, true) });
        }
    }

    /// Takes the texts of deleted messages out of the results of the search, the answer so far, and the log.
    /// Returns the entries that the log had.
    pub(super) fn forget_deleted(&mut self, log: &mut MessageLog, deleted: &BTreeSet<Stamp>) -> Vec<Entry> {
        self.search.forget_deleted(deleted);
        for entry in &mut self.answer {
            if entry.stamp().is_some_and(|stamp| deleted.contains(&stamp)) {
                entry.kind = entry.kind.without_text();
            }
        }
        log.forget_texts(deleted)
    }

    /// Loads what is missing among the visible entries or above them, after the user has scrolled up.
    pub(super) fn scrolled_up(&mut self, log: &MessageLog, top: Position, end: Position) -> Remark {
        let missing = missing_above(log, end);
        let point = self.insertion_point(log, missing)?;
        let in_view = if missing == Missing::Top { point.position >= top } else { point.position > top };
        if !in_view || self.is_unavailable || self.target.is_some() || self.in_flight.is_some() {
            return None;
        }
        if log.room() == 0 {
            return Some(log_is_full());
        }
        self.target = Some(Target::Above(missing));
        None
    }

    /// Scrolls to the message with this stamp, and loads it first if necessary.
    pub(super) fn go_to(&mut self, log: &MessageLog, stamp: Stamp, is_online: bool) -> Remark {
        self.jump_target = position_of(log, stamp);
        if self.jump_target.is_some() {
            self.target = None;
        } else if is_online {
            self.target = Some(Target::Around(stamp, 0));
        } else {
            return Some(NOT_LOADED.into());
        }
        None
    }

    /// Returns the next request: a search, or a request for older messages unless one is in flight. If it cannot be sent,
    /// [`not_sent`](Backfill::not_sent) keeps it.
    ///
    /// # Errors
    /// The message that the user asked for does not exist any more, or cannot be loaded. The text is a remark for the user.
    pub(super) fn next_query(
        &mut self,
        log: &MessageLog,
        now: Instant,
    ) -> Result<Option<(RequestKind, String)>, String> {
        if self.send_after.is_some_and(|time| now < time) {
            return Ok(None);
        }
        if let Some(words) = self.search.send() {
            self.send_after = Some(now + PAUSE);
            return Ok(Some((RequestKind::Find, words)));
        }
        if self.is_unavailable || self.in_flight.is_some() {
            return Ok(None);
        }
        let by_reader = matches!(self.target, Some(Target::Above(_)));
        let Some(target) = self.target.take().or_else(|| self.next_fill(log)) else { return Ok(None) };
        let Some(before) = self.stamp_to_ask_before(log, target)? else { return Ok(None) };
        self.in_flight = Some(InFlight { target, before });
        self.send_after = Some(now + PAUSE);
        let count = if by_reader { PAGE_MESSAGES } else { PAST_MAX };
        Ok(Some((RequestKind::Past { before, count }, String::new())))
    }

    /// Keeps the request for another attempt: the connection did not accept it, or the server wanted a pause.
    pub(super) fn not_sent(&mut self, kind: &RequestKind) {
        if matches!(kind, RequestKind::Find) {
            return self.search.repeat();
        }
        self.answer.clear();
        if let Some(asked) = self.in_flight.take() {
            self.target.get_or_insert(asked.target);
        }
    }

    /// Schedules the request again after a `SLOW_DOWN`.
    pub(super) fn retry_later(&mut self, kind: &RequestKind, then: Instant) {
        self.not_sent(kind);
        self.send_after = Some(then + LONGER_PAUSE);
    }

    /// Returns the newest gap, as long as gaps are filled automatically.
    fn next_fill(&mut self, log: &MessageLog) -> Option<Target> {
        self.fills_left = self.fills_left.checked_sub(1)?;
        match missing_above(log, log.end()) {
            Missing::Gap(below) if log.room() > 0 => Some(Target::Above(Missing::Gap(below))),
            _ => {
                self.fills_left = 0;
                None
            }
        }
    }

    /// Returns the stamp for a request; `None` if there is nothing to request, or a remark if that is gone.
    fn stamp_to_ask_before(&self, log: &MessageLog, target: Target) -> Result<Option<Stamp>, String> {
        match target {
            Target::Above(missing) => Ok(self.insertion_point(log, missing).map(|point| point.below)),
            Target::Around(stamp, attempts) => {
                let point = self.insertion_point_of(log, stamp).ok_or(NOT_THERE)?;
                // Everything from `point.below` on is loaded already.
                Ok(CONTEXT_AFTER.get(attempts).map(|after| stamp.saturating_add(*after).min(point.below)))
            }
        }
    }

    /// Handles the end of the answer to `PAST`.
    pub(super) fn on_past_end(&mut self, log: &mut MessageLog, more: bool, now: Instant) -> Remark {
        let InFlight { target, before, .. } = self.in_flight.take()?;
        let answer = std::mem::take(&mut self.answer);
        match target {
            Target::Above(missing) => {
                // If the place has gone, the message below it was dropped meanwhile.
                let point = self.insertion_point(log, missing).filter(|point| point.below == before)?;
                load(log, point, before, answer, more)
            }
            Target::Around(stamp, attempts) => {
                if answer.iter().any(|entry| entry.at == Some(stamp)) {
                    let point = self.insertion_point_of(log, stamp);
                    let remark = point.and_then(|point| load(log, point, before, answer, more));
                    self.jump_target = position_of(log, stamp);
                    remark
                } else if attempts + 1 < CONTEXT_AFTER.len() {
                    self.target = Some(Target::Around(stamp, attempts + 1));
                    self.send_after = Some(now);
                    None
                } else {
                    Some(NOT_THERE.into())
                }
            }
        }
    }

    /// Handles an error in answer to `PAST`, or that none came. Backfill stops on this connection, with one remark.
    pub(super) fn on_past_error(&mut self, code: Option<ErrorCode>, words: &str) -> String {
        self.is_unavailable = true;
        (self.in_flight, self.target, self.fills_left) = (None, None, 0);
        self.answer.clear();
        match code {
            Some(ErrorCode::Unavailable | ErrorCode::BadLine) => "The server stores no older messages".into(),
            _ => format!("Older messages cannot be loaded: {words}"),
        }
    }
}

/// Inserts the messages before `before` at the place where they belong.
fn load(log: &mut MessageLog, point: InsertionPoint, before: Stamp, mut answer: Vec<Entry>, more: bool) -> Remark {
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
    let left_out = log.splice(point.position, usize::from(closes), answer);
    (left_out > 0).then(log_is_full)
}

fn log_is_full() -> String {
    format!("This window is full ({SETTLED_MAX} lines). /clear makes room for older messages")
}
