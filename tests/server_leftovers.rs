//! Nothing is left over: threads, descriptors, names and memory are counted after starts and stops, crowds and floods.
//!
//! What is counted belongs to the whole process, so these tests run one after the other. Linux only, since they look
//! into `/proc`.

#![cfg(target_os = "linux")]
// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use multichat::server::Config;
use support::{DEADLINE, Peer, Room, config, eventually, eventually_eq, eventually_within};

/// How often each of eight crowds comes and goes.
const EACH: usize = 128;

/// One test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The names of the threads that servers have in this process, and how many descriptors it has open.
fn left_over() -> (Vec<String>, usize) {
    let names = fs::read_dir("/proc/self/task").unwrap().filter_map(|task| {
        // It may have ended since.
        let name = fs::read_to_string(task.unwrap().path().join("comm")).ok()?;
        ["accept", "client", "drain", "flusher"]
            .iter()
            .any(|server| name.starts_with(server))
            .then(|| name.trim().to_owned())
    });
    (names.collect(), fs::read_dir("/proc/self/fd").unwrap().count())
}

/// The same, with a server that nobody is connected to. A thread gives itself its name some time after its start.
fn settled() -> (Vec<String>, usize) {
    eventually_eq("the thread that accepts has its name", vec!["accept".to_owned()], || left_over().0);
    left_over()
}

/// Memory of this process that is in use now, in KiB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_server_may_be_started_and_stopped_many_times() {
    let _alone = alone();
    let before = left_over();
    assert!(before.0.is_empty(), "{before:?}");
    for round in 0..50 {
        let room = Room::open();
        let mut peers: Vec<Peer> = (0..round % 5).map(|number| room.join(&format!("p{number}"))).collect();
        let silent = (round % 2 == 0).then(|| room.peer());
        if let Some(peer) = peers.first_mut() {
            peer.send("MSG p0 hi\n");
        }
        room.stop();
        // The stop has joined its threads and closed its sockets. Yet the kernel tells of a thread's end, which is what a
        // join waits for, a moment before it takes the thread out of the list in /proc.
        drop((peers, silent));
        eventually_eq(&format!("nothing is left over after round {round}"), before.clone(), left_over);
    }
}

#[test]
fn a_probe_ends_with_the_client_that_it_asks() {
    let _alone = alone();
    let room = Room::open();
    let settled = settled();
    // A whole probe takes 6.5 s.
    eventually_within(Duration::from_secs(4), "a probe of a client that leaves", || {
        let ann = room.join("ann");
        let mut other = room.peer();
        other.send("HELLO ann\n");
        other.expect_start("ERR USERNAME_TAKEN ");
        drop((ann, other));
        eventually_eq("its thread has ended", settled.0.len(), || left_over().0.len());
    });
}

#[test]
fn a_churn_of_a_thousand_leaves_nothing_behind() {
    let _alone = alone();
    let before = left_over();
    let room = Room::with(Config { max_unauthenticated: 10_000, ..config() });
    let mut ann = room.join("ann");
    let settled = left_over();
    // Eight crowds at once; half of all connections are reset, in every stage.
    thread::scope(|scope| {
        for crowd in 0..8 {
            let room = &room;
            scope.spawn(move || {
                for number in 0..EACH {
                    let mut peer = room.peer();
                    let hello = format!("HELLO p{crowd}\n");
                    match number % 8 {
                        0 => peer.reset(),
                        1 => drop(peer),
                        2 => {
                            peer.send("HELLO p");
                            peer.reset();
                        }
                        3 => {
                            peer.send(hello + "MSG p");
                            peer.reset();
                        }
                        4 => {
                            peer.send(hello);
                            peer.line();
                            peer.reset();
                        }
                        5 => {
                            peer.send(hello + "BYE\n");
                            peer.until_end();
                        }
                        6 => {
                            peer.send("nonsense\n");
                            peer.until_end();
                        }
                        _ => {
                            peer.send(hello);
                            peer.line();
                        }
                    }
                }
            });
        }
        // Somebody reads what all that makes the server say.
        scope.spawn(|| {
            let mut ended = 0;
            // A crowd that fails does not end all that it was to end.
            let deadline = Instant::now() + 12 * DEADLINE;
            while ended < 8 * EACH as u64 {
                assert!(Instant::now() < deadline, "{ended} connections have ended");
                ann.until_sync();
                let snapshot = room.snapshot();
                ended = snapshot.disconnects.iter().map(|(_, count)| count).sum();
            }
        });
    });
    eventually_eq("only ann is here", vec!["ann".to_string()], || room.names());
    eventually("threads and descriptors are as before", || {
        let now = left_over();
        if now.0.len() == settled.0.len() && now.1 == settled.1 { Ok(()) } else { Err(now) }
    });
    assert_eq!(room.snapshot().totals.unauthenticated, 0);
    ann.until_sync();
    for crowd in 0..8 {
        room.join(&format!("p{crowd}"));
    }
    drop(ann);
    room.stop();
    assert_eq!(left_over(), before);
}

#[test]
fn megabytes_without_a_line_feed_leave_the_memory_flat_and_the_connection_usable() {
    let _alone = alone();
    let room = Room::open();
    let [mut ann, mut ben] = room.join_all(["ann", "ben"]);
    let megabyte = vec![b'x'; 1 << 20];
    ann.send(&megabyte);
    ann.expect("ERR LINE_TOO_LONG a line has at most 4096 bytes");
    let before = resident();
    for _ in 0..20 {
        ann.send(&megabyte);
    }
    eventually("the server has read it all", || {
        let read = room.person("ann").unwrap().bytes_in;
        if read > 21 << 20 { Ok(()) } else { Err(read) }
    });
    let grown = resident().saturating_sub(before);
    assert!(grown < 2048, "20 MB without a line feed made the process {grown} KiB larger");
    ann.send("\nMSG ann still here\n");
    ben.expect("MSG ann still here");
    ann.sync();
}

#[test]
fn megabytes_before_hello_leave_the_memory_flat() {
    let _alone = alone();
    let room = Room::open();
    let before = resident();
    for _ in 0..5 {
        let mut peer = room.peer();
        // The server closes after a while, whatever is still to come.
        let _ = peer.try_send(vec![b'x'; 4 << 20]);
        peer.skip_to_end();
    }
    // Four megabytes are ours.
    let grown = resident().saturating_sub(before);
    assert!(grown < 6 * 1024, "20 MB without a line feed made the process {grown} KiB larger");
}

#[test]
fn hundreds_may_be_here_and_go_again() {
    let _alone = alone();
    let before = left_over();
    let room = Room::open();
    let mut peers: Vec<Peer> = (0..300).map(|number| room.join(&format!("p{number}"))).collect();
    peers[0].until_sync();
    peers[299].send("MSG p299 hello all\n");
    peers[0].expect("MSG p299 hello all");
    let (threads, _) = left_over();
    assert_eq!(threads.iter().filter(|name| name.starts_with("client")).count(), 300);
    drop(peers);
    eventually_eq("nobody is here", 0, || room.names().len());
    eventually("the threads have ended", || {
        let (threads, _) = left_over();
        if threads == ["accept"] { Ok(()) } else { Err(threads) }
    });
    room.stop();
    assert_eq!(left_over(), before);
}
