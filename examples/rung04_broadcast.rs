//! Rung 4: a chat, as everybody first writes it: `write_all` to everybody, under the lock.
//!
//! **You learn** how a broadcast works, and why the lock is held while it is written: so everybody gets all lines
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
//! **What breaks:** Carl's kernel takes some megabytes for him. When that is full, `write_all` waits for Carl, and with
//! it, for the lock that it holds, everybody: nobody hears, nobody joins, nobody leaves.
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

/// Everybody who is here, and the socket to reach them by.
type Room = Arc<Mutex<HashMap<String, Arc<TcpStream>>>>;

/// Somebody is here. Dropping it is the one way to leave.
struct Presence {
    room: Room,
    name: String,
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(env::args().nth(1).unwrap_or("127.0.0.1:5555".into()))?;
    println!("listening on {}", listener.local_addr()?);
    serve(&listener)
}

/// Accepts for ever. Rung 5 calls this too.
pub(crate) fn serve(listener: &TcpListener) -> io::Result<()> {
    let room = Room::default();
    loop {
        let (socket, room) = (Arc::new(listener.accept()?.0), room.clone());
        // A broken connection is the usual end of one.
        thread::spawn(move || talk(&socket, &room));
    }
}

/// The life of one connection.
fn talk(socket: &Arc<TcpStream>, room: &Room) -> io::Result<()> {
    // Small writes are sent at once, instead of waiting for more (Nagle's algorithm).
    socket.set_nodelay(true)?;
    let mut lines = BufReader::new(&**socket).lines();
    let Some(first) = lines.next().transpose()? else { return Ok(()) };
    let mut words = first.split_whitespace();
    let (Some("HELLO"), Some(name)) = (words.next(), words.next()) else {
        return (&**socket).write_all(b"ERR HELLO_EXPECTED the first line is HELLO <name>\n");
    };
    let Some(presence) = Presence::join(room, name, socket)? else {
        return (&**socket).write_all(b"ERR USERNAME_TAKEN choose another name\n");
    };
    for line in lines {
        match line?.splitn(3, ' ').collect::<Vec<_>>()[..] {
            // Whatever name the line has: what is passed on says who really spoke.
            ["MSG", _, text] => presence.tell_others(&format!("MSG {name} {text}\n")),
            ["BYE", ..] => break,
            _ => (&**socket).write_all(b"ERR BAD_LINE the verbs are HELLO, MSG and BYE\n")?,
        }
    }
    Ok(())
}

impl Presence {
    /// Takes a name, unless somebody has it. The others are told, the newcomer learns who is here, all in one lock: so
    /// nobody can come or go in between.
    fn join(room: &Room, name: &str, socket: &Arc<TcpStream>) -> io::Result<Option<Presence>> {
        let mut people = lock(room);
        if people.contains_key(name) {
            return Ok(None);
        }
        tell(&people, name, &format!("HELLO {name}\n"));
        let here: String =
            people.keys().map(String::as_str).chain([name]).flat_map(|name| ["HELLO ", name, "\n"]).collect();
        (&**socket).write_all(here.as_bytes())?;
        people.insert(name.into(), socket.clone());
        Ok(Some(Presence { room: room.clone(), name: name.into() }))
    }

    fn tell_others(&self, line: &str) {
        tell(&lock(&self.room), &self.name, line);
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut people = lock(&self.room);
        people.remove(&self.name);
        tell(&people, &self.name, &format!("BYE {}\n", self.name));
    }
}

/// Writes a line to all but its author. The caller holds the lock: that is the mistake.
fn tell(people: &HashMap<String, Arc<TcpStream>>, author: &str, line: &str) {
    for (_, socket) in people.iter().filter(|(name, _)| *name != author) {
        // Whose connection is broken is taken out by its own thread, which finds out while reading.
        let _ = (&**socket).write_all(line.as_bytes());
    }
}

fn lock(room: &Room) -> MutexGuard<'_, HashMap<String, Arc<TcpStream>>> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}
