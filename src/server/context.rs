//! The state that all threads of a server share, put together once at the start.
//!
//! Every field is a handle with its own lock, or never changes. The context itself has no lock, and no method of it
//! holds two of its parts' locks at once. Any thread calls it; a method that may wait for a disk says so.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::changes::Changes;
use super::config::Config;
use super::connect::fd_limit;
use super::connect::limits::ConnectionLimits;
use super::connect::reject::Rejections;
use super::connect::throttle::LoginThrottle;
use super::connect::tls::Identity;
use super::delivery::WriterContext;
use super::delivery::budget::Budget;
use super::error::StartError;
use super::id::ConnectionId;
use super::live::Live;
use super::observe::event::{DisconnectReason, EventKind, EventSink};
use super::observe::snapshot::{Snapshot, Totals};
use super::registry::Registry;
use super::session::quotas::NetworkQuotas;
use super::storage::bans::Bans;
use super::storage::history::History;
use super::storage::history::types::Keep;
use super::storage::members::Members;
use super::storage::message::Message;
use crate::protocol::Username;
use crate::sync::{Mutex, lock};

/// The state that all threads of a server share; see the [module](self).
#[derive(Debug)]
pub(crate) struct ServerContext {
    /// The settings in force. A connection takes them when it begins, and again when it authenticates.
    live: Mutex<Arc<Live>>,
    /// Held by the thread that changes the settings, so that two changes do not mix.
    changing: Mutex<()>,
    /// Maximum number of bytes that wait for one client.
    pub(crate) backlog_max: usize,
    /// Set if messages are remembered, if only in memory.
    remembers: bool,
    /// Time for which messages are kept. The history and the registry's ring read it.
    keep: Arc<Keep>,
    pub(crate) registry: Registry,
    pub(crate) limits: Arc<ConnectionLimits>,
    pub(crate) rejections: Arc<Rejections>,
    pub(crate) bans: Bans,
    /// The registered names. `None`: no name can be registered.
    pub(crate) members: Option<Members>,
    pub(crate) throttle: LoginThrottle,
    pub(crate) quotas: NetworkQuotas,
    /// The stored messages. `None`: nothing is stored.
    pub(crate) history: Option<History>,
    /// Threads, events and budget: what a write to a client needs.
    pub(crate) writers: Arc<WriterContext>,
    /// Number of connections that ended before they joined. Any thread adds to it, snapshots read it; it guards no
    /// other data, so `Relaxed`.
    rejected: AtomicU64,
    /// Number of ended connections by [`DisconnectReason::kind`]. Any thread adds to it, snapshots copy it.
    disconnects: Mutex<BTreeMap<&'static str, u64>>,
}

/// The files without which a server must not start.
pub(crate) struct ServerFiles {
    bans: Bans,
    live: Live,
    members: Option<Members>,
}

impl ServerFiles {
    /// Reads bans, certificate, password and members. A self-signed certificate that is missing is made.
    ///
    /// # Errors
    /// One of them cannot be used. A server that ignored its bans or members would let in anyone.
    pub(crate) fn read(config: &Config) -> Result<ServerFiles, StartError> {
        let bans = Bans::load(config.bans.clone())
            .map_err(|error| StartError::Bans { file: config.bans.clone().unwrap_or_default(), error })?;
        config.tls.as_ref().map_or(Ok(()), Identity::make_missing).map_err(StartError::Certificate)?;
        let live = Live::read(config.clone())?;
        let members = config.members.clone().map(Members::open).transpose().map_err(StartError::Members)?;
        Ok(ServerFiles { bans, live, members })
    }
}

