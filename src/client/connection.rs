//! A connection: the handle of one socket and of the two threads that block on it, so that the UI thread never does.
//!
//! [`Connection::open`] returns at once; [`Connection::connect`] (`blocking.rs`) waits until the client has joined. The thread `reader` connects (`security.rs` decides about encryption and trust), sends
//! HELLO and then reads. The thread `writer`, which `reader` starts and joins, writes. Both share one [`Transport`], so there is
//! one file descriptor and nothing to clone. The handle of a window belongs to the UI thread, and none of its methods block
//! except [`close`](Connection::close); `blocking.rs` has those for a program without a window.
//!
//! # Back-pressure
//!
//! - **From the server.** Events pass through a bounded channel, and `reader` *blocks* while it is full. It then stops reading, the
//!   socket's receive buffer fills, and TCP flow control stops the server: a flood takes a bounded amount of memory, and no line
//!   is lost. (The server's own events for its monitor are dropped and counted when the monitor falls behind: a monitor may miss
//!   events, a conversation may not.)
//! - **To the server.** Lines pass through a bounded channel, with `try_send`. If it is full, the caller gets [`NotSent::Busy`]
//!   and keeps its text.
//!
//! # The end
//!
//! 1. [`leave`](Connection::leave) drops the sender of lines. `writer` writes the remaining lines and BYE, and shuts the socket
//!    down for writing.
//! 2. The server closes its side, and `reader` reads end of file. If that takes longer than a second, `writer` shuts the socket
//!    down for reading, too, which unblocks `reader`.
//! 3. `reader` joins `writer`, sends [`Event::Ended`], and ends, which disconnects the channel of events.
//!
//! Dropping the handle of [`connect`](Connection::connect) goes through these steps, and waits for them. Dropping that of
//! [`open`](Connection::open) ends the connection abruptly: the socket is shut down at once, and `reader` ends when it finds its
//! channel disconnected. It is not joined then, because it may be inside of `connect` or a handshake, which cannot be interrupted: a user
//! who presses Cancel would have to wait for the network.

use std::collections::VecDeque;
use std::net::Shutdown;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use socket2::SockRef;
use thiserror::Error;

use super::event::{ConnectionError, Event, Line};
use super::fault_injection::{Fault, FaultInjection};
use super::options::ConnectOptions;
use crate::protocol::{CLIENT_LINE_MAX, ClientLine, Username, put_label};
use crate::sync::Mutex;
use crate::transport::Transport;
use crate::wire::Tap;

mod blocking;
mod reader;
mod writer;

/// Maximum number of events that wait for the UI thread. Each holds the lines of one read.
const EVENTS_WAITING: usize = 32;

/// Maximum number of sends that wait for `writer`.
const LINES_WAITING: usize = 64;

/// The time within which a server closes the connection after BYE, at the end of a handle that waits for it.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// The handle of a connection, from the attempt to connect to its end.
///
/// A program whose threads may wait calls [`connect`](Connection::connect), [`say`](Connection::say),
/// [`tell`](Connection::tell) and [`lines`](Connection::lines):
///
/// ```
/// use multichat::client::{ConnectOptions, Connection, Said};
/// # use multichat::protocol::Username;
/// # use multichat::server::{Config, Server};
/// # let (server, _events) = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() })?;
/// # let options = |name| Ok::<_, Box<dyn std::error::Error>>(ConnectOptions::new(server.addr().into(), Username::parse(name)?));
/// let dice = Connection::connect(options("dice")?)?;
/// let ann = Connection::connect(options("ann")?)?;
/// ann.tell("dice", "roll")?;
/// for line in dice.lines() {
///     if let Said::Tell { from, .. } = line?.said {
///         dice.tell(&from, "4 of 6")?;
///         break;
///     }
/// }
/// assert_eq!(ann.lines().next().ok_or("the end")??.said, Said::Tell { from: "dice".into(), text: "4 of 6".into() });
/// drop(dice); // sends BYE
/// assert_eq!(ann.lines().next().ok_or("the end")??.said, Said::Bye("dice".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// One whose thread must not wait, such as that of a window, calls [`open`](Connection::open) and polls
/// [`events`](Connection::events).
#[derive(Debug)]
pub struct Connection {
    username: Username,
    events: Receiver<Event>,
    /// `None` once the client is leaving: `writer` ends when the channel is disconnected.
    lines: Option<Sender<Vec<u8>>>,
    context: ConnectionContext,
    reader: Option<JoinHandle<()>>,
    /// Dropped to let `reader` know that nobody waits for its events.
    handle: Option<Sender<()>>,
    /// Lines that were received, and not yet returned by [`lines`](Connection::lines).
    unread: Mutex<VecDeque<Line>>,
    /// Dropping the handle sends BYE and waits for the end.
    leaves_on_drop: bool,
}

