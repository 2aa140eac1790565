//! Tests of the alerts: which messages cause one, how they are coalesced, and when there is silence.

use super::*;

const ROOM: TalkId = TalkId::ROOM;
const ANN: TalkId = TalkId::from_number(1);
const BEN: TalkId = TalkId::from_number(2);
const CLEO: TalkId = TalkId::from_number(3);

fn summary(alert: &Alert) -> &str {
    alert.notification.as_ref().map_or("", |(summary, _)| summary)
}

#[test]
fn each_part_is_for_the_messages_that_were_chosen() {
    use AlertOn::{All, Mentions, Nothing};
    for (choice, told) in [(Mentions, [true, true, false]), (All, [true; 3]), (Nothing, [false; 3])] {
        for (reason, told) in [Reason::Private, Reason::Mention, Reason::Other].into_iter().zip(told) {
            let off = AlertSettings { urgency: Nothing, notification: Nothing, sound: Nothing, shows_text: false };
            for settings in [
                AlertSettings { urgency: choice, ..off },
                AlertSettings { notification: choice, ..off },
                AlertSettings { sound: choice, ..off },
            ] {
                let mut alerts = Alerts { settings, ..Alerts::default() };
                alerts.heard(ANN, None, "ann", "hello", reason);
                let due = alerts.due(Instant::now());
                assert_eq!(due.len(), usize::from(told), "{settings:?} {reason:?}");
                for alert in due {
                    let parts = [alert.urgent, alert.notification.is_some(), alert.sound];
                    let wanted = [settings.urgency, settings.notification, settings.sound].map(|on| on == choice);
                    assert_eq!(parts, wanted, "{settings:?}");
                }
            }
        }
    }
}

#[test]
fn a_conversation_alerts_once_a_second_and_counts() {
    let (mut alerts, now) = (Alerts::default(), Instant::now());
    alerts.heard(ANN, None, "ann", "one", Reason::Private);
    let first = alerts.due(now);
    assert_eq!(first.iter().map(summary).collect::<Vec<_>>(), ["New message from ann"]);
    alerts.heard(ANN, None, "ann", "two", Reason::Private);
    alerts.heard(ANN, None, "ann", "three", Reason::Private);
    alerts.heard(BEN, None, "ben", "hello", Reason::Private);
    let other = alerts.due(now + INTERVAL / 2);
    assert_eq!(other.iter().map(summary).collect::<Vec<_>>(), ["New message from ben"]);
    let later = alerts.due(now + INTERVAL);
    assert_eq!(later.iter().map(summary).collect::<Vec<_>>(), ["3 new messages from ann"]);
    assert_eq!([first[0].talk, other[0].talk, later[0].talk], [ANN, BEN, ANN]);
    assert!(alerts.due(now + 10 * INTERVAL).is_empty(), "there is nothing new");
}

#[test]
fn there_is_silence_about_what_is_in_front() {
    let (mut alerts, now) = (Alerts::default(), Instant::now());
    alerts.look_at(vec![ANN]);
    alerts.heard(ANN, None, "ann", "one", Reason::Private);
    assert!(alerts.due(now).is_empty());
    alerts.heard(ROOM, None, "ann", "bob!", Reason::Mention);
    alerts.heard(CLEO, None, "cleo", "x", Reason::Private);
    assert_eq!(alerts.due(now).len(), 2, "two other conversations");
    // What comes in the tick in which the user comes is seen, too.
    alerts.heard(BEN, None, "ben", "one", Reason::Private);
    alerts.look_at(vec![BEN]);
    assert!(alerts.due(now).is_empty());
    alerts.look_at(vec![]);
    alerts.heard(ANN, None, "ann", "two", Reason::Private);
    assert_eq!(alerts.due(now).iter().map(summary).collect::<Vec<_>>(), ["New message from ann"]);
}

#[test]
fn a_look_makes_the_notification_outdated_and_the_count_begins_anew() {
    let (mut alerts, now) = (Alerts::default(), Instant::now());
    alerts.heard(ROOM, None, "ann", "bob?", Reason::Mention);
    assert_eq!(alerts.due(now)[0].talk, ROOM);
    alerts.look_at(vec![ROOM]);
    assert_eq!(alerts.take_outdated(), [ROOM]);
    alerts.look_at(vec![]);
    alerts.heard(ROOM, None, "ann", "bob!", Reason::Mention);
    assert_eq!(alerts.due(now).iter().map(summary).collect::<Vec<_>>(), ["ann mentioned you"]);
    assert!(alerts.take_outdated().is_empty());
}

#[test]
fn the_text_is_shown_if_the_user_allows_it() {
    let mut alerts = Alerts::default();
    let now = Instant::now();
    alerts.heard(ANN, None, "ann", "secret", Reason::Private);
    assert_eq!(alerts.due(now)[0].notification, Some(("New message from ann".into(), String::new())));
    alerts.set_settings(AlertSettings { shows_text: true, ..alerts.settings() });
    alerts.heard(BEN, None, "ben", &"é".repeat(300), Reason::Private);
    assert_eq!(alerts.due(now)[0].notification, Some(("New message from ben".into(), "é".repeat(TEXT_MAX))));
}

#[test]
fn messages_of_which_no_notification_tells_are_not_counted() {
    let (mut alerts, now) = (Alerts::default(), Instant::now());
    alerts.set_settings(AlertSettings { urgency: AlertOn::All, ..alerts.settings() });
    alerts.heard(ROOM, None, "ann", "hello", Reason::Other);
    let due = alerts.due(now);
    assert_eq!((due[0].urgent, summary(&due[0])), (true, ""));
    alerts.heard(ROOM, None, "ann", "bob?", Reason::Mention);
    assert_eq!(alerts.due(now + INTERVAL).iter().map(summary).collect::<Vec<_>>(), ["ann mentioned you"]);
}

#[test]
fn there_is_an_end_to_what_strangers_can_make_the_program_count() {
    let (mut alerts, now) = (Alerts::default(), Instant::now());
    for at in 0..2 * TALKS_MAX as u64 {
        alerts.heard(TalkId::from_number(at), None, "u", "hello", Reason::Private);
    }
    assert_eq!(alerts.due(now).len(), TALKS_MAX);
    assert_eq!(alerts.take_outdated().len(), TALKS_MAX);
}
