//! Rung 3: an echo of lines that have a maximum length. The reading is in lines.rs, which the rungs above use, too.

use std::env;
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use lines::{LINE_MAX, Line, Lines};

mod lines;

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let listener = TcpListener::bind(&addr)?;
    println!("listening on {addr}");
    loop {
        let served = listener.accept().and_then(|(socket, peer)| {
            thread::Builder::new().spawn(move || match echo(&socket) {
                Ok(()) => println!("{peer} has closed the connection"),
                Err(error) => println!("{peer} is gone: {error}"),
            })
        });
        if let Err(error) = served {
            println!("cannot serve another client now: {error}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Sends every line back, and an error for what is not a line.
fn echo(mut socket: &TcpStream) -> io::Result<()> {
    let mut lines = Lines::new(socket);
    while let Some(line) = lines.next_line()? {
        let answer = match line {
            Line::Text(text) => format!("{text}\n"),
            Line::TooLong => format!("ERR LINE_TOO_LONG a line has at most {LINE_MAX} bytes\n"),
            Line::NotUtf8 => "ERR NOT_UTF8 a line is text in UTF-8\n".into(),
        };
        socket.write_all(answer.as_bytes())?;
    }
    Ok(())
}
