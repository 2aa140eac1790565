//! The first byte of a connection, which tells what it speaks: a TLS `ClientHello` begins with 0x16, and no text does.
//!
//! So one port serves both. Runs in the client's own thread, since it may take the client a while to say anything:
//! first for as long as a HELLO may take, then for as long as a handshake may. The connection has its seat in the
//! lobby all the while, so however many sockets say nothing, they hold up nobody.

use std::io::{ErrorKind, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

use super::hello;
use super::tls::Identity;
use crate::protocol::ErrorCode;
use crate::server::config::Config;
use crate::server::observe::event::DisconnectReason;
use crate::transport::{Transport, read_by};

/// The first byte of every TLS connection: the type of a handshake record (RFC 8446, section 5.1).
pub(crate) const HANDSHAKE: u8 = 0x16;

/// The alert `protocol_version`: what a client of TLS understands where nobody speaks TLS.
const NO_TLS: u8 = 70;

/// Finds out what a connection speaks. Once it is known to be TLS, that is agreed upon.
///
/// # Errors
/// There is no transport by which the client could be told anything; if there was a TLS alert for it, it was told that.
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
        // Whoever does not wait for the answer does not get it.
        let _ = (&**socket).write_all(&alert(NO_TLS));
        hello::read_away(socket);
        return Err(DisconnectReason::Broken("it asked for TLS, which is off here".into()));
    };
    let deadline = deadline.min(Instant::now() + config.handshake_timeout);
    identity.accept(socket, deadline).inspect_err(|_| hello::read_away(socket))
}

/// Returns the record of a fatal TLS alert that is sent in the place of a `ServerHello` (RFC 8446, section 6).
pub(crate) fn alert(description: u8) -> [u8; 7] {
    [0x15, 3, 1, 0, 2, 2, description]
}

/// Waits for the first byte, and leaves it where it is. `None`: none came, in time or at all, as whoever wants to read
/// it finds out.
pub(crate) fn first_byte(socket: &TcpStream, deadline: Instant) -> Result<Option<u8>, DisconnectReason> {
    let mut byte = [0];
    match read_by(deadline, socket, |socket| socket.peek(&mut byte)) {
        Ok(count) => Ok((count > 0).then_some(byte[0])),
        Err(error) if error.kind() == ErrorKind::TimedOut => Ok(None),
        // A socket tells that only once.
        Err(error) => Err(DisconnectReason::Broken(error.to_string())),
    }
}

/// May a client that has said something, but not by TLS, go on?
pub(crate) fn admit(transport: &Transport, config: &Config) -> Result<(), DisconnectReason> {
    if config.require_tls && !transport.is_encrypted() {
        let detail = "this server speaks with nobody in plain text: connect with TLS";
        return Err(DisconnectReason::Ended(ErrorCode::TlsRequired, detail.into()));
    }
    Ok(())
}
