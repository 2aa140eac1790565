//! Searches in a page that goes on.

use super::*;
use crate::chat::render::page::Reader;
use crate::chat::state::talks::message_log::{Entry, Kind, MessageLog, SETTLED_MAX};
use crate::chat::state::{IgnoredNames, Joins};
use crate::clock::Clock;

struct Stage {
    log: MessageLog,
    page: Page,
    find: Find,
}

fn stage(texts: &[&str]) -> Stage {
    let page = Page::new(Clock::utc());
    let mut stage = Stage { log: MessageLog::default(), page, find: Find::default() };
    for text in texts {
        stage.say(text);
    }
    stage
}

impl Stage {
    fn say(&mut self, text: &str) {
        self.settle(Kind::Notice(text.into()));
    }

    fn settle(&mut self, kind: Kind) {
        self.log.settle(None, kind);
        self.update();
    }

    fn update(&mut self) {
        let splices = self.log.take_splices();
        let ignored = IgnoredNames::default();
        let reader = Reader { me: "bob", joins: Joins::Grouped, ignored: &ignored, version: 0 };
        self.page.splice(&self.log, reader, &splices);
        self.page.update(&self.log, reader, [], None);
        if let Some(from) = self.page.take_changed() {
            self.find.update(&self.page, from, &splices);
        }
    }

    fn look_for(&mut self, text: &str) -> String {
        self.find.look_for(text);
        self.find.go_on(&self.page, None);
        self.find.words()
    }

    fn begin(&mut self, text: &str, from: Position) {
        self.find.begin(text, from);
        self.find.go_on(&self.page, None);
    }

    fn step(&mut self, towards: Towards) -> String {
        self.find.step(towards, &self.page);
        self.find.words()
    }

    /// Returns the entry of the current hit.
    fn entry(&self) -> Option<Position> {
        self.find.current.map(|span| span.entry)
    }
}

#[test]
fn the_newest_comes_first_and_one_can_go_round_both_ways() {
    let mut stage = stage(&["Tea?", "coffee", "tea, tea"]);
    assert_eq!((stage.look_for("TEA"), stage.entry()), ("3 of 3".into(), Some(2)));
    assert_eq!(stage.step(Towards::Older), "2 of 3");
    assert_eq!((stage.step(Towards::Older), stage.entry()), ("1 of 3".into(), Some(0)));
    assert_eq!(stage.step(Towards::Older), "3 of 3");
    assert_eq!(stage.step(Towards::Newer), "1 of 3");
}

#[test]
fn it_is_looked_for_from_what_is_in_view() {
    let mut stage = stage(&["tea", "tea", "coffee", "tea"]);
    for (towards, at) in [(Towards::Older, 1), (Towards::Newer, 3)] {
        stage.begin("tea", 2);
        assert_eq!((stage.find.words(), stage.entry()), ("3".into(), None), "nothing is looked at yet");
        stage.step(towards);
        assert_eq!(stage.entry(), Some(at));
    }
    stage.begin("", 2);
    assert_eq!((stage.look_for("tea"), stage.entry()), ("2 of 3".into(), Some(1)));
    // There is no hit above.
    stage.begin("", 0);
    assert_eq!((stage.look_for("coffee"), stage.entry()), ("1 of 1".into(), Some(2)));
}

#[test]
fn what_is_not_there_is_said_to_be_not_found() {
    let mut stage = stage(&["tea"]);
    assert_eq!(stage.look_for("coffee"), "not found");
    assert_eq!((stage.step(Towards::Older), stage.entry()), ("not found".into(), None));
    assert_eq!(stage.look_for(""), "");
}

#[test]
fn while_letters_are_added_the_eye_stays_where_it_is() {
    let mut stage = stage(&["tea", "team", "tea"]);
    stage.look_for("te");
    assert_eq!((stage.step(Towards::Older), stage.entry()), ("2 of 3".into(), Some(1)));
    assert_eq!((stage.look_for("tea"), stage.entry()), ("2 of 3".into(), Some(1)));
    assert_eq!((stage.look_for("team"), stage.entry()), ("1 of 1".into(), Some(1)));
}

#[test]
fn what_comes_while_one_looks_is_counted_and_does_not_move_the_eye() {
    let mut stage = stage(&["tea"]);
    stage.look_for("tea");
    stage.say("more tea");
    assert_eq!((stage.find.words(), stage.entry()), ("1 of 2".into(), Some(0)));
    for _ in 0..SETTLED_MAX - 1 {
        stage.log.settle(None, Kind::Notice("flood".into()));
    }
    stage.say("tea again");
    assert_eq!(stage.find.words(), "1", "two of three were dropped, and with them the one that was looked at");
    assert_eq!(stage.step(Towards::Older), "1 of 1");
}

