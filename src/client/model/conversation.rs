//! What was said, in the order that is the same for everybody, and what this client has said and not yet heard back.
//!
//! `settled` only grows at its end and is trimmed at its beginning, so a view keeps a position in it and appends what
//! is new. `pending` is drawn below it and anew each time it changes. A message moves from one to the other when the server's echo
//! gives it its place. Whatever came from the wire is escaped on its way in. Runs on the UI thread.

use std::collections::VecDeque;

use crate::protocol::Stamp;
use crate::protocol::escape::escape;

/// Entries that are kept; older ones are dropped.
pub const SETTLED_MAX: usize = 10_000;

/// Messages that may wait for their echo. More are not sent: a server that never answers must not fill the memory.
pub const PENDING_MAX: usize = 100;

/// Characters of a name that are shown. The protocol allows fewer; a server that does not keep to it must not push the text
/// out of the window.
const NAME_MAX: usize = 40;

/// One thing in the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, by the server's clock if it said, else by ours; `None` for the past of a server without stamps.
    pub at: Option<Stamp>,
    /// What.
    pub kind: Kind,
}

/// What an entry is. All words are fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Said to all.
    Message {
        /// Who.
        from: String,
        /// What.
        text: String,
        /// Before we came.
        earlier: bool,
    },
    /// Said to us alone.
    Private {
        /// Who.
        from: String,
        /// What.
        text: String,
    },
    /// Said by the operator of the server.
    Announcement(String),
    /// Somebody came.
    Joined(String),
    /// Somebody went.
    Left(String),
    /// What this program itself has to say.
    Notice(String),
}

/// A message of ours that has no place yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The text as it is sent.
    pub text: String,
    /// When it was written.
    pub at: Stamp,
    /// It was sent and waits for its echo; otherwise it waits to be sent.
    pub sent: bool,
}

/// The conversation.
#[derive(Debug, Default)]
pub struct Conversation {
    settled: VecDeque<Entry>,
    /// How many entries were dropped at the beginning: the position of the first that is kept.
    dropped: u64,
    pending: VecDeque<Pending>,
    /// Our own name in it, to tell where we are mentioned. It stays when the connection has ended.
    me: String,
}

impl Conversation {
    /// We are called so from now on.
    pub fn call_me(&mut self, me: &str) {
        me.clone_into(&mut self.me);
    }

    /// Our own name in it; empty if we have had none yet.
    pub fn me(&self) -> &str {
        &self.me
    }

    /// Appends an entry, and drops the oldest if there are too many.
    pub fn settle(&mut self, at: Option<Stamp>, kind: Kind) {
        if self.settled.len() == SETTLED_MAX {
            self.settled.pop_front();
            self.dropped += 1;
        }
        self.settled.push_back(Entry { at, kind });
    }

    /// The position of the oldest entry that is kept. Positions count up and stay.
    pub fn first(&self) -> u64 {
        self.dropped
    }

    /// The position after the newest entry.
    pub fn end(&self) -> u64 {
        self.dropped + self.settled.len() as u64
    }

