//! Leaving: in whatever way somebody goes, the others hear of it once, and the name is free.

use std::thread;
use std::time::Duration;

use crate::support::{End, Peer, Room, eventually_eq, eventually_within};
use multichat::server::{DisconnectReason, EventKind};

#[test]
fn bye_is_announced_once_and_the_connection_is_closed() {
    let room = Room::open();
    let [mut ann, mut ben, mut carl] = room.join_all(["ann", "ben", "carl"]);
    ben.send("BYE\n");
    ben.expect_end();
    assert_eq!(ann.until_sync(), ["BYE ben"]);
    assert_eq!(carl.until_sync(), ["BYE ben"]);
    assert_eq!(room.disconnect_reason("ben"), DisconnectReason::Bye);
    assert_eq!(room.names(), ["ann", "carl"]);
}

#[test]
fn bye_may_name_its_sender_and_what_comes_after_it_is_not_heard() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    ben.send("MSG ben bye all\nPING 1\nWHO\nbye ben\nMSG ben not heard\n");
    ben.expect("PONG 1");
    ben.expect("HELLO ann");
    ben.expect("HELLO ben");
    assert_eq!(ben.until_end().0, [""; 0]);
    assert_eq!(ann.until_sync(), ["MSG ben bye all", "BYE ben"]);
}

#[test]
fn closing_without_bye_is_announced_too() {
    let room = Room::open();
    let [mut ann, ben] = room.join_all(["ann", "ben"]);
    drop(ben);
    ann.expect("BYE ben");
    assert_eq!(room.disconnect_reason("ben"), DisconnectReason::Closed);
    ann.sync();
}

#[test]
fn a_reset_connection_is_announced_once_within_a_second_and_its_name_is_free_at_once() {
    let room = Room::open();
    let mut ann = room.join("ann");
    for _ in 0..20 {
        eventually_within(Duration::from_secs(1), "the others hear of it", || {
            let mut ben = room.join("ben");
            ann.expect("HELLO ben");
            ben.sync();
            ben.reset();
            ann.expect("BYE ben");
        });
    }
    room.join("ben");
    ann.expect("HELLO ben");
    assert!(matches!(room.disconnect_reason("ben"), DisconnectReason::Broken(_)));
}

#[test]
fn a_reset_before_hello_is_no_news_to_anybody() {
    let room = Room::open();
    let mut ann = room.join("ann");
    room.peer().reset();
    let mut in_the_middle = room.peer();
    in_the_middle.send("HEL");
    in_the_middle.reset();
    // Windows tells nobody of a connection that is reset before it is accepted.
    for _ in 0..if cfg!(windows) { 0 } else { 2 } {
        // Seen by the accept thread, or by the client's own.
        assert!(matches!(room.refusal(), DisconnectReason::Broken(_)));
    }
    eventually_eq("nobody waits to say HELLO", 0, || room.snapshot().totals.unauthenticated);
    ann.sync();
}

#[test]
fn a_reset_in_the_middle_of_a_line_drops_that_line_alone() {
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    ben.send("MSG ben whole\nMSG ben in the mid");
    ann.expect("MSG ben whole");
    ben.reset();
    ann.expect("BYE ben");
    ann.sync();
}

#[test]
fn a_reset_while_being_written_to_hurts_nobody_else() {
    let room = Room::open();
    let [mut ann, mut carl] = room.join_all(["ann", "carl"]);
    for _ in 0..10 {
        let mut ben = Peer::connect_with_small_buffer(room.addr());
        ben.join("ben");
        carl.expect("HELLO ben");
        let text = format!("MSG ann {}\n", "x".repeat(4000));
        let reader = thread::spawn(move || {
            let lines = carl.lines(200);
            (carl, lines)
        });
        ann.send(text.repeat(100));
        ben.line();
        ben.reset();
        ann.send(text.repeat(100));
        let lines;
        (carl, lines) = reader.join().unwrap();
        let byes = lines.iter().filter(|line| *line == "BYE ben").count();
        assert_eq!(lines.iter().filter(|line| line.starts_with("MSG ann x")).count(), 200 - byes);
        // BYE stood among those 200, or it comes after the last.
        let mut rest = carl.lines(1);
        rest.extend(carl.until_sync());
        assert_eq!(rest.iter().filter(|line| *line == "BYE ben").count(), 1 - byes, "{rest:?}");
        assert_eq!(ann.until_sync(), ["HELLO ben", "BYE ben"]);
    }
}

#[test]
fn half_a_close_still_gets_its_answers() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let mut ben = room.peer();
    // As `printf ... | nc -N` does.
    ben.send("HELLO ben\nMSG ben one\nPING 1\nMSG ben two\nTELL nobody x\nMSG ben without an end");
    ben.close_writing();
    assert_eq!(
        ben.until_end(),
        (["HELLO ann", "HELLO ben", "PONG 1", "ERR NO_SUCH_USER nobody"].map(String::from).into(), End::Closed)
    );
    assert_eq!(ann.until_sync(), ["HELLO ben", "MSG ben one", "MSG ben two", "BYE ben"]);
}

#[test]
fn half_a_close_before_hello_is_a_close() {
    let room = Room::open();
    let mut peer = room.peer();
    peer.send("HELLO be");
    peer.close_writing();
    peer.expect_end();
    assert_eq!(room.refusal(), DisconnectReason::Closed);
}

#[test]
fn a_late_cleanup_does_not_evict_whoever_came_back() {
    let room = Room::open();
    let mut ann = room.join("ann");
    // The old connection is reset and the new one asks for the name again and again until it is free.
    for _ in 0..50 {
        room.join("ben").reset();
        let mut ben = loop {
            let mut peer = room.peer();
            peer.send("HELLO ben\n");
            let first = peer.line();
            if first == "HELLO ann" {
                peer.expect("HELLO ben");
                break peer;
            }
            assert!(first.starts_with("ERR USERNAME_TAKEN "), "{first}");
        };
        ben.sync();
        assert_eq!(room.names(), ["ann", "ben"]);
        ben.send("BYE\n");
        ben.expect_end();
    }
    let news = ann.until_sync();
    assert_eq!(news, ["HELLO ben", "BYE ben"].repeat(100));
}

#[test]
fn everybody_may_leave_at_the_same_instant() {
    let room = Room::open();
    let peers: Vec<Peer> = (0..40).map(|number| room.join(&format!("p{number}"))).collect();
    for (number, mut peer) in peers.into_iter().enumerate() {
        match number % 3 {
            0 => peer.send("MSG p0 x\nBYE\n"),
            1 => drop(peer),
            _ => peer.reset(),
        }
    }
    for _ in 0..40 {
        room.wait_for("somebody left", |happening| matches!(happening, EventKind::Left { .. }).then_some(()));
    }
    assert_eq!(room.names(), [""; 0]);
}
