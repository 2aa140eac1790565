//! Places in the log where messages are missing, and what belongs there. Runs on the UI thread.

use super::Backfill;
use crate::chat::state::talks::message_log::{Entry, Kind, MessageLog, Position};
use crate::protocol::Stamp;

/// A place where messages are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// Above the oldest entry.
    Top,
    /// At the gap above the message with this stamp.
    Gap(Stamp),
}

/// The place in the log where loaded messages are inserted.
#[derive(Clone, Copy, Debug)]
pub(super) struct InsertionPoint {
    /// Position of the entry before which they are inserted.
    pub(super) position: Position,
    /// Stamp of the next message below.
    pub(super) below: Stamp,
    /// At a gap: stamp of the newest message above it.
    pub(super) above: Option<Stamp>,
}

impl Backfill {
    /// Returns where in the log the missing messages belong, and the stamps around them.
    pub(super) fn insertion_point(&self, log: &MessageLog, missing: Missing) -> Option<InsertionPoint> {
        let start = log.first();
        match missing {
            Missing::Top => {
                let is_beginning = log.since(start).next().is_some_and(|entry| entry.kind == Kind::Beginning);
                // After a `/clear` nothing is left below, so a request asks for everything up to the newest message.
                let after_newest = || Some(self.newest()?.saturating_add(1));
                let below = oldest(log, start).or_else(after_newest).filter(|_| !is_beginning)?;
                Some(InsertionPoint { position: start, below, above: None })
            }
            Missing::Gap(below) => {
                let gaps = log.positions_since(start).filter_map(|(at, entry)| match entry.kind {
                    Kind::Gap { after } => Some((at + 1, after)),
                    _ => None,
                });
                let (position, after) = gaps.into_iter().find(|(at, _)| oldest(log, *at) == Some(below))?;
                Some(InsertionPoint { position, below, above: Some(after) })
            }
        }
    }

    /// Returns where a missing message with this stamp belongs.
    pub(super) fn insertion_point_of(&self, log: &MessageLog, stamp: Stamp) -> Option<InsertionPoint> {
        let gaps = log.positions_since(log.first()).filter(|(_, entry)| is_gap(entry));
        let gaps = gaps.filter_map(|(at, _)| oldest(log, at)).map(Missing::Gap);
        let mut points =
            [Missing::Top].into_iter().chain(gaps).filter_map(|missing| self.insertion_point(log, missing));
        points.find(|point| stamp < point.below && point.above.is_none_or(|above| above < stamp))
    }
}

/// Returns the nearest place above a position where messages are missing.
pub(super) fn missing_above(log: &MessageLog, end: Position) -> Missing {
    let gaps = log.positions_since(log.first());
    let gap = gaps.take_while(|(at, _)| *at < end).filter(|(_, entry)| is_gap(entry)).last();
    gap.and_then(|(at, _)| oldest(log, at)).map_or(Missing::Top, Missing::Gap)
}

/// Returns the position of the message with this stamp.
pub(super) fn position_of(log: &MessageLog, stamp: Stamp) -> Option<Position> {
    let mut all = log.positions_since(log.first());
    all.find(|(_, entry)| entry.stamp() == Some(stamp)).map(|(at, _)| at)
}

fn is_gap(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::Gap { .. })
}

/// Returns the stamp of the first message at or after a position.
fn oldest(log: &MessageLog, position: Position) -> Option<Stamp> {
    log.since(position).find_map(Entry::stamp)
}
