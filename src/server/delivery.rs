//! Writing what is in the outboxes: who does it, for how long, and what happens to a reader that has stalled.
//!
//! A thread that has something to say pushes it to every recipient (under the registry's lock), and comes away with a
//! [`Claim`] for each recipient that nobody else is writing for. Then, with no lock held, it goes round its claims:
//! one write each, again while more has come, until their queues are empty. It never waits for a reader: when a socket is
//! full, the claim is handed to a `drain` thread that waits in its place. And it does not write for ever: when others speak
//! so fast that there is always more, it hands all its claims to one `relief` thread, and listens to its own client again.
//!
//! The sockets block, but a speaker writes to them so that the call returns when a socket is full ([`IfFull::Leave`]). From
//! then until the reader has caught up the drain thread holds the claim, and every speaker just leaves its bytes.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

pub(crate) mod batch;
pub(crate) mod budget;
mod claim;
pub(crate) mod client;
mod drain;
pub(crate) mod linger;
pub(crate) mod outbox;

use super::observe::activity::{self, Task, ThreadRole};
use super::observe::event::{EventKind, EventSink};
use super::observe::threads::ThreadTracker;
use crate::protocol::ErrorCode;
use crate::transport::IfFull;
use budget::Budget;
use claim::{Claim, Step, WriteScratch};
use client::Client;
use outbox::{Chunk, OnClose, Pushed};

/// How long one write waits. On Linux that concerns drain threads, which then look up. Elsewhere every write waits (see
/// [`IfFull`]), so the limit is the shortest that there is, which the system rounds up to a tick of its clock; but on Windows a
/// timed-out send leaves a socket unusable, so there it is the client's whole patience.
const WRITE_LIMIT: Duration = if cfg!(target_os = "linux") {
    Duration::from_millis(250)
} else if cfg!(windows) {
    Duration::from_secs(5)
} else {
    Duration::from_millis(1)
};

/// How long the socket of a client that is being ended may take nothing of what it still gets.
pub(super) const LAST_LINE: Duration = Duration::from_secs(1);

/// How often a speaker goes round its claims before it leaves the rest to a relief thread, and reads on.
const ROUNDS: usize = 8;

/// Bytes that are written in so short a time that it takes longer to put a thread to sleep and to wake it.
const SOON: usize = 128 * 1024;

/// What every thread that writes needs.
#[derive(Debug)]
pub(super) struct WriterContext {
    pub(super) threads: Arc<ThreadTracker>,
    pub(super) events: EventSink,
    /// How much may wait.
    pub(super) budget: Budget,
    /// How long a socket may take nothing.
    pub(super) patience: Duration,
    /// The server has stopped and nobody's last lines are waited for any more: set once by whoever stops it, read by drain
    /// threads. It guards no other data, so `Relaxed`.
    pub(super) hurry: AtomicBool,
}

impl WriterContext {
    pub(super) fn new(events: EventSink, budget: Budget, patience: Duration) -> Arc<WriterContext> {
        let threads = Arc::new(ThreadTracker::new(events.clone()));
        Arc::new(WriterContext { threads, events, budget, patience, hurry: AtomicBool::new(false) })
    }
}

/// Makes a socket fit for [`PendingWrites`]: writes do not wait for ever, and small ones are sent at once (without it, Nagle's
/// algorithm and delayed acknowledgements together add up to 40 ms).
pub(super) fn prepare(socket: &TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    socket.set_write_timeout(Some(WRITE_LIMIT))
}

/// What a thread has pushed and must now write. Made empty, filled under the registry's lock, delivered outside it:
/// at the latest when it is dropped, so that a thread that returns early or panics leaves nothing unwritten.
#[derive(Debug)]
pub(super) struct PendingWrites {
    writers: Arc<WriterContext>,
    held: Vec<Claim>,
    /// Bytes that were left for others to write.
    left: usize,
    tray: WriteScratch,
}

impl PendingWrites {
    pub(super) fn new(writers: &Arc<WriterContext>) -> PendingWrites {
        PendingWrites { writers: writers.clone(), held: Vec::new(), left: 0, tray: WriteScratch::default() }
    }

