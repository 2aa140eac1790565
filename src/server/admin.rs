//! The operator's calls to a running server: announce, kick, ban, members, and the administration of the history.
//!
//! Each of them may write to sockets, wait for a disk or both, so a window makes them in another thread. None of them
//! holds the registry's lock while it writes: it collects the clients first.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::slice;

use thiserror::Error;

use super::delivery::PendingWrites;
use super::delivery::client::Client;
use super::delivery::outbox::OnClose;
use super::id::ConnectionId;
use super::registry::deletions::DELETED_MAX;
use super::running::Server;
use super::storage::bans::{Ban, BanTarget};
use super::storage::history::History;
use super::storage::history::types::{Deletion, HistoryError, HistorySummary, StoredMessage};
use super::storage::members::Members;
use super::storage::members::error::MembersError;
use super::storage::message::Message;
use crate::clock::Clock;
use crate::password::Password;
use crate::protocol::escape::escape;
use crate::protocol::{CLIENT_LINE_MAX, ErrorCode, RESERVED, Rejected, ServerLine, Stamp, Username, is_text};

/// Maximum number of characters in the reason of a kick; an escaped control character counts as it is written.
pub(crate) const REASON_MAX: usize = 400;

/// Maximum number of DELETED lines that are queued for each client under one lock of the registry.
const TOLD_AT_ONCE: usize = 500;

/// The error of a call for a client whose connection has ended, or is about to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("that client has left")]
pub struct HasLeft;

/// The messages that were said lately.
#[derive(Debug)]
pub(crate) struct Said {
    /// The messages, the oldest first.
    pub(crate) messages: Vec<StoredMessage>,
    /// No message is missing between the stamp of the question and these.
    pub(crate) are_all: bool,
    /// Number of messages since the start.
    pub(crate) total: u64,
}

/// The operator's calls. Each may write to sockets, wait for a disk or both, so a window makes them in another thread.
impl Server {
    /// Sends `MSG server <text>` to every client.
    ///
    /// # Errors
    /// The text is no valid line; nothing is sent.
    pub fn announce(&self, text: &str) -> Result<(), Rejected> {
        let line = ServerLine::Msg { from: RESERVED, text };
        if !is_text(text) || text.len() > CLIENT_LINE_MAX - "MSG server \n".len() {
            return Err(Rejected::new(ErrorCode::BadText, "that is no text for one line"));
        }
        let context = &self.context;
        let mut writes = PendingWrites::new(&context.writers);
        let mut message = context.remembers().then(|| Message::new(RESERVED, text));
        context.registry.announce(&line, message.as_mut_slice(), &mut writes);
        writes.deliver();
        // Last, since it may wait for a disk: the clients have the line by now.
        context.store(message.into_iter());
        Ok(())
    }

    /// Sends these bytes to a client as they are, to try out what a client makes of them.
    ///
    /// # Errors
    /// Its connection has ended, or is about to.
    pub fn send_raw(&self, id: ConnectionId, bytes: &[u8]) -> Result<(), HasLeft> {
        let mut writes = PendingWrites::new(&self.context.writers);
        let clients = self.context.registry.find(|client| client.id == id);
        let is_queued = clients.iter().any(|client| writes.push(client, &bytes.into()));
        writes.deliver();
        is_queued.then_some(()).ok_or(HasLeft)
    }

    /// Disconnects a client with `ERR KICKED <reason>`. Control characters in the reason are escaped, and a reason that
    /// is too long is cut.
    ///
    /// # Errors
    /// The connection had ended already.
    pub fn kick(&self, id: ConnectionId, reason: &str) -> Result<(), HasLeft> {
        (self.kick_all(&[id], reason) > 0).then_some(()).ok_or(HasLeft)
    }

    /// Disconnects several clients as [`kick`](Server::kick) does. Returns how many had not left.
    pub fn kick_all(&self, ids: &[ConnectionId], reason: &str) -> usize {
        let ids: HashSet<_> = ids.iter().collect();
        // A reason with a line feed would be two lines.
        let reason: String = escape(reason).chars().take(REASON_MAX).collect();
        self.disconnect(ErrorCode::Kicked, &reason, |client| ids.contains(&client.id))
    }

    /// Adds a ban, and disconnects the clients to which it applies. Returns how many these were.
    ///
    /// # Errors
    /// The list of bans cannot be written; the ban is in force all the same, until the server stops.
    pub fn ban(&self, ban: Ban) -> io::Result<usize> {
        self.ban_all(&[ban])
    }

    /// Adds several bans as [`ban`](Server::ban) does. The list is written once.
    ///
    /// # Errors
    /// The list of bans cannot be written; the bans are in force all the same, until the server stops.
    pub fn ban_all(&self, bans: &[Ban]) -> io::Result<usize> {
        // In this order: a client that joins in between finds the ban, or is found here.
        let written = self.context.bans.add(bans.iter().cloned());
        let disconnect =
            |ban: &Ban| self.disconnect(ErrorCode::Banned, &ban.detail(), |client| ban.target.applies_to(client));
        let ended = bans.iter().map(disconnect).sum();
        written.map(|()| ended)
    }

    /// Lifts a ban.
    ///
    /// # Errors
    /// The list of bans cannot be written; the ban is lifted all the same, until the server stops.
    pub fn unban(&self, whom: &BanTarget) -> io::Result<()> {
        self.unban_all(slice::from_ref(whom))
    }

