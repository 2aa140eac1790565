//! The server: starting it, watching it, stopping it.
//!
//! A [`Server`] is a handful of threads. `accept` takes connections; each connection has a thread `client #<n>` that
//! reads and relays; a thread `refusal` tells one that gets no seat why; a thread `drain <name>` exists only while that client's socket is full, a thread `relief` only while
//! some speak, or come and go, faster than others can write that. They share what is in `ServerContext`, and report to an
//! [`EventSink`]. Nothing here knows of a window.
//!
//! # Stopping
//!
//! [`Server::stop`] leaves nothing behind. In this order, so that each step is final:
//!
//! 1. No more connections. Those that have not said HELLO read the end of their stream, and are refused. The accept
//!    thread is woken and joined, its listener closed.
//! 2. Nobody joins any more. Everybody gets `ERR SHUTTING_DOWN` behind what still waits for them. Whoever waits for an answer
//!    from the history waits no longer, and what a client sent before that and is not acted upon yet is discarded.
//! 3. That is written, for a second at most.
//! 4. Whatever socket is still open is shut, so that every thread comes out of its read or write.
//! 5. All threads are joined. The port can be bound again at once.
//! 6. Bans that could not be written are tried once more. What was said and is not stored yet is committed; then the thread `history` is joined too.

pub(crate) mod admin;
pub(crate) mod config;
pub(crate) mod connect;
pub(crate) mod context;
pub(crate) mod delivery;
pub(crate) mod error;
pub(crate) mod id;
pub(crate) mod network;
pub(crate) mod observe;
#[cfg(test)]
#[cfg(all(feature = "storage", not(loom)))]
pub(crate) mod panics;
#[cfg(feature = "storage")]
pub(crate) mod permits;
pub(crate) mod recent;
pub(crate) mod registry;
pub(crate) mod session;
pub(crate) mod shutdown;
pub(crate) mod stamps;
pub(crate) mod storage;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, Builder, JoinHandle};
use std::time::{Duration, Instant};

use socket2::SockRef;

pub use crate::password::{PASSWORD_VARIABLE, Password};
pub(crate) use admin::REASON_MAX;
pub use config::{Certificate, Config};
pub use connect::tls::CertificateError;
pub use error::StartError;
pub use observe::event::{DisconnectReason, Event, EventKind, EventSink};
pub use observe::snapshot::{ClientInfo, Snapshot, Totals};
pub use observe::thread_info::Thread;
pub use storage::bans::{Ban, BanTarget};
pub use storage::history::types::{Deletion, HistorySummary, StoredMessage};
pub use storage::members::error::MembersError;
pub use storage::members::{Member, Members};

use crate::protocol::ErrorCode;
use crate::sync::{Mutex, lock};
use connect::credentials::{Credentials, CurrentCredentials};
use connect::limits::ConnectionLimits;
use connect::reject::Rejections;
use connect::throttle::LoginThrottle;
use context::ServerContext;
use delivery::budget::Budget;
use delivery::linger::LINGER;
use delivery::{PendingWrites, WriterContext};
pub use id::ConnectionId;
use observe::threads::ACCEPT;
use registry::Registry;
use session::quotas::NetworkQuotas;
use shutdown::{STOPS, wake};
use storage::bans::Bans;
use storage::history::History;
use storage::message::Message;

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    shared: Arc<ServerContext>,
    addr: SocketAddr,
    /// The accept thread, and its listener, by which it is woken. The thread alone owns that: if it panics, the listener is
    /// closed, and whoever tries to connect is refused by the system. `None` once it is joined.
    accept: Option<(JoinHandle<()>, Weak<TcpListener>)>,
}

