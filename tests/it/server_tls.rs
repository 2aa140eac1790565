//! TLS on the port where plain text is spoken too: who gets in, who does not, and that nobody is held up by a handshake.

#![cfg(feature = "tls")]
// Clippy sees tests in functions that are marked so, not in those that they call.
#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::program::{Home, Program};
use crate::support::tls::{certificate_file, own_certificate};
use crate::support::{DEADLINE, Peer, Room, config, eventually_eq, lines};
use crossbeam_channel::Receiver;
use multichat::protocol::ErrorCode;
use multichat::server::{Certificate, Config, DisconnectReason, EventKind};

const SERVER: &str = env!("CARGO_BIN_EXE_server");

/// A room where both are spoken.
fn encrypted() -> Config {
    Config { tls: Some(own_certificate()), ..config() }
}

#[test]
fn one_port_serves_both_and_they_talk_to_each_other() {
    let room = Room::with(encrypted());
    let mut ann = Peer::with_tls(room.addr());
    ann.join("ann");
    let mut ben = Peer::in_plain_text(room.addr());
    assert_eq!(ben.join("ben"), ["HELLO ann"]);
    ann.expect("HELLO ben");
    ann.send("MSG ann can you read this?\n");
    ben.expect("MSG ann can you read this?");
    ben.send("MSG ben everybody can\n");
    ann.expect("MSG ben everybody can");
    assert!(room.person("ann").unwrap().encrypted && !room.person("ben").unwrap().encrypted);
    ben.send("BYE\n");
    ann.expect("BYE ben");
    ann.send("BYE\n");
    ann.expect_end();
}

#[test]
fn a_person_who_types_slowly_is_asked_nothing_about_tls() {
    let room = Room::with(encrypted());
    let mut ann = Peer::in_plain_text(room.addr());
    for letter in "HELLO ann\n".chars() {
        ann.send(letter.to_string());
    }
    ann.expect("HELLO ann");
}

#[test]
fn where_tls_is_required_plain_text_is_told_so() {
    let room = Room::with(Config { require_tls: true, ..encrypted() });
    let mut plain = Peer::in_plain_text(room.addr());
    plain.send("PASS secret\nHELLO ann\n");
    plain.expect("ERR TLS_REQUIRED this server takes no connection in plain text: connect with TLS");
    plain.expect_end();
    assert!(matches!(room.refusal(), DisconnectReason::Ended(ErrorCode::TlsRequired, _)));
    Peer::with_tls(room.addr()).join("ann");
}

#[test]
fn a_server_without_tls_says_so_in_words_that_tls_understands() {
    let room = Room::with(Config { tls: None, ..config() });
    let mut socket = TcpStream::connect(room.addr()).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    // A fatal alert: protocol_version.
    assert_eq!(answer, [21, 3, 1, 0, 2, 2, 70]);
    let DisconnectReason::Broken(why) = room.refusal() else { panic!("no TLS here") };
    assert_eq!(why, "it asked for TLS, which is off here");
    Peer::in_plain_text(room.addr()).join("ann");
}

