//! The wire format: what a client and a server may say to each other, and how a line is read and written.
//!
//! This module is pure: bytes in, values out. It owns no socket, no thread and no lock, and it names nothing else
//! of this crate, so that all of it can be tested, fuzzed and read by itself. What follows is the specification.
//!
//! # Lines
//!
//! Both directions are UTF-8 text in lines that end with LF (`\n`). CR LF is accepted, and only LF is sent. An empty
//! line is ignored, and so is a last line that no LF ends. A line from a client is at most [`CLIENT_LINE_MAX`] (4096)
//! bytes long, one from the server at most [`SERVER_LINE_MAX`], terminator included. Verbs may be written in any case;
//! the server writes them in upper case. One space separates the words; what follows the last separator is the text,
//! kept byte for byte, further spaces too.
//!
//! # Grammar
//!
//! In the notation of RFC 5234. `HELLO` as a quoted word stands for any case of it on input.
//!
//! ```text
//! client-line = [ "HELLO" SP username *( 1*SP capability )
//!               / "MSG" SP username SP text      ; to all others; the username is one's own
//!               / "TELL" SP username SP text     ; to one person alone; the username is the recipient's
//!               / "BYE" [ SP text ]              ; leave; the text is ignored
//!               / "AWAY" [ SP text ]             ; not at the keyboard, and why; without a reason: back again
//!               / "TYPING" [ SP username ]       ; something is being typed, for all or for one person
//!               / "WHO" [ SP text ]              ; who is here? the text is ignored
//!               / "PING" [ SP token ]
//!               / "PAST" SP stamp SP count       ; the messages before that one: 1 to 200 of them
//!               / "FIND" SP text                 ; the messages that have each of these words
//!               / "PASS" SP password             ; before HELLO: the name's, or else the room's
//!               / "REGISTER" SP password ] eol   ; from now on my name needs this
//!
//! server-line = [ "@" stamp SP ] relayed eol / answer eol
//! relayed     = "HELLO" SP username              ; somebody is here
//!             / "MSG" SP username SP text        ; somebody said
//!             / "TELL" SP username SP text       ; somebody said to you alone
//!             / "BYE" SP username                ; somebody is gone
//!             / "AWAY" SP username [ SP text ]   ; somebody is away, and why; without a reason: is back
//!             / "TYPING" SP username [ SP username ]   ; somebody is typing; the second name: to you alone
//!             / "PAST" SP username SP text       ; what was said before, in answer to PAST
//!             / "FOUND" SP username SP text      ; the same, in answer to FIND
//! answer      = "PONG" [ SP token ] / "ERR" SP code [ SP detail ]
//!             / "END" SP ( "PAST" / "FIND" ) [ SP "MORE" ]   ; that was all of them; MORE: there are older ones
//!             / "GAP" SP stamp                   ; not all that came after that stamp is replayed
//!             / "REGISTERED" SP username         ; the answer to REGISTER
//!
//! username    = 1*32 character                   ; see `Username` for which
//! capability  = 1*VCHAR                          ; in any case; one that the server does not know is ignored
//! stamp       = 1*20 DIGIT                       ; microseconds since 1970-01-01 00:00 UTC, see `Stamp`
//! text        = 1*character                      ; no control characters: C0 (TAB too), DEL, C1
//! token       = 1*character
//! count       = 1*3DIGIT
//! password    = 1*128 bytes of text              ; no log and no window shows it
//! code        = 1*( ALPHA / "_" )                ; see `ErrorCode`
//! eol         = [ CR ] LF
//! ```
//!
//! # TLS
//!
//! A server that was told to encrypts for those who ask for it, on the same port: a connection that begins with the
//! byte 0x16, which no text does, is TLS 1.2 or 1.3 (RFC 8446), and all of the above goes on within. Nothing is asked for
//! by STARTTLS, so nobody on the way can take the question out. A server that speaks no TLS answers with the alert
//! `protocol_version`, one that wants nothing else answers text with `TLS_REQUIRED`. A connection that cannot be
//! taken at all (`SERVER_FULL`, `BANNED`, ...) learns that by the alert `internal_error`, if trying again may help, or
//! `access_denied`, if it does not; in plain text, if it has not begun a handshake within half a second or the server is
//! too busy to look. That says nothing about TLS: a client may show it, and must not go on in plain text because of it,
//! since anybody on the way could have said it.
//!
//! The end of the stream is TLS's (`close_notify`), but the end of TCP alone will do: every line has an end of its own.
//!
//! # Passwords
//!
//! Before its `HELLO` a client may say `PASS <password>`; of several, the last counts. After that it may say `REGISTER
//! <password>`: from now on its name, and every name that could pass for it, is its own, and the answer is `REGISTERED
//! <name>`. To say it again is to change the password. A password for a name has at least eight characters.
//!
//! - **A registered name** needs that name's own password, which opens the room as well. Whoever is here with that name
//!   from elsewhere is ended with `TAKEN_BACK`: the others see a `BYE`, then the owner's `HELLO`.
//! - **Any other name** needs the room's password, if there is one. Where only members are let in as well, it gets
//!   `MEMBERS_ONLY`.
//!
//! A password that is missing is `PASSWORD_REQUIRED`, and a wrong one is `BAD_PASSWORD`. Where the room has a password
//! or is for members only, these two are answered to a name that is not registered as to one that is. After a wrong
//! password the next check of the same network (an IPv4 address, an IPv6 /64) waits before it begins: a quarter of a
//! second, twice as long after each further one, up to 8 s. `REGISTER` changes the password with which the client has
//! joined, and no later one: if the operator has changed or removed it since, the answer is `UNAVAILABLE`. Passwords
//! are taken over TLS, or from the server's own machine unless it was started otherwise; from anywhere else, where others
//! could read them, PASS and REGISTER are answered with `TLS_REQUIRED`, and nothing of them but the verb is looked at.
//!
//! # Joining
//!
//! The first line of a client is its `HELLO`. The server answers, as one write: with the last messages of the room (a
//! `MSG` for each, if the server remembers any), with one `HELLO` for each person who is here already (and an `AWAY`
//! for each who is away), and last with the newcomer's own `HELLO`, which is the acknowledgement. **Everything before
//! your own HELLO is the past, everything after it is live**, so a list of people is a fold: `HELLO` adds a name, `BYE`
//! removes it, and nothing is a special case. `WHO` asks for the people again: a `HELLO` for each person, last one's
//! own.
//!
//! # The past
//!
//! A server may remember what was said to all: every `MSG`, in the order of the stamps. `TELL`, and who came and went,
//! are never remembered.
//!
//! A newcomer gets the last hundred messages. A client that comes back says `since=<stamp>`, the stamp of the last
//! message that it has, and gets each later one, once, and none that is not later. There is a bound to that: if
//! anything after that stamp is missing, `GAP <stamp>` is the first line of all, and `PAST` can ask for the rest. A
//! server that remembers nothing says `GAP` too, if it cannot be sure that nothing was said.
//!
//! `PAST <stamp> <count>` asks for the last so many messages before that stamp, 1 to [`PAST_MAX`] of them. They come as
//! `PAST` lines, the oldest first, and then `END PAST`, or `END PAST MORE` if there are older ones: the stamp of the
//! first line is what to ask with next. `FIND <words>` asks for the messages that have each of the words, 16 at most,
//! in any order, without regard to case and accents; a word of three letters or more is also found as the beginning of
//! a longer one. The newest hundred at most come as `FOUND` lines, the oldest first, and then `END FIND`, or `END FIND
//! MORE`. These lines carry their stamp whether or not the client asked for `stamp`, since it is what they can be told
//! apart and asked for by. They come together, but live lines may come between them. A server that remembers nothing,
//! or cannot read all that was asked for at this moment, answers `ERR UNAVAILABLE`: an answer that ends with `END` is
//! complete. Both questions count as one line of what a client may send. A word of a FIND has 64 parts at most (each
//! character of a script without spaces is one, as is what stands between two punctuation marks), and a client's next
//! FIND begins as long after the last one as that took.
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
//! | `since=<stamp>` | replays what was said after that stamp, instead of the last few messages |
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
//! # Errors
//!
//! What is wrong is answered by `ERR <code>` and, in words for a person, what was wrong and what would work.
//! [`ErrorCode`] says what each code means. Most that come before one has joined end the connection; these do not, and
//! only the line that they are about was not acted upon: `BAD_LINE`, `LINE_TOO_LONG`, `NOT_UTF8`, `BAD_TEXT`,
//! `NOT_YOUR_NAME`, `NO_SUCH_USER`, `WEAK_PASSWORD`, `UNAVAILABLE`, `SLOW_DOWN`.
//!
//! A client may send so many lines a second in the long run, and so many at once (the operator sets both). What comes
//! faster is dropped, and answered by `SLOW_DOWN <milliseconds>`: so long until the next line passes. Empty lines, BYE
//! and TYPING are not counted. A client that comes back within a minute goes on with what it, or another of its network,
//! had left. Joins and REGISTERs have a limit for each network, too: `TOO_MANY_CONNECTIONS` and `SLOW_DOWN`.
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

