//! What the network tells the model: how the connection fares, and what the server said.
//!
//! Events are made by the `reader` thread and read by the UI thread. Everything in them is owned and already read
//! ([`Said`] is a [`ServerLine`] that may travel), and nothing is escaped yet: the model compares names and texts as they were
//! sent, and escapes what it shows.
//!
//! An attempt to connect has a channel of its own. Whoever drops the receiver has thereby finished with that attempt: no
//! event of it can turn up later, so events carry no number that says which connection they are about.

use std::fmt;
use std::net::SocketAddr;

use super::encryption::Security;
use super::known_servers::Known;
use crate::protocol::escape::escape;
use crate::protocol::{ErrorCode, ServerLine, Stamp};

/// Something that happened to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// There is a connection on which HELLO may be said, which is what comes next.
    Connected {
        /// Whose it is.
        peer: SocketAddr,
        /// Is it encrypted, and why do we believe to whom?
        lock: Security,
        /// Why the server's certificate is not known the next time, although it should be.
        not_kept: Option<String>,
    },
    /// The server said something.
    Received {
        /// What one read brought, in order.
        lines: Vec<Line>,
        /// Lines that could not be read, and were left out.
        not_understood: usize,
    },
    /// It is over; nothing comes after this.
    Ended(ConnectionError),
}

/// A line from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When the server relayed it, in microseconds, if it says.
    pub stamp: Option<Stamp>,
    /// What it says.
    pub said: Said,
}

/// What a line says: a [`ServerLine`] that owns its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Somebody is here.
    Hello(String),
    /// Somebody said to all.
    Msg {
        /// Who.
        from: String,
        /// What.
        text: String,
    },
    /// Somebody said to us alone.
    Tell {
        /// Who.
        from: String,
        /// What.
        text: String,
    },
    /// Somebody is gone.
    Bye(String),
    /// Somebody is away, or (the reason is empty) back.
    Away {
        /// Who.
        name: String,
        /// Why.
        reason: String,
    },
    /// Somebody is typing, for one person or (the name is empty) for all.
    Typing {
        /// Who.
        from: String,
        /// For whom.
        to: String,
    },
    /// The answer to a PING, with its token.
    Pong(String),
    /// A message from before, as we asked for it.
    Past {
        /// Who.
        from: String,
        /// What.
        text: String,
    },
    /// A message from before that has the words we looked for.
    Found {
        /// Who.
        from: String,
        /// What.
        text: String,
    },
    /// That was all that answers a PAST or a FIND.
    End {
        /// Which of the two.
        of: String,
        /// Older ones were left out.
        more: bool,
    },
    /// Not all that was said since this stamp is replayed.
    Gap(Stamp),
    /// Our name is ours from now on.
    Registered(String),
    /// Something was refused.
    Err {
        /// The code, which may be one that we do not know.
        code: String,
        /// More about it; may be empty.
        detail: String,
    },
}

impl Said {
    /// The bytes of its words: what it costs to keep and to show.
    pub fn bytes(&self) -> usize {
        match self {
            Said::Hello(word)
            | Said::Bye(word)
            | Said::Pong(word)
            | Said::End { of: word, .. }
            | Said::Registered(word) => word.len(),
            Said::Gap(_) => size_of::<Stamp>(),
            Said::Msg { from: word, text: more }
            | Said::Tell { from: word, text: more }
            | Said::Away { name: word, reason: more }
            | Said::Typing { from: word, to: more }
            | Said::Past { from: word, text: more }
            | Said::Found { from: word, text: more }
            | Said::Err { code: word, detail: more } => word.len() + more.len(),
        }
    }
}

impl From<ServerLine<'_>> for Said {
    fn from(line: ServerLine<'_>) -> Said {
        match line {
            ServerLine::Hello(name) => Said::Hello(name.to_owned()),
            ServerLine::Msg { from, text } => Said::Msg { from: from.to_owned(), text: text.to_owned() },
            ServerLine::Tell { from, text } => Said::Tell { from: from.to_owned(), text: text.to_owned() },
            ServerLine::Bye(name) => Said::Bye(name.to_owned()),
            ServerLine::Away { name, reason } => Said::Away { name: name.to_owned(), reason: reason.to_owned() },
            ServerLine::Typing { from, to } => Said::Typing { from: from.to_owned(), to: to.to_owned() },
            ServerLine::Pong(token) => Said::Pong(token.to_owned()),
            ServerLine::Past { from, text } => Said::Past { from: from.to_owned(), text: text.to_owned() },
            ServerLine::Found { from, text } => Said::Found { from: from.to_owned(), text: text.to_owned() },
            ServerLine::End { of, more } => Said::End { of: of.to_owned(), more },
            ServerLine::Gap(since) => Said::Gap(since),
            ServerLine::Registered(name) => Said::Registered(name.to_owned()),
            ServerLine::Err { code, detail } => Said::Err { code: code.to_owned(), detail: detail.to_owned() },
        }
    }
}

