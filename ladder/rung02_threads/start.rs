//! Rung 2: a thread per client, and each line comes back. `cargo climb 2` checks it.

// For as long as there are todo!()s. Then take this line away: the compiler may have something to say.
#![allow(unused)]

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let listener = TcpListener::bind(&addr)?;
    println!("listening on {addr}");
    let mut count = 0;
    loop {
        count += 1;
        todo!("accept(&listener, count); if that fails, print the error, pause, and go on")
    }
}

/// Accepts a connection, and starts the thread that serves it.
fn accept(listener: &TcpListener, count: usize) -> io::Result<()> {
    let (socket, peer) = listener.accept()?;
    let name = format!("client #{count}");
    todo!("start a thread with this name, which owns the socket, echoes, and prints how that ended")
}

/// Sends every line back, until the client sends no more.
fn echo(mut socket: &TcpStream) -> io::Result<()> {
    for line in BufReader::new(socket).lines() {
        let line = line?;
        // On purpose: see what happens.
        assert!(line != "panic", "a client asked for a panic");
        socket.write_all(format!("{line}\n").as_bytes())?;
    }
    Ok(())
}
