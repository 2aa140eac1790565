//! Rung 6: the outbox. No thread writes under the room's lock, and no thread waits for another client's reader.
//!
//! **You learn** the one clever thing of this project. Each client has an *outbox*: a queue of bytes, and a flag that says
//! whether a thread is writing them. A sender pushes its line onto every outbox, under the lock, so all see one order. But
//! the writing comes after the lock is released, and only one thread at a time writes to one socket: the thread that set
//! the flag.
//!
//! **Run it** in terminal 1, be people in others, and measure it as you measured rung 4:
//!
//! ```text
//! 1$ cargo run --example rung06_outbox          (an address may follow: -- 127.0.0.1:6000)
//! 2$ nc 127.0.0.1 5555                          HELLO eve, then MSG eve hello
//! 3$ cargo run --example rung05_stall -- 127.0.0.1:5555
//! ```
//!
//! **Predict before you run.** Carl reads nothing, again. Which thread is it that waits for him now? What becomes of
//! what is said meanwhile? And of Carl?
//!
//! **Try** to clear the flag in `take` a moment after the lock is released, as if it were a variable like any other.
//! Most lines still arrive. Which does not, and when? (`src/server/delivery/outbox/interleavings.rs` finds it in a second.)
//!
//! **What breaks:** a sender's thread writes for all recipients, and goes on writing as long as other threads find the flag
//! set: with many senders at the same time, one thread may never come back to its own client. A line is copied once per
//! recipient. On Windows a write that timed out leaves the socket unusable. And nothing ends this server in good order.
//!
//! **Rung 7** shows what the flag is there for. **The real program** is this rung, grown up: `src/server/delivery/outbox.rs` is
//! the outbox without a socket, `src/server/delivery.rs` does the writing and hands a busy writer's work off to another thread.

use std::collections::HashMap;
use std::env;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Write as _};
use std::mem;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A write that takes longer has found the socket full. The kernel rounds the timeout up to a tick of its clock, some
/// milliseconds; the real server avoids that wait (`IfFull::Leave` in `src/transport.rs`).
const FULL_AFTER: Duration = Duration::from_millis(1);
/// Write stall timeout: a client whose socket accepts nothing for this long is disconnected.
const STALL_TIMEOUT: Duration = Duration::from_secs(5);
/// Queue limit in bytes: a client for which more would be queued is disconnected.
const QUEUE_MAX: usize = 1 << 20;

/// All clients in the room, by name. The lock order is: the room's, then one outbox's.
type Room = Arc<Mutex<HashMap<String, Arc<Member>>>>;

struct Member {
    socket: TcpStream,
    outbox: Mutex<Outbox>,
}

#[derive(Default)]
struct Outbox {
    queue: Vec<u8>,
    /// A thread is writing to this member's socket.
    writing: bool,
}

/// A client has joined. Dropping the guard is the one way to leave.
struct JoinGuard(Room, String, Arc<Member>);

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:5555".into()))?;
    println!("listening on {}", listener.local_addr()?);
    let room = Room::default();
    loop {
        let (socket, room) = (listener.accept()?.0, room.clone());
        thread::spawn(move || serve(socket, &room));
    }
}

fn serve(socket: TcpStream, room: &Room) -> io::Result<()> {
    socket.set_nodelay(true)?;
    socket.set_write_timeout(Some(FULL_AFTER))?;
    let me = Arc::new(Member { socket, outbox: Mutex::default() });
    let mut lines = BufReader::new(&me.socket).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let Some(name) = first.strip_prefix("HELLO ").and_then(|words| words.split_whitespace().next()) else {
        return Ok(());
    };
    let Some(_guard) = join(room, name, &me) else { return (&me.socket).write_all(b"ERR USERNAME_TAKEN\n") };
    for line in lines {
        match line?.splitn(3, ' ').collect::<Vec<_>>()[..] {
            ["MSG", _, text] => {
                // The lock is released at the end of this line; the writing comes after it.
                let claimed = push_to_all(&lock(room), name, &format!("MSG {name} {text}\n"));
                claimed.into_iter().for_each(Member::write);
            }
            ["BYE", ..] => break,
            _ => {}
        }
    }
    Ok(())
}

fn join(room: &Room, name: &str, me: &Arc<Member>) -> Option<JoinGuard> {
    let mut people = lock(room);
    if people.contains_key(name) {
        return None;
    }
    let mut claimed = push_to_all(&people, name, &format!("HELLO {name}\n"));
    let here: String =
        people.keys().map(String::as_str).chain([name]).flat_map(|name| ["HELLO ", name, "\n"]).collect();
    claimed.extend(me.push(&here).then_some(me.clone()));
    people.insert(name.into(), me.clone());
    drop(people);
    claimed.into_iter().for_each(Member::write);
    Some(JoinGuard(room.clone(), name.into(), me.clone()))
}

impl Drop for JoinGuard {
    fn drop(&mut self) {
        let JoinGuard(room, name, me) = self;
        let mut people = lock(room);
        people.remove(name);
        let claimed = push_to_all(&people, name, &format!("BYE {name}\n"));
        drop(people);
        claimed.into_iter().for_each(Member::write);
        me.shut();
    }
}

/// Pushes a line for all members but its author; the caller holds the room's lock. Returns the members whose writer the caller
/// has become.
fn push_to_all(people: &HashMap<String, Arc<Member>>, author: &str, line: &str) -> Vec<Arc<Member>> {
    people.iter().filter(|(name, member)| *name != author && member.push(line)).map(|(_, to)| to.clone()).collect()
}

impl Member {
    /// Appends a line. Returns whether the caller has become the writer. Otherwise another thread is, and sends this line.
    fn push(&self, line: &str) -> bool {
        let mut outbox = lock(&self.outbox);
        if outbox.queue.len() + line.len() > QUEUE_MAX {
            self.shut();
            return false;
        }
        outbox.queue.extend_from_slice(line.as_bytes());
        !mem::replace(&mut outbox.writing, true)
    }

    /// Takes all queued bytes. If there are none, clears the flag *under the same lock* and returns `None`: a line is pushed
    /// either before, and is taken here, or after, and finds the flag cleared.
    fn take(&self) -> Option<Vec<u8>> {
        let mut outbox = lock(&self.outbox);
        outbox.writing = !outbox.queue.is_empty();
        outbox.writing.then(|| mem::take(&mut outbox.queue))
    }

    /// Writes until the queue is empty, or the socket is full: then another thread waits in place of this one.
    fn write(self: Arc<Member>) {
        while let Some(bytes) = self.take() {
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                match (&self.socket).write(rest) {
                    Ok(count) => rest = &rest[count..],
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                        let rest = rest.to_vec();
                        // The flag stays set: that thread is the writer now.
                        thread::spawn(move || self.drain(&rest));
                        return;
                    }
                    Err(_) => return self.shut(),
                }
            }
        }
    }

    fn drain(self: Arc<Member>, rest: &[u8]) {
        let _ = self.socket.set_write_timeout(Some(STALL_TIMEOUT));
        let written = (&self.socket).write_all(rest);
        let _ = self.socket.set_write_timeout(Some(FULL_AFTER));
        if written.is_ok() { self.write() } else { self.shut() }
    }

    /// Shuts the connection down, which ends the blocking read of its thread. Does not block.
    fn shut(&self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
