//! Rung 5, solved: a chat, as everyone first writes it. It writes to all clients, under the lock.

use std::collections::HashMap;
use std::env;
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

#[path = "../rung05_broadcast/words.rs"]
mod words;

use words::{Lines, Said, hello, said};

/// The people in the room: their names and their sockets.
type People = HashMap<String, Arc<TcpStream>>;
type Room = Arc<Mutex<People>>;

/// A client has joined. Dropping the guard is the one way to leave.
struct JoinGuard {
    room: Room,
    name: String,
}

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let listener = TcpListener::bind(&addr)?;
    println!("listening on {addr}");
    serve(&listener);
    Ok(())
}

/// Accepts connections for ever, and gives each a thread.
pub(crate) fn serve(listener: &TcpListener) {
    let room = Room::default();
    for socket in listener.incoming() {
        let room = room.clone();
        let spawned = socket.and_then(|socket| {
            // An error is the usual end of a connection.
            thread::Builder::new().spawn(move || drop(serve_client(&Arc::new(socket), &room)))
        });
        if let Err(error) = spawned {
            println!("cannot serve another client now: {error}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Serves one connection: HELLO first, then what the client says.
fn serve_client(socket: &Arc<TcpStream>, room: &Room) -> io::Result<()> {
    // Small writes are sent at once, instead of waiting for more (Nagle's algorithm).
    socket.set_nodelay(true)?;
    let mut lines = Lines::new(&**socket);
    let Some(first) = lines.next_line()? else { return Ok(()) };
    // Nobody else writes to this socket before it is in the room.
    let name = match hello(&first) {
        Ok(name) => name,
        Err(refusal) => return (&**socket).write_all(refusal.as_bytes()),
    };
    let Some(guard) = JoinGuard::join(room, name, socket) else {
        return (&**socket).write_all(b"ERR USERNAME_TAKEN choose another name\n");
    };
    while let Some(line) = lines.next_line()? {
        match said(&line, name) {
            Said::Msg(text) => guard.send_to_others(&format!("MSG {name} {text}\n")),
            Said::Bye => break,
            Said::Nothing => {}
            Said::Wrong(answer) => guard.answer(&answer),
        }
    }
    Ok(())
}

impl JoinGuard {
    /// Takes a name, unless it is taken. The others get the newcomer's HELLO, the newcomer gets theirs and its own, all under
    /// one lock: no client joins, leaves or speaks in between.
    fn join(room: &Room, name: &str, socket: &Arc<TcpStream>) -> Option<JoinGuard> {
        let mut people = lock(room);
        if people.contains_key(name) {
            return None;
        }
        broadcast(&people, name, &format!("HELLO {name}\n"));
        let here: String =
            people.keys().map(String::as_str).chain([name]).flat_map(|name| ["HELLO ", name, "\n"]).collect();
        write(socket, &here);
        people.insert(name.into(), socket.clone());
        Some(JoinGuard { room: room.clone(), name: name.into() })
    }

    /// Sends a line to everybody but its author.
    fn send_to_others(&self, line: &str) {
        broadcast(&lock(&self.room), &self.name, line);
    }

    /// Sends a line to this client alone: under the lock as well, for another thread may be writing to the same socket.
    fn answer(&self, line: &str) {
        if let Some(socket) = lock(&self.room).get(&self.name) {
            write(socket, line);
        }
    }
}

impl Drop for JoinGuard {
    fn drop(&mut self) {
        let mut people = lock(&self.room);
        people.remove(&self.name);
        broadcast(&people, &self.name, &format!("BYE {}\n", self.name));
    }
}

/// Writes a line to all clients but its author. The caller holds the lock: that is the mistake of this rung.
fn broadcast(people: &People, author: &str, line: &str) {
    for (_, socket) in people.iter().filter(|(name, _)| *name != author) {
        write(socket, line);
    }
}

fn write(mut socket: &TcpStream, line: &str) {
    // A broken connection is taken out of the room by its own thread, whose read fails, too.
    let _ = socket.write_all(line.as_bytes());
}

/// A thread that panics with the lock held poisons it. It has changed one entry or none, so the others go on.
fn lock(room: &Room) -> MutexGuard<'_, People> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}
