//! Describes a line in a few words, for users who learn the protocol. Pure.

use super::line::Origin;
use crate::protocol::escape::escape;
use crate::protocol::{Capabilities, ClientLine, ErrorCode, ServerLine, split_label};

/// Returns the meaning of a line of this origin. Names in it are escaped.
pub fn meaning(origin: Origin, line: &[u8]) -> String {
    // A line that was cut to be shown may end within a character.
    let line = match str::from_utf8(line) {
        Err(error) if error.error_len().is_none() => &line[..error.valid_up_to()],
        _ => line,
    };
    match origin {
        // Whether a client may send a label is known to the server alone.
        Origin::Client => match split_label(line).and_then(|(_, line)| ClientLine::parse(line)) {
            Ok(None) => "an empty line: ignored".into(),
            Ok(Some(line)) => of_client(&line),
            Err(rejected) => format!("invalid: {}", rejected.code.word()),
        },
        Origin::Server => match ServerLine::parse(line) {
            Ok(None) => "an empty line: ignored".into(),
            Ok(Some((_, line))) => of_server(&line),
            Err(_) => "not in the protocol".into(),
        },
    }
}

fn of_client(line: &ClientLine<'_>) -> String {
    match line {
        ClientLine::Hello { username, capabilities } => {
            format!("wants to join as {}{}", escape(username.as_str()), asked(*capabilities))
        }
        ClientLine::Msg { .. } => "says to all".into(),
        ClientLine::Tell { recipient, .. } => format!("says to {} alone", escape(recipient)),
        ClientLine::Bye => "leaves".into(),
        ClientLine::Away("") => "is back".into(),
        ClientLine::Away(_) => "is away, and why".into(),
        ClientLine::Typing("") => "is typing, for all".into(),
        ClientLine::Typing(recipient) => format!("is typing, for {} alone", escape(recipient)),
        ClientLine::Who => "asks who is here".into(),
        ClientLine::Ping(_) => "asks for a PONG once all before it is done".into(),
        ClientLine::Past { count, .. } => format!("asks for {count} older messages"),
        ClientLine::Find(_) => "asks for messages with these words".into(),
        ClientLine::Pass(_) => "sends a password".into(),
        ClientLine::Register(_) => "registers its name with a password".into(),
    }
}

fn asked(capabilities: Capabilities) -> String {
    let Capabilities { stamp, echo, away, typing, label, deleted, since } = capabilities;
    let words = [
        (stamp, "times"),
        (echo, "its own messages"),
        (away, "who is away"),
        (typing, "who is typing"),
        (label, "labels"),
        (deleted, "what is deleted"),
        (since.is_some(), "what it missed"),
    ];
    let asked: Vec<_> = words.into_iter().filter_map(|(asked, word)| asked.then_some(word)).collect();
    if asked.is_empty() { String::new() } else { format!(", and asks for {}", asked.join(", ")) }
}

fn of_server(line: &ServerLine<'_>) -> String {
    match *line {
        ServerLine::Hello(name) => format!("{} is here", escape(name)),
        ServerLine::Msg { from, .. } => format!("{} said to all", escape(from)),
        ServerLine::Tell { from, .. } => format!("{} said to this client alone", escape(from)),
        ServerLine::Bye(name) => format!("{} left", escape(name)),
        ServerLine::Away { name, reason: "" } => format!("{} is back", escape(name)),
        ServerLine::Away { name, .. } => format!("{} is away, and why", escape(name)),
        ServerLine::Typing { from, .. } => format!("{} is typing", escape(from)),
        ServerLine::Pong(_) => "all before the PING is done".into(),
        ServerLine::Past { from, .. } => format!("{} said earlier", escape(from)),
        ServerLine::Found { from, .. } => format!("{} said: a match", escape(from)),
        ServerLine::End { more: false, .. } => "end of the answer".into(),
        ServerLine::End { more: true, .. } => "end of the answer; there are older ones".into(),
        ServerLine::Gap(_) => "some missed messages are left out".into(),
        ServerLine::Deleted(_) => "the operator has deleted that message".into(),
        ServerLine::Registered(name) => format!("the name {} is registered", escape(name)),
        ServerLine::Ok => "the line with this label was accepted".into(),
        ServerLine::Err { code, .. } => match ErrorCode::from_word(code) {
            Some(code) if code.ends_connection() => "refused, and the connection ends".into(),
            _ => "refused: the line had no effect".into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_lines_are_put_into_words() {
        let says = |line: &str| meaning(Origin::Client, line.as_bytes());
        for (line, words) in [
            ("HELLO ann", "wants to join as ann"),
            ("HELLO ann stamp echo", "wants to join as ann, and asks for times, its own messages"),
            ("MSG ann hi", "says to all"),
            ("TELL ben hi", "says to ben alone"),
            ("#7 TELL ben hi", "says to ben alone"),
            ("PING 7", "asks for a PONG once all before it is done"),
            ("PASS ***", "sends a password"),
            ("REGISTER ***", "registers its name with a password"),
            ("", "an empty line: ignored"),
            ("GET / HTTP/1.1", "invalid: BAD_LINE"),
        ] {
            assert_eq!(says(line), words, "{line}");
        }
        assert_eq!(meaning(Origin::Client, b"MSG ann \xff!"), "invalid: NOT_UTF8");
    }

    #[test]
    fn a_servers_lines_are_put_into_words() {
        let says = |line: &str| meaning(Origin::Server, line.as_bytes());
        for (line, words) in [
            ("@1700000000000000 MSG ann hi", "ann said to all"),
            ("TELL ann hi", "ann said to this client alone"),
            ("AWAY ann", "ann is back"),
            ("ERR KICKED", "refused, and the connection ends"),
            ("ERR SLOW_DOWN 300", "refused: the line had no effect"),
            ("#7 OK", "the line with this label was accepted"),
            ("#7 @1700000000000000 MSG ann hi", "ann said to all"),
            ("PONG 7", "all before the PING is done"),
            ("WHAT", "not in the protocol"),
        ] {
            assert_eq!(says(line), words, "{line}");
        }
    }

    #[test]
    fn a_line_that_was_cut_within_a_character_still_means_something() {
        assert_eq!(meaning(Origin::Client, &"MSG ann hü".as_bytes()[..10]), "says to all");
    }
}