mod client_line;
mod error_code;
pub mod escape;
pub mod framing;
mod name_key;
mod secret;
mod server_line;
mod text;
mod username;

pub use client_line::{Capabilities, ClientLine, Rejected};
pub use error_code::ErrorCode;
pub use name_key::{NameKey, fold_name};
pub use secret::{SECRET_VERBS, Secret, is_secret};
pub use server_line::{NotUnderstood, ServerLine};
pub use text::is_text;
pub use username::{BadUsername, RESERVED, Username};

/// Bytes that a line from a client may have, its terminator included.
pub const CLIENT_LINE_MAX: usize = 4096;

/// Bytes that a line from the server may have, its terminator included: a client's line, the longest username
/// in the place of the shortest, a stamp, and the two letters that FOUND has more than MSG.
pub const SERVER_LINE_MAX: usize = CLIENT_LINE_MAX + username::MAX_BYTES + STAMP_PREFIX_MAX + 2;

/// Bytes that the reason of an AWAY may have: the server keeps it, and tells it to everybody who comes.
pub const AWAY_REASON_MAX: usize = 200;

/// Messages that one PAST may ask for.
pub const PAST_MAX: usize = 200;

/// Bytes that a password may have.
pub const PASSWORD_MAX: usize = 128;

/// `@`, the 20 digits of the largest `u64`, and a space.
const STAMP_PREFIX_MAX: usize = 22;

/// When the server relayed a line, in microseconds of its clock since 1970-01-01 00:00 UTC.
///
/// A server never uses a stamp twice, and gives later lines larger stamps, so a stamp is both time and identity.
pub type Stamp = u64;

#[cfg(test)]
mod tests;
