//! Private conversations: one with each person on each server, kept until the program ends.
//!
//! A name identifies a person on one server only. So a conversation, with all that was not sent in it, belongs to its
//! server; on another server the same name begins another conversation.
//!
//! A person who leaves and comes back finds the same conversation. Names are compared as the protocol compares them,
//! so a different spelling of the same name finds it too. Runs on the UI thread.

use super::Talks;
use super::conversation::Conversation;
use super::message_log::{Kind, shown_name};
use super::whom::Whom;
use crate::client::ServerAddress;
use crate::protocol::escape::escape;
use crate::protocol::{Stamp, fold_name};

/// Maximum number of conversations that others can start. A conversation that was read and closed makes room for
/// another; messages beyond that are shown in the room's log, so that strangers cannot fill the user's list. The user may
/// start any number.
const CONVERSATIONS_MAX: usize = 50;

/// Identifies a conversation for the life of the program, whatever server the user is on. A conversation that replaces
/// a finished one has another identifier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TalkId(u64);

impl TalkId {
    /// The conversation with everybody on the first server.
    pub const ROOM: TalkId = TalkId(0);

    /// Returns the identifier with a number that [`number`](TalkId::number) returned.
    pub const fn from_number(number: u64) -> TalkId {
        TalkId(number)
    }

    /// Returns the number, for a program that refers to the conversation.
    pub fn number(self) -> u64 {
        self.0
    }
}

/// A request to show a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TalkRequest {
    /// The conversation.
    pub talk: TalkId,
    /// The user asked for it, and wants to type there. Otherwise a message arrived, and the keyboard focus stays
    /// where it is.
    pub by_user: bool,
}

/// One private conversation.
#[derive(Debug)]
pub(super) struct Private {
    pub(super) id: TalkId,
    pub(super) server: Option<ServerAddress>,
    /// The name as it was written when the conversation began.
    pub(super) name: String,
    /// The folded name, which is the same for every spelling.
    folded: String,
    pub(super) conversation: Conversation,
    /// The user has closed it, with an empty entry.
    is_closed: bool,
}

impl Private {
    /// Returns whether the conversation can be replaced without loss: closed, read, and with nothing left to send.
    pub(super) fn is_finished(&self) -> bool {
        self.is_closed && self.conversation.unread == 0 && !self.conversation.has_returned()
    }
}

impl Talks {
    fn position(&self, name: &str) -> Option<usize> {
        let is_here = |private: &Private| private.server == self.server;
        if let Some(at) = self.privates.iter().position(|private| private.name == name && is_here(private)) {
            return Some(at);
        }
        if self.privates.is_empty() {
            return None;
        }
        let folded = fold_name(name);
        self.privates.iter().position(|private| private.folded == folded && is_here(private))
    }

    /// Returns the index of a private conversation on any server; `None` for a room.
    pub(super) fn position_of(&self, whom: &Whom) -> Option<usize> {
        match whom {
            Whom::All | Whom::AllOnOtherServer(_) => None,
            Whom::One(name) => self.position(name),
            Whom::OnOtherServer(server, name) => {
                let is_it = |private: &Private| private.name == *name && private.server.as_ref() == Some(server);
                self.privates.iter().position(is_it)
            }
        }
    }

    /// Returns whether there is a conversation with the person that a word means.
    pub(crate) fn has_private(&self, word: &str) -> bool {
        self.position(word).is_some()
    }

    /// Returns the conversations on the current server.
    fn on_current_server(&self) -> impl Iterator<Item = &Private> {
        self.privates.iter().filter(|private| private.server == self.server)
    }

    /// Opens the conversation with a person for the user. Returns how it is addressed.
    pub(crate) fn open_for_user(&mut self, name: &str) -> Whom {
        Whom::One(self.open(name, true).name.clone())
    }

    /// Opens the conversation with a person to whom the user writes from another one, which stays in view.
    pub(crate) fn open_beside(&mut self, name: &str) {
        self.open(name, false);
    }

    /// Returns how a person on the current server is addressed: by the name with which their conversation began.
    pub(crate) fn address(&self, name: &str) -> Whom {
        let at = self.position(name);
        Whom::One(at.map_or(name, |at| self.privates[at].name.as_str()).to_owned())
    }

    /// Returns the conversation with a person, which is created if necessary, and requests that it is shown.
    fn open(&mut self, name: &str, by_user: bool) -> &mut Private {
        let at = self.position_or_new(name);
        self.request(at, by_user)
    }

    /// Returns the index of the conversation with a person, which is created if necessary, without a request to show it.
    fn position_or_new(&mut self, name: &str) -> usize {
        self.position(name).unwrap_or_else(|| {
            let (id, server) = (self.next_id(), self.server.clone());
            let (name, folded, conversation) = (name.to_owned(), fold_name(name), Conversation::private());
            self.privates.push(Private { id, server, name, folded, conversation, is_closed: true });
            self.privates.len() - 1
        })
    }

    pub(super) fn next_id(&mut self) -> TalkId {
        self.last_id += 1;
        TalkId(self.last_id)
    }

