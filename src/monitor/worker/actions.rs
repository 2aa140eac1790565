//! How the operator carries out what may take time: acts on a server, which write to sockets and to the list of bans,
//! and saving a text. Runs on the operator's thread; every outcome is put into words here.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::messages::{Action, MemberAct};
use crate::files::write_new;
use crate::monitor::model::units;
use crate::protocol::Username;
use crate::protocol::escape::escape;
use crate::server::network::Network;
use crate::server::{BanTarget, Members, MembersError, Password, Server};

/// What came of an act, in words, and a password that was thought up, which is for the operator's eyes only; or why
/// not.
type Outcome = Result<(String, Option<Password>), String>;

impl Action {
    /// Does it, and says what came of it.
    pub(super) fn carry_out(&self, server: &Server) -> Outcome {
        match self {
            Action::Kick { id, name, reason } if server.kick(*id, reason) => Ok(told(format!("{name} was kicked"))),
            Action::Kick { name, .. } => Err(format!("{name} had left already")),
            Action::Ban(ban) => match server.ban(ban.clone()) {
                Ok(ended) => Ok(told(format!("{} is not let in any more{}", named(&ban.target), and_ended(ended)))),
                Err(error) => Err(format!(
                    "{} is kept out, but only until the server stops: {}",
                    named(&ban.target),
                    unwritten(&error)
                )),
            },
            Action::Unban(whom) => match server.unban(whom) {
                Ok(()) => Ok(told(format!("{} is let in again", named(whom)))),
                Err(error) => {
                    Err(format!("{} is let in, but only until the server stops: {}", named(whom), unwritten(&error)))
                }
            },
            Action::Raw { id, name, bytes } if server.send_raw(*id, bytes) => {
                Ok(told(format!("sent to {name} as it is")))
            }
            Action::Raw { name, .. } => Err(format!("{name} has left")),
            Action::Member(act, name) => act.carry_out(name, server),
            Action::Announce(text) if server.announce(text) => Ok(told("Everybody was told".into())),
            Action::Deletion(what) => match server.forget(what)? {
                Some(0) => Err("That was deleted already".into()),
                Some(1) => Ok(told("1 message was deleted".into())),
                Some(count) => Ok(told(format!("{} messages were deleted", units::count(count)))),
                None => Ok(told("That is much: it is being deleted, and will take a while".into())),
            },
            // The model has looked at it before.
            Action::Announce(_) => Err("that is no text for one line".into()),
        }
    }
}

impl MemberAct {
    fn carry_out(self, name: &Username, server: &Server) -> Outcome {
        let done = match self {
            MemberAct::Add => Members::generate_password().and_then(|password| {
                server.members().ok_or(MembersError::NoList)?.add(name, &password)?;
                Ok((format!("{name} is registered"), Some(password)))
            }),
            MemberAct::Reset => Members::generate_password().and_then(|password| {
                let ended = server.reset_member(name, &password)?;
                Ok((format!("{name} has another password{}", and_ended(ended)), Some(password)))
            }),
            MemberAct::Remove => server
                .remove_member(name)
                .map(|ended| (format!("{name} is not registered any more{}", and_ended(ended)), None)),
        };
        done.map_err(|error| error.to_string())
    }
}

/// Words, and no password.
fn told(words: String) -> (String, Option<Password>) {
    (words, None)
}

/// How somebody is called in a sentence.
fn named(whom: &BanTarget) -> String {
    match whom {
        BanTarget::Name(name) => escape(name.as_str()).into_owned(),
        BanTarget::Address(address) => Network::of(*address).to_string(),
    }
}

fn and_ended(connections: usize) -> String {
    match connections {
        0 => String::new(),
        1 => ", and 1 connection was ended".into(),
        n => format!(", and {n} connections were ended"),
    }
}

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

/// Writes a text to a new file. What is there already is somebody's, and is not written over.
pub(super) fn save(file: &Path, text: &str) -> Result<(), String> {
    write_new(file, text).map_err(|error| unsaved(file, &error))
}

/// Writes all that is kept of what was said to a new file.
pub(super) fn export(server: &Server, file: &Path) -> Result<(), String> {
    server.export(file).map(|_| ()).map_err(|error| unsaved(file, &error))
}

fn unsaved(file: &Path, error: &io::Error) -> String {
    let file = file.display().to_string();
    let file = escape(&file);
    match error.kind() {
        ErrorKind::AlreadyExists => format!("{file} exists already: choose another name"),
        ErrorKind::NotFound => format!("{file} cannot be written: there is no such folder"),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            format!("{file} cannot be written: choose a folder that is yours")
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
    fn a_text_is_saved_and_nothing_is_written_over() {
        let file = std::env::temp_dir().join(format!("multichat-save-{}.txt", std::process::id()));
        save(&file, "one\n").unwrap();
        let why = save(&file, "two\n").unwrap_err();
        assert!(why.contains("exists already: choose another name"), "{why}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "one\n");
        fs::remove_file(&file).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let why = save(&std::env::temp_dir().join("multichat-nowhere/log.txt"), "").unwrap_err();
        assert!(why.contains("multichat-nowhere") && why.contains("no such folder"), "{why}");
    }
}
