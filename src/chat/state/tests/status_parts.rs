//! The status line: no remark outlives its cause, and a server that does not answer is not shown as one that does.

use crate::chat::state::tests::*;
use crate::clock::stamp_now;

fn ann() -> Whom {
    Whom::One("ann".into())
}

fn status_with_ann(stage: &Stage) -> String {
    stage.chat.status_of(&ann(), &Clock::utc()).1
}

#[test]
fn why_something_was_not_sent_is_of_the_past_when_there_is_a_connection_again() {
    let mut stage = online();
    stage.chat.open_conversation("ann").unwrap();
    stage.end(ConnectionError::Closed);
    assert!(!stage.chat.send(&ann(), "hello?"));
    assert!(status_with_ann(&stage).starts_with("Not sent: you are not connected"), "{}", status_with_ann(&stage));
    let mut stage = connect(stage.chat);
    // Ann has not come back, so it is not her joining that clears the remark.
    stage.receive(&["HELLO bob"]);
    assert_eq!(status_with_ann(&stage), "ann has left");
}

#[test]
fn why_an_entry_was_not_sent_goes_with_its_text() {
    let mut stage = online();
    let connected = "Connected as bob to localhost:5555";
    let too_long = "x".repeat(5000);
    for (line, why) in [("/exit", "Not sent: /exit is not a command"), (&too_long, "Not sent: 9")] {
        for corrected in ["/who", ""] {
            assert_eq!(stage.chat.enter(&Whom::All, line), Entered::Kept);
            stage.chat.typed(&Whom::All, line, stage.now);
            assert!(stage.status().starts_with(why), "the text still stands there: {}", stage.status());
            assert!(stage.chat.typed(&Whom::All, corrected, stage.now), "this has to be drawn");
            assert_eq!(stage.status(), connected);
        }
    }
    assert_eq!(stage.chat.enter(&Whom::All, "/register secret"), Entered::Dropped);
    assert!(stage.status().starts_with("Do not type a password here"), "{}", stage.status());
    stage.chat.typed(&Whom::All, "h", stage.now);
    assert_eq!(stage.status(), connected);
    // The text stands where it was typed, and not where it was to go.
    stage.chat.open_conversation("ann").unwrap();
    assert_eq!(stage.chat.enter(&Whom::All, &format!("/msg ann {too_long}")), Entered::Kept);
    assert!(stage.status().starts_with("Not sent: 9"), "{}", stage.status());
    assert_eq!(status_with_ann(&stage), "ann is here");
    // Several pasted lines are no text of the entry, and their refusal goes with the question about them.
    assert!(!stage.chat.send_all(&ann(), &vec![String::from("x"); PENDING_MAX + 1]));
    assert!(status_with_ann(&stage).starts_with("Not sent: these are 101 messages"), "{}", status_with_ann(&stage));
    stage.chat.talks.entry_changed(&ann(), "");
    assert_eq!(status_with_ann(&stage), "ann is here");
}

#[test]
fn a_remark_that_is_not_about_the_entry_outlives_its_text() {
    let mut stage = online();
    stage.chat.set_privacy(Privacy { show_away: false, ..stage.chat.people.privacy() });
    let changes = "This changes the next time you connect";
    assert!(stage.status().starts_with(changes), "{}", stage.status());
    stage.chat.enter(&Whom::All, "/exit");
    assert!(stage.status().starts_with("Not sent"), "{}", stage.status());
    stage.chat.typed(&Whom::All, "h", stage.now);
    assert!(stage.status().starts_with(changes), "{}", stage.status());
    stage.chat.enter(&Whom::All, "/exit");
    stage.chat.talks.remark("Something newer");
    assert!(stage.status().starts_with("Something newer"), "{}", stage.status());
    stage.chat.enter(&Whom::All, "/who");
    assert_eq!(stage.status(), "Connected as bob to localhost:5555");
}

