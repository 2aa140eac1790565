//! Limits on connections: how many may be unauthenticated, and how many each network may have.
//!
//! A connection takes a [`ConnectionPermit`] before it gets a thread, and counts as unauthenticated until it has
//! joined. A crowd cannot keep others out: when there are too many unauthenticated connections, a new one evicts one
//! of the network that has most of them, as with `MaxStartups` of `sshd_config(5)`. A network that has too many
//! connections evicts one of its own if one has not joined; otherwise the new connection is rejected. In both cases the
//! victim is the network's oldest unauthenticated connection that has not said HELLO, or else its oldest unauthenticated
//! one. A client that waits because of wrong passwords is unauthenticated, too, and so is one that was rejected and
//! lingers. Dropping the permit gives it back, however the connection ends, by a panic too.
//!
//! The accept thread acquires permits. Clients' threads drop them, and so does the accept thread when a client's thread
//! cannot be spawned. The one lock is held for a few assignments and is never held together with another. A thread that
//! [waits](ConnectionPermit::wait_timeout) does so on a condition variable, which releases it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::protocol::{ErrorCode, Rejected};
use crate::server::config::Config;
use crate::server::id::ConnectionId;
use crate::server::network::Network;
use crate::server::observe::event::{DisconnectReason, SHUTTING_DOWN};
use crate::sync::{Condvar, Mutex, lock, wait_while};

/// The detail of the error for an evicted connection.
const EVICTED: &str = "too many others are about to join: say HELLO sooner";

/// Limits on connections; see the [module](self).
#[derive(Debug)]
pub(crate) struct ConnectionLimits {
    state: Mutex<State>,
}

/// The limits in force.
#[derive(Clone, Copy, Debug, Default)]
struct Limits {
    max_unauthenticated: usize,
    max_per_address: usize,
    loopback_is_remote: bool,
}

#[derive(Debug, Default)]
struct State {
    limits: Limits,
    networks: HashMap<Network, Connections>,
    /// Number of unauthenticated connections of all networks.
    unauthenticated: usize,
    /// Evicted connections whose threads have not ended. `None` once the socket has also been shut down for writing.
    evicted: BTreeMap<ConnectionId, Option<Arc<TcpStream>>>,
    /// The condition variables of waiting threads: one for each, so that an eviction wakes that thread alone.
    waiting: HashMap<ConnectionId, Arc<Condvar>>,
    /// Set once, by the shutdown.
    shutting_down: bool,
}

/// The connections of one network.
#[derive(Debug, Default)]
struct Connections {
    /// The unauthenticated ones. Ids rise, so the first entry is the oldest.
    unauthenticated: BTreeMap<ConnectionId, Unauthenticated>,
    joined: usize,
}

/// A connection that has not joined.
#[derive(Debug)]
struct Unauthenticated {
    socket: Arc<TcpStream>,
    /// Set while the client has said HELLO and has no answer. Such a client is about to join, so it is evicted last.
    said_hello: bool,
}

/// The right of one connection to exist, until it is dropped.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    limits: Arc<ConnectionLimits>,
    id: ConnectionId,
    network: Network,
}

impl ConnectionLimits {
    pub(crate) fn new(config: &Config) -> Arc<ConnectionLimits> {
        let state = State { limits: Limits::of(config), ..State::default() };
        Arc::new(ConnectionLimits { state: Mutex::new(state) })
    }

    /// Changes the limits. Connections beyond them stay, until a new one evicts them or they end.
    pub(crate) fn set(&self, config: &Config) {
        lock(&self.state).limits = Limits::of(config);
    }

