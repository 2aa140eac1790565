//! Lines from the server: reading them, as a client does, and writing them.

use super::client_line::read_stamp;
use super::text::{name_and_text, put, put_with_optional, split_word};
use super::username::MAX_CHARS;
use super::{AWAY_REASON_MAX, Stamp};

/// What the server says, without the stamp before it.
///
/// Usernames are plain words here: a client shows what its server says (escaped), and need not agree with it on
/// which letters there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerLine<'a> {
    /// Somebody is here; one's own name: the acknowledgement.
    Hello(&'a str),
    /// Somebody said to all.
    Msg {
        /// Who.
        from: &'a str,
        /// What.
        text: &'a str,
    },
    /// Somebody said to this client alone.
    Tell {
        /// Who.
        from: &'a str,
        /// What.
        text: &'a str,
    },
    /// Somebody is gone.
    Bye(&'a str),
    /// Somebody is away, or back.
    Away {
        /// Who.
        name: &'a str,
        /// Why; empty: is back.
        reason: &'a str,
    },
    /// Somebody is typing.
    Typing {
        /// Who.
        from: &'a str,
        /// For whom: the client's own name; empty: for all.
        to: &'a str,
    },
    /// The answer to PING, with its token.
    Pong(&'a str),
    /// A message from before, as PAST asked for it.
    Past {
        /// Who said it.
        from: &'a str,
        /// What.
        text: &'a str,
    },
    /// A message from before that has the words of a FIND.
    Found {
        /// Who said it.
        from: &'a str,
        /// What.
        text: &'a str,
    },
    /// Nothing more comes in answer to a PAST or a FIND.
    End {
        /// Which of the two, as a word.
        of: &'a str,
        /// Older messages were left out.
        more: bool,
    },
    /// Some messages after the stamp that the client gave with `since` are not replayed.
    Gap(
        /// That stamp.
        Stamp,
    ),
    /// The name is the client's from now on.
    Registered(&'a str),
    /// Something was refused.
    Err {
        /// The code as it was sent; [`ErrorCode::from_word`](super::error_code::ErrorCode::from_word) knows ours.
        code: &'a str,
        /// More about it; may be empty.
        detail: &'a str,
    },
}

/// Why a client cannot read what a server sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotUnderstood {
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// A verb that this client does not know, or words that are missing.
    NotALine,
}

impl<'a> ServerLine<'a> {
    /// Reads one line, given without its LF, and the stamp before it if there is one.
    /// `Ok(None)` is an empty line, which means nothing.
    pub fn parse(line: &'a [u8]) -> Result<Option<(Option<Stamp>, ServerLine<'a>)>, NotUnderstood> {
        let line = std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).map_err(|_| NotUnderstood::NotUtf8)?;
        if line.is_empty() {
            return Ok(None);
        }
        let (stamp, line) = match line.strip_prefix('@') {
            None => (None, line),
            Some(stamped) => {
                let (digits, line) = stamped.split_once(' ').ok_or(NotUnderstood::NotALine)?;
                (Some(read_stamp(digits).ok_or(NotUnderstood::NotALine)?), line)
            }
        };
        let (verb, rest) = split_word(line);
        let is = |name: &str| verb.eq_ignore_ascii_case(name);
        let name = || rest.filter(|name| !name.is_empty() && !name.contains(' ')).ok_or(NotUnderstood::NotALine);
        let said = || name_and_text(rest).ok_or(NotUnderstood::NotALine);
        let line = if is("MSG") {
            let (from, text) = said()?;
            ServerLine::Msg { from, text }
        } else if is("TELL") {
            let (from, text) = said()?;
            ServerLine::Tell { from, text }
        } else if is("HELLO") {
            ServerLine::Hello(name()?)
        } else if is("BYE") {
            ServerLine::Bye(name()?)
        } else if is("AWAY") || is("TYPING") {
            let (name, rest) = split_word(rest.ok_or(NotUnderstood::NotALine)?);
            let rest = rest.unwrap_or("");
            if name.is_empty() {
                return Err(NotUnderstood::NotALine);
            }
            if is("AWAY") {
                ServerLine::Away { name, reason: rest }
            } else {
                ServerLine::Typing { from: name, to: rest }
            }
        } else if is("PONG") {
            ServerLine::Pong(rest.unwrap_or(""))
        } else if is("PAST") {
            let (from, text) = said()?;
            ServerLine::Past { from, text }
        } else if is("FOUND") {
            let (from, text) = said()?;
            ServerLine::Found { from, text }
        } else if is("END") {
            match split_word(rest.unwrap_or("")) {
                (of, None) if !of.is_empty() => ServerLine::End { of, more: false },
                (of, Some("MORE")) if !of.is_empty() => ServerLine::End { of, more: true },
                _ => return Err(NotUnderstood::NotALine),
            }
        } else if is("GAP") {
            ServerLine::Gap(rest.and_then(read_stamp).ok_or(NotUnderstood::NotALine)?)
        } else if is("REGISTERED") {
            ServerLine::Registered(name()?)
        } else if is("ERR") {
            let (code, detail) = split_word(rest.unwrap_or(""));
            if code.is_empty() {
                return Err(NotUnderstood::NotALine);
            }
            ServerLine::Err { code, detail: detail.unwrap_or("") }
        } else {
            return Err(NotUnderstood::NotALine);
        };
        Ok(Some((stamp, line)))
    }

    /// Are its names and its reason no longer than the protocol allows? They are what a client keeps, so it must not take
    /// more of them from a server that has no such limit.
    pub fn is_within_limits(&self) -> bool {
        let fits = |name: &str| name.chars().nth(MAX_CHARS).is_none();
        match self {
            ServerLine::Hello(name) | ServerLine::Bye(name) | ServerLine::Registered(name) => fits(name),
            ServerLine::Msg { from, .. }
            | ServerLine::Tell { from, .. }
            | ServerLine::Past { from, .. }
            | ServerLine::Found { from, .. } => fits(from),
            ServerLine::Away { name, reason } => fits(name) && reason.len() <= AWAY_REASON_MAX,
            ServerLine::Typing { from, to } => fits(from) && fits(to),
            ServerLine::Pong(_) | ServerLine::End { .. } | ServerLine::Gap(_) | ServerLine::Err { .. } => true,
        }
    }

    /// Appends the line, with its LF and without a stamp.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            ServerLine::Hello(name) => put(out, &["HELLO ", name]),
            ServerLine::Msg { from, text } => put(out, &["MSG ", from, " ", text]),
            ServerLine::Tell { from, text } => put(out, &["TELL ", from, " ", text]),
            ServerLine::Bye(name) => put(out, &["BYE ", name]),
            ServerLine::Away { name, reason } => {
                put(out, &["AWAY "]);
                put_with_optional(out, name, reason);
            }
            ServerLine::Typing { from, to } => {
                put(out, &["TYPING "]);
                put_with_optional(out, from, to);
            }
            ServerLine::Pong(token) => put_with_optional(out, "PONG", token),
            ServerLine::Past { from, text } => put(out, &["PAST ", from, " ", text]),
            ServerLine::Found { from, text } => put(out, &["FOUND ", from, " ", text]),
            ServerLine::End { of, more } => put(out, &["END ", of, if *more { " MORE" } else { "" }]),
            ServerLine::Gap(since) => put(out, &["GAP ", &since.to_string()]),
            ServerLine::Registered(name) => put(out, &["REGISTERED ", name]),
            ServerLine::Err { code, detail } => {
                put(out, &["ERR "]);
                put_with_optional(out, code, detail);
            }
        }
        out.push(b'\n');
    }
}
