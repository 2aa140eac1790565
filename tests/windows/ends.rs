//! Tests of a program with a window whose end the user has not chosen: the screen is gone, or its standard error is blocked.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use crate::support::desktop::Test;
use crate::support::program::{Home, Program, stuck};
use crate::support::x_server::XServer;
use crate::support::{DEADLINE, Peer, eventually};

const SERVER: &str = env!("CARGO_BIN_EXE_server");
const CLIENT: &str = env!("CARGO_BIN_EXE_client");

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("when the screen is gone the server stops and keeps the whole history", screen_gone),
        ("a client whose log is not read joins and leaves with bye", log_not_read),
    ]
}

fn screen_gone() {
    let (home, screen) = (Home::new(), XServer::start(1600));
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

fn log_not_read() {
    let (home, screen) = (Home::new(), XServer::start(1600));
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
