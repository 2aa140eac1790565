//! What it takes to visit a server: where it is, who comes, and what for. Whoever connects again does so with the same.
//! Pure; made on the UI thread, used by `reader`.

use super::{Password, ServerAddress};
use crate::protocol::{Capabilities, Username};

/// Where a server is, who comes, and what for.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Where.
    pub server: ServerAddress,
    /// Who.
    pub username: Username,
    /// What our HELLO asks for.
    pub capabilities: Capabilities,
    /// What our PASS says, if there is to be one. Never sent where somebody could listen in.
    pub password: Option<Password>,
}

impl Visit {
    /// A visit that asks for nothing special.
    pub fn new(server: ServerAddress, username: Username) -> Visit {
        Visit { server, username, capabilities: Capabilities::default(), password: None }
    }
}
