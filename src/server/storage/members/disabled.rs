//! The members in a build without the feature `storage`: no list of names can be opened, so no name is registered.
//!
//! [`Members`] has no values, so the compiler knows that its methods are never called.

pub(crate) mod error;

use std::path::PathBuf;
use std::time::SystemTime;

use crate::password::Password;
use crate::protocol::Username;
use crate::server::network::Network;
use crate::server::proof::Proof;
use error::MembersError;

/// The list of members, a type without values.
#[derive(Debug)]
pub enum Members {}

/// A registered name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name in its owner's spelling.
    pub name: String,
    /// Time of the registration.
    pub since: SystemTime,
}

impl Members {
    /// Returns [`MembersError::NotBuilt`].
    pub fn open(_: PathBuf) -> Result<Members, MembersError> {
        Err(MembersError::NotBuilt)
    }

    /// Returns [`MembersError::NotBuilt`].
    pub fn generate_password() -> Result<Password, MembersError> {
        Err(MembersError::NotBuilt)
    }
}

never! {
    impl Members {
        pub fn add(&self, _: &Username, _: &Password) -> Result<(), MembersError>;
        pub fn reset(&self, _: &Username, _: &Password) -> Result<(), MembersError>;
        pub fn remove(&self, _: &Username) -> Result<(), MembersError>;
        pub fn list(&self) -> Result<Vec<Member>, MembersError>;
        pub(crate) fn find(&self, _: &Username) -> Result<Option<Member>, MembersError>;
        pub(crate) fn register(&self, _: &Username, _: &Password, _: Network) -> Result<Proof, MembersError>;
        pub(crate) fn change(&self, _: &Username, _: &Proof, _: &Password, _: Network) -> Result<Proof, MembersError>;
        pub(crate) fn is_current(&self, _: &Username, _: &Proof) -> Result<bool, MembersError>;
        pub(crate) fn verify(&self, _: &Member, _: &Password, _: Network) -> Result<Option<Proof>, MembersError>;
        pub(crate) fn verify_dummy(&self, _: &Password, _: Network) -> Result<(), MembersError>;
        pub(crate) fn close(&self);
    }
}
