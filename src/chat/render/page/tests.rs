//! A page that follows a log is as if it had been written at once, and its text is what is copied.

use super::*;
use crate::chat::render::selection::{Point, Selection};
use crate::chat::state::{MessageLog, Pending, RequestKind, SETTLED_MAX, Whom};

mod deleted;
mod text;

/// 2023-11-14 22:13 UTC.
const AT: u64 = 1_700_000_000_000_000;
const MINUTE: u64 = 60_000_000;

struct Stage {
    log: MessageLog,
    pending: Vec<Pending>,
    page: Page,
    joins: Joins,
    ignored: IgnoredNames,
    version: u64,
}

fn stage() -> Stage {
    let (log, pending, joins, ignored) = Default::default();
    Stage { log, pending, page: Page::new(Clock::utc()), joins, ignored, version: 0 }
}

fn reader(ignored: &IgnoredNames) -> Reader<'_> {
    Reader { me: "bob", joins: Joins::Grouped, ignored, version: 0 }
}

fn message(from: &str, text: &str) -> Kind {
    Kind::Message { from: from.into(), text: text.into(), earlier: false }
}

impl Stage {
    fn say(&mut self, text: &str) {
        self.log.settle(Some(AT), message("ann", text));
    }

    fn hear(&mut self, from: &str, minute: u64, text: &str) {
        self.log.settle(Some(AT + minute * MINUTE), message(from, text));
    }

    fn wait(&mut self, text: &str) {
        self.pending.push(Pending::new(RequestKind::Say(Whom::All), text.into(), AT));
    }

    fn update(&mut self, first_new: Option<Position>) -> String {
        let splices = self.log.take_splices();
        let reader = Reader { me: "bob", joins: self.joins, ignored: &self.ignored, version: self.version };
        self.page.splice(&self.log, reader, &splices);
        self.page.update(&self.log, reader, &self.pending, first_new);
        self.page.text()
    }

    /// Returns what is copied of the text from the first piece to the end of the second one.
    fn select(&self, from: &str, to: &str) -> String {
        let find = |piece: &str| {
            let at = |entry| Some((entry, self.page.line(entry)?.styled.text.rfind(piece)?));
            (self.page.first()..self.page.end()).filter(|at| self.page.is_shown(*at)).find_map(at).unwrap()
        };
        let ((first, start), (last, end)) = (find(from), find(to));
        let (from, to) = (Point { entry: first, byte: start }, Point { entry: last, byte: end + to.len() });
        self.page.copy(Selection { from, to })
    }

    /// Returns whether time and name are shown beside each line.
    fn beside(&self) -> Vec<(bool, bool)> {
        let shown = (self.page.first()..self.page.end()).filter(|at| self.page.is_shown(*at));
        shown.map(|at| self.page.head(at)).map(|head| (head.time, head.name)).collect()
    }
}

#[test]
fn what_is_new_is_appended_and_what_waits_stays_below_it() {
    let mut stage = stage();
    stage.say("one");
    stage.wait("mine");
    stage.update(None);
    stage.say("two");
    let text = stage.update(None);
    assert_eq!(text, "Tuesday, 14 November 2023\n22:13  ann  one\n22:13  ann  two\n22:13  bob  mine");
    assert!(stage.page.take_changed().is_some());
    stage.update(None);
    assert_eq!(stage.page.take_changed(), None, "nothing has changed");
}

#[test]
fn the_mark_stands_before_the_first_new_entry_and_goes_when_there_is_another() {
    let mut stage = stage();
    stage.say("seen");
    stage.update(None);
    stage.say("new");
    let text = stage.update(Some(1));
    assert!(text.contains("seen\n──── new since you looked away ────\n22:13  ann  new"), "{text}");
    stage.say("newer");
    let text = stage.update(Some(2));
    assert_eq!(text.matches("looked away").count(), 1);
    assert!(text.contains("────\n22:13  ann  newer"), "{text}");
    assert!(!stage.update(None).contains("looked away"));
}

#[test]
fn there_is_no_mark_above_everything() {
    let mut stage = stage();
    stage.say("new");
    assert_eq!(stage.update(Some(0)), "Tuesday, 14 November 2023\n22:13  ann  new");
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
    let text = stage.update(None);
    assert_eq!(stage.page.items.len(), SETTLED_MAX);
    assert!(text.starts_with("Tuesday, 14 November 2023\n22:13  ann  3\n"), "{}", &text[..60]);
}

#[test]
fn a_page_that_begins_late_begins_with_the_oldest_that_is_kept() {
    let mut stage = stage();
    for n in 0..SETTLED_MAX + 3 {
        stage.say(&n.to_string());
    }
    let text = stage.update(Some(5));
    assert_eq!((stage.page.first(), stage.page.end()), (3, count(SETTLED_MAX) + 3));
    assert!(text.contains("ann  4\n──── new"));
}

