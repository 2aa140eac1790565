//! The edges of what is loaded, and what belongs there. Runs on the UI thread.

use super::{Chat, Kind, Past};
use crate::chat::state::message_log::{Entry, MessageLog, Position};
use crate::protocol::Stamp;

/// Where something is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// At the beginning.
    Top,
    /// At the gap that has this message next below it.
    Gap(Stamp),
}

/// Where what is loaded belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Before the entry there.
    pub(crate) position: Position,
    /// The message that is next below it.
    pub(crate) below: Stamp,
    /// At a gap: the newest of what is above that.
    pub(crate) above: Option<Stamp>,
}

impl Past {
    /// What is loaded belongs between these: from where on the conversation is of this server, and what is below the
    /// edge.
    pub(crate) fn place(&self, log: &MessageLog, edge: Edge) -> Option<Place> {
        let floor = self.source.as_ref()?.floor.max(log.first());
        match edge {
            Edge::Top => {
                let is_beginning = log.since(floor).next().is_some_and(|entry| entry.kind == Kind::Beginning);
                // With nothing left of what there was, what is loaded ends with that.
                let after_newest = || Some(self.newest()?.saturating_add(1));
                let below = oldest(log, floor).or_else(after_newest).filter(|_| !is_beginning)?;
                Some(Place { position: floor, below, above: None })
            }
            Edge::Gap(below) => {
                let gaps = log.positions_since(floor).filter_map(|(at, entry)| match entry.kind {
                    Kind::Gap { after } => Some((at + 1, after)),
                    _ => None,
                });
                let (position, after) = gaps.into_iter().find(|(at, _)| oldest(log, *at) == Some(below))?;
                Some(Place { position, below, above: Some(after) })
            }
        }
    }

    /// The edge that is nearest above a position.
    pub(crate) fn edge_above(&self, log: &MessageLog, end: Position) -> Edge {
        let gaps = log.positions_since(self.source.as_ref().map_or(end, |source| source.floor));
        let gap = gaps.take_while(|(at, _)| *at < end).filter(|(_, entry)| is_gap(entry)).last();
        gap.and_then(|(at, _)| oldest(log, at)).map_or(Edge::Top, Edge::Gap)
    }
}

impl Chat {
    /// Where a message is.
    pub(crate) fn position_of(&self, stamp: Stamp) -> Option<Position> {
        let floor = self.past.source.as_ref()?.floor;
        let mut all = self.room.log.positions_since(floor);
        all.find(|(_, entry)| entry.stamp() == Some(stamp)).map(|(at, _)| at)
    }

    /// Where a message would be that is missing.
    pub(crate) fn place_of(&self, stamp: Stamp) -> Option<Place> {
        let log = &self.room.log;
        let gaps = log.positions_since(self.past.source.as_ref()?.floor).filter(|(_, entry)| is_gap(entry));
        let gaps = gaps.filter_map(|(at, _)| oldest(log, at)).map(Edge::Gap);
        let mut places = [Edge::Top].into_iter().chain(gaps).filter_map(|edge| self.past.place(log, edge));
        places.find(|place| stamp < place.below && place.above.is_none_or(|above| above < stamp))
    }
}

fn is_gap(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::Gap { .. })
}

/// The stamp of the first message from a position on.
fn oldest(log: &MessageLog, position: Position) -> Option<Stamp> {
    log.since(position).find_map(Entry::stamp)
}
