//! The obvious chat server: one thread per client, one lock around all clients, and `write_all` under that lock.
//!
//! It implements enough of the protocol to be used: HELLO is answered with the names in the room, MSG is relayed, BYE ends the
//! connection. A hundred lines, and they are right as long as every client reads what it is sent.
//!
//! Run it, and talk to it with `nc 127.0.0.1 5555` from three other terminals (`HELLO ann`, `MSG ann hello`):
//!
//! ```text
//! cargo run --release --no-default-features --example naive -- 127.0.0.1:5555
//! ```
//!
//! What breaks: suspend one of the three with Ctrl-Z and paste a few megabytes into another. Once the kernel's buffers are
//! full, `write_all` blocks on the suspended client with the lock held: no client receives anything any more, and none can join
//! or leave. Besides, each message takes one system call per recipient, at any rate, all of them under the one lock;
//! `script/bench` shows what that costs. The library's `server` module is the same idea with both mended.

use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use multichat::protocol::{ClientLine, ErrorCode, ServerLine};

/// All clients that have joined, by name.
type Room = Arc<Mutex<HashMap<String, Member>>>;

struct Member {
    socket: Arc<TcpStream>,
    echo: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap_or("127.0.0.1:5555".into()))?;
    println!("listening on {}", listener.local_addr()?);
    let room = Room::default();
    for socket in listener.incoming() {
        let (socket, room) = (Arc::new(socket?), room.clone());
        thread::spawn(move || {
            // A broken connection is the usual end of one.
            let _ = serve(&socket, &room);
        });
    }
    Ok(())
}

/// Serves one connection until it ends.
fn serve(socket: &Arc<TcpStream>, room: &Room) -> Result<(), Box<dyn Error>> {
    socket.set_nodelay(true)?;
    let mut lines = BufReader::new(&**socket);
    let mut line = Vec::new();
    let mut name = None;
    let result = loop {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => break Ok(()),
            Ok(_) => {}
            Err(error) => break Err(error.into()),
        }
        match ClientLine::parse(line.trim_ascii_end()) {
            Ok(Some(ClientLine::Hello { username, capabilities })) if name.is_none() => {
                let member = Member { socket: socket.clone(), echo: capabilities.echo };
                if let Err(error) = join(room, username.as_str(), member) {
                    break Err(error);
                }
                name = Some(username.to_string());
            }
            Ok(Some(ClientLine::Msg { text, .. })) => {
                let Some(name) = &name else { break Ok(()) };
                broadcast(&mut lock(room), name, &ServerLine::Msg { from: name, text });
            }
            Ok(Some(ClientLine::Bye)) => break Ok(()),
            _ => {}
        }
    };
    if let Some(name) = name {
        let mut room = lock(room);
        room.remove(&name);
        broadcast(&mut room, &name, &ServerLine::Bye(&name));
    }
    result
}

/// Adds a member, unless the name is taken.
fn join(room: &Room, name: &str, member: Member) -> Result<(), Box<dyn Error>> {
    let mut room = lock(room);
    let mut lines = Vec::new();
    if room.contains_key(name) {
        ServerLine::Err { code: ErrorCode::UsernameTaken.word(), detail: "" }.encode(&mut lines);
        (&*member.socket).write_all(&lines)?;
        return Err("the name is taken".into());
    }
    broadcast(&mut room, name, &ServerLine::Hello(name));
    room.keys().for_each(|other| ServerLine::Hello(other).encode(&mut lines));
    ServerLine::Hello(name).encode(&mut lines);
    (&*member.socket).write_all(&lines)?;
    room.insert(name.into(), member);
    Ok(())
}

/// Writes a line to all other clients, and to its sender if that asked for an echo, with the lock held. So all clients get all
/// lines in one order, and so all of them wait for the slowest.
fn broadcast(room: &mut HashMap<String, Member>, author: &str, line: &ServerLine<'_>) {
    let mut bytes = Vec::new();
    line.encode(&mut bytes);
    for (name, member) in room {
        if member.echo || name != author {
            // A client that cannot be written to is removed by its own thread, whose read fails, too.
            let _ = (&*member.socket).write_all(&bytes);
        }
    }
}

fn lock(room: &Room) -> MutexGuard<'_, HashMap<String, Member>> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}
