//! Private conversations: one with each person on each server, kept until the program ends.
//!
//! A name identifies a person on one server only. So a conversation, with all that was not sent in it, belongs to its
//! server; on another server the same name begins another conversation.
//!
//! A person who leaves and comes back finds the same conversation. Names are compared as the protocol compares them,
//! so a different spelling of the same name finds it too. Runs on the UI thread.

use super::Chat;
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

/// All private conversations, the one used last at the end.
#[derive(Debug, Default)]
pub(crate) struct Privates {
    /// The server of the current connection, or of the last one.
    server: Option<ServerAddress>,
    conversations: Vec<Private>,
    window_requests: Vec<WindowRequest>,
    /// Counts the changes of unread counts.
    version: u64,
}

#[derive(Debug)]
struct Private {
    server: Option<ServerAddress>,
    /// The name as it was written when the conversation began.
    name: String,
    /// The folded name, which is the same for every spelling.
    folded: String,
    conversation: Conversation,
    /// Its window is closed, and its entry is empty.
    is_closed: bool,
}

impl Private {
    /// Returns whether the conversation can be replaced without loss: closed, read, and with nothing left to send.
    fn is_replaceable(&self) -> bool {
        self.is_closed && self.conversation.unread == 0 && !self.conversation.has_returned()
    }
}

impl Privates {
    fn position(&self, name: &str) -> Option<usize> {
        let is_here = |private: &Private| private.server == self.server;
        if let Some(at) = self.conversations.iter().position(|private| private.name == name && is_here(private)) {
            return Some(at);
        }
        if self.conversations.is_empty() {
            return None;
        }
        let folded = fold_name(name);
        self.conversations.iter().position(|private| private.folded == folded && is_here(private))
    }

    /// Returns the index of a private conversation on any server; `None` for the room.
    fn position_of(&self, whom: &Whom) -> Option<usize> {
        match whom {
            Whom::All => None,
            Whom::One(name) => self.position(name),
            Whom::OnOtherServer(server, name) => {
                let mut conversations = self.conversations.iter();
                conversations.position(|private| private.name == *name && private.server.as_ref() == Some(server))
            }
        }
    }

    /// Switches to a server: names without a server mean that one from now on.
    pub(crate) fn switch_server(&mut self, server: &ServerAddress) {
        self.server = Some(server.clone());
        self.window_requests.clear();
        self.version += 1;
    }

    pub(crate) fn get(&self, whom: &Whom) -> Option<&Conversation> {
        self.position_of(whom).map(|at| &self.conversations[at].conversation)
    }

    pub(crate) fn get_mut(&mut self, whom: &Whom) -> Option<&mut Conversation> {
        self.position_of(whom).map(|at| &mut self.conversations[at].conversation)
    }

    fn with_name(&mut self, name: &str) -> Option<&mut Conversation> {
        self.position(name).map(|at| &mut self.conversations[at].conversation)
    }

    /// Returns the conversations on the current server.
    fn on_current_server(&self) -> impl Iterator<Item = &Private> {
        self.conversations.iter().filter(|private| private.server == self.server)
    }