impl ServerContext {
    /// Puts the parts together, and starts the thread `history`. A history that cannot be opened is reported, and the
    /// server runs without one: chatting must not depend on a disk.
    pub(crate) fn new(events: EventSink, files: ServerFiles) -> Arc<ServerContext> {
        let ServerFiles { bans, live, members } = files;
        let config = &live.config;
        let budget = Budget::new(config.backlog_max, config.backlogs_max);
        let writers = WriterContext::new(events, budget, config.stall_timeout);
        let keep = Arc::new(Keep::new(config.keep));
        let (history, ring) = History::start(config, &keep, &writers.events, &writers.threads);
        Arc::new(ServerContext {
            registry: Registry::new(config.max_clients, ring),
            history,
            limits: ConnectionLimits::new(config),
            rejections: Rejections::new(&writers),
            bans,
            throttle: LoginThrottle::new(config.wrong_password_delay),
            members,
            quotas: NetworkQuotas::new(config),
            backlog_max: config.backlog_max,
            remembers: config.history.is_some(),
            keep,
            changing: Mutex::default(),
            writers,
            rejected: AtomicU64::new(0),
            disconnects: Mutex::default(),
            live: Mutex::new(Arc::new(live)),
        })
    }

    /// Returns the sink of events.
    pub(crate) fn events(&self) -> &EventSink {
        &self.writers.events
    }

    /// Returns the settings in force. They do not change under the caller, whatever the operator does.
    pub(crate) fn live(&self) -> Arc<Live> {
        lock(&self.live).clone()
    }

    /// Changes the settings to those of `wanted` that can change while the server runs. Connections that exist stay.
    /// Reads files, so it may wait for a disk.
    ///
    /// # Errors
    /// A file cannot be used. Then everything stays as it was.
    pub(crate) fn reconfigure(&self, wanted: &Config) -> Result<Changes, StartError> {
        // Held while files are read, too: only another change waits for it.
        let _changing = lock(&self.changing);
        let old = self.live();
        let (new, changes) = old.changed_to(wanted)?;
        let new = Arc::new(new);
        let config = &new.config;
        self.registry.set_max(config.max_clients);
        self.limits.set(config);
        self.quotas.set(config);
        self.keep.set(config.keep);
        if let Some(history) = &self.history {
            history.keep_changed();
        }
        *lock(&self.live) = new.clone();
        let needed = |config: &Config| (config.max_clients, config.max_unauthenticated);
        if needed(config) != needed(&old.config) {
            fd_limit::raise_for(config, self.events());
        }
        Ok(changes)
    }

    /// Returns whether messages are remembered, if only in memory.
    pub(crate) fn remembers(&self) -> bool {
        self.remembers
    }

    /// Gives messages that were relayed to the history, if there is one. Waits while the history's queue is full, so no
    /// lock may be held.
    pub(crate) fn store(&self, messages: impl Iterator<Item = Message>) {
        if let Some(history) = &self.history {
            history.store(messages);
        }
    }

    /// Counts the end of a connection that had joined.
    pub(crate) fn count_disconnect(&self, why: &DisconnectReason) {
        *lock(&self.disconnects).entry(why.kind()).or_default() += 1;
    }

    /// Counts and reports the end of a connection that had not joined.
    pub(crate) fn count_rejected(
        &self,
        id: ConnectionId,
        name: Option<Username>,
        addr: SocketAddr,
        why: DisconnectReason,
    ) {
        self.count_disconnect(&why);
        self.rejected.fetch_add(1, Ordering::Relaxed);
        self.events().report(EventKind::Rejected { id, name, addr, why });
    }

    /// Returns the state at this moment. The parts are read one after the other, so a client that joins meanwhile may
    /// be counted in one and not in another; each part is consistent in itself.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let taken = Instant::now();
        let (people, counted) = self.registry.snapshot();
        let totals = Totals {
            rejected: self.rejected.load(Ordering::Relaxed),
            unauthenticated: self.limits.unauthenticated(),
            waiting: self.writers.budget.reserved(),
            ..counted
        };
        let disconnects = lock(&self.disconnects).iter().map(|(why, count)| (*why, *count)).collect();
        Snapshot { taken, people, totals, disconnects }
    }

    /// Reports the key by which the server is known, and a certificate that is not valid now.
    pub(crate) fn report_identity(&self) {
        if let Some(identity) = &self.live().identity {
            self.events().report(EventKind::Encrypts { fingerprint: identity.fingerprint().to_owned() });
        }
        self.report_validity();
    }

    /// Reports a certificate that is not valid now.
    pub(crate) fn report_validity(&self) {
        if let Some((file, why)) = self.live().identity.as_ref().and_then(Identity::complaint) {
            self.events().report(EventKind::NotValid { file, why });
        }
    }
}
