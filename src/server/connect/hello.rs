//! The first seconds of a connection: its HELLO, or a refusal.
//!
//! Runs in the client's own thread. Until the client has joined, nobody else knows its socket, so this thread both
//! reads and writes; nothing is shared and nothing is locked. The time limit is a deadline: single bytes that trickle
//! in do not move it.

use std::io::{ErrorKind, IoSlice, Read as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::auth;
use crate::password::Password;
use crate::protocol::framing::{Frame, LineBuffer};
use crate::protocol::{Capabilities, ClientLine, ErrorCode, Rejected, Username};
use crate::server::delivery::LAST_LINE;
use crate::server::delivery::client::error_line;
use crate::server::id::ConnectionId;
use crate::server::observe::event::DisconnectReason;
use crate::transport::{IfFull, Transport, read_by};
use crate::wire::{Origin, Tap};

/// Bytes of further input that are read away from a refused client, so that it gets to see why.
const LINGER_BYTES: usize = 64 * 1024;

/// A client that has not introduced itself.
pub(crate) struct UnauthenticatedClient<'a> {
    pub(crate) id: ConnectionId,
    /// Whether a password may be sent by it.
    pub(crate) keeps_secrets: bool,
    /// When its time is over.
    pub(crate) deadline: Instant,
    /// How much it had.
    pub(crate) limit: Duration,
    pub(crate) tap: &'a Tap,
}

/// How a client has introduced itself.
#[derive(Debug)]
pub(crate) struct Hello {
    pub(crate) name: Username,
    pub(crate) capabilities: Capabilities,
    /// What it said with PASS before, if anything.
    pub(crate) password: Option<Password>,
}

/// Waits for the HELLO until the deadline. Lines that came behind it stay in the buffer.
pub(crate) fn read_hello(
    transport: &Transport,
    buffer: &mut LineBuffer,
    stranger: &UnauthenticatedClient<'_>,
) -> Result<Hello, DisconnectReason> {
    let UnauthenticatedClient { id, keeps_secrets, deadline, limit, tap } = *stranger;
    let mut password = None;
    loop {
        let tap = tap.open();
        while let Some(frame) = buffer.next_line() {
            if let Some(tap) = tap {
                tap.record_in(Origin::Client, &id, &frame);
            }
            if let Some((name, capabilities)) = hello(frame, keeps_secrets, &mut password)? {
                return Ok(Hello { name, capabilities, password });
            }
        }
        match transport.read_by(deadline, buffer.space()) {
            Ok(0) => return Err(DisconnectReason::Closed),
            Ok(count) => buffer.filled(count),
            Err(error) if error.kind() == ErrorKind::TimedOut => return Err(too_late(limit)),
            Err(error) => return Err(DisconnectReason::Broken(error.to_string())),
        }
    }
}

fn too_late(limit: Duration) -> DisconnectReason {
    let detail = format!("write HELLO <name> within {} s", limit.as_secs_f32());
    DisconnectReason::Ended(ErrorCode::HelloTimeout, detail)
}

/// What the first line asks for; an empty line is not a first line yet, nor is one with a password.
fn hello(
    frame: Frame<'_>,
    keeps_secrets: bool,
    password: &mut Option<Password>,
) -> Result<Option<(Username, Capabilities)>, DisconnectReason> {
    let Frame::Line(line) = frame else { return Err(hello_expected()) };
    if !keeps_secrets && auth::is_secret(line) {
        // It is read no further: what it is, is known to others by now.
        return Err(DisconnectReason::Ended(ErrorCode::TlsRequired, auth::NOT_IN_PLAIN_TEXT.into()));
    }
    match ClientLine::parse(line) {
        Ok(None) => Ok(None),
        Ok(Some(ClientLine::Pass(secret))) => {
            *password = Some(secret.into());
            Ok(None)
        }
        Ok(Some(ClientLine::Hello { username, capabilities })) => Ok(Some((username, capabilities))),
        Err(Rejected { code: ErrorCode::BadUsername, detail }) => {
            Err(DisconnectReason::Ended(ErrorCode::BadUsername, detail))
        }
        Ok(Some(_)) | Err(_) => Err(hello_expected()),
    }
}

fn hello_expected() -> DisconnectReason {
    DisconnectReason::Ended(ErrorCode::HelloExpected, "this is a chat server: the first line is HELLO <name>".into())
}

/// Tells a client that has not joined why its connection ends, and sees to it that it can read that.
///
/// A socket that is closed with input unread resets the connection, which can overtake the last line (RFC 1122,
/// section 4.2.2.13). So the rest of the input is read away, for a while.
pub(crate) fn refuse(transport: &Transport, why: &DisconnectReason, id: ConnectionId, tap: &Tap) {
    let said = match why {
        DisconnectReason::Ended(code, detail) => {
            let line = error_line(*code, detail);
            // One write. The line fits into the buffer of a new socket, unless the client has filled that and does not read.
            let said = transport.send(&mut [IoSlice::new(&line)], IfFull::Wait).map(|_| ());
            if let Some(tap) = tap.open() {
                tap.record_out(Origin::Server, &id, &line);
            }
            said
        }
        // With TLS, an alert may be waiting to be sent.
        _ if transport.is_encrypted() => Ok(()),
        _ => return,
    };
    // A client that does not wait for its answer is no error of ours.
    let _ = said.and_then(|()| transport.end());
    read_away(transport.socket());
}

/// Says that no more comes, and reads what still comes from the other end, for a while.
pub(crate) fn read_away(socket: &TcpStream) {
    let deadline = Instant::now() + LAST_LINE;
    if socket.shutdown(Shutdown::Write).is_err() {
        return;
    }
    let mut scrap = [0; 1024];
    let mut read_away = 0;
    while read_away < LINGER_BYTES {
        match read_by(deadline, socket, |mut socket| socket.read(&mut scrap)) {
            Ok(count) if count > 0 => read_away += count,
            _ => return,
        }
    }
}
