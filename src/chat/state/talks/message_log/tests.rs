//! Tests of the log of a conversation: positions, limits, and what is cleared.

use super::*;

fn notices(log: &MessageLog, position: Position) -> Vec<&str> {
    log.since(position)
        .map(|entry| match &entry.kind {
            Kind::Notice(text) => text.as_str(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_view_that_keeps_its_position_sees_each_entry_once() {
    let mut log = MessageLog::default();
    for text in ["one", "two"] {
        log.settle(None, Kind::Notice(text.into()));
    }
    let seen = log.end();
    assert_eq!(notices(&log, 0), ["one", "two"]);
    log.settle(None, Kind::Notice("three".into()));
    assert_eq!(notices(&log, seen), ["three"]);
}

#[test]
fn the_oldest_entries_are_dropped_and_positions_stay() {
    let mut log = MessageLog::default();
    for n in 0..SETTLED_MAX + 5 {
        log.settle(None, Kind::Notice(n.to_string()));
    }
    assert_eq!((log.first(), log.end()), (5, count(SETTLED_MAX) + 5));
    assert_eq!(notices(&log, 0).len(), SETTLED_MAX);
    assert_eq!(notices(&log, log.end() - 1), [(SETTLED_MAX + 4).to_string()]);
}

#[test]
fn a_flood_of_the_longest_messages_is_kept_up_to_a_number_of_bytes() {
    for (mut log, bytes_max) in [(MessageLog::default(), ROOM_BYTES), (MessageLog::private(), PRIVATE_BYTES)] {
        let long = || Kind::Message { from: "ann".into(), text: "x".repeat(3900), earlier: false };
        let fit = bytes_max / long().bytes();
        for _ in 0..fit + 5 {
            log.settle(None, long());
        }
        assert_eq!((log.first(), log.end()), (5, count(fit) + 5));
        assert_eq!(log.bytes, log.settled.iter().map(|entry| entry.kind.bytes()).sum::<usize>());
        assert!(log.bytes <= bytes_max);
        log.clear();
        assert_eq!(log.bytes, 0);
    }
}

#[test]
fn what_was_cleared_is_gone_and_positions_stay() {
    let mut log = MessageLog::default();
    log.settle(None, Kind::Notice("one".into()));
    log.clear();
    assert_eq!((log.first(), log.end()), (1, 1));
    log.settle(None, Kind::Notice("two".into()));
    assert_eq!(notices(&log, 0), ["two"]);
}

#[test]
fn a_name_that_no_server_should_send_is_cut_and_escaped() {
    assert_eq!(shown_name("ann"), "ann");
    assert_eq!(shown_name("a\u{202e}b"), "a<U+202E>b");
    let cut = shown_name(&"w".repeat(4000));
    assert_eq!((cut.chars().count(), cut.ends_with('…')), (NAME_MAX + 1, true));
}
