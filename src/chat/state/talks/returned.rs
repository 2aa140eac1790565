//! Texts that come back to the user: messages that were not sent. Runs on the UI thread.

use std::collections::VecDeque;

/// Returned texts: typed by the user and, as far as is known, not sent. Each waits until the user recalls it. None comes into
/// the entry by itself: it would be mixed up with what is typed there.
#[derive(Debug, Default)]
pub struct Returned {
    texts: VecDeque<Text>,
    /// A returned message is, or was, in the entry.
    recalled: bool,
}

#[derive(Debug)]
struct Text {
    text: String,
    /// It was never submitted: it stood in the entry when another one was recalled.
    is_draft: bool,
}

impl Returned {
    /// Keeps a text that was not sent.
    pub(crate) fn keep(&mut self, text: String) {
        self.texts.push_back(Text { text, is_draft: false });
    }

    /// Takes the oldest text for the entry, and keeps what stands there.
    pub(crate) fn recall(&mut self, draft: &str) -> Option<String> {
        let Text { text, is_draft } = self.texts.pop_front()?;
        if !draft.trim().is_empty() {
            self.texts.push_back(Text { text: draft.to_owned(), is_draft: true });
        }
        self.recalled |= !is_draft;
        Some(text)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Records that the user has sent the contents of the entry.
    pub(crate) fn entry_was_sent(&mut self) {
        self.recalled = false;
    }

    /// Returns a hint about these texts for the user. Whether a message arrived whose echo did not is unknown to the
    /// client.
    pub(crate) fn hint(&self) -> Option<String> {
        match (self.texts.iter().filter(|text| !text.is_draft).count(), self.recalled) {
            (0, false) if self.is_empty() => None,
            (0, false) => Some("Text waits that was not sent: Up brings it back".into()),
            (0, true) => Some("A message that may not have arrived is back in the entry".into()),
            (1, _) => Some("1 message may not have arrived: Up brings it back".into()),
            (many, _) => Some(format!("{many} messages may not have arrived: Up brings them back")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(returned: &Returned) -> String {
        returned.hint().unwrap_or_default()
    }

    #[test]
    fn what_was_not_sent_comes_back_in_order() {
        let mut returned = Returned::default();
        assert_eq!(returned.recall(""), None);
        assert_eq!(hint(&returned), "");
        returned.keep("one".into());
        returned.keep("two".into());
        assert!(hint(&returned).starts_with("2 messages"));
        assert_eq!(returned.recall("").as_deref(), Some("one"));
        assert!(hint(&returned).starts_with("1 message "));
        returned.entry_was_sent();
        assert_eq!(returned.recall(" ").as_deref(), Some("two"));
        assert!(hint(&returned).contains("back in the entry"));
        returned.entry_was_sent();
        assert_eq!(hint(&returned), "");
    }

    #[test]
    fn what_is_typed_meanwhile_is_not_mixed_with_it_and_not_lost() {
        let mut returned = Returned::default();
        returned.keep("one".into());
        assert_eq!(returned.recall("typed since").as_deref(), Some("one"));
        returned.entry_was_sent();
        assert_eq!(hint(&returned), "Text waits that was not sent: Up brings it back");
        assert_eq!(returned.recall("").as_deref(), Some("typed since"));
        assert_eq!((hint(&returned).as_str(), returned.is_empty()), ("", true));
    }
}