/// Why a connection is over, by what can be done about it. Displays as words for the status line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionError {
    /// The name of the host was not found: check it.
    Unresolved {
        /// The name.
        host: String,
        /// What the system said.
        error: String,
    },
    /// No server answers there: check the address, or start the server.
    Unreachable {
        /// The last address that was tried.
        tried: SocketAddr,
        /// What the system said.
        error: String,
    },
    /// There is a password to be sent, and others could read it on the way: have the server speak TLS.
    WouldBeOverheard,
    /// The server shows a certificate for which nobody vouches and that the user has not accepted: ask them.
    Unknown {
        /// That of its key.
        fingerprint: String,
    },
    /// The server was recognised by something else before: it was set up anew, or somebody is in between.
    Changed {
        /// By what.
        was: Known,
        /// That of the key that it shows.
        fingerprint: String,
    },
    /// It has to be encrypted, and there is no TLS at one of the two ends; which, in words.
    NoTls(String),
    /// The user wants no encryption, and the server is known to encrypt: have them want it.
    KnownToEncrypt,
    /// The server turned us away before either end knew the other: try again, unless it is a ban. It may come from
    /// anybody on the way, and says nothing about TLS.
    TurnedAway {
        /// Why.
        code: ErrorCode,
        /// More about it; may be empty.
        detail: String,
    },
    /// The two ends could not agree on keys.
    Handshake(String),
    /// Which servers are known cannot be read: mend the file.
    NoList(String),
    /// Nothing answered in time: check the network, or try again.
    TimedOut,
    /// The server closed the connection.
    Closed,
    /// The connection broke: check the network.
    Broken(String),
    /// This computer is out of something: close other programs.
    OutOfResources(String),
}

impl ConnectionError {
    /// Is it no use to try again as long as nobody changes anything?
    pub fn is_for_good(&self) -> bool {
        matches!(
            self,
            ConnectionError::WouldBeOverheard
                | ConnectionError::Unknown { .. }
                | ConnectionError::Changed { .. }
                | ConnectionError::NoTls(_)
                | ConnectionError::KnownToEncrypt
                | ConnectionError::NoList(_)
        )
    }

    /// Was there a connection at all?
    pub fn was_connected(&self) -> bool {
        matches!(self, ConnectionError::Closed | ConnectionError::Broken(_))
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The system's words are for the log.
            ConnectionError::Unresolved { host, .. } => write!(f, "there is no server by the name of {}", escape(host)),
            ConnectionError::Unreachable { tried, .. } => {
                write!(f, "nothing answers at {tried}: is the server running?")
            }
            ConnectionError::WouldBeOverheard => write!(
                f,
                "nothing was sent, since it would not be encrypted and others could read your password on the way"
            ),
            ConnectionError::Unknown { .. } => {
                write!(f, "nothing was sent, since the server's certificate is not known")
            }
            ConnectionError::Changed { .. } => {
                write!(f, "nothing was sent, since the server shows another certificate than before")
            }
            ConnectionError::NoTls(why) => {
                write!(f, "nothing was sent, since it would not be encrypted ({})", escape(why))
            }
            ConnectionError::KnownToEncrypt => write!(
                f,
                "nothing was sent, since this server is known to encrypt: do not choose Never in Settings, Encryption"
            ),
            ConnectionError::TurnedAway { code, detail } => {
                write!(f, "the server turned us away: {} {}", code.word(), escape(detail))
            }
            ConnectionError::Handshake(error) => write!(f, "no encrypted connection: {}", escape(error)),
            ConnectionError::NoList(error) => {
                write!(f, "nothing was sent, since it is not known which servers are known: mend {}", escape(error))
            }
            ConnectionError::TimedOut => write!(f, "no answer in time: is the address right?"),
            ConnectionError::Closed => write!(f, "the server closed it"),
            ConnectionError::Broken(error) => write!(f, "{}", escape(error)),
            ConnectionError::OutOfResources(error) => {
                write!(f, "this computer is out of resources ({})", escape(error))
            }
        }
    }
}