    /// Leaves a piece for a client. One for whom too much waits already is ended instead. `true`: it was left.
    pub(super) fn push(&mut self, client: &Arc<Client>, piece: &Chunk) -> bool {
        match client.outbox.push(piece, &self.writers.budget) {
            Pushed::Claimed => self.claim(client),
            Pushed::Left => self.left += piece.len(),
            Pushed::Closed => return false,
            Pushed::Overflow => {
                let detail = "too much waited for you to read it";
                self.end(client, ErrorCode::TooSlow, detail, OnClose::Discard);
                return false;
            }
        }
        true
    }

    /// Ends a client with a last line. `false`: it was being ended already.
    pub(super) fn end(&mut self, client: &Arc<Client>, code: ErrorCode, detail: &str, backlog: OnClose) -> bool {
        let pushed = client.end(code, detail, backlog, &self.writers.budget);
        if pushed == Pushed::Claimed {
            self.claim(client);
        }
        pushed != Pushed::Closed
    }

    /// Writes what waits for a client, then closes its connection.
    pub(super) fn finish(&mut self, client: &Arc<Client>) {
        if client.outbox.finish(None, OnClose::Flush, &self.writers.budget) == Pushed::Claimed {
            self.claim(client);
        }
    }

    fn claim(&mut self, client: &Arc<Client>) {
        let (writers, client) = (self.writers.clone(), client.clone());
        self.held.push(Claim::new(writers, client));
    }

    /// Writes. To be called with no lock held.
    pub(super) fn deliver(&mut self) {
        let left = std::mem::take(&mut self.left);
        if self.held.is_empty() {
            // All of it is written by others. If that does not take long, they are to get on with it: by then this
            // thread's own client may have said more, and a thread that is awake need not be woken to read that.
            if left > 0 && left <= SOON {
                thread::yield_now();
            }
            return;
        }
        for _ in 0..ROUNDS {
            self.go_round();
            if self.held.is_empty() {
                return;
            }
        }
        // The others have much to say, and this thread has a client of its own to listen to.
        self.relieve(|_| {});
    }

    /// Leaves what is claimed to a thread that has nothing else to do, but for what is to be done next.
    /// `false`: there is no such thread to be had; `next` was dropped, and all is written nevertheless.
    pub(super) fn relieve(&mut self, next: impl FnOnce(&mut PendingWrites) + Send + 'static) -> bool {
        let mut heir = PendingWrites::new(&self.writers);
        heir.held.append(&mut self.held);
        let work = move || {
            heir.deliver_all();
            next(&mut heir);
        };
        // If there is no thread, the closure is dropped, with it the claims, and dropping them writes.
        let spawned = self.writers.threads.spawn("relief".into(), ThreadRole::All, work);
        if let Err(error) = &spawned {
            let what = "start a relief thread";
            self.writers.events.report(EventKind::OutOfResources { what, error: error.to_string() });
        }
        spawned.is_ok()
    }

    /// Writes until nothing is left, however long others go on to speak: the life of a relief thread.
    fn deliver_all(&mut self) {
        while !self.held.is_empty() {
            self.go_round();
        }
    }

    /// One write for each claim.
    fn go_round(&mut self) {
        // Others who are ready to speak may leave their bytes first: then one write carries them all.
        thread::yield_now();
        let tray = &mut self.tray;
        self.held.retain_mut(|claim| {
            activity::set_for(Task::Writing, claim.client.id);
            match claim.step(tray, IfFull::Leave) {
                Step::Written => true,
                Step::Over => false,
                Step::Finished => {
                    claim.client.shut();
                    false
                }
                Step::Full { .. } => {
                    claim.hand_over();
                    false
                }
            }
        });
    }
}

impl Drop for PendingWrites {
    fn drop(&mut self) {
        // Was it a panic in the middle of a write? Nobody knows how much of that came out, so that one client is ended.
        self.tray.pieces.clear();
        self.held.retain(|claim| !claim.in_hand);
        self.deliver_all();
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
