//! Events of a connection: its state, and the lines from the server.
//!
//! The `reader` thread creates events and the UI thread receives them. Their contents are owned and parsed ([`Said`] is an owned
//! [`ServerLine`]), and not escaped: the model compares names and texts as they were sent, and escapes them when it shows them.
//!
//! Each attempt to connect has a channel of its own. Dropping the receiver ends an attempt for good: none of its events can arrive
//! later, so events need no number that says which connection they belong to.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use thiserror::Error;

use super::encryption::Security;
use super::known_servers::Pin;
use crate::protocol::escape::escape;
use crate::protocol::{ErrorCode, ServerLine, Stamp};

/// An event of a connection.
///
/// ```
/// use multichat::client::{ConnectOptions, Connection, Event, Said};
/// # use multichat::protocol::Username;
/// # use multichat::server::{Config, Server};
/// # let (server, _events) = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() })?;
/// # let options = ConnectOptions::new(server.addr().into(), Username::parse("ann")?);
///
/// let mut ann = Connection::open(options);
/// // A window would call `try_iter` from a timer.
/// for event in ann.events().clone() {
///     match event {
///         Event::Connected { security, .. } => assert!(security.is_confidential()),
///         Event::Received { lines, .. } if lines.iter().any(|line| line.said == Said::Hello("ann".into())) => ann.leave(),
///         Event::Received { .. } => {}
///         Event::Ended(why) => println!("the end: {why}"),
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub enum Event {
    /// The connection is established and its certificate is trusted. HELLO is sent next.
    Connected {
        /// Address of the server.
        peer: SocketAddr,
        /// Its security, with the reason why the certificate is trusted.
        security: Security,
        /// The error because of which the certificate could not be remembered.
        not_remembered: Option<String>,
    },
    /// Lines from the server.
    Received {
        /// The lines of one read, in order.
        lines: Vec<Line>,
        /// Number of lines that could not be parsed and were left out.
        not_understood: usize,
    },
    /// The connection has ended. This is the last event.
    Ended(ConnectionError),
}

/// A line from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The label of the line that this one answers, if that line was sent with one.
    pub label: Option<String>,
    /// The stamp, if the line has one.
    pub stamp: Option<Stamp>,
    /// The contents.
    pub said: Said,
}

/// The contents of a line: a [`ServerLine`] that owns its text.
///
/// A client that keeps messages asks for `stamp` and `deleted`, and forgets what the operator deletes:
///
/// ```
/// use std::collections::BTreeMap;
///
/// use multichat::client::{Line, Said};
///
/// fn keep(kept: &mut BTreeMap<u64, String>, line: Line) {
///     match (line.stamp, line.said) {
///         (Some(stamp), Said::Msg { text, .. }) => drop(kept.insert(stamp, text)),
///         (_, Said::Deleted(stamp)) => drop(kept.remove(&stamp)),
///         _ => {}
///     }
/// }
/// # let mut kept = BTreeMap::new();
/// # keep(&mut kept, Line { label: None, stamp: Some(7), said: Said::Msg { from: "ann".into(), text: "hi".into() } });
/// # keep(&mut kept, Line { label: None, stamp: None, said: Said::Deleted(7) });
/// # assert!(kept.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A user is in the room.
    Hello(String),
    /// A message to all.
    Msg {
        /// Name of the sender.
        from: String,
        /// The message.
        text: String,
    },
    /// A message to this client alone.
    Tell {
        /// Name of the sender.
        from: String,
        /// The message.
        text: String,
    },
    /// A user has left the room.
    Bye(String),
    /// A user is away, or no longer away.
    Away {
        /// Name of the user.
        name: String,
        /// The reason; empty if the user is no longer away.
        reason: String,
    },
    /// A user is typing, to this client alone, or to all if `to` is empty.
    Typing {
        /// Name of the user.
        from: String,
        /// The client's own name; empty for all.
        to: String,
    },
    /// The answer to a PING, with its token.
    Pong(String),
    /// An earlier message, in answer to PAST.
    Past {
        /// Name of the sender.
        from: String,
        /// The message.
        text: String,
    },
    /// An earlier message, in answer to FIND.
    Found {
        /// Name of the sender.
        from: String,
        /// The message.
        text: String,
    },
    /// The end of the answer to a PAST or a FIND.
    End {
        /// `PAST` or `FIND`.
        of: String,
        /// True if older messages exist that were left out.
        more: bool,
    },
    /// Some messages after this stamp are not replayed.
    Gap(Stamp),
    /// The operator has deleted the message with this stamp, whose text is to be shown no longer.
    Deleted(Stamp),
    /// The name is protected by this client's password from now on.
    Registered(String),
    /// The line with this label was acted upon, and has no other answer.
    Ok,
    /// An error.
    Err {
        /// The code, which may be unknown to this client.
        code: String,
        /// A sentence for a person; may be empty.
        detail: String,
    },
}

