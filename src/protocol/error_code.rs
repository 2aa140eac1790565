//! The words that may follow `ERR`, and which of them end the connection.

/// What was wrong. The word on the wire is in [`ErrorCode::word`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// Somebody who is here has that name, or one that could pass for it.
    UsernameTaken,
    /// That is no name: see [`Username`](super::username::Username).
    BadUsername,
    /// The first line was not HELLO.
    HelloExpected,
    /// No HELLO came in time.
    HelloTimeout,
    /// As many people are here as the server takes.
    ServerFull,
    /// More connections are about to join than the server takes, or more come from this network, or more of it have just
    /// joined.
    TooManyConnections,
    /// The client did not read what it was sent.
    TooSlow,
    /// The operator ended the connection.
    Kicked,
    /// The operator does not let this name or address in.
    Banned,
    /// The server stops.
    ShuttingDown,
    /// The room has a password, or the name is somebody's own: PASS comes before HELLO.
    PasswordRequired,
    /// That is not the password.
    BadPassword,
    /// Nobody may listen in here: connect with TLS.
    TlsRequired,
    /// Only those whose names are registered are let in.
    MembersOnly,
    /// The owner of this name has joined from elsewhere.
    TakenBack,
    /// No verb, or words are missing.
    BadLine,
    /// More bytes than a line may have; the rest of the line was skipped.
    LineTooLong,
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// Control characters.
    BadText,
    /// A MSG in a name that is not the sender's own.
    NotYourName,
    /// A TELL to a name that nobody here has.
    NoSuchUser,
    /// A password that is too short to protect a name.
    WeakPassword,
    /// What was asked for is not to be had from this server: it keeps no messages, say.
    Unavailable,
    /// Too many lines; the detail is the number of milliseconds to wait before the next.
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

    /// The word on the wire.
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

    /// The code for a word from the wire; `None` for one that we do not know.
    pub fn from_word(word: &str) -> Option<ErrorCode> {
        ErrorCode::ALL.into_iter().find(|code| code.word() == word)
    }

    /// Returns the TLS alert by which a connection that is refused before its handshake learns this (RFC 8446, section
    /// 6.2): `access_denied` for a ban, `internal_error` for all that passes by itself.
    pub fn alert(self) -> u8 {
        match self {
            ErrorCode::Banned => 49,
            _ => 80,
        }
    }

    /// Does the server close the connection after it?
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