#[test]
fn the_time_is_shown_where_the_minute_changes_and_the_name_where_somebody_else_speaks() {
    let mut stage = stage();
    stage.hear("ann", 0, "one");
    stage.hear("ann", 0, "two");
    stage.hear("ben", 0, "three");
    stage.hear("ben", 1, "four");
    stage.log.settle(None, Kind::Notice("timeless".into()));
    stage.hear("ben", 1, "five");
    stage.hear("ben", 24 * 60 + 1, "the same minute, a day later");
    let text = stage.update(None);
    let expected =
        [(true, true), (false, false), (false, true), (true, true), (false, true), (false, true), (true, true)];
    assert_eq!(stage.beside(), expected);
    assert_eq!(text.matches("22:1").count(), 6, "the text has them all: {text}");
    assert_eq!(text.matches("day, ").count(), 2);
}

#[test]
fn joins_and_leaves_are_one_line_that_grows_and_ends_with_a_message() {
    let mut stage = stage();
    let joined = |stage: &mut Stage, name: &str| stage.log.settle(Some(AT), Kind::Joined(name.into()));
    joined(&mut stage, "carl");
    assert!(stage.update(None).ends_with("\n22:13  carl joined"));
    stage.page.take_changed();
    for n in 0..10 {
        joined(&mut stage, &format!("p{n}"));
    }
    assert!(stage.update(None).ends_with("\n22:13  11 people joined"));
    assert_eq!(stage.page.take_changed(), Some(0));
    stage.say("hello");
    joined(&mut stage, "dora");
    assert!(stage.update(None).ends_with("11 people joined\n22:13  ann  hello\n22:13  dora joined"));
    assert_eq!(stage.select("people", "dora").lines().count(), 13, "each is copied by its name");
    stage.joins = Joins::Hide;
    let text = stage.update(None);
    assert!(text.ends_with("2023\n22:13  ann  hello"), "{text}");
    stage.joins = Joins::All;
    assert_eq!(stage.update(None).matches(" joined").count(), 12);
}

#[test]
fn a_block_of_code_is_one_line_and_others_stand_below_it() {
    let mut stage = stage();
    for (from, text) in [("ann", "look"), ("ann", "```"), ("ann", "if x {"), ("ben", "what?"), ("ann", "    y")] {
        stage.hear(from, 0, text);
    }
    let open = stage.update(None);
    assert!(open.ends_with("ann  ```\n22:13  ann  if x {\n22:13  ben  what?\n22:13  ann      y"), "{open}");
    stage.page.take_changed();
    stage.hear("ann", 0, "}");
    stage.hear("ann", 0, "```");
    stage.hear("ben", 0, "I see");
    let text = stage.update(None);
    assert!(text.ends_with("ann  look\n22:13  ann  if x {\n    y\n}\n22:13  ben  what?\n22:13  ben  I see"), "{text}");
    assert_eq!(stage.page.take_changed(), Some(1));
    assert!(stage.page.is_code(1) && !stage.page.is_code(3));
    let named: Vec<_> = stage.beside().iter().map(|(_, name)| *name).collect();
    assert_eq!(named, [true, false, true, false], "the block is ann's, and what follows is ben's");
    assert_eq!(stage.select("if", "}"), "if x {\n    y\n}");
    assert_eq!(stage.select("look", "what?"), "22:13  ann: look\n22:13  ann:\nif x {\n    y\n}\n22:13  ben: what?");
}

#[test]
fn of_a_block_and_a_group_whose_beginning_is_dropped_the_rest_is_shown() {
    let mut stage = stage();
    for text in ["```", "one", "two", "```"] {
        stage.say(text);
    }
    for n in 0..10 {
        stage.log.settle(Some(AT), Kind::Joined(format!("p{n}")));
    }
    stage.update(None);
    let filled = SETTLED_MAX - 14;
    for (more, begins) in [(2, "22:13  ann  two\n22:13  10 people"), (7, "22:13  5 people"), (4, "22:13  p9 joined\n")]
    {
        let said = if more == 2 { filled + more } else { more };
        (0..said).for_each(|_| stage.say("x"));
        let text = stage.update(None);
        let (_, rest) = text.split_once('\n').unwrap();
        assert!(rest.starts_with(begins), "{}", &rest[..60]);
    }
}

#[test]
fn what_is_written_after_everything_was_cleared_begins_with_its_day() {
    let mut stage = stage();
    stage.say("one");
    stage.update(None);
    stage.log.clear();
    stage.say("two");
    assert_eq!(stage.update(None), "Tuesday, 14 November 2023\n22:13  ann  two");
}

/// Returns an entry of some days ago, or of the same day as all the others.
fn old(days: u64, text: &str) -> Entry {
    let kind = Kind::Message { from: "ann".into(), text: text.into(), earlier: true };
    Entry { at: Some(AT - days * 24 * 60 * MINUTE), kind }
}

/// Returns the text of a log that is read from scratch.
fn read_anew(stage: &Stage, first_new: Option<Position>) -> String {
    let mut page = Page::new(Clock::utc());
    page.update(&stage.log, reader(&stage.ignored), &stage.pending, first_new);
    page.text()
}

