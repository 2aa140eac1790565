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
                    "{listen} is not an address to listen on ({error}): write ADDRESS:PORT, for example 127.0.0.1:5555"
                )
            }
            StartError::CannotBind { listen, error } => match error.kind() {
                ErrorKind::AddrInUse => {
                    write!(
                        f,
                        "{listen} is in use by another program: stop that program, or choose another port with --listen"
                    )
                }
                ErrorKind::PermissionDenied => {
                    write!(f, "this user may not listen on {listen}: choose a port above 1023 with --listen")
                }
                ErrorKind::AddrNotAvailable => write!(
                    f,
                    "{listen} is not an address of this computer: listen on 127.0.0.1 to serve this computer only, on 0.0.0.0 to serve all"
                ),
                _ => write!(f, "cannot listen on {listen} ({error}): choose another address with --listen"),
            },
            StartError::Bans { file, error } => {
                write!(
                    f,
                    "the list of bans, {}, cannot be read: {error}; correct the file, or move it away",
                    file.display()
                )
            }
            StartError::Certificate(error) => write!(f, "{error}"),
            StartError::Password { file, why } => write!(f, "there is no password in {}: {why}", file.display()),
            StartError::Members(error) => write!(f, "{error}"),
            StartError::NoThread(error) => write!(
                f,
                "the system cannot start a thread ({error}): end other programs, or raise the limit of processes (ulimit -u)"
            ),
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
