//! The registry: the list of joined clients, and the one order of every relayed line.
//!
//! It is one `Arc<Mutex<Room>>`, and no guard of it leaves this file and those in its folder. Under its lock a line gets its
//! stamp *and* is queued in the outbox of every recipient. Since both happen in one critical section, every client sees the
//! lines in the order of their stamps: no two clients can disagree about what was said first. Answers to one client (PONG,
//! ERR, END, lines from the history) bypass the registry: they get no stamp here, and go to that client's outbox alone.
//!
//! **Lock order: registry, then outbox or `Client::proof`.** No thread takes the registry's lock while it holds one of
//! those. Under the registry's lock nothing is written to a socket and nothing is sent to a channel: all threads of the
//! server need this lock, so it is held for memory operations only. A caller brings [`PendingWrites`], comes away with
//! claims in it, and delivers them after the lock has been released. Any thread of the server may call in; most calls come
//! from the clients' own threads.
//!
//! `registry/relay.rs` relays what clients send. Join and leave announcements are held back for a moment and sent in groups:
//! see `registry/updates.rs`.

pub(crate) mod deletions;
mod occupants;
mod relay;
mod roster;
mod updates;

use std::collections::HashMap;
use std::sync::Arc;

use super::delivery::PendingWrites;
use super::delivery::client::Client;
use super::delivery::outbox::OnClose;
use super::observe::activity::{self, Task};
use super::observe::snapshot::{ClientInfo, Totals};
use super::stamps::{self, StampClock};
use super::storage::history::Ring;
use super::storage::message::Message;
use crate::protocol::{Capabilities, ErrorCode, ServerLine, Stamp, Username};
use crate::sync::{self, Mutex, MutexGuard};
use deletions::Deletions;
use occupants::Occupants;
use roster::Roster;
use updates::PendingUpdates;

/// Detail of the last line to a client whose name its owner has reclaimed.
const TAKEN_BACK: &str = "the owner of this name has joined from elsewhere";

/// A handle to the registry; clones are the same registry.
#[derive(Clone, Debug)]
pub(crate) struct Registry {
    room: Arc<Mutex<Room>>,
}

/// Everything that the lock guards. It is one lock for all of it, because the order of lines is one order: a lock for each
/// client would let two broadcasts reach two clients in different orders.
#[derive(Debug, Default)]
struct Room {
    occupants: Occupants,
    /// Maximum number of joined clients.
    max: usize,
    /// The clients that are marked as away, by [`Username::folded`]: since when, and the reason they gave.
    away: HashMap<Arc<str>, (Stamp, String)>,
    /// Gives every relayed line its stamp. Under the lock, so the order of the stamps is the order in the outboxes.
    clock: StampClock,
    roster: Roster,
    updates: PendingUpdates,
    /// The last messages, for clients that join. `None` if messages are not kept.
    ring: Option<Ring>,
    deletions: Deletions,
    /// Stamp of the last message. A client that asks for messages since an earlier stamp has missed some.
    last_message: Stamp,
    /// Set when the server stops: no client may join, and leaving is no longer announced.
    closed: bool,
    /// Counters for snapshots, under this lock because their updates happen under it anyway. Those of other parts stay 0.
    totals: Totals,
}

/// A client that has joined.
#[derive(Debug)]
struct Occupant {
    client: Arc<Client>,
    /// Stamp of its join. Updates with an earlier stamp are in the roster that it got.
    since: Stamp,
}

/// The reason for which a client cannot join.
#[derive(Debug)]
pub(crate) enum JoinError {
    /// This client has the same name, or one that could be mistaken for it.
    Taken(Arc<Client>),
    /// The maximum number of clients is connected.
    Full,
    /// The server is stopping.
    Closed,
}

impl Registry {
    /// Creates an empty registry for at most `max` clients. `ring` holds the messages of earlier runs, or is `None` if
    /// messages are not kept.
    pub(crate) fn new(max: usize, ring: Option<Ring>) -> Registry {
        // Stamps go on after those of earlier runs, even if the clock was set back meanwhile.
        let last_message = ring.as_ref().map_or_else(stamps::now, Ring::newest);
        let room = Room { max, clock: StampClock::after(last_message), ring, last_message, ..Room::default() };
        Registry { room: Arc::new(Mutex::new(room)) }
    }

