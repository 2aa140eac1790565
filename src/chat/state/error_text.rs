//! The server's error codes, and the end of a connection, as texts for the user, with what can be done. Runs on the UI thread.

use crate::client::ConnectionError;
use crate::protocol::ErrorCode;
use crate::protocol::escape::escape;

/// Returns what an error code means to the user named `me`.
pub(crate) fn explain(code: ErrorCode, detail: &str, me: &str) -> String {
    let detail = escape(detail);
    let because = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
    match code {
        ErrorCode::UsernameTaken => format!("the name {me} is taken: choose another name"),
        ErrorCode::BadUsername => format!("the server does not take {me} for a name{because}: choose another name"),
        ErrorCode::HelloExpected | ErrorCode::HelloTimeout => "the server did not hear our name: connect again".into(),
        ErrorCode::ServerFull => "the server is full: try again later".into(),
        ErrorCode::TooManyConnections => "too many connections to the server: try again in a moment".into(),
        ErrorCode::TooSlow => "the server waited in vain for us to take what it sent: connect again".into(),
        ErrorCode::Kicked => format!("the operator has ended it{because}"),
        ErrorCode::Banned => format!("the operator does not let you in{because}"),
        ErrorCode::ShuttingDown => "the server was stopped".into(),
        ErrorCode::PasswordRequired => {
            format!("a password is needed, the room's or, if the name {me} is registered, its own: enter it above")
        }
        ErrorCode::BadPassword => {
            format!(
                "that is not the password: if the name {me} is registered, it needs its own, else the room's (where only \
                 members are let in, ask the operator to register it)"
            )
        }
        ErrorCode::TlsRequired => "the server speaks only where nobody can listen in: connect with encryption".into(),
        ErrorCode::MembersOnly => format!("only registered names are let in: have the operator register {me}"),
        ErrorCode::TakenBack => format!("the owner of the name {me} has joined from elsewhere"),
        ErrorCode::WeakPassword => format!("that password is too weak{because}"),
        ErrorCode::Unavailable => format!("the server does not do that{because}"),
        ErrorCode::SlowDown => match detail.parse::<u64>() {
            Ok(milliseconds) => format!("too many messages at once: wait {} s", milliseconds.div_ceil(1000)),
            Err(_) => "too many messages at once: wait a moment".into(),
        },
        ErrorCode::LineTooLong => "it is longer than the server takes".into(),
        ErrorCode::NoSuchUser => format!("nobody here has that name{because}"),
        ErrorCode::BadLine | ErrorCode::NotUtf8 | ErrorCode::BadText | ErrorCode::NotYourName => {
            format!("the server does not understand it: {}{because}", code.word())
        }
    }
}

/// Returns why a connection has ended or was not established.
pub(crate) fn explain_end(error: &ConnectionError) -> String {
    match error {
        ConnectionError::Unreachable { .. } => format!("{error}: is the server running?"),
        ConnectionError::TimedOut => format!("{error}: is the address right?"),
        ConnectionError::KnownToEncrypt => format!("{error}: do not choose Never in Settings, Encryption"),
        // The question below has the fingerprint.
        ConnectionError::UnknownCertificate { .. } => {
            "nothing was sent, since the server's certificate is not known".into()
        }
        ConnectionError::CertificateChanged { .. } => {
            "nothing was sent, since the server shows another certificate than before".into()
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_what_to_do_and_quotes_the_server_escaped() {
        assert_eq!(explain(ErrorCode::UsernameTaken, "in use", "bob"), "the name bob is taken: choose another name");
        assert_eq!(explain(ErrorCode::SlowDown, "1500", "bob"), "too many messages at once: wait 2 s");
        assert_eq!(explain(ErrorCode::Kicked, "be\u{202e}have", "bob"), "the operator has ended it (be<U+202E>have)");
        for code in ErrorCode::ALL {
            assert!(!explain(code, "", "bob").is_empty());
        }
    }

    #[test]
    fn the_end_of_a_connection_says_what_would_help_and_leaves_the_fingerprint_to_the_question() {
        for (error, words) in [
            (ConnectionError::TimedOut, "no answer in time: is the address right?"),
            (ConnectionError::Closed, "the server closed it"),
            (
                ConnectionError::UnknownCertificate { fingerprint: "SHA256:0A".into() },
                "nothing was sent, since the server's certificate is not known",
            ),
        ] {
            assert_eq!(explain_end(&error), words);
        }
    }
}
