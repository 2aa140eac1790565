//! Running out of descriptors: those who are connected go on, newcomers wait until there is room, and nothing spins.
//!
//! The limit is one of a whole process, so the server runs in one of its own: this test program once more, which runs
//! [`a_server_with_few_descriptors`] alone. Linux only, since it looks into `/proc`.

#![cfg(target_os = "linux")]
// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::{Peer, config, eventually, eventually_eq};
use multichat::server::Server;

const DESCRIPTORS: usize = 40;

/// The process with the server in it.
#[test]
#[ignore = "is run by the others in this file, in a process of its own"]
fn a_server_with_few_descriptors() {
    let (server, _) = Server::start(config()).unwrap();
    println!("\nlistening on {}", server.addr());
    // Until the other process says something, or is gone.
    std::io::stdin().read_line(&mut String::new()).unwrap();
    server.stop();
    println!("stopped");
}

/// That process, seen from outside.
struct Few {
    process: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    addr: SocketAddr,
}

impl Few {
    fn start() -> Few {
        let mut process = Command::new("sh")
            .args(["-c", &format!("ulimit -n {DESCRIPTORS} && exec \"$@\""), "sh"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "server_descriptors::a_server_with_few_descriptors", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = process.stdin.take().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let addr = read_until(&mut stdout, "listening on ").trim().parse().unwrap();
        Few { process, stdin, stdout, addr }
    }

    fn proc(&self, what: &str) -> String {
        format!("/proc/{}/{what}", self.process.id())
    }

    /// How many of those that it may have are taken. The limit is one of their numbers; a larger one was inherited.
    fn descriptors(&self) -> usize {
        let all = fs::read_dir(self.proc("fd")).unwrap();
        let numbers = all.map(|entry| entry.unwrap().file_name().into_string().unwrap().parse::<usize>().unwrap());
        numbers.filter(|number| *number < DESCRIPTORS).count()
    }

    /// Processor time that it has used, in hundredths of a second.
    fn ticks(&self) -> u64 {
        let stat = fs::read_to_string(self.proc("stat")).unwrap();
        // The second field is a name in parentheses; user and system time are the 14th and 15th: proc_pid_stat(5).
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    /// Connections until the process has no descriptor left; all have joined.
    fn fill(&self) -> Vec<Peer> {
        let mut peers = Vec::new();
        while self.descriptors() < DESCRIPTORS {
            let mut peer = Peer::connect(self.addr);
            peer.join(&format!("p{}", peers.len()));
            peers.push(peer);
        }
        assert!(peers.len() > DESCRIPTORS / 2, "{} descriptors went elsewhere", DESCRIPTORS - peers.len());
        peers
    }

    /// The accept thread does not wake again and again any more.
    fn wait_until_accept_rests(&self) {
        let tasks = fs::read_dir(self.proc("task")).unwrap().map(|task| task.unwrap().path());
        let accept =
            tasks.into_iter().find(|task| fs::read_to_string(task.join("comm")).unwrap() == "accept\n").unwrap();
        eventually("the accept thread rests", || {
            let switches = || {
                let status = fs::read_to_string(accept.join("status")).unwrap();
                status.lines().find(|line| line.starts_with("voluntary")).map(String::from)
            };
            let before = switches();
            thread::park_timeout(Duration::from_millis(300));
            let after = switches();
            if before == after { Ok(()) } else { Err(after) }
        });
    }

    fn stop(mut self) {
        writeln!(self.stdin).unwrap();
        read_until(&mut self.stdout, "stopped");
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Few {
    fn drop(&mut self) {
        // Of a test that failed: the process may have lost its way.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads lines up to one that has this in it; returns what follows it.
fn read_until(stdout: &mut BufReader<ChildStdout>, what: &str) -> String {
    let mut seen = String::new();
    loop {
        let start = seen.len();
        let read = stdout.read_line(&mut seen).unwrap();
        assert!(read > 0, "{what:?} does not come; this did: {seen}");
        if let Some((_, rest)) = seen[start..].split_once(what) {
            return rest.to_owned();
        }
    }
}

#[test]
fn without_descriptors_those_connected_go_on_and_newcomers_are_served_when_there_is_room() {
    let few = Few::start();
    let mut peers = few.fill();
    let joined = peers.len();
    let mut waiting: Vec<Peer> = (0..5)
        .map(|number| {
            // Nobody is there yet who could take part in a handshake.
            let mut peer = Peer::in_plain_text(few.addr);
            peer.send(format!("HELLO w{number}\n"));
            peer
        })
        .collect();

    // Nothing spins. That would use up 50 ticks, less on a busy machine.
    let before = few.ticks();
    thread::park_timeout(Duration::from_millis(500));
    let used = few.ticks() - before;
    assert!(used <= 5, "{used} ticks in half a second, with nothing to do");

    let mut last = peers.pop().unwrap();
    peers[0].until_sync();
    last.send("MSG p0 in the name of another\n");
    last.expect_start("ERR NOT_YOUR_NAME ");
    last.send(format!("MSG p{} still here\n", joined - 1));
    peers[0].expect(&format!("MSG p{} still here", joined - 1));

    // Room for three of the five, in the order of their coming.
    drop(last);
    peers.truncate(joined - 3);
    for (number, peer) in waiting.iter_mut().take(3).enumerate() {
        let own = format!("HELLO w{number}");
        while peer.line() != own {}
    }
    drop(peers);
    for (number, peer) in waiting.iter_mut().enumerate().skip(3) {
        let own = format!("HELLO w{number}");
        while peer.line() != own {}
    }
    few.stop();
}

#[test]
fn a_server_without_descriptors_can_be_stopped() {
    let few = Few::start();
    let mut peers = few.fill();
    few.stop();
    for peer in &mut peers {
        assert_eq!(peer.until_end().0.last().map(String::as_str), Some("ERR SHUTTING_DOWN the server stops"));
    }
}

#[test]
fn a_server_whose_last_descriptor_waits_in_accept_can_be_stopped() {
    let few = Few::start();
    let mut peers = few.fill();
    // The accept thread takes this one's descriptor, and keeps it for whoever comes next: accept(2) reserves it first.
    drop(peers.pop());
    eventually_eq("one has left", DESCRIPTORS - 1, || few.descriptors());
    few.wait_until_accept_rests();
    few.stop();
}
