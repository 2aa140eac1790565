//! HELLO: reads the first lines of a connection against a deadline, and rejects a connection that has not joined.
//!
//! Runs in the connection's own thread. Until the client has joined, no other thread knows its socket, so this thread
//! both reads and writes; nothing is shared and nothing is locked. The limit is a deadline and not a read timeout:
//! single bytes that trickle in do not move it.

use std::io::{ErrorKind, IoSlice};
use std::time::{Duration, Instant};

use crate::password::Password;
use crate::protocol::framing::{Frame, LineBuffer};
use crate::protocol::{Capabilities, ClientLine, ErrorCode, Rejected, Username, is_secret};
use crate::server::config::PLAIN_TEXT_PASSWORD;
use crate::server::context::ServerContext;
use crate::server::delivery::client::error_line;
use crate::server::delivery::linger::linger;
use crate::server::id::ConnectionId;
use crate::server::observe::event::DisconnectReason;
use crate::transport::{IfFull, Transport};
use crate::wire::Origin;

/// A client's HELLO, and the password of the PASS before it.
#[derive(Debug)]
pub(crate) struct Hello {
    pub(crate) name: Username,
    pub(crate) capabilities: Capabilities,
    pub(crate) password: Option<Password>,
}

/// The rules for the lines before HELLO, as they were when the connection began.
#[derive(Clone, Copy)]
pub(crate) struct HelloRules {
    /// A password may cross this transport; see [`Config`](crate::server::config::Config), `allows_password`.
    pub(crate) allows_password: bool,
    /// Time that the client has for its HELLO, and the end of it.
    pub(crate) timeout: Duration,
    pub(crate) deadline: Instant,
}

/// Reads lines up to the HELLO. Bytes behind it stay in the buffer, for the session.
///
/// # Errors
/// The deadline has passed, the connection has ended, or a line is none that may come before HELLO.
pub(crate) fn read_hello(
    context: &ServerContext,
    transport: &Transport,
    buffer: &mut LineBuffer,
    id: ConnectionId,
    rules: HelloRules,
) -> Result<Hello, DisconnectReason> {
    let mut password = None;
    loop {
        let tap = context.events().tap.open();
        while let Some(frame) = buffer.next_line() {
            if let Some(tap) = tap {
                tap.record_in(Origin::Client, &id, &frame);
            }
            if let Some((name, capabilities)) = parse_first_line(frame, rules.allows_password, &mut password)? {
                return Ok(Hello { name, capabilities, password });
            }
        }
        match transport.read_by(rules.deadline, buffer.space()) {
            Ok(0) => return Err(DisconnectReason::Closed),
            Ok(count) => buffer.filled(count),
            Err(error) if error.kind() == ErrorKind::TimedOut => {
                return Err(hello_timeout(rules.timeout));
            }
            Err(error) => return Err(DisconnectReason::Broken(error.to_string())),
        }
    }
}

fn hello_timeout(limit: Duration) -> DisconnectReason {
    let detail = format!("write HELLO <name> within {} s", limit.as_secs_f32());
    DisconnectReason::Ended(ErrorCode::HelloTimeout, detail)
}

/// Returns the name and the capabilities of a HELLO. `None` for an empty line, and for PASS, whose password goes to
/// `password`.
fn parse_first_line(
    frame: Frame<'_>,
    allows_password: bool,
    password: &mut Option<Password>,
) -> Result<Option<(Username, Capabilities)>, DisconnectReason> {
    let Frame::Line(line) = frame else { return Err(hello_expected()) };
    if !allows_password && is_secret(line) {
        // Rejected unread: others may know the password by now, so it must not be accepted, nor tried.
        return Err(DisconnectReason::Ended(ErrorCode::TlsRequired, PLAIN_TEXT_PASSWORD.into()));
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
        // A browser, a port scanner: not a single further line of it is read.
        Ok(Some(_)) | Err(_) => Err(hello_expected()),
    }
}

fn hello_expected() -> DisconnectReason {
    DisconnectReason::Ended(ErrorCode::HelloExpected, "this is a chat server: the first line is HELLO <name>".into())
}

/// Sends a client that has not joined the reason for which its connection ends, then lingers so that it can read it.
pub(crate) fn reject(context: &ServerContext, transport: &Transport, why: &DisconnectReason, id: ConnectionId) {
    let sent = match why {
        DisconnectReason::Ended(code, detail) => {
            let line = error_line(*code, detail);
            // One write. The line fits into the buffer of a new socket, unless the client has filled that and does not
            // read.
            let sent = transport.send(&mut [IoSlice::new(&line)], IfFull::Wait).map(|_| ());
            if let Some(tap) = context.events().tap.open() {
                tap.record_out(Origin::Server, &id, &line);
            }
            sent
        }
        // With TLS, an alert may be waiting to be sent.
        _ if transport.is_encrypted() => Ok(()),
        _ => return,
    };
    // An error means that the client has gone without waiting for the reason.
    let _ = sent.and_then(|()| transport.end());
    linger(transport.socket());
}
