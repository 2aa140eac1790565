//! The wire format: what a client and a server may say to each other, and how a line is read and written.
//!
//! This module is pure: bytes in, values out. It owns no socket, no thread and no lock, and it names nothing else
//! of this crate, so that all of it can be tested, fuzzed and read by itself. What follows is the specification.
//!
//! # Lines
//!
//! Both directions are UTF-8 text in lines that end with LF (`\n`). CR LF is accepted, and only LF is sent. An empty
//! line is ignored. A line from a client is at most [`CLIENT_LINE_MAX`] (4096) bytes long, one from the server at most
//! [`SERVER_LINE_MAX`], terminator included. Verbs may be written in any case; the server writes them in upper case.
//! One space separates the words; what follows the last separator is the text, kept byte for byte, further spaces too.
//!
//! # Grammar
//!
//! In the notation of RFC 5234. `HELLO` as a quoted word stands for any case of it on input.
//!
//! ```text
//! client-line = [ "HELLO" SP username *( SP capability )
//!               / "MSG" SP username SP text      ; to all others; the username is one's own
//!               / "TELL" SP username SP text     ; to one person alone; the username is the recipient's
//!               / "BYE" [ SP username ]          ; leave
//!               / "AWAY" [ SP text ]             ; not at the keyboard, and why; without a reason: back again
//!               / "TYPING" [ SP username ]       ; something is being typed, for all or for one person
//!               / "WHO"                          ; who is here?
//!               / "PING" [ SP token ] ] eol
//!
//! server-line = [ "@" stamp SP ] relayed eol / answer eol
//! relayed     = "HELLO" SP username              ; somebody is here
//!             / "MSG" SP username SP text        ; somebody said
//!             / "TELL" SP username SP text       ; somebody said to you alone
//!             / "BYE" SP username                ; somebody is gone
//!             / "AWAY" SP username [ SP text ]   ; somebody is away, and why; without a reason: is back
//!             / "TYPING" SP username [ SP username ]   ; somebody is typing; the second name: to you alone
//! answer      = "PONG" [ SP token ] / "ERR" SP code [ SP detail ]
//!
//! username    = 1*32 character                   ; see `Username` for which
//! capability  = 1*VCHAR                          ; one that the server does not know is ignored
//! stamp       = 1*20 DIGIT                       ; microseconds since 1970-01-01 00:00 UTC, see `Stamp`
//! text        = 1*character                      ; no control characters: C0 (TAB too), DEL, C1
//! token       = 1*character
//! code        = 1*( ALPHA / "_" )                ; see `ErrorCode`
//! eol         = [ CR ] LF
//! ```
//!
//! # Joining
//!
//! The first line of a client is its `HELLO`. The server answers with one `HELLO` for each person who is here already
//! (and an `AWAY` for each who is away), and last the newcomer's own `HELLO`, which is the acknowledgement. **Everything
//! before your own HELLO is the past, everything after it is live**, so a list of people is a fold: `HELLO` adds a name,
//! `BYE` removes it, and nothing is a special case. `WHO` asks for the same again: a `HELLO` for each person, last one's own.
//!
//! # Capabilities
//!
//! A person with `nc` is a full citizen: whatever is beyond the four verbs is asked for in the client's own `HELLO`,
//! and is never sent to a client that did not ask.
//!
//! | word    | what the server then does |
//! | ------- | ------------------------- |
//! | `stamp` | puts `@<stamp> ` before every relayed line: when that happened |
//! | `echo`  | sends the client's own `MSG` back to it, in its place among those of the others |
//! | `away`  | tells who is away, and who is back |
//! | `typing` | tells who is typing |
//!
//! What is typed is told for the moment only: a client says `TYPING` every few seconds while it goes on, and a server
//! passes on one a second at the most. It shows until the person's message comes, or for some seconds.
//!
//! # Order
//!
//! All clients see the live lines in one order, which is the order of their stamps; a line about the past carries the
//! stamp that it had then. A sender sees its own messages in that order too if it asked for `echo`. Answers come in the
//! order of the lines that they answer, so a `PONG` says that everything before its `PING` was acted upon.
//!
//! # A session
//!
//! `>` is what a person types into `nc 127.0.0.1 5555`, `<` what the server sends.
//!
//! ```text
//! > HELLO bob
//! < HELLO ann                      ann was here before
//! < HELLO bob                      the acknowledgement: bob is in
//! < MSG ann hello bob              ann greets
//! > MSG bob hi ann                 everybody but bob gets this line
//! > TELL ann shall we?             only ann gets: TELL bob shall we?
//! > MSG ann I owe bob money        nobody speaks in another's name
//! < ERR NOT_YOUR_NAME you are bob: write MSG bob <text>
//! < HELLO carl                     carl joins
//! < BYE ann                        ann leaves, or her connection broke
//! > BYE                            the server tells the others BYE bob, and closes
//! ```

mod error_code;
pub mod escape;
pub mod framing;
mod username;

pub use error_code::ErrorCode;
pub use username::{BadUsername, NameKey, RESERVED, Username, fold_name};

/// Bytes that a line from a client may have, its terminator included.
pub const CLIENT_LINE_MAX: usize = 4096;

/// Bytes that a line from the server may have, its terminator included: a client's line, the longest username
/// in the place of the shortest, and a stamp.
pub const SERVER_LINE_MAX: usize = CLIENT_LINE_MAX + username::MAX_BYTES + STAMP_PREFIX_MAX;

