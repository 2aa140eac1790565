//! The reasons for which connections end, and their words. Plain data; any thread.
//!
//! The log and the monitor show the same words, so that an operator who has read one can search the other.

use std::fmt;

use crate::protocol::ErrorCode;
use crate::protocol::escape::escape;

/// The detail of `ERR SHUTTING_DOWN`.
pub(crate) const SHUTTING_DOWN: &str = "the server stops";

/// The reason for which a connection ended. Displays as its [`kind`](DisconnectReason::kind), with details in parentheses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The client sent BYE.
    Bye,
    /// The client closed the connection without BYE: end of file.
    Closed,
    /// The connection failed: a reset, or a keepalive timeout. The text is the system's error.
    Broken(String),
    /// The server disconnected the client, with this code and detail in its last line.
    Ended(ErrorCode, String),
    /// The client's thread panicked: a defect of the server.
    Panicked,
}

impl DisconnectReason {
    /// Returns the reason of every connection that the server's shutdown ends.
    pub(crate) fn shutting_down() -> DisconnectReason {
        DisconnectReason::Ended(ErrorCode::ShuttingDown, SHUTTING_DOWN.into())
    }

    /// Returns the same words for all reasons of the same kind.
    pub fn kind(&self) -> &'static str {
        match self {
            DisconnectReason::Bye => "said goodbye",
            DisconnectReason::Closed => "closed without a goodbye",
            DisconnectReason::Broken(_) => "connection broken",
            DisconnectReason::Ended(code, _) => of_code(*code),
            DisconnectReason::Panicked => "a bug in the server: its thread panicked",
        }
    }

    /// Returns the part of the reason that differs from one connection to the next. The details of other codes only tell the
    /// client what would work.
    fn detail(&self) -> Option<&str> {
        match self {
            // Without the number that std appends: ` (os error 104)`.
            DisconnectReason::Broken(error) => error.split(" (os error").next(),
            DisconnectReason::Ended(
                ErrorCode::UsernameTaken
                | ErrorCode::BadUsername
                | ErrorCode::TooManyConnections
                | ErrorCode::TooSlow
                | ErrorCode::Kicked
                | ErrorCode::Banned
                | ErrorCode::TlsRequired,
                detail,
            ) => Some(detail).filter(|detail| !detail.is_empty()).map(String::as_str),
            _ => None,
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        self.detail().map_or(Ok(()), |detail| write!(f, " ({})", escape(detail)))
    }
}

/// Returns the words for a code that ends a connection; for others its word in the protocol.
fn of_code(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::UsernameTaken => "name taken",
        ErrorCode::BadUsername => "name not allowed",
        ErrorCode::HelloExpected => "not a chat program",
        ErrorCode::HelloTimeout => "said no name in time",
        ErrorCode::ServerFull => "server full",
        ErrorCode::TooManyConnections => "too many connections",
        ErrorCode::PasswordRequired => "sent no password",
        ErrorCode::BadPassword => "wrong password",
        ErrorCode::TlsRequired => "came without TLS",
        ErrorCode::MembersOnly => "name not registered",
        ErrorCode::TakenBack => "name taken back by its owner",
        ErrorCode::TooSlow => "read too slowly",
        ErrorCode::Kicked => "kicked by the operator",
        ErrorCode::Banned => "banned by the operator",
        ErrorCode::ShuttingDown => "server stopped",
        code => code.word(),
    }
}
