//! One connection as the model sees it: how far it has come, and why it ended. Runs on the UI thread.

use std::time::{Duration, Instant};

use super::error_text;
use crate::client::{ConnectOptions, Connection, ConnectionError, Encryption, Password, Security};
use crate::protocol::ErrorCode;

/// How long the server may take to let us in, once there is a connection.
const JOIN_TIMEOUT: Duration = Duration::from_secs(20);

/// How long we try to leave in good manners.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection that is lost within this time counts as an attempt that has failed.
const SHORT_SESSION: Duration = Duration::from_secs(10);

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// There is none.
    Offline,
    /// Looking up, connecting, and waiting for the server to let us in.
    Connecting,
    /// We are in the room.
    Online,
    /// We have asked to leave.
    Leaving,
    /// It was lost, and another attempt is made when a countdown is over.
    Waiting,
}

/// A connection, from Connect to its end.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) connection: Connection,
    /// What it was made with.
    pub(crate) options: ConnectOptions,
    pub(crate) phase: Phase,
    /// When the phase began.
    pub(crate) since: Instant,
    /// The error that ends the connection, once the server has sent it, and what it means.
    pub(crate) fatal_error: Option<(ErrorCode, String)>,
    /// Whether it is encrypted, as soon as that is known.
    pub(crate) security: Option<Security>,
    /// The password that our name is to have, until the server has answered.
    pub(crate) registering: Option<Password>,
    /// The server has sent what we do not understand, and the user was told.
    pub(crate) warned: bool,
}

/// Which field it is about, if a mistake keeps us out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidField {
    /// The address.
    Server,
    /// The username.
    Name,
    /// The password.
    Password,
}

/// Why there is no connection, in words that are fit to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nobody wanted one, or wants one any more.
    #[default]
    ByUser,
    /// The server did not let us in, or we would not go in; and which of our fields it is about.
    Refused(String, InvalidField),
    /// We did not get as far as that.
    Failed(String),
    /// We were in, and are no more; `for_good` if the server does not want us back.
    Lost { reason: String, for_good: bool },
}

impl Session {
    pub(crate) fn new(connection: Connection, options: ConnectOptions, now: Instant) -> Session {
        Session {
            connection,
            options,
            phase: Phase::Connecting,
            since: now,
            fatal_error: None,
            security: None,
            registering: None,
            warned: false,
        }
    }

    pub(crate) fn enter(&mut self, phase: Phase, now: Instant) {
        self.phase = phase;
        self.since = now;
    }

    /// What has taken too long.
    pub(crate) fn timed_out(&self, now: Instant) -> Option<Outcome> {
        let waited = now.saturating_duration_since(self.since);
        match self.phase {
            // Connecting itself has a limit of its own, after which `reader` says so.
            Phase::Connecting if self.security.is_some() && waited > JOIN_TIMEOUT => {
                Some(Outcome::Failed("the server took the call and said nothing: is it a chat server?".into()))
            }
            Phase::Leaving if waited > LEAVE_TIMEOUT => Some(Outcome::ByUser),
            _ => None,
        }
    }

    /// What the end of the connection means, now that the network has told it. `coming_back`: we were in a moment ago.
    pub(crate) fn end(&mut self, ending: &ConnectionError, is_reconnecting: bool) -> Outcome {
        let was_online = self.phase == Phase::Online;
        if let ConnectionError::TurnedAway { code, detail } = ending {
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
                "{} is still taken, most likely by the connection that was lost",
                self.options.username
            )),
            (_, Some((code, reason))) if is_temporary(code) => Outcome::Failed(reason),
            (_, Some((code, reason))) => Outcome::Refused(reason, blame(code)),
            (_, None) if *ending == ConnectionError::WouldBeOverheard => {
                Outcome::Refused(ending.to_string(), InvalidField::Password)
            }
            (_, None) if ending.is_for_good() => Outcome::Refused(ending.to_string(), InvalidField::Server),
            (_, None) if was_online => Outcome::Lost { reason: ending.to_string(), for_good: false },
            (_, None) if ending.was_connected() => {
                Outcome::Failed(format!("the connection ended before the server let you in ({ending})"))
            }
            (_, None) => Outcome::Failed(ending.to_string()),
        }
    }

    /// Has the server said that it wants this to be encrypted, and does the user leave that to us?
    pub(crate) fn wants_tls(&self) -> bool {
        let fatal_error = self.fatal_error.as_ref().map(|(code, _)| *code);
        self.phase == Phase::Connecting
            && fatal_error == Some(ErrorCode::TlsRequired)
            && self.options.encryption == Encryption::Automatic
            && !self.security.as_ref().is_some_and(Security::is_closed)
    }

    /// Was it over almost as soon as it had begun?
    pub(crate) fn was_short(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) < SHORT_SESSION
    }
}

/// What keeps us out, once the server has said so.
fn blame(code: ErrorCode) -> InvalidField {
    match code {
        ErrorCode::PasswordRequired | ErrorCode::BadPassword => InvalidField::Password,
        ErrorCode::TlsRequired => InvalidField::Server,
        _ => InvalidField::Name,
    }
}

/// Might the server let us in a little later, although nobody here does anything about it?
fn is_temporary(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::ServerFull | ErrorCode::TooManyConnections | ErrorCode::HelloTimeout | ErrorCode::ShuttingDown
    )
}
