//! What the room remembers: replayed to who joins, read on with PAST, searched with FIND, there after a restart.

#![cfg(feature = "storage")]

use crate::support::history::{all, ask, lines_of, messages, room, say, with_history};
use crate::support::program::Home;
use crate::support::{Room, config, eventually, stamped};
use multichat::server::Config;

#[test]
fn a_newcomer_gets_the_last_hundred_messages_before_anything_else() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann");
    say(&mut ann, "ann", 0..130);
    ann.send("TELL ann a secret\n");
    ann.expect("TELL ann a secret");
    let expected: Vec<String> =
        (30..130).map(|number| format!("MSG ann number {number}")).chain(["HELLO ann".into()]).collect();
    assert_eq!(room.peer().join("ben"), expected);
}

#[test]
fn what_was_said_is_there_after_a_restart_and_stamps_go_on_rising() {
    let home = Home::new();
    let first = room(&home);
    let mut ann = first.join("ann stamp echo");
    ann.send("MSG ann one\nMSG ann two\n");
    let heard: Vec<String> = ann.lines(2);
    first.server.announce("three").unwrap();
    let three = ann.line();
    first.stop();
    let second = room(&home);
    let mut ben = second.peer();
    let past = ben.join("ben stamp");
    assert_eq!(past, [heard, vec![three.clone()]].concat());
    let mut carl = second.join("carl stamp");
    ben.expect_start("@");
    ben.send("MSG ben four\n");
    assert!(stamped(&carl.line()).0 > stamped(&three).0);
}

#[test]
fn a_client_that_says_what_it_has_gets_what_came_after_it() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann stamp echo");
    ann.send("MSG ann one\nMSG ann two\nMSG ann three\n");
    let heard = ann.lines(3);
    let since = |line: &str| room.join_and_read(&format!("ben stamp since={}", stamped(line).0));
    assert_eq!(since(&heard[0])[..2], heard[1..]);
    assert_eq!(since(&heard[2]).len(), 1, "ann's HELLO alone");
}

#[test]
fn a_gap_is_told() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann stamp echo");
    ann.send("MSG ann first\n");
    let first = stamped(&ann.line()).0;
    ann.send(messages("ann", 0..1100));
    ann.lines(1100);
    let past = room.peer().join(&format!("ben since={first}"));
    assert_eq!(past[0], format!("GAP {first}"));
    assert_eq!(past.len(), 1 + 1000 + 1);
    assert_eq!(past[1..3], ["MSG ann number 100", "MSG ann number 101"]);
}

#[test]
fn a_server_that_keeps_nothing_tells_the_gap_too() {
    let room = Room::open();
    let mut ann = room.join("ann stamp");
    let mut ben = room.peer();
    assert_eq!(ben.join("ben since=1000"), ["GAP 1000", "HELLO ann"]);
    ann.send("PAST 1 1\n");
    assert!(ann.line().ends_with("HELLO ben"));
    ann.expect_start("ERR UNAVAILABLE ");
}

#[test]
fn paging_back_gives_everything_once() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann");
    say(&mut ann, "ann", 0..450);
    let (kept, pages) = all(&mut ann);
    let expected: Vec<String> = (0..450).map(|number| format!("PAST ann number {number}")).collect();
    assert_eq!(pages, 3);
    assert_eq!(lines_of(&kept), expected);
}

