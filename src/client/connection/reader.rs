//! The thread `reader` of a connection: connects, sends HELLO, starts `writer`, reads until the end, and joins `writer`.
//!
//! It sends events over a bounded channel and touches nothing of the window. It blocks in `connect`, in read, and while the channel
//! is full.

use std::io::ErrorKind;
use std::net::Shutdown;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded, select};

use super::ConnectionContext;
use super::writer;
use crate::client::dial::without_code;
use crate::client::event::{ConnectionError, Event, Line};
use crate::client::options::ConnectOptions;
use crate::client::security::{self, Established};
use crate::protocol::escape::escape;
use crate::protocol::framing::{Frame, LineBuffer};
use crate::protocol::{ClientLine, Prefix, SERVER_LINE_MAX, Secret, ServerLine};
use crate::transport::Transport;
use crate::wire::{Origin, Tap};

/// Maximum number of lines in one event, which bounds the work of the UI thread for one event.
const BATCH: usize = 500;

/// The handle was dropped, or nobody receives the events any more.
pub(super) struct Abandoned;

/// The way of the events to the handle. A clone of their receiver may outlive the handle, so that the channel alone does not
/// show that it is gone.
pub(super) struct Events {
    pub(super) sender: Sender<Event>,
    /// Disconnected when the handle is gone.
    pub(super) handle: Receiver<()>,
}

impl Events {
    /// Sends an event. Blocks while the channel is full: see "Back-pressure" in the parent module.
    fn send(&self, event: Event) -> Result<(), Abandoned> {
        if self.handle.try_recv() == Err(TryRecvError::Disconnected) {
            return Err(Abandoned);
        }
        select! {
            send(self.sender, event) -> sent => sent.map_err(|_| Abandoned),
            recv(self.handle) -> _ => Err(Abandoned),
        }
    }
}

/// The body of the thread `reader`.
pub(super) fn run(options: &ConnectOptions, context: &ConnectionContext, events: &Events, lines: Receiver<Vec<u8>>) {
    let ending = match security::establish(options, &events.handle) {
        Err(ending) => ending,
        Ok(Established { transport, peer, security, not_remembered }) => {
            // Sent before HELLO, because it fails if the handle was dropped: a user who has pressed Cancel must not appear in the
            // room for a moment.
            if events.send(Event::Connected { peer, security, not_remembered }).is_err() {
                return;
            }
            match run_connected(options, context.socket.get_or_init(|| transport), context, events, lines) {
                Err(Abandoned) => return,
                Ok(ending) => ending,
            }
        }
    };
    // Fails if the handle was dropped.
    let _ = events.send(Event::Ended(ending));
}

/// Sends HELLO, starts `writer`, reads until the connection ends, and joins `writer`.
fn run_connected(
    options: &ConnectOptions,
    transport: &Transport,
    context: &ConnectionContext,
    events: &Events,
    lines: Receiver<Vec<u8>>,
) -> Result<ConnectionError, Abandoned> {
    // This fits into the send buffer of a new socket, so it does not block.
    let hello = hello(options);
    if let Err(error) = transport.send_all(&hello) {
        return Ok(ConnectionError::Broken(without_code(&error)));
    }
    if let Some(tap) = context.tap.open() {
        tap.record_out(Origin::Client, &"", &hello);
    }

    let (alive, read_ended) = bounded::<()>(0);
    let writer = match writer::start(context.clone(), options.username.clone(), lines, read_ended) {
        Ok(writer) => writer,
        Err(ending) => return Ok(ending),
    };
    let ending = read(transport, context, events);
    // No more lines can be sent either. The shutdown unblocks a writer in write; dropping `alive` unblocks one that waits for the
    // server to close.
    if !context.faults.is_aborted() {
        let _ = transport.shutdown(Shutdown::Both);
    }
    drop(alive);
    if writer.join().is_err() {
        log::error!("the writer thread panicked");
    }
    ending
}

/// Returns the first bytes to send: PASS, if there is a password, and HELLO.
fn hello(options: &ConnectOptions) -> Vec<u8> {
    let ConnectOptions { username, capabilities, password, .. } = options;
    let mut bytes = Vec::new();
    if let Some(password) = password {
        ClientLine::Pass(Secret(password.reveal())).encode(&mut bytes);
    }
    ClientLine::Hello { username: username.clone(), capabilities: *capabilities }.encode(&mut bytes);
    bytes
}

/// Reads until the connection ends, and sends the lines as events.
fn read(transport: &Transport, context: &ConnectionContext, events: &Events) -> Result<ConnectionError, Abandoned> {
    let mut buffer = LineBuffer::new(SERVER_LINE_MAX);
    loop {
        context.faults.wait_to_read();
        match transport.read(buffer.space()) {
            Ok(0) => return Ok(ConnectionError::Closed),
            Ok(count) => buffer.filled(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Ok(ConnectionError::Broken(without_code(&error))),
        }
        let tap = context.tap.open();
        while let Some(event) = next_batch(&mut buffer, tap) {
            events.send(event)?;
        }
    }
}

/// Returns the next lines in the buffer as one event, or `None` if there is no complete line.
fn next_batch(buffer: &mut LineBuffer, tap: Option<&Tap>) -> Option<Event> {
    let mut lines = Vec::new();
    let mut not_understood = 0;
    while lines.len() + not_understood < BATCH {
        let Some(frame) = buffer.next_line() else { break };
        if let Some(tap) = tap {
            tap.record_in(Origin::Server, &"", &frame);
        }
        let why = match frame {
            Frame::Line(line) => match ServerLine::parse(line) {
                Ok(None) => continue,
                Ok(Some((Prefix { label, stamp }, said))) if said.is_within_limits() => {
                    lines.push(Line { label: label.map(str::to_owned), stamp, said: said.into() });
                    continue;
                }
                Ok(Some(_)) => format!("too long a name or reason: {}", excerpt(line)),
                Err(why) => format!("{why:?}: {}", excerpt(line)),
            },
            Frame::TooLong(_) => format!("a line is longer than {SERVER_LINE_MAX} bytes"),
        };
        // Only the first of a batch is logged, so that a flood of them does not flood the log.
        if not_understood == 0 {
            log::warn!("a line of the server was not understood: {why}");
        }
        not_understood += 1;
    }
    (!lines.is_empty() || not_understood > 0).then_some(Event::Received { lines, not_understood })
}

/// Returns the first bytes of a line, escaped, for the log.
fn excerpt(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(&line[..line.len().min(100)]);
    escape(&text).into_owned()
}
