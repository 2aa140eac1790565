//! The first byte of a connection, which tells TLS from plain text: a TLS `ClientHello` begins with 0x16, and no text
//! does.
//!
//! So one port serves both. The byte is peeked at and stays in the socket for the real reader. Runs in the connection's
//! own thread, since a client may take its time: up to the deadline for HELLO, then up to the handshake timeout. The
//! connection has its permit all the while, so silent connections keep no one else out.

use std::io::{ErrorKind, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use super::tls::Identity;
use crate::protocol::ErrorCode;
use crate::server::config::Config;
use crate::server::delivery::linger::linger;
use crate::server::observe::event::DisconnectReason;
use crate::transport::{Transport, raw, read_by};

/// The first byte of every TLS connection: the content type of a handshake record (RFC 8446, section 5.1).
pub(crate) const HANDSHAKE: u8 = 0x16;

/// The TLS alert `protocol_version`, which a TLS client gets from a server without TLS.
const NO_TLS: u8 = 70;

/// Returns the transport that a connection's first byte asks for, after the handshake if that is TLS.
///
/// # Errors
/// There is no transport over which an error line could be sent. If a TLS alert could be sent, it was.
pub(crate) fn open(
    socket: &Arc<TcpStream>,
    config: &Config,
    identity: Option<&Identity>,
    deadline: Instant,
) -> Result<Transport, DisconnectReason> {
    if first_byte(socket, deadline)? != Some(HANDSHAKE) {
        return Ok(Transport::plain(socket.clone()));
    }
    let Some(identity) = identity else {
        // An error means that the client has gone without waiting for the answer.
        let _ = (&**socket).write_all(&alert(NO_TLS));
        linger(socket);
        return Err(DisconnectReason::Broken("it asked for TLS, which is off here".into()));
    };
    let deadline = deadline.min(Instant::now() + config.handshake_timeout);
    identity.accept(socket, deadline).inspect_err(|_| linger(socket))
}

/// Returns the record of a fatal TLS alert, as sent in the place of a `ServerHello` (RFC 8446, section 6).
pub(crate) fn alert(description: u8) -> [u8; 7] {
    [0x15, 3, 1, 0, 2, 2, description]
}

/// Waits for the first byte and returns it without taking it out of the socket. `None`: the deadline has passed or the
/// stream has ended, which the next read finds out again.
///
/// # Errors
/// The connection is broken. A socket reports that only once, so it must not get lost here.
pub(crate) fn first_byte(socket: &TcpStream, deadline: Instant) -> Result<Option<u8>, DisconnectReason> {
    let mut byte = [0];
    match read_by(deadline, socket, |socket| raw::peek(socket, &mut byte)) {
        Ok(count) => Ok((count > 0).then_some(byte[0])),
        Err(error) if error.kind() == ErrorKind::TimedOut => Ok(None),
        Err(error) => Err(DisconnectReason::Broken(error.to_string())),
    }
}

/// Rejects a connection in plain text if the server requires TLS.
///
/// # Errors
/// It does, and the transport is plain.
pub(crate) fn require_tls(transport: &Transport, config: &Config) -> Result<(), DisconnectReason> {
    if config.require_tls && !transport.is_encrypted() {
        let detail = "this server takes no connection in plain text: connect with TLS";
        return Err(DisconnectReason::Ended(ErrorCode::TlsRequired, detail.into()));
    }
    Ok(())
}