#[test]
fn words_are_found_in_many_scripts() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann");
    for text in [
        "Grüße aus dem Café",
        "我们明天在图书馆见面",
        "東京は晴れです",
        "สวัสดีครับ",
        "Привет, Ёлка",
        "안녕하세요 여러분",
        "हिन्दी में नमस्ते",
        "party 🎉 tonight",
        "it's 100% \"done\" (really)",
    ] {
        ann.send(format!("MSG ann {text}\n"));
    }
    for (words, found) in [
        ("cafe", "Grüße aus dem Café"),
        ("GRÜSSE", ""),
        ("grusse", ""),
        ("gruße", "Grüße aus dem Café"),
        ("图书馆", "我们明天在图书馆见面"),
        ("馆", "我们明天在图书馆见面"),
        ("馆图", ""),
        ("晴れ", "東京は晴れです"),
        ("ครับ", "สวัสดีครับ"),
        ("елка привет", "Привет, Ёлка"),
        ("안녕", "안녕하세요 여러분"),
        ("नमस्ते", "हिन्दी में नमस्ते"),
        ("🎉", "party 🎉 tonight"),
        ("tonight OR nothing", ""),
        ("\"done\" AND", ""),
        ("\"done", "it's 100% \"done\" (really)"),
        ("it's", "it's 100% \"done\" (really)"),
        ("text:done", ""),
        ("tonig", "party 🎉 tonight"),
    ] {
        let (answer, more) = ask(&mut ann, &format!("FIND {words}"));
        let expected: Vec<String> =
            Some(found).filter(|found| !found.is_empty()).map(|text| format!("FOUND ann {text}")).into_iter().collect();
        assert_eq!((lines_of(&answer), more), (expected.iter().map(String::as_str).collect(), false), "{words}");
    }
    ann.send("FIND ?! --\n");
    ann.expect_start("ERR BAD_LINE write FIND <words>, with a letter");
    ann.send(format!("FIND{}\n", " a".repeat(17)));
    ann.expect_start("ERR BAD_LINE write FIND <words>, with 16 words at most");
}

#[test]
fn the_newest_hundred_are_found() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann");
    say(&mut ann, "ann", 0..150);
    let (answer, more) = ask(&mut ann, "FIND number");
    assert_eq!((answer.len(), more), (100, true));
    assert_eq!(answer[0].1, "FOUND ann number 50");
}

#[test]
fn large_answers_asked_for_all_at_once_end_nobody() {
    let home = Home::new();
    let room = Room::with(Config { backlog_max: 256 << 10, ..with_history(&home) });
    let mut ann = room.join("ann");
    let text = "x".repeat(4000);
    for _ in 0..200 {
        ann.send(format!("MSG ann {text}\n"));
    }
    ann.send(format!("PAST {} 200\n", u64::MAX).repeat(20));
    // What does not fit into the buffers of the system, 16 MB in all, waits for its turn.
    for _ in 0..20 {
        for _ in 0..200 {
            ann.expect_start("@");
        }
        ann.expect("END PAST");
    }
}

#[test]
fn no_stamp_that_a_client_names_is_too_small_or_too_large() {
    let home = Home::new();
    for config in [config(), with_history(&home)] {
        let room = Room::with(config);
        let mut ann = room.join("ann");
        ann.send("MSG ann said\n");
        ann.sync();
        for stamp in [0, 1, u64::MAX - 1, u64::MAX] {
            let mut ben = room.peer();
            ben.send(format!("HELLO ben stamp since={stamp}\nPAST {stamp} 1\nPING {stamp}\n"));
            eventually("the answer to the last line", || match ben.line() {
                line if line.ends_with(&format!("PONG {stamp}")) => Ok(()),
                line => Err(line),
            });
            ben.send("BYE\n");
            ben.expect_end();
            ann.expect("HELLO ben");
            ann.expect("BYE ben");
        }
    }
}

#[test]
fn a_word_has_a_bound_of_parts() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann");
    for word in
        ["图".repeat(65), "a-".repeat(65), "©。".repeat(65), "图a".repeat(1000), format!("good {}", "🎉".repeat(65))]
    {
        ann.send(format!("FIND {word}\n"));
        ann.expect_start("ERR BAD_LINE write FIND <words>, with shorter words");
    }
    ann.send(format!("MSG ann {}\nMSG ann {}\n", "图".repeat(64), "हिन्दी".repeat(6)));
    for word in ["图".repeat(64), "हिन्दी".repeat(6)] {
        assert_eq!(ask(&mut ann, &format!("FIND {word}")).0.len(), 1, "{word}");
    }
    assert_eq!(ask(&mut ann, &format!("FIND {}", "long".repeat(900))).0, []);
}
