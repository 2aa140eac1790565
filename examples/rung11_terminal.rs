//! Rung 11: a chat client for the terminal, in one file.
//!
//! **You learn** why a client has two threads: it waits for two things at once, for you to type and for others to
//! speak, and a blocking read waits for one. And how it ends: each thread has to unblock the other's read.
//!
//! **Run it** against the real server (or against rung 5, 8, 9 or 10), as two people:
//!
//! ```text
//! 1$ cargo run --no-default-features --bin server -- --headless
//! 2$ cargo run --no-default-features --example rung11_terminal -- 127.0.0.1:5555 ann
//! 3$ cargo run --no-default-features --example rung11_terminal -- 127.0.0.1:5555 ben
//! ```
//!
//! What you type is said to all, `/msg ben hello` to one; Ctrl-D leaves.
//!
//! **Predict before you run.** (The answers are in `examples/README.md`.) 1. Ann types half a line, and Ben says something.
//! What does her screen look like? 2. The server stops: does Ann's program end at once, although it waits for her to type?
//!
//! **Try** to print lines as they come, without `escape`, and send yourself the bytes that clear a screen (`printf
//! 'HELLO eve\nMSG eve \033[2J\n' | nc -N 127.0.0.1 5555`): this server refuses them, rung 8 does not. Leave the BYE out.
//!
//! **What breaks:** what comes in runs into what is being typed; a terminal needs more than this (raw mode, a library).
//! A server that reads nothing makes `write_all` wait, and the typist with it.
//!
//! **Rung 12 tries** a window, and rung 13 has it right. **The real program** has the same two threads in
//! `src/client/connection/reader.rs`, and a channel before its writer, so that a window never waits.
//!
//! **Exercises.** 1. `/who` shows who is here: the server answers WHO with a HELLO for each, one's own last. How do you tell
//! these HELLOs from those of newcomers? 2. When the connection ends, try again after one second, then two, four, eight.
//! What becomes of a line that was typed meanwhile?

use std::env;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process;
use std::thread;

use multichat::protocol::escape::escape;
use multichat::protocol::framing::{Frame, LineBuffer};
use multichat::protocol::{Capabilities, ClientLine, SERVER_LINE_MAX, ServerLine, Username};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = env::args().skip(1);
    let (Some(addr), Some(name)) = (args.next(), args.next()) else {
        return Err("usage: rung11_terminal ADDRESS:PORT NAME".into());
    };
    let username = Username::parse(&name)?;
    let socket = TcpStream::connect(addr)?;
    say(&socket, &ClientLine::Hello { username, capabilities: Capabilities::default() })?;

    let reading = socket.try_clone()?;
    let reader = thread::Builder::new().name("reader".into()).spawn(move || {
        let why = receive(&reading).map_or_else(|error| error.to_string(), |()| "the server has closed it".into());
        println!("* the end: {why}");
        // The main thread blocks on standard input, and nothing in std unblocks that read.
        process::exit(0);
    })?;

    for line in io::stdin().lines() {
        let line = line?;
        let line = match line.strip_prefix("/msg ").and_then(|rest| rest.split_once(' ')) {
            Some((recipient, text)) => ClientLine::Tell { recipient, text },
            None if line.is_empty() => continue,
            None => ClientLine::Msg { username: &name, text: &line },
        };
        say(&socket, &line)?;
    }
    // Ctrl-D. The server answers the BYE by closing its end, which ends the reader's blocking read.
    say(&socket, &ClientLine::Bye)?;
    socket.shutdown(Shutdown::Write)?;
    let _ = reader.join();
    Ok(())
}

fn say(mut socket: &TcpStream, line: &ClientLine<'_>) -> io::Result<()> {
    let mut bytes = Vec::new();
    line.encode(&mut bytes);
    socket.write_all(&bytes)
}

/// Prints the received lines, until the server closes the connection.
fn receive(mut socket: &TcpStream) -> io::Result<()> {
    // Cuts the stream into lines, in bounded memory.
    let mut buffer = LineBuffer::new(SERVER_LINE_MAX);
    loop {
        match socket.read(buffer.space())? {
            0 => return Ok(()),
            count => buffer.filled(count),
        }
        while let Some(frame) = buffer.next_line() {
            let Frame::Line(line) = frame else { continue };
            // Other clients chose these bytes, and a terminal obeys some of them: control characters are escaped.
            let Ok(Some((_, said))) = ServerLine::parse(line) else { continue };
            match said {
                ServerLine::Hello(name) => println!("* {} is here", escape(name)),
                ServerLine::Bye(name) => println!("* {} is gone", escape(name)),
                ServerLine::Msg { from, text } => println!("{}: {}", escape(from), escape(text)),
                ServerLine::Tell { from, text } => println!("{} (to you): {}", escape(from), escape(text)),
                ServerLine::Err { code, detail } => println!("* {} {}", escape(code), escape(detail)),
                _ => {}
            }
        }
    }
}
