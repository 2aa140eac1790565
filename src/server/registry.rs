//! The registry: who is here. One `Arc<Mutex<HashMap<..>>>`, and no guard of it leaves this file.
//!
//! **Lock order: registry, then outbox.** Under the registry's lock a line gets its stamp and is pushed to every
//! outbox, so everybody sees one order. Nothing is written to a socket or sent to a channel under it: the caller comes
//! away with [`PendingWrites`], to be delivered when the lock is released. Any thread of the server may call in.
//!
//! Who came and who left is told a little later than the rest, many at once: see `registry/news.rs`.

mod occupants;
mod roster;
mod updates;

use std::collections::HashMap;
use std::sync::Arc;

use super::delivery::PendingWrites;
use super::delivery::batch::Batch;
use super::delivery::client::Client;
use super::delivery::outbox::OnClose;
use super::observe::activity::{self, Task};
use super::observe::snapshot::ClientInfo;
use super::stamps::{self, StampClock};
use super::storage::history::Ring;
use super::storage::history::types::Deletion;
use super::storage::message::Message;
use crate::protocol::{Capabilities, ErrorCode, ServerLine, Stamp, Username, fold_name};
use crate::sync::{self, Mutex, MutexGuard};
use occupants::People;
use roster::Roster;
use updates::PendingUpdates;

/// What is told to somebody whose name belongs to somebody else.
const TAKEN_BACK: &str = "the owner of this name has joined from elsewhere";

/// A handle; clones are the same registry.
#[derive(Clone, Debug)]
pub(super) struct Registry {
    room: Arc<Mutex<Room>>,
    max: usize,
}

/// What the lock protects.
#[derive(Debug, Default)]
struct Room {
    people: People,
    /// Those of them who are away, by [`Username::folded`]: since when, and why.
    away: HashMap<Arc<str>, (Stamp, String)>,
    clock: StampClock,
    roster: Roster,
    news: PendingUpdates,
    /// The last messages, for those who join. `None`: nothing is remembered.
    ring: Option<Ring>,
    /// The stamp of the last message.
    said: Stamp,
    /// The server stops: nobody joins, and leaving is told to nobody.
    closed: bool,
    messages: u64,
    deliveries: u64,
    joined: u64,
}

/// Somebody who is here.
#[derive(Debug)]
struct Occupant {
    client: Arc<Client>,
    /// When it joined. What has an earlier stamp was before its time.
    since: Stamp,
}

/// Why somebody cannot join.
#[derive(Debug)]
pub(super) enum NotJoined {
    /// This one is here with a name that is the same or could pass for it.
    Taken(Arc<Client>),
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
    /// The ring has what was said before, if anything is remembered.
    pub(super) fn new(max: usize, ring: Option<Ring>) -> Registry {
        let said = ring.as_ref().map_or_else(stamps::now, Ring::newest);
        let room = Room { clock: StampClock::after(said), ring, said, ..Room::default() };
        Registry { room: Arc::new(Mutex::new(room)), max }
    }

    /// Lets a client in. The owner of a name has it even if others are here whose names clash with it: those are ended.
    /// A client gets what was said before, a HELLO for each who is here, and last its own, which is news for the
    /// others.
    pub(super) fn join(&self, client: &Arc<Client>, claims: &mut PendingWrites) -> Result<(), NotJoined> {
        let mut room = lock(&self.room);
        let room = &mut *room;
        if room.closed {
            return Err(NotJoined::Closed);
        }
        // Several may be here who could pass for the owner, though not for each other.
        while client.proof().is_some()
            && let Some(other) = room.people.clash(client.name.key()).map(|here| here.client.clone())
        {
            room.take_out(&other.name, claims);
            claims.end(&other, ErrorCode::TakenBack, TAKEN_BACK, OnClose::Discard);
        }
        if let Some(here) = room.people.clash(client.name.key()) {
            return Err(NotJoined::Taken(here.client.clone()));
        }
        if room.people.len() >= self.max {
            return Err(NotJoined::Full);
        }
        let here = Occupant { client: client.clone(), since: room.clock.next(1) };
        room.roster.add(&here);
        room.add_news(&ServerLine::Hello(client.name.as_str()), here.since, claims);
        room.people.insert(here);
        room.joined += 1;
        let past = room.past(client.capabilities);
        claims.push(client, &room.roster(client, &past));
        Ok(())
    }

