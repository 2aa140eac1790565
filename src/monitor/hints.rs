//! What the operator can do about an error of the server: hints that name the options of the program `server`.
//!
//! The library's errors state facts, since another program that embeds the server has other options. Pure; called where an error
//! is printed, or shown in the window.

use std::error::Error;
use std::io::ErrorKind;

use crate::server::{CertificateError, MembersError, StartError};

/// Returns an error as a sentence, with the hint that belongs to it, if there is one.
pub fn with_hint(error: &(dyn Error + 'static)) -> String {
    let hint = match (error.downcast_ref(), error.downcast_ref()) {
        (Some(error), _) => of_start(error),
        (None, Some(error)) => of_members(error),
        (None, None) => "",
    };
    format!("{error}{hint}")
}

fn of_start(error: &StartError) -> &'static str {
    match error {
        StartError::NotAnAddress { .. } => ": write ADDRESS:PORT, for example 127.0.0.1:5555",
        StartError::CannotBind { error, .. } => match error.kind() {
            ErrorKind::AddrInUse => ": stop that program, or choose another port with --listen",
            ErrorKind::PermissionDenied => ": choose a port above 1023 with --listen",
            ErrorKind::AddrNotAvailable => ": listen on 127.0.0.1 to serve this computer only, on 0.0.0.0 to serve all",
            _ => ": choose another address with --listen",
        },
        StartError::Bans { .. } => "; correct the file, or move it away",
        StartError::Certificate(error) => of_certificate(error),
        StartError::Password { .. } => "",
        StartError::Members(error) => of_members(error),
        StartError::NoThread(_) => ": end other programs, or raise the limit of processes (ulimit -u)",
    }
}

fn of_members(error: &MembersError) -> &'static str {
    if *error == MembersError::NoList { ": start it with --members FILE" } else { "" }
}

#[cfg(feature = "tls")]
fn of_certificate(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Unreadable { .. } => ". --tls-cert and --tls-key name files in PEM form",
        CertificateError::NotKept { .. } => ". Bring one with --tls-cert and --tls-key instead",
        _ => "",
    }
}

#[cfg(not(feature = "tls"))]
fn of_certificate(_: &CertificateError) -> &'static str {
    ": build it with that, or start it without --tls"
}
