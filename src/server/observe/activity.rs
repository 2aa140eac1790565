//! What each thread of a server is doing at this moment, for whoever watches.
//!
//! Every thread has a [`ActivitySlot`]: its name, and one atomic word that says what it does, about whom, and since when. The thread
//! [says](set) so as it goes: one relaxed store, which nobody waits for and nothing depends on. Whoever watches reads the
//! words of all posts, whenever it likes, and disturbs nobody; see `threads.rs`.
//!
//! A thread finds its own post in a thread-local variable, where the [`ThreadTracker`](super::threads::ThreadTracker) puts it. So it can be said anywhere
//! with a single line, and where there is no post (in a test, in a thread of somebody else) the line does nothing.

use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::server::id::ConnectionId;

/// What a thread can be doing. The number that goes with it is a connection's, where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// It has just begun.
    Starting,
    /// Waits for somebody to connect.
    Accepting,
    /// Waits until the system has room for another connection.
    Pausing,
    /// Waits for a connection's HELLO.
    Hello,
    /// Tells a connection why it cannot stay.
    Refusing,
    /// Waits for a client to say something.
    Reading,
    /// Acts on what a client said.
    Hearing,
    /// Waits for the registry's lock.
    Registry,
    /// Writes to a client whose socket has room, or so it seems.
    Writing,
    /// Waits for a client whose socket is full, in the place of all who have something to say to it.
    Draining,
    /// Gives a client that is being ended the time to read why.
    LettingRead,
    /// Takes a client out of the room.
    Leaving,
    /// Waits for more to tell of who came and who left.
    Listening,
    /// Waits for something to store, or for more of it.
    Gathering,
    /// Stores messages; the number says how many.
    Committing,
    /// Deletes messages.
    Deleting,
    /// Leaves messages to be stored: waits, if many do.
    Storing,
    /// Looks up what was said before.
    Searching,
}

/// Whom a thread is there for. In the order in which threads are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ThreadRole {
    /// For the whole server.
    All,
    /// For a client whose socket is full.
    Drain(ConnectionId),
    /// For one connection.
    Client(ConnectionId),
}

/// One thread's name, and what it is doing.
#[derive(Debug)]
pub(crate) struct ActivitySlot {
    name: String,
    duty: ThreadRole,
    began: Instant,
    /// Written by the thread itself, read by whoever watches. Everything is in one word, so it is never seen half
    /// changed, and it guards no other data, so `Relaxed`.
    word: AtomicU64,
    #[cfg(test)]
    doom: Doom,
}

/// For tests: the beginning of the name of the thread that panics when it next says what it is doing.
#[cfg(test)]
pub(crate) type Doom = Arc<std::sync::Mutex<Option<&'static str>>>;

/// What a post says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Doing {
    pub(crate) task: Task,
    /// Which connection, or how many.
    pub(crate) number: u64,
    /// For how long; `None` for what is too short to be timed.
    pub(crate) lasted: Option<Duration>,
}

thread_local! {
    static OWN: OnceCell<Arc<ActivitySlot>> = const { OnceCell::new() };
}

/// Says what the calling thread is doing from now on.
pub(crate) fn set(task: Task) {
    with_own(|post| post.set(task, 0));
}

/// Says what the calling thread is doing from now on, and about whom.
pub(crate) fn set_for(task: Task, whom: ConnectionId) {
    with_own(|post| post.set(task, whom.0));
}

/// Says what the calling thread is doing from now on, and with how many things.
#[cfg(feature = "storage")]
pub(crate) fn say_how_many(task: Task, count: usize) {
    with_own(|post| post.set(task, count as u64));
}

/// Says what the calling thread is doing while `work` runs; then it is doing again what it did before.
pub(crate) fn during<T>(task: Task, work: impl FnOnce() -> T) -> T {
    let mut before = None;
    with_own(|post| {
        before = Some(post.word.load(Ordering::Relaxed));
        post.set(task, 0);
    });
    let result = work();
    if let Some(before) = before {
        with_own(|post| post.word.store(before, Ordering::Relaxed));
    }
    result
}

fn with_own(act: impl FnOnce(&ActivitySlot)) {
    // A thread that is at its very end has no thread-local variables any more, and nothing to say.
    let _ = OWN.try_with(|own| own.get().map(|post| act(post)));
}

/// The word: 8 bits of task, 24 of time, 32 of number. The time is in tenths of a second since the thread began: it goes
/// round after 19 days.
const NUMBER_BITS: u32 = 32;
const TIME_BITS: u32 = 24;
const TIME_MASK: u64 = (1 << TIME_BITS) - 1;

