//! Commands: an entered line that begins with `/` is for this program. The table of the commands, their parsing, and the
//! usage that is shown while one is written. Pure.

/// A row of the table of commands.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// The word behind the `/`.
    pub word: &'static str,
    /// The arguments, with a space before them; optional ones in brackets.
    pub arguments: &'static str,
    /// The effect, in words.
    pub what: &'static str,
}

const fn usage(word: &'static str, arguments: &'static str, what: &'static str) -> Usage {
    Usage { word, arguments, what }
}

/// The table.
pub const COMMANDS: [Usage; 11] = [
    usage("msg", " NAME [TEXT]", "says TEXT to NAME alone; without TEXT, opens the talk"),
    usage("me", " TEXT", "says what you do, between stars: *waves*"),
    usage("away", " [REASON]", "tells others that you are away"),
    usage("back", "", "tells others that you are back"),
    usage("nick", " NAME", "leaves, and comes back as NAME"),
    usage("ignore", " NAME", "folds what NAME says"),
    usage("unignore", " NAME", "shows again what NAME says"),
    usage("who", "", "lists who is here"),
    usage("clear", "", "empties this talk, on your screen only"),
    usage("help", "", "shows keys and commands"),
    usage("quit", "", "says goodbye, and quits"),
];

/// The way to send a text that begins with a `/`, and its effect.
pub const ESCAPED: (&str, &str) = ("//TEXT", "says /TEXT");

impl Usage {
    /// Returns the command, its arguments and its effect: `/away [REASON]: tells others that you are away`.
    pub fn line(&self) -> String {
        let Usage { word, arguments, what } = self;
        format!("/{word}{arguments}: {what}")
    }
}

/// Returns the commands that begin with a text, given without the `/`.
pub fn beginning_with(typed: &str) -> impl Iterator<Item = &'static Usage> + use<'_> {
    let typed = typed.to_lowercase();
    COMMANDS.iter().filter(move |command| command.word.starts_with(&typed))
}

/// Returns what to show while a text is written: the usage of its command, or the commands that begin like it. `None` if
/// it is no command.
pub fn hint(text: &str) -> Option<String> {
    let typed = text.strip_prefix('/').filter(|rest| !rest.starts_with('/') && !rest.contains('\n'))?;
    let (word, arguments) = typed.split_once(' ').map_or((typed, None), |(word, rest)| (word, Some(rest)));
    let exactly = COMMANDS.iter().find(|command| command.word.eq_ignore_ascii_case(word));
    if exactly.is_some() || arguments.is_some() {
        return exactly.map(Usage::line);
    }
    let begun: Vec<_> = beginning_with(word).collect();
    match begun.as_slice() {
        [] => None,
        [command] => Some(command.line()),
        several => Some(several.iter().map(|command| format!("/{}", command.word)).collect::<Vec<_>>().join("  ")),
    }
}

/// A parsed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command<'a> {
    Say(&'a str),
    /// A command in a text of several lines, which are said to nobody.
    SeveralLines,
    Help,
    Msg {
        name: &'a str,
        text: &'a str,
    },
    Me(&'a str),
    Away(&'a str),
    Back,
    Nick(&'a str),
    Ignore(&'a str),
    Unignore(&'a str),
    Who,
    Clear,
    Quit,
    /// A line that most likely contains a password.
    Secret,
    Unknown(&'a str),
}

impl<'a> Command<'a> {
    pub(crate) fn parse(text: &'a str) -> Command<'a> {
        let Some(rest) = text.strip_prefix('/') else { return Command::Say(text) };
        if rest.starts_with('/') {
            return Command::Say(rest);
        }
        let (word, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let text = text.trim_start();
        let command = match word.to_lowercase().as_str() {
            "help" => Command::Help,
            "msg" => {
                let (name, text) = text.split_once(' ').unwrap_or((text, ""));
                Command::Msg { name, text }
            }
            "me" => Command::Me(text.trim_end()),
            "away" => Command::Away(text.trim_end()),
            "back" => Command::Back,
            "nick" => Command::Nick(text.trim_end()),
            "ignore" => Command::Ignore(text.trim_end()),
            "unignore" => Command::Unignore(text.trim_end()),
            "who" => Command::Who,
            "clear" => Command::Clear,
            "quit" => Command::Quit,
            "register" | "pass" | "password" => return Command::Secret,
            _ => return Command::Unknown(word),
        };
        if rest.trim_end().contains('\n') { Command::SeveralLines } else { command }
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
            ("/me waves ", Command::Me("waves")),
            ("/nick cleo ", Command::Nick("cleo")),
            ("/ignore ann", Command::Ignore("ann")),
            ("/unignore ann", Command::Unignore("ann")),
            ("/", Command::Unknown("")),
            ("/etc/hosts is a file", Command::Unknown("etc/hosts")),
            ("/quit now", Command::Quit),
            ("/Register hunter2", Command::Secret),
        ] {
            assert_eq!(Command::parse(line), command, "{line:?}");
        }
    }

    #[test]
    fn lines_below_a_command_are_not_said() {
        for (text, command) in [
            ("/msg ann one\ntwo", Command::SeveralLines),
            ("/away\nlunch", Command::SeveralLines),
            ("/away lunch\n", Command::Away("lunch")),
            ("/register hunter2\nx", Command::Secret),
            ("/etc/hosts\n/etc/passwd", Command::Unknown("etc/hosts")),
            ("//one\ntwo", Command::Say("/one\ntwo")),
            ("one\n/two", Command::Say("one\n/two")),
        ] {
            assert_eq!(Command::parse(text), command, "{text:?}");
        }
    }

    #[test]
    fn each_command_of_the_table_is_known() {
        for command in &COMMANDS {
            let line = format!("/{}{}", command.word, command.arguments);
            assert!(!matches!(Command::parse(&line), Command::Unknown(_) | Command::Say(_)), "{line}");
        }
    }

    #[test]
    fn the_usage_is_shown_while_a_command_is_written() {
        let away = Some("/away [REASON]: tells others that you are away".to_owned());
        for text in ["/aw", "/away", "/AWAY ", "/away for lunch"] {
            assert_eq!(hint(text), away, "{text:?}");
        }
        assert_eq!(hint("/m").as_deref(), Some("/msg  /me"));
        assert!(hint("/").is_some_and(|words| words.starts_with("/msg  /me  /away")));
        // What is sent as it stands, or is refused.
        for text in ["", "away", "//away", "/aw lunch", "/xyz", "/away\nlunch"] {
            assert_eq!(hint(text), None, "{text:?}");
        }
        assert!(hint("/me").is_some_and(|words| words.starts_with("/me TEXT")));
    }
}
