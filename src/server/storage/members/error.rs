//! Errors of the list of members.

use std::path::PathBuf;

use thiserror::Error;

use crate::password::CHARACTERS_MIN;

/// The reason why a method of [`Members`](super::Members) failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MembersError {
    /// The program was built without the feature `storage`.
    #[error(
        "this program was built without the feature `storage`, so it has no list of members: build it with that feature"
    )]
    NotBuilt,
    /// The server runs without a list of members.
    #[error("this server has no list of members")]
    NoList,
    /// The file cannot be used, and was left unchanged.
    #[error("the list of members, {file}, cannot be used: {why}")]
    Unusable {
        /// The file.
        file: PathBuf,
        /// The reason, and what would help.
        why: String,
    },
    /// The file is damaged, and was left unchanged.
    #[error(
        "the list of members, {file}, is damaged, and was left unchanged: move it to another folder, with {file}-wal and \
         {file}-shm if they exist, and put a copy in its place, or begin anew with nobody registered"
    )]
    Damaged {
        /// The file.
        file: PathBuf,
    },
    /// The file does not exist, but a damaged one does that an earlier version of this program has quarantined.
    #[error(
        "the list of members, {file}, does not exist, but a damaged one does, {quarantined}: put a copy in its place, or \
         move the damaged one to another folder to begin anew with nobody registered"
    )]
    Quarantined {
        /// The file.
        file: PathBuf,
        /// The damaged file, in the same folder.
        quarantined: PathBuf,
    },
    /// The list could not be read or written; in the words of the database.
    #[error("the list of members could not be read or written ({0})")]
    Failed(String),
    /// Too many passwords are being verified, or the server stops.
    #[error("too many passwords are being verified: try again later")]
    Busy,
    /// The name, here in its owner's spelling, is registered already.
    #[error("{0} is registered already")]
    Registered(String),
    /// The name is not registered.
    #[error("{0} is not registered")]
    NotRegistered(String),
    /// The entry of this name that the client has verified its password against has been changed or removed.
    #[error("the operator has changed or removed the registration of {0}: join again")]
    Disowned(String),
    /// The name could be mistaken for this registered one.
    #[error("that could be mistaken for {0}, which is registered")]
    Lookalike(String),
    /// The password has fewer than `CHARACTERS_MIN` (8) characters.
    #[error("a password for a name has at least {CHARACTERS_MIN} characters")]
    Weak,
}
