//! The second twin: no lock at all. The room is an actor, a task that alone owns the table of people, and so is each client's
//! writer. They send each other messages through channels.
//!
//! One order for all comes from the room's channel: what arrives first is told first. What was a lock's wait is now a wait for a
//! place in that channel, and the room is one task, however many processors there are.

use std::collections::HashMap;
use std::env;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

#[path = "../socket.rs"]
mod socket;

use socket::{Lines, QUEUE_MAX, Said, hello, said, write_all};

/// Number of messages that may wait for the room. The tasks that send more wait.
const ROOM_QUEUE: usize = 1024;

/// What the room is told.
enum Told {
    /// A client wants this name. The answer is a channel with the client's lines; none if the name is taken.
    Join { name: Arc<str>, id: u64, answer: oneshot::Sender<UnboundedReceiver<Queued>> },
    /// This line is for all but its author.
    Line { author: Arc<str>, line: Arc<str> },
    /// This line is for one client.
    Answer { name: Arc<str>, line: Arc<str> },
    /// A client has left. Its number tells it from another who has the same name by now.
    Leave { name: Arc<str>, id: u64 },
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let listener = TcpListener::bind(&addr).await?;
    println!("listening on {addr}");
    let (room, told) = mpsc::channel(ROOM_QUEUE);
    tokio::spawn(run_room(told));
    for id in 0.. {
        match listener.accept().await {
            Ok((socket, _)) => {
                let room = room.clone();
                // An error is the usual end of a connection.
                tokio::spawn(async move { serve_client(&socket, id, &room).await.unwrap_or_default() });
            }
            Err(error) => {
                println!("cannot serve another client now: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    Ok(())
}

/// The room: the only task that knows who is here.
async fn run_room(mut told: Receiver<Told>) {
    let mut people = People::default();
    while let Some(told) = told.recv().await {
        match told {
            Told::Join { name, id, answer } => people.join(&name, id, answer),
            Told::Line { author, line } => people.push_to_others(&author, &line),
            Told::Answer { name, line } => people.push(&name, line),
            Told::Leave { name, id } if people.0.get(&name).is_some_and(|client| client.id == id) => {
                people.leave(&name);
            }
            Told::Leave { .. } => {}
        }
    }
}

/// The channel of each client. A client for which too much waits is taken out at once; when its task sees the end of the channel, it
/// ends.
#[derive(Default)]
struct People(HashMap<Arc<str>, Client>);

struct Client {
    id: u64,
    lines: UnboundedSender<Queued>,
    /// The bound of that channel. A channel counts messages, and a thousand short ones are little: this counts bytes.
    bytes: Arc<Semaphore>,
}

/// A line that waits for a client, and the bytes that it has of the bound. They are given back when it is dropped.
struct Queued {
    line: Arc<str>,
    _bytes: OwnedSemaphorePermit,
}

impl People {
    fn join(&mut self, name: &Arc<str>, id: u64, answer: oneshot::Sender<UnboundedReceiver<Queued>>) {
        if self.0.contains_key(name) {
            // The answer is dropped, which is the answer.
            return;
        }
        let (lines, queue) = mpsc::unbounded_channel();
        let bytes = Arc::new(Semaphore::new(QUEUE_MAX));
        self.push_to_others(name, &format!("HELLO {name}\n").into());
        self.0.insert(name.clone(), Client { id, lines, bytes });
        let here: String = self
            .0
            .keys()
            .filter(|other| *other != name)
            .chain([name])
            .fold(String::new(), |here, name| here + "HELLO " + name + "\n");
        self.push(name, here.into());
        if answer.send(queue).is_err() {
            self.leave(name);
        }
    }

    fn leave(&mut self, name: &str) {
        if self.0.remove(name).is_some() {
            self.push_to_others(name, &format!("BYE {name}\n").into());
        }
    }

    fn push_to_others(&mut self, author: &str, line: &Arc<str>) {
        let others = self.0.iter().filter(|(name, _)| &***name != author);
        let full = others.filter(|(_, client)| !client.push(line.clone()));
        let full: Vec<Arc<str>> = full.map(|(name, _)| name.clone()).collect();
        full.iter().for_each(|name| self.leave(name));
    }

    fn push(&mut self, name: &str, line: Arc<str>) {
        if self.0.get(name).is_some_and(|client| !client.push(line)) {
            self.leave(name);
        }
    }
}

impl Client {
    /// Queues a line. Returns `false` if too much waits, or if the client has ended.
    fn push(&self, line: Arc<str>) -> bool {
        let bytes =
            u32::try_from(line.len()).ok().and_then(|count| self.bytes.clone().try_acquire_many_owned(count).ok());
        bytes.is_some_and(|bytes| self.lines.send(Queued { line, _bytes: bytes }).is_ok())
    }
}

/// Serves one connection: HELLO first, then what the client says.
async fn serve_client(socket: &TcpStream, id: u64, room: &Sender<Told>) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut lines = Lines::new(socket);
    let Some(first) = lines.next_line(socket).await? else { return Ok(()) };
    let name: Arc<str> = match hello(&first) {
        Ok(name) => name.into(),
        Err(refusal) => return write_all(socket, refusal.as_bytes()).await,
    };
    let (answer, queue) = oneshot::channel();
    tell(room, Told::Join { name: name.clone(), id, answer }).await?;
    let Ok(queue) = queue.await else {
        return write_all(socket, b"ERR USERNAME_TAKEN choose another name\n").await;
    };
    let ended = tokio::select! {
        ended = listen(&mut lines, socket, &name, room) => ended,
        ended = write(socket, queue) => ended,
    };
    // No guard can do this: a drop cannot wait for a place in the channel. A panic above would leave the name taken.
    tell(room, Told::Leave { name, id }).await?;
    ended
}

/// Tells the room what the client asks for, until the client leaves.
async fn listen(lines: &mut Lines<'_>, socket: &TcpStream, name: &Arc<str>, room: &Sender<Told>) -> io::Result<()> {
    while let Some(line) = lines.next_line(socket).await? {
        match said(&line, name) {
            Said::Msg(text) => {
                let line = format!("MSG {name} {text}\n").into();
                tell(room, Told::Line { author: name.clone(), line }).await?;
            }
            Said::Bye => break,
            Said::Nothing => {}
            Said::Wrong(answer) => tell(room, Told::Answer { name: name.clone(), line: answer.into() }).await?,
        }
    }
    Ok(())
}

/// Writes the client's lines, all that wait in one write. What it writes still counts as waiting.
async fn write(socket: &TcpStream, mut queue: UnboundedReceiver<Queued>) -> io::Result<()> {
    let mut waiting = Vec::new();
    while queue.recv_many(&mut waiting, usize::MAX).await > 0 {
        let bytes: String = waiting.iter().map(|queued: &Queued| &*queued.line).collect();
        write_all(socket, bytes.as_bytes()).await?;
        waiting.clear();
    }
    Ok(())
}

/// Sends a message to the room, and waits if its channel is full.
async fn tell(room: &Sender<Told>, told: Told) -> io::Result<()> {
    room.send(told).await.map_err(|_| io::Error::other("the room has ended"))
}
