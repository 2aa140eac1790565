//! Completion of names and commands with Tab: the letters before the cursor become the first name that begins with them,
//! and with each further Tab the next one. At the start of an entry, a `/` and letters become a command. Runs on the UI
//! thread.

use super::commands::beginning_with;
use crate::chat::render::mentions::{breaks, in_a_name};
use crate::protocol::fold_name;

/// Completion state of one entry.
#[derive(Debug, Default)]
pub struct Completion {
    /// The candidates, while Tab is pressed repeatedly.
    round: Option<Round>,
}

/// One word, and its candidates.
#[derive(Debug)]
struct Round {
    before: String,
    after: String,
    /// The typed letters, followed by the matching names.
    names: Vec<String>,
    at: usize,
    /// Contents of the entry after the last Tab; any other contents end the round.
    shown: Text,
}

/// Contents of an entry, and its cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The whole text.
    pub text: String,
    /// Byte offset of the cursor.
    pub cursor: usize,
}

/// Result of a Tab.
#[derive(Debug, PartialEq, Eq)]
pub enum Completed {
    /// The new contents of the entry.
    Text(Text),
    /// No name begins with these letters, or no command begins with this word.
    NoSuchName(String),
    /// There is no word before the cursor: the key moves to the next field, as elsewhere.
    NoWord,
}

