//! The recipient of a message. Plain data.

use super::message_log::shown_name;
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
    /// The whole room of a server other than the current one.
    AllOnOtherServer(ServerAddress),
}

impl Whom {
    /// Returns the name of the person, which is empty for everybody.
    pub fn name(&self) -> &str {
        match self {
            Whom::One(name) | Whom::OnOtherServer(_, name) => name,
            Whom::All | Whom::AllOnOtherServer(_) => "",
        }
    }

    /// Returns whether this is a whole room, of any server.
    pub fn is_room(&self) -> bool {
        matches!(self, Whom::All | Whom::AllOnOtherServer(_))
    }

    /// Returns the recipient in words, with the server if it is another one. Escaped.
    pub fn shown(&self) -> String {
        match self {
            Whom::All => "everybody".to_owned(),
            Whom::One(name) => shown_name(name),
            Whom::OnOtherServer(server, name) => format!("{} on {}", shown_name(name), shown_server(server)),
            Whom::AllOnOtherServer(server) => format!("everybody on {}", shown_server(server)),
        }
    }

    /// Returns the line that says a text to this recipient.
    pub(crate) fn line<'a>(&'a self, me: &'a str, text: &'a str) -> ClientLine<'a> {
        match self {
            Whom::All | Whom::AllOnOtherServer(_) => ClientLine::Msg { username: me, text },
            Whom::One(name) | Whom::OnOtherServer(_, name) => ClientLine::Tell { recipient: name, text },
        }
    }
}
