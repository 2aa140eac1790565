//! Ignoring people: nothing of theirs is shown, counted or announced here, and nothing of it is lost.

use crate::chat::state::tests::*;

impl Stage {
    /// Returns the treatment of each entry of a conversation: `+` shows, `.` folds, `-` leaves out.
    fn treated(&self, whom: &Whom) -> String {
        let names = self.chat.ignored.of(whom);
        let log = &self.chat.talks.get(whom).unwrap().log;
        let treated = log.since(log.first()).filter(|entry| !matches!(entry.kind, Kind::Notice(_)));
        treated
            .map(|entry| match names.treatment(entry) {
                Treatment::Show => '+',
                Treatment::Fold => '.',
                Treatment::LeaveOut => '-',
            })
            .collect()
    }

    fn ignore(&mut self, word: &str) -> String {
        let (Ok(remark) | Err(remark)) = self.chat.ignore(word);
        remark
    }
}

fn ann() -> Whom {
    Whom::One("ann".into())
}

#[test]
fn what_somebody_ignored_says_is_folded_and_is_all_there_again_when_they_are_not() {
    let mut stage = online();
    stage.receive(&["MSG ann before", "MSG carl hi"]);
    assert_eq!(stage.ignore("ANN"), "You ignore ann. To undo it, see Ignored people in the menu");
    stage.receive(&["MSG ann one", "BYE ann", "HELLO ann", "MSG server lunch", "MSG bob hello"]);
    assert_eq!(stage.treated(&Whom::All), ".+.--++");
    let version = stage.chat.ignored.version();
    assert_eq!(stage.chat.unignore("ann"), Ok("You no longer ignore ann".into()));
    assert_ne!(stage.chat.ignored.version(), version, "a view draws anew");
    assert_eq!(stage.treated(&Whom::All), "+++++++");
    assert_eq!(stage.chat.unignore("ann"), Err("You do not ignore ann".into()));
}

#[test]
fn no_other_spelling_and_no_lookalike_gets_round_it() {
    let mut stage = online();
    stage.ignore("ann");
    for name in ["ann", "Ann", "ANN", "ａｎｎ", "\u{430}nn"] {
        assert!(stage.chat.ignored.hides(name), "{name}");
        assert!(stage.ignore(name).starts_with("You already ignore "));
    }
    for name in ["anna", "ben", "server", "bob"] {
        assert!(!stage.chat.ignored.hides(name), "{name}");
    }
}

#[test]
fn what_they_say_in_private_is_kept_and_neither_counted_nor_shown_by_a_window() {
    let mut stage = online();
    stage.receive(&["TELL ann unread"]);
    stage.chat.talks.take_requests();
    stage.ignore("ann");
    stage.receive(&["TELL ann psst", "HELLO carl"]);
    stage.ignore("carl");
    stage.receive(&["TELL carl psst"]);
    assert!(stage.chat.talks.take_requests().is_empty());
    let carl = Whom::One("carl".into());
    for whom in [&ann(), &carl] {
        assert_eq!(stage.chat.talks.get(whom).unwrap().unread, 0);
    }
    assert_eq!((stage.treated(&ann()).as_str(), stage.treated(&carl).as_str()), ("..", "."));
    assert_eq!(stage.shown_in(&carl), ["carl: psst"], "it is there when it is wanted");
    assert_eq!(stage.chat.open_conversation("carl"), Ok(carl));
}

#[test]
fn nobody_is_alerted_and_nobody_is_seen_to_type() {
    let mut stage = online();
    stage.receive(&["TYPING ann"]);
    stage.ignore("ann");
    stage.receive(&["TYPING ann", "MSG ann bob?", "TELL ann bob?", "MSG carl hi"]);
    assert!(stage.chat.alerts.due(stage.now).is_empty());
    assert_eq!(stage.chat.people.typing_words(&Whom::All), "");
    let mut tracker = UnreadTracker::default();
    let (chat, room) = (&stage.chat, &stage.chat.talks.room().log);
    let first = room.end() - 1;
    tracker.notice(room, chat.ignored.of(&Whom::All), "bob", false);
    assert_eq!(tracker.mentions(), 0, "the mention is not counted");
    assert_eq!(tracker.first_new, Some(first), "what carl says is new");
}

#[test]
fn what_is_found_leaves_them_out_and_says_so() {
    let mut stage = online();
    let found = |stage: &Stage| {
        let search = stage.chat.backfill.search();
        (search.hits.iter().map(|hit| hit.from.clone()).collect::<Vec<_>>(), search.in_words())
    };
    stage.ignore("carl");
    stage.chat.search("tea");
    stage.wait(Duration::from_secs(1));
    stage.receive(&["@3 FOUND ann tea", "@4 FOUND carl tea", "END FIND"]);
    let words = "1 message with tea: Enter or a double click shows it; 1 of people you ignore is not listed";
    assert_eq!(found(&stage), (vec!["ann".into()], words.into()));
    stage.ignore("ann");
    let words = "No messages contain tea; 2 of people you ignore are not listed";
    assert_eq!(found(&stage), (vec![], words.into()));
}

#[test]
fn who_cannot_be_ignored_is_told_apart_with_the_reason() {
    assert_eq!(Chat::default().ignore("ann"), Err("Connect first: people are ignored on one server".into()));
    let mut stage = online();
    for (word, why) in [
        ("bob", "You cannot ignore yourself"),
        ("B0B", "You cannot ignore yourself"),
        ("server", "Announcements of the operator cannot be ignored"),
        ("no name", "no name is not a name"),
        ("", "Write the name of the person to ignore"),
    ] {
        assert_eq!(stage.chat.ignore(word), Err(why.into()));
    }
    assert!(stage.ignore("dora").starts_with("You ignore dora, who is not here now."));
}

#[test]
fn the_list_belongs_to_its_server_and_is_remembered() {
    let mut stage = online();
    stage.ignore("ann");
    stage.ignore("Zoë");
    let kept: Vec<_> = stage.chat.ignored.settings().collect();
    assert_eq!(kept, [("ignored_on localhost:5555".to_owned(), "ann Zoë".to_owned())]);
    stage.receive(&["TELL ann psst"]);
    let mut stage = connect_to(stage.chat, "elsewhere");
    stage.receive(&["HELLO ann", "HELLO bob"]);
    assert!(!stage.chat.ignored.hides("ann"), "another ann");
    let there = Whom::OnOtherServer("localhost".parse().unwrap(), "ann".into());
    assert_eq!(stage.treated(&there), ".");

    let mut chat = Chat::default();
    let restored = kept.iter().map(|(key, names)| (key.strip_prefix(IGNORED_ON).unwrap(), names));
    restored.for_each(|(server, names)| chat.ignored.restore(server, names));
    let mut stage = connect_to(chat, "LOCALHOST");
    stage.receive(&["HELLO bob"]);
    assert_eq!(stage.chat.ignored.of(&Whom::All).names().collect::<Vec<_>>(), ["ann", "Zoë"]);
    assert!(stage.chat.unignore("ann").is_ok() && stage.chat.unignore("zoë").is_ok());
    let kept: Vec<_> = stage.chat.ignored.settings().collect();
    assert_eq!(kept, [("ignored_on localhost:5555".to_owned(), String::new())], "which removes the key");
}

#[test]
fn whoever_takes_the_name_that_they_ignored_sees_themselves() {
    let mut chat = Chat::default();
    chat.ignored.restore("localhost:5555", "BOB ann");
    let stage = connect(chat);
    assert!(!stage.chat.ignored.hides("bob") && stage.chat.ignored.hides("ann"));
}