#[test]
fn a_name_that_is_registered_clears_only_what_was_said_about_that() {
    let mut stage = online();
    stage.encrypted();
    stage.chat.register("correct horse", "correct horse").unwrap();
    stage.chat.talks.remark("Something newer");
    stage.receive(&["REGISTERED bob"]);
    assert!(stage.status().starts_with("Something newer"), "{}", stage.status());
    stage.chat.register("correct horse", "correct horse").unwrap();
    stage.receive(&["REGISTERED bob"]);
    assert_eq!(stage.status(), "Connected as bob to localhost:5555");
}

#[test]
fn a_lost_connection_ends_what_was_said_about_it() {
    let mut stage = online();
    stage.encrypted();
    stage.chat.register("correct horse", "correct horse").unwrap();
    assert!(stage.status().starts_with("Registering the name bob"), "{}", stage.status());
    stage.end(ConnectionError::Closed);
    assert!(stage.status().starts_with("Trying again"), "{}", stage.status());
}

#[test]
fn that_nothing_more_can_wait_is_of_the_past_when_something_is_answered() {
    let mut stage = online();
    while stage.say("anybody?") {
        stage.sent();
    }
    assert!(stage.status().contains("has not answered the last"), "{}", stage.status());
    stage.receive(&["MSG bob anybody?"]);
    assert!(!stage.status().contains("has not answered the last"), "{}", stage.status());
}

#[test]
fn that_somebody_is_not_here_is_of_the_past_when_they_come() {
    let mut stage = online();
    assert_eq!(stage.chat.enter(&Whom::All, "/msg dora psst"), Entered::Kept);
    assert!(stage.status().starts_with("dora is not here"), "{}", stage.status());
    stage.receive(&["HELLO dora"]);
    assert_eq!(stage.status(), "Connected as bob to localhost:5555");
}

#[test]
fn an_old_error_is_not_appended_to_a_new_one() {
    let mut stage = connecting();
    stage.receive(&["ERR USERNAME_TAKEN bob"]);
    stage.end(ConnectionError::Closed);
    assert!(stage.status().starts_with("Refused"), "{}", stage.status());
    assert_eq!(stage.chat.link.failure(), Some((InvalidField::Name, "the name bob is taken: choose another")));
    stage.chat.link.forget_last_end();
    assert_eq!(stage.status(), "Not connected");
    assert_eq!(stage.chat.link.failure(), None);
    assert!(stage.chat.link.trust_prompt().is_none());
}

#[test]
fn a_server_that_does_not_answer_is_not_green() {
    let mut stage = online();
    stage.chat.open_conversation("ann").unwrap();
    stage.wait(Duration::from_mins(1));
    assert_eq!(stage.chat.status().0, Mood::Good, "nobody has asked it anything");
    stage.say("anybody?");
    stage.wait(Duration::from_secs(2));
    stage.say("hello?");
    stage.wait(Duration::from_secs(2));
    assert_eq!(stage.chat.status().0, Mood::Good);
    stage.wait(Duration::from_secs(8));
    let begins = "The server has not answered for 12 s. ";
    for (mood, words) in [stage.chat.status(), stage.chat.status_of(&ann(), &Clock::utc())] {
        assert!(mood == Mood::Warn && words.starts_with(begins), "{mood:?} {words}");
    }
    stage.receive(&["MSG bob anybody?"]);
    assert!(stage.status().starts_with("The server has not answered for 10 s. "), "{}", stage.status());
    stage.receive(&["MSG bob hello?"]);
    assert_eq!(stage.chat.status(), (Mood::Good, "Connected as bob to localhost:5555".into()));
    // A private message, and one that must wait and is sent again.
    stage.chat.send(&ann(), "psst");
    stage.wait(Duration::from_secs(6));
    assert!(
        status_with_ann(&stage).starts_with("The server has not answered for 6 s. "),
        "{}",
        status_with_ann(&stage)
    );
    stage.receive(&["OK"]);
    stage.say("fast");
    stage.receive(&["ERR SLOW_DOWN 20000"]);
    stage.wait(Duration::from_secs(19));
    assert!(!stage.status().contains("not answered"), "{}", stage.status());
}

