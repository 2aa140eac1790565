//! From an address as it was written to a connected socket, within a time limit. Runs on `reader`, and blocks.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, bounded};
use socket2::{SockRef, TcpKeepalive};

use super::address::ServerAddress;
use super::event::ConnectionError;

/// For the look-up and all addresses together.
pub(crate) const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A peer that has answered nothing for this long is asked whether it is still there.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
/// How long it may take to answer each time.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// Looks the host up and connects to the first of its addresses that answers.
pub(crate) fn dial(server: &ServerAddress) -> Result<TcpStream, ConnectionError> {
    let deadline = Instant::now() + CONNECT_LIMIT;
    let addresses = resolve(server, deadline)?;
    let mut refused = None;
    for (at, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        // A share of what is left for each, so that one that never answers leaves time for the others.
        let share = left / u32::try_from(addresses.len() - at).unwrap_or(u32::MAX);
        if share.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(address, share) {
            Ok(socket) => {
                tune(&socket);
                return Ok(socket);
            }
            Err(error) => {
                log::info!("{address}: {error}");
                // Being refused says more than silence does.
                if error.kind() != io::ErrorKind::TimedOut {
                    refused = Some(ConnectionError::Unreachable { tried: *address, error: plain(&error) });
                }
            }
        }
    }
    Err(refused.unwrap_or(ConnectionError::TimedOut))
}

/// Asks the system for the addresses of a host.
///
/// `getaddrinfo` can take minutes and has no time limit, so it has a thread of its own, which is left behind when the time
/// is up: it holds nothing but its answer, and ends when it has it.
fn resolve(server: &ServerAddress, deadline: Instant) -> Result<Vec<SocketAddr>, ConnectionError> {
    let (answer_sender, answer) = bounded(1);
    let asked = server.clone();
    thread::Builder::new()
        .name("resolve".into())
        .spawn(move || {
            let addresses = (asked.host(), asked.port()).to_socket_addrs().map(Vec::from_iter);
            // Nobody waits for it any more: the time was up.
            let _ = answer_sender.send(addresses);
        })
        .map_err(|error| ConnectionError::OutOfResources(error.to_string()))?;
    let unresolved = |error: String| {
        log::info!("{server}: {error}");
        ConnectionError::Unresolved { host: server.host().to_owned(), error }
    };
    match answer.recv_deadline(deadline) {
        Ok(Ok(addresses)) if addresses.is_empty() => Err(unresolved("it has no address".into())),
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(error)) => Err(unresolved(error.to_string())),
        Err(RecvTimeoutError::Timeout) => Err(ConnectionError::TimedOut),
        Err(RecvTimeoutError::Disconnected) => Err(unresolved("the look-up failed".into())),
    }
}

/// Options that make a chat feel right. The connection works without them too, so failing is only noted.
fn tune(socket: &TcpStream) {
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_IDLE).with_interval(KEEPALIVE_INTERVAL);
    let tuned = socket
        // Without it, a short line waits for the acknowledgement of the one before: up to 40 ms.
        .set_nodelay(true)
        // Without it, a pulled cable is noticed by the next message only.
        .and_then(|()| SockRef::from(socket).set_tcp_keepalive(&keepalive));
    if let Err(error) = tuned {
        log::warn!("socket options: {error}");
    }
    // Keepalive rests while something is unacknowledged, and sending again goes on for a quarter of an hour.
    #[cfg(target_os = "linux")]
    if let Err(error) = SockRef::from(socket).set_tcp_user_timeout(Some(KEEPALIVE_IDLE + KEEPALIVE_INTERVAL * 3)) {
        log::warn!("socket options: {error}");
    }
}

/// An error in words, without the `(os error 111)` that Rust adds.
pub(crate) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}
