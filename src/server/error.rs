//! The errors of a server's start. They state facts; `monitor/hints.rs` says what the operator can do about each.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use thiserror::Error;

use super::connect::tls::CertificateError;
use super::storage::members::error::MembersError;
use crate::password::PasswordError;

/// The error of [`Server::start`](super::Server::start). Displays as a sentence for the operator.
#[derive(Debug, Error)]
pub enum StartError {
    /// The listening address is no address with a port, or its name cannot be resolved.
    #[error("{listen} is not an address to listen on ({error})")]
    NotAnAddress {
        /// The configured address.
        listen: String,
        /// The system's error.
        #[source]
        error: io::Error,
    },
    /// The listening address cannot be bound.
    #[error("{}", cannot_bind(.listen, .error))]
    CannotBind {
        /// The configured address.
        listen: String,
        /// The system's error.
        #[source]
        error: io::Error,
    },
    /// Two of the listening addresses exclude each other.
    #[error("the server cannot listen on all of its addresses: {0}")]
    Overlap(String),
    /// The list of bans cannot be read.
    #[error("the list of bans, {file}, cannot be read: {error}")]
    Bans {
        /// The file of the list.
        file: PathBuf,
        /// The error on reading it.
        #[source]
        error: io::Error,
    },
    /// The certificate for TLS cannot be used.
    #[error(transparent)]
    Certificate(CertificateError),
    /// The file with the room's password has none.
    #[error("there is no password in {file}: {error}")]
    Password {
        /// The configured file.
        file: PathBuf,
        /// The cause.
        #[source]
        error: PasswordError,
    },
    /// The list of members cannot be used.
    #[error(transparent)]
    Members(MembersError),
    /// The system has no thread to spare for accepting connections.
    #[error("the system cannot start a thread ({0})")]
    NoThread(#[source] io::Error),
}

fn cannot_bind(listen: &str, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!("{listen} is in use by another program"),
        ErrorKind::PermissionDenied => format!("this user may not listen on {listen}"),
        ErrorKind::AddrNotAvailable => format!("{listen} is not an address of this computer"),
        _ => format!("cannot listen on {listen} ({error})"),
    }
}
