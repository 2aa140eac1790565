//! Delivery: writing what is queued in the outboxes, and what happens to a client whose socket is full.
//!
//! # The path of a message
//!
//! A thread that has something to send pushes it to the outbox of every recipient, under the registry's lock. For each
//! recipient that no other thread is writing to, it comes away with a [`Claim`]. Then, with no lock held, it serves its claims
//! in rounds: one write for each, and again while more has been queued, until their outboxes are empty.
//!
//! ```text
//!  under the registry's lock           with no lock held
//!  ┌──────────────────────┐   claims   ┌─────────────────────────────────┐  MAX_ROUNDS   ┌────────────────────────┐
//!  │ push to each outbox  ├───────────▶│ one write for each claim        ├──────────────▶│ thread `flusher`:      │
//!  │ (outbox.rs)          │            │ (PendingWrites::deliver), again │   reached     │ goes on until all are  │
//!  └──────────────────────┘            │ until the outboxes are empty    │               │ empty                  │
//!                                      └────────────────┬────────────────┘               └───────────┬────────────┘
//!                                                       │ a socket is full                           │
//!                                                       ▼                                            │
//!                                      ┌─────────────────────────────────┐                           │
//!                                      │ thread `drain <name>`: waits    │◀──────────────────────────┘
//!                                      │ for this one client (drain.rs)  │
//!                                      └─────────────────────────────────┘
//! ```
//!
//! # What a sender never does
//!
//! - It never waits for a reader. When a socket is full, the claim goes to a `drain` thread that waits instead. From then until
//!   the client has caught up, the `drain` thread holds the claim, and every sender just queues its chunks.
//! - It never writes indefinitely. When other threads queue chunks so fast that there is always more, it hands all its claims
//!   to one `flusher` thread and goes back to its own client.
//!
//! The clients' threads block in read on the same sockets. A sender's write uses [`IfFull::Leave`], and returns at once when the
//! socket is full. How both go together depends on the system: see `src/transport/raw`.

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

/// Timeout of a single write that may wait. Only drain threads wait in a write, and they wake up this often to check their
/// timeouts.
const WRITE_LIMIT: Duration = Duration::from_millis(250);

/// Maximum number of writes for each claim before a sender hands the rest to a `flusher` thread. Low enough that a client is
/// never kept waiting for long by what others send; high enough that a thread is rarely spawned.
const MAX_ROUNDS: usize = 8;

/// Maximum number of deferred bytes for which a sender yields the processor. Writing that many takes less time than
/// putting a thread to sleep and waking it.
const YIELD_BELOW: usize = 128 * 1024;

/// Everything that a writing thread needs besides its claims. One per server, shared by all threads.
#[derive(Debug)]
pub(crate) struct WriterContext {
    /// Spawns and later joins the `drain` and `flusher` threads.
    pub(crate) threads: Arc<ThreadTracker>,
    pub(crate) events: EventSink,
    /// Limits of the outboxes, for each client and for all slow readers together.
    pub(crate) budget: Budget,
    /// Write stall timeout: a client whose socket accepts no bytes for this long is disconnected with `TOO_SLOW`.
    pub(crate) stall_timeout: Duration,
    /// Set once by the thread that stops the server, when the time for last lines is over: drain threads then disconnect
    /// their clients at once. Read by drain threads. It guards no other data, so `Relaxed`.
    pub(crate) force_close: AtomicBool,
}

impl WriterContext {
    pub(crate) fn new(events: EventSink, budget: Budget, stall_timeout: Duration) -> Arc<WriterContext> {
        let threads = Arc::new(ThreadTracker::new(events.clone()));
        Arc::new(WriterContext { threads, events, budget, stall_timeout, force_close: AtomicBool::new(false) })
    }
}

/// Sets the options that [`PendingWrites`] relies on: a timeout for writes, and no delay for small ones. With the default,
/// Nagle's algorithm and delayed acknowledgements together add up to 40 ms to a line.
pub(crate) fn prepare(socket: &TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    socket.set_write_timeout(Some(WRITE_LIMIT))
}

/// The writes that a thread owes: the claims that it got by pushing.
///
/// Created empty, filled under the registry's lock, delivered outside of it. Dropping it delivers too, so a thread that returns
/// early leaves nothing unwritten. After a panic during a write, the claim that was in flight is dropped and its client is
/// disconnected; the other claims are delivered. It is a value that the registry's methods ask for, and not one that they
/// return: a caller cannot push without having a place for the claims, and so cannot forget them.
#[derive(Debug)]
pub(crate) struct PendingWrites {
    writers: Arc<WriterContext>,
    /// The claims of this thread, at most one for each client: the outbox hands out no second one while there is one.
    held: Vec<Claim>,
    /// Bytes that this thread has queued since its last delivery for clients to which other threads are writing.
    deferred: usize,
    /// One set of buffers for all claims, which are written one after the other.
    scratch: WriteScratch,
}

impl PendingWrites {
    pub(crate) fn new(writers: &Arc<WriterContext>) -> PendingWrites {
        PendingWrites { writers: writers.clone(), held: Vec::new(), deferred: 0, scratch: WriteScratch::default() }
    }

