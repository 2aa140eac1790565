//! The recipient of a message. Plain data.

use crate::client::ServerAddress;
use crate::protocol::ClientLine;
use crate::protocol::escape::escape;

/// Returns the address of a server for display: escaped.
pub fn shown_server(server: &ServerAddress) -> String {
    escape(&server.to_string()).into_owned()
}

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

impl Whom {
    /// Returns the name of the person, which is empty for everybody.
    pub fn name(&self) -> &str {
        match self {
            Whom::One(name) | Whom::OnOtherServer(_, name) => name,
            Whom::All => "",
        }
    }

    /// Returns the line that says a text to this recipient.
    pub(crate) fn line<'a>(&'a self, me: &'a str, text: &'a str) -> ClientLine<'a> {
        match self {
            Whom::All => ClientLine::Msg { username: me, text },
            Whom::One(name) | Whom::OnOtherServer(_, name) => ClientLine::Tell { recipient: name, text },
        }
    }
}
