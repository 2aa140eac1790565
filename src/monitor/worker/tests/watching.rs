//! Tests of what the server worker reports while it is watched: the conversation in the room, and the history.

use super::*;
use crate::monitor::messages::Watched;
use crate::server::{Deletion, HistorySummary};

/// Waits for updates with news of the chat until `shows` is true of all that were said and deleted so far.
fn until_said(updates: &Receiver<Update>, shows: impl Fn(&[String]) -> bool) {
    let mut rows = Vec::new();
    let deadline = Instant::now() + DEADLINE;
    while !shows(&rows) {
        assert!(Instant::now() < deadline, "there are {} rows, and the last is {:?}", rows.len(), rows.last());
        let Some(news) = updates.recv_timeout(DEADLINE).unwrap().chat else { continue };
        if news.is_first {
            rows.clear();
        }
        rows.extend(news.deleted.iter().map(|what| format!("{what:?}")));
        rows.extend((news.skipped > 0).then(|| format!("{} skipped", news.skipped)));
        rows.extend(news.messages.unwrap_or_default().into_iter().map(|message| message.text));
    }
}

fn worker_with_history(folder: &tempfile::TempDir) -> (ServerWorker, SocketAddr, Receiver<Update>) {
    let worker = worker_with(Config { history: Some(folder.path().join("history.db")), rate: 0, ..Config::default() });
    worker.send(Command::Start("127.0.0.1:0".into()));
    loop {
        if let Reply::Listening { addresses, updates, .. } = worker.replies.recv_timeout(DEADLINE).unwrap() {
            return (worker, addresses[0], updates);
        }
    }
}

#[test]
fn the_conversation_is_reported_while_it_is_watched_with_what_was_said_before() {
    let folder = tempfile::tempdir().unwrap();
    let (worker, addr, updates) = worker_with_history(&folder);
    let mut ann = join(addr, "ann");
    writeln!(ann.get_mut(), "MSG ann before\nPING 1").unwrap();
    assert_eq!(next_line(&mut ann), "PONG 1");
    assert!(updates.recv_timeout(DEADLINE).unwrap().chat.is_none(), "nobody watches");
    worker.send(Command::Watch(Watched { chat: true, ..Watched::default() }));
    until_said(&updates, |rows| rows == ["before"]);
    writeln!(ann.get_mut(), "MSG ann live").unwrap();
    until_said(&updates, |rows| rows == ["live"]);
    worker.send(Command::Action(Action::Deletion(Deletion::AllOf("ann".into()))));
    until_said(&updates, |rows| rows == ["AllOf(\"ann\")"]);
    worker.send(Command::Watch(Watched::default()));
    worker.send(Command::Watch(Watched { chat: true, ..Watched::default() }));
    writeln!(ann.get_mut(), "MSG ann again").unwrap();
    until_said(&updates, |rows| rows == ["again"]);
}

#[test]
fn what_comes_too_fast_is_counted_and_the_newest_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (worker, addr, updates) = worker_with_history(&folder);
    worker.send(Command::Watch(Watched { chat: true, ..Watched::default() }));
    let mut ann = join(addr, "ann");
    writeln!(ann.get_mut(), "MSG ann first").unwrap();
    until_said(&updates, |rows| rows == ["first"]);
    // Until an update is taken, no other is made: all of it is in the next one or two.
    let lines: Vec<_> = (0..3000).map(|number| format!("MSG ann {number}\n")).collect();
    ann.get_mut().write_all(lines.concat().as_bytes()).unwrap();
    writeln!(ann.get_mut(), "PING 1").unwrap();
    assert_eq!(next_line(&mut ann), "PONG 1");
    until_said(&updates, |rows| {
        let skipped = rows.iter().filter_map(|row| row.strip_suffix(" skipped")?.parse::<usize>().ok());
        let shown = rows.iter().filter(|row| row.parse::<usize>().is_ok()).count();
        rows.last().is_some_and(|last| last == "2999") && skipped.sum::<usize>() + shown == 3000 && shown < 3000
    });
}

#[test]
fn a_list_of_the_history_that_is_watched_comes_again_when_something_is_said_or_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (worker, addr, _updates) = worker_with_history(&folder);
    let mut ann = join(addr, "ann");
    writeln!(ann.get_mut(), "MSG ann tea\nPING 1").unwrap();
    assert_eq!(next_line(&mut ann), "PONG 1");
    worker.send(Command::Watch(Watched { history: true, ..Watched::default() }));
    worker.send(Command::SearchHistory("tea".into()));
    let texts = |summary: &HistorySummary| summary.shown.iter().map(|said| said.text.clone()).collect::<Vec<_>>();
    let next = || loop {
        match worker.replies.recv_timeout(DEADLINE).unwrap() {
            Reply::HistorySummary(Ok(summary)) | Reply::HistoryChanged(summary) => break texts(&summary),
            _ => {}
        }
    };
    assert_eq!(next(), ["tea"]);
    writeln!(ann.get_mut(), "MSG ann more tea").unwrap();
    assert_eq!(next(), ["tea", "more tea"]);
    worker.send(Command::Action(Action::Deletion(Deletion::AllOf("ann".into()))));
    assert_eq!(next(), [""; 0]);
}
