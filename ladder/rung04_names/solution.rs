//! Rung 4: names. Each client joins with HELLO, and may ask who is here.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use lines::{LINE_MAX, Line, Lines};

#[path = "../rung03_framing/lines.rs"]
mod lines;

/// The names of all who are here.
type Room = Arc<Mutex<BTreeSet<String>>>;

/// A client has joined. Dropping the guard is the one way to leave.
struct JoinGuard {
    room: Room,
    name: String,
}

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let listener = TcpListener::bind(&addr)?;
    println!("listening on {addr}");
    let room = Room::default();
    loop {
        let room = room.clone();
        let served = listener.accept().and_then(|(socket, peer)| {
            thread::Builder::new().spawn(move || {
                if let Err(error) = serve(&socket, &room) {
                    println!("{peer} is gone: {error}");
                }
            })
        });
        if let Err(error) = served {
            println!("cannot serve another client now: {error}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Serves one client: HELLO first, then questions.
fn serve(mut socket: &TcpStream, room: &Room) -> io::Result<()> {
    let mut lines = Lines::new(socket);
    let Some(first) = lines.next_line()? else { return Ok(()) };
    let name = match hello(&first) {
        Ok(name) => name,
        Err(refusal) => return socket.write_all(refusal.as_bytes()),
    };
    let Some(guard) = JoinGuard::join(room, name) else {
        return socket.write_all(b"ERR USERNAME_TAKEN choose another name\n");
    };
    println!("{name} is here");
    socket.write_all(guard.who().as_bytes())?;
    while let Some(line) = lines.next_line()? {
        let answer = match line {
            Line::Text(line) => match &line[..] {
                "" => continue,
                "WHO" => guard.who(),
                "BYE" => break,
                _ => "ERR BAD_LINE write WHO or BYE\n".into(),
            },
            Line::TooLong => format!("ERR LINE_TOO_LONG a line has at most {LINE_MAX} bytes\n"),
            Line::NotUtf8 => "ERR NOT_UTF8 a line is text in UTF-8\n".into(),
        };
        socket.write_all(answer.as_bytes())?;
    }
    Ok(())
}

/// Returns the name in a HELLO, or the line that refuses it.
fn hello(line: &Line) -> Result<&str, &'static str> {
    let Line::Text(line) = line else { return Err("ERR HELLO_EXPECTED the first line is HELLO <name>\n") };
    let mut words = line.split(' ');
    if words.next() != Some("HELLO") {
        return Err("ERR HELLO_EXPECTED the first line is HELLO <name>\n");
    }
    let name = words.next().unwrap_or_default();
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    if (1..=32).contains(&name.chars().count()) && is_name(name) {
        Ok(name)
    } else {
        Err("ERR BAD_USERNAME a name has 1 to 32 letters, digits, _ - or .\n")
    }
}

impl JoinGuard {
    /// Takes a name. Returns `None` if another client has it.
    fn join(room: &Room, name: &str) -> Option<JoinGuard> {
        // The check and the change are one call under one lock: no other thread can come in between.
        let is_free = lock(room).insert(name.into());
        is_free.then(|| JoinGuard { room: room.clone(), name: name.into() })
    }

    /// Returns a line `HELLO <name>` for each client that is here, this one's own last.
    fn who(&self) -> String {
        // The text is made under the lock. It is written without it: that may take as long as its reader likes.
        let room = lock(&self.room);
        let others = room.iter().filter(|name| **name != self.name);
        others.chain([&self.name]).flat_map(|name| ["HELLO ", name, "\n"]).collect()
    }
}

impl Drop for JoinGuard {
    fn drop(&mut self) {
        lock(&self.room).remove(&self.name);
        println!("{} is gone", self.name);
    }
}

/// Locks the room, also after a thread has panicked with the lock held. What it was about to change is one entry or nothing.
fn lock(room: &Room) -> MutexGuard<'_, BTreeSet<String>> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}
