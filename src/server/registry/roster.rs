//! The roster: a HELLO for each who is here, which is what a newcomer gets first, and the answer to WHO.
//!
//! To make ten thousand lines takes longer than to send them, and when many arrive, each of them gets the lines that the
//! one before got, and one more. So the text is kept, under the registry's lock, and grows with each who joins. Once
//! somebody leaves it is made anew for the next who asks.

use super::{Occupant, Room};
use crate::protocol::ServerLine;
use crate::server::delivery::batch::Batch;
use crate::server::delivery::client::Client;
use crate::server::delivery::outbox::Chunk;

/// See the [module](self). One HELLO for each who is here, in no order that matters.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// As it is sent to clients that did not ask for stamps.
    plain: Vec<u8>,
    /// As it is sent to the others.
    stamped: Vec<u8>,
    /// Somebody has left since.
    stale: bool,
}

impl Roster {
    /// Somebody has joined.
    pub(super) fn add(&mut self, here: &Occupant) {
        if !self.stale {
            let mut hello = here.hello();
            self.plain.extend_from_slice(hello.piece(false));
            self.stamped.extend_from_slice(hello.piece(true));
        }
    }

    /// Somebody has left.
    pub(super) fn remove(&mut self) {
        *self = Roster { stale: true, ..Roster::default() };
    }
}

impl Room {
    /// The past, then a HELLO for each who is here, the client's own last, and before that an AWAY for each who is away, if
    /// it asked for those: one piece, so one write.
    pub(super) fn roster(&mut self, client: &Client, past: &[u8]) -> Chunk {
        if self.roster.stale {
            self.roster = Roster::default();
            self.people.values().for_each(|here| self.roster.add(here));
        }
        let stamped = client.capabilities.stamp;
        let text = if stamped { &self.roster.stamped } else { &self.roster.plain };
        let mut own = self.people.get(client.name.folded()).map(Occupant::hello).unwrap_or_default();
        let own = own.piece(stamped);
        // A newcomer's is the last, so this looks from the end. No other line can end like it: a name has no spaces.
        let at = text.windows(own.len().max(1)).rposition(|line| line == &**own).unwrap_or(text.len());
        let (before, behind) = text.split_at(at);
        let mut away = Batch::default();
        if client.capabilities.away {
            for (key, (since, reason)) in self.away.iter().filter(|(key, _)| *key != client.name.folded()) {
                let Some(Occupant { client: other, .. }) = self.people.get(key) else { continue };
                away.add_past(&ServerLine::Away { name: other.name.as_str(), reason }, *since);
            }
        }
        let behind = behind.get(own.len()..).unwrap_or_default();
        [past, before, behind, away.piece(stamped), own].concat().into()
    }
}

impl Occupant {
    /// The line that tells that it is here.
    pub(super) fn hello(&self) -> Batch {
        let mut line = Batch::default();
        line.add_past(&ServerLine::Hello(self.client.name.as_str()), self.since);
        line
    }
}
