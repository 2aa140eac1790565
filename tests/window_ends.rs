//! Tests of a program with a window whose end the user has not chosen: the screen is gone, or its standard error is blocked.
#![cfg(target_os = "linux")]
// A failure in a helper fails the test, too.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use support::program::{Home, Program, stuck};
use support::{DEADLINE, Peer, eventually, lines};

const SERVER: &str = env!("CARGO_BIN_EXE_server");
const CLIENT: &str = env!("CARGO_BIN_EXE_client");

/// An X server of the test's own, so that the test can stop it.
struct Screen {
    process: Child,
    display: String,
}

impl Screen {
    fn start() -> Screen {
        let mut process = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is needed: script/bootstrap installs it");
        let number = lines(process.stdout.take().unwrap()).recv_timeout(DEADLINE).expect("Xvfb does not start");
        Screen { process, display: format!(":{number}") }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn when_the_screen_is_gone_the_server_stops_and_keeps_the_whole_history() {
    let (home, screen) = (Home::new(), Screen::start());
    let args = ["--listen", "127.0.0.1:0", "--rate", "0"];
    let mut program = Program::start_in(SERVER, &home, &args, &[("DISPLAY", &screen.display)]);
    let mut ann = Peer::in_plain_text(program.listening().parse().unwrap());
    ann.join("ann");
    let said: Vec<_> = (0..90).map(|number| format!("MSG ann number {number}")).collect();
    ann.send(said.join("\n") + "\n");
    ann.sync();
    drop(screen);
    ann.expect("ERR SHUTTING_DOWN the server stops");
    ann.expect_end();
    program.ended();

    let again = Program::start(SERVER, &home, &["--headless", "--listen", "127.0.0.1:0"]);
    let past = Peer::in_plain_text(again.listening().parse().unwrap()).join("ben");
    assert_eq!(past, said);
}

#[test]
fn a_client_whose_log_is_not_read_joins_and_leaves_with_bye() {
    let (home, screen) = (Home::new(), Screen::start());
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = server.local_addr().unwrap().to_string();
    let (_reader, stderr) = stuck();
    let mut program = Program::start_with(CLIENT, &home, &[&addr, "--name", "bob", "--connect"], |command| {
        command.env("DISPLAY", &screen.display).stderr(stderr)
    });
    let (mut socket, _) = server.accept().unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut said = BufReader::new(socket.try_clone().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.starts_with("HELLO bob")));
    // The client logs a warning for each line that it does not understand.
    socket.write_all(b"HELLO bob\n").unwrap();
    socket.write_all("NONSENSE\n".repeat(100).as_bytes()).unwrap();
    program.terminate();
    assert!(said.any(|line| line.starts_with("BYE")));
    drop((said, socket));
    eventually("the program ends", || if program.runs() { Err("it runs") } else { Ok(()) });
}
