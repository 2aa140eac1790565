//! What the operator can do to a running server: announce, kick, ban.
//!
//! Each of these writes to sockets, and a ban to a file, so a window calls them in another thread.

use std::io;
use std::path::Path;

use super::Server;
use super::delivery::PendingWrites;
use super::delivery::outbox::OnClose;
use super::id::ConnectionId;
use super::storage::bans::{Ban, BanTarget};
use super::storage::history::History;
use super::storage::history::types::{Deletion, HistorySummary};
use super::storage::members::Members;
use super::storage::members::error::MembersError;
use super::storage::message::Message;
use crate::clock::Clock;
use crate::password::Password;
use crate::protocol::escape::escape;
use crate::protocol::{CLIENT_LINE_MAX, ErrorCode, RESERVED, ServerLine, Username, is_text};

/// Characters of the reason for a kick that are sent; control characters count as they are written out.
pub(crate) const REASON_MAX: usize = 400;

impl Server {
    /// Says something to everybody: `MSG server <text>`. `false`: that is no text for one line, so nothing was sent.
    pub fn announce(&self, text: &str) -> bool {
        let line = ServerLine::Msg { from: RESERVED, text };
        if !is_text(text) || text.len() > CLIENT_LINE_MAX - "MSG server \n".len() {
            return false;
        }
        let mut claims = PendingWrites::new(&self.shared.writers);
        let mut said = self.shared.remembers().then(|| Message::new(RESERVED, text));
        self.shared.registry.announce(&line, said.as_mut_slice(), &mut claims);
        claims.deliver();
        self.shared.store(said.into_iter());
        true
    }

    /// Sends a client these bytes as they are, for somebody who tries out what a client makes of them. `false`: its connection
    /// has ended, or is just ending.
    pub fn send_raw(&self, id: ConnectionId, bytes: &[u8]) -> bool {
        let mut claims = PendingWrites::new(&self.shared.writers);
        let left =
            self.shared.registry.find(|client| client.id == id).iter().any(|client| claims.push(client, &bytes.into()));
        claims.deliver();
        left
    }

    /// Ends a connection with `ERR KICKED <reason>`. `false`: it had ended already. Of a reason that is no line, control
    /// characters are written out and what is too long is cut.
    pub fn kick(&self, id: ConnectionId, reason: &str) -> bool {
        let reason: String = escape(reason).chars().take(REASON_MAX).collect();
        self.end_those(ErrorCode::Kicked, &reason, |person_id, _| person_id == id) > 0
    }

    /// Ends the connections of somebody, and lets nobody in to whom the ban applies. Returns how many were ended.
    ///
    /// # Errors
    /// The list of bans cannot be written; the ban is in force all the same, until the server stops.
    pub fn ban(&self, ban: Ban) -> io::Result<usize> {
        let (whom, detail) = (ban.target.clone(), ban.detail());
        let written = self.shared.bans.add(ban);
        let ended = self.end_those(ErrorCode::Banned, &detail, |_, names| names.iter().any(|name| name.matches(&whom)));
        written.map(|()| ended)
    }

    /// Lets somebody in again.
    ///
    /// # Errors
    /// The list of bans cannot be written; the ban is lifted all the same, until the server stops.
    pub fn unban(&self, whom: &BanTarget) -> io::Result<()> {
        self.shared.bans.remove(whom)
    }

    /// Writes what of the list of bans could not be written before, if there is any: the disk may have room again.
    ///
    /// # Errors
    /// It still cannot be written.
    pub fn retry_bans(&self) -> io::Result<()> {
        self.shared.bans.retry()
    }

    /// Gives a registered name another password, and ends whoever is here by that name: the old password may be known to
    /// others. Returns how many connections were ended.
    ///
    /// # Errors
    /// There is no list, or nothing was changed in it.
    pub fn reset_member(&self, name: &Username, password: &Password) -> Result<usize, MembersError> {
        self.members().ok_or(MembersError::NoList)?.reset(name, password)?;
        Ok(self.end_name(name, &format!("the operator has set another password for {name}: join with that")))
    }

    /// Gives a name free, and ends whoever is here by it. Returns how many connections were ended.
    ///
    /// # Errors
    /// There is no list, or nothing was changed in it.
    pub fn remove_member(&self, name: &Username) -> Result<usize, MembersError> {
        self.members().ok_or(MembersError::NoList)?.remove(name)?;
        Ok(self.end_name(name, &format!("the operator has removed the registration of {name}")))
    }

    /// The registered names, if there is a list of them. What is changed by this, or by another program, ends no connection:
    /// whoever is here by a name that was changed just cannot change it any more. Each of its methods may wait for a disk.
    pub fn members(&self) -> Option<&Members> {
        self.shared.members.as_ref()
    }

    /// The bans that are in force.
    pub fn bans(&self) -> Vec<Ban> {
        self.shared.bans.all()
    }

    /// How much is kept of what was said, and the newest of it, at most so many; or, if there are any words, the newest
    /// messages that have them.
    ///
    /// # Errors
    /// Nothing is kept, or it cannot be read: why, in words.
    pub fn archive(&self, words: &str, count: usize) -> Result<HistorySummary, String> {
        self.history()?.summary(self.shared.registry.remembered(), words, count)
    }

    /// Deletes what was said; returns how many messages it were. `None`: so many that it goes on for a while.
    ///
    /// # Errors
    /// Nothing is kept, or it cannot be changed: why, in words.
    pub fn forget(&self, what: &Deletion) -> Result<Option<u64>, String> {
        self.shared.registry.forget(what);
        self.history()?.delete(self.shared.registry.remembered(), what)
    }

    /// Writes all that is kept into a new text file, a line for each message; returns how many.
    ///
    /// # Errors
    /// Nothing is kept, or it cannot be read, or the file not be written. Of kind `AlreadyExists`: it is somebody's.
    pub fn export(&self, file: &Path) -> io::Result<u64> {
        self.history().map_err(io::Error::other)?.export(file, &Clock::system())
    }

    fn history(&self) -> Result<&History, String> {
        self.shared.history.as_ref().ok_or_else(|| "this server keeps nothing of what is said".into())
    }

    fn end_name(&self, name: &Username, detail: &str) -> usize {
        let whom = BanTarget::Name(name.clone());
        self.end_those(ErrorCode::Kicked, detail, |_, names| names.iter().any(|name| name.matches(&whom)))
    }

    /// Ends whom the choice falls on, by connection, name and address.
    fn end_those(
        &self,
        code: ErrorCode,
        detail: &str,
        choice: impl Fn(ConnectionId, &[BanTarget; 2]) -> bool,
    ) -> usize {
        let mut claims = PendingWrites::new(&self.shared.writers);
        let mut ended = 0;
        for client in self.shared.registry.find(|client| choice(client.id, &BanTarget::of(client))) {
            // Whoever is behind shall not stay until it has read everything.
            ended += usize::from(claims.disconnect(&client, code, detail, OnClose::Discard));
        }
        claims.deliver();
        ended
    }
}
