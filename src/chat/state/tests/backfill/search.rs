//! The search among the messages on the server.

use super::*;

#[test]
fn what_is_looked_for_on_the_server_is_listed_and_gone_to() {
    let mut stage = with([5]);
    stage.chat.search("  tea\ttime ");
    stage.wait(A_MOMENT);
    assert_eq!(stage.sent(), ["FIND tea time\n"]);
    assert!(
        stage.chat.backfill.search().in_words().starts_with("Searching all"),
        "{}",
        stage.chat.backfill.search().in_words()
    );
    stage.receive(&["@3 FOUND ann Tea\u{202e} time?", "@4 FOUND server tea time!", "END FIND MORE"]);
    let hits: Vec<_> =
        stage.chat.backfill.search().hits.iter().map(|hit| format!("{}: {}", hit.from, hit.excerpt)).collect();
    assert_eq!(hits, ["ann: Tea<U+202E> time?", "Announcement: tea time!"]);
    assert!(
        stage.chat.backfill.search().in_words().starts_with("Showing the newest 2. Add words"),
        "{}",
        stage.chat.backfill.search().in_words()
    );
    assert!(stage.said().len() == 1, "what was found is no part of the conversation");
    stage.chat.go_to_hit(0);
    stage.wait(A_MOMENT);
    assert_eq!(stage.sent(), ["PAST 5 200\n"], "what is below is there already");
    stage.past([3, 4], "END PAST");
    assert!(stage.chat.backfill.take_jump().is_some());
    assert_eq!(stage.stamps(), "beginning 3 4 5");
}

#[test]
fn what_comes_of_a_search_is_said_in_words() {
    let mut stage = with([5]);
    let said = |stage: &Stage| stage.chat.backfill.search().in_words();
    stage.chat.search(" ");
    assert_eq!(said(&stage), "Not searched: enter the words to search for");
    for (answer, words) in [
        ("END FIND", "No messages contain tea"),
        ("ERR UNAVAILABLE try longer words", "Not searched: not available on this server (try longer words)"),
        ("ERR BAD_LINE what?", "Not searched: the server does not understand it: BAD_LINE (what?)"),
    ] {
        stage.chat.search("tea");
        stage.wait(A_MOMENT);
        assert_eq!(stage.sent(), ["FIND tea\n"]);
        stage.receive(&[answer]);
        assert_eq!(said(&stage), words);
    }
    stage.chat.search("tea");
    stage.end(ConnectionError::Closed);
    assert_eq!(said(&stage), "Not searched: the connection has ended");
    stage.chat.search("tea");
    assert_eq!(said(&stage), "Not searched: you are not connected");
}

#[test]
fn a_search_that_came_too_soon_is_made_again_and_another_one_waits_for_its_answer() {
    let mut stage = with([5]);
    stage.chat.search("tea");
    stage.wait(A_MOMENT);
    stage.receive(&["ERR SLOW_DOWN 100"]);
    stage.sent();
    stage.wait(Duration::from_secs(3));
    assert_eq!(stage.sent(), ["FIND tea\n"]);
    stage.chat.search("coffee");
    stage.receive(&["@3 FOUND ann tea", "END FIND"]);
    stage.wait(A_MOMENT);
    assert_eq!(stage.sent(), ["FIND coffee\n"]);
    assert!(stage.chat.backfill.search().hits.is_empty());
    stage.wait(Duration::from_secs(31));
    assert_eq!(stage.chat.backfill.search().in_words(), "Not searched: the server does not answer");
}

#[test]
fn what_a_search_finds_too_late_is_not_among_what_the_next_one_finds() {
    let mut stage = with([5]);
    stage.chat.search("tea");
    stage.wait(A_MOMENT);
    stage.wait(Duration::from_secs(31));
    stage.chat.search("coffee");
    stage.wait(A_MOMENT);
    assert_eq!(stage.sent(), ["FIND tea\n", "FIND coffee\n"]);
    stage.receive(&["@3 FOUND ann tea", "END FIND"]);
    assert!(!stage.chat.backfill.search().is_over(), "{}", stage.chat.backfill.search().in_words());
    stage.receive(&["@4 FOUND ann coffee", "END FIND"]);
    let found: Vec<_> = stage.chat.backfill.search().hits.iter().map(|hit| hit.excerpt.as_str()).collect();
    assert_eq!(found, ["coffee"]);
}

#[test]
fn the_newest_of_several_searches_is_made_whatever_becomes_of_the_one_before() {
    for answer in ["ERR SLOW_DOWN 100", "ERR BAD_LINE what?"] {
        let mut stage = with([5]);
        stage.chat.search("tea");
        stage.wait(A_MOMENT);
        stage.chat.search("coffee");
        stage.sent();
        stage.receive(&[answer]);
        stage.wait(Duration::from_secs(3));
        assert_eq!(stage.sent(), ["FIND coffee\n"], "{answer}");
    }
    let mut stage = with([5]);
    stage.chat.search("tea");
    stage.wait(A_MOMENT);
    stage.chat.search("coffee");
    stage.end(ConnectionError::Closed);
    let mut stage = connect(stage.chat);
    stage.receive(&["HELLO bob"]);
    stage.chat.search("milk");
    stage.wait(A_MOMENT);
    stage.receive(&["END FIND"]);
    stage.wait(A_MOMENT);
    assert_eq!(stage.sent(), ["FIND milk\n"], "and what was wanted on another connection is not searched for");
}
