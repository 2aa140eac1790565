//! The threads of a server: whoever spawns, joins.
//!
//! Threads come and go with the clients. A thread that has ended keeps its stack until somebody joins it, so the crew
//! joins the ended ones whenever it spawns another; and all of them at the stop. Called by the accept thread, by client
//! threads (which spawn drain threads), and by whoever stops the server.
//!
//! A thread that ends by a panic is reported, whichever it is: its work is done by nobody from then on, and that must not
//! look like health.

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

/// Bytes of address space for a thread's stack. The depth of our calls is small and known; what is never touched
/// takes no memory.
const STACK: usize = 256 * 1024;

/// The name of the thread that accepts connections.
pub(crate) const ACCEPT: &str = "accept";

/// The name of the thread that stores what is said.
pub(crate) const HISTORY: &str = "history";

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct ThreadTracker {
    state: Mutex<State>,
    all_ended: Condvar,
    events: EventSink,
    /// Makes threads panic.
    #[cfg(test)]
    pub(crate) doom: super::activity::Doom,
}

#[derive(Debug, Default)]
struct State {
    /// Threads that have not ended.
    live: usize,
    /// Threads that nobody has joined yet, by number.
    handles: HashMap<u64, JoinHandle<()>>,
    /// The numbers of those that have ended.
    ended: Vec<u64>,
    /// How many were ever spawned, or enrolled.
    spawned: u64,
    /// What all the threads say they are doing, by number.
    posts: HashMap<u64, Arc<ActivitySlot>>,
}

/// Counts a thread as ended when it does, however it does.
struct Live {
    threads: Arc<ThreadTracker>,
    number: u64,
}

/// A thread that is not the crew's to join, but is to be seen among the others.
pub(crate) struct Registration {
    threads: Arc<ThreadTracker>,
    number: u64,
    post: Arc<ActivitySlot>,
}

impl Registration {
    /// Runs the work of the thread, in the thread itself. A panic in it is reported.
    pub(crate) fn run(self, work: impl FnOnce()) {
        self.threads.run(&self.post, work);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        lock(&self.threads.state).posts.remove(&self.number);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut state = lock(&self.threads.state);
        state.live -= 1;
        state.ended.push(self.number);
        state.posts.remove(&self.number);
        if state.live == 0 {
            self.threads.all_ended.notify_all();
        }
    }
}

impl ThreadTracker {
    /// An empty crew that reports to these.
    pub(crate) fn new(events: EventSink) -> ThreadTracker {
        ThreadTracker { events, ..ThreadTracker::default() }
    }

    /// Runs the work of the calling thread, and reports a panic in it. Nothing of what the work has touched is used by this
    /// thread afterwards; what others share with it is guarded by locks that a panic does not close (`sync.rs`).
    fn run(&self, post: &Arc<ActivitySlot>, work: impl FnOnce()) {
        post.attach();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            self.events.report(EventKind::Panicked { thread: post.name().to_owned(), why: words(&*panic) });
        }
    }

    /// Starts a thread.
    ///
    /// # Errors
    /// The system has no room for another thread; `work` was dropped.
    pub(crate) fn spawn(
        self: &Arc<ThreadTracker>,
        name: String,
        duty: ThreadRole,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let post = ActivitySlot::new(name.clone(), duty);
        #[cfg(test)]
        let post = post.doomed_by(&self.doom);
        let post = Arc::new(post);
        let (number, ended) = {
            let mut state = lock(&self.state);
            state.live += 1;
            (state.enlist(post.clone()), state.take_ended())
        };
        let (threads, live) = (self.clone(), Live { threads: self.clone(), number });
        for handle in ended {
            // It has ended but for its last few instructions; a panic in it was reported.
            let _ = handle.join();
        }
        let handle = Builder::new().name(name).stack_size(STACK).spawn(move || {
            let _live = live;
            threads.run(&post, work);
        });
        let mut state = lock(&self.state);
        match handle {
            Ok(handle) => {
                state.handles.insert(number, handle);
                Ok(())
            }
            Err(error) => {
                // It never began, so there is nothing to join.
                state.ended.retain(|ended| *ended != number);
                Err(error)
            }
        }
    }

    /// Lists a thread that somebody else spawns and joins.
    pub(crate) fn register(self: &Arc<ThreadTracker>, name: String) -> Registration {
        let post = ActivitySlot::new(name, ThreadRole::All);
        #[cfg(test)]
        let post = post.doomed_by(&self.doom);
        let post = Arc::new(post);
        let number = lock(&self.state).enlist(post.clone());
        Registration { threads: self.clone(), number, post }
    }

    /// What all the threads say they are doing.
    pub(crate) fn posts(&self) -> Vec<Arc<ActivitySlot>> {
        lock(&self.state).posts.values().cloned().collect()
    }

    /// Waits until every thread has ended, or the time is over. `true`: all have.
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

    /// Joins every thread. The caller has seen to it that they end.
    pub(crate) fn join(&self) {
        loop {
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
    /// Lists a thread, and gives it its number.
    fn enlist(&mut self, post: Arc<ActivitySlot>) -> u64 {
        self.spawned += 1;
        self.posts.insert(self.spawned, post);
        self.spawned
    }

    /// Takes the handles of the ended threads out. One may have ended before its handle is here: it stays for the next time.
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

/// The message of a panic.
fn words(panic: &(dyn Any + Send)) -> String {
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
        let told: Vec<String> = events.try_iter().map(|event| event.what.to_string()).collect();
        assert_eq!(told, ["the thread panics when told panicked, a defect of the server: on purpose"]);
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
            let mut names: Vec<_> = threads.posts().iter().map(|post| post.name().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names(), ["accept", "waits"]);
        drop((go, registration));
        assert!(threads.wait(Duration::from_secs(10)));
        assert!(names().is_empty(), "{:?}", names());
    }
}
