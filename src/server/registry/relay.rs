//! Relaying: lines that one client, or the operator, causes and others get. Runs in the thread of the client that causes them.
//!
//! All of it is under the registry's lock, and nothing here writes to a socket: see the [registry](super).

use std::sync::Arc;

use super::{Occupant, Registry, Room};
use crate::protocol::{ServerLine, fold_name};
use crate::server::delivery::PendingWrites;
use crate::server::delivery::batch::Batch;
use crate::server::delivery::client::Client;
use crate::server::storage::message::Message;

impl Registry {
    /// Sends messages to all clients but the sender, and to the sender too, with its labels, if it asked for an echo.
    ///
    /// `messages` are the same ones in the form in which they are stored, or empty if messages are not kept. They get
    /// their stamps here, so that the history has the same ones as the clients.
    pub(crate) fn broadcast(
        &self,
        sender: &Arc<Client>,
        lines: &mut Batch,
        messages: &mut [Message],
        writes: &mut PendingWrites,
    ) {
        // From here on under the lock: first the pending updates, then these lines, into every outbox.
        let mut room = self.room(writes);
        room.totals.messages += lines.count();
        let echo = sender.capabilities.echo && !lines.is_labelled();
        let mut recipients = room.send(lines, writes, |client| client.id != sender.id || echo);
        if lines.is_labelled() {
            recipients += u64::from(writes.push(sender, &lines.labelled(sender.capabilities.stamp)));
        }
        // In the same critical section: a client that joins next finds these messages in the ring, and one that joined
        // before has got them. None gets them twice or not at all.
        room.remember(lines, messages);
        room.totals.deliveries += recipients * lines.count();
    }

    /// Sends a private message. Returns `false` if no client has that name, or if it is being disconnected.
    pub(crate) fn send_private(
        &self,
        sender: &Client,
        recipient: &str,
        text: &str,
        writes: &mut PendingWrites,
    ) -> bool {
        // Folding takes time, and needs no lock.
        let folded = fold_name(recipient);
        let mut room = self.room(writes);
        let Some(client) = room.client(&folded) else { return false };
        let mut line = Batch::of(&ServerLine::Tell { from: sender.name.as_str(), text });
        line.stamp(room.clock.next(1));
        // A client that is being disconnected accepts no more chunks, and the sender learns that the message did not arrive.
        let is_queued = writes.push(&client, line.chunk(client.capabilities.stamp));
        room.totals.messages += u64::from(is_queued);
        room.totals.deliveries += u64::from(is_queued);
        is_queued
    }

    /// Marks a client as away, or, if `reason` is empty, as back. Clients that asked for AWAY are notified if that is a
    /// change.
    pub(crate) fn set_away(&self, client: &Client, reason: &str, writes: &mut PendingWrites) {
        let mut room = self.room(writes);
        let at = room.clock.next(1);
        let key = client.name.folded();
        // By identity: its name may have been taken back by now, and then it is the owner's to be away.
        if room.occupants.get(key).is_none_or(|occupant| occupant.client.id != client.id) {
            return;
        }
        let before = room.away.remove(key);
        if !reason.is_empty() {
            room.away.insert(key.clone(), (at, reason.to_owned()));
        } else if before.is_none() {
            return;
        }
        let mut line = Batch::default();
        // With the stamp that is kept for the roster, so that a client sees the same time whichever way it learns of it.
        line.add_past(&ServerLine::Away { name: client.name.as_str(), reason }, at);
        room.push(&mut line, writes, |other| other.capabilities.away && other.id != client.id);
    }

    /// Notifies the clients that asked for it that a user is typing: all of them, or the recipient of a private message.
    pub(crate) fn notify_typing(&self, client: &Client, recipient: &str, writes: &mut PendingWrites) {
        let folded = fold_name(recipient);
        let mut room = self.room(writes);
        let from = client.name.as_str();
        if recipient.is_empty() {
            let mut line = Batch::of(&ServerLine::Typing { from, to: "" });
            room.send(&mut line, writes, |other| other.capabilities.typing && other.id != client.id);
        } else if let Some(other) = room.client(&folded).filter(|other| other.capabilities.typing) {
            let mut line = Batch::of(&ServerLine::Typing { from, to: other.name.as_str() });
            line.stamp(room.clock.next(1));
            writes.push(&other, line.chunk(other.capabilities.stamp));
        }
    }

    /// Sends a line from the operator to all clients. `messages` as in [`broadcast`](Registry::broadcast).
    pub(crate) fn announce(&self, line: &ServerLine<'_>, messages: &mut [Message], writes: &mut PendingWrites) {
        let mut room = self.room(writes);
        let mut lines = Batch::of(line);
        room.send(&mut lines, writes, |_| true);
        room.remember(&lines, messages);
    }
}

impl Room {
    /// Stamps lines and queues them for every client that matches. Returns the number of recipients.
    fn send(&mut self, lines: &mut Batch, writes: &mut PendingWrites, matches: impl Fn(&Client) -> bool) -> u64 {
        lines.stamp(self.clock.next(lines.count()));
        self.push(lines, writes, matches)
    }

    /// Queues lines that have their stamps. Each recipient gets a reference to the same chunk: the lines are encoded once,
    /// at most, for each of the two forms.
    fn push(&self, lines: &mut Batch, writes: &mut PendingWrites, matches: impl Fn(&Client) -> bool) -> u64 {
        let mut recipients = 0;
        // The innermost loop of the server, run under the lock that all threads need. For each recipient it takes an outbox's
        // lock, which is rarely contended, and copies a reference. The system calls come later, with no lock held.
        for Occupant { client, .. } in self.occupants.values().filter(|occupant| matches(&occupant.client)) {
            recipients += u64::from(writes.push(client, lines.chunk(client.capabilities.stamp)));
        }
        recipients
    }

    /// Adds messages that were just sent to the ring, and gives each its stamp.
    fn remember(&mut self, lines: &Batch, messages: &mut [Message]) {
        for (message, stamp) in messages.iter_mut().zip(lines.stamps()) {
            message.stamp = stamp;
            if let Some(ring) = &mut self.ring {
                ring.add(message.clone());
            }
        }
        self.last_message = lines.stamps().next_back().unwrap_or(self.last_message);
    }

    /// Returns the client with this folded name. A name that merely looks like it does not match: a private message must
    /// not go to a lookalike.
    fn client(&self, folded: &str) -> Option<Arc<Client>> {
        self.occupants.get(folded).map(|occupant| occupant.client.clone())
    }
}
