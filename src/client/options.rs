//! What it takes to visit a server: where it is, who comes, and what for. Whoever connects again does so with the same.
//! Pure; made on the UI thread, used by `reader`.

use std::sync::Arc;

use super::address::ServerAddress;
use super::encryption::Encryption;
use super::known_servers::KnownServers;
use crate::password::Password;
use crate::protocol::{Capabilities, Username};

/// Where a server is, who comes, and what for.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// Where.
    pub server: ServerAddress,
    /// Who.
    pub username: Username,
    /// What our HELLO asks for.
    pub capabilities: Capabilities,
    /// What our PASS says, if there is to be one. Never sent where somebody could listen in.
    pub password: Option<Password>,
    /// Whether to encrypt.
    pub encryption: Encryption,
    /// Which key to take for the server's.
    pub faith: TrustPolicy,
    /// The servers that are known.
    pub known: Arc<KnownServers>,
}

/// Which key to take for the server's, if nobody whom the system trusts vouches for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TrustPolicy {
    /// The one that is remembered. If none is, the user is to be asked.
    #[default]
    AsKnown,
    /// If none is remembered, this one: the user was asked. TLS and nothing else.
    In(String),
    /// None, unless it is the one that is remembered after all: the user is to be asked. TLS and nothing else.
    Anew,
    /// This one, in the place of the one that is remembered until then: the user was asked. TLS and nothing else.
    InPlaceOfKnown(String),
}

impl ConnectOptions {
    /// A visit that asks for nothing special.
    pub fn new(server: ServerAddress, username: Username) -> ConnectOptions {
        ConnectOptions {
            server,
            username,
            capabilities: Capabilities::default(),
            password: None,
            encryption: Encryption::default(),
            faith: TrustPolicy::default(),
            known: Arc::default(),
        }
    }
}
