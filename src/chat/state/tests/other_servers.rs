//! Another server: what was said and what was not sent on one stays with it, and a person of the same name on another
//! never gets it.

use crate::chat::state::tests::*;

fn ann() -> Whom {
    Whom::One("ann".into())
}

fn go_to(chat: Chat, server: &str) -> Stage {
    let mut stage = connect_to(chat, server);
    stage.receive(&["HELLO ann", "HELLO bob"]);
    stage
}

/// Bob has talked with ann on the usual server, where two messages may not have arrived, and is on another one now.
fn moved() -> Stage {
    let mut stage = online();
    stage.receive(&["TELL ann I am ann"]);
    stage.chat.talks.take_requests();
    stage.say("for the room");
    stage.chat.send(&ann(), "for ann");
    stage.end(ConnectionError::Closed);
    go_to(stage.chat, "elsewhere")
}

#[test]
fn somebody_of_the_same_name_on_another_server_is_somebody_else() {
    let mut stage = moved();
    assert!(stage.chat.talks.get(&ann()).is_none(), "nothing has been said to this ann");
    assert_eq!(stage.listed(), ["Everybody", "ann: on localhost:5555, 1 unread"]);
    stage.receive(&["TELL ann I am another"]);
    assert_eq!(stage.shown_in(&ann()), ["ann: I am another"]);
    assert_eq!(stage.chat.talks.take_returned(&ann()), None);
    let mut stage = go_to(stage.chat, "localhost");
    assert_eq!(stage.shown_in(&ann()), ["ann: I am ann"]);
    assert_eq!(stage.chat.talks.take_returned(&ann()).as_deref(), Some("for ann"));
}

#[test]
fn what_was_not_sent_to_a_room_waits_until_its_user_is_there_again() {
    let mut stage = moved();
    assert_eq!(stage.returned(), None);
    assert!(!stage.status().contains("may not have arrived"), "{}", stage.status());
    let mut stage = go_to(stage.chat, "localhost");
    assert_eq!(stage.returned().as_deref(), Some("for the room"));
}

#[test]
fn what_is_in_doubt_when_its_user_goes_elsewhere_is_not_said_there() {
    // With stamps, the next connection to the same server would show whether it has arrived.
    let mut stage = online();
    stage.receive(&["@5 MSG ann hi"]);
    stage.say("for the room");
    stage.end(ConnectionError::Closed);
    assert_eq!(stage.pending(), ["for the room"]);
    let mut stage = go_to(stage.chat, "elsewhere");
    assert!(stage.pending().is_empty());
    assert_eq!(stage.returned(), None);
    let mut stage = go_to(stage.chat, "localhost");
    assert_eq!(stage.returned().as_deref(), Some("for the room"));
}

#[test]
fn a_talk_on_another_server_can_be_read_and_is_gone_on_with_there() {
    let mut stage = moved();
    let server: crate::client::ServerAddress = "localhost".parse().unwrap();
    let there = Whom::OnOtherServer(server, "ann".into());
    let talk = stage.chat.talks.id(&there).unwrap();
    assert_eq!(stage.chat.talks.whom(talk), Some(there.clone()));
    assert_eq!(stage.shown_in(&there), ["ann: I am ann"]);
    let status = |stage: &Stage| stage.chat.status_of(&there, &Clock::utc()).1;
    assert!(
        status(&stage).starts_with("ann is on localhost:5555, where you are not connected now"),
        "{}",
        status(&stage)
    );
    assert!(!stage.chat.send(&there, "secret") && !stage.chat.send_all(&there, &["one".into(), "two".into()]));
    assert!(status(&stage).starts_with("Not sent: this is ann on localhost:5555"), "{}", status(&stage));
    assert!(stage.chat.people.typing_words(&there).is_empty());
    stage.chat.typed(&there, "secret", stage.now);
    assert_eq!(stage.sent(), Vec::<String>::new());
    let stage = go_to(stage.chat, "localhost");
    assert_eq!(stage.chat.talks.whom(talk), Some(ann()));
}

#[test]
fn a_draft_for_a_room_stays_with_it() {
    let mut stage = moved();
    stage.chat.talks.room_mut().returned.keep_draft("only begun".into());
    let mut stage = go_to(stage.chat, "localhost");
    assert_eq!((stage.returned().as_deref(), stage.returned()), (Some("for the room"), None));
    let mut stage = go_to(stage.chat, "elsewhere");
    assert!(!stage.status().contains("arrived"), "nobody has sent it: {}", stage.status());
    assert_eq!((stage.returned().as_deref(), stage.returned()), (Some("only begun"), None));
}

#[test]
fn strangers_on_one_server_leave_room_for_those_on_another() {
    let mut stage = online();
    for n in 0..60 {
        stage.receive(&[&format!("TELL n{n} psst")]);
    }
    stage.chat.talks.take_requests();
    let mut stage = go_to(stage.chat, "elsewhere");
    stage.receive(&["TELL n0 psst"]);
    let talk = stage.chat.talks.id(&Whom::One("n0".into())).unwrap();
    assert_eq!(stage.chat.talks.take_requests(), [TalkRequest { talk, by_user: false }]);
}
