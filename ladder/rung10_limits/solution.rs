//! Rung 10, solved: no client takes more of the server than its share. Two deadlines and a rate limit.

use std::cell::Cell;
use std::collections::HashMap;
use std::env;
use std::io::{self, ErrorKind, Read, Write as _};
use std::mem;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

#[path = "../rung05_broadcast/words.rs"]
mod words;

use words::{Lines, Said, hello, said};

/// A write that takes longer has found the socket full. The kernel rounds the time up to a tick of its clock.
const FULL_AFTER: Duration = Duration::from_millis(1);
/// A client for which more bytes would wait is disconnected.
const QUEUE_MAX: usize = 1 << 20;
/// A connection that has not sent its HELLO in this time is closed.
const HELLO_WITHIN: Duration = Duration::from_secs(2);
/// A client whose socket takes nothing for this long is disconnected.
const STALL_MAX: Duration = Duration::from_secs(2);
/// How often a thread that waits for a full socket tries again.
const TRY_AGAIN: Duration = Duration::from_millis(250);
/// Lines per second in the long run, and lines at once after a silence.
const RATE: f64 = 10.0;
const BURST: f64 = 20.0;
/// How long the last lines may take, when the server stops.
const LINGER: Duration = Duration::from_secs(1);

/// The lock order: the room's, then one outbox's. Nothing is written, and no thread is joined, under any.
#[derive(Default)]
struct Server {
    room: Mutex<Room>,
    /// The threads that serve a client or write for one.
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Set once, before the accept thread is woken.
    stopping: AtomicBool,
}

#[derive(Default)]
struct Room {
    people: HashMap<String, Arc<Member>>,
    /// All connections, those that have not joined too.
    connections: Vec<Weak<Member>>,
    /// Nobody joins any more.
    closed: bool,
}

struct Member {
    server: Arc<Server>,
    socket: TcpStream,
    outbox: Mutex<Outbox>,
}

/// What waits for a member, and whether a thread is writing to its socket.
#[derive(Default)]
struct Outbox {
    queue: Vec<u8>,
    writing: bool,
    /// Nothing more is taken, and the connection is shut when nothing waits.
    closing: bool,
}

/// A socket that is read until a moment in time, or for ever.
struct UntilDeadline<'a> {
    socket: &'a TcpStream,
    deadline: &'a Cell<Option<Instant>>,
}

/// Holds up to `BURST` tokens, and gains `RATE` of them per second. A line costs one.
struct TokenBucket {
    /// The tokens at the time `counted`. Fractions: the time between two looks is not lost.
    tokens: f64,
    counted: Instant,
}

/// A client has joined. Dropping the guard is the one way to leave.
struct JoinGuard {
    me: Arc<Member>,
    name: String,
}

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or("127.0.0.1:5555".into());
    let listener = TcpListener::bind(&addr)?;
    println!("listening on {addr}; a line \"stop\" or Ctrl-D stops it");
    let (server, addr) = (Arc::new(Server::default()), listener.local_addr()?);
    let with = server.clone();
    let accept = thread::Builder::new().spawn(move || accept(&listener, &with))?;
    for line in io::stdin().lines() {
        if line?.trim() == "stop" {
            break;
        }
    }
    server.stop(accept, addr);
    println!("stopped");
    Ok(())
}

