//! The list of a server's threads: every thread is spawned here, and joined here.
//!
//! Threads come and go with the clients. An ended thread keeps its stack until it is joined, so each
//! [`spawn`](ThreadTracker::spawn) joins those that have ended since the last one; [`join`](ThreadTracker::join) joins the
//! rest when the server stops. Callers are the accept thread, client threads (which spawn `drain` and `flusher` threads), and
//! the thread that stops the server.
//!
//! A thread that ends by a panic is reported, whatever its role: its work is left undone from then on, and the server must
//! not look healthy.

use std::any::Any;
use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::activity::{ActivitySlot, ThreadRole};
use super::event::{EventKind, EventSink};
use crate::sync::{Condvar, Mutex, lock, wait_while};

/// Stack size of a thread, in bytes of address space. Our calls are of small and known depth, and pages that are never
/// touched take no memory.
const STACK: usize = 256 * 1024;

/// Keeps and joins threads: see the [module](self).
#[derive(Debug, Default)]
pub(crate) struct ThreadTracker {
    /// Locked for a few map operations at a time, never while a thread is joined or spawned.
    state: Mutex<State>,
    /// Notified when `live` falls to 0.
    all_ended: Condvar,
    events: EventSink,
    /// Makes threads panic.
    #[cfg(test)]
    pub(crate) doom: super::activity::Doom,
}

#[derive(Debug, Default)]
struct State {
    /// Number of spawned threads that have not ended.
    live: usize,
    /// Handles of the threads that have not been joined, by number.
    handles: HashMap<u64, JoinHandle<()>>,
    /// Numbers of the threads that have ended and not been joined.
    ended: Vec<u64>,
    /// Number of threads that were ever spawned or registered, and the last number that was given.
    spawned: u64,
    /// The activity of each thread that runs, by number.
    slots: HashMap<u64, Arc<ActivitySlot>>,
}

/// Guard of a thread: takes it off the list when it ends, by return or by panic.
struct Live {
    threads: Arc<ThreadTracker>,
    slot: Arc<ActivitySlot>,
    number: u64,
    /// Set if the thread is joined by its own owner.
    is_apart: bool,
}

impl Live {
    /// Runs the work of the calling thread, and reports a panic in it.
    ///
    /// `AssertUnwindSafe` holds: this thread uses nothing that `work` has touched afterwards, and data shared with others is
    /// guarded by locks that ignore poisoning (`sync.rs`).
    fn run(self, work: impl FnOnce()) {
        self.slot.attach();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            let (thread, why) = (self.slot.name.clone(), message(&*panic));
            self.threads.events.report(EventKind::Panicked { thread, why });
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut state = lock(&self.threads.state);
        state.slots.remove(&self.number);
        if self.is_apart {
            return;
        }
        state.live -= 1;
        state.ended.push(self.number);
        if state.live == 0 {
            self.threads.all_ended.notify_all();
        }
    }
}

impl ThreadTracker {
    /// Creates a tracker without threads that reports panics to `events`.
    pub(crate) fn new(events: EventSink) -> ThreadTracker {
        ThreadTracker { events, ..ThreadTracker::default() }
    }

    /// Spawns a thread, and joins those that have ended since the last call.
    ///
    /// # Errors
    /// The system cannot start another thread. `work` was dropped, with everything that it had captured.
    pub(crate) fn spawn(
        self: &Arc<ThreadTracker>,
        name: String,
        role: ThreadRole,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let live = self.add(name.clone(), role, false);
        let (number, ended) = (live.number, lock(&self.state).take_ended());
        for handle in ended {
            // Does not block for long: the thread has run its `Live` guard and has a few instructions left. The result is
            // of no use, since a panic was reported already.
            let _ = handle.join();
        }
        // `live` belongs to the closure even if the spawn fails: dropping it then undoes the count above.
        let handle = Builder::new().name(name).stack_size(STACK).spawn(move || live.run(work));
        let mut state = lock(&self.state);
        match handle {
            Ok(handle) => {
                state.handles.insert(number, handle);
                Ok(())
            }
            Err(error) => {
                // The thread never began, so there is nothing to join.
                state.ended.retain(|ended| *ended != number);
                Err(error)
            }
        }
    }

