//! Older messages: replayed to a new connection, loaded above what is shown, found by a search.

use crate::chat::state::tests::*;
use crate::protocol::ClientLine;

mod search;

/// Longer than the pause between two requests.
const A_MOMENT: Duration = Duration::from_millis(300);

/// Returns messages as a server replays or sends them, with these stamps.
fn lines(verb: &str, stamps: impl IntoIterator<Item = u64>) -> Vec<String> {
    stamps.into_iter().map(|at| format!("@{at} {verb} ann {at}")).collect()
}

impl Stage {
    fn hear_all(&mut self, lines: &[String]) {
        self.receive(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// Answers a PAST.
    fn past(&mut self, stamps: impl IntoIterator<Item = u64>, end: &str) {
        let mut answer = lines("PAST", stamps);
        answer.push(end.into());
        self.hear_all(&answer);
    }

    /// Scrolls up to the very top.
    fn scroll_up(&mut self) -> Vec<String> {
        let (first, end) = (self.chat.talks.room().log.first(), self.chat.talks.room().log.end());
        self.chat.scrolled_up(first, end);
        self.wait(A_MOMENT);
        self.sent()
    }

    /// Returns the stamps in the log, and where messages are missing.
    fn stamps(&self) -> String {
        let piece = |entry: &Entry| match &entry.kind {
            Kind::Gap { .. } => Some("gap".into()),
            Kind::Beginning => Some("beginning".into()),
            _ => entry.stamp().map(|at| at.to_string()),
        };
        self.chat.talks.room().log.since(Position::MIN).filter_map(piece).collect::<Vec<_>>().join(" ")
    }

    /// Loses the connection and opens another one; `replayed` arrives before the acknowledgement.
    fn reconnect(mut self, replayed: &[&str]) -> Stage {
        self.end(ConnectionError::Closed);
        *self.chat.link.retry_mut() = None;
        let mut stage = connect(std::mem::take(&mut self.chat));
        stage.receive(replayed);
        stage.receive(&["HELLO bob"]);
        stage
    }
}

fn options(server: &str, me: &str) -> ConnectOptions {
    ConnectOptions::new(server.parse().unwrap(), Username::parse(me).unwrap())
}

/// Bob is in the room, with these messages replayed.
fn with(stamps: impl IntoIterator<Item = u64>) -> Stage {
    let mut stage = connecting();
    let mut all = lines("MSG", stamps);
    all.push("HELLO bob".into());
    stage.hear_all(&all);
    stage
}

#[test]
fn older_messages_are_loaded_above_until_there_are_no_more() {
    let mut stage = with(501..=503);
    assert_eq!(stage.scroll_up(), ["PAST 501 100\n"]);
    assert!(stage.scroll_up().is_empty(), "one request at a time");
    stage.past([499, 500], "END PAST MORE");
    assert_eq!(stage.stamps(), "499 500 501 502 503");
    assert_eq!(stage.scroll_up(), ["PAST 499 100\n"]);
    stage.past([498], "END PAST");
    assert_eq!(stage.stamps(), "beginning 498 499 500 501 502 503");
    assert!(stage.scroll_up().is_empty(), "there is nothing more to ask for");
    assert!(stage.said()[1].starts_with("earlier ann"), "{:?}", stage.said());
}

#[test]
fn a_server_without_a_past_is_asked_once() {
    for refusal in ["ERR UNAVAILABLE none is kept", "ERR BAD_LINE the verbs are HELLO and MSG"] {
        let mut stage = with([7]);
        assert_eq!(stage.scroll_up().len(), 1);
        assert!(stage.say("hello"));
        assert_eq!(stage.sent(), ["MSG bob hello\n"]);
        stage.receive(&[refusal, "@8 MSG bob hello"]);
        assert!(stage.status().starts_with("The server stores no older messages"), "{}", stage.status());
        assert_eq!(stage.returned(), None, "it was not about the message");
        assert!(stage.scroll_up().is_empty());
        let mut stage = stage.reconnect(&[]);
        assert_eq!(stage.scroll_up().len(), 1, "another server may be there by now");
    }
}

#[test]
fn what_is_asked_for_does_not_stand_in_the_way_of_what_is_said() {
    let mut stage = with([7]);
    assert!(stage.say_all(&["one".into(), "two".into()]));
    assert!(!stage.scroll_up().concat().contains("PAST"), "messages wait, and come first");
    stage.receive(&["@8 MSG bob one"]);
    stage.receive(&["@9 MSG bob two"]);
    stage.wait(A_MOMENT);
    assert_eq!(stage.sent(), ["MSG bob two\n", "PAST 7 100\n"]);
    assert!(stage.say("three"));
    assert_eq!(stage.sent(), ["MSG bob three\n"], "nobody waits for the answer to a PAST");
    // The request came too soon, and the message did not.
    stage.receive(&["ERR SLOW_DOWN 100", "@10 MSG bob three"]);
    assert!(stage.pending().is_empty() && stage.returned().is_none());
    stage.wait(Duration::from_secs(1));
    assert!(stage.sent().is_empty());
    stage.wait(Duration::from_secs(2));
    assert_eq!(stage.sent(), ["PAST 7 100\n"]);
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for() {
    let mut stage = with([7]);
    stage.scroll_up();
    stage.wait(Duration::from_secs(31));
    let says = "Older messages cannot be loaded: the server does not answer";
    assert!(stage.status().starts_with(says), "{}", stage.status());
    assert!(stage.say_all(&["one".into()]));
    stage.wait(A_MOMENT);
    assert_eq!(stage.sent(), ["MSG bob one\n"]);
}

#[test]
fn after_a_clear_scrolling_up_brings_back_what_there_was() {
    let mut stage = with([5, 6]);
    stage.chat.enter(&Whom::All, "/clear");
    assert_eq!(stage.scroll_up(), ["PAST 7 100\n"]);
    stage.past([5, 6], "END PAST MORE");
    assert_eq!(stage.stamps(), "5 6");
}

#[test]
fn what_is_loaded_gets_what_room_there_is_and_drops_nothing() {
    let mut stage = with(100_000..100_000 + SETTLED_MAX as u64 - 50);
    assert_eq!(stage.scroll_up(), ["PAST 100000 100\n"]);
    stage.past(1..=100, "END PAST MORE");
    assert_eq!(stage.chat.talks.room().log.since(Position::MIN).len(), SETTLED_MAX);
    assert!(stage.status().contains("10000 lines"), "{}", stage.status());
    let newest = stage.chat.talks.room().log.since(stage.chat.talks.room().log.end() - 1).next().cloned();
    assert!(matches!(newest.map(|entry| entry.kind), Some(Kind::Notice(_))), "the newest is still there");
    assert!(stage.scroll_up().is_empty(), "there is no room for more");
    stage.receive(&["@200000 MSG ann news"]);
    assert_eq!(stage.chat.talks.room().log.since(Position::MIN).len(), SETTLED_MAX);
    assert_eq!(stage.said().last().unwrap(), "ann: news");
}

#[test]
fn an_answer_for_what_was_dropped_meanwhile_is_not_put_elsewhere() {
    let mut stage = with([500]);
    stage.scroll_up();
    stage.hear_all(&lines("MSG", 1000..1000 + SETTLED_MAX as u64 + 10));
    stage.past([400], "END PAST");
    assert!(!stage.stamps().split(' ').any(|stamp| ["400", "beginning"].contains(&stamp)));
}

#[test]
fn a_new_connection_asks_for_what_was_missed_and_shows_it_as_new_and_once() {
    let mut stage = with([5]);
    stage.receive(&["@6 MSG ann six", "@7 MSG server lunch"]);
    let asked = |stage: &Stage| {
        let ConnectOptions { username, capabilities, .. } = stage.chat.prepared(options("localhost", "bob"));
        let mut bytes = Vec::new();
        ClientLine::Hello { username, capabilities }.encode(&mut bytes);
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!(asked(&stage), "HELLO bob stamp echo away typing label deleted since=7\n");
    // A server that does not know the capability replays its last messages.
    let stage = stage.reconnect(&["@6 MSG ann six", "@7 MSG server lunch", "@8 MSG ann eight", "@9 MSG server nine"]);
    let expected = ["earlier ann: 5", "ann: six", "announcement: lunch", "ann: eight", "announcement: nine"];
    assert_eq!(stage.said(), expected);
    assert_eq!(asked(&stage), "HELLO bob stamp echo away typing label deleted since=9\n");
}

#[test]
fn another_server_or_another_name_replays_nothing_of_ours_and_repeats_nothing() {
    let stage = with([5]);
    let requested_since = |server: &str, me: &str| stage.chat.prepared(options(server, me)).capabilities.since;
    assert_eq!(
        (requested_since("localhost", "bob"), requested_since("localhost", "ben"), requested_since("elsewhere", "bob")),
        (Some(5), None, None)
    );

    let (connection, network, wire) = Connection::fake();
    let mut stage = stage;
    stage.chat.begin(connection, options("elsewhere", "bob"), stage.now);
    let mut stage = Stage { network: Some(network), wire, ..stage };
    stage.receive(&["@3 MSG ann three", "HELLO bob"]);
    assert_eq!(stage.stamps(), "3", "the room of another server has a talk of its own");
    assert_eq!(stage.scroll_up(), ["PAST 3 100\n"]);
    stage.past([1, 2], "END PAST");
    assert_eq!(stage.stamps(), "beginning 1 2 3");
}

#[test]
fn what_was_not_confirmed_and_is_replayed_has_arrived() {
    let mut stage = with([5]);
    for text in ["one", "two", "two"] {
        assert!(stage.say(text));
    }
    stage.end(ConnectionError::Closed);
    assert_eq!((stage.pending().len(), stage.returned()), (3, None), "nobody knows yet");
    let mut stage = connect(stage.chat);
    stage.receive(&["@6 MSG bob one", "@7 MSG bob two", "@8 MSG ann two", "HELLO bob"]);
    assert_eq!(stage.said(), ["earlier ann: 5", "bob: one", "bob: two", "ann: two"]);
    assert!(stage.pending().is_empty());
    assert_eq!((stage.returned().as_deref(), stage.returned()), (Some("two"), None));
}

#[test]
fn what_was_not_confirmed_comes_back_when_there_is_no_other_connection() {
    let mut stage = with([5]);
    stage.say("one");
    stage.end(ConnectionError::Closed);
    stage.chat.leave(stage.now);
    assert_eq!(stage.returned().as_deref(), Some("one"));
}

#[test]
fn a_gap_is_shown_and_filled_by_itself() {
    let stage = with([5]);
    let mut stage = stage.reconnect(&["GAP 5", "@300 MSG ann 300", "@301 MSG ann 301"]);
    assert_eq!(stage.stamps(), "5 gap 300 301");
    stage.wait(A_MOMENT);
    assert_eq!(stage.sent(), ["PAST 300 200\n"]);
    stage.past([200, 201], "END PAST MORE");
    assert_eq!(stage.stamps(), "5 gap 200 201 300 301");
    stage.wait(A_MOMENT);
    assert_eq!(stage.sent(), ["PAST 200 200\n"]);
    stage.past([4, 5, 6, 7], "END PAST MORE");
    assert_eq!(stage.stamps(), "5 6 7 200 201 300 301", "neither a gap nor a repeat");
    stage.wait(A_MOMENT);
    assert!(stage.sent().is_empty());
}

#[test]
fn a_large_gap_is_filled_when_somebody_comes_there() {
    let stage = with([5]);
    let mut stage = stage.reconnect(&["GAP 5", "@30000 MSG ann 30000"]);
    let mut requests = 0;
    for below in (0..10).map(|n| 30_000 - n * 200) {
        stage.wait(A_MOMENT);
        requests += stage.sent().len();
        stage.past(below - 200..below, "END PAST MORE");
    }
    stage.wait(A_MOMENT);
    assert_eq!((requests, stage.sent().len()), (10, 0));
    assert!(stage.stamps().starts_with("5 gap 28000 "), "{}", &stage.stamps()[..30]);
    let end = stage.chat.talks.room().log.end();
    stage.chat.scrolled_up(end - 3, end);
    stage.wait(A_MOMENT);
    assert!(stage.sent().is_empty(), "it is not in view");
    assert_eq!(stage.scroll_up(), ["PAST 28000 100\n"]);
    stage.past([6], "END PAST");
    assert!(stage.stamps().starts_with("5 6 28000 "), "{}", &stage.stamps()[..30]);
}

#[test]
fn what_is_loaded_already_is_gone_to_at_once() {
    let mut stage = with([5, 6]);
    stage.chat.go_to(6);
    stage.wait(A_MOMENT);
    let at = stage.chat.backfill.take_jump().unwrap();
    assert_eq!(stage.chat.talks.room().log.since(at).next().unwrap().stamp(), Some(6));
    assert!(stage.sent().is_empty() && stage.chat.backfill.take_jump().is_none());
}

#[test]
fn what_is_far_back_is_loaded_with_its_surroundings_and_a_gap_below() {
    const HOUR: u64 = 3_600_000_000;
    let found = 1000 * HOUR;
    let mut stage = with([5000 * HOUR]);
    stage.chat.go_to(found);
    stage.wait(A_MOMENT);
    assert_eq!(stage.sent(), [format!("PAST {} 200\n", found + HOUR)]);
    // Too much was said within that hour, but not within that minute.
    stage.past(found + HOUR - 200..found + HOUR, "END PAST MORE");
    stage.wait(A_MOMENT);
    assert_eq!(stage.sent(), [format!("PAST {} 200\n", found + HOUR / 60)]);
    stage.past([found - 1, found, found + 1], "END PAST MORE");
    let at = stage.chat.backfill.take_jump().unwrap();
    assert_eq!(stage.chat.talks.room().log.since(at).next().unwrap().stamp(), Some(found));
    assert_eq!(stage.stamps(), format!("{} {found} {} gap {}", found - 1, found + 1, 5000 * HOUR));
    // The gap is an ordinary one, and so is what is missing above.
    assert_eq!(stage.scroll_up(), [format!("PAST {} 100\n", 5000 * HOUR)]);
    stage.past([found + 1, 4000 * HOUR], "END PAST MORE");
    assert!(stage.stamps().ends_with(&format!(" {} {} {}", found + 1, 4000 * HOUR, 5000 * HOUR)), "{}", stage.stamps());
    assert_eq!(stage.scroll_up(), [format!("PAST {} 100\n", found - 1)]);
}

#[test]
fn what_is_found_within_a_gap_is_put_between() {
    let mut stage = with([5]).reconnect(&["GAP 5", "@900000000000 MSG ann late"]);
    // The gap is being filled, but nothing arrives.
    stage.past([], "END PAST MORE");
    stage.chat.backfill.stop_filling();
    stage.chat.go_to(1000);
    stage.wait(A_MOMENT);
    stage.sent();
    stage.past([999, 1000], "END PAST MORE");
    assert_eq!(stage.stamps(), "5 gap 999 1000 gap 900000000000");
    stage.chat.go_to(7);
    stage.wait(A_MOMENT);
    stage.sent();
    stage.past([4, 5, 7, 999], "END PAST MORE");
    assert_eq!(stage.stamps(), "5 7 999 1000 gap 900000000000");
}

#[test]
fn what_was_found_and_is_gone_since_is_said_to_be_gone() {
    let mut stage = with([900_000_000_000]);
    stage.chat.go_to(1000);
    for _ in 0..3 {
        stage.wait(A_MOMENT);
        assert_eq!(stage.sent().len(), 1);
        stage.past([999], "END PAST MORE");
    }
    assert!(stage.status().starts_with("That message no longer exists"), "{}", stage.status());
    stage.chat.go_to(900_000_000_000);
    assert_eq!(stage.status(), "Connected as bob to localhost:5555", "another one is there");
}
