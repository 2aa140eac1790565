//! A message of the room as the ring and the history keep it: stamp, sender and text.
//!
//! The ring under the registry's lock and the history's thread share the text, so that a message costs one copy.

use std::sync::Arc;

use crate::protocol::Stamp;

/// A message of the room. Cloning it copies a pointer, not the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// 0 until the message is relayed.
    pub(crate) stamp: Stamp,
    /// `<from> <text>`: one allocation for both.
    line: Arc<str>,
}

impl Message {
    /// Creates a message that is not relayed yet.
    pub(crate) fn new(from: &str, text: &str) -> Message {
        Message { stamp: 0, line: [from, " ", text].concat().into() }
    }

    /// Creates a message that was relayed with this stamp.
    #[cfg(feature = "storage")]
    pub(crate) fn at(stamp: Stamp, from: &str, text: &str) -> Message {
        Message { stamp, ..Message::new(from, text) }
    }

    /// Returns the sender's name.
    pub(crate) fn from(&self) -> &str {
        // A name has no spaces.
        self.line.split_once(' ').map_or("", |(from, _)| from)
    }

    pub(crate) fn text(&self) -> &str {
        self.line.split_once(' ').map_or("", |(_, text)| text)
    }

    /// Returns the bytes that the message takes in memory, with its slot in a queue and the two counters of the `Arc`.
    #[cfg(feature = "storage")]
    pub(crate) fn memory(&self) -> usize {
        self.line.len() + size_of::<Message>() + 2 * size_of::<usize>()
    }
}
