//! Connects to a server: resolves its name and tries its addresses, with a timeout. Runs on `reader`, and blocks.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, bounded};
use socket2::{SockRef, TcpKeepalive};

use super::address::ServerAddress;
use super::event::ConnectionError;

/// Timeout for name resolution and all addresses together.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Idle time after which the first keepalive probe is sent.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
/// Time between keepalive probes.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// Resolves the host and connects to the first of its addresses that answers.
///
/// # Errors
/// The name cannot be resolved, no address answers, or the timeout has passed.
pub(crate) fn dial(server: &ServerAddress) -> Result<TcpStream, ConnectionError> {
    let deadline = Instant::now() + CONNECT_TIMEOUT;
    let addresses = resolve(server, deadline)?;
    let mut refused = None;
    for (at, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        // Each address gets a share of the remaining time, so that one that never answers leaves time for the others.
        let share = left / u32::try_from(addresses.len() - at).unwrap_or(u32::MAX);
        if share.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(address, share) {
            Ok(socket) => {
                set_options(&socket);
                return Ok(socket);
            }
            Err(error) => {
                log::info!("no connection to {address}: {error}");
                // A refused connection says more than a timeout, so it is the error to report.
                if error.kind() != io::ErrorKind::TimedOut {
                    refused = Some(ConnectionError::Unreachable { tried: *address, error: Arc::new(error) });
                }
            }
        }
    }
    Err(refused.unwrap_or(ConnectionError::TimedOut))
}

/// Resolves a host name before the deadline.
///
/// `getaddrinfo` can take minutes and has no timeout, so it runs on a thread of its own. At the deadline that thread is abandoned:
/// it holds nothing but its result, and ends when it has it.
///
/// # Errors
/// The name cannot be resolved, or not before the deadline.
fn resolve(server: &ServerAddress, deadline: Instant) -> Result<Vec<SocketAddr>, ConnectionError> {
    let (answer_sender, answer) = bounded(1);
    let asked = server.clone();
    thread::Builder::new()
        .name("resolve".into())
        .spawn(move || {
            let addresses = (asked.host(), asked.port()).to_socket_addrs().map(Vec::from_iter);
            // Fails if the deadline has passed and the receiver is gone.
            let _ = answer_sender.send(addresses);
        })
        .map_err(|error| ConnectionError::OutOfResources(error.to_string()))?;
    let unresolved = |error: io::Error| {
        log::info!("the address of {server} was not found: {error}");
        ConnectionError::Unresolved { host: server.host().to_owned(), error: Arc::new(error) }
    };
    match answer.recv_deadline(deadline) {
        Ok(Ok(addresses)) if addresses.is_empty() => Err(unresolved(io::Error::other("it has no address"))),
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(error)) => Err(unresolved(error)),
        Err(RecvTimeoutError::Timeout) => Err(ConnectionError::TimedOut),
        Err(RecvTimeoutError::Disconnected) => Err(unresolved(io::Error::other("the name look-up failed"))),
    }
}

/// Sets the socket options. The connection works without them, so errors are only logged.
fn set_options(socket: &TcpStream) {
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_IDLE).with_interval(KEEPALIVE_INTERVAL);
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
