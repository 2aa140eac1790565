//! A running server: starting it, watching it, stopping it.
//!
//! Any thread may call a [`Server`]; a call that can wait for a disk or a socket says so, so that a window makes it in
//! another thread.

use std::net::SocketAddr;
use std::sync::Arc;

use crossbeam_channel::Receiver;

use super::announce::ServerAnnouncement;
use super::changes::Changes;
use super::config::Config;
use super::connect::accept::{AcceptThread, Accepting};
use super::connect::{bind, fd_limit};
use super::context::{ServerContext, ServerFiles};
use super::error::StartError;
use super::observe::activity::ACCEPT;
use super::observe::event::{Event, EventKind, EventSink};
use super::observe::snapshot::{ClientInfo, Snapshot};
use super::observe::thread_info::{self, ThreadInfo};
use super::shutdown;
use crate::discovery::Announcement;
use crate::password::Password;

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
///
/// let mut said = ann.lines().map_while(Result::ok).map(|line| line.said);
/// server.announce("the lesson begins")?;
/// assert_eq!(said.next(), Some(Said::Msg { from: "server".into(), text: "the lesson begins".into() }));
/// // It takes the place of what waits to be sent.
/// server.kick(id, "it was only an example")?;
/// assert_eq!(said.next(), Some(Said::Err { code: "KICKED".into(), detail: "it was only an example".into() }));
/// server.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Server {
    pub(super) context: Arc<ServerContext>,
    addresses: Vec<SocketAddr>,
    announcement: ServerAnnouncement,
    /// One for each address. `None` once the server stops.
    accept: Option<Vec<AcceptThread>>,
}

impl Server {
    /// Reads the server's files, binds the addresses, and returns when connections are accepted. Resolving a host name
    /// can take as long as DNS does.
    ///
    /// Events go to the log, and over the channel. A receiver that is too slow misses events, which are
    /// [counted](Server::lost_events), and the server does not wait for it.
    ///
    /// # Errors
    /// A file cannot be used, an address cannot be bound, or the system has no thread to spare. Nothing is left running.
    pub fn start(config: Config) -> Result<(Server, Receiver<Event>), StartError> {
        let (sink, events) = EventSink::watched();
        Ok((Server::start_with(config, sink)?, events))
    }

    /// Starts a server that reports to an existing sink, which may have a tap, and may have served another server before.
    #[doc(hidden)]
    pub fn start_with(config: Config, events: EventSink) -> Result<Server, StartError> {
        // The files first: a server that cannot read its bans must not accept a single connection.
        let files = ServerFiles::read(&config)?;
        let listeners = bind::bind(&config.listen)?;
        // The history's thread begins here, so after everything that fails for want of a port.
        let context = ServerContext::new(events, files);
        fd_limit::raise_for(&config, context.events());
        let addresses: Vec<_> = listeners.iter().map(|(_, addr)| *addr).collect();
        let accepting = Accepting::new(context.clone());
        let mut accept = Vec::new();
        for (listener, addr) in listeners {
            let name = if addresses.len() == 1 { ACCEPT.to_owned() } else { format!("{ACCEPT} {addr}") };
            match AcceptThread::start(listener, &name, &accepting) {
                Ok(thread) => accept.push(thread),
                Err(error) => {
                    shutdown::run(&context, accept);
                    return Err(StartError::NoThread(error));
                }
            }
        }
        context.events().report(EventKind::Listening(addresses.clone()));
        context.report_identity();
        let server = Server { context, addresses, announcement: ServerAnnouncement::default(), accept: Some(accept) };
        server.announce_itself();
        Ok(server)
    }

    /// Announces what the settings say, or withdraws it.
    fn announce_itself(&self) {
        let name = self.context.live().config.announce.clone();
        let about = |name| Announcement { name, listening: self.addresses.clone(), fingerprint: self.fingerprint() };
        self.announcement.change(name.map(about), &self.context);
    }

    /// Returns the name under which the server is announced on the local network; `None` while it is not. It may differ from the
    /// one in the settings by a number, if another server has that one.
    pub fn announced(&self) -> Option<String> {
        self.announcement.name()
    }

    /// Returns the first of the listening [addresses](Server::addresses), which is the only one as a rule.
    pub fn addr(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// Returns the listening addresses in the order of the configuration, each with the port that the system picked if the
    /// configured one was 0.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Returns the SHA-256 of the server's public key, by which users verify its identity; `None` if TLS is off.
    pub fn fingerprint(&self) -> Option<String> {
        self.context.live().identity.as_ref().map(|identity| identity.fingerprint().to_owned())
    }

    /// Returns the room's password that clients without a registered name need now; `None` if the room is open.
    pub fn room_password(&self) -> Option<Password> {
        self.context.live().password.clone()
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

    /// Changes the settings of the running server to those of `config`. Existing connections stay. Values that need
    /// another start of the server are only named in the result: each field of [`Config`] says when it applies.
    ///
    /// Also reads the certificate and the password file again, for the connections from now on. Reports an event with
    /// the result. May wait for a disk, and for another change that is under way.
    ///
    /// ```
    /// # use multichat::server::{Config, Server};
    /// let config = Config { listen: "127.0.0.1:0".into(), ..Config::default() };
    /// let (server, _events) = Server::start(config.clone())?;
    /// let changes = server.reconfigure(&Config { max_clients: 40, listen: "127.0.0.1:5555".into(), ..config })?;
    /// assert_eq!(changes.applied, ["max-clients 40 (was 1000)"]);
    /// assert_eq!(changes.waiting, ["listen"]);
    /// # Ok::<(), multichat::server::StartError>(())
    /// ```
    ///
    /// # Errors
    /// A file cannot be used, or only members shall join and there is no list of them. Everything stays as it was, since
    /// half a change could leave a room without its password.
    pub fn reconfigure(&self, config: &Config) -> Result<Changes, StartError> {
        let before = self.fingerprint();
        let result = self.context.reconfigure(config);
        self.context.events().report(match &result {
            Ok(changes) => EventKind::Reconfigured(changes.clone()),
            Err(error) => EventKind::NotReconfigured { why: error.to_string() },
        });
        self.announce_itself();
        if self.fingerprint() == before {
            self.context.report_validity();
        } else {
            self.context.report_identity();
        }
        result
    }

    /// Stops the server: see `shutdown.rs` for the six steps. Takes up to about two seconds.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(accept) = self.accept.take() {
            self.announcement.withdraw();
            shutdown::run(&self.context, accept);
        }
    }
}
