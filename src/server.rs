//! The server: starting it, watching it, stopping it.
//!
//! A [`Server`] is a handful of threads. `accept` takes connections; each connection has a thread `client #<n>` that
//! reads and relays; a thread `refusal` tells one that gets no seat why; a thread `drain <name>` exists only while that client's socket is full, a thread `relief` only while
//! some speak, or come and go, faster than others can write that. They share what is in `Shared`, and report to an
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

mod accept;
mod allowances;
mod bans;
mod bucket;
mod budget;
mod client;
mod clock;
mod config;
mod credentials;
mod crew;
#[cfg(feature = "history")]
mod database;
mod delivery;
mod descriptors;
mod doing;
mod door;
mod entrance;
mod event;
mod greeting;
#[cfg_attr(not(feature = "history"), path = "no_history.rs")]
mod history;
mod keepalive;
mod kept;
mod lobby;
#[cfg_attr(not(feature = "members"), path = "no_members.rs")]
mod members;
mod members_error;
mod message;
pub mod monitor;
mod network;
mod operate;
mod outbox;
#[cfg(test)]
#[cfg(all(feature = "history", not(loom)))]
mod panics;
#[cfg(feature = "history")]
mod permits;
mod recent;
mod refusals;
mod registry;
mod relay;
mod session;
mod snapshot;
mod start_error;
mod strikes;
mod threads;
#[cfg_attr(not(feature = "tls"), path = "no_tls.rs")]
mod tls;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, Builder, JoinHandle};
use std::time::{Duration, Instant};

use socket2::SockRef;

pub use crate::password::{PASSWORD_VARIABLE, Password};
pub use bans::{Ban, Whom};
pub use config::{Certificate, Config};
pub use event::{Ending, Event, EventSink, Happening};
pub use kept::{Archive, Forget, Kept};
pub use members::{Member, Members};
pub use members_error::MembersError;
pub(crate) use operate::REASON_MAX;
pub use snapshot::{Person, Snapshot, Totals};
pub use start_error::StartError;
pub use threads::Thread;
pub use tls::CertificateError;

use crate::protocol::ErrorCode;
use crate::sync::{Mutex, lock};
use allowances::Allowances;
use bans::Bans;
use budget::Budget;
use credentials::{Credentials, Current};
use crew::ACCEPT;
use delivery::{Claims, LAST_LINE, Postman};
use history::History;
use lobby::Lobby;
use message::Message;
use refusals::Refusals;
use registry::Registry;
use strikes::Strikes;

/// One connection, counted from 1 in the life of a server and never used again. Things are removed by it and not by
/// name: by the time of a late clean-up, the name may be somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(crate) u64);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// What is told to everybody when the server stops.
const STOPS: &str = "the server stops";

/// What all threads of a server share.
#[derive(Debug)]
struct Shared {
    config: Config,
    /// The certificate, and the room's password.
    credentials: Current,
    registry: Registry,
    lobby: Arc<Lobby>,
    refusals: Refusals,
    bans: Bans,
    /// The names that belong to somebody, if that is kept.
    members: Option<Members>,
    strikes: Strikes,
    allowances: Allowances,
    /// `None`: what is said is not kept.
    history: Option<History>,
    postman: Arc<Postman>,
    /// Connections that ended without having joined: written by any thread, read by snapshots.
    refused: AtomicU64,
    /// Why connections ended, and how many for each reason: written by any thread, read by snapshots.
    endings: Mutex<BTreeMap<&'static str, u64>>,
}

impl Shared {
    fn events(&self) -> &EventSink {
        &self.postman.events
    }

    /// Is what is said remembered, if only in memory?
    fn remembers(&self) -> bool {
        self.config.history.is_some()
    }

    /// Gives messages that were relayed to the history, if there is one. It may wait for a disk.
    fn store(&self, messages: impl Iterator<Item = Message>) {
        if let Some(history) = &self.history {
            history.store(messages);
        }
    }

    /// Counts why a connection ended.
    fn count(&self, why: &Ending) {
        *lock(&self.endings).entry(why.kind()).or_default() += 1;
    }

