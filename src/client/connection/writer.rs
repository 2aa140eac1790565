//! The thread `writer` of a connection: writes the lines from its channel, and sends BYE at the end.
//!
//! It blocks on its channel and in write. The faults [`Dribble` and `Flood`](crate::client::fault_injection) are carried out here.

use std::io;
use std::net::Shutdown;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, after, never};

use super::ConnectionContext;
use crate::client::event::ConnectionError;
use crate::client::fault_injection::{DRIBBLE_PAUSE, FLOOD_LINES, FLOOD_MAX, FLOOD_TICK, Fault, flood_text};
use crate::protocol::{ClientLine, Username};
use crate::transport::Transport;
use crate::wire::Origin;

/// Maximum time that the server may take to close the connection after BYE.
const BYE_TIMEOUT: Duration = Duration::from_secs(1);

/// Starts the thread, which the caller joins. No message is ever sent over `read_ended`; it is disconnected when `reader` has
/// stopped reading.
///
/// # Errors
/// The thread cannot be started.
pub(super) fn start(
    context: ConnectionContext,
    username: Username,
    lines: Receiver<Vec<u8>>,
    read_ended: Receiver<()>,
) -> Result<JoinHandle<()>, ConnectionError> {
    let work = move || {
        let socket = Arc::clone(&context.socket);
        if let Some(transport) = socket.get() {
            Work { transport, context, username, lines, read_ended, flooded: 0 }.run();
        }
    };
    thread::Builder::new()
        .name("writer".into())
        .spawn(work)
        .map_err(|error| ConnectionError::OutOfResources(error.to_string()))
}

struct Work<'a> {
    transport: &'a Transport,
    context: ConnectionContext,
    username: Username,
    lines: Receiver<Vec<u8>>,
    read_ended: Receiver<()>,
    /// Number of lines sent in the current flood.
    flooded: u64,
}

impl Work<'_> {
    /// Writes lines until the channel is disconnected, then sends BYE and waits for the server to close.
    fn run(&mut self) {
        loop {
            let floods = self.context.faults.is_on(Fault::Flood);
            let flood_tick = if floods { after(FLOOD_TICK) } else { never() };
            let mut bytes = crossbeam_channel::select! {
                recv(self.lines) -> line => match line {
                    Ok(line) => line,
                    Err(_) => break,
                },
                recv(flood_tick) -> _ => self.flood(),
                // `reader` has stopped, so the connection has ended.
                recv(self.read_ended) -> _ => return,
            };
            // All other queued lines are included: one write, one packet.
            self.lines.try_iter().for_each(|line| bytes.extend(line));
            if let Err(error) = self.send(&bytes) {
                // `reader` gets an error as well, after the last lines of the server, which may contain the reason.
                log::info!("nothing more can be sent to the server: {error}");
                return;
            }
        }
        if self.context.faults.is_aborted() {
            return;
        }
        let mut bye = Vec::new();
        ClientLine::Bye.encode(&mut bye);
        let transport = self.transport;
        let sent = self.send(&bye).and_then(|()| transport.end()).and_then(|()| transport.shutdown(Shutdown::Write));
        if sent.is_ok() {
            let _ = self.read_ended.recv_timeout(BYE_TIMEOUT);
        }
        // Unblocks `reader` if the server does not close.
        let _ = transport.shutdown(Shutdown::Both);
    }

    /// Writes complete lines, at once or byte by byte while [`Fault::Dribble`] is on.
    fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while self.context.faults.is_on(Fault::Dribble)
            && let Some((byte, after)) = rest.split_first()
        {
            self.transport.send_all(&[*byte])?;
            rest = after;
            if self.read_ended.recv_timeout(DRIBBLE_PAUSE) == Err(RecvTimeoutError::Disconnected) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
        // `send_all` treats an empty write as an error.
        if !rest.is_empty() {
            self.transport.send_all(rest)?;
        }
        if let Some(tap) = self.context.tap.open() {
            tap.record_out(Origin::Client, &"", bytes);
        }
        Ok(())
    }

    /// Returns the next lines of a flood. Turns the fault off after [`FLOOD_MAX`] lines.
    fn flood(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..FLOOD_LINES {
            self.flooded += 1;
            let text = flood_text(self.flooded);
            ClientLine::Msg { username: self.username.as_str(), text: &text }.encode(&mut bytes);
        }
        if self.flooded >= FLOOD_MAX {
            self.flooded = 0;
            self.context.faults.set(Fault::Flood, false);
        }
        bytes
    }
}
