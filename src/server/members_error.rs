//! What can be wrong with the list of members, or with what was to be done to it.

use std::fmt;
use std::path::PathBuf;

use crate::password::CHARACTERS_MIN;

/// See [`Members`](super::Members).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MembersError {
    /// This build has no list (feature `members`).
    NotBuilt,
    /// Only members are to be let in, and there is no list of them.
    NoList,
    /// The file cannot be used, and was left as it is.
    Unusable {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: String,
    },
    /// The file was damaged.
    Damaged {
        /// The file.
        file: PathBuf,
        /// Where it is now.
        aside: PathBuf,
    },
    /// The list could not be read or written just now, in the words of the database.
    Failed(String),
    /// Too many passwords are being looked at.
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
                write!(f, "this program was built without its list of members (feature `members`): build it with that")
            }
            MembersError::NoList => {
                write!(
                    f,
                    "only members are to be let in, but there is no list of them: name its file with --members FILE"
                )
            }
            MembersError::Unusable { file, why } => {
                write!(f, "the list of members, {}, cannot be used: {why}", file.display())
            }
            MembersError::Damaged { file, aside } => write!(
                f,
                "the list of members, {}, was damaged and is now called {}: put a copy of it in its place, or start again with \
                 nobody registered",
                file.display(),
                aside.display()
            ),
            MembersError::Failed(why) => write!(f, "the list of members could not be read or written ({why})"),
            MembersError::Busy => write!(f, "too many passwords are being looked at"),
            MembersError::Registered(name) => write!(f, "{name} is registered already"),
            MembersError::NotRegistered(name) => write!(f, "{name} is not registered"),
            MembersError::Lookalike(name) => write!(f, "that could be mistaken for {name}, which is registered"),
            MembersError::Weak => write!(f, "a password for a name has at least {CHARACTERS_MIN} characters"),
        }
    }
}

impl std::error::Error for MembersError {}
