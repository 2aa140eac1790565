//! Rung 2: a thread per client.
//!
//! **You learn** the oldest answer to "how do I serve many at once?": give each a thread of its own. Each thread runs
//! the code of rung 1 as if its client were the only one, and the operating system takes care of the rest.
//!
//! **Run it** in terminal 1, and talk to it from as many others as you like:
//!
//! ```text
//! 1$ cargo run --example rung02_threads         (an address may follow: -- 127.0.0.1:6000)
//! 2$ nc 127.0.0.1 5555
//! 3$ nc 127.0.0.1 5555
//! ```
//!
//! **Predict before you run.** How many threads has the process with two clients? Which of them uses the processor
//! while no client sends anything?
//!
//! **Try** `top -H -p $(pgrep rung02)`, which shows the threads by their names. Send the line `panic`: who notices?
//! Send a gigabyte with no line end in it (`head -c 1G /dev/zero | nc 127.0.0.1 5555`) and watch the memory.
//!
//! **What breaks:** that gigabyte, since `lines` keeps a line until it ends (the real program cuts it off at 4096
//! bytes, in `src/protocol/framing.rs`). And the clients cannot talk to each other: no thread knows that there are
//! others.
//!
//! **Rung 3 mends it**: its threads share a registry of names.
//!
//! **The real program** spawns a client's thread in `src/server/connect/accept.rs`, and
//! names and joins it in `src/server/observe/threads.rs`.

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:5555".into()))?;
    println!("listening on {}", listener.local_addr()?);
    let mut count = 0;
    loop {
        let spawned = listener.accept().and_then(|(socket, peer)| {
            count += 1;
            // The thread owns the socket: when it ends, however it ends, the connection is closed.
            thread::Builder::new().name(format!("client #{count}")).spawn(move || {
                println!("{peer} is here, and {} serves it", thread::current().name().unwrap_or("a thread"));
                match echo(&socket) {
                    Ok(()) => println!("{peer} has closed the connection"),
                    Err(error) => println!("{peer} is gone: {error}"),
                }
            })
        });
        // One client too many (no file descriptor, no thread) is no reason to disconnect the others. Without the pause this
        // loop would spin, since the connection still waits in the accept queue.
        if let Err(error) = spawned {
            println!("cannot serve another client now: {error}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

fn echo(socket: &TcpStream) -> io::Result<()> {
    let mut writing = socket;
    for line in BufReader::new(socket).lines() {
        let line = line?;
        assert!(line != "panic", "a client asked for a panic");
        writing.write_all(format!("{line}\n").as_bytes())?;
    }
    Ok(())
}