impl Said {
    /// Returns the length of its text in bytes: the cost of storing and showing it.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Said::Hello(word)
            | Said::Bye(word)
            | Said::Pong(word)
            | Said::End { of: word, .. }
            | Said::Registered(word) => word.len(),
            Said::Gap(_) | Said::Deleted(_) => size_of::<Stamp>(),
            Said::Ok => 0,
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
            ServerLine::Deleted(stamp) => Said::Deleted(stamp),
            ServerLine::Registered(name) => Said::Registered(name.to_owned()),
            ServerLine::Ok => Said::Ok,
            ServerLine::Err { code, detail } => Said::Err { code: code.to_owned(), detail: detail.to_owned() },
        }
    }
}

/// The reason why a connection ended or could not be established, by what can be done about it. Displays as one line without
/// control characters.
///
/// ```
/// use multichat::client::{ConnectOptions, Connection, ConnectionError};
/// use multichat::protocol::{ErrorCode, Username};
/// # use multichat::server::{Config, Server};
/// # let (server, _events) = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() })?;
///
/// let options = ConnectOptions::new(server.addr().into(), Username::parse("ann")?);
/// let _ann = Connection::connect(options.clone())?;
/// match Connection::connect(options) {
///     Err(ConnectionError::Rejected { code, .. }) => assert_eq!(code, ErrorCode::UsernameTaken),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Error)]
pub enum ConnectionError {
    /// The host name cannot be resolved: check it.
    #[error("no server named {} was found", escape(.host))]
    Unresolved {
        /// The host name.
        host: String,
        /// The error of the system.
        #[source]
        error: Arc<io::Error>,
    },
    /// No server answers at any address of the host: check it, or start the server.
    #[error("nothing answers at {}", alternatives(.tried))]
    Unreachable {
        /// The addresses that were tried, in order.
        tried: Vec<SocketAddr>,
        /// The error of the system that says most; of the kind `TimedOut` if there was only silence.
        #[source]
        error: Arc<io::Error>,
    },
    /// A password would have been sent in plain text over a network: enable TLS on the server.
    #[error("the server does not encrypt, so your password was not sent: others could read it")]
    PasswordInPlainText,
    /// The certificate is neither signed by an authority that the system trusts nor accepted by the user: ask the user.
    #[error("the server's certificate is not known yet: {fingerprint}")]
    UnknownCertificate {
        /// Fingerprint of its key.
        fingerprint: String,
    },
    /// The certificate differs from the one remembered for the server: the server has a new key, or there is a man in the middle.
    #[error("the server's certificate has changed: {fingerprint}")]
    CertificateChanged {
        /// The pin that is remembered for the server.
        pinned: Pin,
        /// Fingerprint of the key that the server presented.
        fingerprint: String,
    },
    /// TLS is required and one of the two ends does not support it; the text says which.
    #[error("the server does not encrypt ({})", escape(.0))]
    NoTls(String),
    /// The user has chosen no encryption, and the server is known to support TLS: choose another mode.
    #[error("this server is known to encrypt, and encryption is off")]
    KnownToEncrypt,
    /// The server rejected the client, and the code says why. A rejection before the TLS handshake is not authenticated, and says
    /// nothing about whether the server supports TLS.
    #[error("the server refused the connection: {} {}", .code.word(), escape(.detail))]
    Rejected {
        /// The error code.
        code: ErrorCode,
        /// A sentence for a person; may be empty.
        detail: String,
    },
    /// The TLS handshake failed.
    #[error("the encryption failed: {}", escape(.0))]
    Handshake(String),
    /// The file of known servers cannot be read or parsed: correct it.
    #[error("the list of known servers cannot be read: {}", escape(.0))]
    KnownServersUnreadable(String),
    /// The timeout has passed: check the network, or try again.
    #[error("no answer in time")]
    TimedOut,
    /// The server closed the connection.
    #[error("the server closed the connection")]
    Closed,
    /// The connection broke: check the network.
    #[error("{}", escape(.0))]
    Broken(String),
    /// This computer is out of threads or another resource: close other programs.
    #[error("this computer is out of resources ({})", escape(.0))]
    OutOfResources(String),
}

/// Returns addresses in words: the first ones, and how many others there are.
fn alternatives(addresses: &[SocketAddr]) -> String {
    const SHOWN: usize = 4;
    let mut words: Vec<_> = addresses.iter().take(SHOWN).map(ToString::to_string).collect();
    if addresses.len() > SHOWN {
        words.push(format!("{} more", addresses.len() - SHOWN));
    }
    let last = words.pop().unwrap_or_default();
    if words.is_empty() { last } else { format!("{} or {last}", words.join(", ")) }
}

impl ConnectionError {
    /// Returns whether retrying is useless until the user or the operator changes something.
    pub fn is_permanent(&self) -> bool {
        matches!(
            self,
            ConnectionError::PasswordInPlainText
                | ConnectionError::UnknownCertificate { .. }
                | ConnectionError::CertificateChanged { .. }
                | ConnectionError::NoTls(_)
                | ConnectionError::KnownToEncrypt
                | ConnectionError::KnownServersUnreadable(_)
        )
    }

    /// Returns whether the connection had been established.
    pub(crate) fn was_connected(&self) -> bool {
        matches!(self, ConnectionError::Closed | ConnectionError::Broken(_))
    }
}