    /// Adds a client.
    ///
    /// The client gets the recent messages, then a HELLO for each client here, its own last. The others get its HELLO with
    /// the next updates. An owner who has proved that a name is its own gets it in any case: clients with names that could be
    /// mistaken for it are disconnected.
    ///
    /// # Errors
    /// The name is taken, the room is full, or the server is stopping. Nothing was changed then.
    pub(crate) fn join(&self, client: &Arc<Client>, writes: &mut PendingWrites) -> Result<(), JoinError> {
        // One critical section from the check of the name to the insertion: otherwise two clients could both find the same
        // name free.
        let mut room = lock(&self.room);
        let room = &mut *room;
        if room.closed {
            return Err(JoinError::Closed);
        }
        // A loop, since several clients may have names that could be mistaken for the owner's, though not for each other's.
        while client.proof().is_some()
            && let Some(other) = room.occupants.clash(client.name.key()).map(|occupant| occupant.client.clone())
        {
            room.remove(&other.name, writes);
            writes.disconnect(&other, ErrorCode::TakenBack, TAKEN_BACK, OnClose::Discard);
        }
        // Returned with the error, so that the caller can test with no lock held whether that client is still alive.
        if let Some(occupant) = room.occupants.clash(client.name.key()) {
            return Err(JoinError::Taken(occupant.client.clone()));
        }
        if room.occupants.len() >= room.max {
            return Err(JoinError::Full);
        }
        // One stamp for the roster and for the announcement, so that all clients agree on when this one joined.
        let occupant = Occupant { client: client.clone(), since: room.clock.next(1) };
        room.roster.add(&occupant);
        // Before the insertion: if the pending updates are full, adding one pushes them, and they must not go to a client
        // that has not got its roster yet.
        room.add_update(&ServerLine::Hello(client.name.as_str()), occupant.since, writes);
        room.occupants.insert(occupant);
        room.totals.joined += 1;
        let past = room.past(client.capabilities);
        // Still under the lock, so no other line can come before the roster.
        writes.push(client, &room.roster_for(client, &past));
        Ok(())
    }

    /// Changes the maximum number of joined clients. Those beyond it stay until they leave.
    pub(crate) fn set_max(&self, max: usize) {
        lock(&self.room).max = max;
    }

    /// Removes a client, which is announced to the others. Does nothing if it has been removed already.
    ///
    /// Compares connection ids, not names. A clean-up may come late, when the same user has joined again or another client has
    /// the name, and must not remove that one.
    pub(crate) fn leave(&self, client: &Client, writes: &mut PendingWrites) {
        let mut room = lock(&self.room);
        if room.occupants.get(client.name.folded()).is_some_and(|occupant| occupant.client.id == client.id) {
            room.remove(&client.name, writes);
        }
    }

    /// Queues the pending updates, so that what the caller pushes next comes after every join and leave that has happened.
    pub(crate) fn push_updates(&self, writes: &mut PendingWrites) {
        drop(self.room(writes));
    }