impl Completion {
    /// Handles Tab, or Shift+Tab if `backwards`.
    pub fn tab<'a>(&mut self, entry: Text, backwards: bool, names: impl Iterator<Item = &'a str>) -> Completed {
        match self.round.take_if(|round| round.shown == entry) {
            Some(round) => self.show(round, backwards),
            // Shift+Tab without a round moves to the field before, as elsewhere.
            None if backwards => Completed::NoWord,
            None => self.begin(entry, names),
        }
    }

    fn begin<'a>(&mut self, entry: Text, names: impl Iterator<Item = &'a str>) -> Completed {
        self.round = None;
        let Some((before, after)) = entry.text.split_at_checked(entry.cursor) else { return Completed::NoWord };
        if let Some(typed) = before.strip_prefix('/').filter(|typed| !typed.contains(['/', ' ', '\n'])) {
            return self.begin_command(typed, after, &entry);
        }
        let word = before.trim_end_matches(in_a_name).len();
        if word == before.len() {
            return Completed::NoWord;
        }
        let names: Vec<(&str, String)> = names.map(|name| (name, fold_name(name))).collect();
        // The longest suffix that begins a name: all letters before the cursor, or fewer of them where scripts meet
        // that need no space.
        let letters = before[word..].char_indices();
        let parts = letters.clone().zip(letters.skip(1)).filter(|((_, here), (_, next))| breaks(*here, *next));
        let starts = [word].into_iter().chain(parts.map(|(_, (at, _))| word + at));
        let mut begun = starts.map(|start| (start, fold_name(&before[start..])));
        let begun = begun.find(|(_, typed)| names.iter().any(|(_, name)| name.starts_with(typed)));
        let Some((start, typed)) = begun else { return Completed::NoSuchName(before[word..].to_owned()) };
        let names = names.into_iter().filter(|(_, name)| name.starts_with(&typed)).map(|(name, _)| name);
        let (before, typed) = before.split_at(start);
        // At the start of a line the name addresses a person, elsewhere it is a word.
        let behind = match (before.is_empty(), after.starts_with(' ')) {
            (true, true) => ":",
            (true, false) => ": ",
            (false, true) => "",
            (false, false) => " ",
        };
        let names = std::iter::once(typed.to_owned()).chain(names.map(|name| format!("{name}{behind}"))).collect();
        self.show(Round { before: before.into(), after: after.into(), names, at: 0, shown: entry.clone() }, false)
    }

    fn begin_command(&mut self, typed: &str, after: &str, entry: &Text) -> Completed {
        let behind = |arguments: &str| if arguments.is_empty() || after.starts_with(' ') { "" } else { " " };
        let commands: Vec<String> =
            beginning_with(typed).map(|command| format!("{}{}", command.word, behind(command.arguments))).collect();
        if commands.is_empty() {
            return Completed::NoSuchName(format!("/{typed}"));
        }
        let names = std::iter::once(typed.to_owned()).chain(commands).collect();
        self.show(Round { before: "/".into(), after: after.into(), names, at: 0, shown: entry.clone() }, false)
    }

    fn show(&mut self, mut round: Round, backwards: bool) -> Completed {
        let count = round.names.len();
        round.at = (round.at + if backwards { count - 1 } else { 1 }) % count;
        let Round { before, after, names, at, .. } = &round;
        let begin = format!("{before}{}", names[*at]);
        let shown = Text { cursor: begin.len(), text: begin + after };
        round.shown = shown.clone();
        self.round = Some(round);
        Completed::Text(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: [&str; 4] = ["Ann", "annika", "bob", "小明"];

    /// Returns an entry in which `|` marks the cursor.
    fn entry(text: &str) -> Text {
        let cursor = text.find('|').unwrap();
        Text { text: text.replace('|', ""), cursor }
    }

    fn tab(completion: &mut Completion, text: &str) -> String {
        press(completion, text, false)
    }

    fn press(completion: &mut Completion, text: &str, backwards: bool) -> String {
        match completion.tab(entry(text), backwards, HERE.into_iter()) {
            Completed::Text(Text { mut text, cursor }) => {
                text.insert(cursor, '|');
                text
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn at_the_start_of_a_line_the_name_is_an_address() {
        assert_eq!(tab(&mut Completion::default(), "bo|"), "bob: |");
        assert_eq!(tab(&mut Completion::default(), "小|"), "小明: |");
    }

    #[test]
    fn elsewhere_it_is_a_word_with_one_space_behind_it() {
        assert_eq!(tab(&mut Completion::default(), "ask bo|"), "ask bob |");
        assert_eq!(tab(&mut Completion::default(), "ask @BO| again"), "ask @bob| again");
        assert_eq!(tab(&mut Completion::default(), "/msg bo|"), "/msg bob |");
    }

    #[test]
    fn a_slash_at_the_start_begins_a_command() {
        assert_eq!(tab(&mut Completion::default(), "/aw|"), "/away |");
        assert_eq!(tab(&mut Completion::default(), "/AW| for lunch"), "/away| for lunch");
        assert_eq!(tab(&mut Completion::default(), "/wh|"), "/who|");
        assert_eq!(tab(&mut Completion::default(), "/xy|"), "NoSuchName(\"/xy\")");
        let completion = &mut Completion::default();
        assert_eq!(tab(completion, "/m|"), "/msg |");
        assert_eq!(tab(completion, "/msg |"), "/me |");
        assert_eq!(tab(completion, "/me |"), "/m|");
        // Elsewhere it does not.
        assert_eq!(tab(&mut Completion::default(), "or /an|"), "or /Ann |");
        assert_eq!(tab(&mut Completion::default(), "//an|"), "//Ann |");
    }

    #[test]
    fn a_name_begins_beside_letters_that_need_no_space_and_in_any_form() {
        assert_eq!(tab(&mut Completion::default(), "你好小|"), "你好小明 |");
        assert_eq!(tab(&mut Completion::default(), "你好an|"), "你好Ann |");
        assert_eq!(tab(&mut Completion::default(), "ask ｂo|"), "ask bob |");
        assert_eq!(tab(&mut Completion::default(), "xan|"), "NoSuchName(\"xan\")");
    }

    #[test]
    fn tab_again_is_the_next_name_and_after_the_last_what_was_typed() {
        let completion = &mut Completion::default();
        assert_eq!(tab(completion, "an|"), "Ann: |");
        assert_eq!(tab(completion, "Ann: |"), "annika: |");
        assert_eq!(tab(completion, "annika: |"), "an|");
        assert_eq!(press(completion, "an|", true), "annika: |");
    }

    #[test]
    fn typing_on_begins_a_new_round() {
        let completion = &mut Completion::default();
        assert_eq!(tab(completion, "an|"), "Ann: |");
        assert_eq!(tab(completion, "Ann: hi bo|"), "Ann: hi bob |");
        // Without a round, Shift+Tab has its ordinary meaning.
        assert_eq!(press(completion, "bo|", true), "NoWord");
    }

    #[test]
    fn without_a_word_or_a_name_nothing_is_changed() {
        assert_eq!(tab(&mut Completion::default(), "|"), "NoWord");
        assert_eq!(tab(&mut Completion::default(), "hello |"), "NoWord");
        assert_eq!(tab(&mut Completion::default(), "xyz|"), "NoSuchName(\"xyz\")");
        assert_eq!(
            Completion::default().tab(Text { text: "é".into(), cursor: 1 }, false, HERE.into_iter()),
            Completed::NoWord
        );
    }
}
