//! The stop.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Weak;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;

/// What is told to everybody when the server stops.
pub(crate) const STOPS: &str = "the server stops";

/// Gets the accept thread out of its accept, which nothing in std can interrupt.
///
/// On Linux a shutdown of the listener does, in whatever state the system is. Elsewhere that is an error, and a
/// connection does; on Linux that would not be enough: accept may have reserved the last descriptor there is, or this
/// machine may have lost the address since.
pub(crate) fn wake(addr: SocketAddr, accept: &JoinHandle<()>, listener: &Weak<TcpListener>) {
    let woken = listener.upgrade().is_none_or(|listener| SockRef::from(&*listener).shutdown(Shutdown::Both).is_ok());
    let mut to = addr;
    // A server that listens everywhere is reached here.
    match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => to.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => to.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    while !accept.is_finished() {
        // It may be pausing for want of descriptors.
        accept.thread().unpark();
        if !woken {
            let _ = TcpStream::connect_timeout(&to, Duration::from_millis(100));
        }
        thread::sleep(Duration::from_millis(1));
    }
}
