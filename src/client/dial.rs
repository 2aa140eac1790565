//! Connects to a server: resolves its name and [races](super::race) its addresses, with a timeout. Runs on `reader`, and blocks.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded, select};
use socket2::{SockRef, Socket, TcpKeepalive};

use super::address::ServerAddress;
use super::event::ConnectionError;
use super::race::{ATTEMPT_DELAY, Lost, interleaved, race};

/// Timeout for name resolution and all addresses together.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Idle time after which the first keepalive probe is sent.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
/// Time between keepalive probes.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// Resolves the host and connects to the first of its addresses that answers. `cancelled` is disconnected when nobody wants the
/// connection any more.
///
/// # Errors
/// The name cannot be resolved, no address answers, or the timeout has passed. After a cancellation, the error means nothing.
pub(crate) fn dial(server: &ServerAddress, cancelled: &Receiver<()>) -> Result<TcpStream, ConnectionError> {
    dial_by(server, cancelled, |host, port| (host, port).to_socket_addrs().map(Vec::from_iter))
}

fn dial_by(
    server: &ServerAddress,
    cancelled: &Receiver<()>,
    resolver: impl FnOnce(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + 'static,
) -> Result<TcpStream, ConnectionError> {
    let deadline = Instant::now() + CONNECT_TIMEOUT;
    let addresses = interleaved(&resolve(server, deadline, cancelled, resolver)?);
    let connect = |socket: &Socket, address: SocketAddr, limit| socket.connect_timeout(&address.into(), limit);
    match race(&addresses, (ATTEMPT_DELAY, deadline), cancelled, connect) {
        Ok(socket) => {
            set_options(&socket);
            if let Ok(address) = socket.peer_addr() {
                log::info!("connected to {server} at {address}");
            }
            Ok(socket)
        }
        Err(Lost { tried, .. }) if tried.is_empty() => Err(ConnectionError::TimedOut),
        Err(Lost { tried, error }) => Err(ConnectionError::Unreachable { tried, error: Arc::new(error) }),
    }
}

/// Resolves a host name before the deadline.
///
/// `getaddrinfo` can take minutes and has no timeout, so it runs on a thread of its own. At the deadline that thread is abandoned:
/// it holds nothing but its result, and ends when it has it.
///
/// # Errors
/// The name cannot be resolved, or not before the deadline, or it was cancelled.
fn resolve(
    server: &ServerAddress,
    deadline: Instant,
    cancelled: &Receiver<()>,
    resolver: impl FnOnce(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + 'static,
) -> Result<Vec<SocketAddr>, ConnectionError> {
    let (answer_sender, answer) = bounded(1);
    let asked = server.clone();
    thread::Builder::new()
        .name("resolve".into())
        .spawn(move || {
            // Fails if the receiver is gone: the deadline has passed, or it was cancelled.
            let _ = answer_sender.send(resolver(asked.host(), asked.port()));
        })
        .map_err(|error| ConnectionError::OutOfResources(error.to_string()))?;
    let unresolved = |error: io::Error| {
        log::info!("the address of {server} was not found: {error}");
        Err(ConnectionError::Unresolved { host: server.host().to_owned(), error: Arc::new(error) })
    };
    select! {
        recv(answer) -> answer => match answer {
            Ok(Ok(addresses)) if addresses.is_empty() => unresolved(io::Error::other("it has no address")),
            Ok(Ok(addresses)) => Ok(addresses),
            Ok(Err(error)) => unresolved(error),
            Err(_) => unresolved(io::Error::other("the name look-up failed")),
        },
        recv(cancelled) -> _ => Err(ConnectionError::TimedOut),
        default(deadline.saturating_duration_since(Instant::now())) => Err(ConnectionError::TimedOut),
    }
}

/// Sets the socket options. The connection works without them, so errors are only logged.
fn set_options(socket: &TcpStream) {
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_IDLE);
    // OpenBSD sets both for the whole machine only.
    #[cfg(not(target_os = "openbsd"))]
    let keepalive = keepalive.with_interval(KEEPALIVE_INTERVAL);
    let tuned = socket
        // Without TCP_NODELAY, a short line waits for the acknowledgement of the previous one: up to 40 ms.
        .set_nodelay(true)
        // Without keepalive, a broken network is noticed only when the next message is sent.
        .and_then(|()| SockRef::from(socket).set_tcp_keepalive(&keepalive));
    if let Err(error) = tuned {
        log::warn!("the connection is slow to notice a broken network: its options cannot be set ({error})");
    }
    // Keepalive is suspended while data is unacknowledged, and retransmission continues for a quarter of an hour. This option
    // limits it.
    #[cfg(target_os = "linux")]
    if let Err(error) = SockRef::from(socket).set_tcp_user_timeout(Some(KEEPALIVE_IDLE + KEEPALIVE_INTERVAL * 3)) {
        log::warn!("the connection is slow to notice a broken network: its options cannot be set ({error})");
    }
}

/// Returns the text of an error without the `(os error 111)` that std appends.
pub(crate) fn without_code(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::net::TcpListener;

    use crossbeam_channel::never;

    use super::*;

    fn dial_all(addresses: Vec<SocketAddr>) -> Result<TcpStream, ConnectionError> {
        let server = "room.example:5555".parse().unwrap();
        dial_by(&server, &never(), |host, port| {
            assert_eq!((host, port), ("room.example", 5555));
            Ok(addresses)
        })
    }

    /// Returns an address of this computer where nobody listens.
    fn nobody(ip: &str) -> SocketAddr {
        TcpListener::bind((ip, 0)).unwrap().local_addr().unwrap()
    }

    #[test]
    fn a_name_with_an_address_that_refuses_leads_to_the_other_one() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let there = listener.local_addr().unwrap();
        // Where there is no IPv6, the first one fails for that reason.
        for refusing in [nobody("127.0.0.1"), "[::1]:1".parse().unwrap()] {
            let socket = dial_all(vec![refusing, there]).unwrap();
            assert_eq!(socket.peer_addr().unwrap(), there);
            assert!(socket.nodelay().unwrap());
        }
    }

    #[test]
    fn a_server_that_nobody_reaches_is_told_with_all_its_addresses() {
        let (one, other, ipv6) = (nobody("127.0.0.1"), nobody("127.0.0.1"), "[::1]:1".parse().unwrap());
        let error = dial_all(vec![one, other, ipv6]).unwrap_err();
        assert_eq!(error.to_string(), format!("nothing answers at {ipv6}, {one} or {other}"));
        let ConnectionError::Unreachable { error, .. } = error else { panic!("{error:?}") };
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let many: Vec<_> = (1..=20).map(|port| SocketAddr::from(([127, 0, 0, 1], port))).collect();
        let words = dial_all(many).unwrap_err().to_string();
        assert!(words.ends_with("127.0.0.1:4 or 12 more"), "{words}");
    }

    #[test]
    fn a_name_without_an_address_and_one_that_nobody_asks_for_any_more_end_at_once() {
        assert!(matches!(dial_all(Vec::new()), Err(ConnectionError::Unresolved { .. })));
        let (owner, cancelled) = bounded(0);
        drop(owner);
        let (_silent, answer) = bounded::<()>(0);
        // The look-up never ends.
        let dialed = dial_by(&"room.example".parse().unwrap(), &cancelled, move |_, _| {
            let _ = answer.recv();
            Ok(Vec::new())
        });
        assert!(matches!(dialed, Err(ConnectionError::TimedOut)));
    }
}
