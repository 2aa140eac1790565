//! What a line of a client asks for. Pure: no socket, no lock. Rungs 5 to 10 share it, and it is given to you.

#[path = "../rung03_framing/lines.rs"]
mod lines;

pub(crate) use lines::{LINE_MAX, Line, Lines};

/// What somebody who has joined asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said<'a> {
    /// MSG: this text is for all others.
    Msg(&'a str),
    /// BYE.
    Bye,
    /// An empty line.
    Nothing,
    /// Something else: the answer, which is for this client alone.
    Wrong(String),
}

/// Returns the name in a HELLO, or the line that refuses it: as in rung 4.
pub(crate) fn hello(line: &Line) -> Result<&str, &'static str> {
    let Line::Text(line) = line else { return Err("ERR HELLO_EXPECTED the first line is HELLO <name>\n") };
    let mut words = line.split(' ');
    if words.next() != Some("HELLO") {
        return Err("ERR HELLO_EXPECTED the first line is HELLO <name>\n");
    }
    let name = words.next().unwrap_or_default();
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    if (1..=32).contains(&name.chars().count()) && is_name(name) {
        Ok(name)
    } else {
        Err("ERR BAD_USERNAME a name has 1 to 32 letters, digits, _ - or .\n")
    }
}

/// Returns what a line asks for that comes from the client of this name.
pub(crate) fn said<'a>(line: &'a Line, name: &str) -> Said<'a> {
    let line = match line {
        Line::Text(line) => line,
        Line::TooLong => return Said::Wrong(format!("ERR LINE_TOO_LONG a line has at most {LINE_MAX} bytes\n")),
        Line::NotUtf8 => return Said::Wrong("ERR NOT_UTF8 a line is text in UTF-8\n".into()),
    };
    match line.splitn(3, ' ').collect::<Vec<_>>()[..] {
        [""] => Said::Nothing,
        ["MSG", from, text] if from == name => Said::Msg(text),
        ["MSG", ..] => Said::Wrong(format!("ERR NOT_YOUR_NAME you are {name}: write MSG {name} <text>\n")),
        ["BYE"] => Said::Bye,
        _ => Said::Wrong("ERR BAD_LINE the verbs are HELLO, MSG and BYE\n".into()),
    }
}
