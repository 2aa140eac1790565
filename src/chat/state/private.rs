//! The private talks: one with each person on each server, kept for as long as the program runs.
//!
//! A name says who somebody is on one server only. So a talk, and all that was not sent in it, stays with its server; on
//! another one, the same name begins another talk.
//!
//! A person who leaves and comes back finds the same talk. Names are compared as the protocol compares them, so that
//! it is also the same for somebody who writes the name a little otherwise the next time. Runs on the UI thread.

use super::Chat;
use super::conversation::Conversation;
use super::message_log::{Kind, shown_name};
use super::whom::Whom;
use crate::client::ServerAddress;
use crate::protocol::escape::escape;
use crate::protocol::{Stamp, fold_name};

/// Talks that others may begin, and so the windows that open by themselves. One that was read and closed makes room; what is
/// said beyond that is shown in the room's talk: nobody's screen is to be filled by strangers. The user may begin as many
/// as they like.
const CONVERSATIONS_MAX: usize = 50;

/// A talk is to be shown in its window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowRequest {
    /// With whom.
    pub name: String,
    /// The user wants to write there. Otherwise somebody said something, and the keyboard stays where it is.
    pub by_user: bool,
    /// The talk with this one is over, and its window free.
    pub in_place_of: Option<String>,
}

/// All private talks, the one that is used last at the end.
#[derive(Debug, Default)]
pub(crate) struct Privates {
    /// The server that we are on, or were on last.
    server: Option<ServerAddress>,
    conversations: Vec<Private>,
    calls: Vec<WindowRequest>,
    /// Counts the changes of what is unread.
    version: u64,
}

#[derive(Debug)]
struct Private {
    server: Option<ServerAddress>,
    /// As it was written when the talk began.
    name: String,
    /// What all ways to write it have in common.
    folded: String,
    conversation: Conversation,
    /// Its window is closed, and nothing is written in it.
    put_away: bool,
}

