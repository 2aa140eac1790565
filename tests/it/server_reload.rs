//! SIGHUP: certificate and password are read again, no client is disconnected; and what was ignored when the program began stays ignored.
#![cfg(unix)]
// In a helper too, what fails is to fail the test.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use crate::support::Peer;
use crate::support::program::{Home, Program};

const SERVER: &str = env!("CARGO_BIN_EXE_server");

fn join_with(addr: &str, password: &str, name: &str) -> Peer {
    let mut peer = Peer::in_plain_text(addr.parse().unwrap());
    peer.send(format!("PASS {password}\n"));
    peer.join(name);
    peer
}

/// Starts the server with the default action of SIGHUP: a test that nohup has started would pass it on as ignored.
fn serve(home: &Home, args: &[&str]) -> Program {
    start(home, &[&["--listen", "127.0.0.1:0"], args].concat())
}

fn start(home: &Home, args: &[&str]) -> Program {
    let args = [&["--headless"], args].concat();
    if cfg!(target_os = "linux") {
        // env(1) of GNU coreutils.
        Program::start("env", home, &[&["--default-signal=HUP", SERVER], &args[..]].concat())
    } else {
        Program::start(SERVER, home, &args)
    }
}

fn serve_with_password(home: &Home, file: &Path) -> Program {
    std::fs::write(file, "first\n").unwrap();
    serve(home, &["--password-file", file.to_str().unwrap()])
}

#[test]
fn a_changed_password_holds_for_the_next_who_comes_and_ends_nobody() {
    let home = Home::new();
    let file = home.path().join("room.txt");
    let mut program = serve_with_password(&home, &file);
    let addr = program.listening();
    let mut ann = join_with(&addr, "first", "ann");
    std::fs::write(&file, "second\n").unwrap();
    program.signal("HUP");
    let complaint = program.expect_complaint("settings changed: password replaced");
    assert!(!complaint.contains("certificate"), "there is none: {complaint}");
    join_with(&addr, "second", "ben");
    let mut late = Peer::in_plain_text(addr.parse().unwrap());
    late.send("PASS first\nHELLO carl\n");
    late.expect_start("ERR BAD_PASSWORD ");
    ann.expect("HELLO ben");
    assert!(program.runs());
}

#[test]
fn a_reload_without_a_change_says_so() {
    let program = serve(&Home::new(), &[]);
    program.listening();
    program.signal("HUP");
    program.expect_complaint("settings read again: nothing has changed");
}

#[test]
fn a_password_that_cannot_be_read_again_leaves_the_earlier_one() {
    let home = Home::new();
    let file = home.path().join("room.txt");
    let program = serve_with_password(&home, &file);
    let addr = program.listening();
    for text in [None, Some("\n")] {
        match text {
            None => std::fs::remove_file(&file).unwrap(),
            Some(text) => std::fs::write(&file, text).unwrap(),
        }
        program.signal("HUP");
        let complaint = program.expect_complaint("settings not changed, the earlier ones stay in force");
        assert!(complaint.contains("room.txt"), "{complaint}");
    }
    join_with(&addr, "first", "ann");
}

#[test]
fn the_config_file_is_read_again_and_what_needs_a_start_is_named() {
    let home = Home::new();
    let file = home.path().join("room.toml");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    write("listen = \"127.0.0.1:0\"\n");
    let program = start(&home, &["--config", file.to_str().unwrap(), "--burst", "7"]);
    let addr = program.listening();
    let mut ann = Peer::in_plain_text(addr.parse().unwrap());
    ann.join("ann");
    // The command line is stronger than the file, after a reload too.
    write("listen = \"127.0.0.1:1\"\npassword = \"sesame\"\nmax-clients = 2\nburst = 9\n");
    program.signal("HUP");
    let line = program.expect_complaint("settings changed");
    let wanted = "settings changed: max-clients 2 (was 1000), password set; at the next start of the server: listen";
    assert!(line.ends_with(wanted), "{line}");
    let mut ben = join_with(&addr, "sesame", "ben");
    let mut carl = Peer::in_plain_text(addr.parse().unwrap());
    carl.send("PASS sesame\nHELLO carl\n");
    carl.expect_start("ERR SERVER_FULL ");
    ann.expect("HELLO ben");

    write("max-clients = 3\nmax-client = 4\n");
    program.signal("HUP");
    let line = program.expect_complaint("settings not changed, the earlier ones stay in force");
    assert!(line.contains("room.toml, line 2"), "{line}");
    let mut carl = Peer::in_plain_text(addr.parse().unwrap());
    carl.send("PASS sesame\nHELLO carl\n");
    carl.expect_start("ERR SERVER_FULL ");
    ben.sync();
}