    /// Takes a client out, which is news for the others; does nothing if it is gone already. By identity: the name may
    /// be somebody else's by now.
    pub(super) fn leave(&self, client: &Client, claims: &mut PendingWrites) {
        let mut room = lock(&self.room);
        if room.people.get(client.name.folded()).is_some_and(|here| here.client.id == client.id) {
            room.take_out(&client.name, claims);
        }
    }

    /// Sees to it that all that has happened is behind us: what is pushed next comes after it.
    pub(super) fn catch_up(&self, claims: &mut PendingWrites) {
        drop(self.room(claims));
    }

    /// Locks the room. Nothing overtakes the news.
    fn room(&self, claims: &mut PendingWrites) -> MutexGuard<'_, Room> {
        let mut room = lock(&self.room);
        room.flush_updates(claims);
        room
    }

    /// Relays messages to all others, and to their sender if it asked for an echo. `said` are the same ones, if they
    /// are to be remembered: they get their stamps.
    pub(super) fn broadcast(
        &self,
        sender: &Client,
        lines: &mut Batch,
        said: &mut [Message],
        claims: &mut PendingWrites,
    ) {
        let mut room = self.room(claims);
        room.messages += lines.count();
        let recipients = room.relay(lines, claims, |client| client.id != sender.id || client.capabilities.echo);
        room.remember(lines, said);
        room.deliveries += recipients * lines.count();
    }

    /// Relays a line to one person; `false` if nobody here has that name, or not for long.
    pub(super) fn tell(&self, sender: &Client, recipient: &str, text: &str, claims: &mut PendingWrites) -> bool {
        let folded = fold_name(recipient);
        let mut room = self.room(claims);
        let Some(client) = room.person(&folded) else { return false };
        let mut line = Batch::of(&ServerLine::Tell { from: sender.name.as_str(), text });
        line.stamp(room.clock.next(1));
        // Whose connection is just being ended gets nothing any more.
        let told = claims.push(&client, line.piece(client.capabilities.stamp));
        room.messages += u64::from(told);
        room.deliveries += u64::from(told);
        told
    }

    /// Somebody goes away, for a reason, or (the reason is empty) is back. Told to those who asked, if it is news.
    pub(super) fn away(&self, client: &Client, reason: &str, claims: &mut PendingWrites) {
        let mut room = self.room(claims);
        let at = room.clock.next(1);
        let key = client.name.folded();
        if room.people.get(key).is_none_or(|here| here.client.id != client.id) {
            return;
        }
        let before = room.away.remove(key);
        if !reason.is_empty() {
            room.away.insert(key.clone(), (at, reason.to_owned()));
        } else if before.is_none() {
            return;
        }
        let mut line = Batch::default();
        line.add_past(&ServerLine::Away { name: client.name.as_str(), reason }, at);
        room.push(&mut line, claims, |other| other.capabilities.away && other.id != client.id);
    }

    /// Somebody is typing: told to those who asked, or to the one whom it concerns.
    pub(super) fn typing(&self, client: &Client, recipient: &str, claims: &mut PendingWrites) {
        let folded = fold_name(recipient);
        let mut room = self.room(claims);
        let from = client.name.as_str();
        if recipient.is_empty() {
            let mut line = Batch::of(&ServerLine::Typing { from, to: "" });
            room.relay(&mut line, claims, |other| other.capabilities.typing && other.id != client.id);
        } else if let Some(other) = room.person(&folded).filter(|other| other.capabilities.typing) {
            let mut line = Batch::of(&ServerLine::Typing { from, to: other.name.as_str() });
            line.stamp(room.clock.next(1));
            claims.push(&other, line.piece(other.capabilities.stamp));
        }
    }

    /// Answers WHO: a HELLO for each who is here, last the client's own.
    pub(super) fn who(&self, client: &Arc<Client>, claims: &mut PendingWrites) {
        let mut room = self.room(claims);
        claims.push(client, &room.roster(client, &[]));
    }

    /// Ends everybody's connection, and lets nobody in from now on.
    pub(super) fn close(&self, code: ErrorCode, detail: &str, claims: &mut PendingWrites) {
        let mut room = self.room(claims);
        room.closed = true;
        for here in room.people.values() {
            claims.end(&here.client, code, detail, OnClose::Flush);
        }
    }

    /// Shuts the socket of everybody who is still here.
    pub(super) fn shut_all(&self) {
        // A shutdown does not block, yet a thousand of them are a thousand system calls.
        for client in self.find(|_| true) {
            client.shut();
        }
    }

    /// The operator speaks to everybody. As with [`broadcast`](Registry::broadcast), `said` is the same.
    pub(super) fn announce(&self, line: &ServerLine<'_>, said: &mut [Message], claims: &mut PendingWrites) {
        let mut room = self.room(claims);
        let mut lines = Batch::of(line);
        room.relay(&mut lines, claims, |_| true);
        room.remember(&lines, said);
    }

    /// How many messages were remembered since the start.
    pub(super) fn remembered(&self) -> u64 {
        lock(&self.room).ring.as_ref().map_or(0, Ring::taken)
    }

    /// Nobody who joins from now on gets to read it.
    pub(super) fn forget(&self, what: &Deletion) {
        if let Some(ring) = &mut lock(&self.room).ring {
            ring.delete(what);
        }
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
    pub(super) fn snapshot(&self) -> (Vec<ClientInfo>, Counted) {
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
    fn relay(&mut self, lines: &mut Batch, claims: &mut PendingWrites, concerns: impl Fn(&Client) -> bool) -> u64 {
        lines.stamp(self.clock.next(lines.count()));
        self.push(lines, claims, concerns)
    }

    /// Pushes lines that have their stamps.
    fn push(&self, lines: &mut Batch, claims: &mut PendingWrites, concerns: impl Fn(&Client) -> bool) -> u64 {
        let mut recipients = 0;
        for Occupant { client, .. } in self.people.values().filter(|here| concerns(&here.client)) {
            recipients += u64::from(claims.push(client, lines.piece(client.capabilities.stamp)));
        }
        recipients
    }

    /// Keeps messages that were just relayed for those who will join.
    fn remember(&mut self, lines: &Batch, said: &mut [Message]) {
        for (message, stamp) in said.iter_mut().zip(lines.stamps()) {
            message.stamp = stamp;
            if let Some(ring) = &mut self.ring {
                ring.add(message.clone());
            }
        }
        self.said = lines.stamps().next_back().unwrap_or(self.said);
    }

    /// What was said before, for a newcomer.
    fn past(&self, capabilities: Capabilities) -> Vec<u8> {
        let mut past = Vec::new();
        match (&self.ring, capabilities.since) {
            (Some(ring), _) => past = ring.replay(capabilities),
            (None, Some(since)) if since < self.said => ServerLine::Gap(since).encode(&mut past),
            _ => {}
        }
        past
    }

    /// Whoever has this name has it no longer, which is news for the others.
    fn take_out(&mut self, name: &Username, claims: &mut PendingWrites) {
        let Some(Occupant { client, .. }) = self.people.remove(name) else { return };
        self.roster.remove();
        self.away.remove(name.folded());
        if !self.closed {
            let now = self.clock.next(1);
            self.add_news(&ServerLine::Bye(client.name.as_str()), now, claims);
        }
    }

    /// The one that is meant by a name, which is folded. One who merely looks like that is not meant.
    fn person(&self, folded: &str) -> Option<Arc<Client>> {
        self.people.get(folded).map(|here| here.client.clone())
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
    activity::during(Task::Registry, || sync::lock(room))
}

#[cfg(test)]
#[cfg(loom)]
mod interleavings;
