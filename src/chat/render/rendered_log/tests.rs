//! A rendered log, and a text to which its edits are applied: both must agree.

use crate::chat::render::rendered_log::*;
use crate::chat::state::{Entry, Kind, RequestKind, SETTLED_MAX, Whom};

/// 2023-11-14 22:13 UTC.
const AT: u64 = 1_700_000_000_000_000;

struct Stage {
    log: MessageLog,
    pending: Vec<Pending>,
    rendered: RenderedLog,
    /// The text and the styles of a view that applies the edits.
    text: String,
    styles: String,
}

fn stage() -> Stage {
    let (log, pending) = Default::default();
    Stage { log, pending, rendered: RenderedLog::new(Clock::utc()), text: String::new(), styles: String::new() }
}

impl Stage {
    fn say(&mut self, text: &str) {
        let kind = Kind::Message { from: "ann".into(), text: text.into(), earlier: false };
        self.log.settle(Some(AT), kind);
    }

    fn wait(&mut self, text: &str) {
        self.pending.push(Pending::new(RequestKind::Say(Whom::All), text.into(), AT));
    }

    fn update(&mut self, first_new: Option<Position>) {
        let splices = self.log.take_splices();
        let mut edits = self.rendered.splice(&self.log, "bob", &splices);
        edits.extend(self.rendered.update(&self.log, "bob", &self.pending, first_new));
        for Edit { at, removed, new, .. } in edits {
            self.text.replace_range(at..at + removed, &new.text);
            self.styles.replace_range(at..at + removed, &new.styles);
        }
        let written: String =
            self.rendered.entries.iter().chain([&self.rendered.tail]).map(|piece| piece.text.as_str()).collect();
        assert_eq!(self.text, written);
        assert_eq!(self.text.len(), self.styles.len());
    }

    fn select(&self, text: &str) -> String {
        let start = self.text.find(text).unwrap();
        self.rendered.plain_text(&self.log, start..start + text.len())
    }
}

#[test]
fn what_is_new_is_appended_and_what_waits_stays_below_it() {
    let mut stage = stage();
    stage.say("one");
    stage.wait("mine");
    stage.update(None);
    stage.say("two");
    stage.update(None);
    assert_eq!(stage.text, "Tuesday, 14 November 2023\n22:13  ann  one\n22:13  ann  two\n22:13  bob  mine");
    assert!(stage.rendered.update(&stage.log, "bob", &stage.pending, None).is_empty(), "nothing has changed");
}

#[test]
fn the_mark_stands_before_the_first_new_entry_and_goes_when_there_is_another() {
    let mut stage = stage();
    stage.say("seen");
    stage.update(None);
    stage.say("new http://a.example");
    stage.update(Some(1));
    assert!(stage.text.contains("seen\n──── new since you looked away ────\n22:13  ann  new"), "{}", stage.text);
    let link = stage.text.find("http").unwrap();
    assert_eq!(stage.rendered.link_at(link), Some("http://a.example"));
    stage.say("newer");
    stage.update(Some(2));
    assert_eq!(stage.text.matches("looked away").count(), 1);
    assert!(stage.text.contains("────\n22:13  ann  newer"), "{}", stage.text);
    let link = stage.text.find("http").unwrap();
    assert_eq!(stage.rendered.link_at(link), Some("http://a.example"));
    stage.update(None);
    assert!(!stage.text.contains("looked away"));
}

#[test]
fn what_the_conversation_drops_the_page_drops_with_its_mark() {
    let mut stage = stage();
    stage.say("first");
    stage.update(Some(0));
    for n in 0..SETTLED_MAX + 3 {
        stage.say(&n.to_string());
    }
    stage.update(Some(0));
    stage.update(None);
    assert_eq!(stage.rendered.entries.len(), SETTLED_MAX);
    assert!(stage.text.starts_with("Tuesday, 14 November 2023\n22:13  ann  3\n"), "{}", &stage.text[..60]);
}

#[test]
fn a_page_that_begins_late_begins_with_the_oldest_that_is_kept() {
    let mut stage = stage();
    for n in 0..SETTLED_MAX + 3 {
        stage.say(&n.to_string());
    }
    stage.update(Some(5));
    assert_eq!((stage.rendered.first(), stage.rendered.end()), (3, count(SETTLED_MAX) + 3));
    assert!(stage.text.contains("ann  4\n──── new"));
}

