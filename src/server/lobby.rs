//! The lobby: connections that are let in but have not said HELLO, and how many come from each address.
//!
//! A connection takes a [`Seat`] before its thread exists, so a crowd of silent sockets is stopped at the door and
//! cannot keep those out who want to talk. The seat is given up by dropping it, however the connection ends. Taken by
//! the accept thread, released by client threads; nothing is waited for under its lock, which is never held with
//! another.

use std::collections::HashMap;
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::config::Config;
use super::{ConnectionId, STOPS};
use crate::protocol::ErrorCode;
use crate::sync::{Condvar, Mutex, lock};

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Lobby {
    state: Mutex<State>,
    closing: Condvar,
    greeting_max: usize,
    per_address_max: usize,
}

#[derive(Debug, Default)]
struct State {
    /// Those that have not said HELLO.
    greeting: HashMap<ConnectionId, Arc<TcpStream>>,
    /// Open connections by address, joined ones too.
    addresses: HashMap<IpAddr, usize>,
    closed: bool,
}

/// One connection's place.
#[derive(Debug)]
pub(super) struct Seat {
    lobby: Arc<Lobby>,
    id: ConnectionId,
    address: IpAddr,
}

/// Why there is no seat; the text tells the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoSeat(pub(super) ErrorCode, pub(super) &'static str);

impl Lobby {
    pub(super) fn new(config: &Config) -> Arc<Lobby> {
        Arc::new(Lobby {
            state: Mutex::default(),
            closing: Condvar::new(),
            greeting_max: config.greeting_max,
            per_address_max: config.per_address_max,
        })
    }

    /// Takes a seat for a new connection.
    pub(super) fn enter(
        self: &Arc<Lobby>,
        id: ConnectionId,
        addr: SocketAddr,
        socket: &Arc<TcpStream>,
    ) -> Result<Seat, NoSeat> {
        let address = addr.ip().to_canonical();
        let mut state = lock(&self.state);
        if state.closed {
            return Err(NoSeat(ErrorCode::ShuttingDown, STOPS));
        }
        if state.greeting.len() >= self.greeting_max {
            let detail = "too many others are about to join: try again in a few seconds";
            return Err(NoSeat(ErrorCode::TooManyConnections, detail));
        }
        let count = state.addresses.entry(address).or_insert(0);
        if *count >= self.per_address_max && !address.is_loopback() {
            let detail = "too many connections come from your address: close some";
            return Err(NoSeat(ErrorCode::TooManyConnections, detail));
        }
        *count += 1;
        state.greeting.insert(id, socket.clone());
        Ok(Seat { lobby: self.clone(), id, address })
    }

    /// How many have not said HELLO yet.
    pub(super) fn greeting(&self) -> usize {
        lock(&self.state).greeting.len()
    }

    /// The server stops: nobody enters, and whoever waits for a HELLO reads the end of its stream.
    pub(super) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        self.closing.notify_all();
        for socket in state.greeting.values() {
            // Fails only when the connection is gone, and then its thread is awake.
            let _ = socket.shutdown(Shutdown::Read);
        }
    }

    /// Waits for so long, or until the server stops.
    pub(super) fn pause(&self, time: Duration) {
        let deadline = Instant::now() + time;
        let mut state = lock(&self.state);
        while !state.closed {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.closing.wait_timeout(state, left).unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }

    /// Is the server stopping?
    pub(super) fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }
}

impl Seat {
    /// The connection has said HELLO: it still counts for its address, but not as waiting.
    pub(super) fn greeted(&self) {
        lock(&self.lobby.state).greeting.remove(&self.id);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = lock(&self.lobby.state);
        state.greeting.remove(&self.id);
        if let Some(count) = state.addresses.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                state.addresses.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn socket() -> Arc<TcpStream> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Arc::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap())
    }

    fn lobby() -> Arc<Lobby> {
        Lobby::new(&Config { greeting_max: 3, per_address_max: 2, ..Config::default() })
    }

    #[test]
    fn an_address_has_so_many_seats_until_one_is_given_up() {
        let (lobby, socket) = (lobby(), socket());
        let enter = |id, addr: &str| lobby.enter(ConnectionId(id), addr.parse().unwrap(), &socket);
        let one = enter(1, "192.0.2.1:1000").unwrap();
        one.greeted();
        let _two = enter(2, "192.0.2.1:1001").unwrap();
        assert!(enter(3, "192.0.2.1:1002").is_err());
        assert!(enter(3, "[::ffff:192.0.2.1]:1002").is_err(), "the same address, written as IPv6");
        assert!(enter(3, "192.0.2.2:1000").is_ok());
        drop(one);
        assert!(enter(3, "192.0.2.1:1002").is_ok());
        assert_eq!(lock(&lobby.state).addresses.len(), 1);
    }

    #[test]
    fn the_silent_are_limited_wherever_they_come_from() {
        let (lobby, socket) = (lobby(), socket());
        let enter = |id| lobby.enter(ConnectionId(id), "127.0.0.1:1000".parse().unwrap(), &socket);
        let seats: Vec<_> = (1..=3).map(|id| enter(id).unwrap()).collect();
        assert!(enter(4).is_err());
        seats[0].greeted();
        assert!(enter(4).is_ok());
        drop(seats);
        assert_eq!(lobby.greeting(), 0);
    }
}