impl ActivitySlot {
    pub(crate) fn new(name: String, duty: ThreadRole) -> ActivitySlot {
        let word = AtomicU64::new((Task::Starting as u64) << (NUMBER_BITS + TIME_BITS));
        ActivitySlot {
            name,
            duty,
            began: Instant::now(),
            word,
            #[cfg(test)]
            doom: Doom::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn duty(&self) -> ThreadRole {
        self.duty
    }

    /// Makes this the calling thread's own post.
    pub(crate) fn attach(self: &Arc<ActivitySlot>) {
        // A thread has one post in its life; the crew gives it before anything else.
        let _ = OWN.try_with(|own| own.set(self.clone()));
    }

    fn set(&self, task: Task, number: u64) {
        #[cfg(test)]
        self.panic_if_doomed();
        // What is over in a moment is said so often that even a look at the clock would be felt.
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

    pub(crate) fn doing(&self) -> Doing {
        let word = self.word.load(Ordering::Relaxed);
        let task = usize::try_from(word >> (NUMBER_BITS + TIME_BITS)).ok().and_then(|at| Task::ALL.get(at));
        let task = task.copied().unwrap_or(Task::Starting);
        let since = (word >> NUMBER_BITS) & TIME_MASK;
        // Modulo, so that it is right across the turn, too.
        let tenths = self.tenths().wrapping_sub(since) & TIME_MASK;
        let lasted = (!task.is_brief()).then(|| Duration::from_millis(tenths * 100));
        Doing { task, number: word & u64::from(u32::MAX), lasted }
    }

    fn tenths(&self) -> u64 {
        let elapsed = self.began.elapsed();
        (elapsed.as_secs() * 10 + u64::from(elapsed.subsec_millis() / 100)) & TIME_MASK
    }
}

impl Task {
    /// All, in the order of their numbers in the word.
    const ALL: [Task; 18] = [
        Task::Starting,
        Task::Accepting,
        Task::Pausing,
        Task::Hello,
        Task::Refusing,
        Task::Reading,
        Task::Hearing,
        Task::Registry,
        Task::Writing,
        Task::Draining,
        Task::LettingRead,
        Task::Leaving,
        Task::Listening,
        Task::Gathering,
        Task::Committing,
        Task::Deleting,
        Task::Storing,
        Task::Searching,
    ];

    /// Whether it is over in a moment: a write that is not is [handed over](crate::server::delivery).
    fn is_brief(self) -> bool {
        matches!(self, Task::Starting | Task::Hearing | Task::Writing | Task::Leaving)
    }
}

/// What a thread does, in words: `whom` is what to call those whom it is about.
pub(crate) struct Words<'a>(pub(crate) Task, pub(crate) &'a str);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words(task, whom) = self;
        match task {
            Task::Starting => write!(f, "starting"),
            Task::Accepting => write!(f, "accepting"),
            Task::Pausing => write!(f, "waiting for room for a connection"),
            Task::Hello => write!(f, "waiting for the HELLO of {whom}"),
            Task::Refusing => write!(f, "telling {whom} why it cannot stay"),
            Task::Reading => write!(f, "reading from {whom}"),
            Task::Hearing => write!(f, "acting on what {whom} said"),
            Task::Registry => write!(f, "waiting for the registry"),
            Task::Writing => write!(f, "writing to {whom}"),
            Task::Draining => write!(f, "draining {whom}"),
            Task::LettingRead => write!(f, "letting {whom} read its last line"),
            Task::Leaving => write!(f, "taking {whom} out of the room"),
            Task::Listening => write!(f, "waiting for who else comes or leaves"),
            Task::Gathering => write!(f, "waiting for messages to store"),
            Task::Committing => write!(f, "committing {whom}"),
            Task::Deleting => write!(f, "deleting messages"),
            Task::Storing => write!(f, "waiting for messages to be stored"),
            Task::Searching => write!(f, "looking up what was said before"),
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::thread;

    use super::*;

    fn post() -> Arc<ActivitySlot> {
        Arc::new(ActivitySlot::new("client #7".into(), ThreadRole::Client(ConnectionId(7))))
    }

    #[test]
    fn every_task_comes_out_of_the_word_as_it_went_in() {
        let post = post();
        for (at, task) in Task::ALL.into_iter().enumerate() {
            assert_eq!(task as usize, at, "{task:?}");
            post.set(task, 4_000_000_000);
            let doing = post.doing();
            assert_eq!((doing.task, doing.number), (task, 4_000_000_000));
            assert_eq!(doing.lasted.is_none(), task.is_brief(), "{task:?}");
        }
    }

    #[test]
    fn a_thread_speaks_for_its_own_post_only_and_one_without_a_post_for_none() {
        let (one, other) = (post(), post());
        thread::scope(|scope| {
            scope.spawn(|| {
                one.attach();
                set_for(Task::Reading, ConnectionId(7));
            });
            scope.spawn(|| set_for(Task::Draining, ConnectionId(7)));
        });
        assert_eq!((one.doing().task, other.doing().task), (Task::Reading, Task::Starting));
    }

    #[test]
    fn what_was_interrupted_goes_on() {
        let post = post();
        thread::scope(|scope| {
            scope.spawn(|| {
                post.attach();
                set_for(Task::Hearing, ConnectionId(7));
                let within = during(Task::Registry, || post.doing().task);
                assert_eq!(within, Task::Registry);
                assert_eq!((post.doing().task, post.doing().number), (Task::Hearing, 7));
            });
        });
    }

    #[test]
    fn a_time_that_has_gone_round_is_still_the_right_one() {
        // As if the thread had begun three weeks ago.
        let Some(began) = Instant::now().checked_sub(Duration::from_hours(24 * 21)) else { return };
        let post = ActivitySlot { began, ..ActivitySlot::new("old".into(), ThreadRole::All) };
        post.set(Task::Reading, 1);
        assert!(post.doing().lasted.unwrap() < Duration::from_secs(1), "{:?}", post.doing());
    }
}