#[test]
fn a_selection_within_a_line_is_copied_as_it_is() {
    let mut stage = stage();
    stage.say("one two three");
    stage.say("four");
    stage.update(None);
    assert_eq!(stage.select("two"), "two");
    assert_eq!(stage.select("three\n"), "three");
    assert_eq!(stage.select("22:13  ann  four"), "22:13  ann  four");
}

#[test]
fn a_selection_over_several_lines_is_copied_with_times_and_names() {
    let mut stage = stage();
    stage.say("one two");
    stage.log.settle(Some(AT), Kind::Left("carl".into()));
    stage.say("three four");
    stage.update(Some(1));
    assert_eq!(
        stage.select(&stage.text["Tuesday, 14 November 2023\n22:13  ann  one ".len()..stage.text.len() - 4]),
        "22:13  ann: one two\n22:13  carl left\n22:13  ann: three four"
    );
}

#[test]
fn what_waits_for_its_echo_can_be_copied_too() {
    let mut stage = stage();
    stage.say("one");
    stage.wait("mine");
    stage.update(None);
    assert_eq!(stage.select("mine"), "mine");
    assert_eq!(stage.select("one\n22:13  bob  mine"), "22:13  ann: one\n22:13  bob  mine");
}

#[test]
fn links_are_walked_through_from_the_newest_to_the_oldest() {
    let mut stage = stage();
    assert_eq!(stage.rendered.link_before(100), None);
    stage.say("http://a.example and http://b.example");
    stage.say("http://c.example");
    stage.update(None);
    let mut at = 0;
    let seen: Vec<_> = (0..4)
        .map(|_| {
            let link = stage.rendered.link_before(at).unwrap();
            at = link.start;
            stage.text[link].to_owned()
        })
        .collect();
    assert_eq!(seen, ["http://c.example", "http://b.example", "http://a.example", "http://c.example"]);
}

#[test]
fn what_is_written_after_everything_was_cleared_begins_with_its_day() {
    let mut stage = stage();
    stage.say("one");
    stage.update(None);
    stage.log.clear();
    stage.wait("mine");
    stage.update(None);
    assert_eq!(stage.text, "22:13  bob  mine");
    stage.say("two");
    stage.update(None);
    assert_eq!(stage.text, "Tuesday, 14 November 2023\n22:13  ann  two\n22:13  bob  mine");
}

#[test]
fn there_is_no_mark_above_everything() {
    let mut stage = stage();
    stage.say("new");
    stage.update(Some(0));
    assert_eq!(stage.text, "Tuesday, 14 November 2023\n22:13  ann  new");
}

/// Returns an entry of some days ago, or of the same day as all the others.
fn old(days: u64, text: &str) -> Entry {
    let kind = Kind::Message { from: "ann".into(), text: text.into(), earlier: true };
    Entry { at: Some(AT - days * 86_400_000_000), kind }
}

/// Returns the text of a log that is rendered from scratch.
fn written_anew(stage: &Stage, first_new: Option<Position>) -> String {
    let mut rendered = RenderedLog::new(Clock::utc());
    rendered.written = stage.log.first();
    rendered.update(&stage.log, "bob", &stage.pending, first_new);
    rendered.entries.iter().chain([&rendered.tail]).map(|piece| piece.text.as_str()).collect()
}

#[test]
fn what_is_older_comes_above_with_its_days_and_leaves_the_lines_below_untouched() {
    let mut stage = stage();
    stage.say("one http://a.example");
    stage.say("two");
    stage.update(Some(1));
    stage.log.splice(0, 0, vec![old(1, "yesterday"), old(0, "today http://b.example")]);
    stage.update(Some(1));
    let expected = "Monday, 13 November 2023\n22:13  ann  yesterday\nTuesday, 14 November 2023\n\
                    22:13  ann  today http://b.example\n22:13  ann  one http://a.example\n\
                    ──── new since you looked away ────\n22:13  ann  two";
    assert_eq!(stage.text, expected);
    assert_eq!((stage.rendered.first(), stage.rendered.end()), (-2, 2));
    for link in ["http://a.example", "http://b.example"] {
        assert_eq!(stage.rendered.link_at(stage.text.find(link).unwrap()), Some(link));
    }
    stage.log.splice(-2, 0, vec![old(1, "before")]);
    stage.update(Some(1));
    assert_eq!(stage.text, written_anew(&stage, Some(1)));
}

