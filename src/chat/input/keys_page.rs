//! The list of keys and commands, made from their two tables: for the window that shows it, and as the page `docs/keys.md`. Pure.

use super::commands::{COMMANDS, ESCAPED};
use super::shortcuts::{Place, in_place};

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A heading.
    Heading(&'static str),
    /// Keys or a command, and their effect.
    Entry(String, &'static str),
}

/// Returns the list.
pub fn lines() -> impl Iterator<Item = Line> {
    let keys = Place::ALL.into_iter().flat_map(|place| {
        let entries = in_place(place).map(|key| Line::Entry(key.keys.to_owned(), key.what));
        [Line::Heading(place.heading())].into_iter().chain(entries)
    });
    let commands = COMMANDS.iter().map(|command| {
        let words = format!("/{}{}", command.word, command.arguments);
        Line::Entry(words, command.what)
    });
    let escaped = Line::Entry(ESCAPED.0.to_owned(), ESCAPED.1);
    keys.chain([Line::Heading("Commands")]).chain(commands).chain([escaped])
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::fs;

    use super::*;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");

    const BEGINNING: &str = "# Keys and commands\n
The chat window shows this list with F1 and with `/help`. The page is made from the tables in
`src/chat/input/shortcuts.rs` and `src/chat/input/commands.rs`. After a change there,
`WRITE_KEYS=1 cargo test --lib keys_page` writes it anew.\n
On a Mac, Cmd stands for Ctrl, except in Ctrl+Tab: Cmd+Tab belongs to the system. On a keyboard without these keys, Fn with an arrow
is Page Up, Page Down, Home or End.\n";

    fn page() -> String {
        let mut page = BEGINNING.to_owned();
        for line in lines() {
            match line {
                Line::Heading(words) => write!(page, "\n## {words}\n\n| | |\n| --- | --- |\n"),
                Line::Entry(keys, what) => writeln!(page, "| `{keys}` | {what} |"),
            }
            .unwrap();
        }
        page
    }

    #[test]
    fn the_page_is_what_the_tables_say() {
        if std::env::var_os("WRITE_KEYS").is_some() {
            fs::write(PAGE, page()).unwrap();
        }
        let written = fs::read_to_string(PAGE).unwrap();
        assert!(written == page(), "docs/keys.md is out of date: run WRITE_KEYS=1 cargo test --lib keys_page");
    }
}
