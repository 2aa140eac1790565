//! Keepalive: how the server finds a dead peer, whose cable was pulled, whose battery is empty, or whose network forgot
//! it.
//!
//! TCP sends nothing while the program sends nothing, so a dead peer looks like a silent one. With keepalive the system
//! sends empty segments (tcp(7)), which no program sees, and the peer's system answers them. In quiet times it sends
//! them rarely, to let radios sleep. A [`Probe`] sends them at once, for a few seconds. It is for the moment when a new
//! client asks for the name of a client that has joined: mostly that is the same person, after a broken connection.
//!
//! Called by connections' own threads and by the accept thread. Nothing here blocks, and there is no lock.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

use crate::server::delivery::client::Client;

/// Silence after which the system sends the first keepalive segment.
const TIME: Duration = Duration::from_mins(1);

/// Time between two keepalive segments.
const INTERVAL: Duration = Duration::from_secs(10);

/// Number of unanswered segments after which the system ends the connection: after 110 s in all.
const RETRIES: u32 = 5;

/// Time between two segments of a probe.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// Number of unanswered segments of a probe that make a peer dead.
const PROBE_RETRIES: u32 = 5;

/// Number of steps of a probe: 6.5 s in all, since each segment has a second for its answer, and the system's timers are
/// not exact.
pub(crate) const PROBE_STEPS: u32 = 13;

/// Duration of a step of a probe, after which the probing thread looks whether the client has left.
pub(crate) const PROBE_STEP: Duration = Duration::from_millis(500);

/// Turns keepalive on for a new socket.
pub(crate) fn set(socket: &TcpStream) -> io::Result<()> {
    set_times(socket, TIME, INTERVAL, RETRIES)?;
    // Keepalive rests while sent bytes wait for their acknowledgement, so that has a limit of its own (tcp(7)).
    #[cfg(target_os = "linux")]
    SockRef::from(socket).set_tcp_user_timeout(Some(TIME + INTERVAL * RETRIES))?;
    Ok(())
}

fn set_times(socket: &TcpStream, time: Duration, interval: Duration, retries: u32) -> io::Result<()> {
    let keepalive = TcpKeepalive::new().with_time(time);
    // OpenBSD sets all three for the whole machine only (sysctl(2)).
    #[cfg(not(target_os = "openbsd"))]
    let keepalive = keepalive.with_interval(interval).with_retries(retries);
    #[cfg(target_os = "openbsd")]
    let _ = (interval, retries);
    SockRef::from(socket).set_tcp_keepalive(&keepalive)
}

/// Returns whether a client's system has left so many keepalive segments, or retransmissions, unanswered that the
/// connection is dead. Always `false` while no [`Probe`] asks it: to look the count up is to read the list of all sockets,
/// which a client that asks for a taken name must not cause each time. Always `false` where the system does not report
/// the count, too, which is everywhere but on Linux.
pub(crate) fn is_dead(client: &Client) -> bool {
    client.is_probed.load(Ordering::Relaxed)
        && unanswered(client.transport.socket()).is_some_and(|count| count >= PROBE_RETRIES)
}

/// Asks a client's system whether it is still there, until it is dropped.
///
/// The system ends the connection to a peer that does not answer, and the read of the client's own thread fails. Linux
/// does not count the segments of a socket that has a limit for acknowledgements (tcp(7), `TCP_USER_TIMEOUT`), and
/// sends none while sent bytes wait for their acknowledgement: there, [`is_dead`] looks the count up.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) client: Arc<Client>,
}

impl Probe {
    /// Begins a probe; `None` if there is one of this client already. Two would restore each other's times.
    pub(crate) fn begin(client: Arc<Client>) -> Option<Probe> {
        if client.is_probed.swap(true, Ordering::Relaxed) {
            return None;
        }
        // Fails only for a connection that is gone already.
        let _ = set_times(client.transport.socket(), PROBE_INTERVAL, PROBE_INTERVAL, PROBE_RETRIES);
        Some(Probe { client })
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let _ = set_times(self.client.transport.socket(), TIME, INTERVAL, RETRIES);
        self.client.is_probed.store(false, Ordering::Relaxed);
    }
}

