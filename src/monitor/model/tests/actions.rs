//! Tests of the questions and the results of actions.

use super::*;

/// Asks whether to ban the marked client.
fn ask_ban(model: &mut Model) {
    let question = ban(&model.clients, [0, 0]).unwrap();
    model.actions_mut().ask(question);
}

#[test]
fn a_question_is_about_the_marked_client_even_when_rows_move_or_it_leaves() {
    let mut model = running(vec![client(1, "ann"), client(2, "ben")]);
    assert_eq!(model.clients.subject(), None, "nobody is marked");
    model.clients.mark(1);
    ask_ban(&mut model);
    model.apply_snapshot(snapshot(vec![client(3, "carl")]));
    assert_eq!(model.actions().pending().map(|question| question.title.as_str()), Some("Ban ben"));
    assert_eq!(model.clients.subject(), None, "nobody is marked now");
    match model.confirm("") {
        Some(Command::Action(Action::Ban(bans))) => {
            assert_eq!(bans[0].target, BanTarget::Name(Username::parse("ben").unwrap()));
        }
        _ => panic!("not a ban"),
    }
}

#[test]
fn nothing_is_done_before_the_question_is_answered_and_another_choice_is_the_same_question() {
    let mut model = running(vec![client(1, "ann"), client(2, "ben")]);
    assert!(model.confirm("").is_none());
    model.clients.mark(0);
    ask_ban(&mut model);
    let version = model.actions().version();
    let note = |model: &Model| model.actions().note().map(|(level, text)| (level, text.to_owned())).unwrap();
    assert_eq!(note(&model), (Mood::Idle, "This bans ann, and names that look like it, for 10 minutes".into()));
    model.actions_mut().choose([1, 0]);
    let text = "This bans everyone from 192.168.1.7 (2 people now) for 10 minutes";
    assert_eq!(note(&model), (Mood::Idle, text.into()));
    model.actions_mut().choose([1, 3]);
    assert_eq!(note(&model).0, Mood::Error);
    assert_eq!(model.actions().version(), version);
    model.actions_mut().cancel();
    assert!(model.confirm("").is_none() && model.actions().note().is_none());
    assert_ne!(model.actions().version(), version);
}

#[test]
fn the_outcome_of_an_action_is_shown_and_logged() {
    let mut model = running(vec![]);
    let done = |action, outcome| Reply::ActionDone { at: NOW, action, outcome };
    model.apply_reply(&done(Action::Announce("a\u{202e}b".into()), Ok("Announced to everyone".into())));
    assert_eq!(model.actions().note(), Some((Mood::Good, "Announced to everyone")));
    model.apply_reply(&done(Action::Announce("c".into()), Err("Not running".into())));
    assert_eq!(model.actions().note(), Some((Mood::Error, "Not running")));
    assert_eq!(log_texts(&model), ["operator: announced: a<U+202E>b", "operator: Not running"]);
}

#[test]
fn a_server_that_stops_takes_its_bans_and_its_questions_with_it() {
    let mut model = running(vec![client(1, "ann")]);
    model.clients.mark(0);
    ask_ban(&mut model);
    model
        .apply_reply(&Reply::Bans(vec![Ban { target: BanTarget::Name(Username::parse("ben").unwrap()), until: None }]));
    assert_eq!(model.bans.len(), 1);
    model.apply_reply(&Reply::Stopped);
    assert_eq!((model.bans.len(), model.actions().pending().is_some()), (0, false));
}
