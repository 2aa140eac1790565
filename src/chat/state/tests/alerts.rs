//! Alerts: the lines of the server that cause one.

use crate::chat::state::tests::*;

/// Returns what the notifications say that are due.
fn told(stage: &mut Stage) -> Vec<String> {
    stage.now += Duration::from_secs(1);
    let due = stage.chat.alerts.due(stage.now);
    due.into_iter().filter_map(|alert| Some(alert.notification?.0)).collect()
}

#[test]
fn the_user_is_told_of_private_messages_and_of_mentions() {
    let mut stage = online();
    stage.receive(&["MSG ann hello", "MSG ann bobby is here"]);
    assert!(told(&mut stage).is_empty());
    stage.receive(&["MSG ann Bob, are you there?", "TELL cleo psst", "MSG server bob: the key is here"]);
    assert_eq!(told(&mut stage), ["the server mentioned you (2 new messages)", "New message from cleo"]);
}

#[test]
fn nobody_is_told_of_their_own_words_nor_of_the_past() {
    let mut stage = connecting();
    stage.receive(&["MSG ann bob was here", "HELLO ann", "HELLO bob"]);
    stage.receive(&["MSG bob bob is here", "PAST ann bob?"]);
    assert!(told(&mut stage).is_empty());
}

#[test]
fn names_and_texts_are_escaped() {
    let mut stage = online();
    stage.chat.alerts.set_settings(AlertSettings { shows_text: true, ..AlertSettings::default() });
    stage.receive(&["TELL ann a\u{202e}b"]);
    let due = stage.chat.alerts.due(stage.now);
    assert_eq!(due[0].notification.as_ref().unwrap().1, "a<U+202E>b");
}
