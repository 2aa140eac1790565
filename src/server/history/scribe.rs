//! The thread `history`: it owns the connection that writes, and commits what was said in groups.
//!
//! Messages come over a bounded channel. A group is committed [`GATHER`] after its first message came, or when it is
//! large; so with the commit itself, and whatever waited for the one before, a message is on the disk 200 ms after it
//! was said: that is the most that a crash, a `kill -9` or a pulled plug takes. A stop takes nothing.
//!
//! While the disk takes nothing (it is full, say), messages are kept in memory, up to a bound, and it is tried again
//! every second: the chat goes on. What is to be deleted is deleted a few rows at a time, between two groups.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::forget::{Chore, Progress};
use super::{ring, store};
use crate::server::database::{self, Database};
use crate::server::doing::{self, Task};
use crate::server::event::{EventSink, Happening};
use crate::server::message::Message;

/// How long a group waits for more.
const GATHER: Duration = Duration::from_millis(100);

/// Messages that are committed at once at most.
const GROUP_MAX: usize = 1000;

/// How long after a commit that failed it is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Bytes of messages that are kept while the disk takes none.
const KEPT_MAX: usize = 8 << 20;

/// How often it is looked whether messages have become too old.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Order {
    /// This was said.
    Store(Message),
    /// When so many have come since the start: commit, then answer.
    Commit {
        /// How many.
        said: u64,
        /// Gets the answer.
        done: Sender<()>,
    },
    /// Delete something.
    Forget(Chore),
    /// Commit what has come, and end.
    End,
}

/// The thread, and what it owns.
pub(super) struct Scribe {
    /// `None`: it was damaged, and no new one could be begun.
    database: Option<Database>,
    orders: Receiver<Order>,
    events: EventSink,
    keep: Option<Duration>,
    /// What has come and is not committed, and its bytes.
    group: VecDeque<Message>,
    bytes: usize,
    /// How many have come since the start.
    taken: u64,
    /// Who waits until so many are committed.
    asked: Vec<(u64, Sender<()>)>,
    /// When it is to be.
    due: Option<Instant>,
    /// The last commit failed, and that was told.
    in_trouble: bool,
    /// Messages that were given up since.
    lost: u64,
    chores: VecDeque<Chore>,
    /// When to look for old messages.
    look: Instant,
}

impl Scribe {
    pub(super) fn new(
        database: Database,
        orders: Receiver<Order>,
        events: EventSink,
        keep: Option<Duration>,
    ) -> Scribe {
        Scribe {
            database: Some(database),
            orders,
            events,
            keep,
            group: VecDeque::new(),
            bytes: 0,
            taken: 0,
            asked: Vec::new(),
            due: None,
            in_trouble: false,
            lost: 0,
            chores: VecDeque::new(),
            look: Instant::now(),
        }
    }

