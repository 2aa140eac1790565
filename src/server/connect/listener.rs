//! A listening socket: the wait for the next connection, and its end when the server stops.
//!
//! Nothing in std interrupts an `accept`. On Linux it blocks, and `shutdown` of the listening socket makes it return, in whatever
//! state the system is. Other systems reject that call. A connection to the own port would wake the thread there, but not always:
//! the process may be out of file descriptors, and this computer may have lost the address since it was bound, as a laptop does that
//! changes networks. So there the thread looks ten times a second whether the server stops.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};

use socket2::SockRef;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use blocking::{accept, prepare, wake};
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use polled::{accept, prepare, wake};

/// Accepts one connection.
///
/// Not by std: for a connection that was reset meanwhile, accept(2) of macOS succeeds, but writes no address. std then takes the one
/// that is in memory by chance for it, and may panic. A socket2 address is empty there.
///
/// # Errors
/// `ConnectionAborted` for a connection that is gone; those of accept(2).
fn accept_one(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (socket, addr) = SockRef::from(listener).accept().map_err(|error| match error.kind() {
        // macOS sets no option of such a socket, and socket2 sets one.
        ErrorKind::InvalidInput if cfg!(target_vendor = "apple") => ErrorKind::ConnectionAborted.into(),
        _ => error,
    })?;
    Ok((socket.into(), addr.as_socket().ok_or(ErrorKind::ConnectionAborted)?))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod blocking {
    use std::net::Shutdown;

    use super::{SockRef, SocketAddr, TcpListener, TcpStream, accept_one, io};

    /// Makes a new listener ready for [`accept`].
    #[expect(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
    pub(crate) fn prepare(_: &TcpListener) -> io::Result<()> {
        Ok(())
    }

    /// Waits for the next connection.
    ///
    /// # Errors
    /// Those of accept(2), and any error after [`wake`].
    pub(crate) fn accept(listener: &TcpListener, _: impl Fn() -> bool) -> io::Result<(TcpStream, SocketAddr)> {
        accept_one(listener)
    }

    /// Ends the wait of the thread that accepts, after `is_over` has become true.
    pub(crate) fn wake(listener: &TcpListener) {
        // It does not fail for a socket that listens.
        let _ = SockRef::from(listener).shutdown(Shutdown::Both);
    }
}

#[cfg(any(test, not(any(target_os = "linux", target_os = "android"))))]
mod polled {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;

    use super::{ErrorKind, SocketAddr, TcpListener, TcpStream, accept_one, io};

    /// Time between two looks at `is_over`: 100 ms.
    const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

    /// Makes a new listener ready for [`accept`]: a connection that is announced can be gone when it is accepted.
    pub(crate) fn prepare(listener: &TcpListener) -> io::Result<()> {
        listener.set_nonblocking(true)
    }

    /// Waits for the next connection.
    ///
    /// # Errors
    /// `Interrupted` when `is_over` has become true, and those of poll(2) and accept(2).
    pub(crate) fn accept(listener: &TcpListener, is_over: impl Fn() -> bool) -> io::Result<(TcpStream, SocketAddr)> {
        while !is_over() {
            match poll(&mut [PollFd::new(listener, PollFlags::IN)], Some(&LOOK)) {
                Ok(0) | Err(Errno::INTR) => continue,
                Ok(_) => {}
                Err(error) => return Err(error.into()),
            }
            match accept_one(listener) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
                Ok((socket, addr)) => {
                    // macOS, the BSDs and Windows hand the mode of the listener down.
                    socket.set_nonblocking(false)?;
                    return Ok((socket, addr));
                }
            }
        }
        Err(ErrorKind::Interrupted.into())
    }

    /// Returns at once: the thread looks by itself.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(crate) fn wake(_: &TcpListener) {}
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn the_wait_of_other_systems_hands_out_connections_that_block_and_ends_when_the_server_stops() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        polled::prepare(&listener).unwrap();
        let mut near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut far, addr) = polled::accept(&listener, || false).unwrap();
        assert_eq!(addr, near.local_addr().unwrap());
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let reader = scope.spawn(move || far.read(&mut [0; 8]));
            let waits = scope.spawn(|| polled::accept(&listener, || is_over.load(Ordering::Relaxed)));
            near.write_all(b"hi").unwrap();
            assert_eq!(reader.join().unwrap().unwrap(), 2, "it waited for the two bytes");
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(waits.join().unwrap().unwrap_err().kind(), ErrorKind::Interrupted);
        });
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[test]
    fn the_wait_of_linux_ends_when_it_is_woken() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        thread::scope(|scope| {
            let waits = scope.spawn(|| accept(&listener, || false));
            wake(&listener);
            waits.join().unwrap().unwrap_err();
        });
    }
}
