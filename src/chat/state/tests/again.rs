//! Reconnecting after a lost connection: when it is tried, and when it must not be.

use crate::chat::state::tests::*;
use crate::protocol::ErrorCode;

/// Bob's connection was lost, and the next attempt is under way.
fn reconnecting() -> Stage {
    let mut stage = online();
    stage.end(ConnectionError::Closed);
    let mut retry = stage.chat.link.retry_mut().take().unwrap();
    assert!(retry.is_due(stage.now + Duration::from_secs(2)));
    let mut stage = connect(stage.chat);
    *stage.chat.link.retry_mut() = Some(retry);
    stage
}

#[test]
fn a_lost_connection_is_made_again_after_a_countdown() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut stage = online();
    stage.chat.link.session_mut().options.server = listener.local_addr().unwrap().into();
    stage.end(ConnectionError::Closed);
    assert_eq!(stage.chat.link.phase(), Phase::Waiting);
    stage.wait(Duration::from_millis(1300));
    assert_eq!(stage.chat.link.phase(), Phase::Connecting);
    assert!(stage.status().starts_with("Reconnecting to "), "{}", stage.status());
    let (socket, _) = listener.accept().unwrap();
    let mut hello = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(socket), &mut hello).unwrap();
    assert_eq!(hello, "HELLO bob stamp echo away typing label deleted\n");
}

#[test]
fn nobody_has_to_wait_for_the_countdown() {
    let mut stage = online();
    stage.chat.connect_now(stage.now);
    assert_eq!(stage.chat.link.phase(), Phase::Online, "nothing waits");
    stage.end(ConnectionError::Closed);
    assert_eq!(stage.chat.link.phase(), Phase::Waiting);
    stage.chat.connect_now(stage.now);
    assert_eq!(stage.chat.link.phase(), Phase::Connecting);
    assert!(stage.status().starts_with("Reconnecting to "), "{}", stage.status());
}

#[test]
fn a_countdown_can_be_cancelled() {
    let mut stage = online();
    stage.end(ConnectionError::Closed);
    stage.chat.leave(stage.now);
    stage.wait(Duration::from_mins(1));
    assert_eq!((stage.chat.link.phase(), stage.status().as_str()), (Phase::Offline, "Not connected"));
}

#[test]
fn a_server_that_throws_us_out_at_once_is_asked_less_and_less_often() {
    let mut stage = reconnecting();
    // The attempt succeeds for a moment.
    stage.receive(&["HELLO bob"]);
    stage.end(ConnectionError::Closed);
    let seconds = stage.chat.link.retry_mut().as_ref().and_then(|retry| retry.seconds(stage.now));
    assert!(seconds >= Some(2), "{seconds:?}");
}

#[test]
fn an_attempt_to_come_back_that_fails_is_followed_by_another() {
    for last_words in ["ERR SERVER_FULL", "ERR SHUTTING_DOWN"] {
        let mut stage = reconnecting();
        stage.receive(&[last_words]);
        stage.end(ConnectionError::Closed);
        assert_eq!(stage.chat.link.phase(), Phase::Waiting, "{last_words}");
    }
}

#[test]
fn who_is_refused_while_coming_back_does_not_try_again() {
    for last_words in ["ERR BAD_USERNAME", "ERR KICKED", "ERR BANNED go away"] {
        let mut stage = reconnecting();
        stage.receive(&[last_words]);
        stage.end(ConnectionError::Closed);
        assert!(
            stage.chat.link.retry_mut().is_none() && matches!(stage.chat.link.failure(), Some((InvalidField::Name, _))),
            "{last_words}: {}",
            stage.status()
        );
        stage.wait(Duration::from_mins(1));
        assert_eq!(stage.chat.link.phase(), Phase::Offline, "{last_words}");
    }
}

#[test]
fn who_is_thrown_out_just_after_coming_back_does_not_try_again() {
    for (last_words, status) in [("ERR KICKED", "You were removed"), ("ERR BANNED go away", "You are banned")] {
        let mut stage = reconnecting();
        stage.receive(&["HELLO bob", last_words]);
        stage.end(ConnectionError::Closed);
        stage.wait(Duration::from_mins(1));
        assert_eq!(stage.chat.link.phase(), Phase::Offline, "{last_words}");
        assert!(stage.status().starts_with(status), "{}", stage.status());
    }
}

#[test]
fn nobody_comes_back_uninvited() {
    for (last_words, status) in [("ERR KICKED", "You were removed"), ("ERR BANNED go away", "You are banned")] {
        let mut stage = online();
        stage.receive(&[last_words]);
        stage.end(ConnectionError::Closed);
        assert_eq!(stage.chat.link.phase(), Phase::Offline, "{last_words}");
        assert!(stage.status().starts_with(status), "{}", stage.status());
    }
    let mut stage = online();
    stage.chat.leave(stage.now);
    stage.end(ConnectionError::Closed);
    assert_eq!(stage.chat.link.phase(), Phase::Offline);
}

#[test]
fn connecting_again_begins_with_nobody_here_and_keeps_the_conversation() {
    let mut stage = online();
    stage.receive(&["MSG ann hi"]);
    stage.end(ConnectionError::Closed);
    let mut stage = connect(stage.chat);
    assert!(stage.here().is_empty());
    stage.receive(&["HELLO bob"]);
    assert_eq!((stage.said(), stage.here()), (vec!["ann: hi".to_owned()], vec!["bob"]));
}

#[test]
fn our_own_name_may_be_taken_for_a_while_by_the_connection_that_was_lost() {
    let mut stage = reconnecting();
    stage.receive(&["ERR USERNAME_TAKEN"]);
    stage.end(ConnectionError::Closed);
    assert_eq!(stage.chat.link.phase(), Phase::Waiting);
    assert!(stage.status().contains("bob is still taken"), "{}", stage.status());
    let mut stage = reconnecting();
    let retry = stage.chat.link.retry_mut().as_mut().unwrap();
    *retry = Retry::new(retry.options.clone(), String::new(), stage.now - Duration::from_mins(10));
    assert!(retry.is_due(stage.now));
    stage.receive(&["ERR USERNAME_TAKEN"]);
    stage.end(ConnectionError::Closed);
    assert_eq!(stage.chat.link.phase(), Phase::Offline);
    assert!(stage.status().starts_with("Refused: the name bob is taken"), "{}", stage.status());
}

#[test]
fn a_server_that_is_crowded_after_a_restart_is_tried_again_whatever_language_it_says_so_in() {
    let codes =
        [ErrorCode::TooManyConnections, ErrorCode::ServerFull, ErrorCode::ShuttingDown, ErrorCode::HelloTimeout];
    for code in codes {
        let mut stage = reconnecting();
        stage.end(ConnectionError::Rejected { code, detail: String::new() });
        assert_eq!(stage.chat.link.phase(), Phase::Waiting, "{code:?}: {}", stage.status());
    }
    let mut stage = connecting();
    stage.end(ConnectionError::Rejected { code: ErrorCode::Banned, detail: "until tomorrow".into() });
    assert_eq!(stage.status(), "You are banned from this server (until tomorrow)");
}
