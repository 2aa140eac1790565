//! A session: one connection as the model sees it, with its phase and the reason for its end. Runs on the UI thread.

use std::time::{Duration, Instant};

use super::error_text;
use crate::client::{ConnectOptions, Connection, ConnectionError, Encryption, Security};
use crate::protocol::ErrorCode;

/// Time for the server to accept the HELLO, once connected.
const JOIN_TIMEOUT: Duration = Duration::from_secs(20);

/// Time for the server to answer a BYE with end of file.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection lost within this time counts as a failed attempt.
const SHORT_SESSION: Duration = Duration::from_secs(10);

/// Phase of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No connection.
    Offline,
    /// Resolving the name, connecting, and waiting for the server to accept the HELLO.
    Connecting,
    /// In the room.
    Online,
    /// The BYE is sent or queued, and the end of file has not arrived.
    Leaving,
    /// The connection was lost, and the next attempt is scheduled.
    Waiting,
}

/// A connection, from Connect to its end.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) connection: Connection,
    /// Options that it was made with.
    pub(crate) options: ConnectOptions,
    pub(crate) phase: Phase,
    /// Start of the phase.
    pub(crate) since: Instant,
    /// The error that ends the connection, once the server has sent it, with its text.
    pub(crate) fatal_error: Option<(ErrorCode, String)>,
    /// Security of the connection, once it is established.
    pub(crate) security: Option<Security>,
    /// The user was warned that the server sends lines that this client does not understand.
    pub(crate) warned: bool,
}

/// The field that is most likely wrong, after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidField {
    /// The server's address or port.
    Server,
    /// The username.
    Name,
    /// The password.
    Password,
}

/// Reason why there is no connection. All texts are escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The user wanted none, or left.
    #[default]
    ByUser,
    /// The server rejected the user, or the client refused to go on; with the field to correct.
    Refused(String, InvalidField),
    /// The attempt failed for another reason.
    Failed(String),
    /// The connection was lost while in the room. `for_good`: the server does not want this user back.
    Lost { reason: String, for_good: bool },
}

impl Session {
    pub(crate) fn enter(&mut self, phase: Phase, now: Instant) {
        self.phase = phase;
        self.since = now;
    }

    /// Returns the outcome if the current phase has taken too long.
    pub(crate) fn timed_out(&self, now: Instant) -> Option<Outcome> {
        let waited = now.saturating_duration_since(self.since);
        match self.phase {
            // Connecting has a timeout of its own, which the reader thread reports.
            Phase::Connecting if self.security.is_some() && waited > JOIN_TIMEOUT => {
                Some(Outcome::Failed("It answers but does not speak multichat. Wrong port?".into()))
            }
            Phase::Leaving if waited > LEAVE_TIMEOUT => Some(Outcome::ByUser),
            _ => None,
        }
    }

    /// Returns the outcome of a connection that has ended. `is_reconnecting`: it was to replace one that was lost a
    /// moment ago.
    pub(crate) fn end(&mut self, error: &ConnectionError, is_reconnecting: bool) -> Outcome {
        let was_online = self.phase == Phase::Online;
        if let ConnectionError::Rejected { code, detail } = error {
            let words = error_text::explain(*code, detail, self.options.username.as_str());
            self.fatal_error.get_or_insert((*code, words));
        }
        match (self.phase, self.fatal_error.take()) {
            (Phase::Leaving, _) => Outcome::ByUser,
            (_, Some((code, reason))) if was_online => {
                let for_good = matches!(code, ErrorCode::Kicked | ErrorCode::Banned | ErrorCode::TakenBack);
                Outcome::Lost { reason, for_good }
            }
            (_, Some((ErrorCode::UsernameTaken, _))) if is_reconnecting => Outcome::Failed(format!(
                "the name {} is still taken, probably by the lost connection",
                self.options.username
            )),
            (_, Some((code, reason))) if is_temporary(code) => Outcome::Failed(reason),
            (_, Some((code, reason))) => Outcome::Refused(reason, field_at_fault(code)),
            (_, None) if matches!(error, ConnectionError::PasswordInPlainText) => {
                Outcome::Refused(error_text::explain_end(error), InvalidField::Password)
            }
            (_, None) if error.is_permanent() => Outcome::Refused(error_text::explain_end(error), InvalidField::Server),
            (_, None) if was_online => Outcome::Lost { reason: error_text::explain_end(error), for_good: false },
            (_, None) if error.was_connected() => {
                Outcome::Failed(format!("the connection ended before you could join ({error})"))
            }
            (_, None) => Outcome::Failed(error_text::explain_end(error)),
        }
    }

    /// Returns whether the server demands TLS and the user has left that choice to the client.
    pub(crate) fn wants_tls(&self) -> bool {
        let fatal_error = self.fatal_error.as_ref().map(|(code, _)| *code);
        self.phase == Phase::Connecting
            && fatal_error == Some(ErrorCode::TlsRequired)
            && self.options.encryption == Encryption::Automatic
            && !self.security.as_ref().is_some_and(Security::is_encrypted)
    }

    /// Returns whether the session ended almost as soon as it had begun.
    pub(crate) fn was_short(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) < SHORT_SESSION
    }
}

/// Returns the field to correct after an error code.
fn field_at_fault(code: ErrorCode) -> InvalidField {
    match code {
        ErrorCode::PasswordRequired | ErrorCode::BadPassword => InvalidField::Password,
        ErrorCode::TlsRequired => InvalidField::Server,
        _ => InvalidField::Name,
    }
}

/// Returns whether a later attempt may succeed without the user changing anything.
fn is_temporary(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::ServerFull | ErrorCode::TooManyConnections | ErrorCode::HelloTimeout | ErrorCode::ShuttingDown
    )
}
