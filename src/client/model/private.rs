//! The private talks: one with each person, kept for as long as the program runs.
//!
//! A person who leaves and comes back finds the same talk. Names are compared as the protocol compares them, so that
//! it is also the same for somebody who writes the name a little otherwise the next time. Runs on the UI thread.

use super::talk::{Talk, Whom};
use super::{Chat, Kind, shown_name};
use crate::protocol::escape::escape;
use crate::protocol::{Stamp, fold_name};

/// Talks that others may begin, and so the windows that open by themselves. What is said beyond that is shown in the
/// room's talk: nobody's screen is to be filled by strangers. The user may begin as many as they like.
const TALKS_MAX: usize = 50;

/// A talk is to be shown in its window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// With whom.
    pub name: String,
    /// The user wants to write there. Otherwise somebody said something, and the keyboard stays where it is.
    pub by_user: bool,
}

/// All private talks, oldest first.
#[derive(Debug, Default)]
pub(super) struct Privates {
    talks: Vec<Private>,
    calls: Vec<Call>,
    /// Counts the changes of what is unread.
    version: u64,
}

#[derive(Debug)]
struct Private {
    /// As it was written when the talk began.
    name: String,
    /// What all ways to write it have in common.
    folded: String,
    talk: Talk,
}

impl Privates {
    fn position(&self, name: &str) -> Option<usize> {
        if let Some(at) = self.talks.iter().position(|private| private.name == name) {
            return Some(at);
        }
        if self.talks.is_empty() {
            return None;
        }
        let folded = fold_name(name);
        self.talks.iter().position(|private| private.folded == folded)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Talk> {
        self.position(name).map(|at| &self.talks[at].talk)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Talk> {
        self.position(name).map(|at| &mut self.talks[at].talk)
    }

    /// Is there a talk with somebody, or room for one that somebody else begins?
    fn has_room_for(&self, name: &str) -> bool {
        self.talks.len() < TALKS_MAX || self.position(name).is_some()
    }

    /// The talk with somebody, begun if there is none; and the name by which it is known.
    fn begin(&mut self, name: &str) -> (String, &mut Talk) {
        let at = self.position(name).unwrap_or_else(|| {
            let (name, folded) = (name.to_owned(), fold_name(name));
            self.talks.push(Private { name, folded, talk: Talk::private() });
            self.talks.len() - 1
        });
        let Private { name, talk, .. } = &mut self.talks[at];
        (name.clone(), talk)
    }

    fn call(&mut self, name: String, by_user: bool) {
        match self.calls.iter_mut().find(|call| call.name == name) {
            Some(call) => call.by_user |= by_user,
            None => self.calls.push(Call { name, by_user }),
        }
    }

    /// With whom there are messages that nobody has looked at, and how many.
    pub(super) fn unread(&self) -> impl Iterator<Item = (&str, u64)> {
        self.talks.iter().map(|private| (private.name.as_str(), private.talk.unread)).filter(|(_, unread)| *unread > 0)
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }
}

/// Do these name the same person?
pub(super) fn is_same_name(name: &str, other: &str) -> bool {
    name == other || fold_name(name) == fold_name(other)
}

impl Chat {
    /// The user wants to talk with somebody alone: the talk's name, or why that cannot be.
    pub fn open_talk(&mut self, word: &str) -> Result<Whom, String> {
        // Somebody who has left can still be read, so a talk that there was is opened in any case.
        let name = match self.roster.find(word) {
            Some(name) if name == self.my_name() => return Err("You are alone with yourself already".into()),
            Some(name) => name.to_owned(),
            None if self.privates.get(word).is_some() => word.to_owned(),
            None => return Err(format!("Nobody by the name of {} is here: /who tells who is", shown_name(word))),
        };
        let (name, _) = self.privates.begin(&name);
        self.privates.call(name.clone(), true);
        Ok(Whom::One(name))
    }

    /// The talks whose windows are to be shown. Each call is told once.
    pub fn take_calls(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.privates.calls)
    }

    /// Somebody looks at a talk.
    pub fn seen(&mut self, whom: &Whom) {
        if let Some(talk) = self.talk_mut(whom)
            && std::mem::take(&mut talk.unread) > 0
        {
            self.privates.version += 1;
        }
    }

    /// Somebody said something to us alone.
    pub(super) fn told(&mut self, from: &str, text: &str, at: Option<Stamp>) {
        let (shown, text) = (shown_name(from), escape(text).into_owned());
        if !self.privates.has_room_for(from) {
            return self.room.conversation.settle(at, Kind::Private { from: shown, text });
        }
        let (name, talk) = self.privates.begin(from);
        talk.conversation.settle(at, Kind::Message { from: shown, text, earlier: false });
        talk.unread += 1;
        self.privates.version += 1;
        self.privates.call(name, false);
    }

    /// Somebody is here: that nothing could be sent is of the past.
    pub(super) fn can_be_told_again(&mut self, name: &str) {
        if let Some(talk) = self.privates.get_mut(name) {
            talk.remark = None;
        }
    }

    /// Somebody has come or gone, which matters to the talk with that person.
    pub(super) fn tell_talk_with(&mut self, name: &str, at: Option<Stamp>, kind: Kind) {
        if let Some(talk) = self.privates.get_mut(name) {
            talk.conversation.settle(at, kind);
        }
    }
}
