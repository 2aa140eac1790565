//! Rung 0: a conversation over TCP. What is typed is sent, what comes is shown.

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let socket = TcpStream::connect(&addr)?;
    eprintln!("connected to {addr}");
    // A second handle to the same connection, for the other thread.
    let sending = socket.try_clone()?;
    thread::spawn(move || {
        // Whatever ends this direction, the other goes on.
        let _ = pass_on(io::stdin(), &sending);
        sending.shutdown(Shutdown::Write)
    });
    pass_on(&socket, io::stdout())?;
    eprintln!("the other end has closed the connection");
    // The process ends here, although its other thread may still wait for the keyboard.
    Ok(())
}

/// Passes bytes on as they come, until there are no more.
fn pass_on(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut bytes = [0; 4096];
    loop {
        let count = from.read(&mut bytes)?;
        if count == 0 {
            return Ok(());
        }
        to.write_all(&bytes[..count])?;
        to.flush()?;
    }
}