/// Accepts connections until the server stops, and gives each a thread.
fn accept(listener: &TcpListener, server: &Arc<Server>) {
    for socket in listener.incoming() {
        if server.stopping.load(Ordering::Relaxed) {
            return;
        }
        let spawned = socket.and_then(|socket| {
            let me = Arc::new(Member { server: server.clone(), socket, outbox: Mutex::default() });
            server.register(&me);
            server.spawn(move || {
                // An error is the usual end of a connection, and leaves nothing to say.
                let last_line = serve_client(&me).unwrap_or_default();
                if me.finish(last_line) {
                    me.write();
                }
            })
        });
        if let Err(error) = spawned {
            println!("cannot serve another client now: {error}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// Serves one connection: HELLO first, then what the client says. Returns the last line that it shall get.
fn serve_client(me: &Arc<Member>) -> io::Result<&'static str> {
    me.socket.set_nodelay(true)?;
    me.socket.set_write_timeout(Some(FULL_AFTER))?;
    let deadline = Cell::new(Some(Instant::now() + HELLO_WITHIN));
    let mut lines = Lines::new(UntilDeadline { socket: &me.socket, deadline: &deadline });
    let first = match lines.next_line() {
        Ok(Some(first)) => first,
        Ok(None) => return Ok(""),
        Err(error) if is_timeout(&error) => return Ok("ERR HELLO_TIMEOUT no HELLO came in time\n"),
        Err(error) => return Err(error),
    };
    let name = match hello(&first) {
        Ok(name) => name,
        Err(refusal) => return Ok(refusal),
    };
    let Some(guard) = JoinGuard::join(me, name) else { return Ok("ERR USERNAME_TAKEN choose another name\n") };
    deadline.set(None);
    let mut bucket = TokenBucket { tokens: BURST, counted: Instant::now() };
    while let Some(line) = lines.next_line()? {
        let said = said(&line, name);
        let costs = !matches!(said, Said::Bye | Said::Nothing);
        if costs && let Err(wait) = bucket.take(Instant::now()) {
            me.answer(&format!("ERR SLOW_DOWN {}\n", wait.as_millis() + 1));
            continue;
        }
        match said {
            Said::Msg(text) => guard.send_to_others(&format!("MSG {name} {text}\n")),
            Said::Bye => break,
            Said::Nothing => {}
            Said::Wrong(answer) => me.answer(&answer),
        }
    }
    Ok("")
}

impl Server {
    /// Notes a connection, so that the stop finds it before it has joined.
    fn register(&self, me: &Arc<Member>) {
        let mut room = lock(&self.room);
        room.connections.retain(|connection| connection.strong_count() > 0);
        room.connections.push(Arc::downgrade(me));
    }

    /// Spawns a thread that the stop will join.
    fn spawn(&self, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut threads = lock(&self.threads);
        threads.retain(|thread| !thread.is_finished());
        threads.push(thread::Builder::new().spawn(work)?);
        Ok(())
    }

    /// Stops the server. Each step is final before the next begins.
    fn stop(&self, accept: JoinHandle<()>, addr: SocketAddr) {
        // 1. No more connections. Nothing in std ends an `accept`: another connection wakes it.
        self.stopping.store(true, Ordering::Relaxed);
        while !accept.is_finished() {
            let _ = TcpStream::connect_timeout(&addr, Duration::from_millis(100));
            thread::sleep(Duration::from_millis(1));
        }
        let _ = accept.join();

        // 2. No more joins, and a last line for every connection, behind all that waits for it. Under one lock: nobody gets the
        // BYE of one who has been stopped a moment before.
        let mut room = lock(&self.room);
        room.closed = true;
        let members: Vec<_> = room.connections.iter().filter_map(Weak::upgrade).collect();
        let claimed: Vec<_> =
            members.iter().filter(|member| member.finish("ERR SHUTTING_DOWN the server stops\n")).collect();
        drop(room);
        claimed.into_iter().for_each(Member::write);

        // 3. The last lines are written, for a second at most. The last writer shuts the connection, which ends its thread.
        let start = Instant::now();
        while start.elapsed() < LINGER && !lock(&self.threads).iter().all(JoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(1));
        }

        // 4. What is still open is shut: every read and every write ends.
        for member in &members {
            member.shut();
        }

        // 5. All threads are joined.
        loop {
            // A statement of its own: in `while let` the lock would be held during the join.
            let thread = lock(&self.threads).pop();
            let Some(thread) = thread else { break };
            let _ = thread.join();
        }
    }
}

impl Read for UntilDeadline<'_> {
    /// Reads once. A timeout of the socket is for one read: so before each, it is set to the time that is left.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.deadline.get().map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            // Zero would be an error of the caller, not a timeout.
            return Err(ErrorKind::TimedOut.into());
        }
        self.socket.set_read_timeout(left)?;
        self.socket.read(into)
    }
}

impl TokenBucket {
    /// Takes a token, or returns the time until there is one.
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.tokens = BURST.min(self.tokens + (now - self.counted).as_secs_f64() * RATE);
        self.counted = now;
        if self.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - self.tokens) / RATE));
        }
        self.tokens -= 1.0;
        Ok(())
    }
}