/// State shared by the handle and its two threads. Clones share it.
#[derive(Clone, Debug, Default)]
struct ConnectionContext {
    /// The connected socket. Set once by `reader`; used by `reader` and `writer`, and by the handle to shut it down.
    socket: Arc<OnceLock<Transport>>,
    /// Records the lines of this connection for the trace.
    tap: Tap,
    /// The faults that the user has switched on.
    faults: FaultInjection,
}

/// The reason why a line was not accepted for sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotSent {
    /// The queue of lines is full: try again in a moment.
    #[error("the queue of lines is full")]
    Busy,
    /// The connection has ended or is ending.
    #[error("the connection has ended")]
    Ended,
    /// It would be no line: a name or a text has a line break, or there is too much of it.
    #[error("a line has no line break within, and at most 4096 bytes")]
    NotALine,
}

impl Connection {
    /// Starts to connect. Returns at once; the outcome arrives as an event.
    pub fn open(options: ConnectOptions) -> Connection {
        Connection::open_tapped(options, Tap::default())
    }

    /// Like [`open`](Connection::open), with a tap that records the lines.
    pub(crate) fn open_tapped(options: ConnectOptions, tap: Tap) -> Connection {
        let (event_sender, events) = bounded(EVENTS_WAITING);
        let (lines, line_receiver) = bounded(LINES_WAITING);
        let (handle, dropped) = bounded(0);
        let context = ConnectionContext { tap, ..ConnectionContext::default() };
        let reader_context = context.clone();
        let username = options.username.clone();
        let failed = event_sender.clone();
        let reader = thread::Builder::new()
            .name("reader".into())
            .spawn(move || {
                let events = reader::Events { sender: event_sender, handle: dropped };
                reader::run(&options, &reader_context, &events, line_receiver);
            })
            .map_err(|error| {
                // The channel is new and empty, so this cannot fail.
                let _ = failed.try_send(Event::Ended(ConnectionError::OutOfResources(error.to_string())));
            })
            .ok();
        let unread = Mutex::default();
        let (lines, handle, leaves_on_drop) = (Some(lines), Some(handle), false);
        Connection { username, events, lines, context, reader, handle, unread, leaves_on_drop }
    }

    /// Returns the channel on which the events arrive.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// Queues a line for sending. Does not block.
    ///
    /// # Errors
    /// The queue is full, the connection has ended, or it is no line. It is not queued, so the caller keeps its text until this
    /// succeeds.
    pub fn send(&self, line: &ClientLine<'_>) -> Result<(), NotSent> {
        self.send_line(None, line)
    }

    /// Queues a line with a label, which the answer will carry. The server must have been asked for labels.
    ///
    /// # Errors
    /// Those of [`send`](Connection::send).
    pub fn send_labelled(&self, label: &str, line: &ClientLine<'_>) -> Result<(), NotSent> {
        self.send_line(Some(label), line)
    }

    fn send_line(&self, label: Option<&str>, line: &ClientLine<'_>) -> Result<(), NotSent> {
        let mut bytes = Vec::new();
        if let Some(label) = label {
            put_label(&mut bytes, label);
        }
        line.encode(&mut bytes);
        if memchr::memchr(b'\n', &bytes) != Some(bytes.len() - 1) || bytes.len() > CLIENT_LINE_MAX {
            return Err(NotSent::NotALine);
        }
        self.send_raw(bytes)
    }

    /// Queues bytes as they are, so that a user can try how the server reacts to them.
    ///
    /// # Errors
    /// Those of [`send`](Connection::send).
    pub(crate) fn send_raw(&self, bytes: Vec<u8>) -> Result<(), NotSent> {
        let lines = self.lines.as_ref().ok_or(NotSent::Ended)?;
        lines.try_send(bytes).map_err(|error| match error {
            TrySendError::Full(_) => NotSent::Busy,
            TrySendError::Disconnected(_) => NotSent::Ended,
        })
    }

