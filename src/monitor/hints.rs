//! Hints for the operator: the remedy for an error of the server, by the options of the program `server`.
//!
//! The library's errors state facts, since another program that embeds the server has other options. Pure; called where an error
//! is printed, or shown in the window.

use std::error::Error;
use std::io::ErrorKind;

use crate::server::{CertificateError, HistoryError, MembersError, StartError};

/// Returns an error as a sentence, with the hint that belongs to it, if there is one.
pub fn with_hint(error: &(dyn Error + 'static)) -> String {
    let hint = error.downcast_ref().map(of_start).or_else(|| error.downcast_ref().map(of_members));
    let hint = hint.or_else(|| error.downcast_ref().map(of_history)).unwrap_or_default();
    format!("{error}{hint}")
}

fn of_start(error: &StartError) -> &'static str {
    match error {
        StartError::NotAnAddress { .. } => ": write ADDRESS:PORT, for example 127.0.0.1:5555",
        StartError::CannotBind { error, .. } => match error.kind() {
            ErrorKind::AddrInUse => ": stop that program, or choose another port with --listen",
            // Windows refuses ports that it keeps for itself, or that another program has for itself alone: any may be one.
            ErrorKind::PermissionDenied if cfg!(windows) => ": choose another port with --listen",
            ErrorKind::PermissionDenied => ": choose a port above 1023 with --listen",
            ErrorKind::AddrNotAvailable => ": listen on 127.0.0.1 to serve this computer only, on 0.0.0.0 to serve all",
            _ => ": choose another address with --listen",
        },
        StartError::Bans { .. } => "; correct the file, or move it away",
        StartError::Certificate(error) => of_certificate(error),
        StartError::Password { .. } | StartError::Overlap(_) => "",
        StartError::Members(error) => of_members(error),
        StartError::NoThread(_) => ": end other programs, or raise the limit of processes (ulimit -u)",
    }
}

fn of_members(error: &MembersError) -> &'static str {
    if *error == MembersError::NoList { ": start it with --members FILE" } else { "" }
}

fn of_history(error: &HistoryError) -> &'static str {
    if *error == HistoryError::Dead { ": restart the server" } else { "" }
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