    /// Queues a chunk for a client. Returns whether it was queued.
    ///
    /// A client that has reached its queue limit is disconnected with `TOO_SLOW` instead. Does not block and does not
    /// write, so it may be called under the registry's lock.
    pub(crate) fn push(&mut self, client: &Arc<Client>, chunk: &Chunk) -> bool {
        match client.outbox.push(chunk, &self.writers.budget) {
            Pushed::Claimed => self.claim(client),
            Pushed::Queued => self.deferred += chunk.len(),
            Pushed::Closed => return false,
            Pushed::Overflow => {
                // Discard: the client has not read what is queued, and would not read it before the last line either.
                let detail = "too much waited for you to read it";
                self.disconnect(client, ErrorCode::TooSlow, detail, OnClose::Discard);
                return false;
            }
        }
        true
    }

    /// Disconnects a client with a last line. Returns `false` if it was being disconnected already.
    pub(crate) fn disconnect(
        &mut self,
        client: &Arc<Client>,
        code: ErrorCode,
        detail: &str,
        on_close: OnClose,
    ) -> bool {
        // The last line goes through the outbox like any other chunk. So it cannot interleave with a write that another thread
        // has under way, and it is sent by whichever thread holds the claim.
        let pushed = client.disconnect(code, detail, on_close, &self.writers.budget);
        if pushed == Pushed::Claimed {
            self.claim(client);
        }
        pushed != Pushed::Closed
    }

    /// Closes a client's connection after its queued bytes, without a last line: the client has left by itself.
    pub(crate) fn finish(&mut self, client: &Arc<Client>) {
        if client.outbox.finish(None, OnClose::Flush, &self.writers.budget) == Pushed::Claimed {
            self.claim(client);
        }
    }

    /// Keeps a claim for the next delivery. Runs under the registry's lock, so it only copies references.
    fn claim(&mut self, client: &Arc<Client>) {
        let (writers, client) = (self.writers.clone(), client.clone());
        self.held.push(Claim::new(writers, client));
    }

    /// Writes everything that this thread owes, or hands it to other threads. Must be called with no lock held: it makes
    /// system calls and may spawn threads.
    pub(crate) fn deliver(&mut self) {
        let deferred = std::mem::take(&mut self.deferred);
        if self.held.is_empty() {
            // Other threads write all of it. If that takes them only a moment, let them: meanwhile this thread's own
            // client may send more. A thread that has only yielded reads that at once, while one that went to sleep in
            // its read must be woken first.
            if deferred > 0 && deferred <= YIELD_BELOW {
                thread::yield_now();
            }
            return;
        }
        for _ in 0..MAX_ROUNDS {
            self.write_round();
            if self.held.is_empty() {
                return;
            }
        }
        // Other threads queue faster than this one writes. Its own client must not wait for that to end.
        self.hand_off(|_| {});
    }

    /// Moves all claims to a new `flusher` thread, which writes until the outboxes are empty and then runs `next`.
    ///
    /// Returns `false` if no thread could be spawned. Then `next` was dropped, but everything is written all the same: by
    /// the calling thread.
    pub(crate) fn hand_off(&mut self, next: impl FnOnce(&mut PendingWrites) + Send + 'static) -> bool {
        let mut successor = PendingWrites::new(&self.writers);
        successor.held.append(&mut self.held);
        let work = move || {
            successor.deliver_all();
            next(&mut successor);
        };
        // If the spawn fails, the closure is dropped in this thread, and with it `successor`, whose `drop` writes.
        let spawned = self.writers.threads.spawn("flusher".into(), ThreadRole::All, work);
        if let Err(error) = &spawned {
            let what = "start a flusher thread";
            self.writers.events.report(EventKind::OutOfResources { what, error: error.to_string() });
        }
        spawned.is_ok()
    }

    /// Writes until no claim is left, however long other threads go on to queue. Only for a thread without a client to
    /// read from: a `flusher`, or a thread that ends.
    fn deliver_all(&mut self) {
        while !self.held.is_empty() {
            self.write_round();
        }
    }

    /// Writes once for each claim, and removes the claims that are over or were passed on.
    ///
    /// One write each, in turn: the recipients of a broadcast get it at about the same time, and one client with a long
    /// queue does not delay the others.
    fn write_round(&mut self) {
        // Lets other threads that are ready to send queue their chunks first: then one write carries them all.
        thread::yield_now();
        let scratch = &mut self.scratch;
        self.held.retain_mut(|claim| {
            activity::set_for(Task::Writing, claim.client.id);
            match claim.step(scratch, IfFull::Leave) {
                // Kept even though everything is written: only a `take` that finds the queue empty may end a claim, and
                // that is what the next round begins with.
                Step::Written => true,
                Step::Over => false,
                Step::Finished => {
                    // Wakes the client's own thread from its read, if it has not left by itself. No lingering close here: it
                    // would block this thread. The socket was not full, so the kernel has little left to send, and a
                    // client that reads at all gets it. `drain.rs` has the other case.
                    claim.client.shut();
                    false
                }
                Step::Full { .. } => {
                    claim.start_drain();
                    false
                }
            }
        });
    }
}

impl Drop for PendingWrites {
    fn drop(&mut self) {
        // After a panic in the middle of a write, how much of it was sent is unknown. That one claim is dropped, which
        // disconnects its client; the other clients get what is queued for them.
        self.scratch.chunks.clear();
        self.held.retain(|claim| !claim.in_flight);
        self.deliver_all();
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
