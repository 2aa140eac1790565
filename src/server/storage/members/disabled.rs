//! In the place of `members.rs`, in a build without that feature: there is no list, so no name belongs to anybody.

pub(crate) mod error;

use std::path::PathBuf;
use std::time::SystemTime;

use crate::password::Password;
use crate::protocol::Username;
use crate::server::network::Network;
use crate::server::proof::Proof;
use error::MembersError;

/// No value has this type.
#[derive(Debug)]
pub enum Members {}

/// A registered name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// As its owner writes it.
    pub name: String,
    /// When it was registered.
    pub since: SystemTime,
}

impl Members {
    /// Says that there is no list.
    pub fn open(_: PathBuf) -> Result<Members, MembersError> {
        Err(MembersError::NotBuilt)
    }

    /// Says that there is no list.
    pub fn think_up_password() -> Result<Password, MembersError> {
        Err(MembersError::NotBuilt)
    }

    /// Never called.
    pub fn add(&self, _: &Username, _: &Password) -> Result<(), MembersError> {
        match *self {}
    }

    /// Never called.
    pub fn reset(&self, _: &Username, _: &Password) -> Result<(), MembersError> {
        match *self {}
    }

    /// Never called.
    pub fn remove(&self, _: &Username) -> Result<(), MembersError> {
        match *self {}
    }

    /// Never called.
    pub fn list(&self) -> Result<Vec<Member>, MembersError> {
        match *self {}
    }

    pub(crate) fn find(&self, _: &Username) -> Result<Option<Member>, MembersError> {
        match *self {}
    }

    pub(crate) fn register(&self, _: &Username, _: &Password, _: Network) -> Result<Proof, MembersError> {
        match *self {}
    }

    pub(crate) fn change(&self, _: &Username, _: &Proof, _: &Password, _: Network) -> Result<Proof, MembersError> {
        match *self {}
    }

    pub(crate) fn is_current(&self, _: &Username, _: &Proof) -> Result<bool, MembersError> {
        match *self {}
    }

    pub(crate) fn prove(&self, _: &Member, _: &Password, _: Network) -> Result<Option<Proof>, MembersError> {
        match *self {}
    }

    pub(crate) fn pretend(&self, _: &Password, _: Network) -> Result<(), MembersError> {
        match *self {}
    }

    pub(crate) fn close(&self) {
        match *self {}
    }
}
