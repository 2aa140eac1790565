//! The outbox: a client's send queue, and the rule that decides which thread writes it to the socket.
//!
//! IRC servers call this a *send queue* (`SendQ`). The algorithm is a *queue-drain loop*, a relative of *flat combining*:
//! threads enqueue, and the one that finds no drain in progress drains for all. It has nothing to do with the
//! "transactional outbox" of databases, which is a table of messages to be published.
//!
//! # The problem
//!
//! Any thread may send to any client: ann's thread pushes to ben what ann says, while carl's thread does the same. Two
//! threads must never write to one socket at the same time, because their bytes would interleave. And a sender must never
//! block on another client's slow socket, because one stalled reader would then freeze the whole room.
//!
//! # The rule
//!
//! Each client has an outbox: a queue of [`Chunk`]s and a flag, `writing`, behind one mutex.
//!
//! - [`push`](Outbox::push) appends a chunk. If `writing` was false, `push` sets it and returns [`Pushed::Claimed`]: the
//!   calling thread now holds the *claim* (the exclusive right to write to this socket, and the duty to do so) and must drain
//!   the queue. If `writing` was true, `push` returns [`Pushed::Queued`]: the thread that holds the claim will send the
//!   chunk, and the caller goes on at once.
//! - The holder of the claim repeats: [`take`](Outbox::take) chunks under the lock, write them with the lock released. A
//!   `take` that finds the queue empty clears `writing` **in the same critical section**, and the claim ends. Clearing it in
//!   a second one would lose chunks: a chunk pushed in between would find `writing` set, and no thread would send it.
//! - A holder that cannot go on, because the socket is full, gives the unsent rest back with
//!   [`put_back`](Outbox::put_back) and passes the claim to another thread. `writing` stays set all the while, so the claim
//!   moves from thread to thread and is never dropped with chunks in the queue.
//!
//! # States
//!
//! ```text
//!                          push -> Queued                     push, finish -> Closed (nothing is accepted)
//!                          take -> Chunks                     take -> Chunks
//!                          put_back                           put_back
//!                             ┌──┐                               ┌──┐
//!                             │  ▼                               │  ▼
//!  ┌────────┐ push        ┌───┴─────┐ finish -> Queued       ┌───┴─────┐ take       ┌────────┐
//!  │  IDLE  │ -> Claimed  │ WRITING │ the holder goes on     │ CLOSING │ -> Finished│ CLOSED │
//!  │        ├────────────▶│         ├───────────────────────▶│         ├───────────▶│        │
//!  │ queue  │             │ one     │                        │ one     │            │ claim  │
//!  │ empty, │◀────────────┤ thread  │                        │ thread  │            │ over,  │
//!  │ no     │       take  │ holds   │                        │ holds   │            │ close  │
//!  │ claim  │    -> Empty │ the     │                        │ the     │            │ socket │
//!  │        │             │ claim   │                        │ claim   │            │        │
//!  └───┬────┘             └─────────┘                        └─────────┘            └────────┘
//!      │           finish -> Claimed: the caller drains           ▲                     ▲
//!      └──────────────────────────────────────────────────────────┘                     │
//!            WRITING or CLOSING, abandon (the socket failed): the queue is dropped ─────┘
//! ```
//!
//! `writing` is true in exactly two states, WRITING and CLOSING. Every state with chunks in the queue is one of them: as long
//! as there is something to send, exactly one thread is responsible for it.
//!
//! # Boundaries
//!
//! This file is the state machine alone: it knows neither sockets nor threads, so that loom can run it under every
//! interleaving (`outbox/interleavings.rs`). The writing is in `claim.rs`, `delivery.rs` and `drain.rs`. Any thread of the
//! server may call it. Lock order: the outbox's lock comes after the registry's. Under it there is no I/O, no blocking, and
//! no other lock.

use std::collections::VecDeque;
use std::sync::Arc;

use super::budget::{Budget, Reservation};
use crate::sync::{Mutex, lock};

/// Encoded bytes of one or more whole lines. Reference-counted, because a broadcast pushes the same bytes to every outbox:
/// a thousand recipients share one allocation.
pub(crate) type Chunk = Arc<[u8]>;

/// Maximum number of chunks that one [`take`](Outbox::take) returns, which is what one vectored write gets. Far below the
/// system's limit (`IOV_MAX`, 1024 on Linux), and small enough for an array on the stack.
pub(crate) const TAKE_MAX: usize = 64;

/// Maximum capacity, in chunks, that an empty queue keeps for the next burst. A larger one is shrunk, so that one burst does
/// not cost memory for the life of the connection.
const KEPT_CAPACITY: usize = 64;

/// A client's send queue: see the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
}

