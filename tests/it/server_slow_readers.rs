//! Slow readers: nobody waits for them, and those who do not read at all are ended.

// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::net::Shutdown;
use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{DEADLINE, Peer, Room, config, eventually, eventually_eq};
use crossbeam_channel::bounded;
use multichat::protocol::ErrorCode;
use multichat::server::{Config, DisconnectReason, EventKind};

/// A line as long as they come; a few hundred of them are more than the kernel keeps for a peer that does not read.
fn long_line(number: usize) -> String {
    format!("MSG ann {number} {}", "x".repeat(4000))
}

/// Ann says a line, ben gets it, again and again while the room has a stalled reader; until `enough`.
fn round_trips(ann: &mut Peer, ben: &mut Peer, mut enough: impl FnMut() -> ControlFlow<()>) {
    let begun = Instant::now();
    for number in 0.. {
        ann.send(long_line(number) + "\n");
        let mut line = ben.line();
        if line == "BYE stalled" {
            line = ben.line();
        }
        assert_eq!(line, long_line(number));
        if enough().is_break() {
            return;
        }
        assert!(begun.elapsed() < 2 * DEADLINE, "still going on after {number} lines");
    }
}

fn left(event: &EventKind) -> Option<DisconnectReason> {
    match event {
        EventKind::Left { name, why, .. } if name.as_str() == "stalled" => Some(why.clone()),
        _ => None,
    }
}

