//! The client's end of a connection: raw bytes out, lines in, and every way to end it.
//!
//! A deviation from what the server must do is returned as a [`Wrong`], a text for the report.

use std::fmt::Display;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use multichat::protocol::framing::{Frame, LineBuffer};
use multichat::protocol::{SERVER_LINE_MAX, ServerLine, Stamp};
use socket2::{Domain, SockRef, Socket, Type};

/// Timeout for an answer, generous enough for a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// All of 127.0.0.0/8 is loopback on this system, without configuration.
pub(crate) const MANY_ADDRESSES: bool = cfg!(any(target_os = "linux", windows));

/// The description of a finding.
pub(crate) type Wrong = String;

/// The client's end of a connection. See the [module](self).
#[derive(Debug)]
pub(crate) struct Peer {
    socket: TcpStream,
    buffer: LineBuffer,
    /// Bytes of the lines that were returned.
    given: u64,
}

/// The result of waiting for a line.
#[derive(Debug)]
pub(crate) enum Heard {
    Line(String),
    /// No line before the deadline.
    Silence,
    End(End),
}

/// The end of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// After a whole line.
    Closed,
    /// After a part of a line.
    Cut,
    Reset,
}

impl Peer {
    pub(crate) fn connect(addr: SocketAddr) -> Result<Peer, Wrong> {
        Peer::with_buffer(addr, None).map_err(wrong("cannot connect"))
    }

    /// Connects with a small receive buffer. It has to be set before connecting, since the TCP window is negotiated in the
    /// handshake.
    pub(crate) fn connect_with_small_buffer(addr: SocketAddr) -> Result<Peer, Wrong> {
        Peer::with_buffer(addr, Some(4096)).map_err(wrong("cannot connect"))
    }

    fn with_buffer(addr: SocketAddr, size: Option<usize>) -> io::Result<Peer> {
        let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
        if let Some(size) = size {
            socket.set_recv_buffer_size(size)?;
        }
        if MANY_ADDRESSES {
            // A network of its own, since the server's limits per network are not tested here.
            static COUNT: AtomicU32 = AtomicU32::new(1);
            let [_, high, middle, low] = COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            socket.bind(&SocketAddr::from(([127, high, middle, low], 0)).into())?;
        }
        socket.connect_timeout(&addr.into(), DEADLINE)?;
        Peer::of(socket.into())
    }

    fn of(socket: TcpStream) -> io::Result<Peer> {
        socket.set_nodelay(true)?;
        // A server must read even if it cannot write, so a write that times out is a finding.
        socket.set_write_timeout(Some(DEADLINE))?;
        Ok(Peer { socket, buffer: LineBuffer::new(SERVER_LINE_MAX), given: 0 })
    }

