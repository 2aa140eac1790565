//! The server: starting it, watching it, stopping it.
//!
//! A [`Server`] owns a handful of threads:
//!
//! | thread | work | file |
//! | --- | --- | --- |
//! | `accept` | accepts connections | `connect/accept.rs` |
//! | `client #<n>` | one connection: HELLO, authentication, then the read loop | `connect/new_connection.rs` |
//! | `rejection` | sends a connection for which there is no room the reason | `connect/reject.rs` |
//! | `drain <name>` | writes to one client while its socket is full | `delivery/drain.rs` |
//! | `flusher` | takes over the writes of a thread that could not keep up, or announces many joins and leaves at once | `delivery.rs` |
//! | `history` | stores messages | `storage/history/writer.rs` |
//!
//! They share a `ServerContext`, and report each [`Event`]. Nothing below this file knows of a window, and nothing
//! below this file imports from it: `server.rs` only puts the parts together. Any thread may call a `Server`; a call
//! that can wait for a disk or a socket says so, so that a window makes it in another thread.
//!
//! | folder | owns |
//! | --- | --- |
//! | `connect/` | a connection until it has joined |
//! | `session/` | a client's read loop |
//! | `registry/` | the clients that have joined, and the order of all lines |
//! | `delivery/` | send queues, and the writes to sockets |
//! | `storage/` | history, members, bans |
//! | `observe/` | events, snapshots, the threads and what each is doing |

pub(crate) mod admin;
pub(crate) mod config;
pub(crate) mod connect;
pub(crate) mod context;
pub(crate) mod delivery;
pub(crate) mod error;
pub(crate) mod id;
pub(crate) mod network;
pub(crate) mod observe;
#[cfg(feature = "storage")]
pub(crate) mod permits;
pub(crate) mod proof;
pub(crate) mod recent;
pub(crate) mod registry;
pub(crate) mod session;
pub(crate) mod shutdown;
pub(crate) mod stamps;
pub(crate) mod storage;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::Receiver;

pub use crate::password::{PASSWORD_VARIABLE, Password, PasswordError};
pub(crate) use admin::REASON_MAX;
pub use config::{Certificate, Config};
pub use connect::tls::CertificateError;
pub use error::StartError;
pub use id::ConnectionId;
pub(crate) use observe::event::EventSink;
pub use observe::event::{DisconnectReason, Event, EventKind};
pub use observe::snapshot::{ClientInfo, Snapshot, Totals};
pub use observe::thread_info::ThreadInfo;
pub use storage::bans::{Ban, BanTarget};
pub use storage::history::types::{Deletion, HistoryError, HistorySummary, StoredMessage};
pub use storage::members::error::MembersError;
pub use storage::members::{Member, Members};

use crate::protocol::{Rejected, Username};
use connect::accept::{self, AcceptThread};
use connect::fd_limit;
use context::{ServerContext, ServerFiles};
use observe::thread_info;

/// A running server. Dropping it stops it.
///
/// ```
/// use multichat::server::{Config, EventKind, Server};
/// # use multichat::client::{ConnectOptions, Connection, ConnectionError, Said};
/// # use multichat::protocol::Username;
///
/// let (server, events) = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() })?;
/// let ann = Connection::connect(ConnectOptions::new(server.addr().into(), Username::parse("ann")?))?;
/// let joined = events.iter().find_map(|event| match event.kind {
///     EventKind::Joined { id, name, .. } => Some((id, name)),
///     _ => None,
/// });
/// let (id, name) = joined.ok_or("nobody")?;
/// assert_eq!(name.as_str(), "ann");
/// server.announce("the lesson begins");
/// server.kick(id, "it was only an example");
///
/// let said: Vec<_> = ann.lines().map_while(Result::ok).map(|line| line.said).collect();
/// assert_eq!(said[0], Said::Msg { from: "server".into(), text: "the lesson begins".into() });
/// assert_eq!(said[1], Said::Err { code: "KICKED".into(), detail: "it was only an example".into() });
/// server.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Server {
    context: Arc<ServerContext>,
    addr: SocketAddr,
    /// `None` once the server has stopped.
    accept: Option<AcceptThread>,
}

impl Server {
    /// Reads the server's files, binds the address, and returns when connections are accepted. Resolving a host name
    /// can take as long as DNS does.
    ///
    /// Events go to the log, and over the channel. A receiver that is too slow misses events, which are
    /// [counted](Server::lost_events), and the server does not wait for it.
    ///
    /// # Errors
    /// A file cannot be used, the address cannot be bound, or the system has no thread to spare. Nothing is left running.
    pub fn start(config: Config) -> Result<(Server, Receiver<Event>), StartError> {
        let (sink, events) = EventSink::watched();
        Ok((Server::start_with(config, sink)?, events))
    }

