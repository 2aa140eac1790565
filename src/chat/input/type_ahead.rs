//! Type-ahead: letters that are typed while a list has the keyboard focus go to a name that begins with them. Runs on the
//! UI thread.

use std::time::{Duration, Instant};

/// Pause after which the next letter begins another word.
const PAUSE: Duration = Duration::from_secs(1);

/// The letters that were typed into one list.
#[derive(Debug, Default)]
pub struct TypeAhead {
    /// In lower case.
    typed: String,
    at: Option<Instant>,
}

impl TypeAhead {
    /// Adds typed text. Returns the index of the name to go to: the first from the `current` one on that begins with all
    /// that was typed; the end is followed by the beginning. The same letter again goes to the next name that begins with it.
    pub fn go(&mut self, text: &str, now: Instant, names: &[&str], current: Option<usize>) -> Option<usize> {
        if self.at.replace(now).is_none_or(|before| now.saturating_duration_since(before) > PAUSE) {
            self.typed.clear();
        }
        self.typed += &text.to_lowercase();
        let mut letters = self.typed.chars();
        let first = letters.next()?;
        let is_repeated = letters.all(|letter| letter == first);
        let next = current.map_or(0, |current| current + 1);
        if is_repeated {
            let whole = (self.typed.chars().count() > 1).then(|| find(names, &self.typed, next)).flatten();
            return whole.or_else(|| find(names, &first.to_string(), next));
        }
        find(names, &self.typed, current.unwrap_or(0))
    }
}

/// Returns the first name from an index on that begins with a text, and begins again at the top.
fn find(names: &[&str], beginning: &str, from: usize) -> Option<usize> {
    let indices = (from..names.len()).chain(0..from.min(names.len()));
    indices.into_iter().find(|at| names[*at].to_lowercase().starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["Everybody", "ann", "Anton", "bob", "Ebba"];

    #[test]
    fn letters_of_one_word_narrow_it_down_and_a_pause_begins_another() {
        let (mut ahead, now) = (TypeAhead::default(), Instant::now());
        assert_eq!(ahead.go("a", now, &NAMES, None), Some(1));
        assert_eq!(ahead.go("N", now, &NAMES, Some(1)), Some(1), "it still begins with that");
        assert_eq!(ahead.go("t", now, &NAMES, Some(1)), Some(2));
        assert_eq!(ahead.go("x", now, &NAMES, Some(2)), None);
        assert_eq!(ahead.go("b", now + PAUSE * 2, &NAMES, Some(2)), Some(3));
    }

    #[test]
    fn the_same_letter_goes_from_name_to_name_and_round() {
        let (mut ahead, now) = (TypeAhead::default(), Instant::now());
        assert_eq!(ahead.go("e", now, &NAMES, Some(0)), Some(4));
        assert_eq!(ahead.go("e", now, &NAMES, Some(4)), Some(0));
        assert_eq!(ahead.go("e", now + PAUSE * 2, &NAMES, Some(0)), Some(4));
        assert_eq!(TypeAhead::default().go("a", now, &[], None), None);
    }
}
