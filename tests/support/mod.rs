//! Shared by the tests: a [`Room`] with a server in it, and [`Peer`]s that exchange raw bytes with it.
//!
//! No helper sleeps until something has probably happened. A line that must come is waited for until a deadline. That a line
//! does *not* come is shown by a barrier ([`Peer::sync`]): the server answers in order, so a line that has not come before the
//! answer to a PING was never sent.

// Each test program uses only a part of this, and a failure in a helper has to fail the test.
#![allow(dead_code, clippy::expect_used, clippy::unwrap_used, clippy::unused_self)]

#[cfg(unix)]
pub(crate) mod crowd;
#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod desktop;
#[cfg(feature = "storage")]
pub(crate) mod history;
#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod monitor;
#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod other_windows;
#[cfg(target_os = "linux")]
pub(crate) mod own_network;
#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod places;
pub(crate) mod program;
#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod screen;
#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod session_bus;
#[cfg_attr(not(feature = "tls"), path = "no_tls.rs")]
pub(crate) mod tls;
#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod x_server;

use std::fmt::Debug;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};
use multichat::internal::transport::Transport;
use multichat::server::{ClientInfo, Config, DisconnectReason, Event, EventKind, Server, Snapshot};
use socket2::{Domain, SockRef, Socket, Type};

/// Timeout for every wait. Only a failing test ever waits so long.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// The default configuration of the tests: a free port, no rate limit, no long wait after a wrong password, and TLS if the
/// tests run with it.
pub(crate) fn config() -> Config {
    let wrong_password_delay = Duration::from_millis(1);
    Config { listen: "127.0.0.1:0".into(), rate: 0, wrong_password_delay, tls: tls::certificate(), ..Config::default() }
}

/// A server, and the events that it reports.
pub(crate) struct Room {
    pub(crate) server: Server,
    pub(crate) events: Receiver<Event>,
}

impl Room {
    pub(crate) fn open() -> Room {
        Room::with(config())
    }

    pub(crate) fn with(config: Config) -> Room {
        let (server, events) =
            Server::start(config).unwrap_or_else(|error| panic!("the server does not start: {error}"));
        Room { server, events }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// Opens a connection that has sent nothing.
    pub(crate) fn peer(&self) -> Peer {
        Peer::connect(self.addr())
    }

    /// Joins as `bob`, or with capabilities as in `bob stamp echo`. All lines up to the acknowledgement are read.
    pub(crate) fn join(&self, name_and_capabilities: &str) -> Peer {
        let mut peer = self.peer();
        peer.join(name_and_capabilities);
        peer
    }

    /// Joins and leaves at once; returns the lines before the acknowledgement.
    pub(crate) fn join_and_read(&self, name: &str) -> Vec<String> {
        let mut peer = self.peer();
        let past = peer.join(name);
        peer.send("BYE\n");
        peer.skip_to_end();
        past
    }

    /// Joins under several names. Every peer has read the HELLO of every other, and has nothing left to read.
    pub(crate) fn join_all<const N: usize>(&self, names: [&str; N]) -> [Peer; N] {
        let mut peers = names.map(|name| self.join(name));
        for (index, peer) in peers.iter_mut().enumerate() {
            for name in &names[index + 1..] {
                let name = name.split(' ').next().unwrap_or(name);
                let line = peer.line();
                assert!(line.ends_with(&format!("HELLO {name}")), "{line} came instead of HELLO {name}");
            }
        }
        peers
    }

    /// Waits for the first event for which `pick` returns a value. Earlier events are dropped.
    pub(crate) fn wait_for<T>(&self, what: &str, pick: impl Fn(&EventKind) -> Option<T>) -> T {
        let deadline = Instant::now() + DEADLINE;
        let mut seen = Vec::new();
        while let Ok(event) = self.events.recv_deadline(deadline) {
            if let Some(found) = pick(&event.kind) {
                return found;
            }
            seen.push(event.kind.to_string());
        }
        panic!("no event: {what}; these were reported: {seen:#?}");
    }

    /// Waits until the client of this name has left; returns the reason.
    pub(crate) fn disconnect_reason(&self, who: &str) -> DisconnectReason {
        self.wait_for(&format!("{who} left"), |event| match event {
            EventKind::Left { name, why, .. } if name.as_str() == who => Some(why.clone()),
            _ => None,
        })
    }

    /// Waits until a connection has been closed without joining; returns the reason.
    pub(crate) fn refusal(&self) -> DisconnectReason {
        self.wait_for("a connection was refused", |event| match event {
            EventKind::Rejected { why, .. } => Some(why.clone()),
            _ => None,
        })
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.server.snapshot()
    }

    /// Returns the row of this name in a snapshot.
    pub(crate) fn person(&self, name: &str) -> Option<ClientInfo> {
        self.snapshot().people.into_iter().find(|person| person.name.as_str() == name)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.snapshot().people.iter().map(|person| person.name.to_string()).collect()
    }

    pub(crate) fn stop(self) {
        self.server.stop();
    }
}

/// The client's end of a connection: it sends raw bytes and receives lines.
pub(crate) struct Peer {
    transport: Transport,
    /// The client asked for TLS and was rejected in plain text. The server closed the connection without reading what the client
    /// had sent, so a reset counts as a normal end.
    refused: bool,
    /// Bytes that are read and not yet returned as lines.
    unread: Vec<u8>,
    /// The last lines that were returned, for the message of a failing test.
    seen: Vec<String>,
    syncs: u32,
}

/// The end of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// End of file after a whole line.
    Closed,
    Reset,
}

