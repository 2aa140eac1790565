//! A server to measure, and its clients: a [`Visitor`] that waits for answers, and an [`Audience`] that only reads.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mio::{Events, Interest, Poll, Token};
use multichat::server::{Config, Server};

/// Starts a server without limits that a benchmark could reach.
pub(crate) fn server() -> Server {
    let config = Config {
        listen: "127.0.0.1:0".into(),
        rate: 0,
        max_clients: 5000,
        max_unauthenticated: 5000,
        ..Config::default()
    };
    Server::start(config).unwrap().0
}

/// A client that sends, and waits for answers.
pub(crate) struct Visitor {
    socket: BufReader<TcpStream>,
    /// A packet of private messages to itself.
    pub(crate) own_tells: String,
    line: Vec<u8>,
}

impl Visitor {
    /// Connects and joins.
    pub(crate) fn join(addr: SocketAddr, name: &str) -> Visitor {
        let socket = TcpStream::connect(addr).unwrap();
        socket.set_nodelay(true).unwrap();
        let own_tells = format!("TELL {name} hello\n").repeat(super::BATCH);
        let mut visitor = Visitor { socket: BufReader::new(socket), own_tells, line: Vec::new() };
        visitor.send(&format!("HELLO {name}\n"));
        visitor.wait_for(&format!("HELLO {name}\n"), 1);
        visitor
    }

    pub(crate) fn send(&self, lines: &str) {
        self.socket.get_ref().write_all(lines.as_bytes()).unwrap();
    }

    /// Reads until `count` lines have come that start with a text.
    pub(crate) fn wait_for(&mut self, start: &str, mut count: usize) {
        while count > 0 {
            self.line.clear();
            assert!(self.socket.read_until(b'\n', &mut self.line).unwrap() > 0, "the server has closed the connection");
            count -= usize::from(self.line.starts_with(start.as_bytes()));
        }
    }

    pub(crate) fn wait_for_end(&mut self) {
        self.socket.read_to_end(&mut self.line).unwrap();
    }
}

/// Many clients in one thread that read and discard everything.
pub(crate) struct Audience {
    over: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Audience {
    pub(crate) fn new(addr: SocketAddr, size: usize) -> Audience {
        let mut poll = Poll::new().unwrap();
        let mut sockets: Vec<_> = (0..size)
            .map(|number| {
                let visitor = Visitor::join(addr, &format!("audience{number}"));
                let socket = visitor.socket.into_inner();
                socket.set_nonblocking(true).unwrap();
                mio::net::TcpStream::from_std(socket)
            })
            .collect();
        for (number, socket) in sockets.iter_mut().enumerate() {
            poll.registry().register(socket, Token(number), Interest::READABLE).unwrap();
        }
        let over = Arc::new(AtomicBool::new(false));
        let reader = thread::spawn({
            let over = over.clone();
            move || {
                let mut events = Events::with_capacity(1024);
                let mut discarded = vec![0; 64 * 1024];
                while !over.load(Ordering::Relaxed) {
                    poll.poll(&mut events, Some(Duration::from_millis(50))).unwrap();
                    for event in &events {
                        loop {
                            match sockets[event.token().0].read(&mut discarded) {
                                Ok(count) if count > 0 => {}
                                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                                _ => break,
                            }
                        }
                    }
                }
            }
        });
        Audience { over, reader: Some(reader) }
    }
}

impl Drop for Audience {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // A panic of the thread was printed on standard error.
        let _ = self.reader.take().map(JoinHandle::join);
    }
}