    /// Takes a permit for a new connection, and evicts another connection if that is needed. Does not wait.
    ///
    /// # Errors
    /// The error for the client: a limit is reached and no connection can be evicted, or the server is shutting down.
    pub(crate) fn acquire(
        self: &Arc<ConnectionLimits>,
        id: ConnectionId,
        addr: SocketAddr,
        socket: &Arc<TcpStream>,
    ) -> Result<ConnectionPermit, Rejected> {
        let network = Network::of(addr.ip());
        let mut state = lock(&self.state);
        if state.shutting_down {
            return Err(Rejected::new(ErrorCode::ShuttingDown, SHUTTING_DOWN));
        }
        let too_many = |detail| Err(Rejected::new(ErrorCode::TooManyConnections, detail));
        let Limits { max_unauthenticated, max_per_address, loopback_is_remote } = state.limits;
        let is_limited = loopback_is_remote || !network.is_loopback();
        let own = state.networks.get(&network).map_or(0, |all| all.joined + all.unauthenticated.len());
        // A network at its own limit pays for its new connection itself, even if there is room for others.
        if is_limited && own >= max_per_address {
            if !state.evict_oldest_of(network) {
                return too_many("too many connections come from your network: close some");
            }
        } else if state.unauthenticated >= max_unauthenticated {
            let fullest = state.fullest(network);
            if !fullest.is_some_and(|network| state.evict_oldest_of(network)) {
                return too_many("too many others are about to join: try again in a few seconds");
            }
        }
        let waiting = Unauthenticated { socket: socket.clone(), said_hello: false };
        state.networks.entry(network).or_default().unauthenticated.insert(id, waiting);
        state.unauthenticated += 1;
        Ok(ConnectionPermit { limits: self.clone(), id, network })
    }

    /// Returns the number of connections that have not joined.
    pub(crate) fn unauthenticated(&self) -> usize {
        lock(&self.state).unauthenticated
    }

    /// Gives out no more permits, wakes waiting threads, and ends the input of unauthenticated connections: a thread
    /// that waits for HELLO reads the end of file.
    pub(crate) fn begin_shutdown(&self) {
        let mut state = lock(&self.state);
        state.shutting_down = true;
        state.waiting.values().for_each(|waiting| waiting.notify_all());
        for waiting in state.networks.values().flat_map(|all| all.unauthenticated.values()) {
            // Only the reading half, so that the thread can still send the reason. It fails only when the connection is
            // gone, and then its thread is awake.
            let _ = waiting.socket.shutdown(Shutdown::Read);
        }
    }

    /// Returns whether the shutdown has begun.
    pub(crate) fn is_shutting_down(&self) -> bool {
        lock(&self.state).shutting_down
    }
}

impl Limits {
    fn of(config: &Config) -> Limits {
        Limits {
            max_unauthenticated: config.max_unauthenticated,
            max_per_address: config.max_per_address,
            loopback_is_remote: config.loopback_is_remote,
        }
    }
}

impl State {
    /// Returns the network with the most unauthenticated connections, where `newcomer` counts as having one more. Of
    /// several with as many, it is the one with the oldest connection.
    fn fullest(&self, newcomer: Network) -> Option<Network> {
        let size = |network: Network, all: &Connections| all.unauthenticated.len() + usize::from(network == newcomer);
        let candidates = self.networks.iter().filter_map(|(network, all)| {
            let (oldest, _) = all.unauthenticated.first_key_value()?;
            Some((size(*network, all), Reverse(*oldest), *network))
        });
        candidates.max().map(|(_, _, network)| network)
    }