#[test]
fn a_gap_is_filled_and_goes_and_what_is_marked_stays_marked() {
    let mut stage = stage();
    stage.say("one");
    stage.log.settle(None, Kind::Gap { after: AT });
    stage.say("four");
    stage.update(Some(1));
    assert!(stage.text.contains("one\n──── new since you looked away ────\n···· some"), "{}", stage.text);
    stage.log.splice(2, 0, vec![old(0, "three")]);
    stage.update(Some(0));
    stage.log.splice(1, 0, vec![old(0, "two and a half")]);
    stage.log.splice(0, 1, vec![old(0, "two")]);
    stage.update(None);
    assert_eq!(stage.text, written_anew(&stage, None));
    assert!(
        stage.text.ends_with("one\n22:13  ann  two\n22:13  ann  two and a half\n22:13  ann  three\n22:13  ann  four"),
        "{}",
        stage.text
    );
}

#[test]
fn a_mark_before_a_gap_is_before_what_comes_in_its_place() {
    let mut stage = stage();
    stage.say("one");
    stage.log.settle(None, Kind::Gap { after: AT });
    stage.say("three");
    stage.update(Some(1));
    stage.log.splice(2, 1, vec![old(0, "two")]);
    stage.update(Some(1));
    assert!(
        stage.text.ends_with("one\n──── new since you looked away ────\n22:13  ann  two\n22:13  ann  three"),
        "{}",
        stage.text
    );
}

#[test]
fn whatever_comes_in_between_and_is_dropped_and_appended_the_page_is_as_if_written_anew() {
    let mut random = 1_u64;
    let mut below = |limit: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % limit
    };
    for round in 0..200 {
        let mut stage = stage();
        for step in 0..12 {
            match below(6) {
                0 => stage.say(&format!("said {step}")),
                1 => stage.log.settle(None, Kind::Notice("timeless".into())),
                2 => stage.update(None),
                3 if below(20) == 0 => stage.log.clear(),
                _ => {
                    let length = u64::try_from(stage.log.since(Position::MIN).len()).unwrap();
                    let before = stage.log.first() + Position::try_from(below(length + 1)).unwrap();
                    let removed = usize::try_from(below(2)).unwrap();
                    let entries = (0..below(3)).map(|n| old(below(3), &format!("{step} {n}"))).collect();
                    stage.log.splice(before, removed, entries);
                }
            }
        }
        stage.update(None);
        assert_eq!(stage.text, written_anew(&stage, None), "round {round}");
        assert_eq!(stage.rendered.settled, stage.text.len(), "round {round}");
        assert_eq!((stage.rendered.first(), stage.rendered.end()), (stage.log.first(), stage.log.end()));
    }
}

#[test]
fn what_is_selected_is_copied_as_it_stands_though_the_conversation_has_gone_on_unseen() {
    let mut stage = stage();
    for text in ["one", "two", "three"] {
        stage.say(text);
    }
    stage.update(None);
    let entry = |text: &str| {
        let kind = Kind::Message { from: "ann".into(), text: text.into(), earlier: true };
        Entry { at: Some(AT - 1), kind }
    };
    // In place of the first entry, and not drawn yet.
    stage.log.splice(1, 1, vec![entry("older"), entry("old")]);
    assert_eq!(stage.select("two\n22:13  ann  three"), "22:13  ann: two\n22:13  ann: three");
    let all = stage.text.trim_start_matches("Tuesday, 14 November 2023\n").to_owned();
    assert_eq!(stage.select(&all), "22:13  ann  one\n22:13  ann: two\n22:13  ann: three");
    for n in 0..SETTLED_MAX {
        stage.say(&format!("much {n}"));
    }
    assert_eq!(stage.select("two\n22:13  ann  three"), "two\n22:13  ann  three");
}
