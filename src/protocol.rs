//! The wire format: the lines that a client and a server exchange, how they are parsed, and how they are encoded.
//!
//! This module is pure: bytes in, values out. It owns no socket, no thread and no lock, runs on whichever thread calls it, and
//! names nothing else of this crate, so that it can be tested, fuzzed and read on its own. The rest of this page is the
//! specification.
//!
//! # Terms
//!
//! - **Line:** the unit of the protocol. Its first word is its **verb**.
//! - **Client:** one connection and the user behind it. A client has **joined** once its HELLO was accepted.
//! - **Room:** all clients that have joined one server. A server has one room.
//! - **Stamp:** the time at which the server relayed a line, which also identifies that line (see [`Stamp`]).
//! - **Relayed line:** a line that the server sends to clients because another client caused it. **Answer:** a line that it
//!   sends to one client because of a line of that client.
//! - **Capability:** an optional feature that a client asks for in its HELLO.
//!
//! # Lines
//!
//! Both directions carry UTF-8 text in lines that end with LF (`\n`). A receiver accepts CR LF as well; a sender sends LF. Empty
//! lines are ignored. A last line without LF is ignored. A line from a client has at most [`CLIENT_LINE_MAX`] (4096) bytes, a
//! line from the server at most [`SERVER_LINE_MAX`]; both limits include the terminator. Verbs are case-insensitive on input,
//! and the server sends them in upper case. Words are separated by one space. The text of a line begins after the last
//! separator and is passed on byte for byte, including further spaces.
//!
//! # Grammar
//!
//! In the notation of RFC 5234. A quoted verb matches in any case on input.
//!
//! ```text
//! client-line = [ "#" label SP ] [
//!                 "HELLO" SP username *( 1*SP capability )
//!               / "MSG" SP username SP text      ; to all other clients; the username is the sender's own
//!               / "TELL" SP username SP text     ; to one client; the username is the recipient's
//!               / "BYE" [ SP text ]              ; leave; the text is ignored
//!               / "AWAY" [ SP text ]             ; away, with the reason; without a reason: no longer away
//!               / "TYPING" [ SP username ]       ; the user is typing to all, or to this one user
//!               / "WHO" [ SP text ]              ; list the users in the room; the text is ignored
//!               / "PING" [ SP token ]
//!               / "PAST" SP stamp SP count       ; the last 1 to 200 messages before that stamp
//!               / "FIND" SP text                 ; the messages that contain each of these words
//!               / "PASS" SP password             ; before HELLO: the password of the name, or of the room
//!               / "REGISTER" SP password ] eol   ; protect the client's name with this password
//!
//! server-line = [ "#" label SP ] ( [ "@" stamp SP ] relayed / answer ) eol
//! relayed     = "HELLO" SP username              ; this user is in the room
//!             / "MSG" SP username SP text        ; a message of this user to all
//!             / "TELL" SP username SP text       ; a message of this user to the receiving client alone
//!             / "BYE" SP username                ; this user has left the room
//!             / "AWAY" SP username [ SP text ]   ; this user is away, with the reason; without one: no longer away
//!             / "TYPING" SP username [ SP username ]   ; this user is typing; second name: to the receiving client alone
//!             / "PAST" SP username SP text       ; an earlier message, in answer to PAST
//!             / "FOUND" SP username SP text      ; an earlier message, in answer to FIND
//! answer      = "PONG" [ SP token ] / "ERR" SP code [ SP detail ]
//!             / "END" SP ( "PAST" / "FIND" ) [ SP "MORE" ]   ; the answer is complete; MORE: older messages exist
//!             / "GAP" SP stamp                   ; some messages after that stamp are not replayed
//!             / "DELETED" SP stamp               ; the operator has deleted the message with that stamp
//!             / "REGISTERED" SP username         ; the answer to REGISTER
//!             / "OK"                             ; the line with this label was acted upon, and has no other answer
//!
//! username    = 1*32 character                   ; see `Username` for the characters
//! capability  = 1*VCHAR                          ; case-insensitive; unknown ones are ignored
//! label       = 1*16VCHAR                        ; only if the client asked for labels
//! stamp       = 1*20 DIGIT                       ; microseconds since 1970-01-01 00:00 UTC, see `Stamp`
//! text        = 1*character                      ; without control characters: C0 (including TAB), DEL, C1
//! token       = 1*character
//! count       = 1*3DIGIT
//! password    = 1*128 bytes of text              ; shown in no log and no window
//! code        = 1*( ALPHA / "_" )                ; see `ErrorCode`
//! eol         = [ CR ] LF
//! ```
//!
//! # TLS
//!
//! A server that is configured for TLS accepts it on the same port as plain text. A connection whose first byte is 0x16 is a
//! TLS 1.3 connection (RFC 8446), the only version; no line of text begins with that byte. Everything else in this document
//! applies inside of TLS without change. There is no STARTTLS, so an attacker on the path cannot remove the request for encryption.
//!
//! - A server without TLS answers a TLS connection with the alert `protocol_version`.
//! - A server that requires TLS answers plain text with `TLS_REQUIRED`.
//! - A connection that is rejected before it is read (`SERVER_FULL`, `BANNED`, ...) receives the alert `internal_error` if
//!   retrying may succeed, and `access_denied` if it will not. If the client has not begun a handshake within half a second, or
//!   the server is too busy to look, the rejection is sent in plain text.
//!
//! Such an answer is not authenticated: an attacker on the path can forge it. A client may show it to the user, and MUST NOT
//! fall back to plain text because of it.
//!
//! The end of the stream is marked by `close_notify`. End of file on the TCP connection is accepted as well: a truncated stream
//! is harmless, because every line carries its own terminator.
//!
//! # Passwords
//!
//! A client may send `PASS <password>` before its `HELLO`. If it sends several, the last one counts. After it has joined, it
//! may send `REGISTER <password>`, which reserves its name, and every name that could be mistaken for it, for clients that know
//! this password. The answer is `REGISTERED <name>`. Sending it again changes the password. The password of a name has at least
//! eight characters.
//!
//! - **A registered name** requires the password of that name, which also admits to the room. If another client is in the room
//!   under that name, it is disconnected with `TAKEN_BACK`: the others receive its `BYE`, then the owner's `HELLO`.
//! - **Any other name** requires the password of the room, if the room has one. If the room admits members only, the answer is
//!   `MEMBERS_ONLY`.
//!
//! A missing password is answered with `PASSWORD_REQUIRED`, a wrong one with `BAD_PASSWORD`. If the room has a password or
//! admits members only, registered and unregistered names receive the same two answers, so that an unauthenticated client
//! cannot find out which names are registered.
//!
//! After a wrong password, the next check for the same network (an IPv4 address, or an IPv6 /64) is delayed by a quarter of a
//! second. The delay doubles with each further failure, up to 8 s.
//!
//! `REGISTER` changes the password that the client has joined with. If the operator has changed or removed that password since,
//! the answer is `UNAVAILABLE`.
//!
//! Passwords are accepted over TLS, and from the server's own machine unless the server was started otherwise. From anywhere
//! else, where they could be read on the way, PASS and REGISTER are answered with `TLS_REQUIRED`. The server looks at the verb of
//! such a line and at nothing else.
//!
//! # Joining
//!
//! The first line of a client, apart from PASS, is its `HELLO`. The server answers with a single write, which contains, in this
//! order:
//!
//! 1. the most recent messages of the room, each as a `MSG`, if the server has a history;
//! 2. one `HELLO` for each user who is already in the room, and an `AWAY` for each of them who is away;
//! 3. the new client's own `HELLO`, which is the acknowledgement.
//!
//! **Everything before the client's own HELLO is the past, and everything after it is live.** The list of users is therefore a
//! fold over the stream: `HELLO` adds a name, `BYE` removes it, without special cases. `WHO` requests the list again: one
//! `HELLO` for each user, the client's own last.
//!
//! # History
//!
//! A server may keep a history: every `MSG`, in the order of the stamps. `TELL`, and joining and leaving, are never kept.
//!
//! A new client receives the last hundred messages. A returning client sends the capability `since=<stamp>` with the stamp of
//! the last message that it has. It then receives every later message exactly once, and no earlier one, up to a limit. If any
//! message after that stamp is missing, `GAP <stamp>` is the first line that the client receives, and it can request the rest
//! with `PAST`. A server without a history sends `GAP` too, unless it can be sure that nothing was said.
//!
//! `PAST <stamp> <count>` requests the last `count` messages before that stamp, 1 to [`PAST_MAX`]. They arrive as `PAST` lines,
//! oldest first, followed by `END PAST`, or by `END PAST MORE` if older messages exist. The stamp of the first line is the one
//! to send in the next request.
//!
//! `FIND <words>` requests the messages that contain each of the words (at most 16), in any order, ignoring case and accents.
//! A word of three or more letters also matches the beginning of a longer word. At most the newest hundred matches arrive as
//! `FOUND` lines, oldest first, followed by `END FIND`, or by `END FIND MORE` if older matches exist. A word has at most 64
//! parts: each character of a script without spaces is one part, and so is each run between punctuation marks. The next FIND of
//! a client begins no sooner after the last one than that one took.
//!
//! `PAST` and `FOUND` lines carry their stamp even if the client did not ask for `stamp`, because the stamp identifies the
//! message. Live lines may come between them. A server that has no history, or cannot read all of the requested part at the
//! moment, answers `ERR UNAVAILABLE`: an answer that ends with `END` is complete. Each request counts as one line against the
//! client's rate limit.
//!
//! # Deleted messages
//!
//! The operator can delete messages, one or all of a name. A client that asked for `deleted` receives `DELETED <stamp>` for each
//! of them, and no longer shows its text. It needs `stamp` as well, which tells it which message that is. A stamp that a client
//! does not know is of no interest to it.
//!
//! DELETED comes after the message, whichever way the message came: live, replayed, or in an answer to PAST or FIND. An answer
//! that was read before the deletion is followed by DELETED, in front of its END. A returning client (`since`) receives DELETED
//! for the messages up to that stamp that were deleted lately: after the replayed messages, and before the list of users. The
//! server remembers the newest 10,000 deleted messages since its start, and sends no more than that for all messages of a name:
//! the newest of them, and a thousand to a returning client.
//!
//! # Capabilities
//!
//! A user with `nc` is a full participant. Everything beyond the basic verbs is requested in the client's own `HELLO`, and is
//! never sent to a client that did not request it.
//!
//! | word    | effect |
//! | ------- | ------ |
//! | `stamp` | puts `@<stamp> ` before each relayed line: the time at which it was relayed |
//! | `echo`  | sends the client's own `MSG` back to it, in its place among the others |
//! | `away`  | relays AWAY |
//! | `typing` | relays TYPING |
//! | `deleted` | sends DELETED |
//! | `label` | allows a label before a line: see below |
//! | `since=<stamp>` | replays the messages after that stamp, instead of the most recent ones |
//!
//! Typing notifications are transient. A client repeats `TYPING` every few seconds while its user types, and the server relays
//! at most one a second. A receiver shows it until a message of that user arrives, or for some seconds.
//!
//! # Labels
//!
//! An answer does not say which line it answers. A client that asked for `label` may begin any line after its HELLO with
//! `#<label> `, where the label is a word of its choice, of 1 to [`LABEL_MAX`] visible characters of ASCII. The server does not
//! compare labels. It sends **exactly one** line that begins with the same `#<label> `, to this client alone, when it has acted
//! upon the line:
//!
//! | line | answer with the label |
//! | ---- | --------------------- |
//! | any that is an error | `ERR` |
//! | `PING`, `REGISTER` | `PONG`, `REGISTERED` |
//! | `PAST`, `FIND` | `END`; the `PAST` and `FOUND` lines before it have no label |
//! | `MSG` of a client that asked for `echo` | the client's own `MSG`, in its place among the others; the label precedes the stamp |
//! | any other | `OK`; after `WHO` it follows the list of users |
//! | `BYE` | none: the connection ends |
//!
//! The lines to other clients have no label. A label that the server cannot read (it is empty or too long, or no space follows
//! it) is answered by `ERR BAD_LINE` without one. Nothing is answered on a connection that the server closes for another reason.
//!
//! # Order
//!
//! All clients receive the live lines in one order, which is the order of their stamps. Lines of the history carry the stamp
//! that they had when they were live. A client that asked for `echo` receives its own messages in that order, too. Answers
//! arrive in the order of the lines that they answer, so a `PONG` shows that every line before its `PING` has been processed.
//!
//! # Errors
//!
//! An error is answered by `ERR <code> <detail>`, where the detail is a sentence for a person: what was wrong, and what would
//! work. [`ErrorCode`] lists the codes. Most errors before HELLO close the connection. The following do not, and only the line
//! that caused them has no effect: `BAD_LINE`, `LINE_TOO_LONG`, `NOT_UTF8`, `BAD_TEXT`, `NOT_YOUR_NAME`, `NO_SUCH_USER`,
//! `WEAK_PASSWORD`, `UNAVAILABLE`, `SLOW_DOWN`.
//!
//! Clients are rate limited, by a sustained number of lines per second and a burst; the operator sets both. Lines beyond the
//! limit are dropped and answered by `SLOW_DOWN <milliseconds>`: the time until the next line is accepted. Empty lines, BYE and
//! TYPING do not count (a label makes the first and the last count). A client that reconnects within a minute continues with the
//! allowance that it, or another client of its network, had left. Joining and REGISTER have a limit for each network as well, answered by `TOO_MANY_CONNECTIONS` and
//! `SLOW_DOWN`.
//!
//! # A session
//!
//! `>` marks what a user types into `nc 127.0.0.1 5555`, `<` what the server sends.
//!
//! ```text
//! > HELLO bob
//! < HELLO ann                      ann was in the room before
//! < HELLO bob                      the acknowledgement: bob has joined
//! < MSG ann hello bob              ann greets
//! > MSG bob hi ann                 everyone but bob receives this line
//! > TELL ann shall we?             only ann receives: TELL bob shall we?
//! > MSG ann I owe bob money        a client cannot speak in another's name
//! < ERR NOT_YOUR_NAME you are bob: write MSG bob <text>
//! < HELLO carl                     carl joins
//! < BYE ann                        ann has left, or her connection broke
//! > BYE                            the server sends BYE bob to the others, and closes
//! ```
//!
//! The same with labels, as a program would do it:
//!
//! ```text
//! > HELLO bob label echo
//! < HELLO ann
//! < HELLO bob
//! > #1 MSG bob hi ann              ann receives: MSG bob hi ann
//! < #1 MSG bob hi ann              the echo
//! > #2 TELL ann shall we?          ann receives: TELL bob shall we?
//! < #2 OK
//! > #3 TELL carl are you here?
//! > #4 PING
//! < #3 ERR NO_SUCH_USER carl
//! < #4 PONG
//! < MSG ann we shall               another's line has no label
//! > BYE
//! ```
//!
//! A message that the operator deletes:
//!
//! ```text
//! > HELLO bob stamp deleted
//! < @1700000000000001 HELLO ann
//! < @1700000000000009 HELLO bob
//! < @1700000000000017 MSG ann you are all stupid
//! < DELETED 1700000000000017       bob's program no longer shows that text
//! > BYE
//! ```

