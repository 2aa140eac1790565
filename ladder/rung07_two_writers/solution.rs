//! Rung 7, solved: the room's lock is released before anything is written, and each socket has a lock of its own.

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

/// A client's socket, for writing. The socket is inside of the lock: nobody can write without it.
type Writer = Arc<Mutex<TcpStream>>;
type People = HashMap<String, Writer>;
/// The lock order: the room's, then one writer's. Never two writers' at once, and nothing is written under the room's.
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
    let room = Room::default();
    for socket in listener.incoming() {
        let room = room.clone();
        let spawned = socket.and_then(|socket| {
            // An error is the usual end of a connection.
            thread::Builder::new().spawn(move || drop(serve_client(&socket, &room)))
        });
        if let Err(error) = spawned {
            println!("cannot serve another client now: {error}");
            thread::sleep(Duration::from_millis(100));
        }
    }
    Ok(())
}

/// Serves one connection: HELLO first, then what the client says.
fn serve_client(socket: &TcpStream, room: &Room) -> io::Result<()> {
    socket.set_nodelay(true)?;
    // A second handle of the same socket: this one is read, that one is written.
    let me = Arc::new(Mutex::new(socket.try_clone()?));
    let mut lines = Lines::new(socket);
    let Some(first) = lines.next_line()? else { return Ok(()) };
    let name = match hello(&first) {
        Ok(name) => name,
        Err(refusal) => return lock(&me).write_all(refusal.as_bytes()),
    };
    let Some(guard) = JoinGuard::join(room, name, &me) else {
        return lock(&me).write_all(b"ERR USERNAME_TAKEN choose another name\n");
    };
    while let Some(line) = lines.next_line()? {
        match said(&line, name) {
            Said::Msg(text) => guard.send_to_others(&format!("MSG {name} {text}\n")),
            Said::Bye => break,
            Said::Nothing => {}
            Said::Wrong(answer) => send(&me, &answer),
        }
    }
    Ok(())
}

impl JoinGuard {
    /// Takes a name, unless it is taken.
    fn join(room: &Room, name: &str, me: &Writer) -> Option<JoinGuard> {
        let mut people = lock(room);
        if people.contains_key(name) {
            return None;
        }
        let here: String =
            people.keys().map(String::as_str).chain([name]).flat_map(|name| ["HELLO ", name, "\n"]).collect();
        let others = others(&people, name);
        // Once it is in the room, others speak to this client. What they say waits behind its list.
        let mut writing = lock(me);
        people.insert(name.into(), me.clone());
        drop(people);
        let _ = writing.write_all(here.as_bytes());
        drop(writing);
        send_to(&others, &format!("HELLO {name}\n"));
        Some(JoinGuard { room: room.clone(), name: name.into() })
    }

    /// Sends a line to everybody but its author.
    fn send_to_others(&self, line: &str) {
        // The lock is released at the end of this statement; the writing comes after it.
        let others = others(&lock(&self.room), &self.name);
        send_to(&others, line);
    }
}

impl Drop for JoinGuard {
    fn drop(&mut self) {
        let mut people = lock(&self.room);
        people.remove(&self.name);
        let others = others(&people, &self.name);
        drop(people);
        send_to(&others, &format!("BYE {}\n", self.name));
    }
}

/// Returns the writers of all but this one. The caller holds the room's lock, and writes when it has released it.
fn others(people: &People, name: &str) -> Vec<Writer> {
    people.iter().filter(|(other, _)| *other != name).map(|(_, writer)| writer.clone()).collect()
}

/// Writes a line to each of them, one after the other, and waits for each.
fn send_to(writers: &[Writer], line: &str) {
    for writer in writers {
        send(writer, line);
    }
}

/// Writes a whole line: the lock is held until its last byte is in the kernel.
fn send(writer: &Writer, line: &str) {
    // A broken connection is taken out of the room by its own thread, whose read fails, too.
    let _ = lock(writer).write_all(line.as_bytes());
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