impl Private {
    /// Might nobody miss it? Then nothing in it is unread, and nothing is still to be sent.
    fn is_over(&self) -> bool {
        self.put_away && self.conversation.unread == 0 && !self.conversation.has_returned()
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

    /// Where a talk is, on whatever server. The room's is none of these.
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

    /// From now on, a name is one on this server.
    pub(crate) fn switch_server(&mut self, server: &ServerAddress) {
        self.server = Some(server.clone());
        self.calls.clear();
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

    /// The talks on the server that we are on.
    fn here(&self) -> impl Iterator<Item = &Private> {
        self.conversations.iter().filter(|private| private.server == self.server)
    }

    /// All of them, on every server.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Conversation> {
        self.conversations.iter_mut().map(|private| &mut private.conversation)
    }

    /// The talk with somebody, begun if there is none; it is to be shown. Returns the name by which it is known, too.
    fn call(&mut self, name: &str, by_user: bool) -> (String, &mut Conversation) {
        let at = self.position(name).unwrap_or_else(|| {
            let (server, name, folded) = (self.server.clone(), name.to_owned(), fold_name(name));
            self.conversations.push(Private {
                server,
                name,
                folded,
                conversation: Conversation::private(),
                put_away: false,
            });
            self.conversations.len() - 1
        });
        self.show(at, by_user, None)
    }

    /// The same, for somebody who wants to talk to the user: there are not too many of those, or one that `may_go` makes room.
    fn called_by(&mut self, name: &str, may_go: impl Fn(&str) -> bool) -> Option<(String, &mut Conversation)> {
        if self.here().count() < CONVERSATIONS_MAX || self.position(name).is_some() {
            return Some(self.call(name, false));
        }
        let is_free = |private: &Private| private.is_over() && private.server == self.server && may_go(&private.name);
        let at = self.conversations.iter().position(is_free)?;
        let private = &mut self.conversations[at];
        private.conversation.reset();
        private.folded = fold_name(name);
        let before = std::mem::replace(&mut private.name, name.to_owned());
        Some(self.show(at, false, Some(before)))
    }

    fn show(&mut self, at: usize, by_user: bool, in_place_of: Option<String>) -> (String, &mut Conversation) {
        self.conversations[at..].rotate_left(1);
        let last = self.conversations.len() - 1;
        let Private { name, conversation, put_away, .. } = &mut self.conversations[last];
        *put_away = false;
        match self.calls.iter_mut().find(|call| call.name == *name) {
            Some(call) => call.by_user |= by_user,
            None => self.calls.push(WindowRequest { name: name.clone(), by_user, in_place_of }),
        }
        (name.clone(), conversation)
    }

    /// With whom there are messages that nobody has looked at, and how many.
    pub(crate) fn unread(&self) -> impl Iterator<Item = (&str, u64)> {
        self.here()
            .map(|private| (private.name.as_str(), private.conversation.unread))
            .filter(|(_, unread)| *unread > 0)
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}

/// Why there can be no talk with somebody.
fn is_not_here(name: &str) -> String {
    format!("Nobody by the name of {} is here: /who tells who is", shown_name(name))
}

/// Do these name the same person?
pub(crate) fn is_same_name(name: &str, other: &str) -> bool {
    name == other || fold_name(name) == fold_name(other)
}

impl Chat {
    /// The user wants to talk with somebody alone: the talk's name, or why that cannot be.
    pub fn open_conversation(&mut self, word: &str) -> Result<Whom, String> {
        // Somebody who has left can still be read, so a talk that there was is opened in any case.
        let name = match self.roster.find(word) {
            Some(name) if name == self.requested_name() => return Err("You are alone with yourself already".into()),
            Some(name) => name.to_owned(),
            None if self.privates.position(word).is_some() => word.to_owned(),
            None => return Err(is_not_here(word)),
        };
        let (name, _) = self.privates.call(&name, true);
        Ok(Whom::One(name))
    }

    /// The window of a talk was closed with nothing written in it. Once it is read, it makes room when there are too many.
    pub fn window_closed(&mut self, whom: &Whom) {
        if let Some(at) = self.privates.position_of(whom) {
            self.privates.conversations[at].put_away = true;
        }
    }

    /// The talks whose windows are to be shown. Each call is told once.
    pub fn take_window_requests(&mut self) -> Vec<WindowRequest> {
        std::mem::take(&mut self.privates.calls)
    }

    /// Somebody looks at a talk.
    pub fn seen(&mut self, whom: &Whom) {
        if let Some(conversation) = self.conversation_mut(whom)
            && std::mem::take(&mut conversation.unread) > 0
        {
            self.privates.version += 1;
        }
    }

    /// Somebody said something to us alone.
    pub(crate) fn receive_private(&mut self, from: &str, text: &str, at: Option<Stamp>) {
        let (shown, text) = (shown_name(from), escape(text).into_owned());
        let queue = &self.queue;
        let may_go = |name: &str| queue.pending_for(&Whom::One(name.to_owned())).next().is_none();
        let Some((_, conversation)) = self.privates.called_by(from, may_go) else {
            return self.room.log.settle(at, Kind::Private { from: shown, text });
        };
        conversation.log.settle(at, Kind::Message { from: shown, text, earlier: false });
        conversation.unread += 1;
        self.privates.version += 1;
    }

    /// Somebody is here: that nothing could be sent is of the past.
    pub(crate) fn on_recipient_joined(&mut self, name: &str) {
        self.forget_remark(&is_not_here(name));
        if let Some(conversation) = self.privates.with_name(name) {
            conversation.remark = None;
        }
    }

    /// Somebody has come or gone, which matters to the talk with that person.
    pub(crate) fn settle_if_open(&mut self, name: &str, at: Option<Stamp>, kind: Kind) {
        if let Some(conversation) = self.privates.with_name(name) {
            conversation.log.settle(at, kind);
        }
    }
}
