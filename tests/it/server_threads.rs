//! Running out of threads: those who are connected go on, newcomers are told, and are served again when there is room.
//!
//! A thread needs address space for its stack, and that can be limited for a process. So the server runs in one of its
//! own: this test program once more, which runs [`a_server_with_little_room`] alone. Linux only.

#![cfg(target_os = "linux")]
// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use crate::support::{Peer, config, eventually};
use multichat::server::Server;
use nix::sys::resource::{Resource, setrlimit};

/// Room for some threads: one takes a quarter of this for its stack.
const ROOM: u64 = 4 << 20;

/// The process with the server in it.
#[test]
#[ignore = "is run by the other in this file, in a process of its own"]
fn a_server_with_little_room() {
    let (server, _) = Server::start(config()).unwrap();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    let size: u64 = size.trim().trim_end_matches(" kB").parse().unwrap();
    let limit = size * 1024 + ROOM;
    setrlimit(Resource::RLIMIT_AS, limit, limit).unwrap();
    println!("\nlistening on {}", server.addr());
    // Until the other process says something, or is gone.
    std::io::stdin().read_line(&mut String::new()).unwrap();
    server.stop();
    println!("stopped");
}

#[test]
fn without_threads_those_connected_go_on_and_newcomers_are_told_until_there_is_room() {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "server_threads::a_server_with_little_room", "--ignored", "--nocapture"])
        // One heap for all threads: the others would each take address space, and how much is not ours to say.
        .env("MALLOC_ARENA_MAX", "1")
        // It has its room from the beginning, so that what there is later is for stacks alone.
        .env("MALLOC_TOP_PAD_", (8 << 20).to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let addr = lines.find_map(|line| Some(line.unwrap().strip_prefix("listening on ")?.parse().unwrap())).unwrap();

    let mut peers = Vec::new();
    let refused = loop {
        let mut peer = Peer::connect(addr);
        // The refusal does not wait for it, and may have closed the connection by now.
        let _ = peer.try_send(format!("HELLO p{}\n", peers.len()));
        match peer.line() {
            line if line.starts_with("ERR ") => break line,
            _ => peers.push(peer),
        }
        assert!(peers.len() < 1000, "there is no end to the threads");
    };
    assert!(refused.starts_with("ERR SERVER_FULL the server has no thread to spare"), "{refused}");
    assert!(peers.len() > 2, "only {} threads fit", peers.len());

    let count = peers.len();
    for (number, peer) in peers.iter_mut().enumerate() {
        peer.send(format!("TELL p{} hi\n", (number + 1) % count));
    }
    for (number, peer) in peers.iter_mut().enumerate() {
        let from = (number + count - 1) % count;
        while peer.line() != format!("TELL p{from} hi") {}
    }

    drop(peers.pop());
    eventually("a newcomer is served", || {
        let mut peer = Peer::connect(addr);
        let _ = peer.try_send("HELLO late\n");
        match peer.next() {
            Ok(line) if line.starts_with("HELLO ") => Ok(()),
            other => Err(other),
        }
    });
    writeln!(process.stdin.take().unwrap()).unwrap();
    assert!(lines.any(|line| line.unwrap() == "stopped"));
    assert!(process.wait().unwrap().success());
}
