//! Rung 3: a registry of names behind `Arc<Mutex<HashMap>>`.
//!
//! **You learn** how threads share one thing: `Arc` lets each of them own it, `Mutex` lets one at a time touch it. And
//! two habits: a check and the change that depends on it (is the name free? then take it) happen under *one* lock; and a
//! guard takes a client out of the room, which works for a panic, too.
//!
//! **Run it** in terminal 1, and be two people in 2 and 3. The first line is `HELLO <name>`; `WHO` asks who is here:
//!
//! ```text
//! 1$ cargo run --example rung03_names           (an address may follow: -- 127.0.0.1:6000)
//! 2$ nc 127.0.0.1 5555                          HELLO ann
//! 3$ nc 127.0.0.1 5555                          HELLO ann, and then, in another nc: HELLO ben
//! ```
//!
//! **Predict before you run.** Two people send `HELLO ann` at the very same moment, from two threads. Can both be let
//! in?
//!
//! **Try** to make that happen: replace `entry` in `join` by `lock(room).contains_key(..)` and then
//! `lock(room).insert(..)`, with a `thread::sleep` of a millisecond between them, and run `cargo test
//! two_people`. Without the sleep it happens as well, once in a long while, and never while you look. Then take the
//! guard `JoinGuard` away, end an `nc` with Ctrl-C, and come back with the same name.
//!
//! **What breaks:** the clients know of each other, and still cannot talk.
//!
//! **Rung 4 mends it**: it keeps the sockets beside the names.
//!
//! **The real program** has its registry in `src/server/registry.rs`, the same guard in `src/server/session/join_guard.rs`,
//! and in `src/protocol/username.rs` the reason why `Ann` and `ann` are one name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// All names in the room, and their addresses.
type Room = Arc<Mutex<HashMap<String, SocketAddr>>>;

/// A client has joined. Dropping the guard is the one way to leave.
struct JoinGuard {
    room: Room,
    name: String,
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:5555".into()))?;
    println!("listening on {}", listener.local_addr()?);
    let room = Room::default();
    loop {
        let (socket, _) = listener.accept()?;
        let room = room.clone();
        // A broken connection is the usual end of one.
        thread::spawn(move || serve(&socket, &room).inspect_err(|error| println!("{error}")));
    }
}

/// Serves one connection: HELLO first, then questions.
fn serve(mut socket: &TcpStream, room: &Room) -> io::Result<()> {
    let mut lines = BufReader::new(socket).lines();
    let Some(first) = lines.next().transpose()? else { return Ok(()) };
    let mut words = first.split_whitespace();
    let (Some("HELLO"), Some(name)) = (words.next(), words.next()) else {
        return socket.write_all(b"ERR HELLO_EXPECTED the first line is HELLO <name>\n");
    };
    let Some(guard) = JoinGuard::join(room, name, socket.peer_addr()?) else {
        return socket.write_all(b"ERR USERNAME_TAKEN choose another name\n");
    };
    println!("{name} is here");
    socket.write_all(guard.who().as_bytes())?;
    for line in lines {
        let answer = match line?.trim() {
            "WHO" => guard.who(),
            "BYE" => break,
            _ => "ERR BAD_LINE the verbs are HELLO, WHO and BYE\n".into(),
        };
        socket.write_all(answer.as_bytes())?;
    }
    Ok(())
}

impl JoinGuard {
    /// Takes a name, unless it is taken.
    fn join(room: &Room, name: &str, addr: SocketAddr) -> Option<JoinGuard> {
        // Check and insertion under one lock: no other thread can come in between.
        match lock(room).entry(name.into()) {
            Entry::Occupied(_) => None,
            Entry::Vacant(free) => {
                free.insert(addr);
                Some(JoinGuard { room: room.clone(), name: name.into() })
            }
        }
    }

    /// Returns a HELLO line for each name in the room, one's own last: the acknowledgement.
    fn who(&self) -> String {
        // The answer is made under the lock, and written without it: writing may take as long as the reader likes.
        let room = lock(&self.room);
        let others = room.keys().filter(|name| **name != self.name);
        others.chain([&self.name]).flat_map(|name| ["HELLO ", name, "\n"]).collect()
    }
}

impl Drop for JoinGuard {
    fn drop(&mut self) {
        lock(&self.room).remove(&self.name);
        println!("{} is gone", self.name);
    }
}

/// A thread that panics with the lock held poisons it. What it changed is one entry or nothing, so the others go on.
fn lock(room: &Room) -> MutexGuard<'_, HashMap<String, SocketAddr>> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}
