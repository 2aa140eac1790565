//! Sockets: many in one thread, none of which ever blocks it.
//!
//! An epoll loop (by way of `mio`), edge-triggered: a socket is reported when something comes, not for as long as
//! something is there. So whoever stops reading before the socket is empty asks to be called [`again`](Net::again).

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, SockRef, Socket, Type};

use crate::tls::{Tls, Trust};

/// Bytes that one read asks for: few system calls in a flood, and yet the buffer stays in the processor's cache.
const BUFFER: usize = 128 * 1024;

/// See the [module](self).
pub(crate) struct Net {
    poll: Poll,
    events: Events,
    ready: Vec<usize>,
    again: Vec<usize>,
    /// Never sleep.
    spin: bool,
    /// What was read last, by whichever link.
    pub(crate) buffer: Vec<u8>,
}

/// One connection, as a client has it.
#[derive(Debug)]
pub(crate) struct Link {
    socket: TcpStream,
    tls: Option<Tls>,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    /// What the socket did not take yet.
    out: Vec<u8>,
}

/// What a read brought.
pub(crate) enum Read<'a> {
    /// What came, behind the beginning of a line that was kept; and whether more may be there at once.
    Bytes(&'a [u8], bool),
    Nothing,
    Closed,
}

impl Net {
    /// `spin`: it never sleeps, so that nobody who sends to it has to wake it.
    pub(crate) fn new(spin: bool) -> io::Result<Net> {
        let (poll, events, ready, again) = (Poll::new()?, Events::with_capacity(1024), Vec::new(), Vec::new());
        Ok(Net { poll, events, ready, again, spin, buffer: vec![0; BUFFER] })
    }

    /// From now on the link is reported by this number.
    pub(crate) fn add(&self, link: &mut Link, number: usize) -> io::Result<()> {
        self.poll.registry().register(&mut link.socket, Token(number), Interest::READABLE | Interest::WRITABLE)
    }

    /// From now on the link is not reported.
    pub(crate) fn remove(&self, link: &mut Link) -> io::Result<()> {
        self.poll.registry().deregister(&mut link.socket)
    }

    /// Waits until something happens; returns the numbers of the links that it happened to.
    /// The list is to be given back to [`done`](Net::done).
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
                // The end comes behind the last bytes, and is not reported for itself if it came with them.
                self.again.push(event.token().0);
            }
        }
        Ok(ready)
    }

    /// The link is to be reported next time, whatever happens.
    pub(crate) fn again(&mut self, number: usize) {
        self.again.push(number);
    }

    /// Keeps the memory of the list for the next one.
    pub(crate) fn done(&mut self, mut ready: Vec<usize>) {
        ready.clear();
        self.ready = ready;
    }
}

impl Link {
    /// Connects. On this machine that takes no time, as long as the server's queue is not full.
    /// `receive_buffer`: bytes that the kernel may keep for us, if it is to be few.
    /// `trust`: TLS, with the server that has this certificate.
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
        Ok(Link { socket: TcpStream::from_std(socket), tls, begun: Vec::new(), out: Vec::new() })
    }

    /// Writes as much as the socket takes, and keeps the rest for [`flush`](Link::flush).
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

    /// Writes what was kept, if there is any.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if !self.out.is_empty() {
            let written = write(&self.socket, &self.out)?;
            self.out.drain(..written);
        }
        Ok(())
    }

    /// Reads once.
    pub(crate) fn read<'a>(&mut self, buffer: &'a mut [u8]) -> io::Result<Read<'a>> {
        let begun = self.begun.len();
        buffer[..begun].copy_from_slice(&self.begun);
        loop {
            let read = match &mut self.tls {
                None => self.socket.read(&mut buffer[begun..]),
                Some(tls) => tls.read(&mut self.socket, &mut buffer[begun..]),
            };
            return match read {
                Ok(0) => Ok(Read::Closed),
                Ok(count) => {
                    self.begun.clear();
                    // Less than was asked for: the socket is empty (epoll(7), questions and answers, 9).
                    Ok(Read::Bytes(&buffer[..begun + count], self.tls.is_some() || begun + count == buffer.len()))
                }
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => continue,
                    ErrorKind::WouldBlock => Ok(Read::Nothing),
                    // The server closed it while something of ours was under way.
                    ErrorKind::ConnectionReset => Ok(Read::Closed),
                    _ => Err(error),
                },
            };
        }
    }

    /// How many bytes the kernel keeps for us.
    pub(crate) fn set_receive_buffer(&self, bytes: usize) -> io::Result<()> {
        SockRef::from(&self.socket).set_recv_buffer_size(bytes)
    }

    /// Keeps the beginning of a line for the next read.
    pub(crate) fn keep(&mut self, begun: &[u8]) {
        self.begun.extend_from_slice(begun);
    }
}

/// Writes until the socket is full; returns how much it took.
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