impl JoinGuard {
    /// Takes a name, unless it is taken or nobody joins any more.
    fn join(me: &Arc<Member>, name: &str) -> Option<JoinGuard> {
        let mut room = lock(&me.server.room);
        if room.closed || room.people.contains_key(name) {
            return None;
        }
        let mut claimed = room.push_to_others(name, &format!("HELLO {name}\n"));
        let here: String =
            room.people.keys().map(String::as_str).chain([name]).flat_map(|name| ["HELLO ", name, "\n"]).collect();
        claimed.extend(me.push(&here).then(|| me.clone()));
        room.people.insert(name.into(), me.clone());
        drop(room);
        claimed.iter().for_each(Member::write);
        Some(JoinGuard { me: me.clone(), name: name.into() })
    }

    /// Sends a line to everybody but its author.
    fn send_to_others(&self, line: &str) {
        // The lock is released at the end of this statement; the writing comes after it.
        let claimed = lock(&self.me.server.room).push_to_others(&self.name, line);
        claimed.iter().for_each(Member::write);
    }
}

impl Drop for JoinGuard {
    fn drop(&mut self) {
        let mut room = lock(&self.me.server.room);
        room.people.remove(&self.name);
        let claimed = room.push_to_others(&self.name, &format!("BYE {}\n", self.name));
        drop(room);
        claimed.iter().for_each(Member::write);
    }
}

impl Room {
    /// Pushes a line for all but its author, under the room's lock: so all get all lines in one order. Returns the members for
    /// which the caller has become the writer.
    fn push_to_others(&self, author: &str, line: &str) -> Vec<Arc<Member>> {
        let claimed = self.people.iter().filter(|(name, member)| *name != author && member.push(line));
        claimed.map(|(_, member)| member.clone()).collect()
    }
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
        let mut outbox = lock(&self.outbox);
        if outbox.closing {
            return false;
        }
        if outbox.queue.len() + line.len() > QUEUE_MAX {
            self.shut();
            return false;
        }
        outbox.queue.extend_from_slice(line.as_bytes());
        !mem::replace(&mut outbox.writing, true)
    }

    /// Appends a last line: the connection ends after it. Does nothing the second time. Returns what [`push`](Member::push) does.
    fn finish(&self, last_line: &str) -> bool {
        let mut outbox = lock(&self.outbox);
        if mem::replace(&mut outbox.closing, true) {
            return false;
        }
        outbox.queue.extend_from_slice(last_line.as_bytes());
        !mem::replace(&mut outbox.writing, true)
    }

    /// Takes all that waits. If nothing does, clears the flag *under the same lock* and returns `None`: a line is pushed either
    /// before, and is taken here, or after, and finds the flag cleared.
    fn take(&self) -> Option<Vec<u8>> {
        let mut outbox = lock(&self.outbox);
        outbox.writing = !outbox.queue.is_empty();
        if outbox.closing && !outbox.writing {
            self.shut();
        }
        outbox.writing.then(|| mem::take(&mut outbox.queue))
    }

    /// Writes until nothing waits, or until the socket is full: then another thread waits in place of this one.
    fn write(self: &Arc<Member>) {
        while let Some(bytes) = self.take() {
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                match (&self.socket).write(rest) {
                    Ok(count) => rest = &rest[count..],
                    Err(error) if is_timeout(&error) => {
                        return self.start_drain(rest.to_vec());
                    }
                    Err(_) => return self.shut(),
                }
            }
        }
    }

    /// Hands the writing to a thread of its own. The flag stays set: that thread is the writer now.
    fn start_drain(self: &Arc<Member>, rest: Vec<u8>) {
        let member = self.clone();
        if self.server.spawn(move || member.drain(&rest)).is_err() {
            self.shut();
        }
    }

    /// Writes the rest, for as long as the socket takes some of it now and then, and then goes on like any other writer.
    fn drain(self: &Arc<Member>, mut rest: &[u8]) {
        let _ = self.socket.set_write_timeout(Some(TRY_AGAIN));
        let mut moved = Instant::now();
        while !rest.is_empty() {
            match (&self.socket).write(rest) {
                Ok(count) => {
                    rest = &rest[count..];
                    moved = Instant::now();
                }
                // A blocked write is woken when a third of the buffer is free. Another try takes what is free before that.
                Err(error) if is_timeout(&error) && moved.elapsed() < STALL_MAX => {}
                Err(_) => return self.shut(),
            }
        }
        let _ = self.socket.set_write_timeout(Some(FULL_AFTER));
        self.write();
    }

    /// Shuts the connection down, which ends every read and write of it. Does not block.
    fn shut(&self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

/// Unix says `WouldBlock` where Windows says `TimedOut`.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
