//! The baseline: as little as a chat server can do. It copies what anybody sends to everybody, and looks at none of it.
//!
//! One thread waits for all sockets at once (epoll, by way of `mio`), reads what has come on any of them, puts that
//! together, and writes it to all of them, senders included. It knows no names, checks nothing and parses nothing: all that
//! it looks for is the last line feed of what it read, so that the lines of one client are not torn by those of another.
//! What a real server costs beyond this is the price of what it does beyond this; see `script/bench`.
//!
//! Run it, and talk to it with `nc 127.0.0.1 5555` from two other terminals:
//!
//! ```text
//! cargo run --release --no-default-features --example baseline -- 127.0.0.1:5555
//! ```
//!
//! What breaks: anybody can speak as anybody, and whoever does not read makes it keep bytes for them until they have
//! missed `BACKLOG_MAX` of them.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

/// The token of the listener; clients have larger ones.
const LISTENER: Token = Token(0);

/// Bytes that one read asks for.
const READ: usize = 64 * 1024;

/// Bytes that may wait for one client.
const BACKLOG_MAX: usize = 64 << 20;

struct Client {
    socket: TcpStream,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    /// What the socket did not take yet.
    backlog: Vec<u8>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let addr: SocketAddr = std::env::args().nth(1).unwrap_or("127.0.0.1:5555".into()).parse()?;
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind(addr)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);

    let mut events = Events::with_capacity(1024);
    let mut clients: HashMap<Token, Client> = HashMap::new();
    let mut last = LISTENER;
    let mut buffer = vec![0; READ];
    // What all clients sent since the last time, and those who are gone.
    let mut gathered = Vec::new();
    let mut gone = Vec::new();
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut socket, _)) = listener.accept() {
                    last = Token(last.0 + 1);
                    socket.set_nodelay(true)?;
                    poll.registry().register(&mut socket, last, Interest::READABLE | Interest::WRITABLE)?;
                    clients.insert(last, Client { socket, begun: Vec::new(), backlog: Vec::new() });
                }
            } else if let Some(client) = clients.get_mut(&event.token())
                && client
                    .read(event.is_read_closed(), &mut buffer, &mut gathered)
                    .and_then(|()| client.write(&[]))
                    .is_err()
            {
                gone.push(event.token());
            }
        }
        if !gathered.is_empty() {
            gone.extend(
                clients.iter_mut().filter_map(|(token, client)| client.write(&gathered).is_err().then_some(*token)),
            );
            gathered.clear();
        }
        for token in gone.drain(..) {
            // Dropping its socket closes it, which ends the polling too.
            clients.remove(&token);
        }
    }
}

impl Client {
    /// Reads until nothing is there, and appends the whole lines. An error: the client is gone.
    fn read(&mut self, closed: bool, buffer: &mut [u8], gathered: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let count = match self.socket.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let lines = memchr::memrchr(b'\n', &buffer[..count]).map_or(0, |lf| lf + 1);
            if lines > 0 {
                gathered.append(&mut self.begun);
            }
            gathered.extend_from_slice(&buffer[..lines]);
            self.begun.extend_from_slice(&buffer[lines..count]);
            // Less than was asked for: nothing more is there (epoll(7), questions and answers, 9), but perhaps the end.
            if count < buffer.len() && !closed {
                return Ok(());
            }
        }
    }

    /// Writes as much as the socket takes, and keeps the rest. An error: the client is gone.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.backlog.is_empty() {
            if self.backlog.len() + bytes.len() > BACKLOG_MAX {
                return Err(ErrorKind::TimedOut.into());
            }
            self.backlog.extend_from_slice(bytes);
            let written = write(&self.socket, &self.backlog)?;
            self.backlog.drain(..written);
        } else if !bytes.is_empty() {
            let written = write(&self.socket, bytes)?;
            self.backlog.extend_from_slice(&bytes[written..]);
        }
        Ok(())
    }
}

/// Writes until the socket is full; returns how much it took.
fn write(mut socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    while written < bytes.len() {
        match socket.write(&bytes[written..]) {
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}
