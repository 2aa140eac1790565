//! Messages to all on their way: pending, refused, too fast, too long, or without an answer.

use crate::chat::state::tests::*;

#[test]
fn a_message_is_pending_until_its_echo_gives_it_a_place() {
    let mut stage = online();
    assert!(stage.say("first") && stage.say("second"));
    assert_eq!(stage.sent(), ["MSG bob first\n", "MSG bob second\n"]);
    assert_eq!(stage.pending(), ["first", "second"]);
    stage.receive(&["MSG ann in between", "MSG bob first"]);
    assert_eq!(stage.said(), ["ann: in between", "bob: first"]);
    assert_eq!(stage.pending(), ["second"]);
}

#[test]
fn a_refused_message_goes_back_with_the_reason() {
    let mut stage = online();
    stage.say("one");
    stage.say("two");
    stage.receive(&["ERR LINE_TOO_LONG", "MSG bob two"]);
    assert!(stage.pending().is_empty());
    assert!(stage.status().starts_with("Not sent: it is too long for the server."), "{}", stage.status());
    assert_eq!(stage.returned().as_deref(), Some("one"));
    assert!(stage.say("one"));
    assert_eq!(stage.status(), "Connected as bob to localhost:5555");
}

#[test]
fn what_came_too_fast_is_sent_again_in_order_when_the_time_has_passed() {
    let mut stage = online();
    for text in ["one", "two", "three"] {
        stage.say(text);
    }
    stage.sent();
    stage.receive(&["MSG bob one", "ERR SLOW_DOWN 700", "ERR SLOW_DOWN 800"]);
    assert!(stage.status().contains("2 messages wait"), "{}", stage.status());
    // A message written meanwhile does not overtake.
    assert!(stage.say("four"));
    stage.wait(Duration::from_millis(799));
    assert!(stage.sent().is_empty());
    stage.wait(Duration::from_millis(1));
    assert_eq!(stage.sent(), ["MSG bob two\n"], "one at a time");
    stage.receive(&["MSG bob two"]);
    assert_eq!(stage.sent(), ["MSG bob three\n"]);
    stage.receive(&["ERR SLOW_DOWN 100"]);
    stage.wait(Duration::from_millis(100));
    assert_eq!(stage.sent(), ["MSG bob three\n"]);
    stage.receive(&["MSG bob three"]);
    stage.receive(&["MSG bob four"]);
    assert_eq!(stage.sent(), ["MSG bob four\n"]);
    assert_eq!(stage.said(), ["bob: one", "bob: two", "bob: three", "bob: four"]);
    assert!(stage.pending().is_empty());
    assert_eq!(stage.status(), "Connected as bob to localhost:5555");
}

#[test]
fn several_lines_are_said_all_or_none() {
    let lines = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
    let mut stage = online();
    assert!(!stage.say_all(&lines(PENDING_MAX + 1)));
    assert!(!stage.say_all(&["short".into(), "x".repeat(5000)]));
    assert!(stage.sent().is_empty() && stage.pending().is_empty());
    assert!(stage.say_all(&lines(3)));
    assert_eq!(stage.pending(), ["0", "1", "2"]);
    for n in 0..3 {
        stage.wait(Duration::ZERO);
        assert_eq!(stage.sent(), [format!("MSG bob {n}\n")]);
        stage.receive(&[&format!("@{n} MSG bob {n}")]);
    }
    assert!(!Chat::default().send_all(&Whom::All, &lines(2)));
}

#[test]
fn what_was_not_confirmed_when_the_connection_is_lost_goes_back_in_order() {
    let mut stage = online();
    stage.say("one");
    stage.say("two");
    stage.end(ConnectionError::Broken("connection reset by peer".into()));
    let status = stage.status();
    assert!(status.starts_with("Trying again in"), "{status}");
    assert!(status.contains("2 messages may not have arrived"), "{status}");
    assert_eq!(stage.returned().as_deref(), Some("one"));
    assert_eq!(stage.returned().as_deref(), Some("two"));
    assert!(stage.here().is_empty());
}

#[test]
fn saying_something_while_not_connected_keeps_the_text_and_says_why() {
    let mut chat = Chat::default();
    assert!(!chat.send(&Whom::All, "hello?"));
    assert!(chat.status().1.starts_with("Not sent: you are not connected"), "{}", chat.status().1);
    let mut stage = connecting();
    assert!(!stage.say("too early"));
    assert!(stage.sent().is_empty() && stage.pending().is_empty());
}

#[test]
fn a_text_that_is_too_long_is_not_sent_and_the_status_says_by_how_much() {
    let mut stage = online();
    assert!(!stage.say(&"x".repeat(4096 - "#65535 MSG bob \n".len() + 3)));
    assert!(stage.status().contains("3 bytes too long"), "{}", stage.status());
    assert!(stage.say(&"x".repeat(4096 - "#65535 MSG bob \n".len())));
    assert_eq!(stage.sent()[0].len(), 4096 - "#65535 ".len());
}

#[test]
fn a_text_that_is_too_long_can_be_sent_in_parts() {
    let mut stage = online();
    let long = format!("{}end", "word ".repeat(1000));
    let parts = stage.chat.parts(&Whom::All, &long).unwrap();
    assert_eq!(parts.join(" "), long);
    assert!(!stage.say(&long) && stage.pending().is_empty());
    assert!(stage.chat.send_in_parts(&Whom::All, &long, parts.clone()));
    assert_eq!(stage.pending(), parts);
    // Every line of several, and a text behind two slashes.
    let several = |text: &str| stage.chat.parts(&Whom::All, text).map_or(0, |parts| parts.len());
    assert_eq!(several(&format!("short\n{long}\n\n{long}")), 5);
    assert_eq!(several(&format!("//{long}")), 2);
    // Nothing to split, a command, code, and nobody to hear it.
    for whole in ["short".into(), format!("/me {long}"), format!("/msg ann {long}"), format!("```\n{long}\n```")] {
        assert_eq!(several(&whole), 0, "{whole}");
    }
    assert_eq!(Chat::default().parts(&Whom::All, &long), None);
}

#[test]
fn no_control_character_reaches_the_wire() {
    let mut stage = online();
    assert!(stage.say("a\tb\nMSG ann forged\r\u{1b}[2J\u{85}"));
    // A line end begins another message of the same user.
    stage.wait(Duration::ZERO);
    assert_eq!(stage.sent(), ["MSG bob a b\n"]);
    stage.receive(&["MSG bob a b"]);
    assert_eq!(stage.sent(), ["MSG bob MSG ann forged  [2J \n"]);
}

#[test]
fn a_server_that_takes_and_never_answers_is_not_sent_more_and_more() {
    let mut stage = online();
    let mut sent = 0;
    while stage.say("anybody?") {
        sent += stage.sent().len();
    }
    assert_eq!(sent, PENDING_MAX);
    assert!(stage.status().contains("has not answered"), "{}", stage.status());
}
