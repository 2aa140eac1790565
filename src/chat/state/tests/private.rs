//! Private conversations: sending to one person, receipts, and that no text is lost.

use crate::chat::state::tests::*;

fn ann() -> Whom {
    Whom::One("ann".into())
}

/// Bob is in the room with ann, and has a conversation with her.
fn with_ann() -> Stage {
    let mut stage = online();
    assert_eq!(stage.chat.open_conversation("ann"), Ok(ann()));
    stage.chat.talks.take_requests();
    stage
}

impl Stage {
    fn say_to_ann(&mut self, text: &str) -> bool {
        self.chat.send(&ann(), text)
    }

    fn pending_with_ann(&self) -> Vec<&str> {
        self.chat.outgoing.pending(&ann()).map(|pending| pending.text.as_str()).collect()
    }

    fn status_with_ann(&self) -> String {
        self.chat.status_of(&ann(), &Clock::utc()).1
    }

    fn unread(&self) -> u64 {
        self.chat.talks.get(&ann()).unwrap().unread
    }
}

#[test]
fn what_is_said_in_private_stays_in_its_talk_and_waits_for_its_receipt() {
    let mut stage = with_ann();
    assert!(stage.say_to_ann("psst"));
    assert_eq!(stage.sent(), ["TELL ann psst\n"], "in one piece");
    assert_eq!(stage.pending_with_ann(), ["psst"]);
    assert!(stage.pending().is_empty());
    stage.receive(&["OK"]);
    assert_eq!(stage.shown_in(&ann()), ["bob: psst"]);
    assert!(stage.pending_with_ann().is_empty() && stage.said().is_empty());
}

#[test]
fn whoever_has_just_left_gets_nothing_and_the_text_comes_back() {
    let mut stage = with_ann();
    assert!(stage.say_to_ann("are you there?"));
    stage.receive(&["ERR NO_SUCH_USER ann"]);
    assert!(stage.status_with_ann().starts_with("Not sent: ann has left"), "{}", stage.status_with_ann());
    assert_eq!(stage.chat.talks.recall_returned(&ann(), "").as_deref(), Some("are you there?"));
    assert_eq!(stage.returned(), None, "it does not come back in the room");
    assert!(stage.shown_in(&ann()).is_empty());
}

#[test]
fn to_somebody_who_is_known_to_have_left_nothing_is_sent() {
    let mut stage = with_ann();
    stage.receive(&["BYE ann"]);
    assert_eq!(stage.status_with_ann(), "ann has left");
    assert!(!stage.say_to_ann("hello?"));
    assert!(stage.sent().is_empty());
    assert!(stage.status_with_ann().starts_with("Not sent: ann has left. The text stays here"));
    stage.receive(&["HELLO ann"]);
    assert_eq!(stage.status_with_ann(), "ann is here", "why it was not sent is of the past");
    assert!(stage.say_to_ann("hello again"));
    assert_eq!(stage.status_with_ann(), "ann is here");
    assert_eq!(stage.shown_in(&ann()), ["-ann", "+ann"]);
}

#[test]
fn an_error_is_about_the_oldest_line_whomever_that_was_for() {
    let mut stage = with_ann();
    assert!(stage.say("to all") && stage.say_to_ann("to ann"));
    assert_eq!(stage.sent(), ["MSG bob to all\n", "TELL ann to ann\n"]);
    stage.receive(&["ERR BAD_TEXT", "OK"]);
    assert_eq!(stage.returned().as_deref(), Some("to all"));
    assert_eq!(stage.shown_in(&ann()), ["bob: to ann"]);
}

#[test]
fn what_came_too_fast_is_told_once() {
    let mut stage = with_ann();
    stage.say_to_ann("psst");
    stage.sent();
    stage.receive(&["ERR SLOW_DOWN 300"]);
    stage.wait(Duration::from_millis(299));
    assert!(stage.sent().is_empty());
    stage.wait(Duration::from_millis(1));
    assert_eq!(stage.sent(), ["TELL ann psst\n"]);
    stage.receive(&["OK"]);
    assert!(stage.sent().is_empty());
    assert_eq!(stage.shown_in(&ann()), ["bob: psst"]);
}

#[test]
fn what_was_not_confirmed_when_the_connection_is_lost_goes_back_to_its_talk() {
    let mut stage = with_ann();
    stage.say_to_ann("one");
    stage.say("two");
    stage.end(ConnectionError::Closed);
    assert_eq!(stage.chat.talks.recall_returned(&ann(), "").as_deref(), Some("one"));
    assert_eq!(stage.returned().as_deref(), Some("two"));
    assert!(stage.status_with_ann().contains("Connection lost"), "{}", stage.status_with_ann());
    assert!(!stage.say_to_ann("too early"));
}

