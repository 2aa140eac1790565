//! What a line of a client asks for. Pure: no socket, no lock. Rungs 5 to 10 share it, and it is given to you.

#[path = "../rung03_framing/lines.rs"]
mod lines;

pub(crate) use lines::{Line, Lines};

/// What somebody who has joined asks for.
#[derive(Debug, PartialEq)]
pub(crate) enum Said<'a> {
    /// MSG: this text is for all others.
    Msg(&'a str),
    /// BYE.
    Bye,
    /// Something else: the answer, which is for this client alone.
    Wrong(String),
}

/// Returns the name in `HELLO <name>`, or the refusal.
pub(crate) fn hello(line: &Line) -> Result<&str, &'static str> {
    let Line::Text(line) = line else { return Err("ERR HELLO_EXPECTED the first line is HELLO <name>\n") };
    let mut words = line.split_whitespace();
    match (words.next(), words.next()) {
        (Some("HELLO"), Some(name)) => Ok(name),
        _ => Err("ERR HELLO_EXPECTED the first line is HELLO <name>\n"),
    }
}

/// Returns what a line asks for that comes from the client of this name.
pub(crate) fn said<'a>(line: &'a Line, name: &str) -> Said<'a> {
    let line = match line {
        Line::Text(line) => line,
        Line::TooLong => return Said::Wrong("ERR LINE_TOO_LONG a line has at most 4096 bytes\n".into()),
        Line::NotUtf8 => return Said::Wrong("ERR NOT_UTF8 a line is UTF-8\n".into()),
    };
    match line.splitn(3, ' ').collect::<Vec<_>>()[..] {
        ["MSG", from, text] if from == name => Said::Msg(text),
        ["MSG", ..] => Said::Wrong(format!("ERR NOT_YOUR_NAME you are {name}: write MSG {name} <text>\n")),
        ["BYE"] => Said::Bye,
        _ => Said::Wrong("ERR BAD_LINE the verbs are HELLO, MSG and BYE\n".into()),
    }
}