#[test]
fn sockets_that_begin_a_handshake_and_fall_silent_hold_up_nobody_and_are_ended() {
    let handshake_timeout = Duration::from_secs(2);
    let room = Room::with(Config { handshake_timeout, max_unauthenticated: 30, ..encrypted() });
    let begun = Instant::now();
    let beginnings = [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"];
    let mut silent: Vec<TcpStream> = (0..21)
        .map(|number| {
            let mut socket = TcpStream::connect(room.addr()).unwrap();
            socket.write_all(beginnings[number % beginnings.len()]).unwrap();
            socket
        })
        .collect();
    eventually_eq("all are unauthenticated", 21, || room.snapshot().totals.unauthenticated);
    // Others come in, with TLS and without, while those say nothing.
    Peer::with_tls(room.addr()).join("ann");
    Peer::in_plain_text(room.addr()).join("ben");
    // One after the other, those who have begun a handshake would take 28 s.
    assert!(begun.elapsed() < 7 * handshake_timeout, "the others had to wait for {:?}", begun.elapsed());
    // Whoever had begun is ended by the handshake's own limit; those who never said anything have as long as a HELLO may take.
    for socket in silent.iter_mut().skip(1).step_by(3) {
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        assert_eq!(socket.read(&mut [0; 99]).unwrap(), 0);
    }
    eventually_eq("the silent wait for their HELLO", 7, || room.snapshot().totals.unauthenticated);
    let why = room.refusal();
    assert_eq!(why, DisconnectReason::Broken("the TLS handshake took too long".into()));
}

#[test]
fn those_in_a_handshake_count_as_not_having_joined() {
    let room = Room::with(Config { max_unauthenticated: 3, ..encrypted() });
    let mut sockets: Vec<TcpStream> = (0..3)
        .map(|_| {
            let mut socket = TcpStream::connect(room.addr()).unwrap();
            socket.write_all(b"\x16\x03\x01").unwrap();
            socket
        })
        .collect();
    eventually_eq("all are unauthenticated", 3, || room.snapshot().totals.unauthenticated);
    // Whoever comes takes the place of one of them.
    Peer::with_tls(room.addr()).join("ann");
    Peer::in_plain_text(room.addr()).join("ben");
    // The one that has lost its place reads an alert (internal_error), and the end.
    let evicted = &mut sockets[0];
    evicted.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut answer = Vec::new();
    let end = evicted.read_to_end(&mut answer);
    // On Windows the end of the input resets the connection, if bytes are unread, and the reset may overtake the alert.
    if !cfg!(windows) || end.is_ok() {
        assert_eq!((end.unwrap(), &answer[..]), (7, &[21, 3, 1, 0, 2, 2, 80][..]));
    }
    let why = room.refusal();
    assert!(matches!(why, DisconnectReason::Ended(ErrorCode::TooManyConnections, _)), "{why}");
    drop(sockets);
    eventually_eq("none is unauthenticated", 0, || room.snapshot().totals.unauthenticated);
}

#[test]
fn garbage_resets_and_half_handshakes_end_that_connection_and_no_other() {
    let room = Room::with(encrypted());
    let mut ann = Peer::with_tls(room.addr());
    ann.join("ann");
    // The beginning of a real handshake, to be cut and continued.
    let hello = client_hello();
    let mut garbled = hello.clone();
    garbled.extend(b"this is no TLS any more, and it goes on and on\n".repeat(100));
    let mut flipped = hello.clone();
    flipped[43] ^= 0xff;
    for (what, bytes) in [
        ("a whole ClientHello and garbage", &garbled[..]),
        ("half a ClientHello", &hello[..hello.len() / 2]),
        ("a ClientHello with a length that is wrong", &flipped),
        ("a record of no known kind", b"\x16\x03\x01\x00\x05hello"),
        ("the beginning of a record that is too long", b"\x16\x03\x01\xff\xff\x01"),
        ("an alert in the place of a ClientHello", b"\x16\x03\x01\x00\x02\x02\x28"),
    ] {
        // Under Wine, nothing is reported of a connection that was reset before it was accepted.
        let ways: &[bool] = if cfg!(windows) { &[false] } else { &[false, true] };
        for &resets in ways {
            let mut socket = TcpStream::connect(room.addr()).unwrap();
            socket.set_read_timeout(Some(DEADLINE)).unwrap();
            socket.write_all(bytes).unwrap();
            if resets {
                socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO)).unwrap();
            } else {
                socket.shutdown(Shutdown::Write).unwrap();
                // What it answers, if anything, is an alert, and after that comes the end.
                let mut answer = Vec::new();
                let _ = socket.read_to_end(&mut answer);
            }
            drop(socket);
            let why = room.refusal();
            assert!(matches!(why, DisconnectReason::Broken(_) | DisconnectReason::Closed), "{what}: {why}");
        }
    }
    ann.sync();
    Peer::with_tls(room.addr()).join("ben");
}