    /// A connection ended before it joined: counts that and reports it.
    fn turn_away(&self, addr: SocketAddr, why: Ending) {
        self.count(&why);
        self.refused.fetch_add(1, Ordering::Relaxed);
        self.events().report(Happening::Refused { addr, why });
    }
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
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
        let postman = Postman::new(events, budget, config.patience);
        let (history, ring) = History::start(&config, &postman);
        let shared = Arc::new(Shared {
            credentials: Current::new(credentials),
            registry: Registry::new(config.max_clients, ring),
            history,
            lobby: Lobby::new(&config),
            refusals: Refusals::default(),
            bans,
            members,
            strikes: Strikes::default(),
            allowances: Allowances::new(&config),
            postman,
            refused: AtomicU64::new(0),
            endings: Mutex::default(),
            config,
        });
        if let Some(fit) = descriptors::make_room(shared.config.max_clients, shared.config.greeting_max) {
            let clients = shared.config.max_clients;
            shared.events().report(Happening::TooFewDescriptors { clients, fit });
        }
        let listener = Arc::new(listener);
        let waker = Arc::downgrade(&listener);
        let accept = {
            let shared = shared.clone();
            let enrolled = shared.postman.crew.enroll(ACCEPT.into());
            Builder::new().name(ACCEPT.into()).spawn(move || enrolled.run(|| accept::run(&listener, &shared)))
        };
        let accept = accept.map_err(StartError::NoThread)?;
        shared.events().report(Happening::Listening(addr));
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
                self.shared.events().report(Happening::Reloaded);
                self.report_identity();
            }
            Err(error) => self.shared.events().report(Happening::NotReloaded { why: error.to_string() }),
        }
    }

    fn report_identity(&self) {
        if let Some(identity) = &self.shared.credentials.get().identity {
            self.shared.events().report(Happening::Encrypts { fingerprint: identity.fingerprint().to_owned() });
            if let Some((file, why)) = identity.complaint() {
                self.shared.events().report(Happening::NotValid { file, why });
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
            waiting: self.shared.postman.budget.drawn(),
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
        let Shared { registry, lobby, refusals, postman, .. } = &*self.shared;
        self.shared.events().report(Happening::Stopping(registry.len()));

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
        let mut claims = Claims::new(postman);
        registry.close(ErrorCode::ShuttingDown, STOPS, &mut claims);
        claims.deliver();
        if let Some(history) = &self.shared.history {
            history.close();
        }

        // 3. to 5. Time to write it, then shut what is open, then join.
        if !postman.crew.wait(LAST_LINE) {
            // Some have left already, and just read what was said before: the registry does not know them any more.
            postman.hurry.store(true, Ordering::Relaxed);
            registry.shut_all();
        }
        postman.crew.join();

        // 6. Nobody says anything any more.
        if let Err(error) = self.shared.bans.retry() {
            log::error!("the list of bans could not be written, and the last changes to it are lost: {error}");
        }
        if let Some(history) = &self.shared.history {
            history.stop();
        }
        self.shared.events().report(Happening::Stopped);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop_now();
    }
}

/// Gets the accept thread out of its accept, which nothing in std can interrupt.
///
/// On Linux a shutdown of the listener does, in whatever state the system is. Elsewhere that is an error, and a
/// connection does; on Linux that would not be enough: accept may have reserved the last descriptor there is, or this
/// machine may have lost the address since.
fn wake(addr: SocketAddr, accept: &JoinHandle<()>, listener: &Weak<TcpListener>) {
    let woken = listener.upgrade().is_none_or(|listener| SockRef::from(&*listener).shutdown(Shutdown::Both).is_ok());
    let mut to = addr;
    // A server that listens everywhere is reached here.
    match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => to.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => to.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    while !accept.is_finished() {
        // It may be pausing for want of descriptors.
        accept.thread().unpark();
        if !woken {
            let _ = TcpStream::connect_timeout(&to, Duration::from_millis(100));
        }
        thread::sleep(Duration::from_millis(1));
    }
}
