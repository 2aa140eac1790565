//! Labels: each answer is about the line whose label it carries, in whatever order the answers come.

use crate::chat::state::tests::*;

fn ann() -> Whom {
    Whom::One("ann".into())
}

#[test]
fn an_error_for_the_second_of_three_messages_returns_the_second() {
    let mut stage = online();
    assert!(stage.say("one") && stage.say("two") && stage.say("three"));
    assert_eq!(stage.wire_as_it_is(), ["#1 MSG bob one\n", "#2 MSG bob two\n", "#3 MSG bob three\n"]);
    stage.receive_as_it_is(&["#1 MSG bob one", "#2 ERR BAD_TEXT", "#3 MSG bob three"]);
    assert_eq!(stage.said(), ["bob: one", "bob: three"]);
    assert_eq!(stage.returned().as_deref(), Some("two"));
    assert!(stage.returned().is_none() && stage.pending().is_empty());
}

#[test]
fn answers_in_another_order_are_about_their_own_lines() {
    let mut stage = online();
    stage.chat.open_conversation("ann").unwrap();
    assert!(stage.say("one") && stage.chat.send(&ann(), "psst") && stage.say("two"));
    // Equal texts have different labels, too.
    assert!(stage.say("two"));
    stage.receive_as_it_is(&["#4 MSG bob two", "#2 ERR BAD_TEXT", "#1 MSG bob one"]);
    assert_eq!(stage.said(), ["bob: two", "bob: one"]);
    assert_eq!(stage.chat.talks.recall_returned(&ann(), "").as_deref(), Some("psst"));
    assert_eq!(stage.pending(), ["two"], "the other one");
    stage.receive_as_it_is(&["#3 ERR BAD_TEXT", "#3 MSG bob two", "#99 ERR BAD_TEXT", "#x OK"]);
    assert_eq!(stage.returned().as_deref(), Some("two"));
    assert!(stage.returned().is_none(), "an answer to no line returns nothing");
}

#[test]
fn older_messages_and_a_search_are_asked_for_at_once() {
    let mut stage = online();
    stage.receive(&["@7 MSG ann seven"]);
    let (first, end) = (stage.chat.talks.room().log.first(), stage.chat.talks.room().log.end());
    stage.chat.scrolled_up(first, end);
    stage.wait(Duration::ZERO);
    stage.chat.search("six");
    stage.wait(Duration::from_secs(1));
    assert_eq!(stage.wire_as_it_is(), ["#1 PAST 7 100\n", "#2 FIND six\n"]);
    assert!(stage.say("nobody waits for that"));
    // The answers come in the other order, and one is an error.
    stage.receive_as_it_is(&["@6 FOUND ann six", "#2 END FIND", "#3 MSG bob nobody waits for that"]);
    assert_eq!(stage.chat.backfill.search().hits.len(), 1);
    stage.receive_as_it_is(&["#1 ERR UNAVAILABLE"]);
    assert!(stage.status().starts_with("The server stores no older messages"), "{}", stage.status());
    assert!(stage.pending().is_empty() && stage.returned().is_none());
}

#[test]
fn a_name_is_registered_while_messages_are_unanswered() {
    let mut stage = online();
    stage.encrypted();
    assert!(stage.say("hi"));
    stage.chat.register("correct horse", "correct horse").unwrap();
    assert_eq!(stage.wire_as_it_is(), ["#1 MSG bob hi\n", "#2 REGISTER correct horse\n"]);
    stage.receive_as_it_is(&["#2 ERR WEAK_PASSWORD", "#1 MSG bob hi"]);
    assert!(stage.status().starts_with("Not registered: the password is too weak"), "{}", stage.status());
    assert_eq!(stage.said(), ["bob: hi"]);
    assert!(stage.say("ho"));
    stage.chat.register("correct horse", "correct horse").unwrap();
    stage.receive_as_it_is(&["#3 ERR BAD_TEXT", "#4 REGISTERED bob"]);
    assert!(stage.shown().last().unwrap().contains("The name bob is registered"), "{:?}", stage.shown());
    assert_eq!(stage.returned().as_deref(), Some("ho"));
}

#[test]
fn a_registration_without_an_answer_is_mentioned_when_the_connection_is_lost() {
    let mut stage = online();
    stage.encrypted();
    stage.chat.register("correct horse", "correct horse").unwrap();
    stage.end(ConnectionError::Closed);
    let last = stage.shown().pop().unwrap();
    assert!(last.contains("bob may be registered or not"), "{last}");
}

#[test]
fn a_private_message_holds_up_no_other_one() {
    let mut stage = online();
    stage.chat.open_conversation("ann").unwrap();
    assert!(stage.chat.send(&ann(), "one") && stage.say("two") && stage.chat.send(&ann(), "three"));
    assert_eq!(stage.sent(), ["TELL ann one\n", "MSG bob two\n", "TELL ann three\n"]);
    assert_eq!(stage.status(), "Connected as bob to localhost:5555", "this is no reason to worry anybody");
    stage.receive(&["OK", "MSG bob two", "OK"]);
    assert_eq!(stage.shown_in(&ann()), ["bob: one", "bob: three"]);
}

#[test]
fn a_server_without_labels_is_named_as_the_reason_and_no_text_is_lost() {
    let mut stage = online();
    stage.encrypted();
    assert!(stage.say("one") && stage.say("two"));
    let bad_line = "ERR BAD_LINE the verbs are HELLO, MSG and BYE";
    stage.receive_as_it_is(&[bad_line, bad_line]);
    let begins = "Not sent: this server is too old: it does not support labels.";
    assert!(stage.status().starts_with(begins), "{}", stage.status());
    assert_eq!((stage.returned().as_deref(), stage.returned().as_deref()), (Some("one"), Some("two")));
    stage.chat.register("correct horse", "correct horse").unwrap();
    stage.receive_as_it_is(&[bad_line]);
    assert!(stage.status().starts_with("Not registered: this server is too old"), "{}", stage.status());
    // One that ignores such a line is not waited for in silence, and the text comes back at the end.
    assert!(stage.say("three"));
    stage.wait(Duration::from_secs(6));
    assert!(stage.status().starts_with("The server has not answered for 6 s"), "{}", stage.status());
    stage.end(ConnectionError::Closed);
    assert_eq!(stage.returned().as_deref(), Some("three"));
}

#[test]
fn an_error_about_a_line_of_the_laboratory_takes_no_message_back() {
    let mut stage = online();
    assert!(stage.say("one"));
    stage.receive_as_it_is(&["#1 MSG bob one"]);
    assert!(stage.say("two"));
    stage.receive_as_it_is(&["ERR BAD_LINE what?", "ERR TEAPOT", "ERR SLOW_DOWN 100"]);
    assert_eq!(stage.pending(), ["two"]);
    assert!(
        stage.shown().join("\n").contains("(The server says: the server does not understand it: BAD_LINE (what?))")
    );
}
