//! What is kept, and for how long: a stop loses nothing, what is deleted is gone everywhere, and a file that cannot be used
//! is told and left alone, while the chat goes on.

#![cfg(feature = "storage")]
// In what the tests share, too.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::support::history::{all, ask, file, lines_of, messages, room, say, with_history};
use crate::support::program::Home;
use crate::support::{Room, eventually, stamped};
use multichat::server::{Config, Deletion, EventKind};
use rusqlite::Connection;

#[test]
fn a_stop_in_full_flow_loses_nothing_that_was_relayed() {
    let home = Home::new();
    let first = room(&home);
    let mut ann = first.join("ann echo");
    let mut sender = ann.for_sending();
    let flood = std::thread::spawn(move || sender.send(messages("ann", 0..5000)));
    // Into the flow, while much of it is on its way.
    let mut heard = ann.lines(1000);
    first.stop();
    heard.extend(ann.until_end().0.into_iter().filter(|line| line.starts_with("MSG")));
    let _ = flood.join();
    let second = room(&home);
    let (kept, _) = all(&mut second.join("ben"));
    let kept: Vec<String> = kept.iter().map(|(_, line)| line.replacen("PAST", "MSG", 1)).collect();
    assert!(kept.len() >= heard.len(), "{} were relayed, {} kept", heard.len(), kept.len());
    assert_eq!(kept[..heard.len()], heard);
}

#[test]
fn stamps_go_on_rising_when_the_clock_was_set_back() {
    let home = Home::new();
    room(&home).stop();
    let tomorrow: i64 = 4_000_000_000_000_000;
    Connection::open(file(&home)).unwrap().execute("UPDATE total SET newest = ?1", [tomorrow]).unwrap();
    let room = room(&home);
    let mut ann = room.join("ann stamp echo");
    ann.send("MSG ann hello\n");
    assert!(stamped(&ann.line()).0 > tomorrow.unsigned_abs());
}

#[test]
fn what_is_deleted_is_gone_for_newcomers_in_searches_and_on_the_disk() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann stamp echo");
    ann.send("MSG ann sharlimagne\nMSG ann remains\n");
    let first = stamped(&ann.line()).0;
    ann.line();
    let mut ben = room.join("ben");
    say(&mut ben, "ben", 0..450);
    assert_eq!(ask(&mut ben, "FIND sharlimagne").0.len(), 1);
    assert_eq!(room.server.forget(&Deletion::One(first)), Ok(Some(1)));
    assert_eq!(room.server.forget(&Deletion::One(first)), Ok(Some(0)), "it is gone already");
    assert_eq!(room.server.forget(&Deletion::AllOf("BEN".into())), Ok(Some(450)));
    assert_eq!(lines_of(&all(&mut ben).0), ["PAST ann remains"]);
    assert_eq!(ask(&mut ben, "FIND sharlimagne").0, []);
    assert_eq!(ask(&mut ben, "FIND number").0, []);
    assert_eq!(room.join_and_read("carl")[0], "MSG ann remains");
    assert_eq!(room.server.archive("", 10).unwrap().messages, 1);
    room.stop();
    let bytes: Vec<u8> = files(&home).iter().flat_map(|path| fs::read(path).unwrap()).collect();
    for word in ["sharlimagne", "number"] {
        assert!(!bytes.windows(word.len()).any(|bytes| bytes == word.as_bytes()), "{word} is still in the file");
    }
    assert!(bytes.windows(7).any(|bytes| bytes == b"remains"));
}

#[test]
fn what_is_too_old_is_not_told_any_more_and_then_deleted() {
    let home = Home::new();
    let config = Config { keep: Some(Duration::from_millis(500)), ..with_history(&home) };
    let first = Room::with(config.clone());
    let mut ann = first.join("ann");
    say(&mut ann, "ann", 0..10);
    eventually("a newcomer gets nothing", || {
        let past = first.join_and_read("ben");
        if past.iter().any(|line| line.starts_with("MSG")) { Err(past) } else { Ok(()) }
    });
    assert_eq!(all(&mut ann).0, []);
    let mut ben = first.peer();
    assert_eq!(ben.join("carl since=1")[0], "GAP 1");
    first.stop();
    let _second = Room::with(config);
    let reader = Connection::open(file(&home)).unwrap();
    eventually("the file is empty", || {
        let left: i64 = reader.query_row("SELECT count(*) FROM message", (), |row| row.get(0)).unwrap();
        if left == 0 { Ok(()) } else { Err(left) }
    });
}

