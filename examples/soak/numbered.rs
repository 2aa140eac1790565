//! Messages that can be checked: each sender numbers its own, and the rest of the text has a known form.

use std::collections::HashMap;

use crate::peer::Wrong;
use crate::rng::Rng;

/// Returns a text of the form `<number> <count> <one character, count times>`: mostly short, at times as long as a line may be.
pub(crate) fn text(number: u64, name: &str, rng: &mut Rng) -> String {
    let filler = rng.pick(&['x', '.', ' ', 'ß', '你', '🙂']);
    let longest = 4096 - "TELL \n".len() - name.len() - 1 - format!("{number} 4096 ").len();
    let count = match rng.below(100) {
        0 => longest / filler.len_utf8(),
        1..10 => rng.below(1000),
        _ => rng.below(80),
    };
    of(number, filler, count)
}

/// Returns the text with this number and length.
pub(crate) fn of(number: u64, filler: char, count: usize) -> String {
    format!("{number} {count} {}", filler.to_string().repeat(count))
}

/// Returns the number of a text, if the text is complete.
pub(crate) fn number(text: &str) -> Result<u64, Wrong> {
    let read = || {
        let (number, rest) = text.split_once(' ')?;
        let (count, filler) = rest.split_once(' ')?;
        let first = filler.chars().next();
        let whole = filler.chars().all(|c| Some(c) == first) && filler.chars().count() == count.parse().ok()?;
        number.parse().ok().filter(|_| whole)
    };
    read().ok_or_else(|| format!("the text {text:?} was changed on its way"))
}

/// The next expected number of each sender.
#[derive(Debug, Default)]
pub(crate) struct Sequence(HashMap<String, u64>);

impl Sequence {
    /// Expects all messages of a sender, from number 0 on.
    pub(crate) fn expect_all_of(&mut self, sender: &str) {
        self.0.insert(sender.into(), 0);
    }

    /// Returns the number of messages of a sender, if they were expected from 0 on.
    pub(crate) fn next_of(&self, sender: &str) -> u64 {
        self.0.get(sender).copied().unwrap_or(0)
    }

    /// Checks that a message follows the last one of its sender. The first message of a new sender may have any number.
    pub(crate) fn hear(&mut self, sender: &str, text: &str) -> Result<u64, Wrong> {
        let number = number(text)?;
        match self.0.get_mut(sender) {
            Some(next) if *next == number => *next += 1,
            Some(next) => {
                let what = if number < *next { "repeated or reordered" } else { "lost" };
                return Err(format!("{what}: {number} of {sender} came, {next} was to come"));
            }
            None => {
                self.0.insert(sender.into(), number + 1);
            }
        }
        Ok(number)
    }
}
