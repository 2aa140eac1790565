//! Talks: the conversations with the rooms and the private ones, and what is remarked in them.
//!
//! A conversation belongs to one server. While the user is on another one, it can be read, and what is written in it waits:
//! see `talks/rooms.rs` and `talks/private.rs`. Runs on the UI thread.

use std::time::Instant;

use crate::client::ServerAddress;
use crate::protocol::Stamp;
pub mod conversation;
pub mod message_log;
pub mod private;
pub mod returned;
pub mod rooms;
pub mod rows;
pub mod unread;
pub mod whom;

use super::commands::sent_to;
use conversation::Conversation;
use message_log::{Kind, Splice, shown_name};
use private::{Private, TalkId, TalkRequest};
use rooms::OtherRoom;
use whom::Whom;

/// All conversations.
#[derive(Debug, Default)]
pub struct Talks {
    /// The conversation with the whole room of the current server, or of the last one.
    room: Conversation,
    room_id: TalkId,
    /// Those with the rooms of other servers, the one left last at the end.
    other_rooms: Vec<OtherRoom>,
    /// The private conversations on all servers, the one used last at the end.
    privates: Vec<Private>,
    requests: Vec<TalkRequest>,
    /// The conversation that the main window shows; `None` is that with the whole room.
    front: Option<TalkId>,
    /// Number of the newest conversation.
    last_id: u64,
    /// The server of the current connection, or of the last one. Names without a server mean that one.
    server: Option<ServerAddress>,
    /// Changes whenever the list of conversations may have changed.
    version: u64,
}

impl Talks {
    /// Returns the conversation with the whole room.
    pub fn room(&self) -> &Conversation {
        &self.room
    }

    /// Returns the conversation with the whole room, to change it.
    pub fn room_mut(&mut self) -> &mut Conversation {
        &mut self.room
    }

    /// Returns the server of the current connection, or of the last one.
    pub fn server(&self) -> Option<&ServerAddress> {
        self.server.as_ref()
    }

    /// Returns a number that changes whenever the list of conversations may have changed.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Returns a conversation, if there is one.
    pub fn get(&self, whom: &Whom) -> Option<&Conversation> {
        match whom {
            Whom::All => Some(&self.room),
            Whom::AllOnOtherServer(server) => self.other_room(server).map(|room| &room.conversation),
            whom => self.position_of(whom).map(|at| &self.privates[at].conversation),
        }
    }

