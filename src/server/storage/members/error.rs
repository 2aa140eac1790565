//! What can be wrong with the list of members, or with what was to be done to it.

use std::fmt;
use std::path::PathBuf;

use crate::password::CHARACTERS_MIN;

/// See [`Members`](super::Members).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MembersError {
    /// This build has no list (feature `storage`).
    NotBuilt,
    /// The server has no list.
    NoList,
    /// The file cannot be used, and was left as it is.
    Unusable {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: String,
    },
    /// The file is damaged, and was left as it is.
    Damaged {
        /// The file.
        file: PathBuf,
    },
    /// There is no such file, and a damaged one lies beside it that an earlier version has set aside.
    SetAside {
        /// The file.
        file: PathBuf,
        /// The damaged one.
        aside: PathBuf,
    },
    /// The list could not be read or written just now, in the words of the database.
    Failed(String),
    /// Too many passwords are being checked, or the server stops.
    Busy,
    /// The name is registered.
    Registered(
        /// As its owner writes it.
        String,
    ),
    /// Nobody has registered that name.
    NotRegistered(
        /// The name.
        String,
    ),
    /// The entry of the list that was proved has been changed or removed since.
    Disowned(
        /// The name.
        String,
    ),
    /// Another name is registered that this one could be mistaken for.
    Lookalike(
        /// That name.
        String,
    ),
    /// The password is too short.
    Weak,
}

impl fmt::Display for MembersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MembersError::NotBuilt => {
                write!(f, "this program was built without its list of members (feature `storage`): build it with that")
            }
            MembersError::NoList => {
                write!(f, "there is no list of members: name its file with --members FILE")
            }
            MembersError::Unusable { file, why } => {
                write!(f, "the list of members, {}, cannot be used: {why}", file.display())
            }
            MembersError::Damaged { file } => {
                let file = file.display();
                write!(
                    f,
                    "the list of members, {file}, is damaged, and was left as it is: move it to another folder, with {file}-wal \
                     and {file}-shm if they are there, and put a copy in its place, or begin anew with nobody registered"
                )
            }
            MembersError::SetAside { file, aside } => write!(
                f,
                "there is no list of members, {}, and a damaged one beside it, {}: put a copy in its place, or move the damaged \
                 one to another folder to begin anew with nobody registered",
                file.display(),
                aside.display()
            ),
            MembersError::Failed(why) => write!(f, "the list of members could not be read or written ({why})"),
            MembersError::Busy => write!(f, "too many passwords are being checked"),
            MembersError::Registered(name) => write!(f, "{name} is registered already"),
            MembersError::NotRegistered(name) => write!(f, "{name} is not registered"),
            MembersError::Disowned(name) => {
                write!(f, "the operator has changed or removed the registration of {name}: join again")
            }
            MembersError::Lookalike(name) => write!(f, "that could be mistaken for {name}, which is registered"),
            MembersError::Weak => write!(f, "a password for a name has at least {CHARACTERS_MIN} characters"),
        }
    }
}

impl std::error::Error for MembersError {}
