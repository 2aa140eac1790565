//! The text of the conversation in the chat window, on a real screen: columns, blocks of code, the way to the first new
//! message, the scrollbar, selecting beyond the edge, and the end of a search.

use std::time::Instant;

use fltk::app;

use crate::support::desktop::{Test, look_away, middle_click_here, press, release};
use crate::support::screen::{Screen, bob_and_ann, button, shown};
use crate::support::{DEADLINE, Peer};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("a text hangs below itself, beside the name", columns),
        ("a block of code is one, and is copied with its indentation", code),
        ("people who come and go are one line", joins),
        ("the button above leads to the first new message, by mouse and by keyboard", new_above),
        ("the thumb is dragged to the beginning and back to the end", thumb),
        ("a selection goes on beyond the edge, and a middle click pastes it", beyond_the_edge),
        ("a triple click selects a message, and shift extends that", units),
        ("the text above stays where it is while the entry grows and shrinks", entry_grows),
        ("a long block of code is drawn where it is in sight", long_code),
        ("what begins in a name is copied with all of the name", whole_name),
        ("the end of a search returns to where it began, with nothing marked", search_ends),
    ]
}

/// Ann says so many numbered messages, and bob's window shows them.
fn say(ann: &mut Peer, screen: &Screen, count: usize) {
    ann.send((0..count).map(|n| format!("MSG ann number {n}.\n")).collect::<Vec<_>>().concat());
    screen.until_conversation(&format!("number {}.", count - 1));
    draw();
}

/// Lets the window draw, and do what it does at its next ticks.
fn draw() {
    let since = Instant::now();
    while since.elapsed().as_millis() < 150 {
        app::wait_for(0.02).unwrap();
    }
}

fn place_of(text: &str) -> (i32, i32) {
    shown().position_of(text).unwrap()
}

fn in_sight(text: &str) -> bool {
    shown().position_of(text).is_some()
}

/// Drags the mouse from one place to another.
fn drag(screen: &Screen, from: (i32, i32), to: (i32, i32)) {
    screen.desktop.point(from.0, from.1);
    press();
    draw();
    screen.desktop.point(to.0, to.1);
    draw();
    release();
    draw();
}

fn columns() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send(format!("MSG ann first {}last\n", "and more of it ".repeat(20)));
    screen.until_conversation("last");
    draw();
    let (first, last) = (place_of("first"), place_of("last"));
    let (left, _, width, _) = shown().area();
    assert!(last.1 > first.1 + 30, "two rows or more: {first:?}, {last:?}");
    assert!(first.0 > left + 100 && last.0 >= first.0 && last.0 < left + width, "{first:?}, {last:?}");
    let second = shown().position_of("and more of it last").unwrap();
    assert!(second.0 >= first.0, "no row begins further left");
    screen.close();
}

fn code() {
    let (_room, mut ann, screen) = bob_and_ann();
    for line in ["```", "fn main() {", "    stop();", "}", "```", "after"] {
        ann.send(format!("MSG ann {line}\n"));
    }
    screen.until_conversation("ann  fn main() {\n    stop();\n}\n");
    screen.until_conversation("ann  after");
    draw();
    assert_eq!(place_of("    stop").0, place_of("fn main").0, "its indentation is kept");
    let (end, row) = place_of("}");
    drag(&screen, place_of("fn main"), (end + 9, row));
    assert_eq!(shown().selected(), "fn main() {\n    stop();\n}");
    screen.close();
}

fn joins() {
    let (room, mut ann, screen) = bob_and_ann();
    for n in 0..3 {
        drop(room.join(&format!("p{n}")));
    }
    screen.until_conversation("3 people joined, 3 left");
    ann.send("MSG ann who was that?\n");
    screen.until_conversation("who was that?");
    drop(room.join("dora"));
    screen.until_conversation("ann  who was that?\n");
    screen.until("dora's own line", |_| shown().text().ends_with("dora joined, dora left"));
    screen.close();
}

fn new_above() {
    let (_room, mut ann, screen) = bob_and_ann();
    let mut round = |by_key: bool| {
        look_away();
        screen.until("nobody looking", |_| app::focus().is_none());
        draw();
        ann.send(format!("MSG ann the first of {by_key}\n"));
        say(&mut ann, &screen, 60);
        screen.until("the count", |_| shown().new_above().is_some_and(|count| count > 10));
        assert!(!in_sight(&format!("the first of {by_key}")));
        screen.desktop.focus();
        draw();
        assert!(shown().new_above().is_some(), "it is not seen yet");
        if by_key {
            screen.desktop.keys(&["shift+Prior"]);
        } else {
            let (x, y, w, _) = shown().area();
            screen.desktop.click((x + w - 60).cast_unsigned(), (y + 15).cast_unsigned());
        }
        screen.until("the first", |_| in_sight(&format!("the first of {by_key}")));
        screen.until("no button any more", |_| shown().new_above().is_none());
        screen.desktop.click(300, 446);
        screen.desktop.keys(&["ctrl+End"]);
        screen.until("the end", |_| in_sight("number 59."));
        draw();
        assert_eq!(shown().new_above(), None, "it was seen");
    };
    round(false);
    round(true);
    screen.close();
}