#[test]
fn whoever_takes_nothing_for_too_long_is_ended_while_nobody_waits() {
    let stall_timeout = Duration::from_secs(1);
    let room = Room::with(Config { stall_timeout, backlog_max: 1 << 30, ..config() });
    let mut stalled = Peer::connect_with_small_buffer(room.addr());
    stalled.join("stalled");
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);

    let (mut why, mut noticed, mut meanwhile, mut largest) = (None, Duration::ZERO, 0, 0);
    round_trips(&mut ann, &mut ben, || {
        if let Some(person) = room.person("stalled") {
            noticed = noticed.max(person.stalled.unwrap_or_default());
            meanwhile += usize::from(noticed > stall_timeout / 4);
            largest = largest.max(person.backlog);
        }
        why = room.events.try_iter().find_map(|event| left(&event.kind));
        if why.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(why, Some(DisconnectReason::Ended(ErrorCode::TooSlow, "you read nothing for 1 s".into())));
    // A server that writes in turn stops for all of the stall timeout.
    assert!(meanwhile > 3, "only {meanwhile} round trips");
    assert!(noticed > stall_timeout / 2, "the snapshots say that it was stalled for {noticed:?}");
    assert!(largest > 100_000, "the snapshots say that {largest} bytes waited");
    assert_eq!(room.names(), ["ann", "ben"]);
    room.join("stalled");
}

#[test]
fn whoever_is_too_far_behind_is_ended_while_nobody_waits() {
    let stall_timeout = Duration::from_mins(10);
    let room = Room::with(Config { stall_timeout, backlog_max: 200_000, ..config() });
    let mut stalled = Peer::connect_with_small_buffer(room.addr());
    stalled.join("stalled");
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    let mut largest = 0;
    round_trips(&mut ann, &mut ben, || {
        largest = largest.max(room.person("stalled").map_or(0, |person| person.backlog));
        match room.events.try_iter().find_map(|event| left(&event.kind)) {
            Some(why) => {
                let expected = "too much waited for you to read it";
                assert_eq!(why, DisconnectReason::Ended(ErrorCode::TooSlow, expected.into()));
                ControlFlow::Break(())
            }
            None => ControlFlow::Continue(()),
        }
    });
    assert!(largest > 100_000 && largest < 210_000, "{largest} bytes waited");
}

#[test]
#[cfg_attr(windows, ignore = "what the system keeps for it takes longer to read than a connection that ends lingers")]
fn whoever_reads_again_in_time_sees_whole_lines_in_order_and_then_why_although_it_talks() {
    let room = Room::with(Config { backlog_max: 200_000, ..config() });
    let [mut slow, mut ann] = room.join_all(["slow", "ann"]);
    thread::scope(|scope| {
        // As long as ann has the other end, it reads one line for four of hers; then all that is left, as quickly as it can.
        let (pace, keeps_pace) = bounded(0);
        let slow = &mut slow;
        let reader = scope.spawn(move || {
            for read in 0.. {
                let _ = keeps_pace.recv();
                // It goes on to talk, too: what nobody reads any more must not reset the connection before it knows why.
                slow.send("\n");
                match slow.line() {
                    why if why.starts_with("ERR ") => return (read, why),
                    line => assert_eq!(line, long_line(read)),
                }
            }
            unreachable!("there are more numbers than lines");
        });
        for number in 0.. {
            assert!(number < 20_000, "nothing was dropped");
            ann.send(long_line(number) + "\n");
            if number % 4 == 0 && pace.send(()).is_err() {
                break;
            }
            if number % 20 == 0 {
                ann.until_sync();
                let totals = room.snapshot().totals;
                // What she says goes to nobody: it was given up, and from now on has some seconds to read on.
                if totals.deliveries < totals.messages {
                    break;
                }
            }
        }
        drop(pace);
        let (read, why) = reader.join().unwrap();
        assert!(why.starts_with("ERR TOO_SLOW "), "{why}");
        assert!(read > 0, "not one line came before that");
    });
    slow.expect_end();
}

#[test]
#[cfg_attr(windows, ignore = "the system keeps more for it than is said here, even with a small buffer")]
fn whoever_reads_slowly_misses_nothing() {
    let stall_timeout = Duration::from_millis(700);
    let room = Room::with(Config { stall_timeout, ..config() });
    let mut slow = Peer::connect_with_small_buffer(room.addr());
    slow.join("slow");
    let mut ann = room.join("ann");
    slow.expect("HELLO ann");
    for number in 0..700 {
        ann.send(long_line(number) + "\n");
    }
    ann.sync();
    let behind = eventually("the slow reader's socket is full", || {
        let person = room.person("slow").unwrap();
        if person.stalled.is_some() { Ok(person.backlog) } else { Err(person.backlog) }
    });
    assert!(behind > 100_000, "only {behind} bytes wait");
    // All the time that this takes is more than the stall timeout, but every now and then the socket takes something.
    let begun = Instant::now();
    for number in 0..700 {
        slow.expect(&long_line(number));
        thread::park_timeout(Duration::from_millis(2));
    }
    assert!(begun.elapsed() > stall_timeout, "it was not slow: {:?}", begun.elapsed());
    slow.sync();
    // Whoever wrote the last line says so a moment after it was read.
    eventually_eq("it has caught up", (0, None), || {
        let person = room.person("slow").unwrap();
        (person.backlog, person.stalled)
    });
    ann.sync();
}

#[test]
fn whoever_floods_itself_with_answers_hurts_itself_alone() {
    let room = Room::with(Config { backlog_max: 200_000, ..config() });
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    let mut greedy = Peer::connect_with_small_buffer(room.addr());
    greedy.join("greedy");
    ann.expect("HELLO greedy");
    ben.expect("HELLO greedy");
    let ping = format!("PING {}\n", "x".repeat(4000));
    let connection = greedy.for_sending();
    thread::scope(|scope| {
        scope.spawn(|| while greedy.try_send(&ping).is_ok() {});
        for number in 0..200 {
            ann.send(format!("MSG ann {number}\n"));
            let mut line = ben.line();
            if line == "BYE greedy" {
                line = ben.line();
            }
            assert_eq!(line, format!("MSG ann {number}"));
        }
        assert!(matches!(room.disconnect_reason("greedy"), DisconnectReason::Ended(ErrorCode::TooSlow, _)));
        // Whoever does not read does not see that either, and goes on writing into a window that stays closed.
        let _ = connection.socket().shutdown(Shutdown::Both);
    });
}
