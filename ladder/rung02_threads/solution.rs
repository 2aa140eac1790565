//! Rung 2: a thread per client, and each line comes back.

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
        if let Err(error) = accept(&listener, count) {
            // One client too many (no file descriptor, no thread) is no reason to disconnect the others. The connection still
            // waits in the kernel's queue: without a pause this loop would spin.
            println!("cannot serve another client now: {error}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Accepts a connection, and starts the thread that serves it.
fn accept(listener: &TcpListener, count: usize) -> io::Result<()> {
    let (socket, peer) = listener.accept()?;
    let name = format!("client #{count}");
    // The thread owns the socket: when it ends, however it ends, the connection is closed.
    thread::Builder::new().name(name.clone()).spawn(move || {
        println!("{name}: {peer} is here");
        match echo(&socket) {
            Ok(()) => println!("{name} has closed the connection"),
            Err(error) => println!("{name} is gone: {error}"),
        }
    })?;
    Ok(())
}

/// Sends every line back, until the client sends no more.
fn echo(mut socket: &TcpStream) -> io::Result<()> {
    for line in BufReader::new(socket).lines() {
        let line = line?;
        assert!(line != "panic", "a client asked for a panic");
        socket.write_all(format!("{line}\n").as_bytes())?;
    }
    Ok(())
}