#[test]
fn the_seconds_without_an_answer_are_counted_on_the_screen() {
    let mut stage = online();
    stage.say("anybody?");
    stage.wait(Duration::from_secs(6));
    stage.now += Duration::from_secs(1);
    assert!(stage.chat.tick(stage.now), "there is something new to be drawn");
    assert!(!stage.chat.tick(stage.now));
}

#[test]
fn a_wrong_clock_here_mixes_no_times_in_a_talk() {
    for hours in [-30, 30] {
        let mut stage = connecting();
        let at = |seconds: i64| {
            let micros = (hours * 3600 + seconds) * 1_000_000;
            stamp_now().checked_add_signed(micros).unwrap()
        };
        stage.receive(&["HELLO ann", &format!("@{} HELLO bob", at(0)), &format!("@{} TELL ann hi", at(1))]);
        stage.chat.send(&ann(), "hi yourself");
        stage.receive(&["OK"]);
        stage.receive(&[&format!("@{} TELL ann bye", at(2))]);
        stage.end(ConnectionError::Closed);
        for whom in [Whom::All, ann()] {
            let entries: Vec<_> = stage.chat.talks.get(&whom).unwrap().log.since(0).cloned().collect();
            assert!(!entries.is_empty());
            for entry in entries {
                let off = entry.at.unwrap().abs_diff(at(0));
                assert!(off < 60_000_000, "{hours} hours: {entry:?} is {off} us away");
            }
        }
    }
}

#[test]
fn the_main_window_shows_the_connection_whatever_talk_it_shows() {
    let mut stage = online();
    stage.receive(&["TELL ann psst"]);
    let parts = |stage: &Stage| stage.chat.status_parts_in_main(&ann(), &Clock::utc());
    let connected = "Connected as bob to localhost:5555";
    let about = |stage: &Stage| parts(stage).about.unwrap();
    assert_eq!((parts(&stage).state.as_str(), about(&stage).as_str()), (connected, "Private talk with ann"));
    stage.receive(&["BYE ann"]);
    assert_eq!((parts(&stage).state.as_str(), about(&stage).as_str()), (connected, "ann has left"));
    assert!(!stage.chat.send(&ann(), "wait"));
    let why = parts(&stage).remark.unwrap();
    assert!(why.starts_with("Not sent: ann has left"), "{why}");
    stage.end(ConnectionError::Closed);
    assert!(parts(&stage).state.contains("Connection lost"), "{:?}", parts(&stage));
    assert_eq!(about(&stage), "Private talk with ann", "the status line says once that it is lost");
}

#[test]
fn an_outcome_stands_in_the_talk_where_it_arose_and_goes_after_some_seconds() {
    let mut stage = online();
    stage.receive(&["TELL ann psst"]);
    let remark = |stage: &Stage, whom: &Whom| stage.chat.status_parts_in_main(whom, &Clock::utc()).remark;
    stage.chat.talks.remark("Said to everybody");
    assert_eq!((remark(&stage, &Whom::All).as_deref(), remark(&stage, &ann())), (Some("Said to everybody"), None));
    let talk = stage.chat.talk_rows(&())[1].talk;
    stage.chat.talks.set_front(talk);
    stage.chat.talks.remark("Said to ann");
    assert_eq!(remark(&stage, &ann()).as_deref(), Some("Said to ann"));
    assert_eq!(remark(&stage, &Whom::All).as_deref(), Some("Said to everybody"));
    stage.wait(Duration::from_secs(1));
    stage.wait(Duration::from_secs(14));
    assert!(remark(&stage, &ann()).is_some());
    stage.now += Duration::from_secs(1);
    assert!(stage.chat.tick(stage.now), "this has to be drawn");
    assert_eq!((remark(&stage, &Whom::All), remark(&stage, &ann())), (None, None));
}

#[test]
fn why_a_text_came_back_stays_until_the_next_action() {
    let mut stage = online();
    stage.say("anybody?");
    stage.receive(&["ERR TOO_LONG"]);
    let why = stage.status();
    assert!(stage.chat.talks.room().remark().is_some(), "{why}");
    stage.wait(Duration::from_secs(1));
    stage.wait(Duration::from_mins(2));
    assert_eq!(stage.status(), why);
}
