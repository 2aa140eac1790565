//! The beginning of TLS: both ends agree on keys, within a time limit, while nobody else knows the socket yet.

use std::fmt;
use std::io::{self, ErrorKind, Read as _};
use std::net::TcpStream;
use std::time::Instant;

use rustls::Connection;

use super::tls::{Incoming, Tls};
use super::{by, is_short_of_time};
use crate::protocol::SERVER_LINE_MAX;
use crate::protocol::escape::escape;

/// Why there is no encrypted connection.
#[derive(Debug)]
pub enum HandshakeError {
    /// The socket failed.
    Socket(io::Error),
    /// The peer closed the connection before it was encrypted.
    Closed,
    /// The peer answered in plain text: this is its first line, or as much of it as came. It may come from anybody on the
    /// way.
    PlainText(String),
    /// It took too long.
    TooLate,
    /// The two ends found no agreement: what the peer sent was no TLS, or its certificate was not accepted. If there
    /// was a way to tell the peer, it was told.
    Tls(rustls::Error),
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HandshakeError::Socket(error) => write!(f, "the connection broke during the TLS handshake: {error}"),
            HandshakeError::Closed => write!(f, "the connection was closed during the TLS handshake"),
            HandshakeError::PlainText(line) => write!(f, "an answer in plain text: {}", escape(line)),
            HandshakeError::TooLate => write!(f, "the TLS handshake took too long"),
            HandshakeError::Tls(error) => write!(f, "no TLS: {error}"),
        }
    }
}

impl std::error::Error for HandshakeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            HandshakeError::Socket(error) => Some(error),
            HandshakeError::Tls(error) => Some(error),
            HandshakeError::Closed | HandshakeError::PlainText(_) | HandshakeError::TooLate => None,
        }
    }
}

/// Reads and writes until there are keys. It changes the socket's time limit for reads. A byte that comes now and then
/// does not move the deadline.
pub(super) fn shake_hands(socket: &TcpStream, session: Connection, deadline: Instant) -> Result<Tls, HandshakeError> {
    let write_limit = socket.write_timeout().map_err(HandshakeError::Socket)?;
    let tls = converse(socket, session, deadline)?;
    socket.set_write_timeout(write_limit).map_err(HandshakeError::Socket)?;
    Ok(tls)
}

fn converse(socket: &TcpStream, mut session: Connection, deadline: Instant) -> Result<Tls, HandshakeError> {
    let mut incoming = Incoming::default();
    let mut heard = false;
    loop {
        write(socket, &mut session, deadline)?;
        if !session.is_handshaking() {
            return Ok(Tls::new(session, incoming));
        }
        read(socket, &mut incoming, deadline)?;
        if !std::mem::replace(&mut heard, true) && incoming.is_text() {
            return Err(HandshakeError::PlainText(first_line(socket, incoming.rest(), deadline)));
        }
        // What comes behind the handshake is text, which stays where it is until somebody reads it.
        while session.is_handshaking() && !incoming.is_empty() {
            if let Err(error) = incoming.feed(&mut session) {
                // There may be an alert that says why; whoever does not wait for it is no concern of ours.
                let _ = write(socket, &mut session, deadline);
                return Err(HandshakeError::Tls(error));
            }
        }
    }
}

/// Reads a line of plain text of which this is the beginning, up to its end, the stream's, or the deadline.
fn first_line(socket: &TcpStream, beginning: &[u8], deadline: Instant) -> String {
    let (mut line, mut more) = (beginning.to_vec(), [0; 256]);
    while !line.contains(&b'\n') && line.len() < SERVER_LINE_MAX {
        match by(deadline, socket, |mut socket| socket.read(&mut more)) {
            Ok(count @ 1..) => line.extend_from_slice(&more[..count]),
            // What came is all there is.
            _ => break,
        }
    }
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}

fn read(socket: &TcpStream, incoming: &mut Incoming, deadline: Instant) -> Result<(), HandshakeError> {
    match by(deadline, socket, |socket| incoming.fill(socket)) {
        Ok(0) => Err(HandshakeError::Closed),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::TimedOut => Err(HandshakeError::TooLate),
        Err(error) => Err(HandshakeError::Socket(error)),
    }
}

/// What is written here is small, and fits into the buffer of a new socket unless the peer reads nothing at all.
fn write(mut socket: &TcpStream, session: &mut Connection, deadline: Instant) -> Result<(), HandshakeError> {
    while session.wants_write() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HandshakeError::TooLate);
        }
        match socket.set_write_timeout(Some(left)).and_then(|()| session.write_tls(&mut socket)) {
            Err(error) if !is_short_of_time(&error) => return Err(HandshakeError::Socket(error)),
            _ => {}
        }
    }
    Ok(())
}
