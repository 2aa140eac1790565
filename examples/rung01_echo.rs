//! Rung 1: one client at a time, and each line comes back.
//!
//! **You learn** what every server begins with: bind, listen, accept, read, write; and that these calls *block*. The
//! thread sleeps inside of `accept` or `read` and costs nothing until the kernel has something for it.
//!
//! **Run it** in terminal 1, and talk to it in terminals 2 and 3:
//!
//! ```text
//! 1$ cargo run --example rung01_echo            (an address may follow: -- 127.0.0.1:6000)
//! 2$ nc 127.0.0.1 5555
//! 3$ nc 127.0.0.1 5555
//! ```
//!
//! **Predict before you run.** Both `nc` are connected. You type a line in terminal 3 while the one in terminal 2 says
//! nothing: what does terminal 3 show, and what when you end the one in terminal 2 with Ctrl-D or Ctrl-C?
//!
//! **Try** `ss -tn sport = :5555` in between: the second connection stands, and its bytes wait in the kernel, although
//! this program has not accepted it. Try what `nc` does when this program is ended first.
//!
//! **What breaks:** the first client has the server to itself for as long as it likes.
//!
//! **Rung 2 mends it**, with a thread per client.
//!
//! **The real program** accepts in `src/server/connect/accept.rs` and reads in `src/server/session.rs`.

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:5555".into()))?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (socket, peer) = listener.accept()?;
        println!("{peer} is here");
        match echo(&socket) {
            Ok(()) => println!("{peer} has closed the connection"),
            Err(error) => println!("{peer} is gone: {error}"),
        }
    }
}

/// Sends every line back, until the client closes its end. Neither reading nor writing changes a `TcpStream`, it is the
/// kernel's, so a shared reference does for both.
fn echo(socket: &TcpStream) -> io::Result<()> {
    let mut writing = socket;
    for line in BufReader::new(socket).lines() {
        // One write for a line: two would be two packets.
        writing.write_all(format!("{}\n", line?).as_bytes())?;
    }
    Ok(())
}
