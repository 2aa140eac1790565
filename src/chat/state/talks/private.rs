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

/// Maximum number of conversations that others can start, and so of windows that open by themselves. A conversation
/// that was read and closed makes room for another; messages beyond that are shown in the room's log, so that
/// strangers cannot fill the user's screen. The user may start any number.
const CONVERSATIONS_MAX: usize = 50;

/// A request to show the window of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowRequest {
    /// Name of the person.
    pub name: String,
    /// The user asked for it, and wants to type there. Otherwise a message arrived, and the keyboard focus stays
    /// where it is.
    pub by_user: bool,
    /// The person whose finished conversation this one replaces; its window is free.
    pub in_place_of: Option<String>,
}

/// One private conversation.
#[derive(Debug)]
pub(super) struct Private {
    server: Option<ServerAddress>,
    /// The name as it was written when the conversation began.
    name: String,
    /// The folded name, which is the same for every spelling.
    folded: String,
    pub(super) conversation: Conversation,
    /// Its window is closed, and its entry is empty.
    is_closed: bool,
}

impl Private {
    /// Returns whether the conversation can be replaced without loss: closed, read, and with nothing left to send.
    fn is_replaceable(&self) -> bool {
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

    /// Returns the index of a private conversation on any server; `None` for the room.
    pub(super) fn position_of(&self, whom: &Whom) -> Option<usize> {
        match whom {
            Whom::All => None,
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

    /// Returns the conversation with a person, which is created if necessary, and requests its window.
    fn open(&mut self, name: &str, by_user: bool) -> &mut Private {
        let at = self.position_or_new(name);
        self.request_window(at, by_user, None)
    }

    /// Returns the index of the conversation with a person, which is created if necessary, without a window.
    fn position_or_new(&mut self, name: &str) -> usize {
        self.position(name).unwrap_or_else(|| {
            let (server, name, folded) = (self.server.clone(), name.to_owned(), fold_name(name));
            let conversation = Conversation::private();
            self.privates.push(Private { server, name, folded, conversation, is_closed: true });
            self.privates.len() - 1
        })
    }

    /// Like [`open`](Talks::open), for a person who writes to the user. Returns `None` when there are too many
    /// conversations and none that `may_replace` allows can make room.
    fn open_for_sender(&mut self, name: &str, may_replace: impl Fn(&str) -> bool) -> Option<&mut Private> {
        if self.on_current_server().count() < CONVERSATIONS_MAX || self.position(name).is_some() {
            return Some(self.open(name, false));
        }
        let is_free =
            |private: &Private| private.is_replaceable() && private.server == self.server && may_replace(&private.name);
        let at = self.privates.iter().position(is_free)?;
        let private = &mut self.privates[at];
        private.conversation.reset();
        private.folded = fold_name(name);
        let before = std::mem::replace(&mut private.name, name.to_owned());
        Some(self.request_window(at, false, Some(before)))
    }

    fn request_window(&mut self, at: usize, by_user: bool, in_place_of: Option<String>) -> &mut Private {
        self.privates[at..].rotate_left(1);
        let last = self.privates.len() - 1;
        let private = &mut self.privates[last];
        private.is_closed = false;
        match self.window_requests.iter_mut().find(|request| request.name == private.name) {
            Some(request) => request.by_user |= by_user,
            None => self.window_requests.push(WindowRequest { name: private.name.clone(), by_user, in_place_of }),
        }
        private
    }

    /// Returns the people with unread messages on the current server, and how many.
    pub(crate) fn unread(&self) -> impl Iterator<Item = (&str, u64)> {
        self.on_current_server()
            .map(|private| (private.name.as_str(), private.conversation.unread))
            .filter(|(_, unread)| *unread > 0)
    }

    /// Records that a conversation's window was closed with an empty entry. Once it is read, it can be replaced when
    /// there are too many.
    pub fn window_closed(&mut self, whom: &Whom) {
        if let Some(at) = self.position_of(whom) {
            self.privates[at].is_closed = true;
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
