//! Lines from a client: parsing, as the server does, and encoding, as a client does. Pure; runs on any thread.
//!
//! Parsing borrows from the line, so that the server's read loop allocates nothing for a message.

use thiserror::Error;

use super::error_code::ErrorCode;
use super::secret::Secret;
use super::text::{find_control, name_and_text, put, put_with_optional, split_word};
use super::username::Username;
use super::{AWAY_REASON_MAX, PASSWORD_MAX, PAST_MAX, Stamp};

/// The optional features that a client requests in its HELLO. The [specification](super) lists their effects.
///
/// ```
/// use multichat::protocol::{Capabilities, ClientLine, Username};
///
/// let capabilities = Capabilities { echo: true, since: Some(17), ..Capabilities::default() };
/// let mut bytes = Vec::new();
/// ClientLine::Hello { username: Username::parse("ann")?, capabilities }.encode(&mut bytes);
/// assert_eq!(bytes, b"HELLO ann echo since=17\n");
/// # Ok::<(), multichat::protocol::BadUsername>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Relayed lines carry their stamp.
    pub stamp: bool,
    /// The client's own MSG is sent back to it.
    pub echo: bool,
    /// AWAY is relayed to the client.
    pub away: bool,
    /// TYPING is relayed to the client.
    pub typing: bool,
    /// The client may begin a line with a label, and the answer to that line carries it.
    pub label: bool,
    /// DELETED is sent to the client.
    pub deleted: bool,
    /// The messages after this stamp are replayed, instead of the most recent ones.
    pub since: Option<Stamp>,
}

/// Returns a field that is true if its capability is requested.
type Flag = fn(&mut Capabilities) -> &mut bool;

/// The capabilities that are single words, with their fields.
const FLAGS: [(&str, Flag); 6] = [
    ("stamp", |asked| &mut asked.stamp),
    ("echo", |asked| &mut asked.echo),
    ("away", |asked| &mut asked.away),
    ("typing", |asked| &mut asked.typing),
    ("label", |asked| &mut asked.label),
    ("deleted", |asked| &mut asked.deleted),
];

impl Capabilities {
    /// Parses the words after the username. Unknown words are ignored, so that newer clients can talk to older servers.
    fn parse(words: &str) -> Capabilities {
        let mut asked = Capabilities::default();
        for word in words.split(' ').map(str::to_ascii_lowercase) {
            if let Some((_, flag)) = FLAGS.iter().find(|(name, _)| *name == word) {
                *flag(&mut asked) = true;
            } else if let Some(stamp) = word.strip_prefix("since=").and_then(read_stamp) {
                asked.since = Some(stamp);
            }
        }
        asked
    }

    /// Appends the words of the requested capabilities, each preceded by a space.
    fn encode(mut self, out: &mut Vec<u8>) {
        for (name, flag) in FLAGS {
            if *flag(&mut self) {
                put(out, &[" ", name]);
            }
        }
        if let Some(since) = self.since {
            put(out, &[" since=", &since.to_string()]);
        }
    }
}

/// Parses a stamp: ASCII digits only. (`u64::from_str` alone would accept a `+` as well.)
pub(super) fn read_stamp(digits: &str) -> Option<Stamp> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// A line from a client, without the label before it. It borrows its text, so parsing copies nothing but the username of a HELLO.
///
/// ```
/// use multichat::protocol::{ClientLine, ErrorCode};
///
/// assert_eq!(ClientLine::parse(b"MSG ann hello"), Ok(Some(ClientLine::Msg { username: "ann", text: "hello" })));
/// assert_eq!(ClientLine::parse(b"SHOUT hello").map_err(|rejected| rejected.code), Err(ErrorCode::BadLine));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientLine<'a> {
    /// `HELLO <username> [<capability> ...]`
    Hello {
        /// The requested name.
        username: Username,
        /// The requested capabilities.
        capabilities: Capabilities,
    },
    /// `MSG <username> <text>`
    Msg {
        /// The name that the client claims. The server compares it with the name that the client joined with.
        username: &'a str,
        /// The message.
        text: &'a str,
    },
    /// `TELL <recipient> <text>`
    Tell {
        /// The name of the recipient.
        recipient: &'a str,
        /// The message.
        text: &'a str,
    },
    /// `BYE`
    Bye,
    /// `AWAY [<reason>]`
    Away(
        /// The reason; empty if the user is no longer away.
        &'a str,
    ),
    /// `TYPING [<recipient>]`
    Typing(
        /// The name of the recipient; empty for all.
        &'a str,
    ),
    /// `WHO`
    Who,
    /// `PING <token>`
    Ping(
        /// Returned in the PONG; may be empty.
        &'a str,
    ),
    /// `PAST <stamp> <count>`
    Past {
        /// Messages before this stamp are requested.
        before: Stamp,
        /// Maximum number of messages: 1 to [`PAST_MAX`].
        count: usize,
    },
    /// `FIND <words>`
    Find(
        /// Words that a matching message contains, all of them.
        &'a str,
    ),
    /// `PASS <password>`
    Pass(
        /// The password of the room, or of the name that the HELLO requests.
        Secret<'a>,
    ),
    /// `REGISTER <password>`
    Register(
        /// The password that protects the sender's name from now on.
        Secret<'a>,
    ),
}

/// The reason why a line was rejected, as the error to send to the client.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{detail}")]
pub struct Rejected {
    /// The error code.
    pub code: ErrorCode,
    /// A sentence that says what was wrong and what would work.
    pub detail: String,
}

