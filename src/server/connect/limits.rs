//! The lobby: connections that are let in but have not joined, and how many connections each network has.
//!
//! A connection takes a [`ConnectionPermit`] before its thread exists. A crowd cannot keep others out: when the lobby is full, a
//! newcomer takes the place of the oldest connection of the network that has most in it, as with `MaxStartups` of
//! `sshd_config(5)`; and a network whose connections are too many loses its oldest one in the lobby. A client that waits
//! because of wrong passwords is in the lobby, too. The seat is given up by dropping it, however the connection ends.
//! Taken by the accept thread, released by client threads; nothing is waited for under its lock, which is never held
//! with another.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::protocol::ErrorCode;
use crate::server::config::Config;
use crate::server::id::ConnectionId;
use crate::server::network::Network;
use crate::server::observe::event::DisconnectReason;
use crate::server::shutdown::STOPS;
use crate::sync::{Condvar, Mutex, lock};

/// What a connection that lost its place is told.
const LOST: &str = "too many others are about to join: say HELLO sooner";

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct ConnectionLimits {
    state: Mutex<State>,
    greeting_max: usize,
    per_address_max: usize,
    loopback_is_remote: bool,
}

#[derive(Debug, Default)]
struct State {
    networks: HashMap<Network, Party>,
    /// Connections in the lobby, of all networks.
    greeting: usize,
    /// Connections that lost their place and whose threads have not ended. `None`: even the socket is shut.
    lost: BTreeMap<ConnectionId, Option<Arc<TcpStream>>>,
    /// How to wake the threads that pause.
    pausing: HashMap<ConnectionId, Arc<Condvar>>,
    closed: bool,
}

/// The connections of one network.
#[derive(Debug, Default)]
struct Party {
    /// Those in the lobby, the oldest first.
    greeting: BTreeMap<ConnectionId, Arc<TcpStream>>,
    joined: usize,
}

/// One connection's place.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    lobby: Arc<ConnectionLimits>,
    id: ConnectionId,
    network: Network,
}

/// Why there is no seat; the text tells the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LimitReached(pub(crate) ErrorCode, pub(crate) &'static str);

impl ConnectionLimits {
    pub(crate) fn new(config: &Config) -> Arc<ConnectionLimits> {
        Arc::new(ConnectionLimits {
            state: Mutex::default(),
            greeting_max: config.greeting_max,
            per_address_max: config.per_address_max,
            loopback_is_remote: config.loopback_is_remote,
        })
    }

    /// Takes a seat for a new connection.
    pub(crate) fn enter(
        self: &Arc<ConnectionLimits>,
        id: ConnectionId,
        addr: SocketAddr,
        socket: &Arc<TcpStream>,
    ) -> Result<ConnectionPermit, LimitReached> {
        let network = Network::of(addr.ip());
        let mut state = lock(&self.state);
        if state.closed {
            return Err(LimitReached(ErrorCode::ShuttingDown, STOPS));
        }
        let is_limited = self.loopback_is_remote || !network.is_loopback();
        let own = state.networks.get(&network).map_or(0, |party| party.joined + party.greeting.len());
        if is_limited && own >= self.per_address_max {
            if !state.end_oldest_of(network, self.greeting_max) {
                let detail = "too many connections come from your network: close some";
                return Err(LimitReached(ErrorCode::TooManyConnections, detail));
            }
        } else if state.greeting >= self.greeting_max {
            let fullest = state.fullest(network);
            if !fullest.is_some_and(|network| state.end_oldest_of(network, self.greeting_max)) {
                let detail = "too many others are about to join: try again in a few seconds";
                return Err(LimitReached(ErrorCode::TooManyConnections, detail));
            }
        }
        state.networks.entry(network).or_default().greeting.insert(id, socket.clone());
        state.greeting += 1;
        Ok(ConnectionPermit { lobby: self.clone(), id, network })
    }

    /// Returns the number of connections that have not joined.
    pub(crate) fn greeting(&self) -> usize {
        lock(&self.state).greeting
    }

    /// The server stops: nobody enters, and whoever waits for a HELLO reads the end of its stream.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        state.pausing.values().for_each(|woken| woken.notify_all());
        for socket in state.networks.values().flat_map(|party| party.greeting.values()) {
            // Fails only when the connection is gone, and then its thread is awake.
            let _ = socket.shutdown(Shutdown::Read);
        }
    }

    /// Is the server stopping?
    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }
}

