//! A claim: the exclusive right to write to one client's socket, and the duty to do so until its outbox is empty.
//!
//! A claim belongs to one thread at a time, which may be any of the server's: a client thread that has just sent something, a
//! `flusher`, a `drain` thread. Its [`step`](Claim::step) takes what is queued and writes it with one system call, holding no
//! lock. Only a `drain` thread may use [`IfFull::Wait`]. With [`IfFull::Leave`] a step never blocks.

use std::io::{self, IoSlice};
use std::sync::Arc;

use super::WriterContext;
use super::client::Client;
use super::outbox::{Chunk, TAKE_MAX, Taken};
use crate::server::observe::activity::ThreadRole;
use crate::server::observe::event::{DisconnectReason, EventKind};
use crate::transport::{IfFull, Sent};
use crate::wire::Origin;

/// The right and the duty to write to one client.
///
/// `Claim` is not `Clone`, so two threads cannot hold the same one; the outbox guarantees that at most one exists. The
/// holder takes from the outbox until that reports that the claim is over, or passes the claim on. A claim that is dropped
/// before that (by a panic, or because no thread could be spawned for it) disconnects the client: the byte stream may have
/// been cut in the middle of a line, and no later write could mend that.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) writers: Arc<WriterContext>,
    pub(super) client: Arc<Client>,
    /// Bytes written since the last `take`, which the next one reports.
    written: usize,
    /// Set while chunks are out of the outbox: taken, and neither reported as written nor put back. If a thread panics then,
    /// how much of them was sent is unknown.
    pub(super) in_flight: bool,
    /// Set when the claim is over or was passed on, so that dropping this value has no effect.
    over: bool,
}

/// Maximum total size, in bytes, of chunks that are copied together and written as one. For many small chunks the kernel's
/// work on a vector of slices takes longer than our copy; for large ones it is the other way round.
const GATHER_MAX: usize = 8 * 1024;

/// Scratch buffers of a writing thread: empty between two writes, kept so that a write need not allocate.
#[derive(Debug, Default)]
pub(super) struct WriteScratch {
    /// The chunks that were taken.
    pub(super) chunks: Vec<Chunk>,
    /// Small chunks, copied together.
    gathered: Vec<u8>,
}

/// Result of [`Claim::step`].
pub(super) enum Step {
    /// The socket accepted everything. More may have been queued meanwhile.
    Written,
    /// The socket is full: the write would block. The rest is back in the outbox.
    Full {
        /// Set if the socket accepted some bytes before. It tells a slow client from a stalled one.
        moved: bool,
    },
    /// The claim is over: the outbox is empty, or the socket has failed.
    Over,
    /// The claim is over, and the last line is written. The caller closes the connection.
    Finished,
}

impl Claim {
    /// Creates the claim that [`Pushed::Claimed`](super::outbox::Pushed::Claimed) has handed to the calling thread.
    pub(super) fn new(writers: Arc<WriterContext>, client: Arc<Client>) -> Claim {
        Claim { writers, client, written: 0, in_flight: false, over: false }
    }

    /// Takes the queued chunks and writes them once.
    ///
    /// If the socket is full, `if_full` decides whether the write waits, for `WRITE_LIMIT`.
    /// Runs with no lock held: the outbox's is taken and released by the calls to the outbox. If the result is `Over` or
    /// `Finished`, the claim must not be stepped again.
    pub(super) fn step(&mut self, scratch: &mut WriteScratch, if_full: IfFull) -> Step {
        // TLS turns text into records, and the socket may have accepted only a part of those. The text counts as written and
        // is not in the outbox any more, so the rest of its records must go first. In plain text this does nothing.
        match self.client.transport.send(&mut [], if_full) {
            Ok(Sent { left: false, .. }) => {}
            Ok(Sent { moved, .. }) => return Step::Full { moved },
            Err(error) => {
                self.abort(DisconnectReason::Broken(error.to_string()));
                return Step::Over;
            }
        }
        let written = std::mem::take(&mut self.written);
        let offset = match self.client.outbox.take(written, &mut scratch.chunks, &self.writers.budget) {
            Taken::Chunks { offset } => offset,
            Taken::Empty => {
                // From this moment another thread may hold a claim on this client. Nothing of it may be written here.
                self.over = true;
                return Step::Over;
            }
            Taken::Finished => {
                self.over = true;
                // TLS announces the end with a close_notify alert. If that fails, the client sees the end of file of TCP
                // instead, and there is nothing more to be done.
                let _ = self.client.transport.end();
                return Step::Finished;
            }
        };
        // Set before the write and cleared after the chunks have been accounted for: see `PendingWrites::drop`.
        self.in_flight = true;
        // At most TAKE_MAX chunks, so this sum and those in `write_once` cost nothing beside a system call.
        let total = scratch.chunks.iter().map(|chunk| chunk.len()).sum::<usize>() - offset;
        let step = match write_once(&self.client, scratch, offset, if_full) {
            Ok(Sent { taken, left: false, .. }) if taken == total => {
                self.show(&scratch.chunks, offset + taken);
                // Reported with the next `take`, which follows at once: one lock operation for each write instead of two.
                self.written = taken;
                scratch.chunks.clear();
                Step::Written
            }
            // A short write. The socket is full, or TLS has records left that it did not accept.
            Ok(Sent { taken, moved, .. }) => {
                self.show(&scratch.chunks, offset + taken);
                let offset = skip(&mut scratch.chunks, offset + taken);
                self.client.outbox.put_back(taken, &mut scratch.chunks, offset, &self.writers.budget);
                Step::Full { moved }
            }
            Err(error) => {
                // A reset, or a broken pipe: the client is gone. How much of the write has arrived no longer matters.
                scratch.chunks.clear();
                self.abort(DisconnectReason::Broken(error.to_string()));
                Step::Over
            }
        };
        self.in_flight = false;
        step
    }

