//! The roster: a HELLO for each joined client. A client gets it when it joins, and as the answer to WHO.
//!
//! To encode ten thousand lines takes longer than to send them. When many clients join one after the other, each needs the
//! lines of the one before it, and one more. So the encoded text is kept under the registry's lock and grows with each join.
//! After a client has left, the text is encoded anew for the next client that needs it: not at once, since often many leave
//! together.

use super::{Occupant, Room};
use crate::protocol::ServerLine;
use crate::server::delivery::batch::Batch;
use crate::server::delivery::client::Client;
use crate::server::delivery::outbox::Chunk;

/// The encoded roster: see the [module](self). The order of its lines has no meaning.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// For clients that did not ask for stamps.
    plain: Vec<u8>,
    /// For clients that did.
    stamped: Vec<u8>,
    /// Set when a client has left, so that the text must be encoded anew.
    stale: bool,
}

impl Roster {
    /// Appends the line of a client that joins.
    pub(super) fn add(&mut self, occupant: &Occupant) {
        // A stale text is replaced as a whole anyway.
        if !self.stale {
            let mut hello = occupant.hello();
            self.plain.extend_from_slice(hello.chunk(false));
            self.stamped.extend_from_slice(hello.chunk(true));
        }
    }

    /// Marks the text as stale, because a client has left, and frees its memory.
    pub(super) fn remove(&mut self) {
        *self = Roster { stale: true, ..Roster::default() };
    }
}

impl Room {
    /// Returns what a client gets when it joins: `past`, then a HELLO for each client here, then an AWAY for each that is
    /// away if it asked for those, and last its own HELLO, which tells it that it has joined.
    ///
    /// All of it is one chunk, and so one write.
    pub(super) fn roster_for(&mut self, client: &Client, past: &[u8]) -> Chunk {
        if self.roster.stale {
            self.roster = Roster::default();
            self.occupants.values().for_each(|occupant| self.roster.add(occupant));
        }
        let stamped = client.capabilities.stamp;
        let text = if stamped { &self.roster.stamped } else { &self.roster.plain };
        let mut own = self.occupants.get(client.name.folded()).map(Occupant::hello).unwrap_or_default();
        let own = own.chunk(stamped);
        // The client's own line is cut out, to be put at the end. The line of a client that has just joined is the last one,
        // so the search begins at the end. No other line can end with the same bytes, since a name has no spaces.
        let at = text.windows(own.len().max(1)).rposition(|line| line == &**own).unwrap_or(text.len());
        let (before, behind) = text.split_at(at);
        let mut away = Batch::default();
        if client.capabilities.away {
            for (key, (since, reason)) in self.away.iter().filter(|(key, _)| *key != client.name.folded()) {
                let Some(Occupant { client: other, .. }) = self.occupants.get(key) else { continue };
                away.add_past(&ServerLine::Away { name: other.name.as_str(), reason }, *since);
            }
        }
        let behind = behind.get(own.len()..).unwrap_or_default();
        [past, before, behind, away.chunk(stamped), own].concat().into()
    }
}

impl Occupant {
    /// Returns the client's HELLO, with the stamp of its join: the same line that the others got.
    pub(super) fn hello(&self) -> Batch {
        let mut line = Batch::default();
        line.add_past(&ServerLine::Hello(self.client.name.as_str()), self.since);
        line
    }
}
