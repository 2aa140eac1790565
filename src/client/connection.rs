//! A connection: one socket, and the threads that wait for it so that the window need not.
//!
//! [`Connection::open`] returns at once. A thread `reader` connects (`secure.rs` sees to it that nobody listens in), says
//! HELLO and then reads; a thread `writer`, which `reader` starts and joins, writes. Both share one [`Transport`], so there
//! is one descriptor and nothing to clone. This handle belongs to the UI thread, and none of its methods wait but
//! [`close`](Connection::close).
//!
//! # Back-pressure
//!
//! - **From the server.** Events go over a bounded channel, and `reader` *blocks* when it is full. It then reads no more,
//!   the socket's buffer fills, and TCP holds the server back: a flood costs a bounded amount of memory, and nothing
//!   that was said is lost. (The server's own events for its monitor are dropped when nobody reads them, and counted: a
//!   monitor may miss something, a conversation may not.)
//! - **To the server.** Lines go over a bounded channel, with `try_send`. When it is full, the text goes back to whoever
//!   wrote it, with the reason.
//!
//! # The end
//!
//! 1. [`leave`](Connection::leave) drops the sender of lines. `writer` writes what is left, says BYE, and shuts the socket for writing.
//! 2. The server answers that with its end of the stream, which `reader` sees. If it has not come within a second,
//!    `writer` shuts the socket for reading too, and `reader` sees that.
//! 3. `reader` joins `writer`, tells [`Event::Ended`], and ends; its channel is then disconnected.
//!
//! Dropping the handle is the end without manners: the socket is shut at once, and a `reader` with nobody to tell its
//! events to ends by itself. It is not joined then, since it may be inside of `connect` or a handshake, for which there is
//! no way to be interrupted: a user who presses Cancel would wait for the network after all.

use std::net::Shutdown;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use socket2::SockRef;

use super::event::{ConnectionError, Event};
use super::fault_injection::{Experiment, FaultInjection};
use super::options::ConnectOptions;
use crate::protocol::ClientLine;
use crate::transport::Transport;
use crate::wire::Tap;

mod reader;
mod writer;

/// Events that may wait for the model; each is what one read brought.
const EVENTS_WAITING: usize = 32;

/// Lines that may wait for the writer.
const LINES_WAITING: usize = 64;

/// One attempt to connect, and what becomes of it.
#[derive(Debug)]
pub struct Connection {
    events: Receiver<Event>,
    /// `None` once we are leaving.
    lines: Option<Sender<Vec<u8>>>,
    shared: Shared,
    reader: Option<JoinHandle<()>>,
}

/// The connection, once there is one. Set by `reader`; used by `reader`, by `writer`, and by the handle to shut it.
type Socket = Arc<OnceLock<Transport>>;

/// What the handle and the two threads have in common.
#[derive(Clone, Debug, Default)]
struct Shared {
    socket: Socket,
    /// Where lines are seen as they go by.
    tap: Tap,
    /// What is done to this connection to see what comes of it.
    laboratory: FaultInjection,
}

/// Why a line was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// Too much waits for the server already: try again in a moment.
    Busy,
    /// The connection is over, or ending.
    Ended,
}

impl Connection {
    /// Begins to connect, and returns at once.
    pub fn open(visit: ConnectOptions) -> Connection {
        Connection::open_tapped(visit, Tap::default())
    }

    /// The same, with a tap at which its lines are seen.
    pub fn open_tapped(visit: ConnectOptions, tap: Tap) -> Connection {
        let (event_sender, events) = bounded(EVENTS_WAITING);
        let (lines, line_receiver) = bounded(LINES_WAITING);
        let shared = Shared { tap, ..Shared::default() };
        let reads = shared.clone();
        let failed = event_sender.clone();
        let reader = thread::Builder::new()
            .name("reader".into())
            .spawn(move || {
                reader::run(&visit, &reads, &event_sender, line_receiver);
            })
            .map_err(|error| {
                // The channel is new, so there is room.
                let _ = failed.try_send(Event::Ended(ConnectionError::OutOfResources(error.to_string())));
            })
            .ok();
        Connection { events, lines: Some(lines), shared, reader }
    }

