//! The outbox: what waits to be written to one client, and who writes it.
//!
//! With one thread per client, who writes to bob's socket? Whoever spoke. But two threads must not write at once, or
//! their bytes mix; and nobody may wait for the other, or one stalled reader freezes the room. So every client has an
//! outbox: a queue, and a flag `writing`, under one mutex.
//!
//! - To send is to [`push`](Outbox::push). Whoever finds the flag down raises it: that thread now holds the *claim*, it
//!   is this client's writer. Whoever finds it up has left its bytes, and goes on.
//! - The writer [`take`](Outbox::take)s the queue and writes it, outside the lock, until a take finds the queue empty:
//!   that lowers the flag, *under the same lock*, so no piece can slip in between unseen.
//! - A writer that cannot go on (the socket is full) [`put`](Outbox::put_back)s the rest back and passes the claim to
//!   another thread. The flag stays up: the claim is handed over, never dropped.
//!
//! This file is the state machine alone: no socket, no thread. The writing is in `delivery`. Any thread of the
//! server may run it; its lock comes after the registry's, and nothing is ever waited for under it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::budget::{Budget, Reservation};
use crate::sync::{Mutex, lock};

/// Bytes of one or more whole lines, shared by all the outboxes that they were pushed to.
pub(crate) type Chunk = Arc<[u8]>;

/// Pieces that one [`take`](Outbox::take) hands out at most: what one vectored write is given.
pub(crate) const TAKE_MAX: usize = 64;

/// An empty queue keeps its memory for the next burst, up to this many pieces.
const KEPT_CAPACITY: usize = 64;

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Chunk>,
    /// Bytes of the first piece in the queue that the socket has taken already.
    begun: usize,
    /// Bytes that were pushed and not yet reported as written, wherever they are now.
    backlog: usize,
    /// Bytes that were reported as written.
    written: u64,
    /// Somebody holds the claim.
    writing: bool,
    phase: Phase,
    /// What this outbox has drawn from the budget that all share, while its socket is full.
    share: Reservation,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// Nothing more is accepted; what is queued is still written, or dropped.
    Closing(OnClose),
    /// Nothing more is written.
    Closed,
}

/// What became of a piece that was pushed.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Pushed {
    /// It waits, and the caller now holds the claim: it must take until it is told to stop, or hand the claim over.
    Claimed,
    /// It waits, and the thread that holds the claim will write it.
    Left,
    /// Too much waits already. The piece was not kept.
    Overflow,
    /// The outbox is closing. The piece was not kept.
    Closed,
}

/// What a writer is to do.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Taken {
    /// Write the pieces, without the first `begun` bytes of the first.
    Pieces {
        /// Bytes of the first piece that the socket has already.
        begun: usize,
    },
    /// Nothing is left: the claim is over.
    Empty,
    /// Nothing is left and nothing will come: the claim is over, and the connection is to be closed.
    Finished,
}

/// What [`Outbox::finish`] does with what waits already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnClose {
    /// It is written first.
    Flush,
    /// It is dropped, but for a piece that the socket has taken a part of.
    Discard,
}

impl Outbox {
    /// Leaves a piece, unless that would be more than the budget has for this outbox.
    /// One piece is accepted by an empty outbox, however large it is.
    pub(crate) fn push(&self, piece: &Chunk, budget: &Budget) -> Pushed {
        let mut state = lock(&self.state);
        if state.phase != Phase::Open {
            return Pushed::Closed;
        }
        if state.backlog > 0 && !budget.allows(state.memory() + memory(piece), &state.share) {
            return Pushed::Overflow;
        }
        state.enqueue(piece.clone());
        state.draw(budget);
        state.claim()
    }

    /// Accepts nothing more; writes what waits (or drops it), then `last`, then the connection is closed.
    /// The first call counts: later ones are told [`Pushed::Closed`].
    pub(crate) fn finish(&self, last: Option<Chunk>, backlog: OnClose, budget: &Budget) -> Pushed {
        let mut state = lock(&self.state);
        if state.phase != Phase::Open {
            return Pushed::Closed;
        }
        state.phase = Phase::Closing(backlog);
        state.drop_unbegun();
        if let Some(last) = last {
            state.enqueue(last);
        }
        state.draw(budget);
        state.claim()
    }