    /// The entries from a position on, or from the first that is still kept.
    pub fn since(&self, position: u64) -> impl Iterator<Item = &Entry> {
        let skip = usize::try_from(position.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        self.settled.iter().skip(skip)
    }

    /// What has no place yet, in the order in which it is to get one.
    pub fn pending(&self) -> &VecDeque<Pending> {
        &self.pending
    }

    /// How many more messages may be pending.
    pub fn room(&self) -> usize {
        PENDING_MAX.saturating_sub(self.pending.len())
    }

    /// How many wait to be sent.
    pub fn waiting(&self) -> usize {
        self.pending.iter().filter(|pending| !pending.sent).count()
    }

    /// How many were sent and wait for their echo.
    pub fn unanswered(&self) -> usize {
        self.pending.len() - self.waiting()
    }

    /// A message was sent.
    pub fn sent(&mut self, text: String, at: Stamp) {
        self.pending.push_back(Pending { text, at, sent: true });
    }

    /// A message is to be sent when those before it are.
    pub fn wait(&mut self, text: String, at: Stamp) {
        self.pending.push_back(Pending { text, at, sent: false });
    }

    /// The message that is to be sent next.
    pub fn next_waiting(&self) -> Option<&str> {
        self.pending.iter().find(|pending| !pending.sent).map(|pending| pending.text.as_str())
    }

    /// That message was sent.
    pub fn sent_next(&mut self) {
        if let Some(next) = self.pending.iter_mut().find(|pending| !pending.sent) {
            next.sent = true;
        }
    }

    /// Our own message came back: it has its place now, and waits no more.
    ///
    /// Echoes come in the order of the messages, so it is the oldest that waits. If it is not, then a server lost one,
    /// and the right one is looked for; what was lost keeps waiting, and is given back at the end.
    pub fn echoed(&mut self, text: &str) {
        if let Some(at) = self.pending.iter().position(|pending| pending.sent && pending.text == text) {
            self.pending.remove(at);
        }
    }

    /// The oldest message that was sent was refused: it is taken back.
    pub fn refused(&mut self) -> Option<String> {
        let at = self.pending.iter().position(|pending| pending.sent)?;
        self.pending.remove(at).map(|pending| pending.text)
    }

    /// The oldest message that was sent came too soon, and is to be sent again. Was there one?
    pub fn postponed(&mut self) -> bool {
        let Some(too_soon) = self.pending.iter_mut().find(|pending| pending.sent) else { return false };
        too_soon.sent = false;
        true
    }

    /// The connection is over: what was not confirmed is taken back, oldest first.
    pub fn abandon(&mut self) -> impl Iterator<Item = String> {
        std::mem::take(&mut self.pending).into_iter().map(|pending| pending.text)
    }
}

/// A name as it may be shown: escaped, and not longer than any name should be.
pub fn shown_name(name: &str) -> String {
    let mut shown: String = escape(name).chars().take(NAME_MAX + 1).collect();
    if shown.chars().count() > NAME_MAX {
        shown.pop();
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notices(conversation: &Conversation, position: u64) -> Vec<&str> {
        conversation
            .since(position)
            .map(|entry| match &entry.kind {
                Kind::Notice(text) => text.as_str(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_view_that_keeps_its_position_sees_each_entry_once() {
        let mut conversation = Conversation::default();
        for text in ["one", "two"] {
            conversation.settle(None, Kind::Notice(text.into()));
        }
        let seen = conversation.end();
        assert_eq!(notices(&conversation, 0), ["one", "two"]);
        conversation.settle(None, Kind::Notice("three".into()));
        assert_eq!(notices(&conversation, seen), ["three"]);
    }

    #[test]
    fn the_oldest_entries_are_dropped_and_positions_stay() {
        let mut conversation = Conversation::default();
        for n in 0..SETTLED_MAX + 5 {
            conversation.settle(None, Kind::Notice(n.to_string()));
        }
        assert_eq!((conversation.first(), conversation.end()), (5, SETTLED_MAX as u64 + 5));
        assert_eq!(notices(&conversation, 0).len(), SETTLED_MAX);
        assert_eq!(notices(&conversation, conversation.end() - 1), [(SETTLED_MAX + 4).to_string()]);
    }

    #[test]
    fn an_echo_confirms_the_oldest_of_equal_messages() {
        let mut conversation = Conversation::default();
        for (text, at) in [("hi", 1), ("hi", 2), ("ho", 3)] {
            conversation.sent(text.into(), at);
        }
        conversation.echoed("hi");
        assert_eq!(conversation.pending().iter().map(|pending| pending.at).collect::<Vec<_>>(), [2, 3]);
        conversation.echoed("never said");
        assert_eq!(conversation.refused().as_deref(), Some("hi"));
        assert_eq!(conversation.abandon().collect::<Vec<_>>(), ["ho"]);
        assert!(conversation.pending().is_empty());
    }

    #[test]
    fn what_came_too_soon_is_sent_again_in_order() {
        let mut conversation = Conversation::default();
        for (text, at) in [("one", 1), ("two", 2)] {
            conversation.sent(text.into(), at);
        }
        assert!(conversation.postponed() && conversation.postponed() && !conversation.postponed());
        assert_eq!(
            (conversation.next_waiting(), conversation.waiting(), conversation.unanswered()),
            (Some("one"), 2, 0)
        );
        conversation.wait("three".into(), 3);
        conversation.sent_next();
        assert_eq!((conversation.next_waiting(), conversation.unanswered()), (Some("two"), 1));
        conversation.echoed("two");
        assert_eq!(conversation.waiting(), 2, "what was not sent has no echo");
        conversation.echoed("one");
        assert_eq!(conversation.abandon().collect::<Vec<_>>(), ["two", "three"]);
    }

    #[test]
    fn a_name_that_no_server_should_send_is_cut_and_escaped() {
        assert_eq!(shown_name("ann"), "ann");
        assert_eq!(shown_name("a\u{202e}b"), "a<U+202E>b");
        let cut = shown_name(&"w".repeat(4000));
        assert_eq!((cut.chars().count(), cut.ends_with('…')), (NAME_MAX + 1, true));
    }
}