#[test]
fn the_operator_sees_what_is_kept_and_takes_a_copy() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann");
    say(&mut ann, "ann", 0..30);
    let archive = room.server.archive("", 20).unwrap();
    assert_eq!((archive.messages, archive.shown.len()), (30, 20));
    assert_eq!(archive.file, file(&home));
    assert!(archive.bytes > 4096, "{archive:?}");
    assert_eq!(archive.shown[19].text, "number 29");
    let found = room.server.archive("7", 20).unwrap().shown;
    assert_eq!(found.iter().map(|kept| kept.text.as_str()).collect::<Vec<_>>(), ["number 7"]);

    let copy = home.path().join("copy.txt");
    assert_eq!(room.server.export(&copy).unwrap(), 30);
    let text = fs::read_to_string(&copy).unwrap();
    assert_eq!(text.lines().count(), 30);
    assert!(text.lines().next().unwrap().ends_with("  ann: number 0"), "{text}");
    assert!(room.server.export(&copy).is_err(), "it is not written over");
    assert!(Room::open().server.archive("", 1).unwrap_err().to_string().contains("keeps nothing"));
}

#[test]
fn a_damaged_file_is_set_aside_and_a_new_one_begun() {
    let home = Home::new();
    let first = room(&home);
    say(&mut first.join("ann"), "ann", 0..500);
    first.stop();
    let mut bytes = fs::read(file(&home)).unwrap();
    for byte in bytes.iter_mut().skip(100).step_by(50) {
        *byte = 0x5a;
    }
    fs::write(file(&home), &bytes).unwrap();
    let second = room(&home);
    let aside = second.wait_for("it is set aside", |happening| match happening {
        EventKind::Quarantined { quarantined, .. } => Some(quarantined.clone()),
        _ => None,
    });
    assert!(fs::read(&aside).unwrap() == bytes, "{} has changed", aside.display());
    let mut ann = second.join("ann");
    say(&mut ann, "ann", 0..3);
    assert_eq!(all(&mut ann).0.len(), 3, "the new one");
}

#[test]
fn damage_that_shows_while_it_is_written_to_costs_nothing_that_is_said_from_then_on() {
    let home = Home::new();
    let first = room(&home);
    let mut ann = first.join("ann");
    say(&mut ann, "ann", 0..500);
    assert_eq!(all(&mut ann).0.len(), 500);
    // Behind its back: the index is garbage.
    Connection::open(file(&home)).unwrap().execute("UPDATE word_data SET block = x'5a5a5a5a'", ()).unwrap();
    say(&mut ann, "ann", 500..510);
    first.wait_for("it is set aside", |happening| matches!(happening, EventKind::Quarantined { .. }).then_some(()));
    say(&mut ann, "ann", 510..520);
    let expected: Vec<String> = (500..520).map(|number| format!("PAST ann number {number}")).collect();
    assert_eq!(lines_of(&all(&mut ann).0), expected);
}

/// Makes a file that cannot be used; the chat must go on, with the last messages in memory.
fn not_used(make: impl FnOnce(&Home), why: &str) {
    let home = Home::new();
    make(&home);
    let before = fs::read(file(&home)).unwrap();
    let room = room(&home);
    let told = room.wait_for("no history", |happening| match happening {
        EventKind::NoHistory { .. } => Some(happening.to_string()),
        _ => None,
    });
    assert!(told.starts_with("messages are not stored: ") && told.contains(why), "{told}");
    let mut ann = room.join("ann");
    say(&mut ann, "ann", 0..3);
    assert_eq!(room.join_and_read("ben").len(), 4);
    let mut carl = room.peer();
    assert_eq!(carl.join("carl since=1")[..2], ["GAP 1", "MSG ann number 0"]);
    carl.send("PAST 1 1\n");
    carl.expect_start("ERR UNAVAILABLE ");
    room.stop();
    assert!(fs::read(file(&home)).unwrap() == before, "the file has changed");
}

#[test]
fn a_file_of_another_program_is_left_alone() {
    not_used(|home| fs::write(file(home), "Dear Ann,\n").unwrap(), "another program has made it");
    let database = |home: &Home| {
        Connection::open(file(home)).unwrap().execute_batch("CREATE TABLE cake (price INTEGER)").unwrap();
    };
    not_used(database, "another program has made it");
}

#[test]
fn a_file_with_a_newer_schema_is_left_alone() {
    let newer = |home: &Home| {
        room(home).stop();
        Connection::open(file(home)).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    };
    not_used(newer, "a newer multichat has made it (version 99");
}

#[test]
fn two_servers_do_not_share_a_file() {
    let home = Home::new();
    let first = room(&home);
    let second = room(&home);
    let told = second.wait_for("no history", |happening| match happening {
        EventKind::NoHistory { why, .. } => Some(why.clone()),
        _ => None,
    });
    assert!(told.contains("another server is using it"), "{told}");
    say(&mut first.join("ann"), "ann", 0..3);
    say(&mut second.join("ben"), "ben", 0..3);
    assert_eq!(all(&mut first.join("carl")).0.len(), 3);
}

/// All files in the home.
fn files(home: &Home) -> Vec<PathBuf> {
    fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
}
