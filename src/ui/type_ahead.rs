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
    /// `name` returns each of the `count` names.
    pub fn go<S: AsRef<str>>(
        &mut self,
        text: &str,
        now: Instant,
        count: usize,
        name: impl Fn(usize) -> S,
        current: Option<usize>,
    ) -> Option<usize> {
        if !self.is_typing(now) {
            self.typed.clear();
        }
        self.at = Some(now);
        self.typed += &text.to_lowercase();
        let mut letters = self.typed.chars();
        let first = letters.next()?;
        let is_repeated = letters.all(|letter| letter == first);
        let next = current.map_or(0, |current| current + 1);
        if is_repeated {
            let whole = (self.typed.chars().count() > 1).then(|| find(count, &name, &self.typed, next)).flatten();
            return whole.or_else(|| find(count, &name, &first.to_string(), next));
        }
        find(count, &name, &self.typed, current.unwrap_or(0))
    }

    /// Returns true if the next text belongs to the same word.
    pub fn is_typing(&self, now: Instant) -> bool {
        self.at.is_some_and(|before| now.saturating_duration_since(before) <= PAUSE)
    }
}

/// Returns the first name from an index on that begins with a text, and begins again at the top.
fn find<S: AsRef<str>>(count: usize, name: &impl Fn(usize) -> S, beginning: &str, from: usize) -> Option<usize> {
    let mut indices = (from..count).chain(0..from.min(count));
    indices.find(|at| name(*at).as_ref().to_lowercase().starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["Everybody", "ann", "Anton", "bob", "Ebba"];

    fn go(ahead: &mut TypeAhead, text: &str, now: Instant, current: Option<usize>) -> Option<usize> {
        ahead.go(text, now, NAMES.len(), |at| NAMES[at], current)
    }

    #[test]
    fn letters_of_one_word_narrow_it_down_and_a_pause_begins_another() {
        let (mut ahead, now) = (TypeAhead::default(), Instant::now());
        assert_eq!(go(&mut ahead, "a", now, None), Some(1));
        assert_eq!(go(&mut ahead, "N", now, Some(1)), Some(1), "it still begins with that");
        assert_eq!(go(&mut ahead, "t", now, Some(1)), Some(2));
        assert_eq!(go(&mut ahead, "x", now, Some(2)), None);
        assert!(ahead.is_typing(now + PAUSE) && !ahead.is_typing(now + PAUSE * 2));
        assert_eq!(go(&mut ahead, "b", now + PAUSE * 2, Some(2)), Some(3));
    }

    #[test]
    fn the_same_letter_goes_from_name_to_name_and_round() {
        let (mut ahead, now) = (TypeAhead::default(), Instant::now());
        assert_eq!(go(&mut ahead, "e", now, Some(0)), Some(4));
        assert_eq!(go(&mut ahead, "e", now, Some(4)), Some(0));
        assert_eq!(go(&mut ahead, "e", now + PAUSE * 2, Some(0)), Some(4));
        assert_eq!(TypeAhead::default().go("a", now, 0, |_| "", None), None);
    }
}
