//! The TLS handshake, of either side, with a deadline. Runs on the thread that opened the connection; no other thread knows the
//! socket yet, so nothing is locked.

use std::io::{self, ErrorKind, IoSlice, Write};
use std::net::TcpStream;
use std::time::Instant;

use rustls::Connection;
use thiserror::Error;

use super::tls::{Incoming, Tls};
use super::{IfFull, raw, read_by, write_some};
use crate::protocol::SERVER_LINE_MAX;
use crate::protocol::escape::escape;

/// The reason why a handshake failed.
#[derive(Debug, Error)]
pub enum HandshakeError {
    /// The socket failed.
    #[error("the connection broke during the TLS handshake: {0}")]
    Socket(#[source] io::Error),
    /// The peer closed the connection during the handshake.
    #[error("the connection was closed during the TLS handshake")]
    Closed,
    /// The peer answered in plain text: its first line, or the part of it that arrived. It is not authenticated: an attacker on
    /// the path may have sent it.
    #[error("an answer in plain text: {}", escape(.0))]
    PlainText(String),
    /// The handshake was not complete at the deadline.
    #[error("the TLS handshake took too long")]
    TimedOut,
    /// The handshake failed: the peer did not send TLS, or its certificate was rejected. An alert was sent to the peer if
    /// possible.
    #[error("no TLS: {0}")]
    Tls(#[source] rustls::Error),
}

/// The record of the fatal TLS alert `internal_error` (RFC 8446, section 6), not encrypted.
const INTERNAL_ERROR: [u8; 7] = [0x15, 3, 1, 0, 2, 2, 80];

/// Performs the handshake. Changes the read timeout of the socket, and restores its write timeout. The deadline holds for the whole
/// handshake, so that a peer that sends a byte now and then cannot extend it.
pub(super) fn handshake(socket: &TcpStream, session: Connection, deadline: Instant) -> Result<Tls, HandshakeError> {
    let write_limit = socket.write_timeout().map_err(HandshakeError::Socket)?;
    let tls = exchange(socket, session, deadline)?;
    socket.set_write_timeout(write_limit).map_err(HandshakeError::Socket)?;
    Ok(tls)
}

fn exchange(socket: &TcpStream, mut session: Connection, deadline: Instant) -> Result<Tls, HandshakeError> {
    let mut incoming = Incoming::default();
    let (mut heard, mut has_written) = (false, false);
    loop {
        has_written |= session.wants_write();
        write(socket, &mut session, deadline)?;
        if !session.is_handshaking() {
            return Ok(Tls::new(session, incoming));
        }
        let read = read(socket, &mut incoming, deadline);
        if matches!(read, Err(HandshakeError::Closed)) && !has_written {
            // The server itself ends the input of a connection that it evicts. A client whose `ClientHello` is not
            // complete learns by this that it was not its fault. After a `ServerHello`, alerts would have to be encrypted.
            let _ = Writer(socket).write_all(&INTERNAL_ERROR);
        }
        read?;
        if !std::mem::replace(&mut heard, true) && incoming.is_text() {
            return Err(HandshakeError::PlainText(first_line(socket, incoming.rest(), deadline)));
        }
        // Bytes after the handshake are application data. They stay in `incoming` until the first read.
        while session.is_handshaking() && !incoming.is_empty() {
            if let Err(error) = incoming.feed(&mut session) {
                // Sends the alert that says why, if there is one. Whether the peer receives it does not matter.
                let _ = write(socket, &mut session, deadline);
                return Err(HandshakeError::Tls(error));
            }
        }
    }
}

/// Reads the rest of a line of plain text, up to its LF, end of file, or the deadline.
fn first_line(socket: &TcpStream, beginning: &[u8], deadline: Instant) -> String {
    let (mut line, mut more) = (beginning.to_vec(), [0; 256]);
    while !line.contains(&b'\n') && line.len() < SERVER_LINE_MAX {
        match read_by(deadline, socket, |socket| raw::read(socket, &mut more)) {
            Ok(count @ 1..) => line.extend_from_slice(&more[..count]),
            // End of file, an error, or the deadline: the beginning has to do.
            _ => break,
        }
    }
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}

fn read(socket: &TcpStream, incoming: &mut Incoming, deadline: Instant) -> Result<(), HandshakeError> {
    match read_by(deadline, socket, |socket| incoming.fill(socket)) {
        Ok(0) => Err(HandshakeError::Closed),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::TimedOut => Err(HandshakeError::TimedOut),
        Err(error) => Err(HandshakeError::Socket(error)),
    }
}

/// Writes what the session wants to send. That is little, and fits into the send buffer of a new socket unless the peer reads
/// nothing at all.
fn write(socket: &TcpStream, session: &mut Connection, deadline: Instant) -> Result<(), HandshakeError> {
    while session.wants_write() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HandshakeError::TimedOut);
        }
        let written = socket.set_write_timeout(Some(left)).and_then(|()| session.write_tls(&mut Writer(socket)));
        written.map_err(HandshakeError::Socket)?;
    }
    Ok(())
}

/// A socket to which a session writes. A write returns 0 at the write timeout of the socket.
struct Writer<'a>(&'a TcpStream);

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        write_some(self.0, pieces, IfFull::Wait)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
