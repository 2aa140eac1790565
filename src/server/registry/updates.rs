//! The news: who came and who left, on its way to all the others.
//!
//! To tell a thousand people that somebody came is a thousand writes, and when a class arrives, everybody comes at once.
//! So the news works as an outbox does, for the whole room. Whoever comes or goes leaves a line here, under the registry's
//! lock, and finds one of two things: nobody is telling, and then this thread tells, until there is no more news; or
//! somebody is, and then that thread will tell this too, with all that has come up in the meantime, in one go.
//!
//! The line has the stamp of the moment when it happened, and **nothing overtakes the news**: whatever else is pushed to
//! anybody, the news goes first (`Registry::room`). Who has come since gets only the part behind the own HELLO; the
//! rest was in the list that came before that.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use super::{Registry, Room, lock};
use crate::protocol::{ServerLine, Stamp};
use crate::server::delivery::PendingWrites;
use crate::server::delivery::batch::Batch;
use crate::server::observe::activity::{self, Task};

/// Lines that may wait. Then they are told by whoever has one more.
const WAITING_MAX: u64 = 256;

/// When people go on to come, news is told to everybody this much later than the last: nobody notices that, and each telling
/// is a write for everybody.
const REST: Duration = Duration::from_millis(100);

/// See the [module](self). It lives in the room, under the registry's lock.
#[derive(Debug, Default)]
pub(super) struct PendingUpdates {
    lines: Batch,
    /// The stamp of the first line; those of the others rise.
    first: Stamp,
    teller: Weak<()>,
}

impl PendingUpdates {
    /// Is everything told?
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// The duty to tell the news. A thread that panics lets go of it like any other.
#[derive(Debug)]
pub(super) struct UpdateFlusher {
    _alive: Arc<()>,
}

impl Registry {
    /// Delivers what is claimed, and tells the news, unless somebody is doing that: then that thread goes on with it.
    /// To be called by whoever has come or gone.
    pub(crate) fn flush_updates(&self, claims: &mut PendingWrites) {
        loop {
            let teller = lock(&self.room).begin_to_tell(claims);
            claims.deliver();
            let Some(teller) = teller else { return };
            // While that was written more news may have come, as it does when many come at once. They are not to keep this
            // thread from its own client.
            let Some(teller) = lock(&self.room).go_on_telling(teller, claims) else { return };
            let room = self.room.clone();
            let relieved = claims.relieve(move |claims| {
                let mut telling = Some(teller);
                while let Some(teller) = telling {
                    activity::set(Task::Listening);
                    thread::sleep(REST);
                    telling = lock(&room).go_on_telling(teller, claims);
                    claims.deliver();
                }
            });
            if relieved {
                return;
            }
        }
    }
}

impl Room {
    /// Leaves a line, which happened at this stamp: after all others that wait.
    pub(super) fn add_news(&mut self, line: &ServerLine<'_>, stamp: Stamp, claims: &mut PendingWrites) {
        if self.news.lines.count() == WAITING_MAX {
            self.flush_updates(claims);
        }
        if self.news.is_empty() {
            self.news.first = stamp;
        }
        self.news.lines.add_past(line, stamp);
    }

    /// Pushes the news to all whom it is new to.
    pub(super) fn flush_updates(&mut self, claims: &mut PendingWrites) {
        let PendingUpdates { lines, first, .. } = &mut self.news;
        if lines.is_empty() {
            return;
        }
        for here in self.people.values() {
            let stamped = here.client.capabilities.stamp;
            if here.since < *first {
                claims.push(&here.client, lines.piece(stamped));
            } else {
                let mut rest = lines.after(here.since);
                if !rest.is_empty() {
                    claims.push(&here.client, rest.piece(stamped));
                }
            }
        }
        lines.clear();
    }

    /// Takes up the duty to tell, and tells what there is. `None`: somebody else has it.
    pub(super) fn begin_to_tell(&mut self, claims: &mut PendingWrites) -> Option<UpdateFlusher> {
        if self.news.teller.strong_count() > 0 {
            return None;
        }
        let teller = Arc::new(());
        self.news.teller = Arc::downgrade(&teller);
        self.flush_updates(claims);
        Some(UpdateFlusher { _alive: teller })
    }

    /// Tells what has come since. `None`: nothing has, and the duty is over. It ends under the lock that the next line of
    /// news needs, so whoever leaves that one finds that nobody is telling.
    pub(super) fn go_on_telling(&mut self, teller: UpdateFlusher, claims: &mut PendingWrites) -> Option<UpdateFlusher> {
        if self.news.is_empty() {
            drop(teller);
            return None;
        }
        self.flush_updates(claims);
        Some(teller)
    }
}
