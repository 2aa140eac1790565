//! The current activity of each thread of a server.
//!
//! Every thread has an [`ActivitySlot`]: its name, and one atomic word that holds the current task, the connection it is
//! about, and the time since when. The thread [sets](set) the word as it goes, with one relaxed store: no thread waits for
//! it, and no decision of the server depends on it. A reader (the server's window, a test) loads the words of all slots at any
//! time and disturbs no thread; see `threads.rs`.
//!
//! A thread finds its own slot in a thread-local variable, where the
//! [`ThreadTracker`](super::threads::ThreadTracker) puts it. So any function can record its activity with a single line,
//! and in a thread without a slot (a test's, an embedding program's) the line does nothing.

use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::server::id::ConnectionId;

/// Name of the thread that accepts connections.
pub(crate) const ACCEPT: &str = "accept";

/// Name of the thread that learns the name under which the server is announced.
pub(crate) const ANNOUNCE: &str = "announce";

/// Name of the thread that writes the history to its database.
pub(crate) const HISTORY: &str = "history";

words! {
    /// Current task of a thread. It comes with a number: the id of the connection that it is about, if there is one.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Task {
        /// The thread has just been spawned.
        Starting = "starting",
        /// Blocked in `accept`.
        Accepting = "accepting",
        /// Waits for the name under which the network knows the server.
        Announcing = "announcing the server on this network",
        /// Waits until the system has resources for another connection.
        Pausing = "waiting for room for a connection",
        /// Waits for a connection's HELLO.
        Hello = "waiting for the HELLO of {}",
        /// Sends a connection the reason for which it is rejected.
        Rejecting = "telling {} why it cannot stay",
        /// Blocked in a read from a client.
        Reading = "reading from {}",
        /// Handles the lines that were read from a client.
        Handling = "acting on what {} said",
        /// Waits for the registry's lock.
        Registry = "waiting for the registry",
        /// Writes to a client whose socket is not known to be full.
        Writing = "writing to {}",
        /// Waits for a client whose socket is full, so that no sender has to.
        Draining = "draining {}",
        /// Keeps a connection open after its last line until the client has read it: a lingering close.
        Lingering = "letting {} read its last line",
        /// Removes a client from the registry.
        Leaving = "taking {} out of the room",
        /// Waits for more join and leave announcements, to send them together.
        Coalescing = "waiting for who else comes or leaves",
        /// Waits for messages to store, or for more of them.
        Gathering = "waiting for messages to store",
        /// Commits messages to the database; the number is their count.
        Committing = "committing {}",
        /// Deletes messages.
        Deleting = "deleting messages",
        /// Hands messages to the history writer, and waits if its queue is full.
        Storing = "waiting for messages to be stored",
        /// Queries the history.
        Searching = "looking up what was said before",
    }
    /// Returns the task in words, with `{}` in the place of the client or the items that it is about.
    pub(crate) fn words(self) -> &'static str;
}

/// Purpose of a thread. Threads are listed in the order of their roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ThreadRole {
    /// Serves the whole server.
    All,
    /// Writes to a client whose socket is full.
    Drain(ConnectionId),
    /// Reads from one connection.
    Client(ConnectionId),
}

/// A thread's name, its role, and its current activity.
#[derive(Debug)]
pub(crate) struct ActivitySlot {
    pub(crate) name: String,
    pub(crate) role: ThreadRole,
    began: Instant,
    /// Written by the thread itself, read by any other. Task, time and number share one word, so a reader never sees a mix
    /// of two activities. It guards no other data, so `Relaxed`.
    word: AtomicU64,
    #[cfg(test)]
    doom: Doom,
}

/// For tests: the start of the name of the thread that panics when it next sets its activity.
#[cfg(test)]
pub(crate) type Doom = Arc<std::sync::Mutex<Option<&'static str>>>;

/// A thread's current task, as read from its [`ActivitySlot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Activity {
    pub(crate) task: Task,
    /// The id of a connection, or a count: see [`Task`].
    pub(crate) number: u64,
    /// Time since the task began, in steps of 100 ms; `None` for a task that is too short to be timed.
    pub(crate) lasted: Option<Duration>,
}

thread_local! {
    static OWN: OnceCell<Arc<ActivitySlot>> = const { OnceCell::new() };
}

/// Sets the calling thread's task.
pub(crate) fn set(task: Task) {
    with_own(|slot| slot.set(task, 0));
}

/// Sets the calling thread's task and the connection that it is about.
pub(crate) fn set_for(task: Task, connection: ConnectionId) {
    with_own(|slot| slot.set(task, connection.0));
}

/// Sets the calling thread's task and the number of items that it is about.
#[cfg(feature = "storage")]
pub(crate) fn set_count(task: Task, count: usize) {
    with_own(|slot| slot.set(task, count as u64));
}

/// Runs `work` with the calling thread's task set to `task`, then restores the previous task.
pub(crate) fn during<T>(task: Task, work: impl FnOnce() -> T) -> T {
    let mut before = None;
    with_own(|slot| {
        before = Some(slot.word.load(Ordering::Relaxed));
        slot.set(task, 0);
    });
    let result = work();
    // The whole word goes back, with the time in it, so the outer task still counts from its own start.
    if let Some(before) = before {
        with_own(|slot| slot.word.store(before, Ordering::Relaxed));
    }
    result
}

fn with_own(act: impl FnOnce(&ActivitySlot)) {
    // `try_with` fails while the thread's local variables are being destroyed. There is nothing to record then.
    let _ = OWN.try_with(|own| own.get().map(|slot| act(slot)));
}

