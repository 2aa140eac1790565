//! A message of the room, as it is remembered: when it was said, by whom, and what.
//!
//! The ring beside the registry and the history's thread share its text, so that remembering costs one copy.

use std::sync::Arc;

use crate::protocol::Stamp;

/// See the [module](self).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// 0 until it is relayed.
    pub(crate) stamp: Stamp,
    /// `<from> <text>`: one piece of memory for both.
    said: Arc<str>,
}

impl Message {
    /// A message that is not relayed yet.
    pub(crate) fn new(from: &str, text: &str) -> Message {
        Message { stamp: 0, said: [from, " ", text].concat().into() }
    }

    /// A message that was relayed at this stamp.
    #[cfg(feature = "storage")]
    pub(crate) fn at(stamp: Stamp, from: &str, text: &str) -> Message {
        Message { stamp, ..Message::new(from, text) }
    }
}

impl Message {
    /// Who said it.
    pub(crate) fn from(&self) -> &str {
        // A name has no spaces.
        self.said.split_once(' ').map_or("", |(from, _)| from)
    }

    /// What was said.
    pub(crate) fn text(&self) -> &str {
        self.said.split_once(' ').map_or("", |(_, text)| text)
    }

    #[cfg(feature = "storage")]
    /// Bytes that it takes in memory, its place in a queue and the two counters of an `Arc` among them.
    pub(crate) fn memory(&self) -> usize {
        self.said.len() + size_of::<Message>() + 2 * size_of::<usize>()
    }
}