impl Peer {
    pub(crate) fn connect(addr: SocketAddr) -> Peer {
        let socket = TcpStream::connect_timeout(&addr, DEADLINE)
            .unwrap_or_else(|error| panic!("no connection to {addr}: {error}"));
        Peer::of(socket)
    }

    /// Connects with the smallest receive buffer that the system allows, so that the server's socket is soon full when this end
    /// does not read.
    pub(crate) fn connect_with_small_buffer(addr: SocketAddr) -> Peer {
        let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None).unwrap();
        // Before connecting, since the TCP window is negotiated in the handshake.
        socket.set_recv_buffer_size(1).unwrap();
        socket.connect(&addr.into()).unwrap();
        Peer::of(socket.into())
    }

    /// Connects from another loopback address, 127.x.y.z. Each of them is a network of its own.
    #[cfg(target_os = "linux")]
    pub(crate) fn connect_from(from: [u8; 4], addr: SocketAddr) -> Peer {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((from, 0)).into()).unwrap();
        socket.connect(&addr.into()).unwrap();
        Peer::of(socket.into())
    }

    /// Uses TLS if the tests run with it.
    pub(crate) fn of(socket: TcpStream) -> Peer {
        Peer::over(socket, tls::is_on())
    }

    /// Uses plain text, even if the tests run with TLS.
    pub(crate) fn in_plain_text(addr: SocketAddr) -> Peer {
        Peer::over(TcpStream::connect(addr).unwrap(), false)
    }

    /// Uses TLS, even if the tests run without it.
    pub(crate) fn with_tls(addr: SocketAddr) -> Peer {
        Peer::over(TcpStream::connect(addr).unwrap(), true)
    }

    /// Uses TLS, and trusts only the certificate in this file.
    #[cfg(feature = "tls")]
    pub(crate) fn trusting(addr: SocketAddr, file: &std::path::Path) -> Peer {
        let socket = TcpStream::connect(addr).unwrap();
        Peer::made(socket, true, |socket| tls::transport_with(socket, tls::trusting(file)))
    }

    /// Uses TLS or plain text, as the caller says.
    pub(crate) fn over(socket: TcpStream, encrypted: bool) -> Peer {
        Peer::made(socket, encrypted, |socket| {
            if encrypted { tls::transport(socket) } else { (Transport::plain(socket), Vec::new()) }
        })
    }

    fn made(socket: TcpStream, encrypted: bool, make: impl FnOnce(TcpStream) -> (Transport, Vec<u8>)) -> Peer {
        socket.set_nodelay(true).unwrap();
        socket.set_write_timeout(Some(DEADLINE)).unwrap();
        let (transport, unread) = make(socket);
        let refused = encrypted && !transport.is_encrypted();
        Peer { transport, refused, unread, seen: Vec::new(), syncs: 0 }
    }

    /// Returns a handle to the same connection, for another thread that only sends.
    pub(crate) fn for_sending(&self) -> Peer {
        let (transport, refused) = (self.transport.clone(), self.refused);
        Peer { transport, refused, unread: Vec::new(), seen: Vec::new(), syncs: 0 }
    }

    /// Returns the TCP socket: for its options, and for bytes that bypass the transport.
    pub(crate) fn socket(&self) -> &TcpStream {
        self.transport.socket()
    }

    /// Sends raw bytes; returns the error if the server has closed the connection.
    pub(crate) fn try_send(&self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.transport.send_all(bytes.as_ref())
    }

    /// Sends raw bytes. Panics if they cannot be sent.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        if let Err(error) = self.try_send(bytes) {
            panic!("cannot send {:?}: {error}; before that came {:#?}", String::from_utf8_lossy(bytes), self.seen);
        }
    }

    /// Sends HELLO and reads up to the acknowledgement; returns the lines before it.
    pub(crate) fn join(&mut self, name_and_capabilities: &str) -> Vec<String> {
        self.send(format!("HELLO {name_and_capabilities}\n"));
        let name = name_and_capabilities.split(' ').next().unwrap_or_default();
        let own = format!("HELLO {name}");
        let mut past = Vec::new();
        loop {
            let line = self.line();
            if unstamped(&line) == own {
                return past;
            }
            assert!(!line.starts_with("ERR"), "{name} cannot join: {line}");
            past.push(line);
        }
    }

    /// Returns the next line without its LF, or the end of the stream.
    pub(crate) fn next(&mut self) -> Result<String, End> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(lf) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=lf).collect();
                let line = String::from_utf8(line[..lf].to_vec())
                    .unwrap_or_else(|error| panic!("not UTF-8: {error}; before that came {:#?}", self.seen));
                if self.seen.len() >= 20 {
                    self.seen.remove(0);
                }
                self.seen.push(line.clone());
                return Ok(line);
            }
            let mut bytes = [0; 16 * 1024];
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.socket().set_read_timeout(Some(left)).unwrap();
            match self.transport.read(&mut bytes) {
                Ok(0) => return Err(self.end(End::Closed)),
                Ok(count) => self.unread.extend_from_slice(&bytes[..count]),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => {}
                    ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
                        return Err(self.end(if self.refused { End::Closed } else { End::Reset }));
                    }
                    _ => panic!("no line within {DEADLINE:?} ({error}); before that came {:#?}", self.seen),
                },
            }
        }
    }

    /// Checks that the stream ends after a whole line.
    fn end(&self, end: End) -> End {
        let rest = String::from_utf8_lossy(&self.unread);
        assert!(
            rest.is_empty(),
            "the stream ends in the middle of a line: {rest:?}; before that came {:#?}",
            self.seen
        );
        end
    }

    /// Returns the next line. Panics if the stream ends instead.
    pub(crate) fn line(&mut self) -> String {
        self.next().unwrap_or_else(|end| panic!("{end:?} instead of a line; before that came {:#?}", self.seen))
    }

    /// Returns the next `count` lines.
    pub(crate) fn lines(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.line()).collect()
    }

    /// Checks that the next line is this one.
    #[track_caller]
    pub(crate) fn expect(&mut self, expected: &str) {
        let line = self.line();
        assert_eq!(line, expected, "after {:#?}", self.seen);
    }

    /// Checks that the next line starts with a text; returns the rest of the line.
    #[track_caller]
    pub(crate) fn expect_start(&mut self, expected: &str) -> String {
        let line = self.line();
        match line.strip_prefix(expected) {
            Some(rest) => rest.to_owned(),
            None => panic!("{line:?} does not begin with {expected:?}; after {:#?}", self.seen),
        }
    }

    /// Checks that the stream ends here, without a reset.
    #[track_caller]
    pub(crate) fn expect_end(&mut self) {
        let next = self.next();
        assert_eq!(next, Err(End::Closed), "after {:#?}", self.seen);
    }

    /// Returns all lines up to the end of the stream, and how it ended.
    pub(crate) fn until_end(&mut self) -> (Vec<String>, End) {
        let mut lines = Vec::new();
        loop {
            match self.next() {
                Ok(line) => lines.push(line),
                Err(end) => return (lines, end),
            }
        }
    }

    /// Reads up to the end of the stream, and discards everything. The stream may end within a line or by a reset.
    pub(crate) fn skip_to_end(&mut self) {
        let mut bytes = [0; 16 * 1024];
        self.socket().set_read_timeout(Some(DEADLINE)).unwrap();
        loop {
            match self.transport.read(&mut bytes) {
                Ok(0) => return,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    panic!("the stream does not end; last came {:#?}", self.seen)
                }
                Err(error) if error.kind() != ErrorKind::Interrupted => return,
                _ => {}
            }
        }
    }

    /// The barrier: checks that the server has sent nothing more, and has processed everything that this client sent.
    #[track_caller]
    pub(crate) fn sync(&mut self) {
        let more = self.until_sync();
        assert!(more.is_empty(), "these came unexpectedly: {more:#?}; before them {:#?}", self.seen);
    }

    /// The barrier; returns the lines before it.
    pub(crate) fn until_sync(&mut self) -> Vec<String> {
        self.syncs += 1;
        self.send(format!("PING sync-{}\n", self.syncs));
        let pong = format!("PONG sync-{}", self.syncs);
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            if line == pong {
                return lines;
            }
            lines.push(line);
        }
    }

    /// Shuts down the sending direction. The other direction can still be read.
    pub(crate) fn close_writing(&self) {
        self.transport.end().unwrap();
        self.socket().shutdown(Shutdown::Write).unwrap();
    }

    /// Resets the connection instead of closing it in order.
    pub(crate) fn reset(self) {
        SockRef::from(self.socket()).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

/// Reads a pipe line by line in a thread, so that a test can wait for a line with a deadline.
pub(crate) fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = unbounded();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Returns whether a line of the server's log says this of a name.
pub(crate) fn tells(line: &str, name: &str, what: &str) -> bool {
    let rest = line.split_once(&format!("{name} (")).map(|(_, rest)| rest);
    rest.is_some_and(|rest| rest.contains(&format!(") {what}")))
}

/// Returns a line without its stamp.
pub(crate) fn unstamped(line: &str) -> &str {
    match line.strip_prefix('@') {
        Some(stamped) => stamped.split_once(' ').unwrap_or_else(|| panic!("a stamp alone: {line}")).1,
        None => line,
    }
}

/// Splits a line into its stamp and the rest.
pub(crate) fn stamped(line: &str) -> (u64, &str) {
    let parts = line.strip_prefix('@').and_then(|rest| rest.split_once(' '));
    let Some((stamp, line)) = parts else { panic!("no stamp: {line}") };
    (stamp.parse().unwrap_or_else(|error| panic!("{error}: {stamp}")), line)
}

/// Polls `look` until it returns `Ok`, or panics at the deadline with its last `Err`. For a state that cannot be waited for, such
/// as the end of a thread.
#[track_caller]
pub(crate) fn eventually<T, E: Debug>(what: &str, mut look: impl FnMut() -> Result<T, E>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        match look() {
            Ok(seen) => return seen,
            Err(seen) if Instant::now() > deadline => panic!("not within {DEADLINE:?}: {what}; seen instead: {seen:?}"),
            Err(_) => thread::park_timeout(Duration::from_millis(2)),
        }
    }
}

/// Repeats `act` until it takes less than the limit. On a busy machine, anything may take longer once.
#[track_caller]
pub(crate) fn eventually_within(limit: Duration, what: &str, mut act: impl FnMut()) {
    eventually(what, || {
        let begun = Instant::now();
        act();
        let took = begun.elapsed();
        if took < limit { Ok(()) } else { Err(took) }
    });
}

/// Polls `look` until it returns the expected value.
#[track_caller]
pub(crate) fn eventually_eq<T: Debug + PartialEq>(what: &str, expected: T, mut look: impl FnMut() -> T) {
    eventually(what, || {
        let seen = look();
        if seen == expected { Ok(()) } else { Err(format!("{seen:?}, not {expected:?}")) }
    });
}
