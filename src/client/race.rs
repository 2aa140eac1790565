//! Connects to the first of several addresses that answers, in the manner of RFC 8305 ("Happy Eyeballs"), with threads.
//!
//! A name has addresses of IPv6 and IPv4, and one family may lead nowhere without an error: its packets are dropped, and `connect`
//! waits. So the attempts overlap. Each has a thread, `connect`, that blocks in it; the caller's thread, `reader`, begins them one
//! after the other and waits for whatever comes first on one channel: a result, the time of the next attempt, the user's Cancel.
//!
//! ```text
//!     0 ms  [2001:db8::7]  - - - - - - - - - - - -  no answer: ended by the winner
//!   250 ms  192.0.2.7              - - -  refused: the next begins at once
//!   312 ms  [2001:db8::8]               - - - - -  connected: wins
//! ```
//!
//! No lock is needed, since each socket belongs to the thread that connects it, until that thread sends it away. A socket that
//! connects too late is closed when it cannot be sent: nobody receives any more. So no attempt needs to be joined.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, select};
use socket2::{Domain, Protocol, Socket, Type};

/// Time from the beginning of an attempt to that of the next one, if it has no result before ("Connection Attempt Delay").
pub(super) const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// Maximum number of attempts at once.
const ATTEMPTS_MAX: usize = 4;
/// Maximum number of addresses of a name that are tried.
const ADDRESSES_MAX: usize = 16;

/// A race without a winner.
#[derive(Debug)]
pub(super) struct Lost {
    /// The addresses that were tried, in order.
    pub(super) tried: Vec<SocketAddr>,
    /// The reason that says most.
    pub(super) error: io::Error,
}

/// The result of an attempt, as its thread sends it.
type Outcome = (SocketAddr, io::Result<TcpStream>);

/// Returns addresses in the order in which they are tried: the families take turns, and IPv6 begins. Each is there once.
pub(super) fn interleaved(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let (ipv6, ipv4): (Vec<_>, Vec<_>) = addresses.iter().partition(|address| address.is_ipv6());
    let pairs = (0..addresses.len()).flat_map(|at| [ipv6.get(at), ipv4.get(at)]);
    let mut order = Vec::new();
    for address in pairs.flatten().copied() {
        if !order.contains(address) {
            order.push(*address);
        }
    }
    order.truncate(ADDRESSES_MAX);
    order
}

/// Connects to one of the addresses, before the deadline. `cancelled` is disconnected when nobody wants the connection any more.
/// `connect` blocks for the given time at most.
///
/// # Errors
/// No address answers in time, or it was cancelled. No further attempt begins then, and those under way are ended.
pub(super) fn race<C>(
    addresses: &[SocketAddr],
    (delay, deadline): (Duration, Instant),
    cancelled: &Receiver<()>,
    connect: C,
) -> Result<TcpStream, Lost>
where
    C: Fn(&Socket, SocketAddr, Duration) -> io::Result<()> + Clone + Send + 'static,
{
    let left = deadline.saturating_duration_since(Instant::now());
    // Addresses that never answer leave time for those that have to wait for their turn.
    let limit = left / u32::try_from(addresses.len().div_ceil(ATTEMPTS_MAX)).unwrap_or(u32::MAX).max(1);
    let (sender, outcomes) = bounded(ATTEMPTS_MAX);
    let mut waiting = addresses.iter().copied();
    let mut under_way: Vec<(SocketAddr, Weak<Socket>)> = Vec::new();
    let mut lost = Lost { tried: Vec::new(), error: ErrorKind::TimedOut.into() };
    let mut next = Instant::now();
    let winner = loop {
        let now = Instant::now();
        let may_begin = under_way.len() < ATTEMPTS_MAX && waiting.len() > 0;
        if now >= deadline || under_way.is_empty() && !may_begin {
            break None;
        }
        if may_begin
            && now >= next
            && let Some(address) = waiting.next()
        {
            lost.tried.push(address);
            match begin(address, limit, &sender, connect.clone()) {
                Ok(socket) => {
                    under_way.push((address, socket));
                    next = now + delay;
                }
                Err(error) => lost.because(address, error),
            }
            continue;
        }
        let until = if may_begin { next.min(deadline) } else { deadline };
        select! {
            recv(outcomes) -> outcome => {
                // This thread holds a sender, so the channel is connected.
                let Ok((address, result)) = outcome else { break None };
                under_way.retain(|(other, _)| *other != address);
                match result {
                    Ok(socket) => break Some(socket),
                    Err(error) => lost.because(address, error),
                }
                next = Instant::now();
            }
            recv(cancelled) -> _ => break None,
            default(until - now) => {}
        }
    };
    for socket in under_way.into_iter().filter_map(|(_, socket)| socket.upgrade()) {
        // Ends a `connect` on Linux. Where it does not, the thread ends at its limit, and holds nothing but the socket.
        let _ = socket.shutdown(Shutdown::Both);
    }
    winner.ok_or(lost)
}

/// Begins an attempt on a thread of its own. Returns the socket, by which the caller can end the attempt.
///
/// # Errors
/// The system has no socket or no thread to spare, or does not have this family.
fn begin<C>(address: SocketAddr, limit: Duration, outcomes: &Sender<Outcome>, connect: C) -> io::Result<Weak<Socket>>
where
    C: Fn(&Socket, SocketAddr, Duration) -> io::Result<()> + Send + 'static,
{
    let socket = Arc::new(Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?);
    let (ended_by, outcomes) = (Arc::downgrade(&socket), outcomes.clone());
    thread::Builder::new().name("connect".into()).spawn(move || {
        let connected = connect(&socket, address, limit);
        // It is not this thread's alone while it is being ended.
        let socket = Arc::into_inner(socket).map(TcpStream::from).ok_or(ErrorKind::ConnectionAborted.into());
        // Fails if another attempt has won.
        let _ = outcomes.send((address, connected.and(socket)));
    })?;
    Ok(ended_by)
}

impl Lost {
    /// Takes the error of an attempt. A refused connection says more than a network that cannot be reached, and that more than
    /// silence.
    fn because(&mut self, address: SocketAddr, error: io::Error) {
        log::info!("no connection to {address}: {error}");
        let says = |error: &io::Error| match error.kind() {
            ErrorKind::ConnectionRefused => 2,
            ErrorKind::TimedOut => 0,
            _ => 1,
        };
        if says(&error) > says(&self.error) {
            self.error = error;
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
