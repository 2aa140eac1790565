//! Passwords: where they are sent, and that none is ever shown.

use crate::chat::state::tests::*;
use crate::client::Password;

const SECRET: &str = "correct horse";

fn is_secret(password: Option<&Password>) -> bool {
    password.is_some_and(|password| password.reveal() == SECRET)
}

/// Returns everything that a bystander could see or find in a log.
fn all_that_is_told(stage: &Stage) -> String {
    format!("{:?} {:?} {:?}", stage.chat, stage.shown(), stage.status())
}

#[test]
fn a_password_that_is_wanted_or_wrong_is_told_in_plain_words_and_is_not_tried_again() {
    for (last_words, status) in [
        ("ERR PASSWORD_REQUIRED send PASS first", "Refused: a password is needed"),
        ("ERR BAD_PASSWORD", "Refused: wrong password"),
    ] {
        let mut stage = connecting();
        stage.receive(&[last_words]);
        stage.end(ConnectionError::Closed);
        assert!(stage.status().starts_with(status), "{}", stage.status());
        assert_eq!(stage.chat.link.failure().map(|(field, _)| field), Some(InvalidField::Password));
        assert_eq!(stage.chat.link.phase(), Phase::Offline, "nobody knocks again and again with a wrong password");
    }
}

#[test]
fn whose_name_is_taken_back_does_not_fight_for_it() {
    let mut stage = online();
    stage.receive(&["ERR TAKEN_BACK"]);
    stage.end(ConnectionError::Closed);
    assert_eq!(stage.chat.link.phase(), Phase::Offline);
    assert!(stage.status().contains("the owner of the name bob"), "{}", stage.status());
}

#[test]
fn a_name_is_registered_and_its_password_serves_from_then_on() {
    let mut stage = online();
    stage.encrypted();
    stage.chat.register(SECRET, SECRET).unwrap();
    assert_eq!(stage.sent(), [format!("REGISTER {SECRET}\n")]);
    assert!(!all_that_is_told(&stage).contains(SECRET), "{}", all_that_is_told(&stage));
    stage.receive(&["REGISTERED bob"]);
    assert!(stage.shown().last().unwrap().contains("The name bob is registered"), "{:?}", stage.shown());
    assert!(is_secret(stage.chat.link.session().options.password.as_ref()));
    assert!(!all_that_is_told(&stage).contains(SECRET), "{}", all_that_is_told(&stage));
    assert!(is_secret(stage.chat.link.take_new_password().as_ref()) && stage.chat.link.take_new_password().is_none());
    stage.end(ConnectionError::Closed);
    assert!(is_secret(stage.chat.link.retry_mut().as_ref().unwrap().options.password.as_ref()));
    assert!(!all_that_is_told(&stage).contains(SECRET), "{}", all_that_is_told(&stage));
}

#[test]
fn a_name_that_is_not_registered_takes_back_no_message() {
    let mut stage = online();
    stage.encrypted();
    stage.chat.register("short", "short").unwrap();
    stage.say("hi");
    stage.receive(&["ERR WEAK_PASSWORD it has to have 8 characters", "MSG bob hi"]);
    assert!(stage.status().starts_with("Not registered: the password is too weak (it has"), "{}", stage.status());
    assert_eq!(stage.said(), ["bob: hi"]);
    stage.chat.register(SECRET, SECRET).unwrap();
    stage.receive(&["ERR UNAVAILABLE"]);
    assert!(stage.status().starts_with("Not registered: not available on this server"), "{}", stage.status());
}

#[test]
fn what_cannot_be_registered_is_not_sent() {
    let refused = |stage: &mut Stage, one: &str, other: &str, why: &str| {
        let error = stage.chat.register(one, other).unwrap_err();
        assert!(error.contains(why), "{error}");
        assert!(stage.sent().is_empty());
    };
    let mut stage = online();
    refused(&mut stage, SECRET, SECRET, "others could read the password");
    stage.encrypted();
    refused(&mut stage, SECRET, "something else", "differ");
    refused(&mut stage, "", "", "enter the password");
    refused(&mut stage, "a\tb", "a\tb", "control characters");
    refused(&mut connecting(), SECRET, SECRET, "connect first");
}

#[test]
fn a_password_that_is_typed_where_one_talks_goes_nowhere() {
    let mut stage = online();
    for line in [format!("/register {SECRET}"), format!("/PASS {SECRET}")] {
        assert_eq!(stage.chat.enter(&Whom::All, &line), Entered::Dropped);
        assert!(stage.sent().is_empty());
        assert!(stage.status().contains("use \"Register this name …\""), "{}", stage.status());
        assert!(!all_that_is_told(&stage).contains(SECRET), "{}", all_that_is_told(&stage));
    }
}
