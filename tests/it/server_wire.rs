//! The wire of a server, tapped: what is seen of each line, by whom it was written, and what is not seen.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use crate::support::{DEADLINE, Peer, config, eventually, eventually_eq};
use multichat::internal::EventSink;
use multichat::internal::wire::{Direction, TapReceiver, TraceLine};
use multichat::server::{Config, Server};

/// A server whose wire somebody looks at.
fn watched(config: Config) -> (Server, TapReceiver) {
    let (sink, wire) = EventSink::default().tapped();
    let server = Server::start_with(config, sink).unwrap();
    wire.set_open(true);
    (server, wire)
}

/// The next line that is shown.
fn next(wire: &TapReceiver) -> TraceLine {
    wire.lines().recv_timeout(DEADLINE).unwrap()
}

fn in_words(passed: &TraceLine) -> String {
    format!("{} {} {}: {}", passed.thread, passed.arrow(), passed.peer, passed.shown())
}

#[test]
fn every_line_is_seen_with_the_thread_that_read_or_wrote_it() {
    let (server, wire) = watched(config());
    let mut ann = Peer::connect(server.addr());
    ann.join("ann");
    assert_eq!(in_words(&next(&wire)), "client #1 ← #1: HELLO ann");
    assert_eq!(in_words(&next(&wire)), "client #1 → ann: HELLO ann");
    let mut ben = Peer::connect(server.addr());
    ben.join("ben");
    ann.expect("HELLO ben");
    for _ in 0..4 {
        next(&wire);
    }
    // Who writes to ben? The thread of ann, who spoke; unless another is just about to be done with writing to him.
    eventually("ann's thread writes to ben", || {
        ann.send("MSG ann hi\n");
        ben.expect("MSG ann hi");
        assert_eq!(in_words(&next(&wire)), "client #1 ← ann: MSG ann hi");
        let went = next(&wire);
        assert_eq!(went.meaning(), "ann said to all");
        if in_words(&went) == "client #1 → ben: MSG ann hi" { Ok(()) } else { Err(went) }
    });
    ann.send("nonsense\u{7}\n");
    assert_eq!(in_words(&next(&wire)), "client #1 ← ann: nonsense<U+0007>");
    assert_eq!(next(&wire).meaning(), "refused: the line had no effect");
}

#[test]
fn a_password_is_never_seen() {
    let (server, wire) = watched(config());
    let mut ann = Peer::connect(server.addr());
    ann.send("PASS secret-of-the-room\npass\tsecret-of-the-room\n");
    ann.skip_to_end();
    let mut ben = Peer::connect(server.addr());
    ben.join("ben");
    ben.send("REGISTER secret-of-ben\n register secret-of-ben\nREGISTERsecret-of-ben\n#1 REGISTER secret-of-ben\n");
    ben.until_sync();
    let mut carl = Peer::connect(server.addr());
    carl.join("carl label");
    carl.send(
        "#word REGISTER secret-of-carl\n#too-long-for-a-label REGISTER secret-of-carl\n#PASS PASS secret-of-carl\n",
    );
    carl.until_sync();
    let seen: Vec<String> = wire.lines().try_iter().map(|passed| passed.shown()).collect();
    assert!(seen.iter().filter(|line| line.contains("***")).count() >= 8, "{seen:#?}");
    assert!(!seen.iter().any(|line| line.contains("secret")), "{seen:#?}");
}

#[test]
fn whoever_looks_too_slowly_is_told_how_much_was_missed_and_the_chat_goes_on() {
    let (server, wire) = watched(config());
    let [mut ann, mut ben] = ["ann", "ben"].map(|name| {
        let mut peer = Peer::connect(server.addr());
        peer.join(name);
        peer
    });
    ann.expect("HELLO ben");
    // Nobody takes the lines meanwhile.
    let begun = Instant::now();
    for round in 0..100 {
        ann.send("MSG ann x\n".repeat(100) + &format!("MSG ann round {round}\n"));
        while ben.line() != format!("MSG ann round {round}") {}
    }
    assert!(begun.elapsed() < DEADLINE, "the chat took {:?}", begun.elapsed());
    let mut lost = 0;
    // HELLOs (ann in and out, ben in and out twice, ben to ann), and each message once in and once out.
    eventually_eq("all lines are accounted for", 6 + 2 * 101 * 100, || {
        lost += wire.take_lost();
        wire.lines().len() as u64 + lost
    });
    assert!(lost > 10_000, "{lost} lines were lost");
}

#[test]
fn what_the_drain_thread_writes_is_seen_to_be_written_by_it() {
    let (server, wire) = watched(Config { stall_timeout: Duration::from_mins(10), backlog_max: 1 << 30, ..config() });
    let mut carl = Peer::connect_with_small_buffer(server.addr());
    carl.join("carl");
    let mut ann = Peer::connect(server.addr());
    ann.join("ann");
    let line = format!("MSG ann {}\n", "x".repeat(4000));
    eventually("carl has a thread that drains him", || {
        ann.send(&line);
        wire.lines().try_iter().for_each(drop);
        let threads = server.threads(&server.snapshot().people);
        if threads.iter().any(|thread| thread.name == "drain carl") { Ok(()) } else { Err(threads) }
    });
    ann.sync();
    wire.lines().try_iter().for_each(drop);
    carl.line();
    let drained = eventually("it writes", || {
        carl.line();
        wire.lines().try_iter().find(|passed| passed.thread == "drain carl").ok_or("no line of it")
    });
    assert_eq!((drained.peer.as_str(), drained.direction), ("carl", Direction::Out));
    drop(carl);
}

#[test]
fn an_operator_can_send_a_client_any_bytes() {
    let (server, wire) = watched(config());
    let mut ann = Peer::connect(server.addr());
    ann.join("ann");
    let id = server.snapshot().people[0].id;
    server.send_raw(id, b"MSG nobody boo\n").unwrap();
    ann.expect("MSG nobody boo");
    // It may come to us before whoever wrote it has said so.
    eventually("the line on the wire", || {
        let passed: Vec<String> = wire.lines().try_iter().map(|passed| passed.shown().clone()).collect();
        if passed.iter().any(|line| line == "MSG nobody boo") { Ok(()) } else { Err(passed) }
    });
    ann.send("BYE\n");
    ann.expect_end();
    eventually("ann is gone", || if server.send_raw(id, b"\n").is_ok() { Err("it was sent") } else { Ok(()) });
}
