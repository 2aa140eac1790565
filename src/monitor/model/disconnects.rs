//! The reasons for which connections ended: the columns of their list, and their words. Pure functions.

use super::list::{Column, Listed, Look};
use crate::monitor::units;
use crate::protocol::ErrorCode;
use crate::sorting::Sorting;

/// A reason in words, and the number of connections that ended for it.
impl Listed for (&'static str, u64) {
    type Key = &'static str;

    const COLUMNS: &'static [Column<(&'static str, u64)>] = &[
        Column::<Self>::number("Count", (90, 0), |(_, count), _| (units::count(*count), Look::Plain))
            .sorted(|(_, one), (_, other)| one.cmp(other)),
        Column::<Self>::text("Reason", (300, 1), |(why, _), _| ((*why).to_owned(), Look::Plain))
            .sorted(|(one, _), (other, _)| one.cmp(other)),
    ];

    const NAME: usize = 1;

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
        "panicked" => "its thread panicked: a bug in the server",
        code => ErrorCode::from_word(code).and_then(of_code).unwrap_or(code),
    }
}

/// Returns a description of an error code that ends a connection; `None` for other codes.
fn of_code(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::UsernameTaken => "asked for a name that is taken",
        ErrorCode::BadUsername => "asked for an invalid name",
        ErrorCode::HelloExpected => "did not begin with HELLO: not a chat program",
        ErrorCode::HelloTimeout => "did not say HELLO in time",
        ErrorCode::ServerFull => "found the server full",
        ErrorCode::TooManyConnections => "exceeded the number of connections",
        ErrorCode::PasswordRequired => "sent no password",
        ErrorCode::BadPassword => "sent a wrong password",
        ErrorCode::TlsRequired => "connected without TLS",
        ErrorCode::MembersOnly => "has no registered name",
        ErrorCode::TakenBack => "gave the name back to its owner",
        ErrorCode::TooSlow => "was too slow to receive",
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
