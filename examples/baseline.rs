//! The baseline: the least that a chat server can do. It copies all bytes of every client to all clients, and parses nothing.
//!
//! One thread waits for all sockets at once (epoll, by way of `mio`), reads from those that are ready, concatenates what it
//! read, and writes it to all of them, senders included. It knows no names and checks nothing. All that it looks for is the last
//! line feed of each read, so that the lines of one client are not torn by those of another. What another server costs more
//! than this is the price of what it does more; see `script/bench`.
//!
//! Run it, and talk to it with `nc 127.0.0.1 5555` from two other terminals:
//!
//! ```text
//! cargo run --release --no-default-features --example baseline -- 127.0.0.1:5555
//! ```
//!
//! What breaks: any client can send under any name, and for a client that does not read, the server queues bytes until they
//! reach `BACKLOG_MAX`.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

/// The token of the listener; clients have larger ones.
const LISTENER: Token = Token(0);

/// Size of one read, in bytes.
const READ: usize = 64 * 1024;

/// Queue limit: maximum number of bytes queued for one client.
const BACKLOG_MAX: usize = 64 << 20;

struct Client {
    socket: TcpStream,
    /// The beginning of a line whose end has not arrived yet.
    partial: Vec<u8>,
    /// Bytes that the socket has not accepted yet.
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
    // Lines of all clients since the last poll, and the clients that are disconnected.
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
                    clients.insert(last, Client { socket, partial: Vec::new(), backlog: Vec::new() });
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
            // Dropping the socket closes it, which also removes it from epoll.
            clients.remove(&token);
        }
    }
}

impl Client {
    /// Reads until the socket is empty, and appends the whole lines to `gathered`.
    ///
    /// # Errors
    /// The client is disconnected.
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
                gathered.append(&mut self.partial);
            }
            gathered.extend_from_slice(&buffer[..lines]);
            self.partial.extend_from_slice(&buffer[lines..count]);
            // A short read means that the socket is empty (epoll(7), questions and answers, 9), but the end of file may follow.
            if count < buffer.len() && !closed {
                return Ok(());
            }
        }
    }

    /// Writes as much as the socket accepts, and queues the rest.
    ///
    /// # Errors
    /// The client is disconnected, or its queue limit is reached.
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

/// Writes until the socket is full; returns the number of bytes written.
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
