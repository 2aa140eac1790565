//! Nonblocking sockets: many in one thread.
//!
//! An edge-triggered epoll loop (by way of `mio`): a socket is reported when bytes arrive, and not for as long as bytes are
//! there. A caller that stops reading before the socket is empty has to call [`again`](Net::again).

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, SockRef, Socket, Type};

use crate::tls::{Tls, Trust};

/// Size of one read, in bytes: large enough for few system calls in a flood, small enough for the processor's cache.
const BUFFER: usize = 128 * 1024;

/// The event loop. See the [module](self).
pub(crate) struct Net {
    poll: Poll,
    events: Events,
    ready: Vec<usize>,
    again: Vec<usize>,
    /// Never sleep.
    spin: bool,
    /// Buffer for reads, shared by all links.
    pub(crate) buffer: Vec<u8>,
}

/// The client's end of a connection.
#[derive(Debug)]
pub(crate) struct Link {
    socket: TcpStream,
    tls: Option<Tls>,
    /// The beginning of a line whose end has not arrived yet.
    partial: Vec<u8>,
    /// Bytes that the socket has not accepted yet.
    out: Vec<u8>,
}

/// The result of a read.
pub(crate) enum Read<'a> {
    /// The bytes, after the beginning of a line that was kept; and whether the socket may have more.
    Bytes(&'a [u8], bool),
    /// The socket is empty.
    Nothing,
    /// End of file, or a reset.
    Closed,
}

impl Net {
    /// Creates an event loop. With `spin` it never sleeps, so that the server never has to wake it.
    pub(crate) fn new(spin: bool) -> io::Result<Net> {
        let (poll, events, ready, again) = (Poll::new()?, Events::with_capacity(1024), Vec::new(), Vec::new());
        Ok(Net { poll, events, ready, again, spin, buffer: vec![0; BUFFER] })
    }

    /// Registers a link under a number.
    pub(crate) fn add(&self, link: &mut Link, number: usize) -> io::Result<()> {
        self.poll.registry().register(&mut link.socket, Token(number), Interest::READABLE | Interest::WRITABLE)
    }

    /// Removes a link.
    pub(crate) fn remove(&self, link: &mut Link) -> io::Result<()> {
        self.poll.registry().deregister(&mut link.socket)
    }

    /// Waits for events; returns the numbers of the links that are ready. The caller gives the list back to
    /// [`done`](Net::done).
    pub(crate) fn wait(&mut self, limit: Duration) -> io::Result<Vec<usize>> {
        let limit = if self.spin || !self.again.is_empty() { Duration::ZERO } else { limit };
        match self.poll.poll(&mut self.events, Some(limit)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        let mut ready = std::mem::take(&mut self.ready);
        ready.append(&mut self.again);
        for event in &self.events {
            ready.push(event.token().0);
            if event.is_read_closed() {
                // The end of file follows the last bytes, and is not reported again if it came with them.
                self.again.push(event.token().0);
            }
        }
        Ok(ready)
    }

    /// Reports a link in the next call, even without an event.
    pub(crate) fn again(&mut self, number: usize) {
        self.again.push(number);
    }

    /// Takes the list back, to reuse its memory.
    pub(crate) fn done(&mut self, mut ready: Vec<usize>) {
        ready.clear();
        self.ready = ready;
    }
}

impl Link {
    /// Connects. On this computer that is immediate, unless the server's accept queue is full. `receive_buffer` sets a small
    /// receive buffer, in bytes; `trust` asks for TLS with the server that has this certificate.
    pub(crate) fn connect(addr: SocketAddr, receive_buffer: Option<usize>, trust: Option<&Trust>) -> io::Result<Link> {
        let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        socket.connect_timeout(&addr.into(), Duration::from_secs(10))?;
        socket.set_tcp_nodelay(true)?;
        let mut socket = std::net::TcpStream::from(socket);
        let tls = trust.map(|trust| Tls::begin(&mut socket, trust)).transpose()?;
        socket.set_nonblocking(true)?;
        Ok(Link { socket: TcpStream::from_std(socket), tls, partial: Vec::new(), out: Vec::new() })
    }

    /// Writes as much as the socket accepts, and keeps the rest for [`flush`](Link::flush).
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.encrypt(bytes, &mut self.out)?;
            return self.flush();
        }
        if !self.out.is_empty() {
            self.out.extend_from_slice(bytes);
            return Ok(());
        }
        let written = write(&self.socket, bytes)?;
        self.out.extend_from_slice(&bytes[written..]);
        Ok(())
    }

    /// Writes the bytes that the socket did not accept before.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if !self.out.is_empty() {
            let written = write(&self.socket, &self.out)?;
            self.out.drain(..written);
        }
        Ok(())
    }

    /// Reads once.
    pub(crate) fn read<'a>(&mut self, buffer: &'a mut [u8]) -> io::Result<Read<'a>> {
        let partial = self.partial.len();
        buffer[..partial].copy_from_slice(&self.partial);
        loop {
            let read = match &mut self.tls {
                None => self.socket.read(&mut buffer[partial..]),
                Some(tls) => tls.read(&mut self.socket, &mut buffer[partial..]),
            };
            return match read {
                Ok(0) => Ok(Read::Closed),
                Ok(count) => {
                    self.partial.clear();
                    // A short read means that the socket is empty (epoll(7), questions and answers, 9). On Windows, mio reports
                    // a socket again only after a read that has found it empty.
                    let more = self.tls.is_some() || cfg!(windows) || partial + count == buffer.len();
                    Ok(Read::Bytes(&buffer[..partial + count], more))
                }
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => continue,
                    ErrorKind::WouldBlock => Ok(Read::Nothing),
                    // The server closed the connection while bytes of this client were on their way.
                    ErrorKind::ConnectionReset => Ok(Read::Closed),
                    _ => Err(error),
                },
            };
        }
    }

    /// Sets the size of the receive buffer, in bytes.
    pub(crate) fn set_receive_buffer(&self, bytes: usize) -> io::Result<()> {
        SockRef::from(&self.socket).set_recv_buffer_size(bytes)
    }

    /// Keeps the beginning of a line for the next read.
    pub(crate) fn keep(&mut self, partial: &[u8]) {
        self.partial.extend_from_slice(partial);
    }
}

/// Writes until the socket is full; returns the number of bytes written.
fn write(mut socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    while written < bytes.len() {
        match socket.write(&bytes[written..]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => written += count,
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                ErrorKind::WouldBlock => break,
                _ => return Err(error),
            },
        }
    }
    Ok(written)
}