/// Bytes that the reason of an AWAY may have: the server keeps it, and tells it to everybody who comes.
pub const AWAY_REASON_MAX: usize = 200;

/// `@`, the 20 digits of the largest `u64`, and a space.
const STAMP_PREFIX_MAX: usize = 22;

/// When the server relayed a line, in microseconds of its clock since 1970-01-01 00:00 UTC.
///
/// A server never uses a stamp twice, and gives later lines larger stamps, so a stamp is both time and identity.
pub type Stamp = u64;

/// What a client may ask for in its HELLO; see the [module](self) for what each does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the protocol, and they are independent")]
pub struct Capabilities {
    /// Relayed lines carry the server's clock.
    pub stamp: bool,
    /// The client's own MSG comes back to it.
    pub echo: bool,
    /// AWAY is relayed to it.
    pub away: bool,
    /// TYPING is relayed to it.
    pub typing: bool,
}

impl Capabilities {
    /// Reads the words after the username; what is unknown is ignored.
    fn parse(words: &str) -> Capabilities {
        let mut asked = Capabilities::default();
        for word in words.split(' ') {
            match word {
                "stamp" => asked.stamp = true,
                "echo" => asked.echo = true,
                "away" => asked.away = true,
                "typing" => asked.typing = true,
                _ => {}
            }
        }
        asked
    }

    /// The words for what is asked.
    fn words(self) -> impl Iterator<Item = &'static str> {
        [(self.stamp, "stamp"), (self.echo, "echo"), (self.away, "away"), (self.typing, "typing")]
            .into_iter()
            .filter_map(|(asked, word)| asked.then_some(word))
    }
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
        } else if is("HELLO") {
            let (username, words) = split_word(rest.unwrap_or(""));
            let username =
                Username::parse(username).map_err(|why| Rejected::new(ErrorCode::BadUsername, why.to_string()))?;
            ClientLine::Hello { username, capabilities: Capabilities::parse(words.unwrap_or("")) }
        } else {
            return Err(Rejected::new(
                ErrorCode::BadLine,
                "the verbs are HELLO, MSG, TELL, BYE, AWAY, TYPING, WHO and PING",
            ));
        }))
    }

    /// Appends the line, with its LF.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            ClientLine::Hello { username, capabilities } => {
                put(out, &["HELLO ", username.as_str()]);
                for word in capabilities.words() {
                    put(out, &[" ", word]);
                }
            }
            ClientLine::Msg { username, text } => put(out, &["MSG ", username, " ", text]),
            ClientLine::Tell { recipient, text } => put(out, &["TELL ", recipient, " ", text]),
            ClientLine::Bye => put(out, &["BYE"]),
            ClientLine::Away(reason) => put_with_optional(out, "AWAY", reason),
            ClientLine::Typing(recipient) => put_with_optional(out, "TYPING", recipient),
            ClientLine::Who => put(out, &["WHO"]),
            ClientLine::Ping(token) => put_with_optional(out, "PING", token),
        }
        out.push(b'\n');
    }
}

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
    /// Something was refused.
    Err {
        /// The code as it was sent; [`ErrorCode::from_word`] knows ours.
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
                let (stamp, line) = stamped.split_once(' ').ok_or(NotUnderstood::NotALine)?;
                if !stamp.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(NotUnderstood::NotALine);
                }
                (Some(stamp.parse().map_err(|_| NotUnderstood::NotALine)?), line)
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
            ServerLine::Err { code, detail } => {
                put(out, &["ERR "]);
                put_with_optional(out, code, detail);
            }
        }
        out.push(b'\n');
    }
}

/// Is this text that a client may send: not empty, and without control characters?
pub fn is_text(text: &str) -> bool {
    !text.is_empty() && find_control(text).is_none()
}

/// Where the first control character stands: C0 (0 to 31, TAB too), DEL (127), C1 (U+0080 to U+009F).
///
/// It looks at bytes, since in UTF-8 the C1 characters are exactly the byte C2 followed by 80 to 9F.
fn find_control(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let c0_or_del = |byte: &u8| *byte < 0x20 || *byte == 0x7f;
    // Looking at all of them instead of stopping at the first is what the processor can do to many at once; nearly every
    // line is done with here.
    if bytes.iter().fold(0, |found, byte| found | u8::from(c0_or_del(byte)) | u8::from(*byte == 0xc2)) == 0 {
        return None;
    }
    bytes.iter().enumerate().position(|(at, byte)| {
        c0_or_del(byte) || (*byte == 0xc2 && bytes.get(at + 1).is_some_and(|next| (0x80..=0x9f).contains(next)))
    })
}

/// The word before the first space, and what follows that space.
fn split_word(line: &str) -> (&str, Option<&str>) {
    match line.split_once(' ') {
        Some((word, rest)) => (word, Some(rest)),
        None => (line, None),
    }
}

/// `<name> <text>`, neither empty; the text keeps its spaces.
fn name_and_text(rest: Option<&str>) -> Option<(&str, &str)> {
    rest?.split_once(' ').filter(|(name, text)| !name.is_empty() && !text.is_empty())
}

fn put(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

fn put_with_optional(out: &mut Vec<u8>, word: &str, rest: &str) {
    put(out, &[word]);
    if !rest.is_empty() {
        put(out, &[" ", rest]);
    }
}

#[cfg(test)]
mod tests;