impl State {
    /// Returns the network with the most connections in the lobby, a newcomer of this one included. Of several, it is the
    /// one with the oldest connection.
    fn fullest(&self, newcomer: Network) -> Option<Network> {
        let size = |network: Network, party: &Party| party.greeting.len() + usize::from(network == newcomer);
        let parties = self.networks.iter().filter_map(|(network, party)| {
            let (oldest, _) = party.greeting.first_key_value()?;
            Some((size(*network, party), Reverse(*oldest), *network))
        });
        parties.max().map(|(_, _, network)| network)
    }

    /// Takes its place from the oldest connection in the lobby of a network. `false`: there is none.
    ///
    /// That connection reads the end of its stream, is told why, and ends. Of those that take their time to end, so many
    /// are let: beyond that, their sockets are shut.
    fn end_oldest_of(&mut self, network: Network, ending_max: usize) -> bool {
        let Some(party) = self.networks.get_mut(&network) else { return false };
        let Some((id, socket)) = party.greeting.pop_first() else { return false };
        self.greeting -= 1;
        if self.lost.len() >= ending_max
            && let Some(socket) = self.lost.values_mut().find_map(Option::take)
        {
            let _ = socket.shutdown(Shutdown::Both);
        }
        let _ = socket.shutdown(Shutdown::Read);
        self.lost.insert(id, Some(socket));
        if let Some(woken) = self.pausing.get(&id) {
            woken.notify_all();
        }
        true
    }

    /// Returns why a connection cannot go on, if its place is lost or the server stops.
    fn verdict(&self, id: ConnectionId) -> Option<DisconnectReason> {
        if self.lost.contains_key(&id) {
            Some(DisconnectReason::Ended(ErrorCode::TooManyConnections, LOST.into()))
        } else {
            self.closed.then(|| DisconnectReason::Ended(ErrorCode::ShuttingDown, STOPS.into()))
        }
    }
}

impl ConnectionPermit {
    /// Leaves the lobby, to join: the connection still counts for its network.
    ///
    /// # Errors
    /// It has lost its place, or the server stops.
    pub(crate) fn leave_lobby(&self) -> Result<(), DisconnectReason> {
        let mut state = lock(&self.lobby.state);
        if let Some(why) = state.verdict(self.id) {
            return Err(why);
        }
        let State { networks, greeting, .. } = &mut *state;
        let party = networks.entry(self.network).or_default();
        if party.greeting.remove(&self.id).is_some() {
            party.joined += 1;
            *greeting -= 1;
        }
        Ok(())
    }

    /// Waits for so long.
    ///
    /// # Errors
    /// It has lost its place meanwhile, or the server stops.
    pub(crate) fn pause(&self, time: Duration) -> Result<(), DisconnectReason> {
        let deadline = Instant::now() + time;
        let mut state = lock(&self.lobby.state);
        let woken = Arc::new(Condvar::new());
        state.pausing.insert(self.id, woken.clone());
        let result = loop {
            if let Some(why) = state.verdict(self.id) {
                break Err(why);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break Ok(());
            }
            state = woken.wait_timeout(state, left).unwrap_or_else(std::sync::PoisonError::into_inner).0;
        };
        state.pausing.remove(&self.id);
        result
    }

    /// Returns why the connection cannot go on, if its place is lost or the server stops.
    pub(crate) fn verdict(&self) -> Option<DisconnectReason> {
        lock(&self.lobby.state).verdict(self.id)
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut state = lock(&self.lobby.state);
        if state.lost.remove(&self.id).is_some() {
            // It did not count any more.
        } else if let Some(party) = state.networks.get_mut(&self.network) {
            if party.greeting.remove(&self.id).is_some() {
                state.greeting -= 1;
            } else {
                party.joined -= 1;
            }
        }
        if state.networks.get(&self.network).is_some_and(|party| party.joined == 0 && party.greeting.is_empty()) {
            state.networks.remove(&self.network);
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn socket() -> Arc<TcpStream> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Arc::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap())
    }

