//! Performs the actions and writes the files that may take time: actions write to sockets and to the list of bans, and a
//! saved text goes to a disk.
//!
//! Runs on the server worker's thread. Every outcome is put into words for the operator here; nothing here may wait for the
//! window.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::files::write_new;
use crate::monitor::hints::with_hint;
use crate::monitor::messages::{Action, MemberAction};
use crate::monitor::units;
use crate::protocol::Username;
use crate::protocol::escape::escape;
use crate::server::network::Network;
use crate::server::{BanTarget, HasLeft, Members, MembersError, Password, Server};

/// The outcome of an action: a sentence and, for the operator only, a generated password; or the reason of the failure.
type Outcome = Result<(String, Option<Password>), String>;

impl Action {
    /// Performs the action on `server` and returns the outcome in words.
    pub(super) fn perform(&self, server: &Server) -> Outcome {
        let words = match self {
            Action::Member(action, name) => return action.perform(name, server),
            Action::Kick { ids, people, reason } => kicked(people, ids.len(), server.kick_all(ids, reason)),
            Action::Ban(bans) => {
                let targets: Vec<_> = bans.iter().map(|ban| &ban.target).collect();
                let banned = format!("{} banned", named_all(&targets));
                match server.ban_all(bans) {
                    Ok(ended) => Ok(format!("{banned}{}", and_ended(ended))),
                    Err(error) => Err(format!("{banned}, but only until the server stops: {}", unwritten(&error))),
                }
            }
            Action::Unban(targets) => {
                let shown = named_all(&targets.iter().collect::<Vec<_>>());
                match server.unban_all(targets) {
                    Ok(()) => Ok(format!("{shown} no longer banned")),
                    Err(error) => {
                        Err(format!("{shown} unbanned, but only until the server stops: {}", unwritten(&error)))
                    }
                }
            }
            Action::Raw { id, name, bytes } => match server.send_raw(*id, bytes) {
                Ok(()) => Ok(format!("Sent to {name} unchanged")),
                Err(HasLeft) => Err(format!("{name} has left")),
            },
            Action::Announce(text) => match server.announce(text) {
                Ok(()) => Ok("Announced to everyone".into()),
                // Unreachable in practice: the model has validated the text.
                Err(why) => Err(why.detail),
            },
            Action::Deletion(what) => match server.forget(what).map_err(|error| with_hint(&error))? {
                Some(0) => Err("It was already deleted".into()),
                Some(1) => Ok("1 message was deleted".into()),
                Some(count) => Ok(format!("{} messages were deleted", units::count(count))),
                None => Ok("Deleting. This takes a while".into()),
            },
        };
        words.map(|words| (words, None))
    }
}

impl MemberAction {
    fn perform(self, name: &Username, server: &Server) -> Outcome {
        let done = match self {
            MemberAction::Add => Members::generate_password().and_then(|password| {
                server.members().ok_or(MembersError::NoList)?.add(name, &password)?;
                Ok((format!("{name} is registered"), Some(password)))
            }),
            MemberAction::Reset => Members::generate_password().and_then(|password| {
                let ended = server.reset_member(name, &password)?;
                Ok((format!("{name} has a new password{}", and_ended(ended)), Some(password)))
            }),
            MemberAction::Remove => server
                .remove_member(name)
                .map(|ended| (format!("{name} is no longer registered{}", and_ended(ended)), None)),
        };
        done.map_err(|error| with_hint(&error))
    }
}

/// Returns the outcome of a kick in words. `people` names the clients, and `ended` of them had not left.
fn kicked(people: &str, count: usize, ended: usize) -> Result<String, String> {
    match (count, ended) {
        (1, 0) => Err(format!("{people} has already left")),
        (1, _) => Ok(format!("{people} was kicked")),
        (_, 0) => Err(format!("All {people} have already left")),
        (count, ended) if count == ended => Ok(format!("{people} were kicked")),
        (count, ended) => Ok(format!("{ended} of {people} were kicked; {} had already left", count - ended)),
    }
}

