//! Away, typing notifications, and commands.

use crate::chat::state::tests::*;

const SECOND: Duration = Duration::from_secs(1);

impl Stage {
    fn enter(&mut self, line: &str) -> Entered {
        self.chat.enter(&Whom::All, line)
    }

    fn typing(&self) -> String {
        self.chat.people.typing_words(&Whom::All)
    }

    fn types(&mut self, text: &str) -> Vec<String> {
        self.chat.typed(&Whom::All, text, self.now);
        self.sent()
    }

    fn rows(&self) -> Vec<String> {
        let rows = self.chat.rows("", 9, &Clock::utc()).0;
        rows.iter().map(|row| format!("{} {}", row.name, row.details())).collect()
    }

    fn set_privacy(&mut self, change: impl FnOnce(&mut Privacy)) {
        let mut privacy = self.chat.people.privacy();
        change(&mut privacy);
        self.chat.set_privacy(privacy);
    }
}

#[test]
fn who_is_away_is_listed_with_since_when_and_why() {
    let mut stage = connecting();
    let at = crate::clock::stamp_now();
    let time = Clock::utc().day_and_minute(at, at);
    stage.receive(&["HELLO ann", &format!("@{at} AWAY ann lun\u{202e}ch"), "HELLO bob"]);
    assert_eq!(stage.rows(), [format!("ann away since {time}: lun<U+202E>ch"), "bob you".into()]);
    stage.receive(&["AWAY ann"]);
    assert_eq!(stage.rows(), ["ann ", "bob you"]);
    assert!(stage.said().is_empty(), "it is no news in the conversation");
}

#[test]
fn away_and_back_are_told_and_shown() {
    let mut stage = online();
    assert_eq!(stage.enter("/away for  lunch"), Entered::Done);
    assert_eq!(stage.sent(), ["AWAY for  lunch\n"]);
    stage.receive(&["OK"]);
    assert!(stage.status().ends_with("You are away: for  lunch"), "{}", stage.status());
    assert!(stage.rows()[1].starts_with("bob you, away since "), "{:?}", stage.rows());
    stage.chat.record_activity(stage.now);
    assert!(stage.sent().is_empty(), "who went away by command comes back by command");
    assert_eq!(stage.enter("/back"), Entered::Done);
    assert_eq!(stage.sent(), ["AWAY\n"]);
    stage.receive(&["OK"]);
    assert_eq!(stage.status(), "Connected as bob to localhost:5555");
    assert_eq!(stage.enter("/back"), Entered::Kept);
    assert!(stage.status().starts_with("You are not away"), "{}", stage.status());
}

#[test]
fn away_without_a_reason_is_away_all_the_same() {
    let mut stage = online();
    stage.enter("/away");
    assert_eq!(stage.sent(), ["AWAY away\n"], "without any words it would mean back");
    stage.receive(&["AWAY ann away"]);
    assert!(!stage.rows()[0].contains("away: away") && stage.rows()[0].starts_with("ann away"), "{:?}", stage.rows());
}

#[test]
fn a_reason_that_is_too_long_stays_in_the_entry() {
    let mut stage = online();
    assert_eq!(stage.enter(&format!("/away {}", "é".repeat(101))), Entered::Kept);
    assert!(stage.status().contains("2 bytes too long"), "{}", stage.status());
    assert!(stage.sent().is_empty() && stage.chat.people.own_away().is_none());
}

#[test]
fn whoever_does_nothing_for_long_is_away_until_the_next_key() {
    let mut stage = online();
    stage.set_privacy(|privacy| privacy.away_after = Some(60 * SECOND));
    stage.chat.record_activity(stage.now);
    stage.wait(59 * SECOND);
    assert!(stage.sent().is_empty());
    stage.wait(SECOND);
    assert_eq!(stage.sent(), ["AWAY idle\n"]);
    stage.receive(&["OK"]);
    stage.wait(600 * SECOND);
    assert!(stage.sent().is_empty(), "once is enough");
    stage.chat.record_activity(stage.now);
    assert_eq!(stage.sent(), ["AWAY\n"]);
}