    /// For the holder of the claim: reports the bytes written since the last call, and moves what waits, at most
    /// [`TAKE_MAX`] pieces, into `pieces`, which must be empty.
    pub(crate) fn take(&self, written: usize, pieces: &mut Vec<Chunk>, budget: &Budget) -> Taken {
        debug_assert!(pieces.is_empty());
        let mut state = lock(&self.state);
        debug_assert!(state.writing, "only the holder of the claim takes");
        state.report(written);
        if state.queue.is_empty() {
            state.writing = false;
            state.share.give_back(budget);
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
            // What was to be dropped is gone. What is left, the last line too, stays even if the socket does not take it now.
            state.phase = Phase::Closing(OnClose::Flush);
        }
        state.draw(budget);
        // Mostly there is one, for which `drain` is a long way round.
        pieces.extend(std::iter::from_fn(|| state.queue.pop_front()).take(TAKE_MAX));
        Taken::Pieces { begun: std::mem::take(&mut state.begun) }
    }

    /// For the holder of the claim: reports the bytes written, and puts back what the socket did not take: `pieces`
    /// without the first `begun` bytes. The claim goes on. From now until the queue is empty, what waits here is counted in
    /// the budget that all share.
    pub(crate) fn put_back(&self, written: usize, pieces: &mut Vec<Chunk>, begun: usize, budget: &Budget) {
        let mut state = lock(&self.state);
        debug_assert!(state.writing, "only the holder of the claim puts back");
        state.report(written);
        let last = if state.phase == Phase::Closing(OnClose::Discard) { state.queue.pop_back() } else { None };
        for piece in pieces.drain(..).rev() {
            state.queue.push_front(piece);
        }
        state.begun = begun;
        state.drop_unbegun();
        state.queue.extend(last);
        state.share.open(budget);
        state.draw(budget);
    }

    /// For a writer whose socket is broken, and for one that ends before its time: nothing more will be written.
    pub(crate) fn abandon(&self, budget: &Budget) {
        let mut state = lock(&self.state);
        state.phase = Phase::Closed;
        state.writing = false;
        state.queue = VecDeque::new();
        state.backlog = 0;
        state.share.give_back(budget);
    }

    /// Bytes that wait, those that a writer is trying to write among them.
    pub(crate) fn backlog(&self) -> usize {
        lock(&self.state).backlog
    }

    /// Bytes that were written since the beginning.
    pub(crate) fn written(&self) -> u64 {
        lock(&self.state).written
    }

    /// Is only the end still to be written?
    pub(crate) fn is_closing(&self) -> bool {
        lock(&self.state).phase != Phase::Open
    }
}

impl State {
    fn enqueue(&mut self, piece: Chunk) {
        self.backlog += piece.len();
        self.queue.push_back(piece);
    }

    /// What the outbox makes the server keep: the bytes, and a place in the queue for each piece.
    fn memory(&self) -> usize {
        self.backlog + self.queue.len() * size_of::<Chunk>()
    }

    /// Settles with the budget after a change.
    fn draw(&mut self, budget: &Budget) {
        let memory = self.memory();
        self.share.set(memory, budget);
    }

    /// Raises the flag, if it is down.
    fn claim(&mut self) -> Pushed {
        if std::mem::replace(&mut self.writing, true) { Pushed::Left } else { Pushed::Claimed }
    }

    fn report(&mut self, written: usize) {
        self.backlog = self.backlog.saturating_sub(written);
        self.written += written as u64;
    }

    /// Empties the queue if that was asked for, but keeps a piece of which a part is out: the next line must begin where
    /// a line ends.
    fn drop_unbegun(&mut self) {
        if self.phase != Phase::Closing(OnClose::Discard) {
            return;
        }
        let keep = usize::from(self.begun > 0);
        let dropped: usize = self.queue.drain(keep..).map(|piece| piece.len()).sum();
        self.backlog -= dropped;
    }
}

/// What a piece adds to [`State::memory`].
fn memory(piece: &Chunk) -> usize {
    piece.len() + size_of::<Chunk>()
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;

#[cfg(test)]
#[cfg(loom)]
mod interleavings;