    /// Sends bytes that the server must accept.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Wrong> {
        self.try_send(bytes).map_err(wrong("cannot send"))
    }

    /// Sends bytes to a server that may have closed the connection.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.socket.write_all(bytes.as_ref())
    }

    /// Waits for the next line, until a deadline.
    pub(crate) fn hear(&mut self, until: Instant) -> Result<Heard, Wrong> {
        loop {
            match self.buffer.next_line() {
                Some(Frame::Line(line)) => {
                    self.given += line.len() as u64 + 1;
                    return String::from_utf8(line.to_vec()).map(Heard::Line).map_err(wrong("a line is not UTF-8"));
                }
                Some(Frame::TooLong(_)) => return Err(format!("a line has more than {SERVER_LINE_MAX} bytes")),
                None => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Heard::Silence);
            }
            self.socket.set_read_timeout(Some(left)).map_err(wrong("cannot set the timeout"))?;
            match self.socket.read(self.buffer.space()) {
                Ok(0) if self.buffer.received() == self.given => return Ok(Heard::End(End::Closed)),
                Ok(0) => return Ok(Heard::End(End::Cut)),
                Ok(count) => self.buffer.filled(count),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {}
                    ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                        return Ok(Heard::End(End::Reset));
                    }
                    _ => return Err(format!("cannot read: {error}")),
                },
            }
        }
    }

    /// Receives lines until `pick` returns a value.
    pub(crate) fn wait_for<T>(
        &mut self,
        what: &str,
        mut pick: impl FnMut(Option<Stamp>, ServerLine<'_>) -> Result<Option<T>, Wrong>,
    ) -> Result<T, Wrong> {
        let until = Instant::now() + DEADLINE;
        let mut last = String::new();
        loop {
            match self.hear(until)? {
                Heard::Line(line) => {
                    let (stamp, read) = parse(&line)?;
                    if let Some(found) = pick(stamp, read)? {
                        return Ok(found);
                    }
                    last = line;
                }
                Heard::Silence => return Err(format!("{what} did not come within {DEADLINE:?}; last came {last:?}")),
                Heard::End(end) => return Err(format!("{end:?} instead of {what}; last came {last:?}")),
            }
        }
    }

    /// Sends HELLO and waits for the acknowledgement. Returns the names in the room.
    pub(crate) fn join(&mut self, name: &str, capabilities: &str) -> Result<Vec<String>, Wrong> {
        self.send(format!("HELLO {name} {capabilities}\n"))?;
        let mut here = Vec::new();
        self.wait_for("the acknowledgement", |_, line| match line {
            ServerLine::Hello(own) if own == name => Ok(Some(())),
            ServerLine::Hello(other) => {
                here.push(other.into());
                Ok(None)
            }
            ServerLine::Away { name, .. } if here.iter().any(|other| other == name) => Ok(None),
            other => Err(format!("{other:?} came before the acknowledgement")),
        })?;
        Ok(here)
    }

    /// Receives all remaining lines, and expects end of file after a whole line.
    pub(crate) fn expect_close(
        &mut self,
        mut each: impl FnMut(Option<Stamp>, ServerLine<'_>) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let until = Instant::now() + DEADLINE;
        loop {
            match self.hear(until)? {
                Heard::Line(line) => {
                    let (stamp, read) = parse(&line)?;
                    each(stamp, read)?;
                }
                Heard::End(End::Closed) => return Ok(()),
                other => return Err(format!("{other:?} instead of the end of the stream")),
            }
        }
    }

    /// Expects `ERR <code>` as the last line, then end of file.
    pub(crate) fn expect_refusal(&mut self, expected: &str) -> Result<(), Wrong> {
        let mut refused = false;
        self.expect_close(|_, line| match line {
            ServerLine::Err { code, .. } if code == expected && !refused => {
                refused = true;
                Ok(())
            }
            other if refused => Err(format!("{other:?} came behind ERR {expected}")),
            ServerLine::Err { .. } => Err(format!("{line:?} instead of ERR {expected}")),
            _ => Ok(()),
        })?;
        if refused { Ok(()) } else { Err(format!("closed without ERR {expected}")) }
    }

    /// Shuts down the sending direction. The other direction can still be read.
    pub(crate) fn close_sending(&mut self) -> Result<(), Wrong> {
        self.socket.shutdown(Shutdown::Write).map_err(wrong("cannot close one half"))
    }

    /// Resets the connection: the server's reads and writes fail with "connection reset".
    pub(crate) fn reset(self) {
        // If the option cannot be set, the socket is closed in order.
        let _ = SockRef::from(&self.socket).set_linger(Some(Duration::ZERO));
    }
}

/// Parses a line from the server, which must be valid.
pub(crate) fn parse(line: &str) -> Result<(Option<Stamp>, ServerLine<'_>), Wrong> {
    match ServerLine::parse(line.as_bytes()) {
        Ok(Some((_, ServerLine::Msg { text, .. } | ServerLine::Tell { text, .. })))
            if !multichat::protocol::is_text(text) =>
        {
            Err(format!("{line:?} has control characters"))
        }
        Ok(Some((prefix, read))) => Ok((prefix.stamp, read)),
        Ok(None) => Err("an empty line came".into()),
        Err(_) => Err(format!("{line:?} is not a line of the protocol")),
    }
}

/// Returns a function that prefixes an error with a text.
pub(crate) fn wrong<E: Display>(what: &str) -> impl FnOnce(E) -> Wrong + '_ {
    move |error| format!("{what}: {error}")
}
