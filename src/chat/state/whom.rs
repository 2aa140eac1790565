//! The recipient of a message. Plain data.

use crate::client::ServerAddress;

/// Whom something is said to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Everybody in the room.
    All,
    /// One person alone, by name.
    One(String),
    /// Somebody on another server than the one that we are on, by name: to be read, and to be gone on with there.
    OnOtherServer(ServerAddress, String),
}
