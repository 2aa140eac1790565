//! The first twin: the registry behind a lock and the outboxes of rung 8, with a task per client instead of a thread.
//!
//! Two things are gone. Nobody claims an outbox: each client's own task writes to its socket, since a task that waits costs some
//! hundred bytes and not a thread. And nobody drains: a full socket makes that task wait, and no other.

use std::collections::HashMap;
use std::env;
use std::io;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

#[path = "../socket.rs"]
mod socket;

use socket::{Lines, QUEUE_MAX, Said, hello, said, write_all};

type People = HashMap<String, Arc<Member>>;
/// The lock order: the room's, then one outbox's. No lock is held over an `await`: a task that waits keeps what it has locked,
/// and the others would wait for it.
type Room = Arc<Mutex<People>>;

#[derive(Default)]
struct Member {
    outbox: Mutex<Vec<u8>>,
    /// Wakes the task that writes. It keeps one wake-up, so one that comes before the task waits is not lost.
    pushed: Notify,
    /// Too much waits for this client.
    overflowed: Notify,
}

/// A client has joined. Dropping the guard is the one way to leave.
struct JoinGuard {
    room: Room,
    name: String,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let listener = TcpListener::bind(&addr).await?;
    println!("listening on {addr}");
    let room = Room::default();
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                let room = room.clone();
                // An error is the usual end of a connection.
                tokio::spawn(async move { serve_client(&socket, &room).await.unwrap_or_default() });
            }
            Err(error) => {
                println!("cannot serve another client now: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Serves one connection: HELLO first, then what the client says. One task reads and writes, by turns.
async fn serve_client(socket: &TcpStream, room: &Room) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut lines = Lines::new(socket);
    let Some(first) = lines.next_line(socket).await? else { return Ok(()) };
    let name = match hello(&first) {
        Ok(name) => name,
        Err(refusal) => return write_all(socket, refusal.as_bytes()).await,
    };
    let me = Arc::new(Member::default());
    let Some(guard) = JoinGuard::join(room, name, &me) else {
        return write_all(socket, b"ERR USERNAME_TAKEN choose another name\n").await;
    };
    // Whichever ends first ends the others: a future that is dropped does nothing more.
    tokio::select! {
        ended = listen(&mut lines, socket, &guard, &me) => ended,
        ended = me.write(socket) => ended,
        () = me.overflowed.notified() => Ok(()),
    }
}

/// Does what the client asks for, until it leaves.
async fn listen(lines: &mut Lines<'_>, socket: &TcpStream, guard: &JoinGuard, me: &Member) -> io::Result<()> {
    while let Some(line) = lines.next_line(socket).await? {
        match said(&line, &guard.name) {
            Said::Msg(text) => {
                push_to_others(&lock(&guard.room), &guard.name, &format!("MSG {} {text}\n", guard.name));
            }
            Said::Bye => break,
            Said::Nothing => {}
            Said::Wrong(answer) => me.push(&answer),
        }
        // A client that sends without a pause would keep its thread from all other tasks.
        tokio::task::consume_budget().await;
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
        push_to_others(&people, name, &format!("HELLO {name}\n"));
        let here: String =
            people.keys().map(String::as_str).chain([name]).flat_map(|name| ["HELLO ", name, "\n"]).collect();
        me.push(&here);
        people.insert(name.into(), me.clone());
        drop(people);
        Some(JoinGuard { room: room.clone(), name: name.into() })
    }
}

impl Drop for JoinGuard {
    fn drop(&mut self) {
        let mut people = lock(&self.room);
        people.remove(&self.name);
        push_to_others(&people, &self.name, &format!("BYE {}\n", self.name));
    }
}

/// Pushes a line for all but its author. The caller holds the room's lock, so all members get all lines in one order.
fn push_to_others(people: &People, author: &str, line: &str) {
    people.iter().filter(|(name, _)| *name != author).for_each(|(_, member)| member.push(line));
}

impl Member {
    /// Appends a line, or ends the client for which too much waits.
    fn push(&self, line: &str) {
        let mut outbox = lock(&self.outbox);
        if outbox.len() + line.len() > QUEUE_MAX {
            self.overflowed.notify_one();
        } else {
            outbox.extend_from_slice(line.as_bytes());
            self.pushed.notify_one();
        }
    }

    /// Writes what waits, whenever something does.
    async fn write(&self, socket: &TcpStream) -> io::Result<()> {
        loop {
            self.pushed.notified().await;
            let bytes = mem::take(&mut *lock(&self.outbox));
            write_all(socket, &bytes).await?;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