    fn lobby(greeting_max: usize, per_address_max: usize) -> Arc<ConnectionLimits> {
        ConnectionLimits::new(&Config { greeting_max, per_address_max, ..Config::default() })
    }

    #[test]
    fn a_network_has_so_many_seats_until_one_is_given_up() {
        let (lobby, socket) = (lobby(3, 2), socket());
        let enter = |id, addr: &str| lobby.enter(ConnectionId(id), addr.parse().unwrap(), &socket);
        for [one, same, another] in [
            ["192.0.2.1:1000", "[::ffff:192.0.2.1]:1002", "192.0.2.2:1000"],
            ["[2001:db8::1]:1000", "[2001:db8::ffff:1]:1000", "[2001:db8:0:1::1]:1000"],
        ] {
            let seats = [enter(1, one).unwrap(), enter(2, same).unwrap()];
            seats.iter().for_each(|seat| seat.leave_lobby().unwrap());
            assert!(enter(3, same).is_err());
            assert!(enter(3, another).is_ok());
            let [first, _second] = seats;
            drop(first);
            assert!(enter(3, same).is_ok());
        }
        assert!(lock(&lobby.state).networks.is_empty());
    }

    #[test]
    fn a_newcomer_to_a_full_lobby_takes_the_oldest_place_of_the_network_that_has_most() {
        let (lobby, socket) = (lobby(4, 100), socket());
        let enter = |id, addr: &str| lobby.enter(ConnectionId(id), addr.parse().unwrap(), &socket).unwrap();
        let old = enter(1, "192.0.2.1:1");
        let crowd = [2, 3, 4].map(|id| enter(id, &format!("[2001:db8::{id}]:1")));
        let lost = || crowd.each_ref().map(|seat| seat.verdict().is_some());
        let first = enter(5, "192.0.2.2:1");
        assert_eq!((lost(), old.verdict()), ([true, false, false], None));
        let _second = enter(6, "192.0.2.3:1");
        assert_eq!((lost(), old.verdict()), ([true, true, false], None));
        // Of several, it is the one that has been there longest.
        let _third = enter(7, "192.0.2.4:1");
        assert!(old.verdict().is_some_and(|why| why.kind() == "TOO_MANY_CONNECTIONS"));
        assert!(old.leave_lobby().is_err() && old.pause(Duration::from_hours(1)).is_err());
        assert_eq!(lobby.greeting(), 4);
        // A network that would have most with one more loses its own.
        let _fourth = enter(8, "192.0.2.2:2");
        assert!(first.verdict().is_some() && !lost()[2]);
    }

    #[test]
    fn those_who_joined_lose_nothing_and_all_places_come_back() {
        let (lobby, socket) = (lobby(1, 100), socket());
        let enter = |id| lobby.enter(ConnectionId(id), "127.0.0.1:1000".parse().unwrap(), &socket).unwrap();
        let joined = enter(1);
        joined.leave_lobby().unwrap();
        let lost: Vec<ConnectionPermit> = (2..10).map(enter).collect();
        assert_eq!((joined.verdict(), lobby.greeting()), (None, 1));
        drop((joined, lost));
        let state = lock(&lobby.state);
        assert!(state.networks.is_empty() && state.lost.is_empty() && state.greeting == 0);
    }

    #[test]
    fn whoever_pauses_is_woken_by_the_loss_of_its_place_and_by_the_stop() {
        let (lobby, socket) = (lobby(1, 100), socket());
        let enter = |id| lobby.enter(ConnectionId(id), "127.0.0.1:1000".parse().unwrap(), &socket).unwrap();
        let (first, hour) = (enter(1), Duration::from_hours(1));
        std::thread::scope(|scope| {
            let pause = scope.spawn(|| first.pause(hour).unwrap_err().kind());
            while lock(&lobby.state).pausing.is_empty() {
                std::thread::yield_now();
            }
            let second = enter(2);
            assert_eq!(pause.join().unwrap(), "TOO_MANY_CONNECTIONS");
            let pause = scope.spawn(move || second.pause(hour).unwrap_err().kind());
            while lock(&lobby.state).pausing.is_empty() {
                std::thread::yield_now();
            }
            lobby.close();
            assert_eq!(pause.join().unwrap(), "SHUTTING_DOWN");
        });
    }
}
