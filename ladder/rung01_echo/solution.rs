//! Rung 1: one client at a time, and each line comes back.

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let listener = TcpListener::bind(&addr)?;
    println!("listening on {addr}");
    loop {
        let (socket, peer) = listener.accept()?;
        println!("{peer} is here");
        match echo(&socket) {
            Ok(()) => println!("{peer} has closed the connection"),
            Err(error) => println!("{peer} is gone: {error}"),
        }
    }
}

/// Sends every line back, until the client sends no more.
fn echo(mut socket: &TcpStream) -> io::Result<()> {
    for line in BufReader::new(socket).lines() {
        // One write for a line: two would be two packets.
        socket.write_all(format!("{}\n", line?).as_bytes())?;
    }
    Ok(())
}