#[test]
fn what_is_older_comes_above_with_its_days() {
    let mut stage = stage();
    stage.say("one");
    stage.say("two");
    stage.update(Some(1));
    stage.log.splice(0, 0, vec![old(1, "yesterday"), old(0, "today")]);
    let expected = "Monday, 13 November 2023\n22:13  ann  yesterday\nTuesday, 14 November 2023\n\
                    22:13  ann  today\n22:13  ann  one\n──── new since you looked away ────\n22:13  ann  two";
    assert_eq!(stage.update(Some(1)), expected);
    assert_eq!((stage.page.first(), stage.page.end()), (-2, 2));
    stage.log.splice(-2, 0, vec![old(1, "before")]);
    assert_eq!(stage.update(Some(1)), read_anew(&stage, Some(1)));
}

#[test]
fn a_mark_before_a_gap_is_before_what_comes_in_its_place() {
    let mut stage = stage();
    stage.say("one");
    stage.log.settle(None, Kind::Gap { after: AT });
    stage.say("three");
    assert!(stage.update(Some(1)).contains("one\n──── new since you looked away ────\n···· some"));
    stage.log.splice(2, 1, vec![old(0, "two")]);
    let text = stage.update(Some(1));
    assert!(text.ends_with("one\n──── new since you looked away ────\n22:13  ann  two\n22:13  ann  three"), "{text}");
}

#[test]
fn whatever_comes_in_between_and_is_dropped_and_appended_the_page_is_as_if_read_anew() {
    let mut random = 1_u64;
    let mut below = |limit: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % limit
    };
    for round in 0..300 {
        let mut stage = stage();
        for step in 0..14 {
            match below(9) {
                0 => stage.say(&format!("said {step}")),
                1 => stage.log.settle(None, Kind::Notice("timeless".into())),
                2 => _ = stage.update(None),
                3 if below(20) == 0 => stage.log.clear(),
                4 => stage.hear("ben", below(2), "```"),
                5 => stage.log.settle(Some(AT), Kind::Joined(format!("p{step}"))),
                6 => stage.hear("ben", below(2), "code"),
                _ => {
                    let length = u64::try_from(stage.log.since(Position::MIN).len()).unwrap();
                    let before = stage.log.first() + Position::try_from(below(length + 1)).unwrap();
                    let removed = usize::try_from(below(2)).unwrap();
                    let entries = (0..below(3)).map(|n| old(below(3), &format!("{step} {n}"))).collect();
                    stage.log.splice(before, removed, entries);
                }
            }
        }
        let text = stage.update(None);
        assert_eq!(text, read_anew(&stage, None), "round {round}");
        assert_eq!((stage.page.first(), stage.page.end()), (stage.log.first(), stage.log.end()));
    }
}

#[test]
fn the_author_of_a_message_is_known_and_that_of_other_lines_is_nobody() {
    let mut stage = stage();
    stage.say("hello");
    stage.hear("bob", 0, "hi");
    stage.log.settle(Some(AT), Kind::Notice("a notice".into()));
    stage.update(None);
    let author = |at| stage.page.author(at).map(|author| (author.name, author.is_me));
    assert_eq!(author(0), Some(("ann".to_owned(), false)));
    assert_eq!(author(1), Some(("bob".to_owned(), true)));
    assert_eq!((author(2), author(3)), (None, None));
    assert_eq!(stage.page.newest_message(), Some(1));
}

#[test]
fn the_first_line_that_is_shown_has_its_day_time_and_name_and_no_mark_whatever_is_hidden_above_it() {
    let mut stage = stage();
    stage.joins = Joins::Hide;
    stage.say("one");
    stage.log.settle(Some(AT), Kind::Joined("carl".into()));
    stage.say("two");
    stage.update(Some(0));
    while stage.log.first() == 0 {
        stage.log.settle(None, Kind::Notice(".".into()));
    }
    let text = stage.update(Some(0));
    assert!(text.starts_with("Tuesday, 14 November 2023\n22:13  ann  two\n"), "{}", &text[..80]);
    let head = stage.page.head(stage.page.first() + 1);
    assert_eq!((head.day, head.time, head.name, head.mark), (true, true, true, false));
}

#[test]
fn several_gaps_are_filled_at_once_and_the_mark_moves_along() {
    let mut stage = stage();
    stage.say("one");
    stage.log.settle(None, Kind::Gap { after: AT });
    stage.say("four");
    stage.update(Some(1));
    stage.log.splice(2, 0, vec![old(0, "three")]);
    assert_eq!(stage.update(Some(0)), read_anew(&stage, Some(0)));
    stage.log.splice(1, 0, vec![old(0, "two and a half")]);
    stage.log.splice(0, 1, vec![old(0, "two")]);
    let lines = ["one", "two", "two and a half", "three", "four"].map(|text| format!("22:13  ann  {text}"));
    assert!(stage.update(None).ends_with(&lines.join("\n")), "{}", stage.page.text());
}
