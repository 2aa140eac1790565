//! A room that remembers, and asking it.

use std::path::PathBuf;

use multichat::server::Config;

use super::program::Home;
use super::{Peer, Room, config, stamped};

/// A place for a database.
pub(crate) fn file(home: &Home) -> PathBuf {
    home.path().join("history.db")
}

/// A config with a history.
pub(crate) fn remembering(home: &Home) -> Config {
    Config { history: Some(file(home)), ..config() }
}

/// A room that remembers.
pub(crate) fn room(home: &Home) -> Room {
    Room::with(remembering(home))
}

/// What comes in answer to a question: stamps and lines, and whether there is more. Live lines are passed over.
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

/// Everything that is kept, the oldest first, and on how many pages it came.
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

/// The lines without their stamps.
pub(crate) fn told(answer: &[(u64, String)]) -> Vec<&str> {
    answer.iter().map(|(_, line)| line.as_str()).collect()
}

/// So many messages, numbered.
pub(crate) fn messages(name: &str, numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| format!("MSG {name} number {number}\n")).collect::<Vec<_>>().concat()
}

/// Says so many messages, numbered, and waits until they were relayed.
pub(crate) fn say(peer: &mut Peer, name: &str, numbers: std::ops::Range<usize>) {
    peer.send(messages(name, numbers));
    peer.sync();
}
