//! From what somebody typed to a text that the protocol allows, and keeping what could not be sent. Runs on the UI thread.

use std::collections::VecDeque;

use crate::protocol::{CLIENT_LINE_MAX, ClientLine};

/// By how many bytes a line is longer than one may be; `None` if it fits.
pub(super) fn too_long_by(line: &ClientLine<'_>) -> Option<usize> {
    let mut bytes = Vec::new();
    line.encode(&mut bytes);
    bytes.len().checked_sub(CLIENT_LINE_MAX).filter(|over| *over > 0)
}

/// The text as it may be sent. A tab or a line's end that was pasted becomes a space, and so does any other control
/// character: the protocol refuses them, since they can do anything to a terminal.
pub(super) fn sendable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Messages that were typed and, as far as we know, not sent. They wait here for an empty entry: what somebody is typing
/// is not touched.
#[derive(Debug, Default)]
pub(super) struct Unsent {
    texts: VecDeque<String>,
    /// One of them is in the entry, or was.
    given_back: bool,
}

impl Unsent {
    /// Keeps a text.
    pub(super) fn keep(&mut self, text: String) {
        self.texts.push_back(text);
    }

    /// Gives the oldest back to the entry.
    pub(super) fn take(&mut self) -> Option<String> {
        let text = self.texts.pop_front();
        self.given_back |= text.is_some();
        text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The user has sent what was in the entry.
    pub(super) fn entry_was_sent(&mut self) {
        self.given_back = false;
    }

    /// What to tell the user about them. Whether a message arrived whose echo did not, nobody here can know.
    pub(super) fn hint(&self) -> Option<String> {
        match (self.texts.len(), self.given_back) {
            (0, false) => None,
            (0, true) => Some("What may not have arrived is back in the entry".into()),
            (1, _) => Some("1 message may not have arrived, and waits for an empty entry".into()),
            (many, _) => Some(format!("{many} messages may not have arrived, and wait for an empty entry")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_exactly_the_limit_is_sent_and_one_byte_more_is_not() {
        let over = |username, text: &str| too_long_by(&ClientLine::Msg { username, text });
        let fits = "x".repeat(CLIENT_LINE_MAX - "MSG bob \n".len());
        assert_eq!(over("bob", &fits), None);
        assert_eq!(over("bob", &format!("{fits}yz")), Some(2));
        assert_eq!(over("bobby", &fits), Some(2));
        // Bytes are counted, not characters.
        assert_eq!(over("bob", &format!("{}é", &fits[1..])), Some(1));
    }

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(sendable("a\tb\r\nc\u{1b}d\u{85}e\u{7f}"), "a b  c d e ");
        assert!(crate::protocol::is_text(&sendable("\u{0}\u{9f}")));
        assert_eq!(sendable("  grüße 👩‍👧  "), "  grüße 👩‍👧  ");
    }

    #[test]
    fn what_was_not_sent_comes_back_in_order() {
        let hint = |unsent: &Unsent| unsent.hint().unwrap_or_default();
        let mut unsent = Unsent::default();
        assert_eq!(unsent.take(), None);
        assert_eq!(hint(&unsent), "");
        unsent.keep("one".into());
        unsent.keep("two".into());
        assert!(hint(&unsent).starts_with("2 messages"));
        assert_eq!(unsent.take().as_deref(), Some("one"));
        assert!(hint(&unsent).starts_with("1 message "));
        assert_eq!(unsent.take().as_deref(), Some("two"));
        assert!(hint(&unsent).contains("back in the entry"));
        unsent.entry_was_sent();
        assert_eq!(hint(&unsent), "");
    }
}
