//! Tells systemd how far the service is (`sd_notify(3)`): one datagram to the socket that the variable `NOTIFY_SOCKET` names.
//!
//! Without the variable, so where systemd has not started the program, nothing is sent. Called by the program's main thread,
//! which waits for a second at most.

use std::fmt;
#[cfg(target_os = "linux")]
use std::time::Duration;

/// The state of the service. Displays as the text of the datagram.
#[derive(Clone, Debug)]
pub enum State {
    /// Connections are accepted at these addresses, in words. Also the end of a reload.
    Ready(String),
    /// The settings are being read again.
    Reloading,
    /// The stop has begun.
    Stopping,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Ready(addresses) => write!(f, "READY=1\nSTATUS=listening on {addresses}"),
            State::Reloading => write!(f, "RELOADING=1\nMONOTONIC_USEC={}", monotonic_micros()),
            State::Stopping => write!(f, "STOPPING=1"),
        }
    }
}

/// Sends the state to systemd. An error is logged: the service works without it, until systemd gives up waiting for it.
#[cfg(target_os = "linux")]
pub fn notify(state: State) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET").filter(|socket| !socket.is_empty()) else { return };
    if let Err(error) = linux::send(&socket, &state.to_string()) {
        log::warn!("systemd cannot be told the state of the service: {error}");
    }
}

/// Returns at once: there is no systemd.
#[cfg(not(target_os = "linux"))]
pub fn notify(_: State) {}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsStr;
    use std::io;
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    use std::time::Duration;

    /// Maximum time to wait while systemd's queue is full.
    const WAIT_MAX: Duration = Duration::from_secs(1);

    pub(super) fn send(socket: &OsStr, text: &str) -> io::Result<()> {
        // An @ stands for the zero byte with which the abstract names of Linux begin (unix(7)).
        let addr = match socket.as_bytes().strip_prefix(b"@") {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(socket)?,
        };
        let sender = UnixDatagram::unbound()?;
        sender.set_write_timeout(Some(WAIT_MAX))?;
        sender.send_to_addr(text.as_bytes(), &addr).map(drop)
    }
}

/// Returns the time of the clock by which systemd tells one reload from the next.
#[cfg(target_os = "linux")]
fn monotonic_micros() -> u128 {
    use nix::time::{ClockId, clock_gettime};
    // It cannot fail for this clock.
    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(0, |now| Duration::from(now).as_micros())
}

#[cfg(not(target_os = "linux"))]
fn monotonic_micros() -> u128 {
    0
}
