//! Rooms of other servers: the conversation with everybody on each server on which the user was. Runs on the UI thread.
//!
//! Such a conversation can be read, and continues when the user is back on its server.

use super::Talks;
use super::conversation::Conversation;
use super::message_log::MessageLog;
use super::private::TalkId;
use super::whom::Whom;
use crate::client::ServerAddress;

/// The conversation with everybody on a server that the user has left.
#[derive(Debug)]
pub(super) struct OtherRoom {
    id: TalkId,
    pub(super) server: ServerAddress,
    pub(super) conversation: Conversation,
    /// The user has closed it, with an empty entry.
    pub(super) is_closed: bool,
}

impl OtherRoom {
    /// Returns its identifier if the user may want to see it: there is something to read or to send.
    pub(super) fn listed(&self, has_draft: impl Fn(TalkId) -> bool) -> Option<TalkId> {
        let Conversation { log, .. } = &self.conversation;
        let has_text = !log.is_empty() && !self.is_closed;
        (has_text || self.conversation.has_returned() || has_draft(self.id)).then_some(self.id)
    }
}

impl Talks {
    /// Returns the identifier of the conversation with the whole room of the current server, or of the last one.
    pub fn room_id(&self) -> TalkId {
        self.room_id
    }

    /// Returns whether a conversation is with a whole room, of any server.
    pub fn is_room(&self, talk: TalkId) -> bool {
        talk == self.room_id || self.other_rooms.iter().any(|room| room.id == talk)
    }

    /// Returns whether something was said in any conversation.
    pub fn have_text(&self) -> bool {
        let logs = self.other_rooms.iter().map(|room| &room.conversation.log);
        let logs = logs.chain(self.privates.iter().map(|private| &private.conversation.log)).chain([&self.room.log]);
        logs.into_iter().any(|log: &MessageLog| !log.is_empty())
    }

    /// Returns the identifiers of all conversations.
    pub fn ids(&self) -> impl Iterator<Item = TalkId> {
        let others = self.other_rooms.iter().map(|room| room.id);
        [self.room_id].into_iter().chain(others).chain(self.privates.iter().map(|private| private.id))
    }

    pub(super) fn other_room(&self, server: &ServerAddress) -> Option<&OtherRoom> {
        self.other_rooms.iter().find(|room| room.server == *server)
    }

    pub(super) fn other_room_mut(&mut self, server: &ServerAddress) -> Option<&mut OtherRoom> {
        self.other_rooms.iter_mut().find(|room| room.server == *server)
    }

    /// Returns the identifier of the conversation with the room of another server.
    pub(super) fn other_room_id(&self, server: &ServerAddress) -> Option<TalkId> {
        self.other_room(server).map(|room| room.id)
    }

    /// Returns how the conversation with a room is addressed from the current server, if it is one.
    pub(super) fn whom_of_room(&self, talk: TalkId) -> Option<Whom> {
        if talk == self.room_id {
            return Some(Whom::All);
        }
        let room = self.other_rooms.iter().find(|room| room.id == talk)?;
        Some(Whom::AllOnOtherServer(room.server.clone()))
    }

    /// Switches to another server, at the start of a connection. What was written before the first one is for the first
    /// one.
    pub(in crate::chat::state) fn switch_server(&mut self, server: &ServerAddress) {
        self.requests.clear();
        self.version += 1;
        let Some(left) = self.server.replace(server.clone()) else { return };
        let (id, room) = match self.other_rooms.iter().position(|room| room.server == *server) {
            Some(at) => {
                let OtherRoom { id, conversation, .. } = self.other_rooms.remove(at);
                (id, conversation)
            }
            None => (self.next_id(), Conversation::default()),
        };
        let id = std::mem::replace(&mut self.room_id, id);
        let conversation = std::mem::replace(&mut self.room, room);
        self.other_rooms.push(OtherRoom { id, server: left, conversation, is_closed: false });
    }
}