    /// Like [`open`](Talks::open), for a person who writes to the user. Returns `None` when there are too many
    /// conversations and none that `may_replace` allows can make room.
    fn open_for_sender(&mut self, name: &str, may_replace: impl Fn(&str) -> bool) -> Option<&mut Private> {
        if self.on_current_server().count() < CONVERSATIONS_MAX || self.position(name).is_some() {
            return Some(self.open(name, false));
        }
        let is_free =
            |private: &Private| private.is_finished() && private.server == self.server && may_replace(&private.name);
        let at = self.privates.iter().position(is_free)?;
        self.privates.remove(at);
        Some(self.open(name, false))
    }

    fn request(&mut self, at: usize, by_user: bool) -> &mut Private {
        self.version += 1;
        self.privates[at..].rotate_left(1);
        let last = self.privates.len() - 1;
        let private = &mut self.privates[last];
        private.is_closed = false;
        match self.requests.iter_mut().find(|request| request.talk == private.id) {
            Some(request) => request.by_user |= by_user,
            None => self.requests.push(TalkRequest { talk: private.id, by_user }),
        }
        private
    }

    /// Returns how a conversation is addressed from the current server; `None` if it has ended.
    pub fn whom(&self, talk: TalkId) -> Option<Whom> {
        let private = || self.privates.iter().find(|private| private.id == talk).map(|private| self.whom_of(private));
        self.whom_of_room(talk).or_else(private)
    }

    pub(super) fn whom_of(&self, private: &Private) -> Whom {
        match &private.server {
            Some(server) if self.server.as_ref() != Some(server) => {
                Whom::OnOtherServer(server.clone(), private.name.clone())
            }
            _ => Whom::One(private.name.clone()),
        }
    }

    /// Returns the identifier of a conversation, if there is one.
    pub fn id(&self, whom: &Whom) -> Option<TalkId> {
        match whom {
            Whom::All => Some(self.room_id),
            Whom::AllOnOtherServer(server) => self.other_room_id(server),
            whom => self.position_of(whom).map(|at| self.privates[at].id),
        }
    }

    /// Records that the user has closed a conversation with an empty entry. Once it is read, it is not listed, and can be
    /// replaced when there are too many.
    pub fn close(&mut self, whom: &Whom) {
        self.set_closed(whom, true);
    }

    /// Records that the user looks at a conversation.
    pub fn reopen(&mut self, whom: &Whom) {
        self.set_closed(whom, false);
    }

    fn set_closed(&mut self, whom: &Whom, is_closed: bool) {
        if let Some(at) = self.position_of(whom) {
            self.privates[at].is_closed = is_closed;
        } else if let Whom::AllOnOtherServer(server) = whom
            && let Some(room) = self.other_room_mut(server)
        {
            room.is_closed = is_closed;
        }
        self.version += 1;
    }

    /// Records that the user has written in a conversation, which makes it the one used last.
    pub(crate) fn note_use(&mut self, whom: &Whom) {
        if let Some(at) = self.position_of(whom) {
            self.privates[at..].rotate_left(1);
            self.version += 1;
        }
    }

    /// Marks a conversation as read.
    pub fn mark_read(&mut self, whom: &Whom) {
        if self.get_mut(whom).is_some_and(|conversation| std::mem::take(&mut conversation.unread) > 0) {
            self.version += 1;
        }
    }

    /// Appends a private message from another person. `is_pending` tells whether a message to a person has no answer yet.
    pub(crate) fn receive_private(
        &mut self,
        from: &str,
        text: &str,
        at: Option<Stamp>,
        is_pending: impl Fn(&Whom) -> bool,
    ) {
        let (shown, text) = (shown_name(from), escape(text).into_owned());
        let may_replace = |name: &str| !is_pending(&Whom::One(name.to_owned()));
        let Some(Private { conversation, .. }) = self.open_for_sender(from, may_replace) else {
            return self.room.log.settle(at, Kind::Private { from: shown, text });
        };
        conversation.log.settle(at, Kind::Message { from: shown, text, earlier: false });
        conversation.unread += 1;
        self.version += 1;
    }

    /// Appends a private message from a person whose messages are hidden: it is not counted, and no window opens. Where
    /// strangers have no room for another conversation, it goes to the room's log.
    pub(crate) fn receive_hidden(&mut self, from: &str, text: &str, at: Option<Stamp>) {
        let (shown, text) = (shown_name(from), escape(text).into_owned());
        if self.position(from).is_none() && self.on_current_server().count() >= CONVERSATIONS_MAX {
            return self.room.log.settle(at, Kind::Private { from: shown, text });
        }
        let at_index = self.position_or_new(from);
        let private = &mut self.privates[at_index];
        private.conversation.log.settle(at, Kind::Message { from: shown, text, earlier: false });
    }

    /// Clears remarks about a person who was not in the room, and now is.
    pub(crate) fn on_recipient_joined(&mut self, name: &str) {
        self.forget_remark(&is_not_here(name));
        if let Some(conversation) = self.get_mut(&Whom::One(name.to_owned())) {
            conversation.set_remark(None);
        }
    }
}

/// Returns the remark that a private conversation with this person is impossible.
pub(crate) fn is_not_here(name: &str) -> String {
    format!("{} is not here. /who lists the people here", shown_name(name))
}

/// Returns whether two names identify the same person.
pub(crate) fn is_same_name(name: &str, other: &str) -> bool {
    name == other || fold_name(name) == fold_name(other)
}