    /// The life of the thread.
    pub(super) fn run(mut self) {
        loop {
            doing::say(Task::Gathering);
            match self.next_order() {
                Ok(Order::Store(message)) => self.take(message),
                Ok(Order::Commit { said, done }) => self.asked.push((said, done)),
                Ok(Order::Forget(chore)) => {
                    // What is to be forgotten may have been said just now.
                    self.commit();
                    self.chores.push_back(chore);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => return self.finish(),
            }
            self.answer();
            // Looked at after every order: under a flood there always is another.
            let now = Instant::now();
            if self.due.is_some_and(|due| due <= now) {
                self.commit();
                self.do_chore();
            } else if self.due.is_none() {
                self.do_chore();
            }
            if self.keep.is_some() && self.look <= now {
                self.look = now + LOOK_EVERY;
                self.chores.push_back(Chore::too_old(ring::oldest_kept(self.keep)));
            }
        }
    }

    fn next_order(&self) -> Result<Order, RecvTimeoutError> {
        let look = self.keep.map(|_| self.look);
        // With a chore there is no time to wait, unless a group is gathering.
        let chore = self.chores.front().filter(|_| self.due.is_none()).map(|_| Instant::now());
        match [self.due, look, chore].into_iter().flatten().min() {
            Some(until) => self.orders.recv_deadline(until),
            None => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn take(&mut self, message: Message) {
        self.due.get_or_insert_with(|| Instant::now() + GATHER);
        self.taken += 1;
        self.bytes += message.memory();
        self.group.push_back(message);
        if !self.in_trouble && self.group.len() >= GROUP_MAX {
            self.commit();
        }
        while self.bytes > KEPT_MAX
            && let Some(oldest) = self.group.pop_front()
        {
            self.bytes -= oldest.memory();
            self.lost += 1;
        }
    }

    /// Tells those who wait for no more than what has come that it is committed.
    fn answer(&mut self) {
        let taken = self.taken;
        if self.asked.iter().any(|(said, _)| *said <= taken) {
            self.commit();
            for (_, done) in self.asked.extract_if(.., |(said, _)| *said <= taken) {
                // Whoever asked may have given up.
                let _ = done.send(());
            }
        }
    }

    /// Commits all that has come, or sees to it that it is tried again.
    fn commit(&mut self) {
        self.due = None;
        if self.group.is_empty() {
            return;
        }
        doing::say_how_many(Task::Committing, self.group.len());
        match self.try_commit() {
            Ok(()) => {
                if std::mem::take(&mut self.in_trouble) {
                    self.events.report(Happening::HistoryWorks { lost: std::mem::take(&mut self.lost) });
                }
            }
            Err(error) if is_damage(&error) => self.begin_anew(),
            Err(error) => {
                self.due = Some(Instant::now() + AGAIN);
                if !std::mem::replace(&mut self.in_trouble, true) {
                    self.events.report(Happening::HistoryFails { error: error.to_string() });
                }
            }
        }
    }

    fn try_commit(&mut self) -> rusqlite::Result<()> {
        while !self.group.is_empty() {
            let count = self.group.len().min(GROUP_MAX);
            if let Some(database) = &mut self.database {
                let transaction = database.connection.transaction()?;
                store::insert(&transaction, self.group.range(..count))?;
                transaction.commit()?;
            }
            self.bytes -= self.group.drain(..count).map(|message| message.memory()).sum::<usize>();
        }
        Ok(())
    }

    /// The file turned out to be damaged.
    fn begin_anew(&mut self) {
        let Some(damaged) = self.database.take() else { return };
        let file = damaged.file().to_owned();
        match damaged.replace(&store::SCHEMA) {
            Ok((database, aside)) => {
                self.events.report(Happening::SetAside { file, aside });
                self.database = Some(database);
                // What could not be stored goes into the new one.
                self.due = Some(Instant::now());
            }
            Err(why) => self.events.report(Happening::NoHistory { file, why: why.to_string() }),
        }
    }

    /// A part of what is to be deleted.
    fn do_chore(&mut self) {
        let (Some(chore), Some(database)) = (self.chores.front_mut(), &mut self.database) else {
            // Dropping them tells whoever waits.
            self.chores.clear();
            return;
        };
        doing::say(Task::Deleting);
        match chore.do_a_part(&mut database.connection) {
            Ok(Progress::Part) => {}
            Ok(Progress::Done) => drop(self.chores.pop_front()),
            Err(error) => {
                let damaged = is_damage(&error);
                if let Some(chore) = self.chores.pop_front() {
                    chore.fail(error.to_string());
                }
                if damaged {
                    self.begin_anew();
                }
            }
        }
    }

    fn finish(mut self) {
        self.commit();
        let lost = self.lost + self.group.len() as u64;
        if lost > 0 {
            self.events.report(Happening::HistoryEnds { lost });
        }
    }
}

/// Nothing that we write can violate a constraint: if it does, the index does not fit the table any more.
fn is_damage(error: &rusqlite::Error) -> bool {
    database::is_damage(error) || error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}
