//! Drafts per server: a text written for the room of one server waits there while the user is on another one. Private
//! conversations belong to a server likewise (see `private.rs`). Runs on the UI thread.

use super::Chat;
use super::draft::Returned;
use super::whom::Whom;
use crate::client::ServerAddress;
use crate::protocol::escape::escape;

/// The current server, and the drafts for others.
#[derive(Debug, Default)]
pub(crate) struct OtherServers {
    /// The server of the current connection, or of the last one.
    current: Option<ServerAddress>,
    drafts: Vec<(ServerAddress, Returned)>,
}

impl Chat {
    /// Returns the server of the current connection, or of the last one.
    pub fn server(&self) -> Option<&ServerAddress> {
        self.other_servers.current.as_ref()
    }

    /// Returns how the conversation with a person on a server is addressed from the current one.
    pub fn whom_on(&self, server: &ServerAddress, name: &str) -> Whom {
        let is_here = self.server() == Some(server);
        if is_here { Whom::One(name.to_owned()) } else { Whom::OnOtherServer(server.clone(), name.to_owned()) }
    }

    /// Keeps the contents of the room's entry for the server that it was written for, before the user goes to
    /// another.
    pub fn keep_draft_for_server(&mut self, text: String) {
        self.room.returned.keep_draft(text);
    }

    /// Switches to a server, at the start of a connection.
    pub(crate) fn switch_server(&mut self, server: &ServerAddress) {
        if self.server() == Some(server) {
            return;
        }
        // Another server will never show whether they have arrived.
        self.return_unconfirmed();
        self.privates.switch_server(server);
        let (left, drafts) = (self.other_servers.current.replace(server.clone()), &mut self.other_servers.drafts);
        let at = drafts.iter().position(|(other, _)| other == server);
        let waiting = at.map(|at| drafts.swap_remove(at).1).unwrap_or_default();
        let returned = std::mem::replace(&mut self.room.returned, waiting);
        if let Some(left) = left.filter(|_| !returned.is_empty()) {
            let shown = left.to_string();
            self.notice(format!("What you wrote for {} and have not sent waits there", escape(&shown)));
            self.other_servers.drafts.push((left, returned));
        }
    }
}
