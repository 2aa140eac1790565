//! Texts that come back to the user: messages that were not sent. Runs on the UI thread.

use std::collections::VecDeque;

/// Returned texts: typed by the user and, as far as is known, not sent. Each waits for an empty entry, since a text
/// that is being typed must not be overwritten.
#[derive(Debug, Default)]
pub struct Returned {
    texts: VecDeque<String>,
    /// A returned message is, or was, in the entry.
    given_back: bool,
}

impl Returned {
    /// Keeps a text that was not sent.
    pub(crate) fn keep(&mut self, text: String) {
        self.texts.push_back(text);
    }

    /// Takes the oldest text for the entry.
    pub(crate) fn take(&mut self) -> Option<String> {
        let text = self.texts.pop_front();
        self.given_back |= text.is_some();
        text
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.texts.is_empty()
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
            (0, true) => Some("A message that may not have arrived is back in the entry".into()),
            (1, _) => Some("1 message may not have arrived: it comes back when the entry is empty".into()),
            (many, _) => Some(format!("{many} messages may not have arrived: they come back when the entry is empty")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
