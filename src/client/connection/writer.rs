//! What `writer` does: it writes the lines that come over its channel, and in the end takes leave of the server.
//!
//! It blocks in its channel and in write. What the [laboratory](crate::client::fault_injection) has turned on is done here: a byte at
//! a time, or far too many lines.

use std::io;
use std::net::Shutdown;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, after, never};

use super::{Shared, Socket};
use crate::client::event::ConnectionError;
use crate::client::fault_injection::{DRIBBLE_PAUSE, Experiment, FLOOD_LINES, FLOOD_MAX, FLOOD_TICK};
use crate::protocol::{ClientLine, Username};
use crate::transport::Transport;
use crate::wire::Origin;

/// How long the server may take to close its end after our BYE.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);

/// A thread that is joined by whoever started it.
pub(super) struct Writer(JoinHandle<()>);

impl Writer {
    /// Starts it. Nothing is ever sent over `read_ended`: it is disconnected when the reader is at its end.
    pub(super) fn start(
        shared: Shared,
        username: Username,
        lines: Receiver<Vec<u8>>,
        read_ended: Receiver<()>,
    ) -> Result<Writer, ConnectionError> {
        let work = move || {
            let socket: Socket = shared.socket.clone();
            if let Some(transport) = socket.get() {
                let mut work = Work { transport, shared, username, lines, read_ended, flooded: 0 };
                work.write();
            }
        };
        thread::Builder::new()
            .name("writer".into())
            .spawn(work)
            .map(Writer)
            .map_err(|error| ConnectionError::OutOfResources(error.to_string()))
    }

    pub(super) fn stop(self) {
        if self.0.join().is_err() {
            log::error!("the writer thread panicked");
        }
    }
}

struct Work<'a> {
    transport: &'a Transport,
    shared: Shared,
    username: Username,
    lines: Receiver<Vec<u8>>,
    read_ended: Receiver<()>,
    /// Lines of the flood that goes on.
    flooded: u64,
}

impl Work<'_> {
    /// Writes what comes until the model leaves, and then takes leave of the server.
    fn write(&mut self) {
        loop {
            let floods = self.shared.laboratory.is_on(Experiment::Flood);
            let flood_tick = if floods { after(FLOOD_TICK) } else { never() };
            let mut bytes = crossbeam_channel::select! {
                recv(self.lines) -> line => match line {
                    Ok(line) => line,
                    Err(_) => break,
                },
                recv(flood_tick) -> _ => self.flood(),
                // The reader is gone, so its connection is.
                recv(self.read_ended) -> _ => return,
            };
            // What else is waiting goes along: one write, one packet.
            self.lines.try_iter().for_each(|line| bytes.extend(line));
            if let Err(error) = self.send(&bytes) {
                // The reader learns of it too, after the last that the server said, which may be the reason.
                log::info!("write: {error}");
                return;
            }
        }
        if self.shared.laboratory.vanishes() {
            return;
        }
        let mut bye = Vec::new();
        ClientLine::Bye.encode(&mut bye);
        let transport = self.transport;
        let said = self.send(&bye).and_then(|()| transport.end()).and_then(|()| transport.shutdown(Shutdown::Write));
        if said.is_ok() {
            let _ = self.read_ended.recv_timeout(GOODBYE_LIMIT);
        }
        // Wakes a reader whose server does not close.
        let _ = transport.shutdown(Shutdown::Both);
    }

    /// Writes whole lines, all at once or as they are to dribble.
    fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while self.shared.laboratory.is_on(Experiment::Dribble)
            && let Some((byte, after)) = rest.split_first()
        {
            self.transport.send_all(&[*byte])?;
            rest = after;
            if self.read_ended.recv_timeout(DRIBBLE_PAUSE) == Err(RecvTimeoutError::Disconnected) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
        // To write nothing at all counts as an error.
        if !rest.is_empty() {
            self.transport.send_all(rest)?;
        }
        if let Some(tap) = self.shared.tap.open() {
            tap.went(Origin::Client, &"", bytes);
        }
        Ok(())
    }

    /// The next lines of a flood, which ends by itself.
    fn flood(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..FLOOD_LINES {
            self.flooded += 1;
            let text = format!("flood {}", self.flooded);
            ClientLine::Msg { username: self.username.as_str(), text: &text }.encode(&mut bytes);
        }
        if self.flooded >= FLOOD_MAX {
            self.flooded = 0;
            self.shared.laboratory.set(Experiment::Flood, false);
        }
        bytes
    }
}
