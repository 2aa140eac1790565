//! What the tests share: a room with a server in it, and peers that speak raw bytes to it.
//!
//! Nothing here sleeps to let something happen. What should come is waited for until a deadline; that something does *not*
//! come is shown by a barrier ([`Peer::sync`]): the server answers in order, so what has not come before the answer
//! to a PING was never sent.

// Each test program uses a part of this; and what fails here is to fail the test.
#![allow(dead_code, clippy::expect_used, clippy::unwrap_used, clippy::unused_self)]

#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod company;
#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod desktop;
#[cfg(feature = "storage")]
pub(crate) mod history;
#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod monitor;
pub(crate) mod program;
#[cfg(all(feature = "gui", target_os = "linux"))]
pub(crate) mod screen;
#[cfg_attr(not(feature = "tls"), path = "no_tls.rs")]
pub(crate) mod tls;

use std::fmt::Debug;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};
use multichat::server::{ClientInfo, Config, DisconnectReason, Event, EventKind, EventSink, Server, Snapshot};
use multichat::transport::Transport;
use socket2::{Domain, SockRef, Socket, Type};

/// How long anything may take. Only a test that fails ever waits so long.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// What the tests begin with: a port that is free, and no limit to how fast a client may speak. With TLS, if that is how
/// the tests are run.
pub(crate) fn config() -> Config {
    Config { listen: "127.0.0.1:0".into(), rate: 0, tls: tls::certificate(), ..Config::default() }
}

/// A server, and what it reports.
pub(crate) struct Room {
    pub(crate) server: Server,
    pub(crate) events: Receiver<Event>,
}

impl Room {
    pub(crate) fn open() -> Room {
        Room::with(config())
    }

    pub(crate) fn with(config: Config) -> Room {
        let (sink, events) = EventSink::watched();
        let server = Server::start(config, sink).unwrap_or_else(|error| panic!("the server does not start: {error}"));
        Room { server, events }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// A connection that has not said anything.
    pub(crate) fn peer(&self) -> Peer {
        Peer::connect(self.addr())
    }

    /// Somebody who is here: `bob`, or `bob stamp echo`. What was sent up to the acknowledgement is read.
    pub(crate) fn join(&self, name_and_capabilities: &str) -> Peer {
        let mut peer = self.peer();
        peer.join(name_and_capabilities);
        peer
    }

    /// Somebody who comes, and leaves at once: gives what was sent up to the acknowledgement.
    pub(crate) fn join_and_read(&self, name: &str) -> Vec<String> {
        let mut peer = self.peer();
        let past = peer.join(name);
        peer.send("BYE\n");
        peer.skip_to_end();
        past
    }

    /// Several people who all know of each other, with nothing left to read.
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

    /// Waits for the first event of which `pick` makes something; those before it are gone.
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

    /// Waits until somebody has left; returns why.
    pub(crate) fn ending_of(&self, who: &str) -> DisconnectReason {
        self.wait_for(&format!("{who} left"), |happening| match happening {
            EventKind::Left { name, why, .. } if name.as_str() == who => Some(why.clone()),
            _ => None,
        })
    }

    /// Waits until a connection has ended without joining; returns why.
    pub(crate) fn refusal(&self) -> DisconnectReason {
        self.wait_for("a connection was refused", |happening| match happening {
            EventKind::Refused { why, .. } => Some(why.clone()),
            _ => None,
        })
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.server.snapshot()
    }

    /// Somebody's row in a snapshot.
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

/// One end of a connection: bytes out, lines in.
pub(crate) struct Peer {
    transport: Transport,
    /// It wanted TLS and was refused in plain text: the server closed without having read what this end said first, so a reset
    /// is as good an end as any.
    refused: bool,
    /// What was read and is not yet given out.
    unread: Vec<u8>,
    /// The last lines that were given out, for the message of a test that fails.
    seen: Vec<String>,
    syncs: u32,
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Closed,
    Reset,
}

impl Peer {
    pub(crate) fn connect(addr: SocketAddr) -> Peer {
        let socket = TcpStream::connect_timeout(&addr, DEADLINE)
            .unwrap_or_else(|error| panic!("no connection to {addr}: {error}"));
        Peer::of(socket)
    }

    /// A connection whose receive buffer is as small as the system allows, so that not reading is noticed soon.
    pub(crate) fn connect_with_small_buffer(addr: SocketAddr) -> Peer {
        let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None).unwrap();
        // Before the connection is made, since that is when the window is agreed upon.
        socket.set_recv_buffer_size(1).unwrap();
        socket.connect(&addr.into()).unwrap();
        Peer::of(socket.into())
    }

    /// A connection from another address of this computer: 127.x.y.z, each of which is a network of its own.
    #[cfg(target_os = "linux")]
    pub(crate) fn connect_from(from: [u8; 4], addr: SocketAddr) -> Peer {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((from, 0)).into()).unwrap();
        socket.connect(&addr.into()).unwrap();
        Peer::of(socket.into())
    }

    /// Speaks TLS, if that is how the tests are run.
    pub(crate) fn of(socket: TcpStream) -> Peer {
        Peer::over(socket, tls::is_on())
    }

    /// Speaks plain text, however the tests are run.
    pub(crate) fn in_plain_text(addr: SocketAddr) -> Peer {
        Peer::over(TcpStream::connect(addr).unwrap(), false)
    }

