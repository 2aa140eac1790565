//! The other clients of the room: one that floods, or many that only read. Each kind is a thread that ends when its handle is
//! dropped.

use std::error::Error;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream as StdStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::desktop::until;

/// The handle of the thread.
pub(crate) struct Crowd {
    over: Arc<AtomicBool>,
    /// Number of messages sent, or of clients that have joined.
    count: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Crowd {
    fn start(
        act: impl FnOnce(&AtomicBool, &AtomicUsize) -> Result<(), Box<dyn Error>> + Send + 'static,
    ) -> Result<Crowd, Box<dyn Error>> {
        let (over, count) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let (ends, counts) = (Arc::clone(&over), Arc::clone(&count));
        let thread = thread::Builder::new().name("crowd".into()).spawn(move || {
            if let Err(error) = act(&ends, &counts) {
                eprintln!("the other clients are disconnected: {error}");
            }
        })?;
        Ok(Crowd { over, count, thread: Some(thread) })
    }

    /// Starts a client that sends messages of a hundred bytes at a fixed rate per second.
    pub(crate) fn flooding(addr: SocketAddr, rate: f64) -> Result<Crowd, Box<dyn Error>> {
        Crowd::start(move |over, said| {
            let mut socket = StdStream::connect(addr)?;
            socket.set_nodelay(true)?;
            socket.write_all(b"HELLO flood\n")?;
            let began = Instant::now();
            let mut number = 0;
            while !over.load(Ordering::Relaxed) {
                let due = (began.elapsed().as_secs_f64() * rate).round();
                let mut lines = String::new();
                while f64::from(number) < due {
                    number += 1;
                    let text = "and on and on it goes, whatever else there may be to say about it";
                    lines += &format!("MSG flood number {number:09} {text}\n");
                }
                // Never reads: without echo it gets only HELLO and BYE lines, which its receive buffer holds.
                socket.write_all(lines.as_bytes())?;
                said.store(usize::try_from(number)?, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(2));
            }
            Ok(())
        })
    }

    /// Starts a number of clients that send nothing and read everything; returns when all have joined.
    pub(crate) fn reading(addr: SocketAddr, people: usize) -> Result<Crowd, Box<dyn Error>> {
        let crowd = Crowd::start(move |over, joined| {
            let mut poll = Poll::new()?;
            let mut events = Events::with_capacity(1024);
            // Each with whether it was answered, which means that it has joined.
            let mut sockets: Vec<(TcpStream, bool)> = Vec::new();
            let mut answered = 0;
            let mut buffer = vec![0; 1 << 16];
            while !over.load(Ordering::Relaxed) {
                // A few at a time: the HELLO line of each join has to be read by all others, too.
                while sockets.len() < people.min(answered + 20) {
                    let mut socket = StdStream::connect(addr)?;
                    // Names in another order than that of joining, so that sorting by name changes the table.
                    let number = (sockets.len() * 7919) % 100_000;
                    socket.write_all(format!("HELLO person{number:05}\n").as_bytes())?;
                    socket.set_nonblocking(true)?;
                    let mut socket = TcpStream::from_std(socket);
                    poll.registry().register(&mut socket, Token(sockets.len()), Interest::READABLE)?;
                    sockets.push((socket, false));
                }
                joined.store(answered, Ordering::Relaxed);
                poll.poll(&mut events, Some(Duration::from_millis(20)))?;
                for event in &events {
                    let (socket, is_in) = &mut sockets[event.token().0];
                    answered += usize::from(!std::mem::replace(is_in, true));
                    loop {
                        match socket.read(&mut buffer) {
                            Ok(0) => return Err("the server has disconnected a client".into()),
                            Ok(_) => {}
                            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                            Err(error) => return Err(error.into()),
                        }
                    }
                }
            }
            Ok(())
        })?;
        until("all clients to join", || Ok((crowd.count() == people).then_some(())))?;
        Ok(crowd)
    }

    /// Returns the number of messages sent, or of clients that have joined.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            eprintln!("the thread of the other clients panicked");
        }
    }
}
