//! From what somebody typed to a text that the protocol allows, and keeping what could not be sent. Runs on the UI
//! thread.

use std::collections::VecDeque;

use super::queue::Pending;
use crate::protocol::{CLIENT_LINE_MAX, ClientLine};

/// When so many bytes are left, the limit is near.
const NEAR: isize = 300;

/// How many bytes a line has left up to the limit, which counts all of it: verb, name, text and LF. Negative: so many
/// too many.
pub fn bytes_left(line: &ClientLine<'_>) -> isize {
    let mut bytes = Vec::new();
    line.encode(&mut bytes);
    CLIENT_LINE_MAX.cast_signed() - bytes.len().cast_signed()
}

/// What a counter beside an entry says: nothing as long as the limit is far away.
pub fn counter(left: isize) -> Option<String> {
    match left {
        ..0 if left == -1 => Some("1 byte too long".into()),
        ..0 => Some(format!("{} bytes too long", -left)),
        1 => Some("1 byte left".into()),
        0..=NEAR => Some(format!("{left} bytes left")),
        _ => None,
    }
}

/// By how many bytes a line is longer than one may be; `None` if it fits.
pub(crate) fn too_long_by(line: &ClientLine<'_>) -> Option<usize> {
    let left = bytes_left(line);
    (left < 0).then_some(left.unsigned_abs())
}

/// The text as it may be sent. A tab or a line's end that was pasted becomes a space, and so does any other control
/// character: the protocol refuses them, since they can do anything to a terminal.
pub(crate) fn sendable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What was said to all when the connection was lost, and has no answer: whether it arrived is seen when the next one
/// replays what was said.
#[derive(Debug, Default)]
pub(crate) struct Unconfirmed(VecDeque<Pending>);

impl Unconfirmed {
    /// Something cannot be known yet.
    pub(crate) fn keep(&mut self, line: Pending) {
        self.0.push_back(line);
    }

    /// This one has arrived, and needs no more.
    pub(crate) fn confirm(&mut self, text: &str) {
        if let Some(at) = self.0.iter().position(|line| line.sent && line.text == text) {
            self.0.remove(at);
        }
    }

    /// Those that have not, oldest first.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = String> + use<> {
        std::mem::take(&mut self.0).into_iter().map(|line| line.text)
    }

    /// All of them.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &Pending> {
        self.0.iter()
    }
}

/// Messages that were typed and, as far as we know, not sent. They wait here for an empty entry: what somebody is
/// typing is not touched.
#[derive(Debug, Default)]
pub(crate) struct Returned {
    /// What was only begun, and is given back first.
    drafts: VecDeque<String>,
    texts: VecDeque<String>,
    /// One of them is in the entry, or was.
    given_back: bool,
}

impl Returned {
    /// Keeps a text.
    pub(crate) fn keep(&mut self, text: String) {
        self.texts.push_back(text);
    }

    /// Keeps a text that nobody has wanted to be sent yet.
    pub(crate) fn keep_draft(&mut self, text: String) {
        self.drafts.push_back(text);
    }

    /// Gives the oldest back to the entry.
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

    /// The user has sent what was in the entry.
    pub(crate) fn entry_was_sent(&mut self) {
        self.given_back = false;
    }

    /// What to tell the user about them. Whether a message arrived whose echo did not, nobody here can know.
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