    /// Starts a server that reports to an existing sink, which may have a tap, and may have served another server before.
    #[doc(hidden)]
    pub fn start_with(config: Config, events: EventSink) -> Result<Server, StartError> {
        // The files first: a server that cannot read its bans must not accept a single connection.
        let files = ServerFiles::read(&config)?;
        let (listener, addr) = accept::bind(&config.listen)?;
        // The history's thread begins here, so after everything that fails for want of a port.
        let context = ServerContext::new(config, events, files);
        fd_limit::raise_for(&context.config, context.events());
        let accept = AcceptThread::start(listener, addr, &context).map_err(StartError::NoThread)?;
        context.events().report(EventKind::Listening(addr));
        context.report_identity();
        Ok(Server { context, addr, accept: Some(accept) })
    }

    /// Returns the listening address, with the port that the system picked if the configured one was 0.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Returns the SHA-256 of the server's public key, by which users verify its identity; `None` if TLS is off.
    pub fn fingerprint(&self) -> Option<String> {
        self.context.credentials.get().identity.as_ref().map(|identity| identity.fingerprint().to_owned())
    }

    /// Returns the number of events that were not sent, since the channel was full.
    pub fn lost_events(&self) -> u64 {
        self.context.events().lost()
    }

    /// Returns the state at this moment. It holds the registry's lock while it lists the clients, so a window calls it in
    /// another thread.
    pub fn snapshot(&self) -> Snapshot {
        self.context.snapshot()
    }

    /// Returns what each thread of the server is doing: first those that serve the whole server, then the `drain`
    /// threads, then the clients' threads in the order of their connections. `people` is the list of clients of a
    /// [snapshot](Server::snapshot).
    pub fn threads(&self, people: &[ClientInfo]) -> Vec<ThreadInfo> {
        thread_info::threads(&self.context.writers.threads, people)
    }

    /// Reads the certificate and the file with the room's password again, for the connections from now on; those that
    /// exist stay. Reports an event with the result: if one of the two files cannot be used, both stay as they were.
    pub fn reload(&self) {
        self.context.reload();
    }

    /// Stops the server: see `shutdown.rs` for the six steps. Takes up to about two seconds.
    pub fn stop(mut self) {
        self.stop_now();
    }

    fn stop_now(&mut self) {
        if let Some(accept) = self.accept.take() {
            shutdown::run(&self.context, accept);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop_now();
    }
}

/// The operator's calls. Each may write to sockets, wait for a disk or both, so a window makes them in another thread;
/// their code is in `admin.rs`.
impl Server {
    /// Sends `MSG server <text>` to every client.
    ///
    /// # Errors
    /// The text is no valid line; nothing is sent.
    pub fn announce(&self, text: &str) -> Result<(), Rejected> {
        self.context.announce(text)
    }

    /// Sends these bytes to a client as they are, to try out what a client makes of them. Returns `false` if its
    /// connection has ended, or is about to.
    pub fn send_raw(&self, id: ConnectionId, bytes: &[u8]) -> bool {
        self.context.send_raw(id, bytes)
    }

    /// Disconnects a client with `ERR KICKED <reason>`. Control characters in the reason are escaped, and a reason that
    /// is too long is cut. Returns `false` if the connection had ended already.
    pub fn kick(&self, id: ConnectionId, reason: &str) -> bool {
        self.context.kick(id, reason)
    }

    /// Adds a ban, and disconnects the clients to which it applies. Returns how many these were.
    ///
    /// # Errors
    /// The list of bans cannot be written; the ban is in force all the same, until the server stops.
    pub fn ban(&self, ban: Ban) -> io::Result<usize> {
        self.context.ban(ban)
    }

    /// Lifts a ban.
    ///
    /// # Errors
    /// The list of bans cannot be written; the ban is lifted all the same, until the server stops.
    pub fn unban(&self, whom: &BanTarget) -> io::Result<()> {
        self.context.bans.remove(whom)
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
        self.context.reset_member(name, password)
    }

    /// Removes the registration of a name, and disconnects the clients of that name. Returns how many were disconnected.
    ///
    /// # Errors
    /// There is no list of members, or it was not changed.
    pub fn remove_member(&self, name: &Username) -> Result<usize, MembersError> {
        self.context.remove_member(name)
    }

    /// Returns the list of registered names, if there is one. A change by this handle, or by another program,
    /// disconnects no client: a client that proved an entry which was changed since can just not change it any more.
    /// Each method of the list may wait for a disk.
    pub fn members(&self) -> Option<&Members> {
        self.context.members.as_deref()
    }

    /// Returns how much the history holds, and its newest `count` messages; if `words` has any, the newest that contain
    /// them.
    ///
    /// # Errors
    /// There is no history, or it cannot be read.
    pub fn archive(&self, words: &str, count: usize) -> Result<HistorySummary, HistoryError> {
        self.context.archive(words, count)
    }

    /// Deletes messages, and returns how many. `None`: they are so many that the deletion goes on in the background.
    ///
    /// # Errors
    /// There is no history, or it cannot be changed.
    pub fn forget(&self, what: &Deletion) -> Result<Option<u64>, HistoryError> {
        self.context.forget(what)
    }

    /// Writes the whole history to a new text file, a line for each message. Returns the number of messages.
    ///
    /// # Errors
    /// There is no history, or it cannot be read, or the file cannot be written. The kind is `AlreadyExists` if there
    /// is a file of that name.
    pub fn export(&self, file: &Path) -> io::Result<u64> {
        self.context.export(file)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