    /// Returns the faults of this connection.
    pub(crate) fn fault_injection(&self) -> &FaultInjection {
        &self.context.faults
    }

    /// Turns a fault on or off.
    pub(crate) fn set_fault(&self, fault: Fault, on: bool) {
        self.context.faults.set(fault, on);
        // An empty send makes `writer` check the switches. If the queue is full, it is awake anyway.
        let _ = self.send_raw(Vec::new());
    }

    /// Prepares an abortive close: dropping the handle then resets the connection, without BYE and without end of file, as if the
    /// computer had been switched off and on. Does not block.
    pub(crate) fn abort(&mut self) {
        self.context.faults.set_abort();
        if let Some(transport) = self.context.socket.get() {
            // A linger time of zero makes close(2) discard unsent data and send a reset (RFC 9293, section 3.10.5).
            let _ = SockRef::from(transport.socket()).set_linger(Some(Duration::ZERO));
        }
        self.leave();
    }

    /// Sends BYE after the queued lines, and lets the connection end. Events arrive until it has ended.
    pub fn leave(&mut self) {
        self.lines = None;
        // A reader that is stopped would not see end of file.
        self.context.faults.set(Fault::StopReading, false);
    }

    /// Sends BYE, then waits for both threads to end, at most until the deadline. Then it shuts the socket down, which ends
    /// them at once. Called when the window has been closed.
    pub fn close(mut self, deadline: Instant) {
        self.finish(deadline);
    }

    fn finish(&mut self, deadline: Instant) {
        self.leaves_on_drop = false;
        self.leave();
        // The events are discarded, but they must be received, or `reader` would block on a full channel.
        while self.next_event(deadline).is_ok() {}
        if self.context.socket.get().is_none() && !self.reader.as_ref().is_some_and(JoinHandle::is_finished) {
            // Still connecting, which cannot be interrupted: the thread ends with the process.
            return;
        }
        self.disconnect();
        // Its receiver is gone and its socket is shut down, so `reader` can block on nothing.
        if let Some(reader) = self.reader.take()
            && reader.join().is_err()
        {
            log::error!("the reader thread panicked");
        }
    }

    /// Returns the next event before the deadline. Behind it even a queued event is too late, or a flood would have no end.
    fn next_event(&self, deadline: Instant) -> Result<Event, RecvTimeoutError> {
        if Instant::now() < deadline { self.events.recv_deadline(deadline) } else { Err(RecvTimeoutError::Timeout) }
    }

    /// Drops the receiver of events, and shuts the socket down, which unblocks the threads that read or write.
    fn disconnect(&mut self) {
        // The receiver is dropped first. A `reader` that has just connected then finds itself abandoned, or its
        // socket was set already and is shut down here. It usually sends no HELLO. One that has sent `Connected` and not
        // yet set its socket still does; it then finds itself abandoned, and the connection ends at once.
        self.handle = None;
        self.events = crossbeam_channel::never();
        // Shutting down for reading sends nothing. Shutting down for writing would send FIN, and an abort must not.
        let how = if self.context.faults.is_aborted() { Shutdown::Read } else { Shutdown::Both };
        if let Some(transport) = self.context.socket.get() {
            // Fails if the socket has been shut down already.
            let _ = transport.shutdown(how);
        }
        self.context.faults.set(Fault::StopReading, false);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.leaves_on_drop {
            self.finish(Instant::now() + LEAVE_TIMEOUT);
        }
        self.disconnect();
    }
}

#[cfg(test)]
impl Connection {
    /// Creates a connection without a network. Returns the sender of its events and the receiver of its lines.
    pub(crate) fn fake() -> (Connection, Sender<Event>, Receiver<Vec<u8>>) {
        let (event_sender, events) = bounded(EVENTS_WAITING);
        let (lines, line_receiver) = bounded(LINES_WAITING);
        let connection = Connection {
            username: Username::parse("bob").unwrap(),
            events,
            lines: Some(lines),
            context: ConnectionContext::default(),
            reader: None,
            handle: None,
            unread: Mutex::default(),
            leaves_on_drop: false,
        };
        (connection, event_sender, line_receiver)
    }
}

#[cfg(test)]
mod tests;
