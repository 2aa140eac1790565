//! The registry: who is here. One `Arc<Mutex<HashMap<..>>>`, and no guard of it leaves this file.
//!
//! **Lock order: registry, then outbox.** Under the registry's lock a line gets its stamp and is pushed to every outbox,
//! so everybody sees one order. Nothing is written to a socket or sent to a channel under it: the caller comes away with
//! [`Claims`], to be delivered when the lock is released. Any thread of the server may call in.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::client::Client;
use super::clock::StampClock;
use super::delivery::Claims;
use super::outbox::Backlog;
use super::relay::Relay;
use super::snapshot::Person;
use crate::protocol::{ErrorCode, NameKey, ServerLine, Username};
use crate::sync::{Mutex, lock};

/// A handle; clones are the same registry.
#[derive(Clone, Debug)]
pub(super) struct Registry {
    room: Arc<Mutex<Room>>,
    max: usize,
}

/// What the lock protects.
#[derive(Debug, Default)]
struct Room {
    /// By what names that could pass for each other have in common.
    people: HashMap<NameKey, Arc<Client>>,
    clock: StampClock,
    /// The server stops: nobody joins, and leaving is told to nobody.
    closed: bool,
    messages: u64,
    deliveries: u64,
    joined: u64,
}

/// Why somebody cannot join.
#[derive(Debug)]
pub(super) enum NotJoined {
    /// Somebody is here with this name, which is the same or could pass for it.
    Taken(Username),
    /// As many people are here as may be.
    Full,
    /// The server stops.
    Closed,
}

/// What was counted since the start, for a snapshot.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) messages: u64,
    pub(super) deliveries: u64,
    pub(super) joined: u64,
}

impl Registry {
    /// An empty room for at most `max` people.
    pub(super) fn new(max: usize) -> Registry {
        Registry { room: Arc::default(), max }
    }

    /// Lets a client in. It gets a HELLO for each who is here and last its own; the others get that one too.
    pub(super) fn join(&self, client: &Arc<Client>, claims: &mut Claims) -> Result<(), NotJoined> {
        let mut room = lock(&self.room);
        let room = &mut *room;
        if room.closed {
            return Err(NotJoined::Closed);
        }
        let full = room.people.len() >= self.max;
        match room.people.entry(client.name.key().clone()) {
            Entry::Occupied(entry) => return Err(NotJoined::Taken(entry.get().name.clone())),
            Entry::Vacant(_) if full => return Err(NotJoined::Full),
            Entry::Vacant(entry) => entry.insert(client.clone()),
        };
        room.joined += 1;
        room.announce(&ServerLine::Hello(client.name.as_str()), client, claims);
        room.roster(client, claims);
        Ok(())
    }

    /// Takes a client out, and tells the others; does nothing if it is gone already. By identity: the name may be
    /// somebody else's by now.
    pub(super) fn leave(&self, client: &Client, claims: &mut Claims) {
        let mut room = lock(&self.room);
        let Entry::Occupied(entry) = room.people.entry(client.name.key().clone()) else { return };
        if entry.get().id != client.id {
            return;
        }
        entry.remove();
        if !room.closed {
            room.announce(&ServerLine::Bye(client.name.as_str()), client, claims);
        }
    }

    /// Relays lines to all others, and to their sender if it asked for an echo.
    pub(super) fn broadcast(&self, sender: &Client, lines: &mut Relay, claims: &mut Claims) {
        let mut room = lock(&self.room);
        room.messages += lines.count();
        let recipients = room.relay(lines, claims, |client| client.id != sender.id || client.capabilities.echo);
        room.deliveries += recipients * lines.count();
    }

    /// Relays a line to one person; `false` if nobody here has that name.
    pub(super) fn tell(&self, sender: &Client, recipient: &str, text: &str, claims: &mut Claims) -> bool {
        let key = NameKey::of(recipient);
        let mut room = lock(&self.room);
        let Some(client) = room.people.get(&key).filter(|client| client.name.is_written(recipient)).cloned() else {
            return false;
        };
        let mut line = Relay::of(&ServerLine::Tell { from: sender.name.as_str(), text });
        line.stamp(room.clock.next(1));
        room.messages += 1;
        if claims.push(&client, line.piece(client.capabilities.stamp)) {
            room.deliveries += 1;
        }
        true
    }

    /// Answers WHO: a HELLO for each who is here, last the client's own.
    pub(super) fn who(&self, client: &Arc<Client>, claims: &mut Claims) {
        lock(&self.room).roster(client, claims);
    }

    /// Ends everybody's connection, and lets nobody in from now on.
    pub(super) fn close(&self, code: ErrorCode, detail: &str, claims: &mut Claims) {
        let mut room = lock(&self.room);
        room.closed = true;
        for client in room.people.values() {
            claims.end(client, code, detail, Backlog::Keep);
        }
    }

    /// Shuts the socket of everybody who is still here.
    pub(super) fn shut_all(&self) {
        // A shutdown does not block, yet a thousand of them are a thousand system calls.
        for client in self.find(|_| true) {
            client.shut();
        }
    }

    /// The operator speaks to everybody.
    pub(super) fn announce(&self, line: &ServerLine<'_>, claims: &mut Claims) {
        lock(&self.room).relay(&mut Relay::of(line), claims, |_| true);
    }

    /// Those whom the choice falls on.
    pub(super) fn find(&self, choice: impl Fn(&Client) -> bool) -> Vec<Arc<Client>> {
        lock(&self.room).people.values().filter(|client| choice(client)).cloned().collect()
    }

    /// How many are here.
    pub(super) fn len(&self) -> usize {
        lock(&self.room).people.len()
    }

    /// Everybody who is here, in the order of joining, and what was counted.
    pub(super) fn snapshot(&self) -> (Vec<Person>, Counted) {
        let (mut people, counted) = {
            let room = lock(&self.room);
            let Room { messages, deliveries, joined, .. } = *room;
            (room.people.values().cloned().collect::<Vec<_>>(), Counted { messages, deliveries, joined })
        };
        people.sort_unstable_by_key(|client| client.id);
        (people.iter().map(|client| client.person()).collect(), counted)
    }
}

impl Room {
    /// Stamps lines and pushes them to all whom it concerns; returns how many that were.
    fn relay(&mut self, lines: &mut Relay, claims: &mut Claims, concerns: impl Fn(&Client) -> bool) -> u64 {
        lines.stamp(self.clock.next(lines.count()));
        let mut recipients = 0;
        for client in self.people.values().filter(|client| concerns(client)) {
            recipients += u64::from(claims.push(client, lines.piece(client.capabilities.stamp)));
        }
        recipients
    }

    /// Tells the others that somebody came or went.
    fn announce(&mut self, line: &ServerLine<'_>, about: &Client, claims: &mut Claims) {
        self.relay(&mut Relay::of(line), claims, |client| client.id != about.id);
    }

    /// A HELLO for each who is here, the client's own last: one piece, so one write.
    fn roster(&mut self, client: &Arc<Client>, claims: &mut Claims) {
        let mut lines = Relay::default();
        for other in self.people.values().filter(|other| other.id != client.id) {
            lines.add(&ServerLine::Hello(other.name.as_str()));
        }
        lines.add(&ServerLine::Hello(client.name.as_str()));
        lines.stamp(self.clock.next(lines.count()));
        claims.push(client, lines.piece(client.capabilities.stamp));
    }
}

#[cfg(test)]
#[cfg(loom)]
mod interleavings;
