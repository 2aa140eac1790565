//! The words of events: one line for each, for the log and for the monitor. Any thread.

use std::fmt;
use std::time::Duration;

use super::EventKind;
use crate::protocol::escape::escape;
use crate::server::changes::Changes;
use crate::server::listen::Listen;
use crate::server::observe::activity::{ACCEPT, HISTORY};

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventKind::Listening(addresses) => {
                write!(f, "server started, listening on {}", Listen::from(addresses.as_slice()))
            }
            EventKind::Encrypts { fingerprint } => write!(f, "server offers TLS with the key {fingerprint}"),
            EventKind::Announced { name } => write!(f, "server announced on this network as {}", escape(name)),
            EventKind::NotAnnounced { why } => {
                write!(f, "the server is not announced on this network ({}): give others its address", escape(why))
            }
            EventKind::NotValid { file, why } => write!(
                f,
                "the certificate in {} {why}: clients that look at its dates refuse it. Bring another, or set the clock",
                file.display()
            ),
            EventKind::Reconfigured(Changes { applied, waiting }) => {
                let (now, later) = (applied.join(", "), waiting.join(", "));
                match (applied.is_empty(), waiting.is_empty()) {
                    (true, true) => f.write_str("settings read again: nothing has changed"),
                    (false, true) => write!(f, "settings changed: {now}"),
                    (true, false) => write!(f, "settings change at the next start of the server: {later}"),
                    (false, false) => write!(f, "settings changed: {now}; at the next start of the server: {later}"),
                }
            }
            EventKind::NotReconfigured { why } => {
                write!(f, "settings not changed, the earlier ones stay in force: {why}")
            }
            EventKind::Stopping(0) => write!(f, "server stops, nobody is here"),
            EventKind::Stopping(1) => write!(f, "server stops, 1 is here"),
            EventKind::Stopping(people) => write!(f, "server stops, {people} are here"),
            EventKind::Stopped => write!(f, "server stopped"),
            EventKind::Joined { id, name, addr } => write!(f, "{} ({addr} {id}) joined", escape(name.as_str())),
            EventKind::Left { id, name, addr, why } => {
                write!(f, "{} ({addr} {id}) left: {why}", escape(name.as_str()))
            }
            EventKind::Rejected { id, name, addr, why } => {
                let name = name.as_ref().map_or("somebody".into(), |name| escape(name.as_str()));
                write!(f, "{name} ({addr} {id}) was refused: {why}")
            }
            EventKind::TooFewDescriptors { clients, fit } => write!(
                f,
                "the system allows descriptors for {fit} clients, not for {clients}: raise the hard limit (ulimit -Hn)"
            ),
            EventKind::NoHistory { file, why } => write!(f, "messages are not stored: {}: {why}", file.display()),
            EventKind::Quarantined { file, quarantined } => {
                write!(
                    f,
                    "{} was damaged: it was renamed to {}, and a new one created",
                    file.display(),
                    quarantined.display()
                )
            }
            EventKind::HistoryFails { error } => write!(f, "messages cannot be stored: {error}; trying again"),
            EventKind::HistoryWorks { lost: 0 } => write!(f, "messages are stored again; none is missing"),
            EventKind::HistoryWorks { lost } => write!(f, "messages are stored again; {lost} are missing"),
            EventKind::HistoryEnds { lost } => write!(f, "{lost} messages could not be stored and are lost"),
            EventKind::HistoryGone { file } => {
                write!(f, "{} was removed or replaced: messages now go into a new file there", file.display())
            }
            EventKind::ClockAhead { by } => write!(
                f,
                "the clock is {} ahead of the history: check it; old messages are not deleted until the clock has been right for a day",
                rough(*by)
            ),
            EventKind::FromTheFuture { by } => write!(
                f,
                "the newest message is dated {} ahead of the clock, and so are all that follow: if the clock is right, \
                 start the server with a new history (--history), where dates begin anew",
                rough(*by)
            ),
            EventKind::Panicked { thread, why } => {
                write!(f, "the thread {} panicked, a bug in the server: {}", escape(thread), escape(why))?;
                match thread.strip_prefix(ACCEPT) {
                    Some("") => write!(f, "; nobody can connect until the server is restarted"),
                    Some(address) => write!(f, "; nobody can connect to{address} until the server is restarted"),
                    None if thread == HISTORY => write!(f, "; messages are not stored until the server is restarted"),
                    None => Ok(()),
                }
            }
            EventKind::OutOfResources { what, error } => write!(f, "could not {what} ({error}): trying again"),
        }
    }
}

/// Formats a duration in minutes, hours or days, whichever suits its length.
fn rough(time: Duration) -> String {
    match time.as_secs() / 60 {
        minutes @ 0..120 => format!("{minutes} minutes"),
        minutes @ 120..2880 => format!("{} hours", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
