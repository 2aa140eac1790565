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
use crate::sync::{Condvar, Mutex, lock};

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

/// Guard in a spawned thread: counts it as ended when it ends, by return or by panic.
struct Live {
    threads: Arc<ThreadTracker>,
    number: u64,
}

/// A place in the list for a thread that its own owner spawns and joins, as the server does with the accept thread.
pub(crate) struct Registration {
    threads: Arc<ThreadTracker>,
    number: u64,
    slot: Arc<ActivitySlot>,
}

impl Registration {
    /// Runs the thread's work. Must be called in that thread. A panic in `work` is reported.
    pub(crate) fn run(self, work: impl FnOnce()) {
        self.threads.run(&self.slot, work);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        lock(&self.threads.state).slots.remove(&self.number);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut state = lock(&self.threads.state);
        state.live -= 1;
        state.ended.push(self.number);
        state.slots.remove(&self.number);
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

    /// Runs the work of the calling thread and reports a panic in it.
    ///
    /// `AssertUnwindSafe` holds: this thread uses nothing that `work` has touched afterwards, and data shared with others is
    /// guarded by locks that ignore poisoning (`sync.rs`).
    fn run(&self, slot: &Arc<ActivitySlot>, work: impl FnOnce()) {
        slot.attach();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            self.events.report(EventKind::Panicked { thread: slot.name().to_owned(), why: message(&*panic) });
        }
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
        let slot = ActivitySlot::new(name.clone(), role);
        #[cfg(test)]
        let slot = slot.doomed_by(&self.doom);
        let slot = Arc::new(slot);
        let (number, ended) = {
            let mut state = lock(&self.state);
            state.live += 1;
            (state.add(slot.clone()), state.take_ended())
        };
        let (threads, live) = (self.clone(), Live { threads: self.clone(), number });
        for handle in ended {
            // Does not block for long: the thread has run its `Live` guard and has a few instructions left. The result is
            // of no use, since a panic was reported already.
            let _ = handle.join();
        }
        // `live` belongs to the closure even if the spawn fails: dropping it then undoes the count above.
        let handle = Builder::new().name(name).stack_size(STACK).spawn(move || {
            let _live = live;
            threads.run(&slot, work);
        });
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

    /// Lists a thread that the caller spawns and joins itself.
    pub(crate) fn register(self: &Arc<ThreadTracker>, name: String) -> Registration {
        let slot = ActivitySlot::new(name, ThreadRole::All);
        #[cfg(test)]
        let slot = slot.doomed_by(&self.doom);
        let slot = Arc::new(slot);
        let number = lock(&self.state).add(slot.clone());
        Registration { threads: self.clone(), number, slot }
    }

    /// Returns the activity slots of all threads that run.
    pub(crate) fn slots(&self) -> Vec<Arc<ActivitySlot>> {
        lock(&self.state).slots.values().cloned().collect()
    }

    /// Waits until every spawned thread has ended, for at most `limit`. Returns whether all have.
    pub(crate) fn wait(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut state = lock(&self.state);
        while state.live > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.all_ended.wait_timeout(state, left).unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
        true
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
    /// Adds a thread to the list and returns its number.
    fn add(&mut self, slot: Arc<ActivitySlot>) -> u64 {
        self.spawned += 1;
        self.slots.insert(self.spawned, slot);
        self.spawned
    }

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
        assert_eq!(reported, ["the thread panics when told panicked, a defect of the server: on purpose"]);
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
        let registration = threads.register("accept".into());
        let names = || {
            let mut names: Vec<_> = threads.slots().iter().map(|slot| slot.name().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names(), ["accept", "waits"]);
        drop((go, registration));
        assert!(threads.wait(Duration::from_secs(10)));
        assert!(names().is_empty(), "{:?}", names());
    }
}
