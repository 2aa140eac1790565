//! Rung 0: a conversation over TCP. What is typed is sent, what comes is shown. `cargo climb 0` checks it.

// For as long as there are todo!()s. Then take this line away: the compiler may have something to say.
#![allow(unused)]

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let socket: TcpStream = todo!("connect to the address");
    eprintln!("connected to {addr}");
    todo!("start a thread: it passes on from standard input to the socket, then closes that direction");
    pass_on(&socket, io::stdout())?;
    eprintln!("the other end has closed the connection");
    // The process ends here, although its other thread may still wait for the keyboard.
    Ok(())
}

/// Passes bytes on as they come, until there are no more.
fn pass_on(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut bytes = [0; 4096];
    loop {
        todo!("read into `bytes`; return at the end; write what was read, and flush it")
    }
}
