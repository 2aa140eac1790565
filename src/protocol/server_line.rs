//! Lines from the server: parsing, as a client does, and encoding, as the server does. Pure; runs on any thread.

use std::borrow::Cow;

use thiserror::Error;

use super::client_line::read_stamp;
use super::label::{put_label, split_label};
use super::text::{name_and_text, put, put_with_optional, split_word};
use super::username::MAX_CHARS;
use super::{AWAY_REASON_MAX, Stamp};

/// The label and the stamp before a line from the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prefix<'a> {
    /// The label of the client's line that this line answers.
    pub label: Option<&'a str>,
    /// The time at which the line was relayed.
    pub stamp: Option<Stamp>,
}

impl Prefix<'_> {
    /// Appends the label and the stamp to `out`, each with the space behind it.
    pub fn encode(&self, out: &mut Vec<u8>) {
        if let Some(label) = self.label {
            put_label(out, label);
        }
        if let Some(stamp) = self.stamp {
            put(out, &["@", &stamp.to_string(), " "]);
        }
    }
}

/// A line from the server, without the [`Prefix`] before it.
///
/// Usernames are plain words here, not [`Username`](super::Username)s: a client shows what its server sends, escaped, and need
/// not agree with it about the characters that a name may have.
///
/// ```
/// use multichat::protocol::{Prefix, ServerLine};
///
/// let prefix = Prefix { label: None, stamp: Some(17) };
/// let said = ServerLine::Msg { from: "ann", text: "hello" };
/// assert_eq!(ServerLine::parse(b"@17 MSG ann hello"), Ok(Some((prefix, said))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerLine<'a> {
    /// A user is in the room. With the client's own name, the acknowledgement of its HELLO.
    Hello(&'a str),
    /// A message to all.
    Msg {
        /// Name of the sender.
        from: &'a str,
        /// The message.
        text: &'a str,
    },
    /// A message to this client alone.
    Tell {
        /// Name of the sender.
        from: &'a str,
        /// The message.
        text: &'a str,
    },
    /// A user has left the room.
    Bye(&'a str),
    /// A user is away, or no longer away.
    Away {
        /// Name of the user.
        name: &'a str,
        /// The reason; empty if the user is no longer away.
        reason: &'a str,
    },
    /// A user is typing.
    Typing {
        /// Name of the user.
        from: &'a str,
        /// The client's own name if the user is typing to it alone; empty if to all.
        to: &'a str,
    },
    /// The answer to PING, with its token.
    Pong(&'a str),
    /// An earlier message, in answer to PAST.
    Past {
        /// Name of the sender.
        from: &'a str,
        /// The message.
        text: &'a str,
    },
    /// An earlier message, in answer to FIND.
    Found {
        /// Name of the sender.
        from: &'a str,
        /// The message.
        text: &'a str,
    },
    /// The end of the answer to a PAST or a FIND.
    End {
        /// `PAST` or `FIND`.
        of: &'a str,
        /// True if older messages exist that were left out.
        more: bool,
    },
    /// Some messages after the stamp of the client's `since` are not replayed.
    Gap(
        /// The stamp that the client sent.
        Stamp,
    ),
    /// The operator has deleted a message.
    Deleted(
        /// Stamp of the message.
        Stamp,
    ),
    /// The name is protected by the client's password from now on.
    Registered(&'a str),
    /// The line with this label was acted upon, and has no other answer.
    Ok,
    /// An error.
    Err {
        /// The code as it was sent. [`ErrorCode::from_word`](super::error_code::ErrorCode::from_word) converts the known ones.
        code: &'a str,
        /// A sentence for a person; may be empty.
        detail: &'a str,
    },
}

/// The reason why a client cannot parse a line from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotUnderstood {
    /// The bytes are not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// The verb is unknown, or words are missing.
    #[error("its verb is unknown, or words are missing")]
    NotALine,
}

impl<'a> ServerLine<'a> {
    /// Parses one line, given without its LF, and what precedes it. Returns `Ok(None)` for an empty line, which is ignored.
    ///
    /// # Errors
    /// Returns an error for a line that is not UTF-8 or not in the grammar.
    pub fn parse(line: &'a [u8]) -> Result<Option<(Prefix<'a>, ServerLine<'a>)>, NotUnderstood> {
        let (label, line) = split_label(line).map_err(|_| NotUnderstood::NotALine)?;
        let line = std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).map_err(|_| NotUnderstood::NotUtf8)?;
        if line.is_empty() && label.is_none() {
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
        // A server sends capitals, so nothing is copied as a rule.
        let verb = if verb.bytes().any(|byte| byte.is_ascii_lowercase()) {
            Cow::Owned(verb.to_ascii_uppercase())
        } else {
            Cow::Borrowed(verb)
        };
        let name = || rest.filter(|name| !name.is_empty() && !name.contains(' '));
        let named =
            || rest.map(split_word).filter(|(name, _)| !name.is_empty()).map(|(name, rest)| (name, rest.unwrap_or("")));
        let said = || name_and_text(rest);
        let line = match &*verb {
            "MSG" => said().map(|(from, text)| ServerLine::Msg { from, text }),
            "TELL" => said().map(|(from, text)| ServerLine::Tell { from, text }),
            "HELLO" => name().map(ServerLine::Hello),
            "BYE" => name().map(ServerLine::Bye),
            "AWAY" => named().map(|(name, reason)| ServerLine::Away { name, reason }),
            "TYPING" => named().map(|(from, to)| ServerLine::Typing { from, to }),
            "PONG" => Some(ServerLine::Pong(rest.unwrap_or(""))),
            "PAST" => said().map(|(from, text)| ServerLine::Past { from, text }),
            "FOUND" => said().map(|(from, text)| ServerLine::Found { from, text }),
            "END" => match rest.map(split_word) {
                Some((of, more @ (None | Some("MORE")))) if !of.is_empty() => {
                    Some(ServerLine::End { of, more: more.is_some() })
                }
                _ => None,
            },
            "GAP" => rest.and_then(read_stamp).map(ServerLine::Gap),
            "DELETED" => rest.and_then(read_stamp).map(ServerLine::Deleted),
            "REGISTERED" => name().map(ServerLine::Registered),
            "OK" if rest.is_none() => Some(ServerLine::Ok),
            "ERR" => named().map(|(code, detail)| ServerLine::Err { code, detail }),
            _ => None,
        };
        Ok(Some((Prefix { label, stamp }, line.ok_or(NotUnderstood::NotALine)?)))
    }

    /// Returns whether the names and the reason are no longer than the protocol allows. A client stores them, so it must not
    /// accept longer ones from a server that does not keep to the limits.
    pub(crate) fn is_within_limits(&self) -> bool {
        let fits = |name: &str| name.chars().nth(MAX_CHARS).is_none();
        match self {
            ServerLine::Hello(name) | ServerLine::Bye(name) | ServerLine::Registered(name) => fits(name),
            ServerLine::Msg { from, .. }
            | ServerLine::Tell { from, .. }
            | ServerLine::Past { from, .. }
            | ServerLine::Found { from, .. } => fits(from),
            ServerLine::Away { name, reason } => fits(name) && reason.len() <= AWAY_REASON_MAX,
            ServerLine::Typing { from, to } => fits(from) && fits(to),
            ServerLine::Pong(_)
            | ServerLine::End { .. }
            | ServerLine::Gap(_)
            | ServerLine::Deleted(_)
            | ServerLine::Ok
            | ServerLine::Err { .. } => true,
        }
    }

    /// Appends the line to `out`, with its LF and without a prefix.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            ServerLine::Hello(name) => put(out, &["HELLO ", name]),
            ServerLine::Msg { from, text } => put(out, &["MSG ", from, " ", text]),
            ServerLine::Tell { from, text } => put(out, &["TELL ", from, " ", text]),
            ServerLine::Bye(name) => put(out, &["BYE ", name]),
            ServerLine::Away { name, reason } => put_with_optional(out, &["AWAY ", name], reason),
            ServerLine::Typing { from, to } => put_with_optional(out, &["TYPING ", from], to),
            ServerLine::Pong(token) => put_with_optional(out, &["PONG"], token),
            ServerLine::Past { from, text } => put(out, &["PAST ", from, " ", text]),
            ServerLine::Found { from, text } => put(out, &["FOUND ", from, " ", text]),
            ServerLine::End { of, more } => put(out, &["END ", of, if *more { " MORE" } else { "" }]),
            ServerLine::Gap(since) => put(out, &["GAP ", &since.to_string()]),
            ServerLine::Deleted(stamp) => put(out, &["DELETED ", &stamp.to_string()]),
            ServerLine::Registered(name) => put(out, &["REGISTERED ", name]),
            ServerLine::Ok => put(out, &["OK"]),
            ServerLine::Err { code, detail } => put_with_optional(out, &["ERR ", code], detail),
        }
        out.push(b'\n');
    }
}
