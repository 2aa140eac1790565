//! What all threads of a server share.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::config::Config;
use super::connect::credentials::CurrentCredentials;
use super::connect::limits::ConnectionLimits;
use super::connect::reject::Rejections;
use super::connect::throttle::LoginThrottle;
use super::connect::tls::Identity;
use super::delivery::WriterContext;
use super::observe::event::{DisconnectReason, EventKind, EventSink};
use super::registry::Registry;
use super::session::quotas::NetworkQuotas;
use super::storage::bans::Bans;
use super::storage::history::History;
use super::storage::members::Members;
use super::storage::message::Message;
use crate::sync::{Mutex, lock};

/// What all threads of a server share.
#[derive(Debug)]
pub(crate) struct ServerContext {
    pub(crate) config: Config,
    /// The certificate, and the room's password.
    pub(crate) credentials: CurrentCredentials,
    pub(crate) registry: Registry,
    pub(crate) lobby: Arc<ConnectionLimits>,
    pub(crate) refusals: Rejections,
    pub(crate) bans: Bans,
    /// The names that belong to somebody, if that is kept.
    pub(crate) members: Option<Members>,
    pub(crate) strikes: LoginThrottle,
    pub(crate) quotas: NetworkQuotas,
    /// `None`: what is said is not kept.
    pub(crate) history: Option<History>,
    pub(crate) writers: Arc<WriterContext>,
    /// Connections that ended without having joined: written by any thread, read by snapshots.
    pub(crate) refused: AtomicU64,
    /// Why connections ended, and how many for each reason: written by any thread, read by snapshots.
    pub(crate) endings: Mutex<BTreeMap<&'static str, u64>>,
}

impl ServerContext {
    pub(crate) fn events(&self) -> &EventSink {
        &self.writers.events
    }

    /// Is what is said remembered, if only in memory?
    pub(crate) fn remembers(&self) -> bool {
        self.config.history.is_some()
    }

    /// Gives messages that were relayed to the history, if there is one. It may wait for a disk.
    pub(crate) fn store(&self, messages: impl Iterator<Item = Message>) {
        if let Some(history) = &self.history {
            history.store(messages);
        }
    }

    /// Counts why a connection ended.
    pub(crate) fn count(&self, why: &DisconnectReason) {
        *lock(&self.endings).entry(why.kind()).or_default() += 1;
    }

    /// A connection ended before it joined: counts that and reports it.
    pub(crate) fn turn_away(&self, addr: SocketAddr, why: DisconnectReason) {
        self.count(&why);
        self.refused.fetch_add(1, Ordering::Relaxed);
        self.events().report(EventKind::Refused { addr, why });
    }
}