mod client_line;
mod error_code;
pub mod escape;
pub mod framing;
mod label;
pub(crate) mod name_key;
mod secret;
mod server_line;
mod text;
mod username;

pub use client_line::{Capabilities, ClientLine, Rejected};
pub use error_code::ErrorCode;
pub use label::{LABEL_MAX, put_label, split_label};
pub(crate) use name_key::{NameKey, fold_name};
pub use secret::Secret;
pub(crate) use secret::{SECRET_VERBS, is_secret};
pub use server_line::{NotUnderstood, Prefix, ServerLine};
pub use text::is_text;
pub use username::{BadUsername, RESERVED, Username};

/// Maximum length of a line from a client in bytes, terminator included.
pub const CLIENT_LINE_MAX: usize = 4096;

/// Maximum length of a line from the server in bytes, terminator included: a client's line, plus the longest username in the
/// place of the shortest, a stamp, and the two letters by which FOUND is longer than MSG. (The label of an answer was part of the
/// client's line.)
pub const SERVER_LINE_MAX: usize = CLIENT_LINE_MAX + username::MAX_BYTES + STAMP_PREFIX_MAX + 2;

/// Maximum length of an AWAY reason in bytes. The server keeps the reason, and sends it to every client that joins later.
pub const AWAY_REASON_MAX: usize = 200;

/// Maximum number of messages that one PAST may request.
pub const PAST_MAX: usize = 200;

/// Maximum length of a password in bytes.
pub const PASSWORD_MAX: usize = 128;

/// Length of `@`, the 20 digits of the largest `u64`, and a space.
const STAMP_PREFIX_MAX: usize = 22;

/// The time at which the server relayed a line, in microseconds of its clock since 1970-01-01 00:00 UTC.
///
/// A server never uses a stamp twice and gives later lines larger stamps, so a stamp is both a time and an identity.
pub type Stamp = u64;

#[cfg(test)]
mod tests;
