//! The tests that a solution of each exercise in `docs/exercises.md` must pass. They are ignored, because nothing here solves them:
//! `cargo test --no-default-features --test it -- --ignored add_a_verb` runs the first.

// In a helper too, what fails is to fail the test.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::io::Read as _;
use std::mem::ManuallyDrop;
use std::thread;
use std::time::Duration;

use crate::support::{DEADLINE, Room};
use crossbeam_channel::bounded;
use multichat::protocol::{ClientLine, ServerLine};

/// Exercise 1.
#[test]
#[ignore = "an exercise for the reader"]
fn add_a_verb() {
    // The protocol knows it, in both directions.
    let mut bytes = Vec::new();
    let asked = ClientLine::parse(b"count").unwrap_or_else(|why| panic!("COUNT is no verb yet: {why:?}"));
    asked.expect("COUNT is no empty line").encode(&mut bytes);
    let (_, told) = ServerLine::parse(b"COUNT 42").expect("the answer is no line yet").unwrap();
    told.encode(&mut bytes);
    assert_eq!(String::from_utf8_lossy(&bytes), "COUNT\nCOUNT 42\n");
    for wrong in [&b"COUNT"[..], b"COUNT many", b"COUNT 1 2", b"COUNT -1"] {
        assert!(ServerLine::parse(wrong).is_err(), "{:?} is an answer", String::from_utf8_lossy(wrong));
    }

    // The server answers it, in its place among the other answers.
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    ann.send("MSG ann how many are we?\nCOUNT\nPING x\n");
    ann.expect("COUNT 2");
    ann.expect("PONG x");
    ben.expect("MSG ann how many are we?");
    // No other client gets a line, and a client that has not joined is not counted, nor may it ask.
    ben.sync();
    let mut unjoined = room.peer();
    ben.send("COUNT\n");
    ben.expect("COUNT 2");
    unjoined.send("COUNT\n");
    unjoined.expect_start("ERR HELLO_EXPECTED");
    ann.send("BYE\n");
    ben.expect("BYE ann");
    ben.send("Count\n");
    ben.expect("COUNT 1");
    room.stop();
}

/// Exercise 2.
#[test]
#[ignore = "an exercise for the reader"]
fn add_a_room() {
    let room = Room::open();
    let [mut ann, mut ben, mut carl] = room.join_all(["ann", "ben", "carl"]);
    // The others in the old room get the messages from before, and a BYE.
    ann.send("MSG ann who comes to lunch?\nJOIN lunch\n");
    ann.expect("HELLO ann");
    for other in [&mut ben, &mut carl] {
        other.expect("MSG ann who comes to lunch?");
        other.expect("BYE ann");
    }
    // The rule of joining holds here too: the HELLOs before one's own are the people in the room.
    ben.send("JOIN lunch\n");
    ben.expect("HELLO ann");
    ben.expect("HELLO ben");
    ann.expect("HELLO ben");
    carl.expect("BYE ben");
    // A message stays in its room; a private one finds its recipient in any room.
    ben.send("MSG ben bread and cheese\nTELL carl we are at lunch\n");
    ann.expect("MSG ben bread and cheese");
    carl.expect("TELL ben we are at lunch");
    carl.send("MSG carl where is everybody?\nWHO\n");
    carl.expect("HELLO carl");
    ann.sync();
    ben.sync();
    // A name is taken once for all rooms.
    let mut twin = room.peer();
    twin.send("HELLO ann\n");
    twin.expect_start("ERR USERNAME_TAKEN");
    // Newcomers join the first room.
    let mut dora = room.peer();
    assert_eq!(dora.join("dora"), ["HELLO carl"]);
    carl.expect("HELLO dora");
    // A JOIN of the current room lists its people again, and the others get no line.
    ann.send("JOIN lunch\n");
    ann.expect("HELLO ben");
    ann.expect("HELLO ann");
    ben.sync();
    for wrong in ["JOIN\n", "JOIN two words\n"] {
        ann.send(wrong);
        ann.expect_start("ERR BAD_LINE");
    }
    // Leaving is announced in the client's room, and the operator's announcement in every room.
    ann.reset();
    ben.expect("BYE ann");
    carl.sync();
    room.server.announce("closing time").unwrap();
    for peer in [&mut ben, &mut carl, &mut dora] {
        peer.expect("MSG server closing time");
    }
    room.stop();
}

/// Exercise 3: with the bug put in.
#[test]
#[ignore = "an exercise for the reader"]
fn survive_a_thread_that_never_comes_back() {
    // A failing test must not stop the server on its way out: without a solution that may never end.
    let room = ManuallyDrop::new(Room::open());
    let [mut ann, mut ben, mut carl] = room.join_all(["ann", "ben", "carl"]);
    ann.send("MSG ann stuck\nPING x\n");
    ann.socket().set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let answered = ann.socket().read(&mut [0; 100]).is_ok();
    assert!(!answered, "ann's thread comes back: put the bug in first, as docs/exercises.md says");

    // The others go on. This holds already.
    ben.send("MSG ben are you there, ann?\n");
    carl.expect("MSG ben are you there, ann?");

    // The operator can kick ann, and her name is free again, although her thread is still stuck.
    let id = room.person("ann").expect("ann is in the table").id;
    room.server.kick(id, "your thread is stuck").unwrap();
    ben.expect("BYE ann");
    carl.expect("BYE ann");
    let mut ann_again = room.join("ann");
    ben.expect("HELLO ann");
    ann_again.send("MSG ann here I am again\n");
    ben.expect("MSG ann here I am again");

    // The server can be stopped.
    let (stopped, wait) = bounded(1);
    let room = ManuallyDrop::into_inner(room);
    thread::spawn(move || {
        room.stop();
        let _ = stopped.send(());
    });
    assert!(wait.recv_timeout(DEADLINE).is_ok(), "the stop waits for a thread that never comes back");
    ben.until_end();
}