    /// Returns the conversations on all servers.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Conversation> {
        self.conversations.iter_mut().map(|private| &mut private.conversation)
    }

    /// Returns the conversation with a person, which is created if necessary, and requests its window. Also returns
    /// the name under which it is known.
    fn open(&mut self, name: &str, by_user: bool) -> (String, &mut Conversation) {
        let at = self.position(name).unwrap_or_else(|| {
            let (server, name, folded) = (self.server.clone(), name.to_owned(), fold_name(name));
            self.conversations.push(Private {
                server,
                name,
                folded,
                conversation: Conversation::private(),
                is_closed: false,
            });
            self.conversations.len() - 1
        });
        self.request_window(at, by_user, None)
    }

    /// Like [`open`](Privates::open), for a person who writes to the user. Returns `None` when there are too many
    /// conversations and none that `may_replace` allows can make room.
    fn open_for_sender(
        &mut self,
        name: &str,
        may_replace: impl Fn(&str) -> bool,
    ) -> Option<(String, &mut Conversation)> {
        if self.on_current_server().count() < CONVERSATIONS_MAX || self.position(name).is_some() {
            return Some(self.open(name, false));
        }
        let is_free =
            |private: &Private| private.is_replaceable() && private.server == self.server && may_replace(&private.name);
        let at = self.conversations.iter().position(is_free)?;
        let private = &mut self.conversations[at];
        private.conversation.reset();
        private.folded = fold_name(name);
        let before = std::mem::replace(&mut private.name, name.to_owned());
        Some(self.request_window(at, false, Some(before)))
    }

    fn request_window(&mut self, at: usize, by_user: bool, in_place_of: Option<String>) -> (String, &mut Conversation) {
        self.conversations[at..].rotate_left(1);
        let last = self.conversations.len() - 1;
        let Private { name, conversation, is_closed, .. } = &mut self.conversations[last];
        *is_closed = false;
        match self.window_requests.iter_mut().find(|request| request.name == *name) {
            Some(request) => request.by_user |= by_user,
            None => self.window_requests.push(WindowRequest { name: name.clone(), by_user, in_place_of }),
        }
        (name.clone(), conversation)
    }

    /// Returns the people with unread messages, and how many.
    pub(crate) fn unread(&self) -> impl Iterator<Item = (&str, u64)> {
        self.on_current_server()
            .map(|private| (private.name.as_str(), private.conversation.unread))
            .filter(|(_, unread)| *unread > 0)
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}

/// Returns the remark that a private conversation with this person is impossible.
fn is_not_here(name: &str) -> String {
    format!("Nobody by the name of {} is here: /who tells who is", shown_name(name))
}

/// Returns whether two names identify the same person.
pub(crate) fn is_same_name(name: &str, other: &str) -> bool {
    name == other || fold_name(name) == fold_name(other)
}

impl Chat {
    /// Opens a private conversation for the user.
    ///
    /// # Errors
    /// The reason why that is impossible.
    pub fn open_conversation(&mut self, word: &str) -> Result<Whom, String> {
        // A conversation with a person who has left can still be read, so it is opened in any case.
        let name = match self.roster.find(word) {
            Some(name) if name == self.requested_name() => return Err("You are alone with yourself already".into()),
            Some(name) => name.to_owned(),
            None if self.privates.position(word).is_some() => word.to_owned(),
            None => return Err(is_not_here(word)),
        };
        let (name, _) = self.privates.open(&name, true);
        Ok(Whom::One(name))
    }

    /// Records that a conversation's window was closed with an empty entry. Once it is read, it can be replaced when
    /// there are too many.
    pub fn window_closed(&mut self, whom: &Whom) {
        if let Some(at) = self.privates.position_of(whom) {
            self.privates.conversations[at].is_closed = true;
        }
    }

    /// Takes the requests to show windows.
    pub fn take_window_requests(&mut self) -> Vec<WindowRequest> {
        std::mem::take(&mut self.privates.window_requests)
    }

    /// Marks a conversation as read.
    pub fn mark_read(&mut self, whom: &Whom) {
        if let Some(conversation) = self.conversation_mut(whom)
            && std::mem::take(&mut conversation.unread) > 0
        {
            self.privates.version += 1;
        }
    }

    /// Appends a private message from another person.
    pub(crate) fn receive_private(&mut self, from: &str, text: &str, at: Option<Stamp>) {
        let (shown, text) = (shown_name(from), escape(text).into_owned());
        let queue = &self.queue;
        let may_replace = |name: &str| queue.pending_for(&Whom::One(name.to_owned())).next().is_none();
        let Some((_, conversation)) = self.privates.open_for_sender(from, may_replace) else {
            return self.room.log.settle(at, Kind::Private { from: shown, text });
        };
        conversation.log.settle(at, Kind::Message { from: shown, text, earlier: false });
        conversation.unread += 1;
        self.privates.version += 1;
    }

    /// Clears remarks about a person who was not in the room, and now is.
    pub(crate) fn on_recipient_joined(&mut self, name: &str) {
        self.forget_remark(&is_not_here(name));
        if let Some(conversation) = self.privates.with_name(name) {
            conversation.set_remark(None);
        }
    }

    /// Appends to the conversation with a person that they have joined or left, if there is one.
    pub(crate) fn settle_if_open(&mut self, name: &str, at: Option<Stamp>, kind: Kind) {
        if let Some(conversation) = self.privates.with_name(name) {
            conversation.log.settle(at, kind);
        }
    }
}
