//! The memory of the real server program while passwords are hashed: what one hash needs, and no more with each.

#![cfg(all(feature = "storage", target_os = "linux"))]
// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::thread;

use crate::support::program::{Home, Program};
use crate::support::{Peer, Room, eventually, tls};
use multichat::protocol::Username;
use multichat::server::{Members, Password};

const SERVER: &str = env!("CARGO_BIN_EXE_server");

/// MiB that the program may grow by: a buffer of 19 MiB for each of two hashes at once, and some for everything else.
const GROWTH_MAX: u64 = 60;

/// The answer of a server that verifies as many passwords as it can.
const BUSY: &str = "ERR TOO_MANY_CONNECTIONS too many passwords are being verified";

/// The server program with thirty members, m0 to m29.
struct Server {
    program: Program,
    addr: SocketAddr,
    _home: Home,
}

impl Server {
    fn start() -> Server {
        let home = Home::new();
        let file = home.path().join("members.db");
        let members = Members::open(file.clone()).unwrap();
        let password = Password::parse("correct horse").unwrap();
        for number in 0..30 {
            members.add(&Username::parse(&format!("m{number}")).unwrap(), &password).unwrap();
        }
        let mut args =
            vec!["--headless", "--listen", "127.0.0.1:0", "--rate", "0", "--members", file.to_str().unwrap()];
        let certificate = tls::is_on().then(|| {
            // The first server of the tests makes it.
            Room::open().stop();
            tls::certificate_file().to_str().unwrap().to_owned()
        });
        if let Some(certificate) = &certificate {
            args.extend(["--tls-cert", certificate, "--tls-key", certificate]);
        }
        let program = Program::start(SERVER, &home, &args);
        let addr = program.listening().parse().unwrap();
        Server { program, addr, _home: home }
    }

    /// MiB that are in memory now (proc(5): `VmRSS`, in KiB).
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.program.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    fn has_grown_little(&self, before: u64) {
        let now = self.resident();
        assert!(now < before + GROWTH_MAX, "{before} MiB before, {now} MiB now");
    }
}

/// Asks until the server has time: on a busy machine thirty passwords take longer than it lets anybody wait.
fn until_it_has_time(ask: impl Fn() -> String) {
    eventually("an answer of a server that has time", || {
        let answer = ask();
        if answer.starts_with(BUSY) { Err(answer) } else { Ok(()) }
    });
}

#[test]
fn wrong_guesses_leave_no_memory_behind() {
    let server = Server::start();
    let before = server.resident();
    thread::scope(|scope| {
        for guesser in 0..25 {
            let server = &server;
            scope.spawn(move || {
                // From as many addresses, so that none has to wait for its own mistakes.
                for guess in 1..=3 {
                    until_it_has_time(|| {
                        let mut peer = Peer::connect_from([127, 0, guesser, guess], server.addr);
                        peer.send(format!("PASS guess number {guess}\nHELLO m{guesser}\n"));
                        let answer = peer.line();
                        assert!(answer.starts_with("ERR BAD_PASSWORD ") || answer.starts_with(BUSY), "{answer}");
                        peer.expect_end();
                        answer
                    });
                }
            });
        }
    });
    server.has_grown_little(before);
}

#[test]
fn thirty_members_who_come_and_go_leave_no_memory_behind() {
    let server = Server::start();
    let before = server.resident();
    for _ in 0..2 {
        thread::scope(|scope| {
            for number in 0..30 {
                let server = &server;
                scope.spawn(move || {
                    until_it_has_time(|| {
                        let mut peer = Peer::connect(server.addr);
                        peer.send(format!("PASS correct horse\nHELLO m{number}\nBYE\n"));
                        let answer = peer.line();
                        assert!(answer.starts_with("HELLO ") || answer.starts_with(BUSY), "{answer}");
                        peer.skip_to_end();
                        answer
                    });
                });
            }
        });
    }
    server.has_grown_little(before);
}