#[test]
fn what_others_say_opens_a_window_and_is_unread_until_it_is_seen() {
    let mut stage = online();
    stage.receive(&["TELL ann psst", "TELL ann hey"]);
    let talk = stage.chat.talks.id(&ann()).unwrap();
    assert_eq!(stage.chat.talks.take_requests(), [TalkRequest { talk, by_user: false }]);
    assert_eq!((stage.shown_in(&ann()), stage.said().len()), (vec!["ann: psst".into(), "ann: hey".into()], 0));
    assert_eq!(stage.unread(), 2);
    assert_eq!(stage.listed(), ["Everybody", "ann: 2 unread"]);
    let version = stage.chat.rows_version();
    stage.chat.talks.mark_read(&ann());
    assert_ne!(stage.chat.rows_version(), version);
    assert_eq!(stage.listed(), ["Everybody", "ann"]);
    assert!(stage.chat.talks.take_requests().is_empty());
}

#[test]
fn who_has_left_something_unread_behind_is_still_listed() {
    let mut stage = online();
    stage.receive(&["TELL ann psst", "BYE ann"]);
    stage.chat.talks.close(&ann());
    assert_eq!(stage.listed(), ["Everybody", "ann: has left, 1 unread"]);
    assert_eq!(stage.chat.open_conversation("ann"), Ok(ann()), "so it can be read");
    stage.chat.talks.mark_read(&ann());
    stage.chat.talks.close(&ann());
    assert_eq!(stage.listed(), ["Everybody"]);
}

#[test]
fn unread_talks_come_first_and_then_those_used_last() {
    let mut stage = online();
    stage.receive(&["HELLO carl", "HELLO dora", "TELL ann one", "TELL carl two", "TELL dora three"]);
    let one = |name: &str| Whom::One(name.into());
    ["ann", "carl", "dora"].iter().for_each(|name| stage.chat.talks.mark_read(&one(name)));
    assert_eq!(stage.listed(), ["Everybody", "dora", "carl", "ann"]);
    let version = stage.chat.rows_version();
    assert!(stage.say_to_ann("hello"));
    assert_ne!(stage.chat.rows_version(), version);
    assert_eq!(stage.listed(), ["Everybody", "ann", "dora", "carl"], "what one writes counts, too");
    stage.receive(&["TELL carl again"]);
    assert!(stage.chat.open_conversation("dora").is_ok());
    assert_eq!(stage.listed(), ["Everybody", "carl: 1 unread", "dora", "ann"]);
    assert_eq!(stage.chat.talks.unread_in_private(|_| false), 1);
    let carl = stage.chat.talks.id(&one("carl")).unwrap();
    assert_eq!(stage.chat.talks.unread_in_private(|talk| talk == carl), 0, "it has a count of its own");
}

#[test]
fn a_part_of_a_name_stands_for_a_person_or_else_for_a_talk() {
    let mut stage = online();
    stage.receive(&["HELLO joann", "HELLO dora", "TELL dora psst", "BYE dora"]);
    let first = |stage: &Stage, part: &str| stage.chat.first_match(part, &Clock::utc());
    assert_eq!(first(&stage, "AN"), Some(Match::Person("ann".into())), "the beginning of a name comes first");
    assert_eq!(first(&stage, "oa"), Some(Match::Person("joann".into())));
    let dora = stage.chat.talks.id(&Whom::One("dora".into())).unwrap();
    assert_eq!(first(&stage, "dora"), Some(Match::Talk(dora)), "who has left can still be read");
    assert_eq!(first(&stage, "every"), Some(Match::Talk(TalkId::ROOM)));
    assert_eq!((first(&stage, "bob"), first(&stage, " ")), (None, None), "nobody talks to themselves");
    assert_eq!(stage.chat.rows("ann", 1, &Clock::utc()).1, 1, "and one more");
}

#[test]
fn a_talk_is_the_same_however_its_name_is_written() {
    let mut stage = online();
    assert_eq!(stage.chat.open_conversation("ANN"), Ok(ann()), "by the spelling of the server");
    stage.receive(&["BYE ann", "HELLO Ann", "TELL Ann back again"]);
    assert_eq!(stage.shown_in(&ann()), ["-ann", "+Ann", "Ann: back again"]);
    assert!(stage.say_to_ann("fine"), "she is here");
    stage.receive(&["HELLO \u{430}nn", "TELL \u{430}nn I am ann"]);
    assert_eq!(stage.shown_in(&ann()).len(), 3, "a lookalike is somebody else");
}

