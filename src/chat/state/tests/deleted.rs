//! Deleted messages: their texts are gone from every place that shows or keeps them.

use crate::chat::state::deleted::DELETED;
use crate::chat::state::tests::*;

/// Returns what the window shows of the notifications that are due.
fn told(stage: &mut Stage) -> Vec<(String, String)> {
    stage.now += Duration::from_secs(1);
    stage.chat.alerts.due(stage.now).into_iter().filter_map(|alert| alert.notification).collect()
}

#[test]
fn the_text_of_a_deleted_message_is_gone_and_everything_stays_in_its_place() {
    let mut stage = online();
    stage.receive(&["@5 MSG ann insult", "@6 MSG server rules", "@7 MSG ann hello"]);
    let end = stage.chat.talks.room().log.end();
    stage.chat.talks.take_splices(&Whom::All);
    stage.receive(&["DELETED 5", "DELETED 6", "DELETED 99"]);
    assert_eq!(stage.said(), ["deleted ann", "deleted ", "ann: hello"]);
    let splices = stage.chat.talks.take_splices(&Whom::All);
    assert_eq!(splices, [Splice { before: end - 1, removed: 2, inserted: 2 }]);
    assert_eq!(
        [end - 4, end - 3, end - 2, end - 1].map(|at| splices[0].moved(at)),
        [end - 4, end - 3, end - 2, end - 1]
    );
    // A second time there is nothing to do.
    stage.receive(&["DELETED 5"]);
    assert!(stage.chat.talks.take_splices(&Whom::All).is_empty());
}

#[test]
fn a_message_and_its_deletion_in_one_read_leave_no_text() {
    let mut stage = online();
    stage.receive(&["@5 MSG ann insult", "DELETED 5"]);
    assert_eq!(stage.said(), ["deleted ann"]);
}

#[test]
fn a_message_of_the_user_that_is_deleted_right_after_its_echo_is_gone() {
    let mut stage = online();
    assert!(stage.say("mine"));
    stage.receive(&["@5 MSG bob mine", "DELETED 5"]);
    assert_eq!(stage.said(), ["deleted bob"]);
    assert_eq!(stage.chat.outgoing.pending(&Whom::All).count(), 0);
}

#[test]
fn private_messages_and_those_of_another_server_are_not_concerned() {
    let mut stage = online();
    stage.receive(&["@5 MSG ann here", "@6 TELL ann psst"]);
    stage.end(ConnectionError::Closed);
    let mut stage = connect_to(std::mem::take(&mut stage.chat), "elsewhere");
    stage.receive(&["HELLO bob", "@7 MSG ann there", "DELETED 5", "DELETED 6", "DELETED 7"]);
    assert_eq!(stage.said().iter().filter(|line| line.contains(": ")).count(), 0, "{:?}", stage.said());
    let here = stage.shown_in(&Whom::AllOnOtherServer("localhost".parse().unwrap()));
    assert!(here.contains(&"ann: here".to_owned()), "{here:?}");
    let mut stage = online();
    stage.receive(&["@6 TELL ann psst", "DELETED 6"]);
    assert_eq!(stage.shown_in(&Whom::One("ann".into())), ["ann: psst"]);
}

#[test]
fn a_deleted_message_is_counted_and_announced_no_longer() {
    let mut stage = online();
    let alerts = AlertSettings { shows_text: true, notification: AlertOn::All, ..AlertSettings::default() };
    stage.chat.alerts.set_settings(alerts);
    let mut tracker = UnreadTracker::default();
    let look_away = |tracker: &mut UnreadTracker, stage: &mut Stage| {
        stage.chat.talks.take_splices(&Whom::All).iter().for_each(|splice| tracker.splice(splice));
        tracker.notice(&stage.chat.talks.room().log, &IgnoredNames::default(), "bob", false);
        (tracker.unread(), tracker.mentions())
    };
    look_away(&mut tracker, &mut stage);
    look_away(&mut tracker, &mut stage);
    stage.receive(&["@5 MSG ann one", "@6 MSG ann bob is stupid"]);
    assert_eq!(look_away(&mut tracker, &mut stage), (2, 1));
    assert_eq!(told(&mut stage), [("ann mentioned you (2 new messages)".into(), "bob is stupid".into())]);
    stage.receive(&["DELETED 6"]);
    assert_eq!(look_away(&mut tracker, &mut stage), (1, 0));
    assert_eq!(stage.chat.alerts.take_outdated(), [TalkId::ROOM], "the notification is withdrawn");
    stage.receive(&["@7 MSG cleo two", "@8 MSG ann three", "DELETED 8"]);
    assert_eq!(told(&mut stage), [], "what was to be shown is not");
    stage.receive(&["@9 MSG cleo four"]);
    assert_eq!(told(&mut stage), [("3 new messages, the last one from cleo".into(), "four".into())]);
    assert_eq!(look_away(&mut tracker, &mut stage), (3, 0));
    stage.receive(&["DELETED 5", "DELETED 7", "DELETED 9"]);
    assert_eq!((look_away(&mut tracker, &mut stage), tracker.first_new), ((0, 0), None));
}

#[test]
fn what_was_found_and_what_is_being_received_loses_its_text() {
    let mut stage = online();
    stage.receive(&["@50 MSG ann live"]);
    stage.chat.search("insult");
    stage.wait(Duration::from_secs(1));
    stage.receive(&["@5 FOUND ann insult one", "@6 FOUND ann insult two", "DELETED 5", "END FIND"]);
    let excerpts =
        |stage: &Stage| stage.chat.backfill.search().hits.iter().map(|hit| hit.excerpt.clone()).collect::<Vec<_>>();
    assert_eq!(excerpts(&stage), [DELETED, "insult two"]);
    let version = stage.chat.backfill.search().version;
    stage.receive(&["DELETED 6"]);
    assert_eq!(excerpts(&stage), [DELETED; 2]);
    assert!(stage.chat.backfill.search().version > version);

    let (first, end) = (stage.chat.talks.room().log.first(), stage.chat.talks.room().log.end());
    stage.chat.scrolled_up(first, end);
    stage.wait(Duration::from_secs(1));
    assert_eq!(stage.sent(), ["FIND insult\n", "PAST 50 100\n"]);
    // Read before the deletion, queued by the server before DELETED, and not complete yet.
    stage.receive(&["@5 PAST ann insult one", "@7 PAST ann hello", "DELETED 5"]);
    stage.receive(&["END PAST"]);
    let log = &stage.chat.talks.room().log;
    let deleted: Vec<_> = log.since(Position::MIN).filter(|entry| matches!(entry.kind, Kind::Deleted { .. })).collect();
    assert_eq!(deleted, [&Entry { at: Some(5), kind: Kind::Deleted { from: "ann".into() } }]);
    assert!(log.since(Position::MIN).any(|entry| entry.at == Some(7)), "the answer was not taken");
}

#[test]
fn a_deleted_message_of_somebody_who_is_ignored_stays_folded() {
    let mut names = IgnoredNames::default();
    names.add("ann");
    let entry = Entry { at: Some(5), kind: Kind::Deleted { from: "Ann".into() } };
    assert_eq!(names.treatment(&entry), Treatment::Fold);
}
