//! What belongs to another server than the one that we are on: what was written for its room and not sent waits there, and the
//! private talks keep to theirs (see `private.rs`). Runs on the UI thread.

use super::Chat;
use super::draft::Returned;
use super::whom::Whom;
use crate::client::ServerAddress;
use crate::protocol::escape::escape;

/// The server that we are on, and what waits on others.
#[derive(Debug, Default)]
pub(crate) struct OtherServers {
    /// The one that we are on, or were on last.
    current: Option<ServerAddress>,
    drafts: Vec<(ServerAddress, Returned)>,
}

impl Chat {
    /// The server that we are on, or were on last.
    pub fn server(&self) -> Option<&ServerAddress> {
        self.other_servers.current.as_ref()
    }

    /// How a talk is named from here that is with somebody on this server.
    pub fn whom_on(&self, server: &ServerAddress, name: &str) -> Whom {
        let is_here = self.server() == Some(server);
        if is_here { Whom::One(name.to_owned()) } else { Whom::OnOtherServer(server.clone(), name.to_owned()) }
    }

    /// The user goes to another server, and has this in the entry of the room: it stays with the one that it was written for.
    pub fn keep_draft_for_server(&mut self, text: String) {
        self.room.returned.keep_draft(text);
    }

    /// A connection to this server begins.
    pub(crate) fn switch_server(&mut self, server: &ServerAddress) {
        if self.server() == Some(server) {
            return;
        }
        // Whether it has arrived is never seen on another server.
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
