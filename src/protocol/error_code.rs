//! The codes that may follow `ERR`, and which of them close the connection. Pure.

/// The code of an error. [`ErrorCode::word`] returns its form on the wire.
///
/// ```
/// use multichat::protocol::ErrorCode;
///
/// assert_eq!(ErrorCode::from_word("SLOW_DOWN"), Some(ErrorCode::SlowDown));
/// assert!(ErrorCode::UsernameTaken.ends_connection() && !ErrorCode::SlowDown.ends_connection());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A user in the room has this name, or one that could be mistaken for it.
    UsernameTaken,
    /// The name is not a valid [`Username`](super::username::Username).
    BadUsername,
    /// The first line was neither HELLO nor PASS.
    HelloExpected,
    /// The HELLO did not arrive before its deadline.
    HelloTimeout,
    /// The room has its maximum number of clients.
    ServerFull,
    /// Too many connections: unauthenticated ones, connections of this network, or joins of this network in a short time.
    TooManyConnections,
    /// The client did not read fast enough: its queue exceeded its limit, or its socket accepted no bytes for too long.
    TooSlow,
    /// The operator disconnected the client.
    Kicked,
    /// The operator has banned this name or address.
    Banned,
    /// The server is stopping.
    ShuttingDown,
    /// The room has a password, or the name is registered: PASS must precede HELLO.
    PasswordRequired,
    /// The password is wrong.
    BadPassword,
    /// The server requires TLS for this line, or for the whole connection.
    TlsRequired,
    /// The room admits registered names only.
    MembersOnly,
    /// The owner of this name has joined on another connection.
    TakenBack,
    /// The verb is unknown, or words are missing.
    BadLine,
    /// The line exceeds its maximum length; the rest of it was skipped.
    LineTooLong,
    /// The line is not UTF-8.
    NotUtf8,
    /// The line contains a control character.
    BadText,
    /// The name in a MSG is not the sender's own.
    NotYourName,
    /// No user in the room has the name in a TELL.
    NoSuchUser,
    /// The password is too short to protect a name.
    WeakPassword,
    /// The server cannot do what was requested: it keeps no history, for example.
    Unavailable,
    /// The client exceeded its rate limit; the detail is the number of milliseconds until the next line is accepted.
    SlowDown,
}

impl ErrorCode {
    /// Every code, in the order of the documentation.
    pub const ALL: [ErrorCode; 24] = [
        ErrorCode::UsernameTaken,
        ErrorCode::BadUsername,
        ErrorCode::HelloExpected,
        ErrorCode::HelloTimeout,
        ErrorCode::ServerFull,
        ErrorCode::TooManyConnections,
        ErrorCode::TooSlow,
        ErrorCode::Kicked,
        ErrorCode::Banned,
        ErrorCode::ShuttingDown,
        ErrorCode::PasswordRequired,
        ErrorCode::BadPassword,
        ErrorCode::TlsRequired,
        ErrorCode::MembersOnly,
        ErrorCode::TakenBack,
        ErrorCode::BadLine,
        ErrorCode::LineTooLong,
        ErrorCode::NotUtf8,
        ErrorCode::BadText,
        ErrorCode::NotYourName,
        ErrorCode::NoSuchUser,
        ErrorCode::WeakPassword,
        ErrorCode::Unavailable,
        ErrorCode::SlowDown,
    ];

    /// Returns the word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            ErrorCode::UsernameTaken => "USERNAME_TAKEN",
            ErrorCode::BadUsername => "BAD_USERNAME",
            ErrorCode::HelloExpected => "HELLO_EXPECTED",
            ErrorCode::HelloTimeout => "HELLO_TIMEOUT",
            ErrorCode::ServerFull => "SERVER_FULL",
            ErrorCode::TooManyConnections => "TOO_MANY_CONNECTIONS",
            ErrorCode::TooSlow => "TOO_SLOW",
            ErrorCode::Kicked => "KICKED",
            ErrorCode::Banned => "BANNED",
            ErrorCode::ShuttingDown => "SHUTTING_DOWN",
            ErrorCode::PasswordRequired => "PASSWORD_REQUIRED",
            ErrorCode::BadPassword => "BAD_PASSWORD",
            ErrorCode::TlsRequired => "TLS_REQUIRED",
            ErrorCode::MembersOnly => "MEMBERS_ONLY",
            ErrorCode::TakenBack => "TAKEN_BACK",
            ErrorCode::BadLine => "BAD_LINE",
            ErrorCode::LineTooLong => "LINE_TOO_LONG",
            ErrorCode::NotUtf8 => "NOT_UTF8",
            ErrorCode::BadText => "BAD_TEXT",
            ErrorCode::NotYourName => "NOT_YOUR_NAME",
            ErrorCode::NoSuchUser => "NO_SUCH_USER",
            ErrorCode::WeakPassword => "WEAK_PASSWORD",
            ErrorCode::Unavailable => "UNAVAILABLE",
            ErrorCode::SlowDown => "SLOW_DOWN",
        }
    }

    /// Returns the code for a word from the wire, or `None` if the word is unknown.
    pub fn from_word(word: &str) -> Option<ErrorCode> {
        ErrorCode::ALL.into_iter().find(|code| code.word() == word)
    }

    /// Returns the TLS alert that is sent to a connection which is rejected with this code before its handshake (RFC 8446,
    /// section 6.2): `access_denied` for a ban, `internal_error` for conditions that pass by themselves.
    pub(crate) fn alert(self) -> u8 {
        match self {
            ErrorCode::Banned => 49,
            _ => 80,
        }
    }

    /// Returns whether the server closes the connection after this error.
    pub fn ends_connection(self) -> bool {
        !matches!(
            self,
            ErrorCode::BadLine
                | ErrorCode::LineTooLong
                | ErrorCode::NotUtf8
                | ErrorCode::BadText
                | ErrorCode::NotYourName
                | ErrorCode::NoSuchUser
                | ErrorCode::WeakPassword
                | ErrorCode::Unavailable
                | ErrorCode::SlowDown
        )
    }
}
