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
    let there = ["ann: on localhost:5555, 1 unread, text waits", "Everybody: on localhost:5555, text waits"];
    assert_eq!(stage.listed(), ["Everybody", there[0], there[1]]);
    stage.receive(&["TELL ann I am another"]);
    assert_eq!(stage.shown_in(&ann()), ["ann: I am another"]);
    assert_eq!(stage.chat.talks.recall_returned(&ann(), ""), None);
    let mut stage = go_to(stage.chat, "localhost");
    assert_eq!(stage.shown_in(&ann()), ["ann: I am ann"]);
    assert_eq!(stage.chat.talks.recall_returned(&ann(), "").as_deref(), Some("for ann"));
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
fn each_room_has_its_own_talk() {
    let mut stage = online();
    let localhost: crate::client::ServerAddress = "localhost".parse().unwrap();
    let room = stage.chat.talks.room_id();
    stage.receive(&["@5 MSG ann here"]);
    let mut stage = go_to(stage.chat, "elsewhere");
    stage.receive(&["@6 MSG ann there"]);
    assert_eq!(stage.said(), ["ann: there"]);
    let there = Whom::AllOnOtherServer(localhost);
    assert_eq!(stage.chat.talks.whom(room), Some(there.clone()));
    assert_ne!(stage.chat.talks.room_id(), room);
    assert!(stage.shown_in(&there).contains(&"ann: here".to_owned()), "it can be read");
    let status = |stage: &Stage| stage.chat.status_of(&there, &Clock::utc()).1;
    assert!(status(&stage).starts_with("This was said on localhost:5555"), "{}", status(&stage));
    assert!(!stage.chat.send(&there, "for those there"));
    assert!(status(&stage).starts_with("Not sent: this is everybody on localhost:5555"), "{}", status(&stage));
    assert_eq!(stage.sent(), Vec::<String>::new());
    // Back there, only what is new is asked for, and the talk continues.
    let mut stage = connect_to(stage.chat, "localhost");
    assert_eq!(stage.chat.link.capabilities().and_then(|asked| asked.since), Some(5));
    stage.receive(&["@7 MSG ann meanwhile", "HELLO ann", "HELLO bob"]);
    assert_eq!(stage.chat.talks.whom(room), Some(Whom::All));
    assert_eq!(stage.said(), ["ann: here", "ann: meanwhile"]);
}

#[test]
fn a_room_elsewhere_is_listed_while_there_is_something_to_read_or_to_send() {
    let mut stage = online();
    let room = stage.chat.talks.room_id();
    stage.receive(&["MSG ann here"]);
    // Nothing was said on a server that did not let the user in.
    let stage = connect_to(stage.chat, "mistyped");
    let mut stage = go_to(stage.chat, "elsewhere");
    assert_eq!(stage.listed(), ["Everybody", "Everybody: on localhost:5555"]);
    let whom = stage.chat.talks.whom(room).unwrap();
    stage.chat.talks.close(&whom);
    assert_eq!(stage.listed(), ["Everybody"]);
    let mut stage = go_to(stage.chat, "localhost");
    assert!(stage.said().contains(&"ann: here".to_owned()));
    stage.say("for those here");
    stage.end(ConnectionError::Closed);
    let stage = go_to(stage.chat, "elsewhere");
    assert_eq!(stage.listed(), ["Everybody", "Everybody: on localhost:5555, text waits"]);
}

#[test]
fn what_was_found_on_one_server_is_not_looked_for_on_another() {
    let mut stage = online();
    stage.chat.search("words");
    stage.chat.tick(stage.now);
    stage.receive(&["@5 FOUND ann some words", "END FIND"]);
    assert_eq!(stage.chat.backfill.search().hits.len(), 1);
    let stage = go_to(stage.chat, "elsewhere");
    assert!(stage.chat.backfill.search().hits.is_empty());
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
