//! What all threads of a server share.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::config::Config;
use super::connect::credentials::Current;
use super::connect::limits::Lobby;
use super::connect::reject::Refusals;
use super::connect::throttle::Strikes;
use super::connect::tls::Identity;
use super::delivery::Postman;
use super::observe::event::{Ending, EventSink, Happening};
use super::registry::Registry;
use super::session::quotas::Allowances;
use super::storage::bans::Bans;
use super::storage::history::History;
use super::storage::members::Members;
use super::storage::message::Message;
use crate::sync::{Mutex, lock};

/// What all threads of a server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    /// The certificate, and the room's password.
    pub(crate) credentials: Current,
    pub(crate) registry: Registry,
    pub(crate) lobby: Arc<Lobby>,
    pub(crate) refusals: Refusals,
    pub(crate) bans: Bans,
    /// The names that belong to somebody, if that is kept.
    pub(crate) members: Option<Members>,
    pub(crate) strikes: Strikes,
    pub(crate) allowances: Allowances,
    /// `None`: what is said is not kept.
    pub(crate) history: Option<History>,
    pub(crate) postman: Arc<Postman>,
    /// Connections that ended without having joined: written by any thread, read by snapshots.
    pub(crate) refused: AtomicU64,
    /// Why connections ended, and how many for each reason: written by any thread, read by snapshots.
    pub(crate) endings: Mutex<BTreeMap<&'static str, u64>>,
}

impl Shared {
    pub(crate) fn events(&self) -> &EventSink {
        &self.postman.events
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
    pub(crate) fn count(&self, why: &Ending) {
        *lock(&self.endings).entry(why.kind()).or_default() += 1;
    }

    /// A connection ended before it joined: counts that and reports it.
    pub(crate) fn turn_away(&self, addr: SocketAddr, why: Ending) {
        self.count(&why);
        self.refused.fetch_add(1, Ordering::Relaxed);
        self.events().report(Happening::Refused { addr, why });
    }
}
