//! What the real program keeps when it is killed, when the disk is full, and when it may not write.

#![cfg(all(feature = "storage", target_os = "linux"))]
// In what the tests share, too.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::history::{all, ask, lines_of, messages, say};
use crate::support::program::{Home, Program};
use crate::support::{Peer, stamped};

/// What a kill may take: 200 ms are promised, and this machine may be busy with other tests.
const LOST_MAX: Duration = Duration::from_secs(1);

fn serve(home: &Home, args: &[&str]) -> (Program, Peer) {
    let program = Program::start(
        env!("CARGO_BIN_EXE_server"),
        home,
        &[&["--headless", "--rate", "0", "--listen", "127.0.0.1:0"], args].concat(),
    );
    let addr = program.listening().parse().unwrap();
    (program, Peer::in_plain_text(addr))
}

#[test]
fn a_kill_in_full_flow_takes_the_last_moment_at_most() {
    let home = Home::new();
    let (program, mut listener) = serve(&home, &[]);
    let addr = listener.socket().peer_addr().unwrap();
    listener.join("listener stamp");
    let speakers: Vec<_> = ["ann", "ben", "carl"]
        .into_iter()
        .map(|name| {
            let mut peer = Peer::in_plain_text(addr);
            peer.join(name);
            thread::spawn(move || {
                for number in 0.. {
                    if peer.try_send(messages(name, number * 20..number * 20 + 20)).is_err() {
                        break;
                    }
                    thread::park_timeout(Duration::from_millis(5));
                }
            })
        })
        .collect();
    // What was heard, and when: for two seconds, long enough for many groups.
    let (began, mut heard) = (Instant::now(), BTreeMap::new());
    while began.elapsed() < Duration::from_secs(2) {
        let line = listener.line();
        if line.contains(" MSG ") {
            let (stamp, line) = stamped(&line);
            heard.insert(stamp, (line.replacen("MSG", "PAST", 1), Instant::now()));
        }
    }
    let killed = Instant::now();
    program.kill();
    for speaker in speakers {
        speaker.join().unwrap();
    }

    let (_program, mut peer) = serve(&home, &[]);
    peer.join("later");
    let kept: BTreeMap<u64, String> = all(&mut peer).0.into_iter().collect();
    let mut worst = Duration::ZERO;
    for (stamp, (line, at)) in &heard {
        match kept.get(stamp) {
            Some(same) => assert_eq!(same, line),
            None => worst = worst.max(killed.duration_since(*at)),
        }
    }
    println!("{} heard, {} kept; the oldest that is lost was said {worst:?} before the kill", heard.len(), kept.len());
    assert!(heard.len() > 500, "{} were heard", heard.len());
    assert!(worst < LOST_MAX, "lost what was said {worst:?} before the kill");
    // None is there twice, and each speaker's are in order.
    for name in ["ann", "ben", "carl"] {
        let prefix = format!("PAST {name} number ");
        let numbers: Vec<usize> =
            kept.values().filter_map(|line| line.strip_prefix(&prefix)).map(|number| number.parse().unwrap()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{name}: {numbers:?}");
    }
}

/// The server, in a place of its own where file systems can be mounted: first the commands, then the server with these
/// arguments. `None`: this system does not allow that.
fn serve_in(home: &Home, mounts: &str, history: &str) -> Option<(Program, Peer)> {
    let allowed = Command::new("unshare").args(["-rm", "true"]).stderr(Stdio::null()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        println!("skipped: this system does not let a test mount a file system");
        return None;
    }
    let server = env!("CARGO_BIN_EXE_server");
    let script = format!("{mounts} && exec {server} --headless --rate 0 --listen 127.0.0.1:0 --history {history}");
    let program = Program::start("/usr/bin/unshare", home, &["-rm", "sh", "-c", &script]);
    let addr = program.listening().parse().unwrap();
    Some((program, Peer::in_plain_text(addr)))
}

#[test]
fn a_full_disk_is_told_once_and_what_was_said_meanwhile_is_stored_when_there_is_room() {
    let home = Home::new();
    let disk = home.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let place = disk.display();
    let mount = format!("mount -t tmpfs -o size=3m none {place} && head -c 2500000 /dev/zero > {place}/filler");
    let Some((program, mut ann)) = serve_in(&home, &mount, &format!("{place}/history.db")) else { return };
    ann.join("ann");
    let text = "x".repeat(2000);
    for number in 0..400 {
        ann.send(format!("MSG ann {number} {text}\n"));
    }
    ann.sync();
    program.expect_complaint("messages cannot be stored: database or disk is full; trying again");
    // The chat goes on, for those who join as well.
    ann.send("MSG ann still here\n");
    ann.sync();
    let mut ben = Peer::in_plain_text(ann.socket().peer_addr().unwrap());
    assert!(ben.join("ben").contains(&"MSG ann still here".to_owned()));
    // As the server sees it: the disk is mounted for it alone.
    let filler = PathBuf::from(format!("/proc/{}/root{place}/filler", program.id()));
    fs::remove_file(filler).unwrap();
    program.expect_complaint("messages are stored again; none is missing");
    let (kept, _) = all(&mut ben);
    assert_eq!(kept.len(), 401);
    let expected: Vec<String> = (0..400).map(|number| format!("PAST ann {number} {text}")).collect();
    assert_eq!(lines_of(&kept)[..400], expected);
}

#[test]
fn where_nothing_may_be_written_the_chat_goes_on_without_a_history() {
    let home = Home::new();
    let (program, mut ann) = serve(&home, &["--history", &home.path().join("disk/history.db").display().to_string()]);
    ann.join("ann");
    say(&mut ann, "ann", 0..3);
    assert_eq!(ask(&mut ann, "FIND number").0.len(), 3);
    program.kill();
    let place = home.path().join("disk").display().to_string();
    let mount = format!("mount --bind {place} {place} && mount -o remount,ro,bind {place}");
    let Some((program, mut ann)) = serve_in(&home, &mount, &format!("{place}/history.db")) else { return };
    program.expect_complaint("it is read-only: give this user the right to write to it, or choose another file");
    ann.join("ann");
    say(&mut ann, "ann", 3..6);
    ann.send("PAST 1 1\n");
    ann.expect_start("ERR UNAVAILABLE ");
}

#[test]
fn the_usual_place_is_the_users_data_directory_and_none_is_made_if_none_is_wanted() {
    let home = Home::new();
    let (program, mut ann) = serve(&home, &["--no-history"]);
    ann.join("ann");
    ann.send("PAST 1 1\n");
    ann.expect_start("ERR UNAVAILABLE ");
    program.kill();
    let place = home.path().join("multichat/history.db");
    assert!(!place.exists());
    let (mut program, mut ann) = serve(&home, &["--keep", "30"]);
    ann.join("ann");
    say(&mut ann, "ann", 0..3);
    program.terminate();
    assert!(program.ended().success());
    assert!(place.exists());
    assert!(!home.path().join("multichat/history.db-wal").exists(), "it was closed in order");
}
