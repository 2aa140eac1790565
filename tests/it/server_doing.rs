//! What the threads of a server say they are doing, while people join, talk, and one of them stops reading.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use crate::support::{Peer, Room, config, eventually, eventually_eq};
use multichat::server::Config;
use multichat::server::ThreadInfo;

fn threads(room: &Room) -> Vec<ThreadInfo> {
    room.server.threads(&room.snapshot().people)
}

/// The threads, each as `name: what it does`.
fn doing(room: &Room) -> Vec<String> {
    threads(room).iter().map(|thread| format!("{}: {}", thread.name, thread.doing)).collect()
}

#[test]
fn every_thread_is_listed_with_its_name_and_what_it_does() {
    let room = Room::open();
    eventually_eq("an empty server", vec!["accept: accepting".to_owned()], || doing(&room));
    let _silent = room.peer();
    let _ann = room.join("ann");
    let expected = ["accept: accepting", "client #1: waiting for the HELLO of #1", "client #2: reading from ann"];
    eventually_eq("two connections", expected.map(str::to_owned).to_vec(), || doing(&room));
    // For how long, too.
    eventually("it has been reading for a while", || {
        let ann = threads(&room).pop().unwrap();
        if ann.lasted.is_some_and(|lasted| lasted >= Duration::from_millis(200)) { Ok(()) } else { Err(ann) }
    });
}

#[test]
fn a_thread_that_has_ended_is_not_listed_any_more() {
    let room = Room::open();
    drop(room.join("ann"));
    eventually_eq("ann is gone", vec!["accept: accepting".to_owned()], || doing(&room));
}

#[test]
fn a_client_that_stops_reading_is_seen_to_be_drained_and_everybody_else_goes_on() {
    let room = Room::with(Config { stall_timeout: Duration::from_mins(10), backlog_max: 1 << 30, ..config() });
    let mut carl = Peer::connect_with_small_buffer(room.addr());
    carl.join("carl");
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    let line = format!("MSG ann {}", "x".repeat(4000));
    let drain = eventually("a thread drains carl for a second", || {
        // Everybody else goes on, all the time.
        ann.send((line.clone() + "\n").repeat(10));
        assert!(ben.lines(10).iter().all(|heard| *heard == line));
        let threads = threads(&room);
        let drain = threads.iter().find(|thread| thread.name == "drain carl");
        drain
            .filter(|drain| drain.lasted.is_some_and(|lasted| lasted >= Duration::from_secs(1)))
            .cloned()
            .ok_or(threads)
    });
    assert_eq!(drain.doing, "draining carl");
    assert_eq!(drain.serves.unwrap().as_str(), "carl");
    assert!(drain.backlog.unwrap() > 100_000, "{:?} bytes wait", drain.backlog);
    let threads = threads(&room);
    let carl = threads.iter().find(|thread| thread.name == "client #1").unwrap();
    assert_eq!(carl.doing, "reading from carl", "its own thread does not wait for it to read");
    assert!(carl.backlog.unwrap() > 100_000, "and says what waits for it");
    ann.sync();
    ben.sync();
}