    /// Evicts the oldest unauthenticated connection of a network, one that has not said HELLO if there is any.
    /// Returns `false` if the network has no unauthenticated connection.
    ///
    /// The thread of that connection reads the end of file, sends the reason, and lingers. As many
    /// as may be unauthenticated may do so at once; beyond that the socket of the oldest is shut in both directions, so that a flood of
    /// evicted connections cannot use up the file descriptors.
    fn evict_oldest_of(&mut self, network: Network) -> bool {
        let Some(all) = self.networks.get_mut(&network) else { return false };
        let silent = all.unauthenticated.iter().find(|(_, waiting)| !waiting.said_hello).map(|(id, _)| *id);
        let Some(id) = silent.or_else(|| all.unauthenticated.keys().next().copied()) else { return false };
        let Some(Unauthenticated { socket, .. }) = all.unauthenticated.remove(&id) else { return false };
        self.unauthenticated -= 1;
        if self.evicted.len() >= self.limits.max_unauthenticated
            && let Some(socket) = self.evicted.values_mut().find_map(Option::take)
        {
            let _ = socket.shutdown(Shutdown::Both);
        }
        let _ = socket.shutdown(Shutdown::Read);
        self.evicted.insert(id, Some(socket));
        // A thread that waits for its password check does not read, so the end of file alone would not wake it.
        if let Some(waiting) = self.waiting.get(&id) {
            waiting.notify_all();
        }
        true
    }

    /// Returns the reason for which a connection must end, if there is one.
    fn disconnect_reason(&self, id: ConnectionId) -> Option<DisconnectReason> {
        if self.evicted.contains_key(&id) {
            Some(DisconnectReason::Ended(ErrorCode::TooManyConnections, EVICTED.into()))
        } else {
            self.shutting_down.then(DisconnectReason::shutting_down)
        }
    }
}

impl ConnectionPermit {
    /// Counts the connection as joined: it still counts for its network, and can no longer be evicted.
    ///
    /// # Errors
    /// It was evicted, or the server is shutting down.
    pub(crate) fn mark_joined(&self) -> Result<(), DisconnectReason> {
        let mut state = lock(&self.limits.state);
        if let Some(why) = state.disconnect_reason(self.id) {
            return Err(why);
        }
        let State { networks, unauthenticated, .. } = &mut *state;
        let all = networks.entry(self.network).or_default();
        if all.unauthenticated.remove(&self.id).is_some() {
            all.joined += 1;
            *unauthenticated -= 1;
        }
        Ok(())
    }

    /// Notes whether the client has said HELLO and waits for its answer: connections that have not are evicted first.
    pub(crate) fn set_said_hello(&self, said_hello: bool) {
        let mut state = lock(&self.limits.state);
        let all = state.networks.get_mut(&self.network);
        if let Some(waiting) = all.and_then(|all| all.unauthenticated.get_mut(&self.id)) {
            waiting.said_hello = said_hello;
        }
    }

    /// Sleeps for `time`, in the connection's own thread.
    ///
    /// # Errors
    /// The connection is evicted, or the server shuts down; both end the sleep at once.
    pub(crate) fn wait_timeout(&self, time: Duration) -> Result<(), DisconnectReason> {
        let deadline = Instant::now() + time;
        let mut state = lock(&self.limits.state);
        let wakeup = Arc::new(Condvar::new());
        state.waiting.insert(self.id, wakeup.clone());
        state = wait_while(&wakeup, state, deadline, |state| state.disconnect_reason(self.id).is_none());
        state.waiting.remove(&self.id);
        state.disconnect_reason(self.id).map_or(Ok(()), Err)
    }

    /// Returns the reason for which the connection must end, if it was evicted or the server is shutting down.
    pub(crate) fn disconnect_reason(&self) -> Option<DisconnectReason> {
        lock(&self.limits.state).disconnect_reason(self.id)
    }

    /// Returns whether the shutdown has begun.
    pub(crate) fn is_shutting_down(&self) -> bool {
        self.limits.is_shutting_down()
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut state = lock(&self.limits.state);
        if state.evicted.remove(&self.id).is_some() {
            // The eviction has taken it out of the counts.
        } else if let Some(all) = state.networks.get_mut(&self.network) {
            if all.unauthenticated.remove(&self.id).is_some() {
                state.unauthenticated -= 1;
            } else {
                all.joined -= 1;
            }
        }
        // Without this, the map would grow by one entry for each address that was ever seen.
        if state.networks.get(&self.network).is_some_and(|all| all.joined == 0 && all.unauthenticated.is_empty()) {
            state.networks.remove(&self.network);
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
