//! Rung 1: one client at a time, and each line comes back. README.md says what to do; `cargo climb 1` checks it.

// For as long as there are todo!()s. Then take this line away: the compiler may have something to say.
#![allow(unused)]

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let listener: TcpListener = todo!("listen on this address: README, \"Listen, accept, read, write\"");
    println!("listening on {addr}");
    loop {
        let (socket, peer): (TcpStream, SocketAddr) = todo!("accept the next connection");
        println!("{peer} is here");
        match echo(&socket) {
            Ok(()) => println!("{peer} has closed the connection"),
            Err(error) => println!("{peer} is gone: {error}"),
        }
    }
}

/// Sends every line back, until the client sends no more.
fn echo(mut socket: &TcpStream) -> io::Result<()> {
    todo!("read line by line, and write each line back, with its line feed")
}
