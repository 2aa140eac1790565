//! The input history: texts sent from an entry, recalled with Up and Down. Runs on the UI thread.

use std::collections::VecDeque;

/// Maximum number of texts.
const TEXTS_MAX: usize = 100;

/// Input history of one entry.
#[derive(Debug, Default)]
pub struct InputHistory {
    /// Sent texts, oldest first.
    sent: VecDeque<String>,
    walk: Option<Walk>,
}

/// A walk through the history. Edits made on the way are kept until a text is sent, so nothing typed is lost: neither
/// the draft at which the walk began, nor an old text that was partly rewritten.
#[derive(Debug)]
struct Walk {
    /// The sent texts, followed by the draft.
    texts: Vec<String>,
    at: usize,
}

impl InputHistory {
    /// Returns the text before the one in the entry, if any.
    pub fn up(&mut self, entry: &str) -> Option<&str> {
        self.walk(entry, |at| at.checked_sub(1))
    }

    /// Returns the text after the one in the entry, the draft last.
    pub fn down(&mut self, entry: &str) -> Option<&str> {
        self.walk(entry, |at| Some(at + 1))
    }

    fn walk(&mut self, entry: &str, step: impl Fn(usize) -> Option<usize>) -> Option<&str> {
        let InputHistory { sent, walk } = self;
        let walk = walk.get_or_insert_with(|| Walk {
            texts: sent.iter().cloned().chain([String::new()]).collect(),
            at: sent.len(),
        });
        let to = step(walk.at).filter(|to| *to < walk.texts.len())?;
        entry.clone_into(&mut walk.texts[walk.at]);
        walk.at = to;
        Some(&walk.texts[to])
    }

    /// Records a sent text, and ends the walk. Consecutive duplicates are stored once.
    pub fn sent(&mut self, text: &str) {
        self.walk = None;
        if self.sent.back().is_none_or(|last| last != text) {
            self.sent.push_back(text.to_owned());
        }
        if self.sent.len() > TEXTS_MAX {
            self.sent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(texts: &[&str]) -> InputHistory {
        let mut history = InputHistory::default();
        for text in texts {
            history.sent(text);
        }
        history
    }

    #[test]
    fn up_and_down_walk_through_what_was_sent_and_back_to_the_draft() {
        let mut history = after(&["one", "two"]);
        assert_eq!(history.up("half a thought"), Some("two"));
        assert_eq!(history.up("two"), Some("one"));
        assert_eq!(history.up("one"), None);
        assert_eq!(history.down("one"), Some("two"));
        assert_eq!(history.down("two"), Some("half a thought"));
        assert_eq!(history.down("half a thought"), None);
    }

    #[test]
    fn what_is_rewritten_on_the_way_is_not_lost() {
        let mut history = after(&["one", "two"]);
        history.up("");
        assert_eq!(history.up("two, rewritten"), Some("one"));
        assert_eq!(history.down("one"), Some("two, rewritten"));
        history.sent("two, rewritten");
        // Only what was sent is in the history afterwards.
        assert_eq!(history.up(""), Some("two, rewritten"));
        assert_eq!(history.up("two, rewritten"), Some("two"));
    }

    #[test]
    fn a_draft_that_changes_after_the_walk_is_kept_too() {
        let mut history = after(&["one"]);
        history.up("first");
        history.down("one");
        assert_eq!(history.up("second"), Some("one"));
        assert_eq!(history.down("one"), Some("second"));
    }

    #[test]
    fn the_same_twice_is_remembered_once_and_the_memory_has_an_end() {
        let mut history = after(&["hi", "hi"]);
        history.up("");
        assert_eq!(history.up("hi"), None);
        for n in 0..2 * TEXTS_MAX {
            history.sent(&n.to_string());
        }
        assert_eq!(history.sent.len(), TEXTS_MAX);
    }

    #[test]
    fn with_nothing_sent_there_is_nothing_to_walk_through() {
        let mut history = InputHistory::default();
        assert_eq!((history.up("draft").is_none(), history.down("draft").is_none()), (true, true));
    }
}