#[test]
fn an_older_tls_is_refused_by_its_version() {
    let room = Room::with(encrypted());
    let mut hello = client_hello();
    // The extension `supported_versions`, with TLS 1.3 alone: it now offers TLS 1.2.
    let offer = [0, 43, 0, 3, 2, 3, 4];
    let at = hello.windows(offer.len()).position(|bytes| bytes == offer).unwrap();
    hello[at + offer.len() - 1] = 3;
    let mut socket = TcpStream::connect(room.addr()).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket.write_all(&hello).unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    // A fatal alert: protocol_version.
    assert_eq!(answer, [21, 3, 3, 0, 2, 2, 70]);
    let DisconnectReason::Broken(why) = room.refusal() else { panic!("no TLS 1.2 here") };
    assert!(why.starts_with("no TLS: "), "{why}");
    Peer::with_tls(room.addr()).join("ann");
}

/// What a client of TLS says first.
fn client_hello() -> Vec<u8> {
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let mut session = rustls::ClientConnection::new(crate::support::tls::client_config(), name).unwrap();
    let mut bytes = Vec::new();
    session.write_tls(&mut bytes).unwrap();
    bytes
}

#[test]
fn the_program_makes_a_key_once_and_prints_its_fingerprint_as_openssl_does() {
    let home = Home::new();
    let args = ["--headless", "--listen", "127.0.0.1:0", "--tls"];
    let program = Program::start(SERVER, &home, &args);
    program.listening();
    let first = program.next_line();
    assert!(first.starts_with("key SHA256:") && first.len() == 106, "{first}");
    program.kill();
    let again = Program::start(SERVER, &home, &args);
    again.listening();
    assert_eq!(again.next_line(), first, "it is the same server");
    drop(again);
    let file = home.data().join("server.pem");
    if let Some(shown) = with_openssl(&format!("openssl x509 -in {}", file.display())) {
        assert_eq!(shown, first.replace("key SHA256:", ""));
    }
}

/// The part of the command in `docs/using.md` behind the command that prints a certificate.
const KEY_OF_CERTIFICATE: &str = "| openssl x509 -noout -pubkey | openssl pkey -pubin -outform der \\\n      \
                                  | openssl dgst -sha256 -c | tr a-z A-Z";

/// The digits that such a command prints, if this machine has openssl.
fn with_openssl(certificate: &str) -> Option<String> {
    openssl(&["version"])?;
    let command = format!("{certificate} {KEY_OF_CERTIFICATE}");
    let output = Command::new("sh").args(["-c", &command]).stdin(Stdio::null()).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let digits = shown.trim().rsplit_once("= ").unwrap_or_else(|| panic!("{command}: {shown}")).1;
    Some(digits.to_owned())
}

#[test]
fn the_command_in_the_docs_prints_the_fingerprint_of_a_server_that_runs() {
    let room = Room::with(encrypted());
    let s_client = |address: &str| format!("openssl s_client -connect {address} </dev/null 2>/dev/null");
    let page = include_str!("../../docs/using.md");
    let command = format!("    {} \\\n      {KEY_OF_CERTIFICATE}\n", s_client("HOST:5555"));
    assert!(page.contains(&command), "{command}");
    if let Some(shown) = with_openssl(&s_client(&room.addr().to_string())) {
        assert_eq!(format!("SHA256:{shown}"), room.server.fingerprint().unwrap());
    }
}

#[test]
fn a_certificate_that_is_not_valid_now_is_served_and_the_operator_reads_so() {
    let home = Home::new();
    let file = home.path().join("expired.pem");
    let key = rcgen::KeyPair::generate().unwrap();
    for (from, to, why) in
        [(2001, 2002, "was valid until 2002-01-01T00:00:00Z only"), (2101, 2102, "is not valid before 2101-")]
    {
        let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(to, 1, 1);
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(&file, certificate.pem() + &key.serialize_pem()).unwrap();
        let files = Certificate::Files { certificate: file.clone(), key: file.clone() };
        let room = Room::with(Config { tls: Some(files), ..config() });
        let warning = room.wait_for("the certificate is complained of", |happening| match happening {
            EventKind::NotValid { .. } => Some((happening.level(), happening.to_string())),
            _ => None,
        });
        assert_eq!(warning.0, log::Level::Error);
        assert!(warning.1.contains("expired.pem") && warning.1.contains(why), "{}", warning.1);
        Peer::in_plain_text(room.addr()).join("ann");
    }
}

