//! The threads of a server: whoever spawns, joins.
//!
//! Threads come and go with the clients. A thread that has ended keeps its stack until somebody joins it, so the crew
//! joins the ended ones now and then, when it spawns another; and all of them at the stop. Called by the accept
//! thread, by client threads (which spawn drain threads), and by whoever stops the server.

use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use crate::sync::{Condvar, Mutex, lock};

/// Bytes of address space for a thread's stack. The depth of our calls is small and known; what is never touched
/// takes no memory.
const STACK: usize = 256 * 1024;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Crew {
    state: Mutex<State>,
    all_ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Threads that have not ended.
    live: usize,
    /// Their handles, and those of ended threads that nobody has joined yet.
    handles: Vec<JoinHandle<()>>,
}

/// Counts a thread as ended when it does, however it does.
struct Live(Arc<Crew>);

impl Drop for Live {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.live -= 1;
        if state.live == 0 {
            self.0.all_ended.notify_all();
        }
    }
}

impl Crew {
    /// Starts a thread.
    ///
    /// # Errors
    /// The system has no room for another thread; `work` was dropped.
    pub(super) fn spawn(self: &Arc<Crew>, name: String, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut ended = Vec::new();
        {
            let mut state = lock(&self.state);
            state.live += 1;
            // Looking through all handles costs as many steps as there were spawns since the last time: one each.
            if state.handles.len() > 2 * state.live + 16 {
                let (done, running) = state.handles.drain(..).partition(JoinHandle::is_finished);
                state.handles = running;
                ended = done;
            }
        }
        let live = Live(self.clone());
        for handle in ended {
            // It has ended, so this does not wait; a panic in it was told by its own guard.
            let _ = handle.join();
        }
        let handle = Builder::new().name(name).stack_size(STACK).spawn(move || {
            let _live = live;
            work();
        })?;
        lock(&self.state).handles.push(handle);
        Ok(())
    }

    /// Waits until every thread has ended, or the time is over. `true`: all have.
    pub(super) fn wait(&self, limit: Duration) -> bool {
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
    pub(super) fn join(&self) {
        loop {
            let handles = std::mem::take(&mut lock(&self.state).handles);
            if handles.is_empty() {
                return;
            }
            for handle in handles {
                let _ = handle.join();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn ended_threads_are_joined_as_others_are_spawned() {
        let crew = Arc::new(Crew::default());
        for _ in 0..200 {
            let (done, wait) = mpsc::channel::<()>();
            crew.spawn("short".into(), move || drop(done)).unwrap();
            assert!(wait.recv().is_err());
        }
        assert!(lock(&crew.state).handles.len() < 100);
        assert!(crew.wait(Duration::from_secs(10)));
        crew.join();
    }

    #[test]
    fn waiting_has_a_limit_and_a_panic_counts_as_an_end() {
        let crew = Arc::new(Crew::default());
        let (go, wait) = mpsc::channel::<()>();
        crew.spawn("panics when told".into(), move || {
            let _ = wait.recv();
            panic!("on purpose");
        })
        .unwrap();
        assert!(!crew.wait(Duration::from_millis(10)));
        drop(go);
        assert!(crew.wait(Duration::from_secs(10)));
        crew.join();
    }
}
