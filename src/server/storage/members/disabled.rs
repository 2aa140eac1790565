//! In the place of `members.rs`, in a build without that feature: there is no list, so no name belongs to anybody.

use std::path::PathBuf;
use std::time::SystemTime;

use super::members_error::MembersError;
use super::network::Network;
use crate::password::Password;
use crate::protocol::Username;

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

/// No value has this type.
#[derive(Clone, Debug)]
pub(super) enum Proof {}

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

    pub(super) fn find(&self, _: &Username) -> Result<Option<Member>, MembersError> {
        match *self {}
    }

    pub(super) fn register(&self, _: &Username, _: &Password, _: Network) -> Result<Proof, MembersError> {
        match *self {}
    }

    pub(super) fn change(&self, _: &Username, _: &Proof, _: &Password, _: Network) -> Result<Proof, MembersError> {
        match *self {}
    }

    pub(super) fn is_current(&self, _: &Username, _: &Proof) -> Result<bool, MembersError> {
        match *self {}
    }

    pub(super) fn prove(&self, _: &Member, _: &Password, _: Network) -> Result<Option<Proof>, MembersError> {
        match *self {}
    }

    pub(super) fn pretend(&self, _: &Password, _: Network) -> Result<(), MembersError> {
        match *self {}
    }

    pub(super) fn close(&self) {
        match *self {}
    }
}
