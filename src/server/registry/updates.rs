//! Pending updates: join and leave announcements, held back for a moment and sent to the other clients in groups.
//!
//! To announce one join to a thousand clients takes a thousand writes. When a class arrives, everybody joins within seconds, and
//! one write for each pair of clients would be a million. So updates are combined, in the same way in which an outbox combines
//! chunks, but once for the whole room: at any time at most one thread, the *flusher*, sends updates. A thread that lets a
//! client join or leave appends a line here, under the registry's lock, and then finds one of two situations:
//!
//! - No thread is the flusher. Then it becomes the flusher, and sends updates until there are none.
//! - Another thread is. Then that thread will send this line too, together with all that were added meanwhile, in one write
//!   for each client; and this thread goes on at once.
//!
//! Two rules keep the order. Each line has the stamp of the moment at which it was added. And **no line overtakes an update**:
//! before any other line is queued for any client, the pending updates are queued (`Registry::room`), by whichever thread
//! that is. A client that has joined since the first pending update gets only those after its own join, since the roster that
//! it got contains the earlier ones.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use super::{Registry, Room, lock};
use crate::protocol::{ServerLine, Stamp};
use crate::server::delivery::PendingWrites;
use crate::server::delivery::batch::Batch;
use crate::server::observe::activity::{self, Task};

/// Maximum number of pending lines. The thread that adds one more queues them first. It bounds the memory, and the size of one
/// chunk.
const PENDING_MAX: u64 = 256;

/// Pause of a `flusher` thread between two flushes. Each flush is a write to every client, and no user notices an
/// announcement that is this much later.
const FLUSH_INTERVAL: Duration = Duration::from_millis(100);

/// The pending updates: see the [module](self). A field of the room, so guarded by the registry's lock.
#[derive(Debug, Default)]
pub(super) struct PendingUpdates {
    /// The lines, each with its stamp. The stamps rise.
    lines: Batch,
    /// Stamp of the first line. A client that joined before it gets all lines.
    first: Stamp,
    /// Alive while a thread is the flusher. `Weak`, and not a flag, so that it cannot stay set when that thread panics: the
    /// one strong reference is in its [`UpdateFlusher`] and dies with it.
    flusher: Weak<()>,
}

impl PendingUpdates {
    /// Returns whether all updates have been queued for the clients.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// The duty to send updates until there are none. At most one exists for each registry. A thread that panics drops it like
/// any other value, and the next thread that adds an update becomes the flusher.
#[derive(Debug)]
pub(super) struct UpdateFlusher {
    _alive: Arc<()>,
}

impl Registry {
    /// Delivers what `writes` holds, and sends the pending updates unless another thread is the flusher. Must be called
    /// after each join and leave, with no lock held.
    pub(crate) fn flush_updates(&self, writes: &mut PendingWrites) {
        loop {
            // The temporary guard is dropped at the end of this statement, so the lock is released before the delivery.
            let flusher = lock(&self.room).begin_flush(writes);
            // Also if another thread is the flusher: this thread may hold claims from before.
            writes.deliver();
            let Some(flusher) = flusher else { return };
            // More updates may have come during the delivery, as they do when many clients join. To send them all could take
            // this thread arbitrarily long, and its own client waits to be read. So it sends one group, and hands the
            // duty to a thread of its own if there is another.
            let Some(flusher) = lock(&self.room).continue_flush(flusher, writes) else { return };
            let room = self.room.clone();
            let handed_off = writes.hand_off(move |writes| {
                let mut flushing = Some(flusher);
                while let Some(flusher) = flushing {
                    // The pause lets updates collect: it bounds the rate to ten writes a second for each client, however
                    // many clients come and go.
                    activity::set(Task::Coalescing);
                    thread::sleep(FLUSH_INTERVAL);
                    flushing = lock(&room).continue_flush(flusher, writes);
                    writes.deliver();
                }
            });
            if handed_off {
                return;
            }
            // No thread could be spawned. The duty was dropped with the closure, so this thread takes it up again.
        }
    }
}

impl Room {
    /// Appends an update with this stamp, which must be later than those of all pending ones.
    pub(super) fn add_update(&mut self, line: &ServerLine<'_>, stamp: Stamp, writes: &mut PendingWrites) {
        if self.updates.lines.count() == PENDING_MAX {
            self.push_updates(writes);
        }
        if self.updates.is_empty() {
            self.updates.first = stamp;
        }
        self.updates.lines.add_past(line, stamp);
    }

    /// Queues the pending updates for all clients that have not got them with their roster. Writes nothing: that is for
    /// `writes`, after the lock has been released.
    pub(super) fn push_updates(&mut self, writes: &mut PendingWrites) {
        let PendingUpdates { lines, first, .. } = &mut self.updates;
        if lines.is_empty() {
            return;
        }
        for occupant in self.occupants.values() {
            let stamped = occupant.client.capabilities.stamp;
            if occupant.since < *first {
                // The usual case: a client from before. All of these share one chunk.
                writes.push(&occupant.client, lines.chunk(stamped));
            } else {
                // The client has joined since. Its own HELLO has the stamp `since` too, and `after` leaves it out.
                let mut rest = lines.after(occupant.since);
                if !rest.is_empty() {
                    writes.push(&occupant.client, rest.chunk(stamped));
                }
            }
        }
        lines.clear();
    }

    /// Makes the calling thread the flusher, and queues the pending updates. Returns `None` if another thread is the
    /// flusher.
    pub(super) fn begin_flush(&mut self, writes: &mut PendingWrites) -> Option<UpdateFlusher> {
        if self.updates.flusher.strong_count() > 0 {
            return None;
        }
        let alive = Arc::new(());
        self.updates.flusher = Arc::downgrade(&alive);
        self.push_updates(writes);
        Some(UpdateFlusher { _alive: alive })
    }

    /// Queues the updates that were added since the last flush. Returns `None` if there are none: the duty is over.
    ///
    /// The duty ends inside the critical section that found nothing to send. A thread that adds an update needs the same lock,
    /// so it comes either before, and its update is sent, or after, and finds no flusher. Ended later, the duty would leave a
    /// gap in which an update is added and no thread sends it (`interleavings.rs` shows it).
    pub(super) fn continue_flush(
        &mut self,
        flusher: UpdateFlusher,
        writes: &mut PendingWrites,
    ) -> Option<UpdateFlusher> {
        if self.updates.is_empty() {
            drop(flusher);
            return None;
        }
        self.push_updates(writes);
        Some(flusher)
    }
}
