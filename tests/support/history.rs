//! A server with a history, and queries of it.

use std::path::PathBuf;

use multichat::server::Config;

use super::program::Home;
use super::{Peer, Room, config, stamped};

/// Returns the path of the database.
pub(crate) fn file(home: &Home) -> PathBuf {
    home.path().join("history.db")
}

/// Returns a configuration with a history.
pub(crate) fn with_history(home: &Home) -> Config {
    Config { history: Some(file(home)), ..config() }
}

/// Starts a server with a history.
pub(crate) fn room(home: &Home) -> Room {
    Room::with(with_history(home))
}

/// Sends PAST or FIND; returns the stamps and lines of the answer, and whether more messages exist. Live lines are skipped.
pub(crate) fn ask(peer: &mut Peer, question: &str) -> (Vec<(u64, String)>, bool) {
    peer.send(format!("{question}\n"));
    let verb = question.split(' ').next().unwrap_or(question);
    let mut lines = Vec::new();
    loop {
        let line = peer.line();
        if let Some(rest) = line.strip_prefix(&format!("END {verb}")) {
            return (lines, rest == " MORE");
        }
        if line.starts_with('@') {
            let (stamp, line) = stamped(&line);
            if line.starts_with("PAST ") || line.starts_with("FOUND ") {
                lines.push((stamp, line.to_owned()));
            }
        }
    }
}

/// Pages back to the beginning; returns all stored messages, the oldest first, and the number of pages.
pub(crate) fn all(peer: &mut Peer) -> (Vec<(u64, String)>, usize) {
    let (mut before, mut pages) = (u64::MAX, Vec::new());
    loop {
        let (page, more) = ask(peer, &format!("PAST {before} 200"));
        assert!(page.is_sorted(), "{page:?}");
        before = page.first().map_or(0, |(stamp, _)| *stamp);
        pages.insert(0, page);
        if !more {
            return (pages.concat(), pages.len());
        }
    }
}

/// Returns the lines without their stamps.
pub(crate) fn lines_of(answer: &[(u64, String)]) -> Vec<&str> {
    answer.iter().map(|(_, line)| line.as_str()).collect()
}

/// Returns numbered messages.
pub(crate) fn messages(name: &str, numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| format!("MSG {name} number {number}\n")).collect::<Vec<_>>().concat()
}

/// Sends numbered messages, and waits until they are relayed.
pub(crate) fn say(peer: &mut Peer, name: &str, numbers: std::ops::Range<usize>) {
    peer.send(messages(name, numbers));
    peer.sync();
}
