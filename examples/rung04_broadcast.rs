//! Rung 4: a chat, as everyone first writes it: `write_all` to all clients, under the lock.
//!
//! **You learn** how a broadcast works, and why the lock is held while it is written: so all clients get all lines
//! whole, and in the same order. It is short, it is right, and it is the program of a hundred tutorials.
//!
//! **Run it** in terminal 1, and be two people in 2 and 3. (Rung 10 is a more comfortable client than `nc`, and works
//! here too.)
//!
//! ```text
//! 1$ cargo run --example rung04_broadcast       (an address may follow: -- 127.0.0.1:6000)
//! 2$ nc 127.0.0.1 5555                          HELLO ann, then MSG ann good morning
//! 3$ nc 127.0.0.1 5555                          HELLO ben, then MSG ben hello ann
//! ```
//!
//! **Predict before you run.** Carl is here too, and has suspended his `nc` with Ctrl-Z. Ann speaks: does Ben hear her?
//! And after a thousand lines? After a hundred thousand?
//!
//! **Try** it: suspend one of three, and let another paste (`(echo HELLO ann; yes MSG ann hello) | nc 127.0.0.1 5555`).
//!
//! **What breaks:** the kernel buffers some megabytes for Carl. When the buffers are full, `write_all` blocks until Carl
//! reads, and all other threads block on the lock that it holds: no client receives, joins or leaves.
//!
//! **Rung 5 measures it, and rung 6 mends it.** `examples/naive.rs` is this rung, a little faster, for `script/bench`.
//!
//! **The real program** does not do this anywhere. Its broadcast is in `src/server/registry.rs`: it only *pushes* under
//! the lock.

use std::collections::HashMap;
use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// All clients in the room, by name, with their sockets.
type Room = Arc<Mutex<HashMap<String, Arc<TcpStream>>>>;

/// A client has joined. Dropping the guard is the one way to leave.
struct JoinGuard {
    room: Room,
    name: String,
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:5555".into()))?;
    println!("listening on {}", listener.local_addr()?);
    serve(&listener)
}

/// Accepts connections forever. Rung 5 calls this, too.
pub(crate) fn serve(listener: &TcpListener) -> io::Result<()> {
    let room = Room::default();
    loop {
        let (socket, room) = (Arc::new(listener.accept()?.0), room.clone());
        // An error is the usual end of a connection.
        thread::spawn(move || serve_client(&socket, &room));
    }
}

/// Serves one connection.
fn serve_client(socket: &Arc<TcpStream>, room: &Room) -> io::Result<()> {
    // Small writes are sent at once, instead of waiting for more (Nagle's algorithm).
    socket.set_nodelay(true)?;
    let mut lines = BufReader::new(&**socket).lines();
    let Some(first) = lines.next().transpose()? else { return Ok(()) };
    let mut words = first.split_whitespace();
    let (Some("HELLO"), Some(name)) = (words.next(), words.next()) else {
        return (&**socket).write_all(b"ERR HELLO_EXPECTED the first line is HELLO <name>\n");
    };
    let Some(guard) = JoinGuard::join(room, name, socket)? else {
        return (&**socket).write_all(b"ERR USERNAME_TAKEN choose another name\n");
    };
    for line in lines {
        match line?.splitn(3, ' ').collect::<Vec<_>>()[..] {
            // The name in the line is ignored: the relayed line has the sender's own.
            ["MSG", _, text] => guard.send_to_others(&format!("MSG {name} {text}\n")),
            ["BYE", ..] => break,
            _ => (&**socket).write_all(b"ERR BAD_LINE the verbs are HELLO, MSG and BYE\n")?,
        }
    }
    Ok(())
}

impl JoinGuard {
    /// Takes a name, unless it is taken. The others get the newcomer's HELLO, the newcomer gets theirs, all under one lock: so
    /// no client can join or leave in between.
    fn join(room: &Room, name: &str, socket: &Arc<TcpStream>) -> io::Result<Option<JoinGuard>> {
        let mut people = lock(room);
        if people.contains_key(name) {
            return Ok(None);
        }
        broadcast(&people, name, &format!("HELLO {name}\n"));
        let here: String =
            people.keys().map(String::as_str).chain([name]).flat_map(|name| ["HELLO ", name, "\n"]).collect();
        (&**socket).write_all(here.as_bytes())?;
        people.insert(name.into(), socket.clone());
        Ok(Some(JoinGuard { room: room.clone(), name: name.into() }))
    }

    fn send_to_others(&self, line: &str) {
        broadcast(&lock(&self.room), &self.name, line);
    }
}

impl Drop for JoinGuard {
    fn drop(&mut self) {
        let mut people = lock(&self.room);
        people.remove(&self.name);
        broadcast(&people, &self.name, &format!("BYE {}\n", self.name));
    }
}

/// Writes a line to all clients but its author. The caller holds the lock: that is the mistake.
fn broadcast(people: &HashMap<String, Arc<TcpStream>>, author: &str, line: &str) {
    for (_, socket) in people.iter().filter(|(name, _)| *name != author) {
        // A broken connection is removed by its own thread, whose read fails, too.
        let _ = (&**socket).write_all(line.as_bytes());
    }
}

fn lock(room: &Room) -> MutexGuard<'_, HashMap<String, Arc<TcpStream>>> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}
