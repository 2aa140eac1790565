//! The errors of a server's start, each with what the operator can do about it.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::connect::tls::CertificateError;
use super::storage::members::error::MembersError;

/// The error of [`Server::start`](super::Server::start). Displays as a sentence for the operator.
#[derive(Debug)]
pub enum StartError {
    /// The listening address is no address with a port, or its name cannot be resolved.
    NotAnAddress {
        /// The configured address.
        listen: String,
        /// The system's error.
        error: io::Error,
    },
    /// The listening address cannot be bound.
    CannotBind {
        /// The configured address.
        listen: String,
        /// The system's error.
        error: io::Error,
    },
    /// The list of bans cannot be read.
    Bans {
        /// The file of the list.
        file: PathBuf,
        /// The error on reading it.
        error: io::Error,
    },
    /// The certificate for TLS cannot be used.
    Certificate(
        /// The cause.
        CertificateError,
    ),
    /// The file with the room's password has none.
    Password {
        /// The configured file.
        file: PathBuf,
        /// The cause, in words.
        why: String,
    },
    /// The list of members cannot be used.
    Members(
        /// The cause.
        MembersError,
    ),
    /// The system has no thread to spare for accepting connections.
    NoThread(
        /// The system's error.
        io::Error,
    ),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::NotAnAddress { listen, error } => {
                write!(
                    f,
                    "{listen} is no address to listen on ({error}): write ADDRESS:PORT, for example 127.0.0.1:5555"
                )
            }
            StartError::CannotBind { listen, error } => match error.kind() {
                ErrorKind::AddrInUse => {
                    write!(f, "{listen} is in use by another program: stop it, or choose another port with --listen")
                }
                ErrorKind::PermissionDenied => {
                    write!(f, "{listen} is not allowed to this user: choose a port above 1023 with --listen")
                }
                ErrorKind::AddrNotAvailable => write!(
                    f,
                    "{listen} is not an address of this machine: listen on 127.0.0.1 for this machine alone, on 0.0.0.0 for all"
                ),
                _ => write!(f, "cannot listen on {listen}: {error}"),
            },
            StartError::Bans { file, error } => {
                write!(f, "the list of bans, {}, cannot be used: {error}. Mend it or move it away", file.display())
            }
            StartError::Certificate(error) => write!(f, "{error}"),
            StartError::Password { file, why } => write!(f, "there is no password in {}: {why}", file.display()),
            StartError::Members(error) => write!(f, "{error}"),
            StartError::NoThread(error) => write!(f, "the system has no thread to spare ({error}): end other programs"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StartError::NotAnAddress { error, .. }
            | StartError::Bans { error, .. }
            | StartError::CannotBind { error, .. }
            | StartError::NoThread(error) => Some(error),
            StartError::Certificate(error) => Some(error),
            StartError::Members(error) => Some(error),
            StartError::Password { .. } => None,
        }
    }
}