/// Returns the targets of bans and the verb, as a sentence begins with them: `ann is`, `3 addresses are`.
fn named_all(targets: &[&BanTarget]) -> String {
    let kinds = |target: &&BanTarget| match target {
        BanTarget::Name(_) => "names",
        BanTarget::Address(_) => "addresses",
        BanTarget::Network(_) => "networks",
    };
    match targets {
        [target] => format!("{} is", named(target)),
        [first, others @ ..] if others.iter().all(|target| kinds(target) == kinds(first)) => {
            format!("{} {} are", targets.len(), kinds(first))
        }
        _ => format!("{} names and addresses are", targets.len()),
    }
}

fn named(target: &BanTarget) -> String {
    match target {
        BanTarget::Name(name) => escape(name.as_str()).into_owned(),
        BanTarget::Address(address) => Network::of(*address).to_string(),
        BanTarget::Network(network) => network.to_string(),
    }
}

/// Returns the end of a sentence for the number of connections that were closed.
fn and_ended(connections: usize) -> String {
    match connections {
        0 => String::new(),
        1 => "; 1 connection ended".into(),
        n => format!("; {n} connections ended"),
    }
}

/// Returns why the list of bans could not be written, and what would work.
fn unwritten(error: &io::Error) -> String {
    let remedy = match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "allow this user to write to it, or name another"
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on the disk",
        _ => "name another",
    };
    format!("the list of bans cannot be written ({error}): {remedy} with --bans FILE")
}

/// Writes `text` into a new file. An existing file is never overwritten, because it belongs to the user.
///
/// # Errors
/// The file exists or cannot be written: the reason, and what would work.
pub(super) fn save(file: &Path, text: &str) -> Result<(), String> {
    write_new(file, text).map_err(|error| unsaved(file, &error))
}

/// Writes the whole history into a new file.
///
/// # Errors
/// As for [`save`].
pub(super) fn export_history(server: &Server, file: &Path) -> Result<(), String> {
    server.export(file).map(|_| ()).map_err(|error| unsaved(file, &error))
}

/// Returns why `file` could not be written, and what would work.
fn unsaved(file: &Path, error: &io::Error) -> String {
    let file = file.display().to_string();
    let file = escape(&file);
    match error.kind() {
        ErrorKind::AlreadyExists => format!("{file} exists already: choose another name"),
        ErrorKind::NotFound => format!("{file} cannot be written: the folder does not exist"),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            format!("{file} cannot be written: choose a folder that you may write to")
        }
        ErrorKind::Other => error.to_string(),
        _ => format!("{file} cannot be written ({error}): choose another place"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_outcome_for_several_counts_them() {
        let kicked = |count, ended| kicked("3 people", count, ended);
        assert_eq!(kicked(3, 3).unwrap(), "3 people were kicked");
        assert_eq!(kicked(3, 2).unwrap(), "2 of 3 people were kicked; 1 had already left");
        assert_eq!(kicked(3, 0).unwrap_err(), "All 3 people have already left");
        let name = |name| BanTarget::Name(Username::parse(name).unwrap());
        let (ann, ben, address) = (name("ann"), name("ben"), BanTarget::Address("192.0.2.7".parse().unwrap()));
        assert_eq!(named_all(&[&ann]), "ann is");
        assert_eq!(named_all(&[&ann, &ben]), "2 names are");
        assert_eq!(named_all(&[&ann, &address]), "2 names and addresses are");
        assert_eq!(named_all(&[&BanTarget::Network("192.0.2.0/24".parse().unwrap())]), "192.0.2.0/24 is");
    }

    #[test]
    fn a_text_is_saved_and_nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("log.txt");
        save(&file, "one\n").unwrap();
        let why = save(&file, "two\n").unwrap_err();
        assert!(why.contains("exists already: choose another name"), "{why}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "one\n");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let why = save(&tempfile::tempdir().unwrap().path().join("nowhere/log.txt"), "").unwrap_err();
        assert!(why.contains("nowhere") && why.contains("does not exist"), "{why}");
    }
}