impl Server {
    /// Binds the address, and returns when connections are accepted. Resolving a name can take as long as DNS does.
    pub fn start(config: Config, events: EventSink) -> Result<Server, StartError> {
        let bans = Bans::load(config.bans.clone())
            .map_err(|error| StartError::Bans { file: config.bans.clone().unwrap_or_default(), error })?;
        let credentials = Credentials::read(&config)?;
        let members = config.members.clone().map(Members::open).transpose().map_err(StartError::Members)?;
        if config.members_only && members.is_none() {
            return Err(StartError::Members(MembersError::NoList));
        }
        let addrs: Vec<SocketAddr> = config
            .listen
            .to_socket_addrs()
            .map_err(|error| StartError::NotAnAddress { listen: config.listen.clone(), error })?
            .collect();
        let cannot_bind = |error| StartError::CannotBind { listen: config.listen.clone(), error };
        let listener = TcpListener::bind(&*addrs).map_err(cannot_bind)?;
        let addr = listener.local_addr().map_err(cannot_bind)?;
        let budget = Budget::new(config.backlog_max, config.backlogs_max);
        let writers = WriterContext::new(events, budget, config.patience);
        let (history, ring) = History::start(&config, &writers);
        let shared = Arc::new(ServerContext {
            credentials: CurrentCredentials::new(credentials),
            registry: Registry::new(config.max_clients, ring),
            history,
            lobby: ConnectionLimits::new(&config),
            refusals: Rejections::default(),
            bans,
            members,
            strikes: LoginThrottle::default(),
            quotas: NetworkQuotas::new(&config),
            writers,
            refused: AtomicU64::new(0),
            endings: Mutex::default(),
            config,
        });
        if let Some(fit) = connect::fd_limit::make_room(shared.config.max_clients, shared.config.greeting_max) {
            let clients = shared.config.max_clients;
            shared.events().report(EventKind::TooFewDescriptors { clients, fit });
        }
        let listener = Arc::new(listener);
        let waker = Arc::downgrade(&listener);
        let accept = {
            let shared = shared.clone();
            let registration = shared.writers.threads.register(ACCEPT.into());
            Builder::new()
                .name(ACCEPT.into())
                .spawn(move || registration.run(|| connect::accept::run(&listener, &shared)))
        };
        let accept = accept.map_err(StartError::NoThread)?;
        shared.events().report(EventKind::Listening(addr));
        let server = Server { shared, addr, accept: Some((accept, waker)) };
        server.report_identity();
        Ok(server)
    }

    /// Where it listens, with the port that was picked if it was told 0.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// By what people can tell that it is this server, if it speaks TLS: the SHA-256 of its public key.
    pub fn fingerprint(&self) -> Option<String> {
        self.shared.credentials.get().identity.as_ref().map(|identity| identity.fingerprint().to_owned())
    }

    /// Reads the certificate and the file with the room's password again, for those who come from now on; nobody is ended.
    /// What came of it is reported: if one of the two cannot be used, both stay as they were.
    pub fn reload(&self) {
        match Credentials::read(&self.shared.config) {
            Ok(credentials) => {
                self.shared.credentials.set(credentials);
                self.shared.events().report(EventKind::Reloaded);
                self.report_identity();
            }
            Err(error) => self.shared.events().report(EventKind::NotReloaded { why: error.to_string() }),
        }
    }

    fn report_identity(&self) {
        if let Some(identity) = &self.shared.credentials.get().identity {
            self.shared.events().report(EventKind::Encrypts { fingerprint: identity.fingerprint().to_owned() });
            if let Some((file, why)) = identity.complaint() {
                self.shared.events().report(EventKind::NotValid { file, why });
            }
        }
    }

    /// The state at this moment. It takes the registry's lock for as long as it takes to list who is here, so a window
    /// asks for it in another thread.
    pub fn snapshot(&self) -> Snapshot {
        let taken = Instant::now();
        let (people, counted) = self.shared.registry.snapshot();
        let totals = Totals {
            messages: counted.messages,
            deliveries: counted.deliveries,
            joined: counted.joined,
            refused: self.shared.refused.load(Ordering::Relaxed),
            greeting: self.shared.lobby.greeting(),
            waiting: self.shared.writers.budget.drawn(),
        };
        let endings = lock(&self.shared.endings).iter().map(|(why, count)| (*why, *count)).collect();
        Snapshot { taken, people, totals, endings }
    }

    /// Stops the server; see the [module](self) for the order of things. Takes up to about two seconds.
    pub fn stop(mut self) {
        self.stop_now();
    }

    fn stop_now(&mut self) {
        let Some((accept, listener)) = self.accept.take() else { return };
        let ServerContext { registry, lobby, refusals, writers, .. } = &*self.shared;
        self.shared.events().report(EventKind::Stopping(registry.len()));

        // 1. No more connections.
        lobby.close();
        if let Some(members) = &self.shared.members {
            members.close();
        }
        refusals.close();
        wake(self.addr, &accept, &listener);
        // A panic was reported; there is nothing left of it to stop.
        let _ = accept.join();

        // 2. Nobody joins any more, and everybody is told.
        let mut claims = PendingWrites::new(writers);
        registry.close(ErrorCode::ShuttingDown, STOPS, &mut claims);
        claims.deliver();
        if let Some(history) = &self.shared.history {
            history.close();
        }

        // 3. to 5. Time to write it, then shut what is open, then join.
        if !writers.threads.wait(LINGER) {
            // Some have left already, and just read what was said before: the registry does not know them any more.
            writers.hurry.store(true, Ordering::Relaxed);
            registry.shut_all();
        }
        writers.threads.join();

        // 6. Nobody says anything any more.
        if let Err(error) = self.shared.bans.retry() {
            log::error!("the list of bans could not be written, and the last changes to it are lost: {error}");
        }
        if let Some(history) = &self.shared.history {
            history.stop();
        }
        self.shared.events().report(EventKind::Stopped);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop_now();
    }
}
