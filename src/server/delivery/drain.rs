//! The `drain` thread: waits for one client whose socket is full, so that no sender has to wait for it.
//!
//! It exists only from the moment the socket is full until the client has caught up or is disconnected. It holds the client's
//! [claim](super::claim) for that long. No other thread blocks in a write to this client: meanwhile every
//! sender just queues its chunks. One thread per *stalled* client is affordable, since few clients stall, and a stalled
//! client costs no other thread anything.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::claim::{Claim, Step, WriteScratch};
use super::linger;
use crate::protocol::ErrorCode;
use crate::server::observe::activity::{self, Task};
use crate::server::observe::event::DisconnectReason;
use crate::transport::IfFull;

/// Stall timeout for a client that is being disconnected. Longer than [`linger::LINGER`], since a socket becomes writable again
/// only when a large part of its buffer is free: a peer that reads slowly shows it late.
const CLOSING_STALL_TIMEOUT: Duration = Duration::from_secs(3);

/// Maximum time for all the last bytes of a client that is being disconnected. It bounds a client that accepts them one by
/// one, and never stalls for long enough.
const CLOSING_TIMEOUT: Duration = Duration::from_secs(10);

impl Claim {
    /// Runs a drain thread: writes until the outbox is empty or the client has stalled for too long.
    pub(super) fn drain(mut self) {
        activity::set_for(Task::Draining, self.client.id);
        let (client, stall_timeout) = (self.client.clone(), self.writers.stall_timeout);
        let mut scratch = WriteScratch::default();
        // The stall begins now: this thread was spawned because the socket is full.
        let mut stalled = Some(Instant::now());
        client.set_stalled(stalled);
        // When this thread first saw that the client is being disconnected.
        let mut closing: Option<Instant> = None;
        loop {
            // Looked at in every round: another thread may disconnect the client at any time, by queueing a last line.
            if client.outbox.is_closing() && closing.get_or_insert_with(Instant::now).elapsed() >= CLOSING_TIMEOUT {
                // The client has a reason already, and the first one counts. This one is set only if it has none.
                self.abort(DisconnectReason::Ended(ErrorCode::TooSlow, "you read your last lines too slowly".into()));
                break;
            }
            // Blocks for `WRITE_LIMIT` at most, so the timeouts and flags below are looked at several times a second.
            match self.step(&mut scratch, IfFull::Wait) {
                Step::Over => break,
                Step::Finished => {
                    // Much of what was written may still wait in the kernel for the client to read it. A reset would
                    // destroy it, and a reset is the answer to input that arrives after the reading half is shut (RFC
                    // 1122, section 4.2.2.13). So only the writing half is shut, and the reading half stays open for a
                    // while, in which the client's own thread reads and discards its input: a lingering close.
                    activity::set_for(Task::Lingering, self.client.id);
                    linger::wait_for_reader(&client.transport);
                    self.client.shut();
                    break;
                }
                Step::Written => {
                    // Cleared once, not at every write: it takes a lock that snapshots use too.
                    if stalled.take().is_some() {
                        self.client.set_stalled(None);
                    }
                }
                Step::Full { moved } => {
                    // A socket that accepted something is slow, not stalled: its time starts anew.
                    let since = stalled.filter(|_| !moved).unwrap_or_else(Instant::now);
                    stalled = Some(since);
                    self.client.set_stalled(stalled);
                    let limit =
                        if closing.is_some() { CLOSING_STALL_TIMEOUT.min(stall_timeout) } else { stall_timeout };
                    if since.elapsed() >= limit || self.writers.force_close.load(Ordering::Relaxed) {
                        let detail = format!("you read nothing for {} s", since.elapsed().as_secs());
                        self.abort(DisconnectReason::Ended(ErrorCode::TooSlow, detail));
                        break;
                    }
                }
            }
        }
        // The thread ends here. The claim is over: its outbox was found empty, or it was aborted.
        self.client.set_stalled(None);
    }
}
