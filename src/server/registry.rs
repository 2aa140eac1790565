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
use super::doing::{self, Task};
use super::outbox::Backlog;
use super::relay::Relay;
use super::snapshot::Person;
use crate::protocol::{ErrorCode, NameKey, ServerLine, Stamp, Username};
use crate::sync::{self, Mutex, MutexGuard};

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
    people: HashMap<NameKey, Here>,
    clock: StampClock,
    /// The server stops: nobody joins, and leaving is told to nobody.
    closed: bool,
    messages: u64,
    deliveries: u64,
    joined: u64,
}

/// Somebody who is here.
#[derive(Debug)]
struct Here {
    client: Arc<Client>,
    /// When the HELLO was relayed.
    since: Stamp,
    /// Since when the person is away, and why.
    away: Option<(Stamp, String)>,
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
            Entry::Occupied(entry) => return Err(NotJoined::Taken(entry.get().client.name.clone())),
            Entry::Vacant(_) if full => return Err(NotJoined::Full),
            Entry::Vacant(entry) => {
                let since = room.clock.next(1);
                entry.insert(Here { client: client.clone(), since, away: None });
                let mut hello = Relay::default();
                hello.add_past(&ServerLine::Hello(client.name.as_str()), since);
                room.push(&mut hello, claims, |other| other.id != client.id);
            }
        }
        room.joined += 1;
        room.roster(client, claims);
        Ok(())
    }

    /// Takes a client out, and tells the others; does nothing if it is gone already. By identity: the name may be
    /// somebody else's by now.
    pub(super) fn leave(&self, client: &Client, claims: &mut Claims) {
        let mut room = lock(&self.room);
        let Entry::Occupied(entry) = room.people.entry(client.name.key().clone()) else { return };
        if entry.get().client.id != client.id {
            return;
        }
        entry.remove();
        if !room.closed {
            room.relay(&mut Relay::of(&ServerLine::Bye(client.name.as_str())), claims, |_| true);
        }
    }

    /// Relays lines to all others, and to their sender if it asked for an echo.
    pub(super) fn broadcast(&self, sender: &Client, lines: &mut Relay, claims: &mut Claims) {
        let mut room = lock(&self.room);
        room.messages += lines.count();
        let recipients = room.relay(lines, claims, |client| client.id != sender.id || client.capabilities.echo);
        room.deliveries += recipients * lines.count();
    }

    /// Relays a line to one person; `false` if nobody here has that name, or not for long.
    pub(super) fn tell(&self, sender: &Client, recipient: &str, text: &str, claims: &mut Claims) -> bool {
        let key = NameKey::of(recipient);
        let mut room = lock(&self.room);
        let Some(client) = room.person(&key, recipient) else { return false };
        let mut line = Relay::of(&ServerLine::Tell { from: sender.name.as_str(), text });
        line.stamp(room.clock.next(1));
        // Whose connection is just being ended gets nothing any more.
        let told = claims.push(&client, line.piece(client.capabilities.stamp));
        room.messages += u64::from(told);
        room.deliveries += u64::from(told);
        told
    }

    /// Somebody goes away, for a reason, or (the reason is empty) is back. Told to those who asked, if it is news.
    pub(super) fn away(&self, client: &Client, reason: &str, claims: &mut Claims) {
        let mut room = lock(&self.room);
        let at = room.clock.next(1);
        let Some(here) = room.people.get_mut(client.name.key()).filter(|here| here.client.id == client.id) else {
            return;
        };
        let away = (!reason.is_empty()).then(|| (at, reason.to_owned()));
        if away.is_none() && here.away.is_none() {
            return;
        }
        here.away = away;
        let mut line = Relay::default();
        line.add_past(&ServerLine::Away { name: client.name.as_str(), reason }, at);
        room.push(&mut line, claims, |other| other.capabilities.away && other.id != client.id);
    }

    /// Somebody is typing: told to those who asked, or to the one whom it concerns.
    pub(super) fn typing(&self, client: &Client, recipient: &str, claims: &mut Claims) {
        let key = NameKey::of(recipient);
        let mut room = lock(&self.room);
        let from = client.name.as_str();
        if recipient.is_empty() {
            let mut line = Relay::of(&ServerLine::Typing { from, to: "" });
            room.relay(&mut line, claims, |other| other.capabilities.typing && other.id != client.id);
        } else if let Some(other) = room.person(&key, recipient).filter(|other| other.capabilities.typing) {
            let mut line = Relay::of(&ServerLine::Typing { from, to: other.name.as_str() });
            line.stamp(room.clock.next(1));
            claims.push(&other, line.piece(other.capabilities.stamp));
        }
    }

    /// Answers WHO: a HELLO for each who is here, last the client's own.
    pub(super) fn who(&self, client: &Arc<Client>, claims: &mut Claims) {
        lock(&self.room).roster(client, claims);
    }

    /// Ends everybody's connection, and lets nobody in from now on.
    pub(super) fn close(&self, code: ErrorCode, detail: &str, claims: &mut Claims) {
        let mut room = lock(&self.room);
        room.closed = true;
        for here in room.people.values() {
            claims.end(&here.client, code, detail, Backlog::Keep);
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
        let room = lock(&self.room);
        room.people.values().map(|here| &here.client).filter(|client| choice(client)).cloned().collect()
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
            let people: Vec<_> = room.people.values().map(|here| here.client.clone()).collect();
            (people, Counted { messages, deliveries, joined })
        };
        people.sort_unstable_by_key(|client| client.id);
        (people.iter().map(|client| client.person()).collect(), counted)
    }
}

