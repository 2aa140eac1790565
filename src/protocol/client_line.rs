//! Lines from a client: reading them, as the server does, and writing them.

use super::error_code::ErrorCode;
use super::secret::Secret;
use super::text::{find_control, name_and_text, put, put_with_optional, split_word};
use super::username::Username;
use super::{AWAY_REASON_MAX, PASSWORD_MAX, PAST_MAX, Stamp};

/// What a client may ask for in its HELLO; see the [specification](super) for what each does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Relayed lines carry the server's clock.
    pub stamp: bool,
    /// The client's own MSG comes back to it.
    pub echo: bool,
    /// AWAY is relayed to it.
    pub away: bool,
    /// TYPING is relayed to it.
    pub typing: bool,
    /// The messages after this stamp are replayed to it, instead of the last few.
    pub since: Option<Stamp>,
}

impl Capabilities {
    /// Reads the words after the username; what is unknown is ignored.
    fn parse(words: &str) -> Capabilities {
        let mut asked = Capabilities::default();
        for word in words.split(' ') {
            match word.to_ascii_lowercase().as_str() {
                "stamp" => asked.stamp = true,
                "echo" => asked.echo = true,
                "away" => asked.away = true,
                "typing" => asked.typing = true,
                word => {
                    if let Some(stamp) = word.strip_prefix("since=").and_then(read_stamp) {
                        asked.since = Some(stamp);
                    }
                }
            }
        }
        asked
    }

    /// Appends the words for what is asked, each with a space before it.
    fn encode(self, out: &mut Vec<u8>) {
        for (asked, word) in
            [(self.stamp, " stamp"), (self.echo, " echo"), (self.away, " away"), (self.typing, " typing")]
        {
            if asked {
                put(out, &[word]);
            }
        }
        if let Some(since) = self.since {
            put(out, &[" since=", &since.to_string()]);
        }
    }
}

/// A number as the protocol has it: digits, and nothing else.
pub(super) fn read_stamp(digits: &str) -> Option<Stamp> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// A line from a client, read or to be written. It borrows its text, so reading one copies nothing but a username.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientLine<'a> {
    /// `HELLO <username> [<capability> ...]`
    Hello {
        /// The name that is wanted.
        username: Username,
        /// What the client asks for besides.
        capabilities: Capabilities,
    },
    /// `MSG <username> <text>`
    Msg {
        /// Who the client says it is. The server checks that.
        username: &'a str,
        /// What it says to all others.
        text: &'a str,
    },
    /// `TELL <recipient> <text>`
    Tell {
        /// Whom it is for.
        recipient: &'a str,
        /// What it says to that person alone.
        text: &'a str,
    },
    /// `BYE`
    Bye,
    /// `AWAY [<reason>]`
    Away(
        /// Why; empty: back again.
        &'a str,
    ),
    /// `TYPING [<recipient>]`
    Typing(
        /// Whom it is for; empty: all.
        &'a str,
    ),
    /// `WHO`
    Who,
    /// `PING <token>`
    Ping(
        /// Comes back in the PONG; may be empty.
        &'a str,
    ),
    /// `PAST <stamp> <count>`
    Past {
        /// The messages before this one are asked for.
        before: Stamp,
        /// How many at most: 1 to [`PAST_MAX`].
        count: usize,
    },
    /// `FIND <words>`
    Find(
        /// Each of them is in the messages that are asked for.
        &'a str,
    ),
    /// `PASS <password>`
    Pass(
        /// The room's password, or the one of the name that HELLO asks for.
        Secret<'a>,
    ),
    /// `REGISTER <password>`
    Register(
        /// What the sender's name is to be protected by from now on.
        Secret<'a>,
    ),
}

/// Why a line cannot be read, as the answer that the client gets for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The kind of mistake.
    pub code: ErrorCode,
    /// What was wrong, and what would work.
    pub detail: String,
}

impl Rejected {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Rejected {
        Rejected { code, detail: detail.into() }
    }
}

impl<'a> ClientLine<'a> {
    /// Reads one line, given without its LF. `Ok(None)` is an empty line, which means nothing.
    ///
    /// # Errors
    /// The answer for the client: `NOT_UTF8`, `BAD_TEXT`, `BAD_LINE` or `BAD_USERNAME`.
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
        // The verbs are few and short: comparing one after the other beats upper-casing a copy.
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

    /// Appends the line, with its LF.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            ClientLine::Hello { username, capabilities } => {
                put(out, &["HELLO ", username.as_str()]);
                capabilities.encode(out);
            }
            ClientLine::Msg { username, text } => put(out, &["MSG ", username, " ", text]),
            ClientLine::Tell { recipient, text } => put(out, &["TELL ", recipient, " ", text]),
            ClientLine::Bye => put(out, &["BYE"]),
            ClientLine::Away(reason) => put_with_optional(out, "AWAY", reason),
            ClientLine::Typing(recipient) => put_with_optional(out, "TYPING", recipient),
            ClientLine::Who => put(out, &["WHO"]),
            ClientLine::Ping(token) => put_with_optional(out, "PING", token),
            ClientLine::Past { before, count } => put(out, &["PAST ", &before.to_string(), " ", &count.to_string()]),
            ClientLine::Find(words) => put(out, &["FIND ", words]),
            ClientLine::Pass(Secret(password)) => put(out, &["PASS ", password]),
            ClientLine::Register(Secret(password)) => put(out, &["REGISTER ", password]),
        }
        out.push(b'\n');
    }
}

/// A password is what follows the verb, further spaces too: 1 to [`PASSWORD_MAX`] bytes.
fn secret(rest: Option<&str>) -> Option<Secret<'_>> {
    rest.filter(|password| (1..=PASSWORD_MAX).contains(&password.len())).map(Secret)
}