/// The fields behind the lock. They change together, so one mutex guards all: two locks or an atomic flag would allow a thread
/// to see the queue and the flag at different moments.
#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Chunk>,
    /// Number of bytes of the first chunk in the queue that the socket has already accepted.
    offset: usize,
    /// Bytes that were pushed and not yet reported as written: those in the queue, and those that the holder of the claim
    /// has taken and is writing. Queue limits count both, since both are memory.
    backlog: usize,
    /// Bytes that were reported as written since the connection began.
    written: u64,
    /// Set while a thread holds the claim.
    writing: bool,
    phase: Phase,
    /// The part of the common memory budget that this outbox has reserved. Open only from the first full socket until the
    /// queue is empty again, so a client that keeps up never touches the shared counters.
    reservation: Reservation,
}

/// Stage of an outbox's life. It only advances.
#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Accepts chunks. IDLE and WRITING in the diagram.
    #[default]
    Open,
    /// Accepts nothing more, but still sends what is queued. `Discard` stays until the next [`take`](Outbox::take) that
    /// returns chunks; then it becomes `Flush`.
    Closing(OnClose),
    /// Accepts nothing and sends nothing.
    Closed,
}

/// Result of [`Outbox::push`] and [`Outbox::finish`].
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Pushed {
    /// The chunk is queued and the caller now holds the claim. It must [`take`](Outbox::take) until that returns `Empty` or
    /// `Finished`, or pass the claim to another thread.
    Claimed,
    /// The chunk is queued, and the thread that holds the claim will send it.
    Queued,
    /// The queue limit is reached, and the chunk was not queued. The caller disconnects the client.
    Overflow,
    /// The outbox is closing, and the chunk was not queued.
    Closed,
}

/// Result of [`Outbox::take`].
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Taken {
    /// There are chunks to write.
    Chunks {
        /// Number of bytes of the first chunk that the socket has already accepted, and that must not be sent again.
        offset: usize,
    },
    /// The queue was empty. The claim is over; the next `push` hands out a new one.
    Empty,
    /// The queue was empty and the outbox was closing. The claim is over for good, and the caller closes the connection.
    Finished,
}

/// Treatment of the bytes that are already queued when [`Outbox::finish`] is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnClose {
    /// Sends them before the last line.
    Flush,
    /// Drops them, except for a chunk of which the socket has accepted a part: without its rest, the last line would not
    /// start at the beginning of a line.
    Discard,
}

impl Outbox {
    /// Appends a chunk, unless the queue would exceed the limit of the budget.
    ///
    /// An empty outbox accepts one chunk of any size: a roster larger than the limit would otherwise disconnect every client
    /// that joins. Never blocks beyond the lock; called under the registry's lock for every recipient.
    pub(crate) fn push(&self, chunk: &Chunk, budget: &Budget) -> Pushed {
        let mut state = lock(&self.state);
        if state.phase != Phase::Open {
            return Pushed::Closed;
        }
        // Checked before the chunk is queued: a rejected chunk leaves no trace, and the client gets `TOO_SLOW` instead.
        if state.backlog > 0 && !budget.allows(state.memory() + memory(chunk), &state.reservation) {
            return Pushed::Overflow;
        }
        state.enqueue(chunk.clone());
        state.resize_reservation(budget);
        // In the same critical section as the enqueue. Apart, the writer could find the queue empty and end its claim in
        // between, or two threads could both believe that they are the writer.
        state.claim()
    }

    /// Closes the outbox: no chunk is accepted any more, the queued bytes are sent or dropped as `on_close` says, then `last`
    /// is sent, and then the holder of the claim closes the connection.
    ///
    /// Only the first call has an effect. Later ones return [`Pushed::Closed`], so a client that is kicked twice gets one
    /// last line.
    pub(crate) fn finish(&self, last: Option<Chunk>, on_close: OnClose, budget: &Budget) -> Pushed {
        let mut state = lock(&self.state);
        if state.phase != Phase::Open {
            return Pushed::Closed;
        }
        state.phase = Phase::Closing(on_close);
        state.discard();
        // No check against the limit: the last line is short, and it tells the client why it is disconnected.
        if let Some(last) = last {
            state.enqueue(last);
        }
        state.resize_reservation(budget);
        // Claimed even if the queue is empty: some thread must come to the `take` that returns `Finished`, and close.
        state.claim()
    }

