//! A server that keeps to the letter of the protocol and means harm: it may waste its own time, but not the user's.

use crate::chat::state::receive::{BYTES_PER_TICK, LINES_PER_TICK};
use crate::chat::state::tests::*;

#[test]
fn a_crowd_of_which_many_said_something_in_private_is_listed_quickly() {
    let mut stage = online();
    // Names that have to be folded to be compared, and senders who are not in the room.
    let crowd: Vec<_> = (0..5_000).map(|n| format!("HELLO {}{n}", "ﷺ".repeat(20))).collect();
    let told: Vec<_> = (0..50).map(|n| format!("TELL {}{n} psst", "Ｗ".repeat(20))).collect();
    stage.receive(&crowd.iter().map(String::as_str).collect::<Vec<_>>());
    stage.receive(&told.iter().map(String::as_str).collect::<Vec<_>>());
    let begun = Instant::now();
    let (people, more) = stage.chat.rows("", 2000, &Clock::utc());
    let talks = stage.chat.talk_rows(&());
    let took = begun.elapsed();
    assert_eq!((people.len(), more), (2000, 3002));
    assert_eq!((talks.len(), talks.iter().filter(|row| row.note.is_some()).count()), (51, 50));
    // Some milliseconds; many seconds if each sender were compared with each name.
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn who_comes_back_with_a_name_written_otherwise_still_has_said_what_is_unread() {
    let mut stage = online();
    stage.receive(&["HELLO carl", "TELL carl psst", "BYE carl", "HELLO CARL"]);
    assert_eq!(stage.listed(), ["Everybody", "carl: 1 unread"], "under the name by which the conversation began");
}

/// Returns how many of the injected events wait for the next tick, after one tick.
fn left_after_a_tick(stage: &mut Stage, event: &Event, events: usize) -> usize {
    for _ in 0..events {
        stage.network.as_ref().unwrap().send(event.clone()).unwrap();
    }
    stage.chat.tick(stage.now);
    stage.chat.link.session().connection.events().len()
}

#[test]
fn one_tick_takes_a_bounded_number_of_lines() {
    let line = Line { label: None, stamp: None, said: Said::Pong(String::new()) };
    let event = Event::Received { lines: vec![line; 500], not_understood: 0 };
    assert_eq!(left_after_a_tick(&mut online(), &event, 20), 20 - LINES_PER_TICK / 500);
    let event = Event::Received { lines: Vec::new(), not_understood: 500 };
    assert_eq!(left_after_a_tick(&mut online(), &event, 20), 20 - LINES_PER_TICK / 500);
}

#[test]
fn one_tick_takes_a_bounded_number_of_bytes() {
    let mut stage = online();
    // The most that one read can contain.
    let line = Line { label: None, stamp: None, said: Said::Msg { from: "ann".into(), text: "x".repeat(4093) } };
    let event = Event::Received { lines: vec![line; 16], not_understood: 0 };
    let read = 16 * 4096;
    assert_eq!(left_after_a_tick(&mut stage, &event, 20), 20 - BYTES_PER_TICK / read);
    let said = stage.said().len();
    assert_eq!(said * 4096, BYTES_PER_TICK);
    // Nothing is lost: the next tick handles the rest.
    while !stage.chat.link.session().connection.events().is_empty() {
        stage.chat.tick(stage.now);
    }
    assert_eq!(stage.said().len(), 20 * 16);
}

#[test]
fn no_stamp_is_too_small_or_too_large_for_any_line() {
    for stamp in [0, 1, u64::MAX - 1, u64::MAX] {
        let mut stage = connecting();
        let replayed = format!("@{stamp} MSG ann said");
        stage.receive(&[
            &replayed,
            &format!("GAP {stamp}"),
            &format!("@{stamp} HELLO ann"),
            &format!("@{stamp} HELLO bob"),
        ]);
        for line in ["TELL ann psst", "AWAY ann lunch", "MSG server all", "TYPING ann", "BYE ann", "HELLO ann"] {
            stage.receive(&[&format!("@{stamp} {line}")]);
        }
        let entries: Vec<_> = stage.chat.talks.room().log.since(0).cloned().collect();
        assert!(crate::chat::render::plain::file(&Clock::utc(), &entries, stamp).contains("said"));
        // With entries in the log, and after `/clear`.
        for command in ["", "/clear"] {
            stage.chat.enter(&Whom::All, command);
            let (first, end) = (stage.chat.talks.room().log.first(), stage.chat.talks.room().log.end());
            stage.chat.scrolled_up(first, end);
            stage.wait(Duration::from_secs(1));
            stage.sent();
            stage.receive(&[&format!("@{stamp} PAST ann older"), "END PAST MORE"]);
            stage.chat.go_to(stamp);
            stage.wait(Duration::from_secs(1));
            stage.sent();
            stage.receive(&[&format!("@{stamp} PAST ann older"), "END PAST"]);
            stage.chat.search("said");
            stage.wait(Duration::from_secs(1));
            assert!(stage.sent().concat().contains("FIND said"), "{stamp} {command}");
            stage.receive(&[&format!("@{stamp} FOUND ann said"), "END FIND"]);
            stage.chat.go_to_hit(0);
            stage.wait(Duration::from_secs(1));
        }
        assert_eq!(stage.chat.rows("", 10, &Clock::utc()).0.len(), 2);
    }
}
