//! Errors of the list of members.

use std::fmt;
use std::path::PathBuf;

use crate::password::CHARACTERS_MIN;

/// The reason why a method of [`Members`](super::Members) failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MembersError {
    /// The program was built without the feature `storage`.
    NotBuilt,
    /// The server runs without a list of members.
    NoList,
    /// The file cannot be used, and was left unchanged.
    Unusable {
        /// The file.
        file: PathBuf,
        /// The reason, and what would help.
        why: String,
    },
    /// The file is damaged, and was left unchanged.
    Damaged {
        /// The file.
        file: PathBuf,
    },
    /// The file does not exist, but a damaged one does that an earlier version of this program has quarantined.
    Quarantined {
        /// The file.
        file: PathBuf,
        /// The damaged file, in the same folder.
        quarantined: PathBuf,
    },
    /// The list could not be read or written; in the words of the database.
    Failed(String),
    /// Too many passwords are being verified, or the server stops.
    Busy,
    /// The name is registered already.
    Registered(
        /// The name in its owner's spelling.
        String,
    ),
    /// The name is not registered.
    NotRegistered(
        /// The name.
        String,
    ),
    /// The entry that the client has verified its password against has been changed or removed.
    Disowned(
        /// The name.
        String,
    ),
    /// The name could be mistaken for a registered one.
    Lookalike(
        /// The registered name.
        String,
    ),
    /// The password has fewer than [`CHARACTERS_MIN`] characters.
    Weak,
}

impl fmt::Display for MembersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MembersError::NotBuilt => {
                write!(
                    f,
                    "this program was built without the feature `storage`, so it has no list of members: build it with that feature"
                )
            }
            MembersError::NoList => {
                write!(f, "this server has no list of members: start it with --members FILE")
            }
            MembersError::Unusable { file, why } => {
                write!(f, "the list of members, {}, cannot be used: {why}", file.display())
            }
            MembersError::Damaged { file } => {
                let file = file.display();
                write!(
                    f,
                    "the list of members, {file}, is damaged, and was left unchanged: move it to another folder, with {file}-wal \
                     and {file}-shm if they exist, and put a copy in its place, or begin anew with nobody registered"
                )
            }
            MembersError::Quarantined { file, quarantined } => write!(
                f,
                "the list of members, {}, does not exist, but a damaged one does, {}: put a copy in its place, or move the damaged \
                 one to another folder to begin anew with nobody registered",
                file.display(),
                quarantined.display()
            ),
            MembersError::Failed(why) => write!(f, "the list of members could not be read or written ({why})"),
            MembersError::Busy => write!(f, "too many passwords are being verified: try again later"),
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
