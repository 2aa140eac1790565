//! Errors of starting a server. Each text says what was wrong and what would work.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::connect::tls::CertificateError;
use super::storage::members::error::MembersError;

/// The reason why [`Server::start`](super::Server::start) failed.
#[derive(Debug)]
pub enum StartError {
    /// The text is not an address with a port, or its host name cannot be resolved.
    NotAnAddress {
        /// The address as it was configured.
        listen: String,
        /// The system's error.
        error: io::Error,
    },
    /// The system does not allow to listen at this address.
    CannotBind {
        /// The address as it was configured.
        listen: String,
        /// The system's error.
        error: io::Error,
    },
    /// The list of bans cannot be read.
    Bans {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        error: io::Error,
    },
    /// The certificate for TLS cannot be used.
    Certificate(
        /// The reason.
        CertificateError,
    ),
    /// The file with the room's password cannot be read, or has no valid password in its first line.
    Password {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The list of members cannot be used.
    Members(
        /// The reason.
        MembersError,
    ),
    /// The system cannot start the thread that accepts connections.
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