#[test]
fn the_program_says_which_file_is_wrong() {
    let home = Home::new();
    let key = home.path().join("key.pem");
    std::fs::write(&key, "my key\n").unwrap();
    let (own, key) = (certificate_file(), key.to_str().unwrap().to_owned());
    drop(Room::with(encrypted()));
    let mut program = Program::start(
        SERVER,
        &home,
        &["--headless", "--listen", "127.0.0.1:0", "--tls-cert", own.to_str().unwrap(), "--tls-key", &key],
    );
    program.expect_complaint(&format!("there is no private key in {key}: it must be in PEM form"));
    assert_eq!(program.ended().code(), Some(1));
}

/// What `openssl` prints, if this machine has it.
fn openssl(args: &[&str]) -> Option<String> {
    let output = Command::new("openssl").args(args).stdin(Stdio::null()).output().ok()?;
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// A program of somebody else's that talks to the server: what is typed into it, and what it shows.
struct TrustPrompt {
    child: Child,
    typed: ChildStdin,
    shown: Receiver<String>,
}

impl TrustPrompt {
    /// `None`: this machine does not have it.
    fn start(program: &str, args: &[&str]) -> Option<TrustPrompt> {
        let child = Command::new(program).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut child) = child else {
            eprintln!("there is no {program} here, so nothing is shown about it");
            return None;
        };
        let (typed, shown) = (child.stdin.take().unwrap(), lines(child.stdout.take().unwrap()));
        Some(TrustPrompt { child, typed, shown })
    }

    fn types(&mut self, line: &str) {
        writeln!(self.typed, "{line}").unwrap();
        self.typed.flush().unwrap();
    }

    /// Reads until it shows this line.
    fn shows(&self, line: &str) {
        let mut seen = Vec::new();
        while let Ok(shown) = self.shown.recv_timeout(DEADLINE) {
            if shown.trim_end() == line {
                return;
            }
            seen.push(shown);
        }
        panic!("expected {line:?}, got {seen:#?}");
    }
}

impl Drop for TrustPrompt {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads lines from the server and prints them, and sends what is typed.
const PYTHON: &str = "
import socket, ssl, sys, threading
host, port, certificate = sys.argv[1:]
context = ssl.create_default_context(cafile=certificate)
stream = context.wrap_socket(socket.create_connection((host, port)), server_hostname='localhost')
def show():
    for line in stream.makefile('r'):
        print(line, end='', flush=True)
threading.Thread(target=show, daemon=True).start()
for line in sys.stdin:
    stream.sendall(line.encode())
";

#[test]
fn openssl_and_python_hold_a_conversation_with_netcat() {
    let room = Room::with(encrypted());
    let (addr, file) = (room.addr(), certificate_file());
    let (host, port, file) = (addr.ip().to_string(), addr.port().to_string(), file.to_str().unwrap());
    let connect = addr.to_string();
    let s_client = ["s_client", "-quiet", "-verify_return_error", "-CAfile", file, "-connect", &connect];
    let strangers = [
        ("nia", TrustPrompt::start("nc", &[&host, &port])),
        ("olga", TrustPrompt::start("openssl", &s_client)),
        ("petra", TrustPrompt::start("python3", &["-c", PYTHON, &host, &port, file])),
    ];
    let mut present: Vec<(&str, TrustPrompt)> =
        strangers.into_iter().filter_map(|(name, stranger)| Some((name, stranger?))).collect();
    for at in 0..present.len() {
        let name = present[at].0;
        present[at].1.types(&format!("HELLO {name}"));
        for (_, stranger) in &present[..=at] {
            stranger.shows(&format!("HELLO {name}"));
        }
        assert_eq!(room.person(name).unwrap().encrypted, name != "nia");
    }
    for at in 0..present.len() {
        let line = format!("MSG {} grüße an alle", present[at].0);
        present[at].1.types(&line);
        for (index, (_, stranger)) in present.iter().enumerate() {
            if index != at {
                stranger.shows(&line);
            }
        }
    }
    for (name, mut stranger) in present {
        stranger.types("BYE");
        assert_eq!(room.disconnect_reason(name), DisconnectReason::Bye);
    }
}
