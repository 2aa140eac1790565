//! Texts on their way out: making them fit the protocol, and keeping those that were not sent or not confirmed. Runs
//! on the UI thread.

use std::collections::VecDeque;

use super::queue::Pending;
use crate::protocol::{CLIENT_LINE_MAX, ClientLine};

/// Number of remaining bytes from which the counter is shown.
const NEAR: isize = 300;

/// Returns how many bytes a line has left up to the limit, which includes verb, name, text and LF. Negative if it is
/// too long.
pub fn bytes_left(line: &ClientLine<'_>) -> isize {
    let mut bytes = Vec::new();
    line.encode(&mut bytes);
    CLIENT_LINE_MAX.cast_signed() - bytes.len().cast_signed()
}

/// Returns the text of the counter beside an entry; `None` while the limit is far away.
pub fn counter(left: isize) -> Option<String> {
    match left {
        ..0 if left == -1 => Some("1 byte too long".into()),
        ..0 => Some(format!("{} bytes too long", -left)),
        1 => Some("1 byte left".into()),
        0..=NEAR => Some(format!("{left} bytes left")),
        _ => None,
    }
}

/// Returns by how many bytes a line exceeds the limit; `None` if it fits.
pub(crate) fn too_long_by(line: &ClientLine<'_>) -> Option<usize> {
    let left = bytes_left(line);
    (left < 0).then_some(left.unsigned_abs())
}

/// Returns the text with each control character replaced by a space, including tabs and line ends that were pasted.
/// The protocol rejects control characters, since they can do anything to a terminal.
pub(crate) fn sendable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Messages to all that had no answer when the connection was lost. The replay of the next connection shows which of
/// them have arrived.
#[derive(Debug, Default)]
pub(crate) struct Unconfirmed(VecDeque<Pending>);

impl Unconfirmed {
    /// Keeps a message until its fate is known.
    pub(crate) fn keep(&mut self, line: Pending) {
        self.0.push_back(line);
    }

    /// Removes a message that has arrived.
    pub(crate) fn confirm(&mut self, text: &str) {
        if let Some(at) = self.0.iter().position(|line| line.sent && line.text == text) {
            self.0.remove(at);
        }
    }

    /// Takes the texts of the remaining messages, oldest first.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = String> + use<> {
        std::mem::take(&mut self.0).into_iter().map(|line| line.text)
    }

    /// Returns the messages, oldest first.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &Pending> {
        self.0.iter()
    }
}

/// Returned texts: typed by the user and, as far as is known, not sent. Each waits for an empty entry, since a text
/// that is being typed must not be overwritten.
#[derive(Debug, Default)]
pub(crate) struct Returned {
    /// Texts that were never submitted. These are returned first.
    drafts: VecDeque<String>,
    texts: VecDeque<String>,
    /// A returned message is, or was, in the entry.
    given_back: bool,
}

impl Returned {
    /// Keeps a text that was not sent.
    pub(crate) fn keep(&mut self, text: String) {
        self.texts.push_back(text);
    }

    /// Keeps a draft that was never submitted.
    pub(crate) fn keep_draft(&mut self, text: String) {
        self.drafts.push_back(text);
    }

    /// Takes the oldest text for the entry.
    pub(crate) fn take(&mut self) -> Option<String> {
        if let Some(draft) = self.drafts.pop_front() {
            return Some(draft);
        }
        let text = self.texts.pop_front();
        self.given_back |= text.is_some();
        text
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.drafts.is_empty() && self.texts.is_empty()
    }

    /// Records that the user has sent the contents of the entry.
    pub(crate) fn entry_was_sent(&mut self) {
        self.given_back = false;
    }

    /// Returns a hint about these texts for the user. Whether a message arrived whose echo did not is unknown to the
    /// client.
    pub(crate) fn hint(&self) -> Option<String> {
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
    fn the_counter_appears_near_the_limit_and_counts_as_the_protocol_does() {
        let left = |text: &str| bytes_left(&ClientLine::Msg { username: "bob", text });
        assert_eq!(left("x"), 4096 - "MSG bob x\n".len().cast_signed());
        // Two bytes in UTF-8, of which each counts.
        assert_eq!(left("x") - left("é"), 1);
        for (left, words) in [
            (301, None),
            (300, Some("300 bytes left")),
            (1, Some("1 byte left")),
            (0, Some("0 bytes left")),
            (-1, Some("1 byte too long")),
            (-20, Some("20 bytes too long")),
        ] {
            assert_eq!(counter(left).as_deref(), words);
        }
    }

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(sendable("a\tb\r\nc\u{1b}d\u{85}e\u{7f}"), "a b  c d e ");
        assert!(crate::protocol::is_text(&sendable("\u{0}\u{9f}")));
        assert_eq!(sendable("  grüße 👩‍👧  "), "  grüße 👩‍👧  ");
    }

    #[test]
    fn what_was_not_sent_comes_back_in_order() {
        let hint = |returned: &Returned| returned.hint().unwrap_or_default();
        let mut returned = Returned::default();
        assert_eq!(returned.take(), None);
        assert_eq!(hint(&returned), "");
        returned.keep("one".into());
        returned.keep("two".into());
        assert!(hint(&returned).starts_with("2 messages"));
        assert_eq!(returned.take().as_deref(), Some("one"));
        assert!(hint(&returned).starts_with("1 message "));
        assert_eq!(returned.take().as_deref(), Some("two"));
        assert!(hint(&returned).contains("back in the entry"));
        returned.entry_was_sent();
        assert_eq!(hint(&returned), "");
    }
}