#[test]
fn a_hit_moves_with_its_entry_when_older_ones_come() {
    let mut stage = stage(&["tea", "coffee", "tea"]);
    stage.look_for("tea");
    stage.step(Towards::Older);
    assert_eq!(stage.entry(), Some(0));
    let old = Entry { at: None, kind: Kind::Notice("green tea".into()) };
    stage.log.splice(1, 0, vec![old.clone(), old]);
    stage.update();
    assert_eq!((stage.find.words(), stage.entry()), ("1 of 4".into(), Some(-2)));
    assert_eq!(stage.step(Towards::Newer), "2 of 4");
}

#[test]
fn names_are_found_too_and_what_has_become_a_block_is_found_in_it() {
    let mut stage = stage(&[]);
    for text in ["```", "let tea = 1;", "```", "tea"] {
        stage.settle(Kind::Message { from: "Teresa".into(), text: text.into(), earlier: false });
    }
    assert_eq!(stage.look_for("te"), "4 of 4");
    let hits: Vec<_> = stage.find.hits_in(0).map(|hit| (hit.start, hit.len)).collect();
    assert_eq!(hits, [(0, 2), ("Teresa  let ".len(), 2)]);
    assert_eq!(stage.find.hits_in(1).count(), 0, "it is shown where the block begins");
    stage.find.end();
    assert_eq!(stage.find.hits_in(0).count(), 0);
}

#[test]
fn letters_of_every_script_are_found_in_any_case() {
    let mut stage = stage(&["GRÜSSE aus Ünna", "İstanbul 你好"]);
    for (pattern, entry) in [("grüsse", 0), ("Ü", 0), ("你好", 1), ("stanbul", 1)] {
        stage.look_for(pattern);
        assert_eq!(stage.entry(), Some(entry), "{pattern}");
    }
    // A letter whose lower-case form is longer is matched with all of its bytes.
    stage.look_for("i\u{307}s");
    assert_eq!(stage.find.current.map(|span| span.len), Some("İs".len()));
}

#[test]
fn in_one_line_there_are_not_endlessly_many_hits() {
    let mut stage = stage(&[&"a".repeat(4000), "a"]);
    assert_eq!(stage.look_for("a"), format!("{0} of {0}", HITS_IN_LINE + 1));
}

/// Searches on by one entry. Returns whether the current hit is known since then.
fn go_on(stage: &mut Stage) -> bool {
    stage.find.go_on(&stage.page, Some(Instant::now()))
}

#[test]
fn a_search_goes_on_entry_by_entry_and_knows_the_current_hit_before_its_end() {
    let mut stage = stage(&["tea", "tea, tea", "coffee", "tea"]);
    stage.begin("", 2);
    stage.find.look_for("tea");
    assert_eq!((go_on(&mut stage), stage.entry()), (false, None), "below what is in view");
    assert_eq!((go_on(&mut stage), stage.entry()), (false, None));
    assert_eq!((go_on(&mut stage), stage.entry()), (true, Some(1)));
    // Others talk meanwhile, and older messages come.
    stage.say("more tea");
    let old = Entry { at: None, kind: Kind::Notice("green tea".into()) };
    stage.log.splice(0, 0, vec![old]);
    stage.update();
    assert!(stage.find.is_searching() && !go_on(&mut stage));
    while stage.find.is_searching() {
        go_on(&mut stage);
    }
    assert_eq!((stage.find.words(), stage.entry()), ("4 of 6".into(), Some(1)));
}

#[test]
fn a_step_does_not_miss_what_was_not_searched_yet_nor_does_another_letter() {
    let mut stage = stage(&["team", "tea", "tea"]);
    stage.look_for("te");
    stage.step(Towards::Older);
    stage.step(Towards::Older);
    assert_eq!(stage.entry(), Some(0));
    stage.find.look_for("tea");
    assert!(!go_on(&mut stage), "the hit that stays comes later");
    stage.find.look_for("team");
    while stage.find.is_searching() {
        go_on(&mut stage);
    }
    assert_eq!((stage.find.words(), stage.entry()), ("1 of 1".into(), Some(0)));
    stage.find.look_for("tea");
    assert_eq!((stage.step(Towards::Newer), stage.entry()), ("2 of 3".into(), Some(1)));
}
