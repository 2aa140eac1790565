//! The changes of an entry's text, to undo and to repeat them. FLTK's own undo takes everything that was typed in one go as
//! one change, however many words it has. The record of the changes is plain data; runs on the UI thread.

use super::Entry;

/// Maximum number of changes that are kept.
const STEPS_MAX: usize = 1000;

/// A change at a byte of the text: what was there is replaced by something else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) at: usize,
    pub(super) removed: String,
    pub(super) inserted: String,
}

impl Step {
    /// Returns the change that undoes this one.
    fn reversed(self) -> Step {
        Step { at: self.at, removed: self.inserted, inserted: self.removed }
    }

    /// Adds a change that continues this one, in the same word. Returns the change if it does not.
    fn extend(&mut self, next: Step) -> Option<Step> {
        let ends_at = self.at + self.inserted.len();
        if next.removed.is_empty() && next.at == ends_at && is_letter(&next.inserted) {
            let begins_word = ends_in_space(&self.inserted) && !ends_in_space(&next.inserted);
            // What is typed over a selection is one change with its removal.
            if !begins_word && (self.inserted.is_empty() || self.is_typed()) {
                self.inserted += &next.inserted;
                return None;
            }
        } else if next.inserted.is_empty() && self.inserted.is_empty() && is_letter(&next.removed) {
            let ends_word = ends_in_space(&next.removed) && !self.removed.starts_with(char::is_whitespace);
            if next.at + next.removed.len() == self.at && !ends_word {
                self.removed.insert_str(0, &next.removed);
                self.at = next.at;
                return None;
            }
            if next.at == self.at && !ends_word {
                self.removed += &next.removed;
                return None;
            }
        }
        Some(next)
    }

    /// Returns whether it is a word that was typed, and no text that came from elsewhere.
    fn is_typed(&self) -> bool {
        !self.inserted.trim().contains(char::is_whitespace)
    }
}

fn is_letter(text: &str) -> bool {
    text.chars().count() == 1
}

fn ends_in_space(text: &str) -> bool {
    text.ends_with(char::is_whitespace)
}

/// The changes up to now, and those that were undone.
#[derive(Debug, Default)]
pub(super) struct Undo {
    done: Vec<Step>,
    undone: Vec<Step>,
    /// The next change begins a step of its own.
    is_closed: bool,
}

impl Undo {
    /// Records a change.
    pub(super) fn record(&mut self, step: Step) {
        self.undone.clear();
        let is_closed = std::mem::take(&mut self.is_closed);
        let last = self.done.last_mut().filter(|_| !is_closed);
        let Some(step) = last.map_or(Some(step.clone()), |last| last.extend(step)) else { return };
        if self.done.len() == STEPS_MAX {
            self.done.remove(0);
        }
        self.done.push(step);
    }

    /// Takes the last change. Returns the change that undoes it.
    pub(super) fn undo(&mut self) -> Option<Step> {
        let step = self.done.pop()?;
        self.is_closed = true;
        self.undone.push(step.clone());
        Some(step.reversed())
    }

    /// Takes the change that was undone last, to repeat it.
    pub(super) fn redo(&mut self) -> Option<Step> {
        let step = self.undone.pop()?;
        self.is_closed = true;
        self.done.push(step.clone());
        Some(step)
    }

    /// Forgets all changes.
    pub(super) fn clear(&mut self) {
        *self = Undo::default();
    }

    pub(super) fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub(super) fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}

impl Entry {
    /// Returns whether there is a change to undo.
    pub fn can_undo(&self) -> bool {
        self.state.undo.borrow().can_undo()
    }

    /// Returns whether there is a change to repeat.
    pub fn can_redo(&self) -> bool {
        self.state.undo.borrow().can_redo()
    }

    /// Undoes the last change: a word that was typed, or a text that came from elsewhere.
    pub fn undo(&mut self) {
        let step = self.state.undo.borrow_mut().undo();
        self.replay(step);
    }

    /// Repeats the change that was undone last.
    pub fn redo(&mut self) {
        let step = self.state.undo.borrow_mut().redo();
        self.replay(step);
    }

    fn replay(&mut self, step: Option<Step>) {
        let Some(Step { at, removed, inserted }) = step else { return };
        let byte = |at: usize| i32::try_from(at).unwrap_or(i32::MAX);
        self.state.replays.set(true);
        self.buffer.replace(byte(at), byte(at + removed.len()), &inserted);
        self.state.replays.set(false);
        self.set_caret(at + inserted.len());
        self.fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Stage {
        text: String,
        undo: Undo,
    }

    impl Stage {
        fn replace(&mut self, at: usize, removed: usize, inserted: &str) {
            let removed = self.text[at..at + removed].to_owned();
            self.text.replace_range(at..at + removed.len(), inserted);
            self.undo.record(Step { at, removed, inserted: inserted.to_owned() });
        }

        fn type_text(&mut self, text: &str) {
            for letter in text.chars() {
                self.replace(self.text.len(), 0, letter.encode_utf8(&mut [0; 4]));
            }
        }

        fn backspace(&mut self, times: usize) {
            for _ in 0..times {
                self.replace(self.text.len() - 1, 1, "");
            }
        }

        fn apply(&mut self, step: Option<Step>) -> &str {
            if let Some(Step { at, removed, inserted }) = step {
                assert_eq!(self.text[at..at + removed.len()], removed);
                self.text.replace_range(at..at + removed.len(), &inserted);
            }
            &self.text
        }

        fn undo(&mut self) -> &str {
            let step = self.undo.undo();
            self.apply(step)
        }

        fn redo(&mut self) -> &str {
            let step = self.undo.redo();
            self.apply(step)
        }
    }

    #[test]
    fn what_was_typed_is_undone_word_by_word() {
        let mut stage = Stage::default();
        stage.type_text("one two  three");
        assert_eq!([stage.undo().to_owned(), stage.undo().to_owned()], ["one two  ", "one "]);
        assert_eq!(
            [stage.redo().to_owned(), stage.undo().to_owned(), stage.undo().to_owned()],
            ["one two  ", "one ", ""]
        );
        assert!(!stage.undo.can_undo() && stage.undo.can_redo());
        stage.redo();
        stage.type_text("x");
        assert!(!stage.undo.can_redo(), "another change has taken its place");
        assert_eq!(stage.undo(), "one ");
    }

    #[test]
    fn a_paste_is_a_step_of_its_own() {
        let mut stage = Stage::default();
        stage.type_text("see");
        stage.replace(3, 0, " two words");
        stage.type_text("!");
        assert_eq!(stage.undo(), "see two words");
        assert_eq!([stage.undo().to_owned(), stage.undo().to_owned()], ["see", ""]);
    }

    #[test]
    fn what_was_deleted_comes_back_word_by_word_and_what_was_typed_over_with_it() {
        let mut stage = Stage::default();
        stage.replace(0, 0, "one two");
        stage.backspace(6);
        assert_eq!(stage.text, "o");
        assert_eq!([stage.undo().to_owned(), stage.undo().to_owned()], ["one ", "one two"]);
        // A selection is removed, and letters are typed in its place.
        stage.replace(0, 3, "");
        stage.replace(0, 0, "n");
        stage.replace(1, 0, "o");
        assert_eq!((stage.text.as_str(), stage.undo.done.len()), ("no two", 2));
        assert_eq!(stage.undo(), "one two");
    }

    #[test]
    fn the_changes_that_are_kept_have_an_end() {
        let mut stage = Stage::default();
        (0..STEPS_MAX + 5).for_each(|_| stage.type_text("a "));
        assert_eq!(stage.undo.done.len(), STEPS_MAX);
    }
}
