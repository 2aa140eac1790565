//! What the operator deletes goes from the screens, too: who is told of it, and that it always comes after the message.

#![cfg(feature = "storage")]
#![allow(clippy::unwrap_used)]

use multichat::server::{Config, Deletion};

use crate::support::history::{ask, room, say};
use crate::support::program::Home;
use crate::support::{Peer, Room, config, eventually, eventually_eq, stamped};

/// Says something, and returns the stamp that it gets.
fn said(peer: &mut Peer, name: &str, text: &str) -> u64 {
    peer.send(format!("MSG {name} {text}\n"));
    loop {
        let line = peer.line();
        if line.starts_with('@') && line.ends_with(&format!("MSG {name} {text}")) {
            return stamped(&line).0;
        }
    }
}

#[test]
fn who_asks_for_it_is_told_of_a_deleted_message_and_nobody_else() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann stamp echo deleted");
    let mut nc = room.join("nc");
    ann.until_sync();
    let (insult, other) = (said(&mut ann, "ann", "insult"), said(&mut ann, "ann", "hello"));
    assert_eq!(room.server.forget(&Deletion::One(insult)), Ok(Some(1)));
    ann.expect(&format!("DELETED {insult}"));
    assert_eq!(nc.until_sync(), ["MSG ann insult", "MSG ann hello"]);
    // Nobody is told twice.
    assert_eq!(room.server.forget(&Deletion::One(insult)), Ok(Some(0)));
    assert_eq!(room.server.forget(&Deletion::AllOf("ANN".into())), Ok(Some(1)));
    ann.expect(&format!("DELETED {other}"));
    ann.sync();
    nc.sync();
}

#[test]
fn what_is_in_memory_only_since_the_disk_fails_can_be_deleted_too() {
    let home = Home::new();
    // A folder is no database.
    let room = Room::with(Config { history: Some(home.path().to_owned()), ..config() });
    let mut ann = room.join("ann stamp echo deleted");
    let insult = said(&mut ann, "ann", "insult");
    assert_eq!(room.server.forget(&Deletion::AllOf("ann".into())), Ok(Some(1)));
    ann.expect(&format!("DELETED {insult}"));
    assert_eq!(room.server.forget(&Deletion::AllOf("ann".into())), Ok(Some(0)));
    assert_eq!(room.join_and_read("ben"), ["HELLO ann"]);
}

#[test]
fn of_all_messages_of_a_name_the_newest_are_told_first_and_then_those_that_are_only_on_the_disk() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann");
    // More than the server has in memory.
    say(&mut ann, "ann", 0..1500);
    let mut ben = room.join("ben stamp deleted");
    say(&mut ben, "ben", 0..3);
    ben.until_sync();
    room.server.forget(&Deletion::AllOf("ann".into())).unwrap();
    let stamp = |line: String| line.strip_prefix("DELETED ").unwrap().parse::<u64>().unwrap();
    let told: Vec<u64> = ben.lines(1500).into_iter().map(stamp).collect();
    assert!(told.is_sorted_by(|newer, older| newer > older), "not the newest first, or one twice");
    ben.sync();
    // A slow disk goes on after the answer.
    eventually_eq("those of another are left", 3, || ask(&mut ben, "FIND number").0.len());
}

#[test]
fn what_is_said_after_the_deletion_stays() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann stamp echo deleted");
    let before = said(&mut ann, "ann", "before");
    room.server.forget(&Deletion::AllOf("ann".into())).unwrap();
    ann.expect(&format!("DELETED {before}"));
    said(&mut ann, "ann", "after");
    let kept = ask(&mut ann, "PAST 9999999999999999999 10").0;
    assert_eq!(kept.into_iter().map(|(_, line)| line).collect::<Vec<_>>(), ["PAST ann after"]);
}

#[test]
fn an_answer_that_was_read_before_is_followed_by_what_was_deleted_meanwhile() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann");
    let long = "x".repeat(4000);
    ann.send(format!("MSG ann {long}\n").repeat(200));
    ann.sync();
    // Its socket is full with a part of the answer, the rest of which the server holds.
    let mut slow = Peer::connect_with_small_buffer(room.addr());
    slow.join("slow stamp deleted");
    // One answer can fit into the system's buffers: the send buffer grows to some megabytes (tcp(7), tcp_wmem).
    let answers = 10;
    slow.send("PAST 9999999999999999999 200\n".repeat(answers));
    eventually("it has begun to answer", || {
        let waits = room.person("slow").unwrap().backlog;
        if waits > 64 << 10 { Ok(()) } else { Err(waits) }
    });
    // On a busy machine it may go on in the background.
    let deleted = room.server.forget(&Deletion::AllOf("ann".into()));
    assert!(matches!(deleted, Ok(Some(200) | None)), "{deleted:?}");
    let (mut shown, mut deleted_first, mut ended) = (std::collections::BTreeSet::new(), 0, 0);
    while ended < answers {
        let line = slow.line();
        ended += usize::from(line.starts_with("END PAST"));
        if let Some(stamp) = line.strip_prefix("DELETED ") {
            deleted_first += usize::from(!shown.remove(&stamp.parse::<u64>().unwrap()));
        } else if line.contains(" PAST ann ") {
            shown.insert(stamped(&line).0);
        }
    }
    assert!(shown.is_empty(), "{} messages stay on the screen", shown.len());
    assert!(deleted_first > 0, "the case did not occur: all of the answer was out before");
}

#[test]
fn somebody_who_comes_back_is_told_of_what_was_deleted_meanwhile() {
    let home = Home::new();
    let room = room(&home);
    let mut ann = room.join("ann stamp echo");
    let [insult, last, _later] = ["insult", "last", "later"].map(|text| said(&mut ann, "ann", text));
    room.server.forget(&Deletion::One(insult)).unwrap();
    let past = room.peer().join(&format!("ben deleted since={last}"));
    assert_eq!(past[..2], ["MSG ann later".to_owned(), format!("DELETED {insult}")]);
    for asks in [format!("carl since={last}"), "dora deleted".into(), format!("emil deleted since={}", insult - 1)] {
        let past = room.peer().join(&asks);
        assert!(!past.iter().any(|line| line.starts_with("DELETED")), "{asks}: {past:?}");
    }
}