#[test]
fn being_away_by_itself_can_be_turned_off() {
    let mut stage = online();
    stage.set_privacy(|privacy| privacy.away_after = None);
    stage.chat.record_activity(stage.now);
    stage.wait(100_000 * SECOND);
    assert!(stage.sent().is_empty());
}

#[test]
fn who_is_away_is_still_so_after_the_connection_was_lost() {
    let mut stage = online();
    stage.enter("/away lunch");
    stage.receive(&["OK"]);
    stage.end(ConnectionError::Closed);
    let mut stage = connect(stage.chat);
    stage.receive(&["HELLO bob"]);
    assert_eq!(stage.sent(), ["AWAY lunch\n"]);
}

#[test]
fn who_could_not_go_away_is_still_here() {
    let mut stage = online();
    stage.enter("/away lunch");
    stage.receive(&["ERR BAD_TEXT", "OK"]);
    assert!(stage.chat.people.own_away().is_none());
    assert!(stage.status().starts_with("Your status was not changed"), "{}", stage.status());
    stage.enter("/away tea");
    stage.receive(&["OK"]);
    stage.enter("/back");
    stage.receive(&["ERR BAD_TEXT", "OK"]);
    assert_eq!(stage.chat.people.own_away().map(|away| away.reason.as_str()), Some("tea"), "that is what others see");
}

#[test]
fn a_choice_that_is_taken_back_changes_nothing_later() {
    let mut stage = online();
    stage.set_privacy(|privacy| privacy.show_away = false);
    assert!(stage.status().starts_with("This changes"), "{}", stage.status());
    stage.set_privacy(|privacy| privacy.show_away = true);
    assert_eq!(stage.status(), "Connected as bob to localhost:5555");
}

#[test]
fn an_away_that_came_too_fast_is_told_again_and_takes_no_message_with_it() {
    let mut stage = online();
    stage.enter("/away lunch");
    stage.sent();
    stage.receive(&["ERR SLOW_DOWN 10"]);
    assert!(stage.say("hi"));
    stage.wait(SECOND);
    assert_eq!(stage.sent(), ["AWAY lunch\n"]);
    stage.receive(&["OK"]);
    assert_eq!(stage.sent(), ["MSG bob hi\n"]);
}

#[test]
fn an_away_that_came_too_fast_does_not_come_after_the_way_back() {
    let mut stage = online();
    stage.enter("/away lunch");
    stage.enter("/back");
    assert_eq!(stage.sent(), ["AWAY lunch\n", "AWAY\n"]);
    stage.receive_as_it_is(&["#1 ERR SLOW_DOWN 10", "#2 OK"]);
    stage.wait(SECOND);
    assert!(stage.sent().is_empty(), "others would see bob away, who is here");
    assert!(stage.say("hi"));
    assert_eq!(stage.sent(), ["MSG bob hi\n"]);
}

#[test]
fn who_types_is_shown_for_six_seconds_or_until_the_message_is_there() {
    let mut stage = online();
    stage.receive(&["HELLO carl", "TYPING ann", "TYPING carl"]);
    assert_eq!(stage.typing(), "ann and carl are typing …");
    stage.receive(&["MSG ann hi"]);
    assert_eq!(stage.typing(), "carl is typing …");
    stage.wait(Duration::from_millis(5999));
    assert_eq!(stage.typing(), "carl is typing …");
    stage.now += Duration::from_millis(1);
    assert!(stage.chat.tick(stage.now), "this has to be drawn");
    assert_eq!(stage.typing(), "");
    stage.receive(&["TYPING carl", "BYE carl"]);
    assert_eq!(stage.typing(), "");
    stage.receive(&["TYPING nobody"]);
    assert_eq!(stage.typing(), "", "who is not here does not type");
}