    /// Speaks TLS, however the tests are run.
    pub(crate) fn with_tls(addr: SocketAddr) -> Peer {
        Peer::over(TcpStream::connect(addr).unwrap(), true)
    }

    /// Speaks TLS, and trusts the one certificate in this file.
    #[cfg(feature = "tls")]
    pub(crate) fn trusting(addr: SocketAddr, file: &std::path::Path) -> Peer {
        let socket = TcpStream::connect(addr).unwrap();
        Peer::made(socket, true, |socket| tls::transport_with(socket, tls::trusting(file)))
    }

    /// Speaks TLS or plain text, however the tests are run.
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

    /// The same connection, for another thread that only sends.
    pub(crate) fn for_sending(&self) -> Peer {
        let (transport, refused) = (self.transport.clone(), self.refused);
        Peer { transport, refused, unread: Vec::new(), seen: Vec::new(), syncs: 0 }
    }

    /// What is beneath everything: for its options, and for bytes that go past the transport.
    pub(crate) fn socket(&self) -> &TcpStream {
        self.transport.socket()
    }

    /// Sends bytes as they are, if the server still takes them.
    pub(crate) fn try_send(&self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.transport.send_all(bytes.as_ref())
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        if let Err(error) = self.try_send(bytes) {
            panic!("cannot send {:?}: {error}; before that came {:#?}", String::from_utf8_lossy(bytes), self.seen);
        }
    }

    /// Says HELLO, and reads up to the acknowledgement; returns what came before it.
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

    /// The next line, without its LF; `Err`: how the stream ended.
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

    /// A stream ends after a whole line.
    fn end(&self, end: End) -> End {
        let rest = String::from_utf8_lossy(&self.unread);
        assert!(
            rest.is_empty(),
            "the stream ends in the middle of a line: {rest:?}; before that came {:#?}",
            self.seen
        );
        end
    }

    /// The next line, which must come.
    pub(crate) fn line(&mut self) -> String {
        self.next().unwrap_or_else(|end| panic!("{end:?} instead of a line; before that came {:#?}", self.seen))
    }

    /// The next lines.
    pub(crate) fn lines(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.line()).collect()
    }

    /// The next line must be this one.
    #[track_caller]
    pub(crate) fn expect(&mut self, expected: &str) {
        let line = self.line();
        assert_eq!(line, expected, "after {:#?}", self.seen);
    }

    /// The next line must begin like this; returns the rest of it.
    #[track_caller]
    pub(crate) fn expect_start(&mut self, expected: &str) -> String {
        let line = self.line();
        match line.strip_prefix(expected) {
            Some(rest) => rest.to_owned(),
            None => panic!("{line:?} does not begin with {expected:?}; after {:#?}", self.seen),
        }
    }

    /// The stream must end here, without a reset.
    #[track_caller]
    pub(crate) fn expect_end(&mut self) {
        let next = self.next();
        assert_eq!(next, Err(End::Closed), "after {:#?}", self.seen);
    }

    /// Everything up to the end of the stream.
    pub(crate) fn until_end(&mut self) -> (Vec<String>, End) {
        let mut lines = Vec::new();
        loop {
            match self.next() {
                Ok(line) => lines.push(line),
                Err(end) => return (lines, end),
            }
        }
    }

    /// Reads on to the end of the stream, wherever that is, and whatever comes.
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

    /// The barrier: nothing more has come for this client, and all that it sent was acted upon.
    #[track_caller]
    pub(crate) fn sync(&mut self) {
        let more = self.until_sync();
        assert!(more.is_empty(), "these came unexpectedly: {more:#?}; before them {:#?}", self.seen);
    }

    /// The barrier; returns what comes before it.
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

    /// No more is sent; what the server sends can still be read.
    pub(crate) fn close_writing(&self) {
        self.transport.end().unwrap();
        self.socket().shutdown(Shutdown::Write).unwrap();
    }

    /// Breaks the connection: the server gets a reset instead of an orderly end.
    pub(crate) fn reset(self) {
        SockRef::from(self.socket()).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

/// What comes out of a pipe, line by line, so that it can be waited for with a deadline.
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

/// A line without the stamp before it.
pub(crate) fn unstamped(line: &str) -> &str {
    match line.strip_prefix('@') {
        Some(stamped) => stamped.split_once(' ').unwrap_or_else(|| panic!("a stamp alone: {line}")).1,
        None => line,
    }
}

/// The stamp before a line, and the line.
pub(crate) fn stamped(line: &str) -> (u64, &str) {
    let parts = line.strip_prefix('@').and_then(|rest| rest.split_once(' '));
    let Some((stamp, line)) = parts else { panic!("no stamp: {line}") };
    (stamp.parse().unwrap_or_else(|error| panic!("{error}: {stamp}")), line)
}

/// Looks again and again until `look` sees what it wants, or the deadline is over: for what cannot be waited for
/// otherwise, such as the end of a thread. `Err` is what was seen instead.
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

/// Waits until a value is as expected.
#[track_caller]
pub(crate) fn eventually_eq<T: Debug + PartialEq>(what: &str, expected: T, mut look: impl FnMut() -> T) {
    eventually(what, || {
        let seen = look();
        if seen == expected { Ok(()) } else { Err(format!("{seen:?}, not {expected:?}")) }
    });
}
