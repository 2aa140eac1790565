//! Parsing of entered lines: a line that begins with `/` is a command for this program. Pure.

/// Lines that `/help` shows, followed by the keys of the window.
pub(crate) const HELP: [&str; 7] = [
    "/msg NAME TEXT says TEXT to NAME alone; without a TEXT it only opens the private window",
    "/away REASON tells the others that you are away and, if you like, why; /back, that you are back",
    "/who tells who is here",
    "/clear empties this conversation, here and not for the others",
    "/quit says goodbye and closes the program",
    "//TEXT says /TEXT",
    "/help tells this",
];

/// A parsed line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    Say(&'a str),
    Help,
    Msg {
        name: &'a str,
        text: &'a str,
    },
    Away(&'a str),
    Back,
    Who,
    Clear,
    Quit,
    /// A line that most likely contains a password.
    Secret,
    Unknown(&'a str),
}

impl<'a> Command<'a> {
    pub(crate) fn parse(line: &'a str) -> Command<'a> {
        let Some(rest) = line.strip_prefix('/') else { return Command::Say(line) };
        if rest.starts_with('/') {
            return Command::Say(rest);
        }
        let (word, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let text = text.trim_start();
        match word.to_lowercase().as_str() {
            "help" => Command::Help,
            "msg" => {
                let (name, text) = text.split_once(' ').unwrap_or((text, ""));
                Command::Msg { name, text }
            }
            "away" => Command::Away(text.trim_end()),
            "back" => Command::Back,
            "who" => Command::Who,
            "clear" => Command::Clear,
            "quit" => Command::Quit,
            "register" | "pass" | "password" => Command::Secret,
            _ => Command::Unknown(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_said_unless_it_begins_with_one_slash() {
        for (line, command) in [
            ("hi /there", Command::Say("hi /there")),
            (" /away", Command::Say(" /away")),
            ("//away", Command::Say("/away")),
            ("///", Command::Say("//")),
            ("/away", Command::Away("")),
            ("/AWAY  for lunch ", Command::Away("for lunch")),
            ("/msg ann  two  spaces ", Command::Msg { name: "ann", text: " two  spaces " }),
            ("/msg  ann", Command::Msg { name: "ann", text: "" }),
            ("/msg", Command::Msg { name: "", text: "" }),
            ("/", Command::Unknown("")),
            ("/etc/hosts is a file", Command::Unknown("etc/hosts")),
            ("/quit now", Command::Quit),
            ("/Register hunter2", Command::Secret),
        ] {
            assert_eq!(Command::parse(line), command, "{line:?}");
        }
    }
}
