//! Messages that can be told from each other: each speaker counts, and what follows the number can be checked too.

use std::collections::HashMap;

use crate::dice::Dice;
use crate::peer::Wrong;

/// `<number> <count> <that many of one character>`. Mostly short, at times as long as a line may be.
pub(crate) fn text(number: u64, name: &str, dice: &mut Dice) -> String {
    let filler = dice.pick(&['x', '.', ' ', 'ß', '你', '🙂']);
    let longest = 4096 - "TELL \n".len() - name.len() - 1 - format!("{number} 4096 ").len();
    let count = match dice.below(100) {
        0 => longest / filler.len_utf8(),
        1..10 => dice.below(1000),
        _ => dice.below(80),
    };
    of(number, filler, count)
}

/// The text with this number that is so long.
pub(crate) fn of(number: u64, filler: char, count: usize) -> String {
    format!("{number} {count} {}", filler.to_string().repeat(count))
}

/// The number of such a text, if all of it is there.
pub(crate) fn number(text: &str) -> Result<u64, Wrong> {
    let read = || {
        let (number, rest) = text.split_once(' ')?;
        let (count, filler) = rest.split_once(' ')?;
        let first = filler.chars().next();
        let whole = filler.chars().all(|c| Some(c) == first) && filler.chars().count() == count.parse().ok()?;
        number.parse().ok().filter(|_| whole)
    };
    read().ok_or_else(|| format!("the text {text:?} has changed on its way"))
}

/// Which number comes next from each speaker.
#[derive(Debug, Default)]
pub(crate) struct Sequence(HashMap<String, u64>);

impl Sequence {
    /// Somebody whose every message is to come, from number 0 on.
    pub(crate) fn expect_all_of(&mut self, speaker: &str) {
        self.0.insert(speaker.into(), 0);
    }

    /// How many messages of this speaker have come, if from 0 on.
    pub(crate) fn next_of(&self, speaker: &str) -> u64 {
        self.0.get(speaker).copied().unwrap_or(0)
    }

    /// A message has come. It must follow the last one; of a speaker who is new here, any may be the first.
    pub(crate) fn hear(&mut self, speaker: &str, text: &str) -> Result<u64, Wrong> {
        let number = number(text)?;
        match self.0.get_mut(speaker) {
            Some(next) if *next == number => *next += 1,
            Some(next) => {
                let what = if number < *next { "repeated or reordered" } else { "lost" };
                return Err(format!("{what}: {number} of {speaker} came, {next} was to come"));
            }
            None => {
                self.0.insert(speaker.into(), number + 1);
            }
        }
        Ok(number)
    }
}
