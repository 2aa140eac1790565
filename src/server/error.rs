//! Why a server cannot start, in words that say what would work.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::connect::tls::CertificateError;
use super::storage::members::error::MembersError;

/// See [`Server::start`](super::Server::start).
#[derive(Debug)]
pub enum StartError {
    /// That is no address with a port, or a name that cannot be resolved.
    NotAnAddress {
        /// What was asked for.
        listen: String,
        /// What the system said.
        error: io::Error,
    },
    /// The system does not let us listen there.
    CannotBind {
        /// What was asked for.
        listen: String,
        /// What the system said.
        error: io::Error,
    },
    /// The list of bans cannot be read.
    Bans {
        /// The file.
        file: PathBuf,
        /// What was wrong with it.
        error: io::Error,
    },
    /// The certificate for TLS cannot be used.
    Certificate(
        /// Why not.
        CertificateError,
    ),
    /// There is no password of the room where it is to be.
    Password {
        /// The file.
        file: PathBuf,
        /// What was wrong with it.
        why: String,
    },
    /// The list of members cannot be used.
    Members(
        /// Why not.
        MembersError,
    ),
    /// There is no thread to be had for accepting connections.
    NoThread(
        /// What the system said.
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
