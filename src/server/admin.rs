//! The operator's calls to a running server: announce, kick, ban, members, and the administration of the history.
//!
//! Each of them writes to sockets, and some wait for a disk, so a window calls them in another thread. None of them
//! holds the registry's lock while it writes: it collects the clients first.

use std::io;
use std::path::Path;

use super::context::ServerContext;
use super::delivery::PendingWrites;
use super::delivery::outbox::OnClose;
use super::id::ConnectionId;
use super::storage::bans::{Ban, BanTarget};
use super::storage::history::History;
use super::storage::history::types::{Deletion, HistoryError, HistorySummary};
use super::storage::members::Members;
use super::storage::members::error::MembersError;
use super::storage::message::Message;
use crate::clock::Clock;
use crate::password::Password;
use crate::protocol::escape::escape;
use crate::protocol::{CLIENT_LINE_MAX, ErrorCode, RESERVED, Rejected, ServerLine, Username, is_text};

/// Maximum number of characters in the reason of a kick; an escaped control character counts as it is written.
pub(crate) const REASON_MAX: usize = 400;

impl ServerContext {
    /// Sends `MSG server <text>` to every client.
    ///
    /// # Errors
    /// The text is no valid line; nothing is sent.
    pub(crate) fn announce(&self, text: &str) -> Result<(), Rejected> {
        let line = ServerLine::Msg { from: RESERVED, text };
        if !is_text(text) || text.len() > CLIENT_LINE_MAX - "MSG server \n".len() {
            return Err(Rejected::new(ErrorCode::BadText, "that is no text for one line"));
        }
        let mut writes = PendingWrites::new(&self.writers);
        let mut message = self.remembers().then(|| Message::new(RESERVED, text));
        self.registry.announce(&line, message.as_mut_slice(), &mut writes);
        writes.deliver();
        // Last, since it may wait for a disk: the clients have the line by now.
        self.store(message.into_iter());
        Ok(())
    }

    /// Sends these bytes to a client as they are. Returns `false` if its connection has ended or is about to.
    pub(crate) fn send_raw(&self, id: ConnectionId, bytes: &[u8]) -> bool {
        let mut writes = PendingWrites::new(&self.writers);
        let clients = self.registry.find(|client| client.id == id);
        let is_queued = clients.iter().any(|client| writes.push(client, &bytes.into()));
        writes.deliver();
        is_queued
    }

    /// Disconnects a client with `ERR KICKED <reason>`. Returns `false` if its connection had ended already.
    pub(crate) fn kick(&self, id: ConnectionId, reason: &str) -> bool {
        // A reason with a line feed would be two lines.
        let reason: String = escape(reason).chars().take(REASON_MAX).collect();
        self.disconnect(ErrorCode::Kicked, &reason, |other, _| other == id) > 0
    }

    /// Adds a ban and disconnects the clients to which it applies; returns how many these were.
    ///
    /// # Errors
    /// The list of bans cannot be written; the ban is in force all the same, until the server stops.
    pub(crate) fn ban(&self, ban: Ban) -> io::Result<usize> {
        let (target, detail) = (ban.target.clone(), ban.detail());
        // In this order: a client that joins in between finds the ban, or is found here.
        let written = self.bans.add(ban);
        let ended =
            self.disconnect(ErrorCode::Banned, &detail, |_, names| names.iter().any(|name| name.matches(&target)));
        written.map(|()| ended)
    }

    /// Sets another password for a registered name, and disconnects the clients of that name; returns how many these
    /// were.
    ///
    /// # Errors
    /// There is no list of members, or it was not changed.
    pub(crate) fn reset_member(&self, name: &Username, password: &Password) -> Result<usize, MembersError> {
        self.member_list()?.reset(name, password)?;
        Ok(self.disconnect_name(name, &format!("the operator has set another password for {name}: join with that")))
    }

    /// Removes the registration of a name, and disconnects the clients of that name; returns how many these were.
    ///
    /// # Errors
    /// There is no list of members, or it was not changed.
    pub(crate) fn remove_member(&self, name: &Username) -> Result<usize, MembersError> {
        self.member_list()?.remove(name)?;
        Ok(self.disconnect_name(name, &format!("the operator has removed the registration of {name}")))
    }

    /// Returns how much the history holds, and its newest messages.
    ///
    /// # Errors
    /// There is no history, or it cannot be read.
    pub(crate) fn archive(&self, words: &str, count: usize) -> Result<HistorySummary, HistoryError> {
        self.stored()?.summary(self.registry.remembered(), words, count)
    }

    /// Deletes messages, and returns how many; `None` if the deletion goes on in the background.
    ///
    /// # Errors
    /// There is no history, or it cannot be changed.
    pub(crate) fn forget(&self, what: &Deletion) -> Result<Option<u64>, HistoryError> {
        // From memory first, so that no client that joins meanwhile gets a message that is being deleted.
        self.registry.forget(what);
        self.stored()?.delete(self.registry.remembered(), what)
    }

    /// Writes the whole history to a new text file; returns the number of messages.
    ///
    /// # Errors
    /// There is no history, or it cannot be read, or the file cannot be written.
    pub(crate) fn export(&self, file: &Path) -> io::Result<u64> {
        self.stored().map_err(io::Error::other)?.export(self.registry.remembered(), file, &Clock::system())
    }

    fn member_list(&self) -> Result<&Members, MembersError> {
        self.members.as_deref().ok_or(MembersError::NoList)
    }

    fn stored(&self) -> Result<&History, HistoryError> {
        self.history.as_ref().ok_or(HistoryError::NoHistory)
    }

    fn disconnect_name(&self, name: &Username, detail: &str) -> usize {
        let target = BanTarget::Name(name.clone());
        self.disconnect(ErrorCode::Kicked, detail, |_, names| names.iter().any(|name| name.matches(&target)))
    }

    /// Disconnects the clients that `choice` selects by connection, name and address. Returns their number.
    fn disconnect(
        &self,
        code: ErrorCode,
        detail: &str,
        choice: impl Fn(ConnectionId, &[BanTarget; 2]) -> bool,
    ) -> usize {
        let mut writes = PendingWrites::new(&self.writers);
        let mut ended = 0;
        for client in self.registry.find(|client| choice(client.id, &BanTarget::of(client))) {
            // Discard: a client that reads slowly must not stay until it has read everything that waits for it.
            ended += usize::from(writes.disconnect(&client, code, detail, OnClose::Discard));
        }
        writes.deliver();
        ended
    }
}