fn thumb() {
    let (_room, mut ann, screen) = bob_and_ann();
    say(&mut ann, &screen, 500);
    let (x, y, w, h) = shown().area();
    let bar = x + w - 5;
    screen.desktop.point(bar, y + h - 12);
    press();
    draw();
    for at in [h / 2, h / 4, -20] {
        screen.desktop.point(bar, y + at);
        draw();
    }
    assert!(in_sight("number 3."), "{:?}", shown().in_sight());
    // What comes meanwhile moves nothing.
    let before = shown().in_sight();
    ann.send("MSG ann one more\n".repeat(30));
    draw();
    assert_eq!(shown().in_sight(), before);
    screen.desktop.point(bar, y + h + 50);
    draw();
    release();
    screen.until("the end, with what came", |_| {
        shown().in_sight().last().is_some_and(|(text, _)| text.ends_with("more"))
    });
    assert!(button(" new below").is_none());
    screen.close();
}

fn beyond_the_edge() {
    let (_room, mut ann, screen) = bob_and_ann();
    say(&mut ann, &screen, 200);
    let (x, y, ..) = shown().area();
    let from = place_of("number 199.");
    screen.desktop.point(from.0 + 2, from.1);
    press();
    draw();
    screen.desktop.point(x + 200, y - 40);
    screen.until("a selection that goes on", |_| shown().selected().lines().count() > 60);
    release();
    draw();
    let lines = shown().selected().lines().count();
    assert!(shown().selected().ends_with("number 199."), "{}", shown().selected());
    draw();
    assert_eq!(shown().selected().lines().count(), lines, "it has ended");
    screen.desktop.keys(&["ctrl+End"]);
    screen.until("the end", |_| in_sight("number 199."));
    // One word, for the entry.
    let (x, y) = place_of("number 198.");
    screen.desktop.double_click(x + 10, y);
    screen.until("a word", |_| shown().selected() == "number");
    screen.desktop.point(300, 446);
    let deadline = Instant::now() + DEADLINE;
    middle_click_here();
    while screen.window.draft() != "number" {
        assert!(Instant::now() < deadline, "{:?} in the entry", screen.window.draft());
        app::wait_for(0.02).unwrap();
    }
    screen.close();
}

fn units() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send("MSG ann see https://example.org/a?b, and more\n");
    say(&mut ann, &screen, 3);
    let (x, y) = place_of("see");
    screen.desktop.double_click(x + 60, y);
    screen.until("the whole link", |_| shown().selected() == "https://example.org/a?b");
    // Some time later, so that it is another click.
    let since = Instant::now();
    screen.until("a pause", |_| since.elapsed().as_millis() > 600);
    screen.desktop.double_click(x + 5, y);
    crate::support::desktop::click_here();
    screen.until("the message", |_| shown().selected() == "see https://example.org/a?b, and more");
    let (x, y) = place_of("number 1.");
    screen.desktop.click_with("shift", (x + 5).cast_unsigned(), y.cast_unsigned());
    screen.until("three messages", |_| shown().selected().lines().count() == 3);
    assert!(shown().selected().ends_with("ann: number 1."), "{}", shown().selected());
    screen.close();
}

fn search_ends() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send("MSG ann tea at the beginning\n");
    say(&mut ann, &screen, 100);
    screen.desktop.keys(&["Page_Up"]);
    draw();
    let before = shown().in_sight();
    screen.desktop.keys(&["ctrl+f"]);
    screen.until("the row", |_| button("Search all messages").is_some());
    screen.desktop.type_text("tea");
    screen.until("the hit", |_| in_sight("tea at the beginning") && shown().selected() == "tea");
    screen.desktop.keys(&["Escape"]);
    screen.until("no row", |_| button("Search all messages").is_none());
    screen.until("the place before", |_| shown().in_sight() == before);
    assert_eq!(shown().selected(), "");
    screen.close();
}

fn entry_grows() {
    let (_room, mut ann, screen) = bob_and_ann();
    say(&mut ann, &screen, 200);
    screen.desktop.keys(&["Page_Up"]);
    draw();
    let (top, before) = (shown().area().1, shown().in_sight());
    screen.desktop.click(300, 446);
    screen.desktop.keys(&["shift+Return", "shift+Return", "shift+Return", "x"]);
    screen.until("four lines", |screen| screen.window.draft() == "\n\n\nx");
    draw();
    let now = shown().in_sight();
    assert!(now.len() < before.len(), "there is less room");
    assert_eq!((shown().area().1, &now[..]), (top, &before[..now.len()]));
    screen.desktop.keys(&["ctrl+a", "Delete"]);
    screen.until("one line", |screen| screen.window.draft().is_empty());
    draw();
    assert_eq!(shown().in_sight(), before);
    screen.close();
}

fn long_code() {
    let (_room, mut ann, screen) = bob_and_ann();
    let lines = (0..150).map(|n| format!("MSG ann line {n};\n")).collect::<Vec<_>>().concat();
    ann.send(format!("MSG ann ```\n{lines}MSG ann ```\n"));
    screen.until_conversation("line 149;");
    screen.until("a block", |_| shown().text().contains("ann  line 0;\nline 1;"));
    draw();
    let (x, y, _, h) = shown().area();
    let ground = |at: i32| screen.desktop.color_at(i16::try_from(x + 400).unwrap(), i16::try_from(at).unwrap());
    screen.desktop.keys(&["Page_Up"]);
    draw();
    assert!(place_of("line 149;").1 > y + h && place_of("line 0;").1 < y, "both ends are out of sight");
    assert_eq!((ground(y + 20), ground(y + h / 2)), (ground(y + h - 20), ground(y + h - 20)));
    screen.close();
}

fn whole_name() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send("MSG ann hello there\n");
    screen.until_conversation("hello there");
    draw();
    let (x, y) = place_of("hello there");
    drag(&screen, (x - 20, y), place_of(" there"));
    assert_eq!(shown().selected(), "ann  hello");
    screen.close();
}