/// Returns the number of keepalive segments, or of retransmissions of the same bytes, since the peer last answered.
#[cfg(target_os = "linux")]
fn unanswered(socket: &TcpStream) -> Option<u32> {
    use std::os::fd::AsRawFd as _;

    #[cfg(all(test, not(loom)))]
    tests::LISTS_READ.set(tests::LISTS_READ.get() + 1);
    let inode = std::fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).ok()?;
    let inode = inode.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned();
    // A server that listens on an IPv6 address has its IPv4 connections in the second list, too.
    ["/proc/self/net/tcp", "/proc/self/net/tcp6"].into_iter().find_map(|list| {
        let list = std::fs::read_to_string(list).ok()?;
        list.lines().find_map(|row| unanswered_in(row, &inode))
    })
}

#[cfg(not(target_os = "linux"))]
fn unanswered(_: &TcpStream) -> Option<u32> {
    None
}

/// Reads a row of that list, if it is about this socket: the columns `retrnsmt` (hexadecimal) and `timeout` (which
/// `proc_net_tcp.rst` in Linux's own documentation calls "unanswered 0-window probes"; keepalive segments are counted
/// with them).
#[cfg(target_os = "linux")]
fn unanswered_in(row: &str, inode: &str) -> Option<u32> {
    let columns: Vec<&str> = row.split_whitespace().collect();
    let [_, _, _, _, _, _, retransmissions, _, probes, row_inode, ..] = columns[..] else { return None };
    if row_inode != inode {
        return None;
    }
    Some(u32::from_str_radix(retransmissions, 16).ok()?.max(probes.parse().ok()?))
}

#[cfg(test)]
#[cfg(all(target_os = "linux", not(loom)))]
mod tests {
    use super::*;
    use crate::protocol::{Capabilities, Username};
    use crate::server::id::ConnectionId;
    use crate::transport::Transport;
    use std::cell::Cell;
    use std::net::TcpListener;

    thread_local! {
        /// Number of looks of this thread into the lists of the system.
        pub(super) static LISTS_READ: Cell<u32> = const { Cell::new(0) };
    }

    #[test]
    fn a_peer_whose_cable_was_pulled_is_found_within_two_minutes() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        set(&socket).unwrap();
        let socket = SockRef::from(&socket);
        assert!(socket.keepalive().unwrap());
        let limit = Duration::from_mins(2);
        let silent = socket.tcp_keepalive_time().unwrap();
        let asked = socket.tcp_keepalive_interval().unwrap() * socket.tcp_keepalive_retries().unwrap();
        assert!(silent + asked <= limit, "{silent:?} and {asked:?}");
        assert!(socket.tcp_user_timeout().unwrap().is_some_and(|timeout| timeout <= limit), "while something is sent");
    }

    #[test]
    fn a_probe_asks_soon_and_leaves_everything_as_it_was() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let socket = Arc::new(TcpStream::connect(addr).unwrap());
        set(&socket).unwrap();
        let name = Username::parse("ann").unwrap();
        let transport = Transport::plain(socket.clone());
        let client = Arc::new(Client::new(ConnectionId(1), name, Capabilities::default(), addr, transport));
        let times = || {
            let socket = SockRef::from(&*socket);
            let questions = socket.tcp_keepalive_retries().unwrap();
            (socket.tcp_keepalive_time().unwrap(), socket.tcp_keepalive_interval().unwrap(), questions)
        };
        let before = times();
        let probe = Probe::begin(client.clone()).unwrap();
        assert!(Probe::begin(client.clone()).is_none(), "one is enough");
        let (time, interval, questions) = times();
        assert!(time + interval * questions <= PROBE_STEP * PROBE_STEPS, "{time:?} and {questions} times {interval:?}");
        assert!(!is_dead(&probe.client), "it is there");
        assert_eq!(LISTS_READ.get(), 1);
        drop(probe);
        assert_eq!(times(), before);
        assert!(!is_dead(&client));
        assert_eq!(LISTS_READ.get(), 1, "the list of all sockets is not read for a client that no probe has asked");
    }

    #[test]
    fn what_linux_lists_about_a_socket_is_found_by_its_inode() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert_eq!(unanswered(&socket), Some(0));
        let row =
            "  12: 0100007F:15B3 0200007F:D2F0 01 00000024:00000000 01:00000ABC 0000000A     0        3 4711 2 0 20 4";
        assert_eq!(unanswered_in(row, "4711"), Some(10));
        assert_eq!(unanswered_in(row, "471"), None);
        assert_eq!(unanswered_in(&row.replace("0000000A", "00000001"), "4711"), Some(3));
    }
}