    /// Lifts several bans. The list is written once.
    ///
    /// # Errors
    /// The list of bans cannot be written; the bans are lifted all the same, until the server stops.
    pub fn unban_all(&self, targets: &[BanTarget]) -> io::Result<()> {
        self.context.bans.remove(targets)
    }

    /// Writes the list of bans if an earlier change to it could not be written: the disk may have room again.
    ///
    /// # Errors
    /// It still cannot be written.
    pub(crate) fn retry_bans(&self) -> io::Result<()> {
        self.context.bans.retry()
    }

    /// Returns the bans that are in force.
    pub fn bans(&self) -> Vec<Ban> {
        self.context.bans.all()
    }

    /// Sets another password for a registered name, and disconnects the clients of that name: others may know the old
    /// password. Returns how many were disconnected.
    ///
    /// # Errors
    /// There is no list of members, or it was not changed.
    pub fn reset_member(&self, name: &Username, password: &Password) -> Result<usize, MembersError> {
        self.members().ok_or(MembersError::NoList)?.reset(name, password)?;
        Ok(self.disconnect_name(name, &format!("the operator has set another password for {name}: join with that")))
    }

    /// Removes the registration of a name, and disconnects the clients of that name. Returns how many were disconnected.
    ///
    /// # Errors
    /// There is no list of members, or it was not changed.
    pub fn remove_member(&self, name: &Username) -> Result<usize, MembersError> {
        self.members().ok_or(MembersError::NoList)?.remove(name)?;
        Ok(self.disconnect_name(name, &format!("the operator has removed the registration of {name}")))
    }

    /// Returns the list of registered names, if there is one. A change by this handle, or by another program,
    /// disconnects no client: a client that proved an entry which was changed since can just not change it any more.
    /// Each method of the list may wait for a disk.
    pub fn members(&self) -> Option<&Members> {
        self.context.members.as_ref()
    }

    /// Returns how much the history holds, and its newest `count` messages; if `words` has any, the newest that contain
    /// them. The word `from:ann` selects messages of ann and of names that could be mistaken for it; of several, any.
    ///
    /// # Errors
    /// There is no history, or it cannot be read.
    pub fn archive(&self, words: &str, count: usize) -> Result<HistorySummary, HistoryError> {
        self.history()?.summary(self.context.registry.remembered(), words, count)
    }

    /// Deletes messages, and returns how many. `None`: they are so many that the deletion goes on in the background. Clients
    /// that asked for it get DELETED, so that the messages go from their screens.
    ///
    /// # Errors
    /// There is no history, or it cannot be changed.
    pub fn forget(&self, what: &Deletion) -> Result<Option<u64>, HistoryError> {
        let registry = &self.context.registry;
        let mut writes = PendingWrites::new(&self.context.writers);
        // From memory first, so that no client that joins meanwhile gets a message that is being deleted.
        let (last, in_memory) = registry.forget(what, &mut writes);
        writes.deliver();
        let Some(history) = &self.context.history else {
            // The messages are in memory only if the history could not be opened.
            return in_memory.map(Some).ok_or(HistoryError::NoHistory);
        };
        let relayed = registry.remembered();
        // Before they are deleted there: an answer that a client's thread has read by then is followed by DELETED.
        let bytes_max = self.context.backlog_max / 4;
        let most = DELETED_MAX.min(bytes_max / "DELETED 1700000000000000\n".len());
        for part in history.stamps(relayed, what, last, most).chunks(TOLD_AT_ONCE) {
            registry.tell_deleted(part, &mut writes);
            writes.deliver();
        }
        history.delete(relayed, what, last)
    }

    /// Returns the newest `count` messages in memory after a stamp. `None` if messages are not kept.
    pub(crate) fn said_after(&self, stamp: Stamp, count: usize) -> Option<Said> {
        let (messages, are_all, total) = self.context.registry.said_after(stamp, count)?;
        let stored = |message: Message| StoredMessage {
            stamp: message.stamp,
            from: message.from().to_owned(),
            text: message.text().to_owned(),
        };
        // Copied here, and not under the registry's lock.
        Some(Said { messages: messages.into_iter().map(stored).collect(), are_all, total })
    }

    /// Returns the number of messages that were said since the start; 0 if messages are not kept.
    pub(crate) fn said(&self) -> u64 {
        self.context.registry.remembered()
    }

    /// Writes the whole history to a new text file, a line for each message. Returns the number of messages.
    ///
    /// # Errors
    /// There is no history, or it cannot be read, or the file cannot be written. The kind is `AlreadyExists` if there
    /// is a file of that name.
    pub fn export(&self, file: &Path) -> io::Result<u64> {
        let history = self.history().map_err(io::Error::other)?;
        history.export(self.context.registry.remembered(), file, &Clock::system())
    }

    fn history(&self) -> Result<&History, HistoryError> {
        self.context.history.as_ref().ok_or(HistoryError::NoHistory)
    }

    fn disconnect_name(&self, name: &Username, detail: &str) -> usize {
        let target = BanTarget::Name(name.clone());
        self.disconnect(ErrorCode::Kicked, detail, |client| target.applies_to(client))
    }

    /// Disconnects the clients that `choice` selects. Returns their number.
    fn disconnect(&self, code: ErrorCode, detail: &str, choice: impl Fn(&Client) -> bool) -> usize {
        let mut writes = PendingWrites::new(&self.context.writers);
        let mut ended = 0;
        for client in self.context.registry.find(choice) {
            // Discard: a client that reads slowly must not stay until it has read everything that waits for it.
            ended += usize::from(writes.disconnect(&client, code, detail, OnClose::Discard));
        }
        writes.deliver();
        ended
    }
}
