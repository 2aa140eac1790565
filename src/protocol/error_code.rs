//! The codes that may follow `ERR`, and which of them close the connection. Pure.

words! {
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
        UsernameTaken = "USERNAME_TAKEN",
        /// The name is not a valid [`Username`](super::username::Username).
        BadUsername = "BAD_USERNAME",
        /// The first line was neither HELLO nor PASS.
        HelloExpected = "HELLO_EXPECTED",
        /// The HELLO did not arrive before its deadline.
        HelloTimeout = "HELLO_TIMEOUT",
        /// The room has its maximum number of clients.
        ServerFull = "SERVER_FULL",
        /// Too many connections: unauthenticated ones, connections of this network, or joins of this network in a short time.
        TooManyConnections = "TOO_MANY_CONNECTIONS",
        /// The client did not read fast enough: its queue exceeded its limit, or its socket accepted no bytes for too long.
        TooSlow = "TOO_SLOW",
        /// The operator disconnected the client.
        Kicked = "KICKED",
        /// The operator has banned this name or address.
        Banned = "BANNED",
        /// The server is stopping.
        ShuttingDown = "SHUTTING_DOWN",
        /// The room has a password, or the name is registered: PASS must precede HELLO.
        PasswordRequired = "PASSWORD_REQUIRED",
        /// The password is wrong.
        BadPassword = "BAD_PASSWORD",
        /// The server requires TLS for this line, or for the whole connection.
        TlsRequired = "TLS_REQUIRED",
        /// The room admits registered names only.
        MembersOnly = "MEMBERS_ONLY",
        /// The owner of this name has joined on another connection.
        TakenBack = "TAKEN_BACK",
        /// The verb is unknown, or words are missing.
        BadLine = "BAD_LINE",
        /// The line exceeds its maximum length; the rest of it was skipped.
        LineTooLong = "LINE_TOO_LONG",
        /// The line is not UTF-8.
        NotUtf8 = "NOT_UTF8",
        /// The line contains a control character.
        BadText = "BAD_TEXT",
        /// The name in a MSG is not the sender's own.
        NotYourName = "NOT_YOUR_NAME",
        /// No user in the room has the name in a TELL.
        NoSuchUser = "NO_SUCH_USER",
        /// The password is too short to protect a name.
        WeakPassword = "WEAK_PASSWORD",
        /// The server cannot do what was requested: it keeps no history, for example.
        Unavailable = "UNAVAILABLE",
        /// The client exceeded its rate limit; the detail is the number of milliseconds until the next line is accepted.
        SlowDown = "SLOW_DOWN",
    }
    /// Returns the word on the wire.
    pub fn word(self) -> &'static str;
    /// Returns the code for a word from the wire, or `None` if the word is unknown.
    pub fn from_word(word: &str) -> Option<Self>;
}

impl ErrorCode {
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