/// Runs the server as `nohup` does, or a shell that starts it in the background.
#[test]
fn what_is_ignored_when_the_program_begins_stays_ignored() {
    for signal in ["HUP", "INT"] {
        let home = Home::new();
        let script = format!("trap '' {signal}; exec {SERVER} --headless --listen 127.0.0.1:0");
        let mut program = Program::start("/bin/sh", &home, &["-c", &script]);
        let addr = program.listening();
        let mut ann = Peer::in_plain_text(addr.parse().unwrap());
        ann.join("ann");
        program.signal(signal);
        ann.sync();
        program.terminate();
        ann.expect("ERR SHUTTING_DOWN the server stops");
        let log = program.complaints();
        assert!(!log.iter().any(|line| line.contains("settings")), "{log:#?}");
        assert_eq!(program.ended().code(), Some(0));
    }
}

#[cfg(feature = "tls")]
mod tls {
    use std::net::TcpStream;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Instant;

    use multichat::internal::transport::Transport;
    use multichat::server::{Certificate, Config, EventKind};
    use rustls::ClientConnection;
    use rustls::pki_types::ServerName;

    use super::*;
    use crate::support::tls::trusting;
    use crate::support::{DEADLINE, Room, config};

    /// Whether a client that trusts this one certificate comes in.
    fn recognises(file: &Path, addr: &str) -> bool {
        let session = ClientConnection::new(trusting(file), ServerName::try_from("localhost").unwrap()).unwrap();
        let socket = Arc::new(TcpStream::connect(addr).unwrap());
        Transport::encrypted(socket, session, Instant::now() + DEADLINE).is_ok()
    }

    /// The settings of a server that makes itself a certificate at this place.
    fn settings(file: &Path) -> Config {
        Config { tls: Some(Certificate::SelfSigned(file.to_owned())), ..config() }
    }

    fn room_with(file: &Path) -> Room {
        Room::with(settings(file))
    }

    #[test]
    fn a_changed_certificate_is_shown_to_the_next_who_comes_while_the_earlier_ones_talk_on() {
        let home = Home::new();
        let [own, old, new] = ["own.pem", "old.pem", "new.pem"].map(|name| home.path().join(name));
        room_with(&new).stop();
        let room = room_with(&own);
        std::fs::copy(&own, &old).unwrap();
        let addr = room.addr().to_string();
        let mut ann = Peer::trusting(room.addr(), &old);
        ann.join("ann");
        let before = room.server.fingerprint().unwrap();
        assert!(recognises(&old, &addr) && !recognises(&new, &addr));
        std::fs::copy(&new, &own).unwrap();
        room.server.reconfigure(&settings(&own)).unwrap();
        assert!(recognises(&new, &addr) && !recognises(&old, &addr));
        assert_ne!(room.server.fingerprint().unwrap(), before);
        ann.sync();
        let mut ben = Peer::trusting(room.addr(), &new);
        ben.join("ben");
        ann.expect("HELLO ben");

        // Half a file is no certificate.
        std::fs::write(&own, "-----BEGIN").unwrap();
        room.server.reconfigure(&settings(&own)).unwrap_err();
        room.wait_for("it cannot be read", |event| matches!(event, EventKind::NotReconfigured { .. }).then_some(()));
        assert!(recognises(&new, &addr));

        // Users know the key: another one is made at no reload.
        std::fs::remove_file(&own).unwrap();
        room.server.reconfigure(&settings(&own)).unwrap_err();
        room.wait_for("it is gone", |event| matches!(event, EventKind::NotReconfigured { .. }).then_some(()));
        assert!(recognises(&new, &addr) && !own.exists());
        ann.sync();
        room.stop();
    }

    #[test]
    fn the_program_reads_its_certificate_again() {
        let home = Home::new();
        let (own, new) = (home.path().join("multichat/server.pem"), home.path().join("new.pem"));
        room_with(&new).stop();
        let program = serve(&home, &["--tls"]);
        let addr = program.listening();
        let mut ann = Peer::trusting(addr.parse().unwrap(), &own);
        ann.join("ann");
        std::fs::copy(&new, &own).unwrap();
        program.signal("HUP");
        let complaint = program.expect_complaint("settings changed: certificate replaced");
        assert!(!complaint.contains("password"), "there is none: {complaint}");
        assert!(recognises(&new, &addr));
        ann.sync();
    }
}
