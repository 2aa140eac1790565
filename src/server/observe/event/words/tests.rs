//! The table of the log in `docs/operating.md` against the words and levels of the program.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::protocol::{ErrorCode, Username};
use crate::server::changes::Changes;
use crate::server::id::ConnectionId;
use crate::server::observe::event::{DisconnectReason, EventKind};

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operating.md"));

fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn left(why: DisconnectReason) -> EventKind {
    let name = Username::parse("ann").unwrap();
    EventKind::Left { id: ConnectionId(7), name, addr: addr("192.168.1.20:50123"), why }
}

fn refused(name: &str, code: ErrorCode, detail: &str) -> EventKind {
    let why = DisconnectReason::Ended(code, detail.into());
    EventKind::Rejected { id: ConnectionId(7), name: Username::parse(name).ok(), addr: addr("192.168.1.20:50123"), why }
}

/// An event of each kind, and of each level that a kind has.
fn samples() -> Vec<EventKind> {
    let history = || PathBuf::from("history.db");
    let week = Duration::from_hours(7 * 24);
    vec![
        EventKind::Listening(vec![addr("0.0.0.0:5555")]),
        EventKind::Encrypts { fingerprint: "SHA256:0A...".into() },
        EventKind::Announced { name: "Room 12".into() },
        EventKind::NotAnnounced { why: "...".into() },
        EventKind::Stopping(3),
        EventKind::Stopped,
        EventKind::Joined {
            id: ConnectionId(7),
            name: Username::parse("ann").unwrap(),
            addr: addr("192.168.1.20:50123"),
        },
        left(DisconnectReason::Bye),
        left(DisconnectReason::Ended(ErrorCode::TooSlow, "you read nothing for 15 s".into())),
        left(DisconnectReason::Panicked),
        refused("", ErrorCode::HelloExpected, ""),
        refused("ann", ErrorCode::BadPassword, ""),
        EventKind::Reconfigured(Changes {
            applied: vec!["max-clients 40 (was 1000)".into(), "password replaced".into()],
            waiting: vec!["listen"],
        }),
        EventKind::Reconfigured(Changes { applied: Vec::new(), waiting: vec!["listen"] }),
        EventKind::Reconfigured(Changes::default()),
        EventKind::NotReconfigured { why: "there is no password in room.txt: ...".into() },
        EventKind::NotValid { file: "server.pem".into(), why: "has expired on 2026-11-29".into() },
        EventKind::NoHistory { file: history(), why: "...".into() },
        EventKind::HistoryFails { error: "database or disk is full".into() },
        EventKind::HistoryWorks { lost: 0 },
        EventKind::HistoryWorks { lost: 12 },
        EventKind::HistoryEnds { lost: 12 },
        EventKind::HistoryGone { file: history() },
        EventKind::Quarantined { file: history(), quarantined: "history.db.damaged-...".into() },
        EventKind::ClockAhead { by: week },
        EventKind::FromTheFuture { by: week },
        EventKind::TooFewDescriptors { clients: 10_000, fit: 3500 },
        EventKind::OutOfResources { what: "accept a connection", error: "Too many open files".into() },
        EventKind::Panicked { thread: "client #7".into(), why: "...".into() },
    ]
}

/// Gives each kind a number, so that a new one does not compile without a place here, nor pass without a sample.
fn number(kind: &EventKind) -> usize {
    match kind {
        EventKind::Listening(_) => 0,
        EventKind::Encrypts { .. } => 1,
        EventKind::NotValid { .. } => 2,
        EventKind::Reconfigured(_) => 3,
        EventKind::NotReconfigured { .. } => 4,
        EventKind::Stopping(_) => 5,
        EventKind::Stopped => 6,
        EventKind::Joined { .. } => 7,
        EventKind::Left { .. } => 8,
        EventKind::Rejected { .. } => 9,
        EventKind::TooFewDescriptors { .. } => 10,
        EventKind::NoHistory { .. } => 11,
        EventKind::Quarantined { .. } => 12,
        EventKind::HistoryFails { .. } => 13,
        EventKind::HistoryWorks { .. } => 14,
        EventKind::HistoryEnds { .. } => 15,
        EventKind::HistoryGone { .. } => 16,
        EventKind::ClockAhead { .. } => 17,
        EventKind::FromTheFuture { .. } => 18,
        EventKind::Panicked { .. } => 19,
        EventKind::OutOfResources { .. } => 20,
        EventKind::Announced { .. } => 21,
        EventKind::NotAnnounced { .. } => 22,
    }
}

/// Returns the first columns of a table of the page, which begins with this row.
fn table(title: &str, columns: usize) -> Vec<String> {
    let rows =
        PAGE.lines().skip_while(|line| !line.starts_with(title)).skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split(" | ").take(columns).collect::<Vec<_>>().join(" | ")).collect()
}

fn assert_same(wanted: &[String], found: &[String]) {
    let missing: Vec<_> = wanted.iter().filter(|row| !found.contains(row)).collect();
    let wrong: Vec<_> = found.iter().filter(|row| !wanted.contains(row)).collect();
    assert!(missing.is_empty() && wrong.is_empty(), "missing: {missing:#?}\nnot what the program says: {wrong:#?}");
}

#[test]
fn the_page_has_every_line_of_the_log_with_its_level() {
    let samples = samples();
    assert_eq!(samples.iter().map(number).collect::<BTreeSet<_>>(), (0..=22).collect());
    let rows = samples.iter().map(|kind| format!("| {} | `{kind}`", kind.level().as_str().to_lowercase()));
    assert_same(&rows.collect::<Vec<_>>(), &table("| level | line | ", 2));
}

#[test]
fn the_page_has_every_reason() {
    let ended = ErrorCode::ALL.into_iter().filter(|code| code.ends_connection());
    let reasons = [DisconnectReason::Bye, DisconnectReason::Closed, DisconnectReason::Panicked]
        .into_iter()
        .chain([DisconnectReason::Broken("connection reset".into())])
        .chain(ended.map(|code| DisconnectReason::Ended(code, String::new())));
    let kinds: Vec<_> = reasons.map(|why| format!("| `{}`", why.kind())).collect();
    assert!(kinds.iter().all(|kind| kind.contains(' ') && !kind.contains('_')), "in words: {kinds:#?}");
    assert_same(&kinds, &table("| reason | ", 1));
}

#[test]
fn details_are_shown_where_they_say_more_and_are_escaped() {
    for (code, detail, words) in [
        (ErrorCode::ShuttingDown, "the server stops", "server stopped"),
        (ErrorCode::Kicked, "calm\u{1b}[2Jdown", "kicked by the operator (calm<U+001B>[2Jdown)"),
        (ErrorCode::Kicked, "", "kicked by the operator"),
        (ErrorCode::HelloTimeout, "write HELLO <name> within 10 s", "said no name in time"),
    ] {
        assert_eq!(DisconnectReason::Ended(code, detail.into()).to_string(), words);
    }
    let reset = DisconnectReason::Broken("Connection reset by peer (os error 104)".into());
    assert_eq!(reset.to_string(), "connection broken (Connection reset by peer)");
}