#[test]
fn who_types_to_us_alone_is_shown_in_that_talk() {
    let mut stage = online();
    stage.receive(&["TYPING ann bob"]);
    let ann = Whom::One("ann".into());
    assert_eq!((stage.typing(), stage.chat.people.typing_words(&ann)), (String::new(), "ann is typing …".into()));
    assert!(stage.chat.talks.take_requests().is_empty(), "no window opens for that");
    stage.receive(&["MSG ann to all"]);
    assert_ne!(stage.chat.people.typing_words(&ann), "");
    stage.receive(&["TELL ann there"]);
    assert_eq!(stage.chat.people.typing_words(&ann), "");
}

#[test]
fn typing_is_told_at_most_every_three_seconds_and_never_of_a_command() {
    let mut stage = online();
    assert_eq!(stage.types("h"), ["TYPING\n"]);
    assert!(stage.types("he").is_empty());
    stage.now += 3 * SECOND;
    for not_said in ["", "  ", "/away lun"] {
        assert!(stage.types(not_said).is_empty(), "{not_said:?}");
    }
    stage.chat.typed(&Whom::One("ann".into()), "//x", stage.now);
    assert_eq!(stage.sent(), ["TYPING ann\n"]);
    stage.now += 3 * SECOND;
    stage.chat.typed(&Whom::One("dora".into()), "x", stage.now);
    assert!(stage.sent().is_empty(), "nobody is there to be told");
}

#[test]
fn with_everything_off_nothing_is_told_or_asked_or_shown() {
    let mut stage = online();
    stage.set_privacy(|privacy| {
        *privacy = Privacy { tell_typing: false, show_typing: false, show_away: false, away_after: None };
    });
    assert!(stage.status().starts_with("This changes the next time you connect"));
    assert!(stage.types("hello").is_empty());
    stage.wait(100_000 * SECOND);
    assert!(stage.sent().is_empty());
    stage.receive(&["TYPING ann", "AWAY ann lunch"]);
    assert_eq!((stage.typing().as_str(), stage.rows()), ("", vec!["ann ".into(), "bob you".into()]));

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().into();
    stage.chat.connect(ConnectOptions::new(address, Username::parse("bob").unwrap()), stage.now);
    let mut hello = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(listener.accept().unwrap().0), &mut hello).unwrap();
    assert_eq!(hello, "HELLO bob stamp echo label deleted\n");
}

#[test]
fn a_command_that_nobody_knows_is_not_sent() {
    let mut stage = online();
    assert_eq!(stage.enter("/exit now"), Entered::Kept);
    assert!(stage.sent().is_empty());
    let status = stage.status();
    assert!(status.starts_with("Not sent: /exit is not a command. /help lists the commands"), "{status}");
    assert_eq!(stage.enter("//exit now"), Entered::Done);
    assert_eq!(stage.sent(), ["MSG bob /exit now\n"]);
}

#[test]
fn msg_tells_one_person_beside_the_present_talk_and_opens_it_without_a_text() {
    let mut stage = online();
    assert_eq!(stage.enter("/msg Ann psst  there"), Entered::Done);
    assert_eq!(stage.sent(), ["TELL ann psst  there\n"]);
    let talk = stage.chat.talks.id(&Whom::One("ann".into())).unwrap();
    assert_eq!(stage.chat.talks.take_requests(), [TalkRequest { talk, by_user: false }]);
    assert!(stage.status().starts_with("Sent to ann"), "{}", stage.status());
    let mood = |stage: &Stage| stage.chat.talks.get(&Whom::All).unwrap().remark_mood();
    assert_eq!(mood(&stage), Mood::Good, "that is no warning");
    assert_eq!(stage.enter("/msg nobody psst"), Entered::Kept);
    assert_eq!(mood(&stage), Mood::Warn);
    stage.receive(&["OK"]);
    assert_eq!(stage.enter("/msg ann"), Entered::Done);
    assert!(stage.sent().is_empty());
    assert_eq!(stage.chat.talks.take_requests(), [TalkRequest { talk, by_user: true }]);
    assert_eq!(stage.enter("/msg ann one more"), Entered::Done);
    stage.sent();
    stage.receive(&["ERR NO_SUCH_USER ann"]);
    assert!(stage.status().starts_with("Not sent: your text is in the talk with ann"), "{}", stage.status());
    assert!(stage.chat.has_unsent(&Whom::One("ann".into())));
    stage.chat.talks.take_requests();
    for (line, why) in [("/msg", "Add a name"), ("/msg dora hi", "dora is not here"), ("/msg bob x", "You")] {
        assert_eq!(stage.enter(line), Entered::Kept, "{line}");
        assert!(stage.status().starts_with(why), "{line}: {}", stage.status());
    }
    stage.receive(&["BYE ann"]);
    assert_eq!(stage.enter("/msg ann still there?"), Entered::Kept);
    assert!(stage.status().starts_with("Not sent: ann has left"), "{}", stage.status());
}

