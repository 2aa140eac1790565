//! The drain thread: it waits, in the place of all who have something to say to one client, for that client to read.

use std::net::Shutdown;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::LAST_LINE;
use super::claim::{Claim, Step, WriteScratch};
use crate::protocol::ErrorCode;
use crate::server::observe::activity::{self, Task};
use crate::server::observe::event::DisconnectReason;
use crate::transport::IfFull;

/// How long a drain thread waits for a client that is being ended and takes nothing. Longer than [`LAST_LINE`], since a
/// socket shows that its peer reads slowly only when a large part of its buffer has become free.
const CLOSING_PATIENCE: Duration = Duration::from_secs(3);

/// How long that may go on in all, for a client that takes it byte by byte.
const LAST_LINES: Duration = Duration::from_secs(10);

impl Claim {
    /// The life of a drain thread: writes until the outbox is empty, or the client has taken nothing for too long.
    pub(super) fn drain(mut self) {
        activity::set_for(Task::Draining, self.client.id);
        let (client, patience) = (self.client.clone(), self.writers.patience);
        let mut tray = WriteScratch::default();
        // That it is full is why this thread is here.
        let mut stalled = Some(Instant::now());
        client.set_stalled(stalled);
        let mut closing: Option<Instant> = None;
        loop {
            if client.outbox.is_closing() && closing.get_or_insert_with(Instant::now).elapsed() >= LAST_LINES {
                // It has a reason already, which stays.
                self.abort(DisconnectReason::Ended(ErrorCode::TooSlow, "you read your last lines too slowly".into()));
                break;
            }
            match self.step(&mut tray, IfFull::Wait) {
                Step::Over => break,
                Step::Finished => {
                    // Much of what was written may still wait in the kernel for the reader. It would be lost with a
                    // reset, which is what input gets that comes after the reading half is shut (RFC 1122, section
                    // 4.2.2.13). So that half stays open for a while, and the client's thread reads its input away.
                    activity::set_for(Task::LettingRead, self.client.id);
                    let _ = client.transport.shutdown(Shutdown::Write);
                    thread::sleep(LAST_LINE);
                    self.client.shut();
                    break;
                }
                Step::Written => {
                    if stalled.take().is_some() {
                        self.client.set_stalled(None);
                    }
                }
                Step::Full { .. } if cfg!(windows) => {
                    let detail = "a write to your connection timed out";
                    self.abort(DisconnectReason::Ended(ErrorCode::TooSlow, detail.into()));
                    break;
                }
                Step::Full { moved } => {
                    let since = stalled.filter(|_| !moved).unwrap_or_else(Instant::now);
                    stalled = Some(since);
                    self.client.set_stalled(stalled);
                    let limit = if closing.is_some() { CLOSING_PATIENCE.min(patience) } else { patience };
                    if since.elapsed() >= limit || self.writers.hurry.load(Ordering::Relaxed) {
                        let detail = format!("you read nothing for {} s", since.elapsed().as_secs());
                        self.abort(DisconnectReason::Ended(ErrorCode::TooSlow, detail));
                        break;
                    }
                }
            }
        }
        self.client.set_stalled(None);
    }
}