    /// Shows those chunks to the tap that lie wholly within the first `bytes`: their last byte was written by this step.
    fn show(&self, chunks: &[Chunk], mut bytes: usize) {
        // Usually no window watches the wire, and this is one load.
        let Some(tap) = self.writers.events.tap.open() else { return };
        for chunk in chunks {
            let Some(rest) = bytes.checked_sub(chunk.len()) else { return };
            tap.record_out(Origin::Server, &self.client.name, chunk);
            bytes = rest;
        }
    }

    /// Passes the claim to a new `drain` thread, which may block where the calling thread may not.
    ///
    /// `writing` in the outbox stays set all the while, so no third thread can begin to write in between. If no thread can be
    /// spawned, the client is disconnected: no thread is left that could wait for it.
    pub(super) fn start_drain(&mut self) {
        let successor = Claim {
            writers: self.writers.clone(),
            client: self.client.clone(),
            written: std::mem::take(&mut self.written),
            // The caller has just put the unsent chunks back.
            in_flight: false,
            // This value gives the claim up, and the successor takes it over as it was.
            over: std::mem::replace(&mut self.over, true),
        };
        let (name, role) = (format!("drain {}", successor.client.name), ThreadRole::Drain(successor.client.id));
        // On failure the closure is dropped, and with it the claim, whose `drop` disconnects the client.
        if let Err(error) = self.writers.threads.spawn(name, role, move || successor.drain()) {
            let what = "start a drain thread";
            self.writers.events.report(EventKind::OutOfResources { what, error: error.to_string() });
        }
    }

    /// Ends the claim and disconnects the client at once, without a last line.
    pub(super) fn abort(&mut self, why: DisconnectReason) {
        // First, so that `drop` does not abort again. `Client::abort` closes the outbox, so no new claim is handed out.
        self.over = true;
        self.client.abort(why, &self.writers.budget);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.over {
            // Without this the outbox's flag would stay set with no thread behind it: the client would stay connected, and
            // would silently get nothing any more.
            self.abort(DisconnectReason::Broken("the thread that wrote to it could not go on".into()));
        }
    }
}

/// Writes all chunks but the first `offset` bytes, with one system call.
fn write_once(
    client: &Client,
    WriteScratch { chunks, gathered }: &mut WriteScratch,
    offset: usize,
    if_full: IfFull,
) -> io::Result<Sent> {
    let is_small = chunks.iter().map(|chunk| chunk.len()).sum::<usize>() <= GATHER_MAX;
    let whole: &[u8] = match &**chunks {
        // The usual case: one broadcast, written before the next one came. No copy, no vector.
        [one] => one,
        several if is_small => {
            gathered.clear();
            several.iter().for_each(|chunk| gathered.extend_from_slice(chunk));
            gathered
        }
        several => {
            // `take` returns at most TAKE_MAX chunks, so the array on the stack has a slot for each.
            let mut slices = [IoSlice::new(&[]); TAKE_MAX];
            for (slice, chunk) in slices.iter_mut().zip(several) {
                *slice = IoSlice::new(chunk);
            }
            slices[0] = IoSlice::new(&several[0][offset..]);
            return client.transport.send(&mut slices[..several.len()], if_full);
        }
    };
    client.transport.send(&mut [IoSlice::new(&whole[offset..])], if_full)
}

/// Removes the chunks that lie wholly within the first `bytes`. Returns how many of these bytes belong to the chunk that is
/// now the first: its new offset.
fn skip(chunks: &mut Vec<Chunk>, mut bytes: usize) -> usize {
    let whole = chunks
        .iter()
        .take_while(|chunk| {
            let is_written = chunk.len() <= bytes;
            if is_written {
                bytes -= chunk.len();
            }
            is_written
        })
        .count();
    chunks.drain(..whole);
    bytes
}
