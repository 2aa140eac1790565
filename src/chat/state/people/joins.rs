//! The user's choice of what the room's log shows of people who come and go. Plain data.

/// The extent to which joins and leaves are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Joins {
    /// Nothing.
    Hide,
    /// Those that follow each other, as one line.
    #[default]
    Grouped,
    /// A line for each.
    All,
}

impl Joins {
    /// Every choice, in the order of the menu.
    pub const CHOICES: [Joins; 3] = [Joins::Hide, Joins::Grouped, Joins::All];

    /// Returns the word for the settings.
    pub fn word(self) -> &'static str {
        match self {
            Joins::Hide => "hide",
            Joins::Grouped => "grouped",
            Joins::All => "all",
        }
    }

    /// Returns the choice that a word of the settings stands for.
    pub fn from_word(word: &str) -> Option<Joins> {
        Joins::CHOICES.into_iter().find(|choice| choice.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_remembered_by_its_word_and_grouped_is_what_nobody_chose() {
        for choice in Joins::CHOICES {
            assert_eq!(Joins::from_word(choice.word()), Some(choice));
        }
        assert_eq!((Joins::from_word("some"), Joins::default()), (None, Joins::Grouped));
    }
}