/// Layout of the word: 8 bits of task, 24 of time, 32 of number. The time is in tenths of a second since the thread began and
/// wraps around after 19 days.
const NUMBER_BITS: u32 = 32;
const TIME_BITS: u32 = 24;
const TIME_MASK: u64 = (1 << TIME_BITS) - 1;

impl ActivitySlot {
    pub(crate) fn new(name: String, role: ThreadRole) -> ActivitySlot {
        let word = AtomicU64::new((Task::Starting as u64) << (NUMBER_BITS + TIME_BITS));
        ActivitySlot {
            name,
            role,
            began: Instant::now(),
            word,
            #[cfg(test)]
            doom: Doom::default(),
        }
    }

    /// Makes this the calling thread's own slot.
    pub(crate) fn attach(self: &Arc<ActivitySlot>) {
        // `set` fails only if there is a slot already. There is none: a thread gets one slot in its life, from the tracker,
        // before its work begins.
        let _ = OWN.try_with(|own| own.set(self.clone()));
    }

    fn set(&self, task: Task, number: u64) {
        #[cfg(test)]
        self.panic_if_doomed();
        // Brief tasks are set for each batch that a client sends. There even a look at the clock would be felt.
        let at = if task.is_brief() { 0 } else { self.tenths() };
        let number = number & u64::from(u32::MAX);
        let word = ((task as u64) << (NUMBER_BITS + TIME_BITS)) | (at << NUMBER_BITS) | number;
        self.word.store(word, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(crate) fn doomed_by(self, doom: &Doom) -> ActivitySlot {
        ActivitySlot { doom: doom.clone(), ..self }
    }

    #[cfg(test)]
    fn panic_if_doomed(&self) {
        let mut doom = self.doom.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let doomed = doom.take_if(|name| self.name.starts_with(*name)).is_some();
        drop(doom);
        assert!(!doomed, "on purpose");
    }

    /// Reads the activity. Any thread may call it.
    pub(crate) fn activity(&self) -> Activity {
        let word = self.word.load(Ordering::Relaxed);
        let task = usize::try_from(word >> (NUMBER_BITS + TIME_BITS)).ok().and_then(|at| Task::ALL.get(at));
        let task = task.copied().unwrap_or(Task::Starting);
        let since = (word >> NUMBER_BITS) & TIME_MASK;
        // Modulo the range of the field, so the difference is right across a wrap-around too.
        let tenths = self.tenths().wrapping_sub(since) & TIME_MASK;
        let lasted = (!task.is_brief()).then(|| Duration::from_millis(tenths * 100));
        Activity { task, number: word & u64::from(u32::MAX), lasted }
    }

    /// Returns the time since the thread began, in tenths of a second, modulo the range of the field.
    fn tenths(&self) -> u64 {
        let elapsed = self.began.elapsed();
        (elapsed.as_secs() * 10 + u64::from(elapsed.subsec_millis() / 100)) & TIME_MASK
    }
}

impl Task {
    /// Returns whether the task is over in a moment. Writing is one: a write that would block is
    /// [handed to a `drain` thread](crate::server::delivery), which has a task of its own.
    fn is_brief(self) -> bool {
        matches!(self, Task::Starting | Task::Handling | Task::Writing | Task::Leaving)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::thread;

    use super::*;

    fn slot() -> Arc<ActivitySlot> {
        Arc::new(ActivitySlot::new("client #7".into(), ThreadRole::Client(ConnectionId(7))))
    }

    #[test]
    fn every_task_comes_out_of_the_word_as_it_went_in() {
        let slot = slot();
        for (at, task) in Task::ALL.into_iter().enumerate() {
            assert_eq!(task as usize, at, "{task:?}");
            slot.set(task, 4_000_000_000);
            let activity = slot.activity();
            assert_eq!((activity.task, activity.number), (task, 4_000_000_000));
            assert_eq!(activity.lasted.is_none(), task.is_brief(), "{task:?}");
        }
    }

    #[test]
    fn a_thread_sets_its_own_slot_only_and_one_without_a_slot_sets_none() {
        let (one, other) = (slot(), slot());
        thread::scope(|scope| {
            scope.spawn(|| {
                one.attach();
                set_for(Task::Reading, ConnectionId(7));
            });
            scope.spawn(|| set_for(Task::Draining, ConnectionId(7)));
        });
        assert_eq!((one.activity().task, other.activity().task), (Task::Reading, Task::Starting));
    }

    #[test]
    fn what_was_interrupted_goes_on() {
        let slot = slot();
        thread::scope(|scope| {
            scope.spawn(|| {
                slot.attach();
                set_for(Task::Handling, ConnectionId(7));
                let within = during(Task::Registry, || slot.activity().task);
                assert_eq!(within, Task::Registry);
                assert_eq!((slot.activity().task, slot.activity().number), (Task::Handling, 7));
            });
        });
    }

    #[test]
    fn a_time_that_has_gone_round_is_still_the_right_one() {
        // As if the thread had begun three weeks ago.
        let Some(began) = Instant::now().checked_sub(Duration::from_hours(24 * 21)) else { return };
        let slot = ActivitySlot { began, ..ActivitySlot::new("old".into(), ThreadRole::All) };
        slot.set(Task::Reading, 1);
        assert!(slot.activity().lasted.unwrap() < Duration::from_secs(1), "{:?}", slot.activity());
    }
}
