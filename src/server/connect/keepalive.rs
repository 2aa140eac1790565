//! Keepalive: how a peer is found whose cable was pulled, whose battery is empty, or whose network forgot it.
//!
//! TCP says nothing while nothing is sent, so a dead peer looks like a silent one. Keepalive asks: the system sends empty
//! segments (tcp(7)), which no program sees, and the peer's system answers. In quiet times it asks rarely, to let radios
//! sleep. A [`Probe`] asks at once, for a few seconds: it is for the moment when a newcomer wants the name of somebody who
//! is here, which is mostly the same person after a broken connection.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

use crate::server::delivery::client::Client;

/// A silent peer is asked after this time, then every `INTERVAL`, and given up after `QUESTIONS` without an answer: 110 s
/// in all.
const TIME: Duration = Duration::from_mins(1);
const INTERVAL: Duration = Duration::from_secs(10);
const QUESTIONS: u32 = 5;

/// Time between the questions of a probe, and number of questions without an answer that make a peer a dead one.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);
const PROBE_QUESTIONS: u32 = 5;

/// How long a probe takes: each question has a second for its answer, and the system's timers are not exact.
pub(crate) const PROBE_TIME: Duration = Duration::from_millis(6500);

/// Sets how a new socket finds out that its peer is dead.
pub(crate) fn set(socket: &TcpStream) -> io::Result<()> {
    ask(socket, TIME, INTERVAL, QUESTIONS)?;
    // Keepalive rests while sent bytes wait for their acknowledgement, so that has a limit of its own (tcp(7)).
    #[cfg(target_os = "linux")]
    SockRef::from(socket).set_tcp_user_timeout(Some(TIME + INTERVAL * QUESTIONS))?;
    Ok(())
}

fn ask(socket: &TcpStream, time: Duration, interval: Duration, questions: u32) -> io::Result<()> {
    let keepalive = TcpKeepalive::new().with_time(time).with_interval(interval);
    // OpenBSD and others set the number of questions for the whole machine only.
    #[cfg(any(target_os = "linux", target_os = "macos", target_os = "windows", target_os = "freebsd"))]
    let keepalive = keepalive.with_retries(questions);
    #[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows", target_os = "freebsd")))]
    let _ = questions;
    SockRef::from(socket).set_tcp_keepalive(&keepalive)
}

/// Returns whether a client's system has left so many questions, or repetitions of what was sent, without an answer that
/// the connection is dead. Always `false` where the system does not tell, which is everywhere but on Linux.
pub(crate) fn is_dead(client: &Client) -> bool {
    unanswered(client.transport.socket()).is_some_and(|count| count >= PROBE_QUESTIONS)
}

/// Asks a client's system whether it is still there, until it is dropped.
///
/// A peer that does not answer is given up by the system, which the client's own thread notices in its read. Linux does not
/// count the questions of a socket that has a limit for acknowledgements (tcp(7), `TCP_USER_TIMEOUT`), and asks nothing
/// while sent bytes wait for theirs: there, [`is_dead`] looks the count up.
#[derive(Debug)]
pub(crate) struct Probe(Arc<Client>);

impl Probe {
    /// Begins to ask; `None` if somebody is doing that already.
    pub(crate) fn begin(client: Arc<Client>) -> Option<Probe> {
        if client.is_probed.swap(true, Ordering::Relaxed) {
            return None;
        }
        // Fails only for a connection that is gone already.
        let _ = ask(client.transport.socket(), PROBE_INTERVAL, PROBE_INTERVAL, PROBE_QUESTIONS);
        Some(Probe(client))
    }

    /// Returns the client, whose system may have answered or not.
    pub(crate) fn client(&self) -> &Arc<Client> {
        &self.0
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let _ = ask(self.0.transport.socket(), TIME, INTERVAL, QUESTIONS);
        self.0.is_probed.store(false, Ordering::Relaxed);
    }
}

/// Returns how often the peer was asked, or was sent the same bytes, since it last answered.
#[cfg(target_os = "linux")]
fn unanswered(socket: &TcpStream) -> Option<u32> {
    use std::os::fd::AsRawFd as _;

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

/// Reads a row of that list, if it is about this socket: the columns `retrnsmt` (hexadecimal) and `timeout` (of which
/// `proc_net_tcp.rst` in Linux's own documentation says "unanswered 0-window probes", and keepalive's are counted with them).
#[cfg(target_os = "linux")]
fn unanswered_in(row: &str, inode: &str) -> Option<u32> {
    let columns: Vec<&str> = row.split_whitespace().collect();
    let [_, _, _, _, _, _, repeated, _, questions, its_inode, ..] = columns[..] else { return None };
    if its_inode != inode {
        return None;
    }
    Some(u32::from_str_radix(repeated, 16).ok()?.max(questions.parse().ok()?))
}

#[cfg(test)]
#[cfg(all(target_os = "linux", not(loom)))]
mod tests {
    use super::*;
    use crate::protocol::{Capabilities, Username};
    use crate::server::id::ConnectionId;
    use crate::transport::Transport;
    use std::net::TcpListener;

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
        assert!(time + interval * questions <= PROBE_TIME, "{time:?} and {questions} times {interval:?}");
        assert!(!is_dead(probe.client()), "it is there");
        drop(probe);
        assert_eq!(times(), before);
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