    /// Spawns a thread that the caller joins. It is listed with the others, and neither [waited](ThreadTracker::wait) for
    /// nor joined with them.
    ///
    /// # Errors
    /// As for [`spawn`](ThreadTracker::spawn).
    pub(crate) fn spawn_apart(
        self: &Arc<ThreadTracker>,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<JoinHandle<()>> {
        let live = self.add(name.into(), ThreadRole::All, true);
        Builder::new().name(name.into()).spawn(move || live.run(work))
    }

    /// Adds a thread to the list.
    fn add(self: &Arc<ThreadTracker>, name: String, role: ThreadRole, is_apart: bool) -> Live {
        let slot = ActivitySlot::new(name, role);
        #[cfg(test)]
        let slot = slot.doomed_by(&self.doom);
        let slot = Arc::new(slot);
        let mut state = lock(&self.state);
        state.live += usize::from(!is_apart);
        state.spawned += 1;
        let number = state.spawned;
        state.slots.insert(number, slot.clone());
        Live { threads: self.clone(), slot, number, is_apart }
    }

    /// Returns the activity slots of all threads that run.
    pub(crate) fn slots(&self) -> Vec<Arc<ActivitySlot>> {
        lock(&self.state).slots.values().cloned().collect()
    }

    /// Waits until every spawned thread has ended, for at most `limit`. Returns whether all have.
    pub(crate) fn wait(&self, limit: Duration) -> bool {
        let state = wait_while(&self.all_ended, lock(&self.state), Instant::now() + limit, |state| state.live > 0);
        state.live == 0
    }

    /// Joins every spawned thread. Blocks until they end: the caller has made sure that they do.
    pub(crate) fn join(&self) {
        loop {
            // Joined with the lock released: an ending thread needs it, and may still spawn another, which the next
            // round then joins.
            let handles = std::mem::take(&mut lock(&self.state).handles);
            if handles.is_empty() {
                return;
            }
            for handle in handles.into_values() {
                let _ = handle.join();
            }
        }
    }
}

impl State {
    /// Removes and returns the handles of the ended threads. A thread can end before its handle has been stored: its number
    /// then stays for the next call.
    fn take_ended(&mut self) -> Vec<JoinHandle<()>> {
        let State { handles, ended, .. } = self;
        let mut taken = Vec::new();
        ended.retain(|number| match handles.remove(number) {
            Some(handle) => {
                taken.push(handle);
                false
            }
            None => true,
        });
        taken
    }
}

/// Returns the message of a panic.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn ended_threads_are_joined_as_others_are_spawned() {
        let threads = Arc::new(ThreadTracker::default());
        for _ in 0..200 {
            let (done, wait) = mpsc::channel::<()>();
            threads.spawn("short".into(), ThreadRole::All, move || drop(done)).unwrap();
            assert!(wait.recv().is_err());
        }
        let left = lock(&threads.state).handles.len();
        assert!(left < 10, "{left} ended threads keep their stacks");
        assert!(threads.wait(Duration::from_secs(10)));
        threads.join();
    }

    #[test]
    fn waiting_has_a_limit_and_a_panic_counts_as_an_end_and_is_reported() {
        let (sink, events) = EventSink::watched();
        let threads = Arc::new(ThreadTracker::new(sink));
        let (go, wait) = mpsc::channel::<()>();
        threads
            .spawn("panics when told".into(), ThreadRole::All, move || {
                let _ = wait.recv();
                panic!("on purpose");
            })
            .unwrap();
        assert!(!threads.wait(Duration::from_millis(10)));
        drop(go);
        assert!(threads.wait(Duration::from_secs(10)));
        let reported: Vec<String> = events.try_iter().map(|event| event.kind.to_string()).collect();
        assert_eq!(reported, ["the thread panics when told panicked, a bug in the server: on purpose"]);
        threads.join();
    }

    #[test]
    fn a_thread_is_listed_from_its_beginning_to_its_end() {
        let threads = Arc::new(ThreadTracker::default());
        let (go, wait) = mpsc::channel::<()>();
        threads
            .spawn("waits".into(), ThreadRole::All, move || {
                let _ = wait.recv();
            })
            .unwrap();
        let (stop, stopped) = mpsc::channel::<()>();
        let apart = threads
            .spawn_apart("accept", move || {
                let _ = stopped.recv();
            })
            .unwrap();
        let names = || {
            let mut names: Vec<_> = threads.slots().iter().map(|slot| slot.name.clone()).collect();
            names.sort();
            names
        };
        assert_eq!(names(), ["accept", "waits"]);
        drop(go);
        assert!(threads.wait(Duration::from_secs(10)), "for all but the one that is apart");
        assert_eq!(names(), ["accept"]);
        drop(stop);
        apart.join().unwrap();
        assert!(names().is_empty(), "{:?}", names());
    }
}
