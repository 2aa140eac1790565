//! The server's error codes, and the end of a connection, as texts for the user, with what can be done. Runs on the UI thread.

use std::io::ErrorKind;

use crate::client::ConnectionError;
use crate::protocol::ErrorCode;
use crate::protocol::escape::escape;

/// Puts words before a reason, unless it is a sentence of its own: that begins with a capital letter.
pub(crate) fn reason_after(words: &str, reason: &str) -> String {
    if reason.starts_with(char::is_uppercase) { reason.to_owned() } else { format!("{words}: {reason}") }
}

/// Returns what an error code means to the user named `me`.
pub(crate) fn explain(code: ErrorCode, detail: &str, me: &str) -> String {
    let detail = escape(detail);
    let because = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
    let colon = if detail.is_empty() { String::new() } else { format!(": {detail}") };
    match code {
        ErrorCode::UsernameTaken => format!("the name {me} is taken: choose another"),
        ErrorCode::BadUsername => format!("the server does not accept the name {me}{because}: choose another"),
        ErrorCode::HelloExpected | ErrorCode::HelloTimeout => {
            "the server did not get your name in time: connect again".into()
        }
        ErrorCode::ServerFull => "the server is full: try again later".into(),
        ErrorCode::TooManyConnections => "too many connections to the server: try again in a moment".into(),
        ErrorCode::TooSlow => "You were disconnected: this computer was too slow to receive".into(),
        ErrorCode::Kicked => format!("You were removed by the operator{colon}"),
        ErrorCode::Banned => format!("You are banned from this server{because}"),
        ErrorCode::ShuttingDown => "the server was stopped".into(),
        ErrorCode::PasswordRequired => {
            format!("a password is needed: the server's or, if {me} is registered, that of the name")
        }
        ErrorCode::BadPassword => {
            format!("wrong password: if {me} is registered, enter the password of the name, else the server's")
        }
        ErrorCode::TlsRequired => "the server requires encryption: choose Encryption, When available".into(),
        ErrorCode::MembersOnly => format!("only registered names can join: ask the operator to register {me}"),
        ErrorCode::TakenBack => format!("the owner of the name {me} has joined from another computer"),
        ErrorCode::WeakPassword => format!("the password is too weak{because}"),
        ErrorCode::Unavailable => format!("not available on this server{because}"),
        ErrorCode::SlowDown => match detail.parse::<u64>() {
            Ok(milliseconds) => format!("too many messages at once: wait {} s", milliseconds.div_ceil(1000)),
            Err(_) => "too many messages at once: wait a moment".into(),
        },
        ErrorCode::LineTooLong => "it is too long for the server".into(),
        ErrorCode::NoSuchUser => format!("nobody here has that name{because}"),
        ErrorCode::BadLine | ErrorCode::NotUtf8 | ErrorCode::BadText | ErrorCode::NotYourName => {
            format!("the server does not understand it: {}{because}", code.word())
        }
    }
}

/// Returns why a connection has ended or was not established.
pub(crate) fn explain_end(error: &ConnectionError) -> String {
    match error {
        ConnectionError::Unreachable { error: why, .. } if why.kind() == ErrorKind::TimedOut => {
            format!("{error}: is the address right?")
        }
        ConnectionError::Unreachable { .. } => format!("{error}: is the server running?"),
        ConnectionError::TimedOut => format!("{error}: is the address right?"),
        ConnectionError::KnownToEncrypt => format!("{error}: choose Encryption, When available"),
        // The question below has the fingerprint.
        ConnectionError::UnknownCertificate { .. } => {
            "the server's certificate is not known yet; nothing was sent".into()
        }
        ConnectionError::CertificateChanged { .. } => "the server's certificate has changed; nothing was sent".into(),
        ConnectionError::Broken(why) => format!("the connection broke ({})", escape(why)),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_what_to_do_and_quotes_the_server_escaped() {
        assert_eq!(explain(ErrorCode::UsernameTaken, "in use", "bob"), "the name bob is taken: choose another");
        assert_eq!(explain(ErrorCode::SlowDown, "1500", "bob"), "too many messages at once: wait 2 s");
        assert_eq!(
            explain(ErrorCode::Kicked, "be\u{202e}have", "bob"),
            "You were removed by the operator: be<U+202E>have"
        );
        for code in ErrorCode::ALL {
            assert!(!explain(code, "", "bob").is_empty());
        }
    }

    #[test]
    fn a_reason_that_is_a_sentence_has_no_words_before_it() {
        assert_eq!(reason_after("Connection lost", "no answer in time"), "Connection lost: no answer in time");
        let slow = explain(ErrorCode::TooSlow, "", "bob");
        assert_eq!(
            reason_after("Connection lost", &slow),
            "You were disconnected: this computer was too slow to receive"
        );
    }

    #[test]
    fn the_end_of_a_connection_says_what_would_help_and_leaves_the_fingerprint_to_the_question() {
        for (error, words) in [
            (ConnectionError::TimedOut, "no answer in time: is the address right?"),
            (ConnectionError::Closed, "the server closed the connection"),
            (
                ConnectionError::UnknownCertificate { fingerprint: "SHA256:0A".into() },
                "the server's certificate is not known yet; nothing was sent",
            ),
        ] {
            assert_eq!(explain_end(&error), words);
        }
    }
}