#[test]
fn nobody_talks_to_nobody_or_to_themselves() {
    let mut stage = online();
    assert!(stage.chat.open_conversation("dora").unwrap_err().contains("dora is not here"));
    assert!(stage.chat.open_conversation("Bob").unwrap_err().contains("to yourself"));
    assert!(stage.chat.talks.take_requests().is_empty());
}

#[test]
fn a_remark_that_the_user_is_alone_goes_with_the_next_conversation() {
    let mut stage = online();
    let why = stage.chat.open_conversation("Bob").unwrap_err();
    stage.chat.talks.remark(&why);
    assert!(stage.status().starts_with(&why), "{}", stage.status());
    assert_eq!(stage.chat.open_conversation("ann"), Ok(ann()));
    assert_eq!(stage.status(), "Connected as bob to localhost:5555");
}

#[test]
fn strangers_without_end_open_fifty_windows_and_the_rest_is_shown_in_the_room() {
    let mut stage = online();
    for n in 0..60 {
        stage.receive(&[&format!("TELL n{n} psst")]);
    }
    assert_eq!(stage.chat.talks.take_requests().len(), 50);
    assert_eq!(stage.said().len(), 10);
    assert_eq!(stage.said()[0], "private n50: psst");
    assert_eq!(stage.chat.open_conversation("ann"), Ok(ann()), "strangers do not keep the user from talking");
    assert!(stage.say_to_ann("psst"));
}

#[test]
fn a_strangers_talk_that_was_read_and_closed_makes_room_for_the_next() {
    let one = |n: &str| Whom::One(n.into());
    let mut stage = online();
    for n in 0..50 {
        stage.receive(&[&format!("HELLO n{n}"), &format!("TELL n{n} psst")]);
    }
    stage.chat.talks.take_requests();
    // Unread, with a draft (`close` is not called for it), with a message in flight, or in
    // use: these stay.
    stage.chat.talks.close(&one("n0"));
    stage.chat.talks.mark_read(&one("n1"));
    stage.chat.talks.mark_read(&one("n2"));
    stage.chat.talks.close(&one("n2"));
    assert!(stage.chat.send(&one("n2"), "on its way"));
    stage.chat.talks.mark_read(&one("n3"));
    stage.chat.talks.close(&one("n3"));
    assert_eq!(stage.chat.open_conversation("n3"), Ok(one("n3")));
    stage.chat.talks.take_requests();
    stage.receive(&["TELL late psst"]);
    assert_eq!(
        (stage.chat.talks.take_requests(), stage.said().pop().as_deref()),
        (Vec::new(), Some("private late: psst"))
    );

    stage.receive(&["OK"]);
    let n2 = stage.chat.talks.id(&one("n2")).unwrap();
    stage.receive(&["TELL late are you there?", "TELL later psst"]);
    let talk = stage.chat.talks.id(&one("late")).unwrap();
    assert_eq!(stage.chat.talks.take_requests(), [TalkRequest { talk, by_user: false }]);
    assert_eq!(stage.chat.talks.whom(n2), None, "a view of the conversation that has ended shows no other");
    assert_eq!(stage.shown_in(&one("late")), ["late: are you there?"]);
    assert!(stage.chat.talks.get(&one("n2")).is_none() && stage.chat.talks.get(&one("later")).is_none());
}

#[test]
fn what_comes_in_private_is_shown_escaped() {
    let mut stage = online();
    stage.receive(&["TELL a\u{202e}b x\u{200b}y"]);
    let talk = stage.chat.talks.take_requests().remove(0).talk;
    assert_eq!(stage.shown_in(&stage.chat.talks.whom(talk).unwrap()), ["a<U+202E>b: x<U+200B>y"]);
}

#[test]
fn a_text_for_one_person_is_measured_with_that_persons_name() {
    let mut stage = with_ann();
    let fits = "x".repeat(4096 - "#65535 TELL ann \n".len());
    assert!(!stage.say_to_ann(&format!("{fits}y")));
    assert!(stage.status_with_ann().contains("1 byte too long"), "{}", stage.status_with_ann());
    assert!(stage.say_to_ann(&fits));
}

#[test]
fn several_lines_are_told_one_after_the_other() {
    let mut stage = with_ann();
    assert!(stage.chat.send_all(&ann(), &["one".into(), "two".into()]));
    for text in ["one", "two"] {
        stage.wait(Duration::ZERO);
        assert_eq!(stage.sent(), [format!("TELL ann {text}\n")]);
        stage.receive(&["OK"]);
    }
}
