//! Everybody else in the room: one who talks a lot, and many who only listen. Each kind is a thread that ends when it is
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

/// Somebody's thread.
pub(crate) struct Crowd {
    over: Arc<AtomicBool>,
    /// Messages that were said, or people who are in.
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
                eprintln!("the crowd has gone: {error}");
            }
        })?;
        Ok(Crowd { over, count, thread: Some(thread) })
    }

    /// Somebody who says so many messages a second, of a hundred bytes each.
    pub(crate) fn talking(addr: SocketAddr, rate: f64) -> Result<Crowd, Box<dyn Error>> {
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
                // Nothing is sent to whoever only speaks, but who comes and goes: far less than its socket has room for.
                socket.write_all(lines.as_bytes())?;
                said.store(usize::try_from(number)?, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(2));
            }
            Ok(())
        })
    }

    /// So many people who say nothing and read everything; returns once all are in.
    pub(crate) fn listening(addr: SocketAddr, people: usize) -> Result<Crowd, Box<dyn Error>> {
        let crowd = Crowd::start(move |over, joined| {
            let mut poll = Poll::new()?;
            let mut events = Events::with_capacity(1024);
            // Each with whether it was answered, which means that it is in.
            let mut sockets: Vec<(TcpStream, bool)> = Vec::new();
            let mut answered = 0;
            let mut buffer = vec![0; 1 << 16];
            while !over.load(Ordering::Relaxed) {
                // A few at a time: what each join tells to all others has to be read as well.
                while sockets.len() < people.min(answered + 20) {
                    let mut socket = StdStream::connect(addr)?;
                    // Any order but that of their coming, so that it makes a difference by what a table is sorted.
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
                            Ok(0) => return Err("the server has ended somebody".into()),
                            Ok(_) => {}
                            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                            Err(error) => return Err(error.into()),
                        }
                    }
                }
            }
            Ok(())
        })?;
        until("everybody in the room", || Ok((crowd.count() == people).then_some(())))?;
        Ok(crowd)
    }

    /// Messages that were said, or people who are in.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            eprintln!("the crowd's thread panicked");
        }
    }
}