#[test]
fn who_help_clear_and_quit_are_for_this_program_alone() {
    let mut stage = online();
    stage.receive(&["AWAY ann lunch", "MSG ann hi"]);
    assert_eq!(stage.enter("/who"), Entered::Done);
    assert_eq!(stage.shown().last().unwrap(), "(2 are here: ann (away: lunch), bob (you))");
    let before = stage.shown();
    assert_eq!(stage.enter("/help"), Entered::ShowHelp);
    assert_eq!(stage.shown(), before, "the list is not in the talk");
    assert_eq!(stage.enter("/clear"), Entered::Done);
    assert!(stage.shown().is_empty());
    assert_eq!(stage.enter("/quit"), Entered::Quit);
    assert!(stage.sent().is_empty());
}

#[test]
fn me_says_what_the_user_does_in_a_way_that_every_client_shows() {
    let mut stage = online();
    assert_eq!(stage.enter("/me waves "), Entered::Done);
    assert_eq!(stage.sent(), ["MSG bob *waves*\n"]);
    assert_eq!(stage.enter("/me"), Entered::Kept);
    assert!(stage.status().starts_with("Add a text"), "{}", stage.status());
}

#[test]
fn a_text_of_several_lines_is_sent_line_by_line_or_not_at_all() {
    let mut stage = online();
    assert_eq!(stage.enter("look:\n```\nif x:\n\ty\n\n```"), Entered::Done);
    let mut sent = Vec::new();
    for line in ["look:", "```", "if x:", "    y", " ", "```"] {
        stage.wait(Duration::ZERO);
        sent.extend(stage.sent());
        stage.receive(&[&format!("MSG bob {line}")]);
    }
    let lines = ["look:", "```", "if x:", "    y", " ", "```"].map(|line| format!("MSG bob {line}\n"));
    assert_eq!(sent, lines);
    let too_many = "x\n".repeat(PENDING_MAX + 1);
    assert_eq!(stage.enter(&too_many), Entered::Kept);
    assert!(stage.sent().is_empty() && stage.pending().is_empty());
    assert!(stage.status().starts_with("Not sent: these are 101 messages, and only 100"), "{}", stage.status());
    // What is meant for one person must not reach all.
    assert_eq!(stage.enter("/msg ann psst\nthere"), Entered::Kept);
    assert!(stage.sent().is_empty());
    assert!(stage.status().starts_with("Not sent: a command is one line"), "{}", stage.status());
}

#[test]
fn a_command_in_a_private_talk_answers_there() {
    let mut stage = online();
    let ann = stage.chat.open_conversation("ann").unwrap();
    stage.chat.enter(&ann, "/who");
    assert_eq!(stage.shown_in(&ann), ["(2 are here: ann, bob (you))"]);
    assert_eq!(stage.chat.enter(&ann, "/nonsense"), Entered::Kept);
    assert!(stage.chat.status_of(&ann, &Clock::utc()).1.starts_with("Not sent"));
    assert!(!stage.status().contains("nonsense"));
}