    /// Moves up to [`TAKE_MAX`] queued chunks into `chunks`, which must be empty, and accounts for `written` bytes that were
    /// sent since the last call. Only the holder of the claim may call this.
    ///
    /// Report and take are one call, and so one lock operation for each write instead of two.
    pub(crate) fn take(&self, written: usize, chunks: &mut Vec<Chunk>, budget: &Budget) -> Taken {
        debug_assert!(chunks.is_empty());
        let mut state = lock(&self.state);
        debug_assert!(state.writing, "only the holder of the claim takes");
        state.report(written);
        if state.queue.is_empty() {
            // The claim ends here, under the lock that found the queue empty. The next push will see `writing` false.
            state.writing = false;
            // The client has caught up, so it no longer counts among the slow readers.
            state.reservation.release(budget);
            if state.queue.capacity() > KEPT_CAPACITY {
                state.queue.shrink_to(KEPT_CAPACITY);
            }
            return if state.phase == Phase::Open {
                Taken::Empty
            } else {
                state.phase = Phase::Closed;
                Taken::Finished
            };
        }
        if state.phase == Phase::Closing(OnClose::Discard) {
            // The queue now holds only what must be sent: perhaps a chunk that is partly out, and the last line. If the
            // socket is full again, `put_back` must not discard that.
            state.phase = Phase::Closing(OnClose::Flush);
        }
        state.resize_reservation(budget);
        // Usually there is one chunk, for which the set-up and clean-up of `VecDeque::drain` cost more than a pop.
        chunks.extend(std::iter::from_fn(|| state.queue.pop_front()).take(TAKE_MAX));
        // The offset belongs to the first chunk, so it leaves the queue together with it.
        Taken::Chunks { offset: std::mem::take(&mut state.offset) }
    }

    /// Returns unsent chunks to the front of the queue: `chunks` without the first `offset` bytes. Accounts for the `written`
    /// bytes that the socket did accept. Only the holder of the claim may call this, and it keeps the claim.
    ///
    /// From now until the queue is empty, the queued bytes count against the budget that all slow readers share.
    pub(crate) fn put_back(&self, written: usize, chunks: &mut Vec<Chunk>, offset: usize, budget: &Budget) {
        let mut state = lock(&self.state);
        debug_assert!(state.writing, "only the holder of the claim puts back");
        state.report(written);
        // `finish` with `Discard` may have come while this thread was writing. It dropped what was queued then, and queued the
        // last line, which must survive the discarding of the chunks that come back now.
        let last = if state.phase == Phase::Closing(OnClose::Discard) { state.queue.pop_back() } else { None };
        for chunk in chunks.drain(..).rev() {
            state.queue.push_front(chunk);
        }
        state.offset = offset;
        state.discard();
        state.queue.extend(last);
        state.reservation.open(budget);
        state.resize_reservation(budget);
    }

    /// Closes the outbox and drops everything in it. For the holder of the claim when the socket has failed, or when it
    /// stops waiting for a client that does not read. No byte is sent after that.
    pub(crate) fn abandon(&self, budget: &Budget) {
        let mut state = lock(&self.state);
        state.phase = Phase::Closed;
        state.writing = false;
        // A new queue rather than `clear`, which would keep the memory of what may have been a long one.
        state.queue = VecDeque::new();
        state.backlog = 0;
        state.reservation.release(budget);
    }

    /// Returns the number of bytes that were pushed and not written, including those that a thread is trying to write.
    pub(crate) fn backlog(&self) -> usize {
        lock(&self.state).backlog
    }

    /// Returns the number of bytes written since the connection began.
    pub(crate) fn written(&self) -> u64 {
        lock(&self.state).written
    }

    /// Returns whether the outbox is closing or closed.
    pub(crate) fn is_closing(&self) -> bool {
        lock(&self.state).phase != Phase::Open
    }
}

impl State {
    fn enqueue(&mut self, chunk: Chunk) {
        self.backlog += chunk.len();
        self.queue.push_back(chunk);
    }

    /// Returns the memory that this outbox takes: its bytes, and a slot in the queue for each chunk. Without the slots, a
    /// client could make the server hold many times the limit with a queue of tiny lines.
    fn memory(&self) -> usize {
        self.backlog + self.queue.len() * size_of::<Chunk>()
    }

    /// Adjusts the reservation after a change of the queue. Does nothing while the reservation is not open.
    fn resize_reservation(&mut self, budget: &Budget) {
        let memory = self.memory();
        self.reservation.resize(memory, budget);
    }

    /// Sets `writing`. The caller gets the claim if it was not set before.
    fn claim(&mut self) -> Pushed {
        if std::mem::replace(&mut self.writing, true) { Pushed::Queued } else { Pushed::Claimed }
    }

    fn report(&mut self, written: usize) {
        // Saturating as a precaution: an accounting error must not become a panic or a huge backlog.
        self.backlog = self.backlog.saturating_sub(written);
        self.written += written as u64;
    }

    /// Drops the queued chunks if the outbox is closing with [`OnClose::Discard`]. A chunk that is partly sent stays: the next
    /// line must start where a line ends.
    fn discard(&mut self) {
        if self.phase != Phase::Closing(OnClose::Discard) {
            return;
        }
        let keep = usize::from(self.offset > 0);
        let dropped: usize = self.queue.drain(keep..).map(|chunk| chunk.len()).sum();
        self.backlog -= dropped;
    }
}

/// Returns what a chunk adds to [`State::memory`].
fn memory(chunk: &Chunk) -> usize {
    chunk.len() + size_of::<Chunk>()
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;

#[cfg(test)]
#[cfg(loom)]
mod interleavings;