impl Rejected {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Rejected {
        Rejected { code, detail: detail.into() }
    }
}

impl<'a> ClientLine<'a> {
    /// Parses one line, given without its LF and without a [label](super::split_label). Returns `Ok(None)` for an empty line,
    /// which is ignored.
    ///
    /// # Errors
    /// Returns the error to send to the client: `NOT_UTF8`, `BAD_TEXT`, `BAD_LINE` or `BAD_USERNAME`.
    pub fn parse(line: &'a [u8]) -> Result<Option<ClientLine<'a>>, Rejected> {
        let line = std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).map_err(|error| {
            Rejected::new(ErrorCode::NotUtf8, format!("byte {} is not UTF-8", error.valid_up_to() + 1))
        })?;
        if line.is_empty() {
            return Ok(None);
        }
        if let Some(at) = find_control(line) {
            let detail = format!("byte {} is a control character: send text and one LF", at + 1);
            return Err(Rejected::new(ErrorCode::BadText, detail));
        }
        let (verb, rest) = split_word(line);
        let bad_line = |usage: &str| Rejected::new(ErrorCode::BadLine, format!("write {usage}"));
        // The verbs are few and short: comparing one after the other is faster than upper-casing a copy.
        let is = |name: &str| verb.eq_ignore_ascii_case(name);
        Ok(Some(if is("MSG") {
            let (username, text) = name_and_text(rest).ok_or_else(|| bad_line("MSG <your name> <text>"))?;
            ClientLine::Msg { username, text }
        } else if is("TELL") {
            let (recipient, text) = name_and_text(rest).ok_or_else(|| bad_line("TELL <name> <text>"))?;
            ClientLine::Tell { recipient, text }
        } else if is("PING") {
            ClientLine::Ping(rest.unwrap_or(""))
        } else if is("WHO") {
            ClientLine::Who
        } else if is("AWAY") {
            let reason = rest.unwrap_or("");
            if reason.len() > AWAY_REASON_MAX {
                let detail = format!("a reason has at most {AWAY_REASON_MAX} bytes");
                return Err(Rejected::new(ErrorCode::BadLine, detail));
            }
            ClientLine::Away(reason)
        } else if is("TYPING") {
            ClientLine::Typing(rest.unwrap_or(""))
        } else if is("BYE") {
            ClientLine::Bye
        } else if is("PAST") {
            let (before, count) = split_word(rest.unwrap_or(""));
            let before = read_stamp(before);
            let count = count.and_then(|count| count.parse().ok()).filter(|count| (1..=PAST_MAX).contains(count));
            let (Some(before), Some(count)) = (before, count) else {
                return Err(bad_line(&format!("PAST <stamp> <count>, with a count of 1 to {PAST_MAX}")));
            };
            ClientLine::Past { before, count }
        } else if is("FIND") {
            let words = rest.filter(|words| !words.trim().is_empty()).ok_or_else(|| bad_line("FIND <words>"))?;
            ClientLine::Find(words)
        } else if is("PASS") {
            ClientLine::Pass(secret(rest).ok_or_else(|| bad_line("PASS <password>"))?)
        } else if is("REGISTER") {
            ClientLine::Register(secret(rest).ok_or_else(|| bad_line("REGISTER <password>"))?)
        } else if is("HELLO") {
            let (username, words) = split_word(rest.unwrap_or(""));
            let username =
                Username::parse(username).map_err(|why| Rejected::new(ErrorCode::BadUsername, why.to_string()))?;
            ClientLine::Hello { username, capabilities: Capabilities::parse(words.unwrap_or("")) }
        } else {
            return Err(Rejected::new(
                ErrorCode::BadLine,
                "the verbs are HELLO, MSG, TELL, BYE, AWAY, TYPING, WHO, PING, PAST, FIND, PASS and REGISTER",
            ));
        }))
    }

    /// Appends the line to `out`, with its LF and without a label.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            ClientLine::Hello { username, capabilities } => {
                put(out, &["HELLO ", username.as_str()]);
                capabilities.encode(out);
            }
            ClientLine::Msg { username, text } => put(out, &["MSG ", username, " ", text]),
            ClientLine::Tell { recipient, text } => put(out, &["TELL ", recipient, " ", text]),
            ClientLine::Bye => put(out, &["BYE"]),
            ClientLine::Away(reason) => put_with_optional(out, &["AWAY"], reason),
            ClientLine::Typing(recipient) => put_with_optional(out, &["TYPING"], recipient),
            ClientLine::Who => put(out, &["WHO"]),
            ClientLine::Ping(token) => put_with_optional(out, &["PING"], token),
            ClientLine::Past { before, count } => put(out, &["PAST ", &before.to_string(), " ", &count.to_string()]),
            ClientLine::Find(words) => put(out, &["FIND ", words]),
            ClientLine::Pass(Secret(password)) => put(out, &["PASS ", password]),
            ClientLine::Register(Secret(password)) => put(out, &["REGISTER ", password]),
        }
        out.push(b'\n');
    }
}

/// Takes everything after the verb as a password, including further spaces: 1 to [`PASSWORD_MAX`] bytes.
fn secret(rest: Option<&str>) -> Option<Secret<'_>> {
    rest.filter(|password| (1..=PASSWORD_MAX).contains(&password.len())).map(Secret)
}
