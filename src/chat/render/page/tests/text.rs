//! Copying and selecting in a page, and its links.

use super::*;

#[test]
fn a_selection_within_a_line_is_copied_as_it_is_and_across_lines_with_times_and_names() {
    let mut stage = stage();
    stage.say("one two");
    stage.log.settle(Some(AT), Kind::Left("carl".into()));
    stage.say("three four");
    stage.wait("mine");
    stage.update(Some(1));
    assert_eq!(stage.select("two", "two"), "two");
    assert_eq!(stage.select("mine", "mine"), "mine");
    assert_eq!(stage.select("two", "three"), "22:13  ann: one two\n22:13  carl left\n22:13  ann: three four");
    assert_eq!(stage.select("four", "mine"), "22:13  ann: three four\n22:13  bob: mine");
    let all = stage.page.select_all().unwrap();
    assert_eq!(stage.page.copy(all).lines().count(), 4);
}

#[test]
fn what_waits_is_escaped() {
    let mut stage = stage();
    stage.wait("a\u{202e}b");
    assert!(stage.update(None).ends_with("22:13  bob  a<U+202E>b"));
}

#[test]
fn links_are_walked_through_from_the_newest_to_the_oldest() {
    let mut stage = stage();
    stage.update(None);
    let mut at = Point { entry: Position::MAX, byte: 0 };
    assert_eq!(stage.page.link_before(at), None);
    stage.say("http://a.example and http://b.example");
    stage.say("http://c.example");
    stage.update(None);
    let seen: Vec<_> = (0..4)
        .map(|_| {
            let link = stage.page.link_before(at).unwrap();
            at = Point { entry: link.entry, byte: link.start };
            stage.page.line(link.entry).unwrap().styled.text[link.start..link.start + link.len].to_owned()
        })
        .collect();
    assert_eq!(seen, ["http://c.example", "http://b.example", "http://a.example", "http://c.example"]);
}

#[test]
fn what_is_selected_stays_selected_while_the_log_changes() {
    let mut stage = stage();
    for text in ["one", "two", "three"] {
        stage.say(text);
    }
    stage.update(None);
    let (from, to) = (Point { entry: 1, byte: 5 }, Point { entry: 1, byte: 8 });
    let selected = Selection { from, to };
    assert_eq!(stage.page.copy(selected), "two");
    stage.log.splice(1, 1, vec![old(0, "older"), old(0, "old")]);
    stage.log.splice(2, 0, vec![old(0, "between")]);
    let splices = stage.log.take_splices();
    stage.page.splice(&stage.log, reader(&stage.ignored), &splices);
    stage.page.update(&stage.log, reader(&stage.ignored), [], None);
    assert_eq!(
        stage.page.select_still(selected, &splices, 3).map(|still| stage.page.copy(still)).as_deref(),
        Some("two")
    );
    for n in 0..SETTLED_MAX {
        stage.say(&format!("much {n}"));
    }
    stage.update(None);
    assert_eq!(stage.page.select_still(selected, &[], 3), None, "it is gone");
}

#[test]
fn a_message_that_waits_is_copied_too() {
    let mut stage = stage();
    stage.say("one");
    stage.wait("mine");
    stage.update(None);
    assert_eq!(stage.select("mine", "mine"), "mine");
    assert_eq!(stage.select("one", "mine"), "22:13  ann: one\n22:13  bob: mine");
}

#[test]
fn a_selection_that_begins_or_ends_in_a_name_has_all_of_it() {
    let mut stage = stage();
    stage.say("hello");
    stage.hear("Zoë", 0, "hi");
    stage.update(None);
    let whole = |from, to| {
        let (from, to) = (Point { entry: 1, byte: from }, Point { entry: 1, byte: to });
        stage.page.copy(stage.page.with_whole_names(Selection { from, to }))
    };
    assert_eq!((whole(3, 8).as_str(), whole(0, 1).as_str(), whole(6, 8).as_str()), ("Zoë  hi", "Zoë", "hi"));
    let across = Selection { from: Point { entry: 0, byte: 5 }, to: Point { entry: 1, byte: 0 } };
    assert_eq!(stage.page.with_whole_names(across), across);
}

#[test]
fn a_message_that_waits_is_not_selected_any_more_when_another_takes_its_place() {
    let mut stage = stage();
    stage.say("one");
    stage.wait("mine");
    stage.update(None);
    let [settled, waits] = [0, 1].map(|at| Selection::of(stage.page.whole_line(at).unwrap()));
    assert_eq!(stage.page.select_still(waits, &[], 1), Some(waits));
    stage.say("two");
    stage.update(None);
    assert_eq!(stage.page.select_still(waits, &[], 1), None);
    assert_eq!(stage.page.select_still(settled, &[], 1), Some(settled));
}