impl Room {
    /// Stamps lines and pushes them to all whom it concerns; returns how many that were.
    fn relay(&mut self, lines: &mut Relay, claims: &mut Claims, concerns: impl Fn(&Client) -> bool) -> u64 {
        lines.stamp(self.clock.next(lines.count()));
        self.push(lines, claims, concerns)
    }

    /// Pushes lines that have their stamps.
    fn push(&self, lines: &mut Relay, claims: &mut Claims, concerns: impl Fn(&Client) -> bool) -> u64 {
        let mut recipients = 0;
        for Here { client, .. } in self.people.values().filter(|here| concerns(&here.client)) {
            recipients += u64::from(claims.push(client, lines.piece(client.capabilities.stamp)));
        }
        recipients
    }

    /// Whoever is meant by a name.
    fn person(&self, key: &NameKey, written: &str) -> Option<Arc<Client>> {
        let client = &self.people.get(key)?.client;
        client.name.is_written(written).then(|| client.clone())
    }

    /// A HELLO for each who is here, the client's own last: one piece, so one write.
    fn roster(&self, client: &Arc<Client>, claims: &mut Claims) {
        let (mut lines, mut own) = (Relay::default(), None);
        for here in self.people.values() {
            let name = here.client.name.as_str();
            if here.client.id == client.id {
                own = Some(here.since);
                continue;
            }
            lines.add_past(&ServerLine::Hello(name), here.since);
            if let Some((since, reason)) = here.away.as_ref().filter(|_| client.capabilities.away) {
                lines.add_past(&ServerLine::Away { name, reason }, *since);
            }
        }
        if let Some(since) = own {
            lines.add_past(&ServerLine::Hello(client.name.as_str()), since);
        }
        claims.push(client, lines.piece(client.capabilities.stamp));
    }
}

/// Takes the lock. A thread that has to wait for it says so.
fn lock(room: &Mutex<Room>) -> MutexGuard<'_, Room> {
    // For loom it would only be more to try.
    if !cfg!(loom)
        && let Ok(room) = room.try_lock()
    {
        return room;
    }
    doing::during(Task::Registry, || sync::lock(room))
}

#[cfg(test)]
#[cfg(loom)]
mod interleavings;