    pub(super) fn get_mut(&mut self, whom: &Whom) -> Option<&mut Conversation> {
        match whom {
            Whom::All => Some(&mut self.room),
            Whom::AllOnOtherServer(server) => self.other_room_mut(server).map(|room| &mut room.conversation),
            whom => self.position_of(whom).map(|at| &mut self.privates[at].conversation),
        }
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Conversation> {
        let others = self.other_rooms.iter_mut().map(|room| &mut room.conversation);
        let privates = self.privates.iter_mut().map(|private| &mut private.conversation);
        [&mut self.room].into_iter().chain(others).chain(privates)
    }

    /// Appends a notice of this program to the room's log, without a time.
    pub fn notice(&mut self, text: impl Into<String>) {
        self.room.log.settle(None, Kind::Notice(text.into()));
    }

    /// Appends an entry to a conversation, if there is one.
    pub(super) fn settle(&mut self, whom: &Whom, at: Option<Stamp>, kind: Kind) {
        if let Some(conversation) = self.get_mut(whom) {
            conversation.log.settle(at, kind);
        }
    }

    /// Appends that a person has joined or left to the room's log, and to the conversation with them if there is one.
    pub(super) fn settle_presence(&mut self, name: &str, at: Option<Stamp>, kind: Kind) {
        self.settle(&Whom::One(name.to_owned()), at, kind.clone());
        self.room.log.settle(at, kind);
    }

    /// Records which conversation the main window shows.
    pub fn set_front(&mut self, talk: TalkId) {
        self.front = Some(talk);
    }

    /// Shows a remark about the user's last action in the conversation that the main window shows, until the next action or
    /// for some seconds.
    pub fn remark(&mut self, text: impl Into<String>) {
        self.remark_in(&self.front(), Some(text.into()));
    }

    /// Shows likewise that the user's last action has succeeded, and what it has come to.
    pub fn succeed(&mut self, words: String) {
        self.succeed_in(&self.front(), words);
    }

    /// Shows that in a conversation.
    pub(super) fn succeed_in(&mut self, whom: &Whom, words: String) {
        if let Some(conversation) = self.get_mut(whom) {
            conversation.set_success(words);
        }
    }

    /// Returns the conversation that the main window shows.
    fn front(&self) -> Whom {
        self.front.and_then(|talk| self.whom(talk)).unwrap_or(Whom::All)
    }

    /// Shows a remark about the user's last action in a conversation, if there is one.
    pub(super) fn remark_in(&mut self, whom: &Whom, remark: Option<String>) {
        if let Some(conversation) = self.get_mut(whom).filter(|_| remark.is_some()) {
            conversation.set_remark(remark);
        }
    }

    pub(super) fn remark_if(&mut self, remark: Option<String>) {
        if let Some(remark) = remark {
            self.remark(remark);
        }
    }

    /// Drops the remarks that were shown long enough. Returns whether there was one.
    pub(super) fn expire_remarks(&mut self, now: Instant) -> bool {
        // Each is asked.
        self.all_mut().filter_map(|conversation| conversation.expire_remark(now).then_some(())).count() > 0
    }

    /// Clears every remark: a connection has begun or ended, and remarks were about the one before.
    pub(super) fn forget_remarks(&mut self) {
        self.all_mut().for_each(|conversation| conversation.set_remark(None));
    }

    /// Clears a remark in every conversation, once its cause is gone.
    pub fn forget_remark(&mut self, remark: &str) {
        self.all_mut().for_each(|conversation| conversation.forget_remark(remark));
    }

    /// Records that the text of an entry is another one: a reason why the text before was not sent goes with it. Returns
    /// whether there was one.
    pub fn entry_changed(&mut self, whom: &Whom, text: &str) -> bool {
        self.get_mut(whom).is_some_and(|conversation| conversation.entry_changed(text))
    }

    /// Shows why nothing was done with the text of an entry, as long as it stands there.
    pub fn refuse(&mut self, whom: &Whom, text: &str, why: String) {
        if let Some(conversation) = self.get_mut(whom) {
            conversation.refuse(text, why);
        }
    }

    /// Records whether the text of an entry was sent or carried out; otherwise the conversation shows why not. Returns
    /// whether it was.
    pub(super) fn entry_was_handled(&mut self, whom: &Whom, text: &str, done: Result<(), String>) -> bool {
        let Some(conversation) = self.get_mut(whom) else { return false };
        if let Err(why) = done {
            conversation.refuse(text, why);
            return false;
        }
        conversation.set_remark(None);
        conversation.returned.entry_was_sent();
        self.note_use(whom);
        true
    }

    /// Returns a message that did not arrive to the conversation where it was written, with the reason if that is known.
    pub(super) fn give_back(&mut self, whom: &Whom, text: String, why: Option<String>) {
        let sent = sent_to(whom);
        for other in self.all_mut().filter(|other| other.outcome() == Some(sent.as_str())) {
            other.set_remark(Some(format!("Not sent: your text is in the talk with {}", shown_name(whom.name()))));
        }
        if let Some(conversation) = self.get_mut(whom) {
            conversation.returned.keep(text);
            if let Some(why) = why {
                conversation.set_lasting_remark(why);
            }
        }
    }

    /// Removes all entries of a conversation.
    pub(super) fn clear(&mut self, whom: &Whom) {
        if let Some(conversation) = self.get_mut(whom) {
            conversation.log.clear();
        }
    }

    /// Takes a message that was not sent, for the entry. What stands there waits in its place.
    pub fn recall_returned(&mut self, whom: &Whom, draft: &str) -> Option<String> {
        self.get_mut(whom)?.returned.recall(draft)
    }

    /// Takes the splices that a view of this conversation has not applied yet.
    pub fn take_splices(&mut self, whom: &Whom) -> Vec<Splice> {
        self.get_mut(whom).map(|conversation| conversation.log.take_splices()).unwrap_or_default()
    }

    /// Takes the requests to show conversations.
    pub fn take_requests(&mut self) -> Vec<TalkRequest> {
        std::mem::take(&mut self.requests)
    }
}
