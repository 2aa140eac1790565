//! Rung 8: the outbox. No thread writes under the room's lock, and no thread waits for another client's reader. README.md says
//! what to do; `cargo climb 8` checks it.

// For as long as there are todo!()s. Then take this line away: the compiler may have something to say.
#![allow(unused)]

use std::collections::HashMap;
use std::env;
use std::io::{self, ErrorKind, Write as _};
use std::mem;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

#[path = "../rung05_broadcast/words.rs"]
mod words;

use words::{Lines, Said, hello, said};

/// A write that takes longer has found the socket full. The kernel rounds the time up to a tick of its clock.
const FULL_AFTER: Duration = Duration::from_millis(1);
/// A client for which more bytes would wait is disconnected.
const QUEUE_MAX: usize = 1 << 20;

type People = HashMap<String, Arc<Member>>;
/// The lock order: the room's, then one outbox's. Nothing is written under either.
type Room = Arc<Mutex<People>>;

struct Member {
    socket: TcpStream,
    outbox: Mutex<Outbox>,
}

/// What waits for a member, and whether a thread is writing to its socket.
#[derive(Default)]
struct Outbox {
    queue: Vec<u8>,
    writing: bool,
}

/// A client has joined. Dropping the guard is the one way to leave.
struct JoinGuard {
    room: Room,
    name: String,
    me: Arc<Member>,
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
            thread::Builder::new().spawn(move || drop(serve_client(socket, &room)))
        });
        if let Err(error) = spawned {
            println!("cannot serve another client now: {error}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Serves one connection: HELLO first, then what the client says.
fn serve_client(socket: TcpStream, room: &Room) -> io::Result<()> {
    socket.set_nodelay(true)?;
    socket.set_write_timeout(Some(FULL_AFTER))?;
    let me = Arc::new(Member { socket, outbox: Mutex::default() });
    let mut lines = Lines::new(&me.socket);
    let Some(first) = lines.next_line()? else { return Ok(()) };
    let name = match hello(&first) {
        Ok(name) => name,
        Err(refusal) => return (&me.socket).write_all(refusal.as_bytes()),
    };
    let Some(guard) = JoinGuard::join(room, name, &me) else {
        return (&me.socket).write_all(b"ERR USERNAME_TAKEN choose another name\n");
    };
    while let Some(line) = lines.next_line()? {
        match said(&line, name) {
            Said::Msg(text) => guard.send_to_others(&format!("MSG {name} {text}\n")),
            Said::Bye => break,
            Said::Nothing => {}
            Said::Wrong(answer) => me.answer(&answer),
        }
    }
    Ok(())
}

impl JoinGuard {
    /// Takes a name, unless it is taken.
    fn join(room: &Room, name: &str, me: &Arc<Member>) -> Option<JoinGuard> {
        let mut people = lock(room);
        if people.contains_key(name) {
            return None;
        }
        let mut claimed = push_to_others(&people, name, &format!("HELLO {name}\n"));
        let here: String =
            people.keys().map(String::as_str).chain([name]).flat_map(|name| ["HELLO ", name, "\n"]).collect();
        claimed.extend(me.push(&here).then(|| me.clone()));
        people.insert(name.into(), me.clone());
        drop(people);
        claimed.iter().for_each(Member::write);
        Some(JoinGuard { room: room.clone(), name: name.into(), me: me.clone() })
    }

    /// Sends a line to everybody but its author.
    fn send_to_others(&self, line: &str) {
        // The lock is released at the end of this statement; the writing comes after it.
        let claimed = push_to_others(&lock(&self.room), &self.name, line);
        claimed.iter().for_each(Member::write);
    }
}

impl Drop for JoinGuard {
    fn drop(&mut self) {
        let mut people = lock(&self.room);
        people.remove(&self.name);
        let claimed = push_to_others(&people, &self.name, &format!("BYE {}\n", self.name));
        drop(people);
        claimed.iter().for_each(Member::write);
        self.me.shut();
    }
}

/// Pushes a line for all but its author. The caller holds the room's lock, so all members get all lines in one order. Returns the
/// members for which the caller has become the writer.
fn push_to_others(people: &People, author: &str, line: &str) -> Vec<Arc<Member>> {
    let claimed = people.iter().filter(|(name, member)| *name != author && member.push(line));
    claimed.map(|(_, member)| member.clone()).collect()
}

impl Member {
    /// Sends a line to this client alone.
    fn answer(self: &Arc<Member>, line: &str) {
        if self.push(line) {
            self.write();
        }
    }

    /// Appends a line. Returns whether the caller has become the writer. Otherwise another thread is, and sends this line too.
    fn push(&self, line: &str) -> bool {
        todo!("append the line, or shut where it would be too much; set the flag: README, \"The flag\"")
    }

    /// Takes all that waits. If nothing does, clears the flag *under the same lock* and returns `None`: a line is pushed either
    /// before, and is taken here, or after, and finds the flag cleared.
    fn take(&self) -> Option<Vec<u8>> {
        todo!("take the queue, or clear the flag: README, \"The flag\"")
    }

    /// Writes until nothing waits, or until the socket is full: then another thread waits in place of this one.
    fn write(self: &Arc<Member>) {
        todo!("write all that `take` returns; if the socket is full, `start_drain`: README, \"Do\"")
    }

    /// Hands the writing to a thread of its own. The flag stays set: that thread is the writer now.
    fn start_drain(self: &Arc<Member>, rest: Vec<u8>) {
        let member = self.clone();
        if thread::Builder::new().spawn(move || member.drain(&rest)).is_err() {
            self.shut();
        }
    }

    /// Writes the rest, for as long as that takes, and then like any other writer.
    fn drain(self: &Arc<Member>, rest: &[u8]) {
        todo!("write the rest without a timeout, then go on as any writer: README, \"Do\"")
    }

    /// Shuts the connection down, which ends every read and write of it. Does not block.
    fn shut(&self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
