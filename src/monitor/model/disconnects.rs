//! The reasons for which connections ended: the columns of their list, and their words. Pure functions.

use super::list::{Column, Listed, Look, sort_by};
use crate::monitor::units;
use crate::protocol::ErrorCode;
use crate::sorting::Sorting;

/// A reason in words, and the number of connections that ended for it.
impl Listed for (&'static str, u64) {
    type Key = &'static str;

    const COLUMNS: &'static [Column<(&'static str, u64)>] = &[
        Column::<Self>::number("Ended", (90, 0), |(_, count), _| (units::count(*count), Look::Plain))
            .sorted(|reasons, descending| sort_by(reasons, descending, |(_, count)| *count)),
        Column::<Self>::text("The client", (300, 1), |(why, _), _| ((*why).to_owned(), Look::Plain))
            .sorted(|reasons, descending| sort_by(reasons, descending, |(why, _)| *why)),
    ];

    const SORTING: Sorting = Sorting { column: Some(0), descending: true };

    fn key(&self) -> &'static str {
        self.0
    }

    fn looks_like(&self, other: &(&'static str, u64)) -> bool {
        self == other
    }
}

/// Returns a description of a [kind of reason](crate::server::DisconnectReason::kind).
pub(super) fn words(kind: &'static str) -> &'static str {
    match kind {
        "BYE" => "said BYE",
        "closed" => "closed without a BYE: the program ended, or its window was closed",
        "broken" => "the connection broke: the network, or the computer at the other end",
        "panicked" => "its thread panicked: a defect of the server",
        code => ErrorCode::from_word(code).and_then(of_code).unwrap_or(code),
    }
}

/// Returns a description of an error code that ends a connection; `None` for other codes.
fn of_code(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::UsernameTaken => "wanted a name that somebody here has",
        ErrorCode::BadUsername => "wanted a name that is none",
        ErrorCode::HelloExpected => "did not begin with HELLO: no chat program",
        ErrorCode::HelloTimeout => "did not say HELLO in time",
        ErrorCode::ServerFull => "found the server full",
        ErrorCode::TooManyConnections => "came when too many connections were open",
        ErrorCode::PasswordRequired => "gave no password",
        ErrorCode::BadPassword => "gave a wrong password",
        ErrorCode::TlsRequired => "came without TLS",
        ErrorCode::MembersOnly => "has no registered name",
        ErrorCode::TakenBack => "had a name that its owner took back",
        ErrorCode::TooSlow => "did not read what it was sent: too slow",
        ErrorCode::Kicked => "was kicked by the operator",
        ErrorCode::Banned => "was banned by the operator",
        ErrorCode::ShuttingDown => "was here when the server stopped",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_put_into_words() {
        let codes = ErrorCode::ALL.into_iter().filter(|code| code.ends_connection()).map(ErrorCode::word);
        for kind in ["BYE", "closed", "broken", "panicked"].into_iter().chain(codes) {
            assert!(words(kind).contains(' '), "{kind}");
        }
    }
}