    /// Where the events arrive.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Sends a line, without waiting. The caller keeps what it must not lose.
    pub fn send(&self, line: &ClientLine<'_>) -> Result<(), NotSent> {
        self.send_together(std::slice::from_ref(line))
    }

    /// Sends lines of which none is to go without the others.
    pub fn send_together(&self, together: &[ClientLine<'_>]) -> Result<(), NotSent> {
        let mut bytes = Vec::new();
        for line in together {
            line.encode(&mut bytes);
        }
        self.send_raw(bytes)
    }

    /// Sends these bytes as they are, for somebody who tries out what the server makes of them.
    pub fn send_raw(&self, bytes: Vec<u8>) -> Result<(), NotSent> {
        let lines = self.lines.as_ref().ok_or(NotSent::Ended)?;
        lines.try_send(bytes).map_err(|error| match error {
            TrySendError::Full(_) => NotSent::Busy,
            TrySendError::Disconnected(_) => NotSent::Ended,
        })
    }

    /// What is done to this connection to see what comes of it.
    pub fn laboratory(&self) -> &FaultInjection {
        &self.shared.laboratory
    }

    /// Begins or ends an experiment.
    pub fn experiment(&self, experiment: Experiment, on: bool) {
        self.shared.laboratory.set(experiment, on);
        // Nothing to be written, but `writer` looks up. If it has much to write already, it will anyway.
        let _ = self.send_raw(Vec::new());
    }

    /// Sees to it that dropping this ends the connection as if the computer had been switched off and on: no BYE, no end of
    /// the stream, but a reset. Does not wait.
    pub fn vanish(&mut self) {
        self.shared.laboratory.vanish();
        if let Some(transport) = self.shared.socket.get() {
            // Nothing is to be waited for, or sent, when it is closed: that is what makes a reset of it (RFC 793, ABORT).
            let _ = SockRef::from(transport.socket()).set_linger(Some(Duration::ZERO));
        }
        self.leave();
    }

    /// Says BYE after what was sent, and lets the connection end; events come until it has.
    pub fn leave(&mut self) {
        self.lines = None;
        // Who has stopped reading would not see the end.
        self.shared.laboratory.set(Experiment::StopReading, false);
    }

    /// Leaves, and waits for the threads to end. For when the window is closed already.
    pub fn close(mut self, deadline: Instant) {
        self.leave();
        // What comes now is read by nobody, but read it must be, or `reader` would wait for room.
        while self.events.recv_deadline(deadline).is_ok() {}
        if self.shared.socket.get().is_none() && !self.reader.as_ref().is_some_and(JoinHandle::is_finished) {
            // Still connecting, which cannot be interrupted: the thread ends with the program.
            return;
        }
        self.shut();
        let reader = self.reader.take();
        // With its receiver gone and its socket shut, nothing is left that `reader` could wait for.
        drop(self);
        if let Some(reader) = reader
            && reader.join().is_err()
        {
            log::error!("the reader thread panicked");
        }
    }

    /// Ends both directions, and with them whatever blocks in a read or a write.
    fn shut(&self) {
        // To read no more sends nothing; to write no more would say goodbye.
        let how = if self.shared.laboratory.vanishes() { Shutdown::Read } else { Shutdown::Both };
        if let Some(transport) = self.shared.socket.get() {
            // It may have been shut already.
            let _ = transport.shutdown(how);
        }
        self.shared.laboratory.set(Experiment::StopReading, false);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // The receiver goes first. A `reader` that has just connected then either finds that nobody listens, or its socket
        // was there already and is shut: it says no HELLO in either case.
        self.events = crossbeam_channel::never();
        self.shut();
    }
}

#[cfg(test)]
impl Connection {
    /// A connection without a network: what the model sends can be read, and events can be told to it.
    pub(crate) fn fake() -> (Connection, Sender<Event>, Receiver<Vec<u8>>) {
        let (event_sender, events) = bounded(EVENTS_WAITING);
        let (lines, line_receiver) = bounded(LINES_WAITING);
        let connection = Connection { events, lines: Some(lines), shared: Shared::default(), reader: None };
        (connection, event_sender, line_receiver)
    }
}

#[cfg(test)]
mod tests;
