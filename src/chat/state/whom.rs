//! The recipient of a message. Plain data.

use crate::client::ServerAddress;

/// Recipient of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The whole room.
    All,
    /// One person, by name.
    One(String),
    /// A person on a server other than the current one, by name. The conversation can be read here and continued
    /// there.
    OnOtherServer(ServerAddress, String),
}