    /// Locks the room and queues the pending updates. Every method that sends a line begins with this, except
    /// [`join`](Registry::join), whose roster already contains the pending updates. No line may overtake an update, or a
    /// client would get a message from a user whose HELLO it has not seen.
    fn room(&self, writes: &mut PendingWrites) -> MutexGuard<'_, Room> {
        let mut room = lock(&self.room);
        room.push_updates(writes);
        room
    }

    /// Answers WHO: sends the client a HELLO for each client here, its own last.
    pub(crate) fn send_roster(&self, client: &Arc<Client>, writes: &mut PendingWrites) {
        let mut room = self.room(writes);
        writes.push(client, &room.roster_for(client, &[]));
    }

    /// Disconnects all clients, and rejects all that want to join from now on. One critical section for both, so that no
    /// client can join in between and miss its last line.
    pub(crate) fn close(&self, code: ErrorCode, detail: &str, writes: &mut PendingWrites) {
        let mut room = self.room(writes);
        room.closed = true;
        // Flush: the last messages still reach every client that reads. `Server::stop` limits the time for that.
        for occupant in room.occupants.values() {
            writes.disconnect(&occupant.client, code, detail, OnClose::Flush);
        }
    }

    /// Shuts the sockets of all clients that have not left yet.
    pub(crate) fn shut_all(&self) {
        // Outside the lock, which `find` has released. A shutdown does not block, yet a thousand of them are a thousand system calls.
        for client in self.find(|_| true) {
            client.shut();
        }
    }

    /// Returns the number of messages that were added to the ring since the start.
    pub(crate) fn remembered(&self) -> u64 {
        lock(&self.room).ring.as_ref().map_or(0, Ring::taken)
    }

    /// Returns the newest `count` messages in memory after a stamp, the oldest first, whether these are all, and the number of
    /// messages since the start. `None` if messages are not kept.
    pub(crate) fn said_after(&self, stamp: Stamp, count: usize) -> Option<(Vec<Message>, bool, u64)> {
        let room = lock(&self.room);
        let ring = room.ring.as_ref()?;
        let (messages, are_all) = ring.after(stamp, count);
        Some((messages, are_all, ring.taken()))
    }

    /// Returns the clients that match. `choice` runs under the lock and must not block.
    pub(crate) fn find(&self, choice: impl Fn(&Client) -> bool) -> Vec<Arc<Client>> {
        let room = lock(&self.room);
        room.occupants.values().map(|occupant| &occupant.client).filter(|client| choice(client)).cloned().collect()
    }

    /// Returns the number of joined clients.
    pub(crate) fn len(&self) -> usize {
        lock(&self.room).occupants.len()
    }

    /// Returns the joined clients, sorted by connection id, and the registry's counters.
    pub(crate) fn snapshot(&self) -> (Vec<ClientInfo>, Totals) {
        // Under the lock only the references are copied. The rows take each outbox's lock, and sorting takes time: both
        // happen after it has been released.
        let (mut clients, totals) = {
            let room = lock(&self.room);
            let clients: Vec<_> = room.occupants.values().map(|occupant| occupant.client.clone()).collect();
            (clients, room.totals)
        };
        clients.sort_unstable_by_key(|client| client.id);
        (clients.iter().map(|client| client.info()).collect(), totals)
    }
}

impl Room {
    /// Returns the encoded lines about the past for a client that joins: the recent messages; or, if messages are not kept
    /// and the client has missed some, a GAP. Then, for a client that returns, the messages that it has and that were deleted.
    fn past(&self, capabilities: Capabilities) -> Vec<u8> {
        let mut past = Vec::new();
        match (&self.ring, capabilities.since) {
            (Some(ring), _) => past = ring.replay(capabilities),
            (None, Some(since)) if since < self.last_message => ServerLine::Gap(since).encode(&mut past),
            _ => {}
        }
        if let Some(since) = capabilities.since.filter(|_| capabilities.deleted) {
            self.deletions.encode_until(since, &mut past);
        }
        past
    }

    /// Removes the client with this name and announces that it has left. Does nothing if there is none.
    fn remove(&mut self, name: &Username, writes: &mut PendingWrites) {
        let Some(Occupant { client, .. }) = self.occupants.remove(name) else { return };
        self.roster.remove();
        self.away.remove(name.folded());
        // At the stop all leave at once. To announce a thousand departures to a thousand clients would be a million lines
        // that no user needs.
        if !self.closed {
            let now = self.clock.next(1);
            self.add_update(&ServerLine::Bye(client.name.as_str()), now, writes);
        }
    }
}

/// Locks the room. A thread that has to wait for the lock shows that in its activity, so contention is visible in the
/// list of threads.
fn lock(room: &Mutex<Room>) -> MutexGuard<'_, Room> {
    // Fast path: uncontended. Under loom it would only add interleavings.
    if !cfg!(loom)
        && let Ok(room) = room.try_lock()
    {
        return room;
    }
    activity::during(Task::Registry, || sync::lock(room))
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;

#[cfg(test)]
#[cfg(loom)]
mod interleavings;
