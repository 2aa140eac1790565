//! The thread `history`: it owns the connection that writes, and commits what was said in groups.
//!
//! Messages come over a bounded channel. A group is committed [`GATHER`] after its first message came, or when it is
//! large; so with the commit itself, and whatever waited for the one before, a message is on the disk 200 ms after it
//! was said: that is the most that a crash, a `kill -9` or a pulled plug takes. A stop takes nothing.
//!
//! While the disk takes nothing (it is full, say), messages are kept in memory, up to a bound, and it is tried again
//! every second: the chat goes on. What is to be deleted is deleted a few rows at a time, between two groups.
//!
//! After each commit it looks whether the file is still where it was. One that was removed or moved away takes what is
//! written to it into nothing; then the group goes into a new one.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use rusqlite::config::DbConfig;

use super::age::Aging;
use super::delete::{DeleteJob, Progress};
use super::file_watch::Files;
use super::{BUSY_MAX, store};
use crate::protocol::Stamp;
use crate::server::observe::activity::{self, Task};
use crate::server::observe::event::{EventKind, EventSink};
use crate::server::stamps;
use crate::server::storage::message::Message;
use crate::server::storage::sqlite::{self, Database};

/// How long a group waits for more.
const GATHER: Duration = Duration::from_millis(100);

/// Messages that are committed at once at most.
const GROUP_MAX: usize = 1000;

/// How long after a commit that failed it is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Bytes of messages that are kept while the disk takes none.
const KEPT_MAX: usize = 8 << 20;

/// How far the stamp of a message may be ahead of the clock: stamps rise even if the clock is set back a little.
const AHEAD_MAX: Duration = Duration::from_mins(10);

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Command {
    /// This was said.
    Store(Message),
    /// When so many have come since the start: commit, then answer.
    Commit {
        /// How many.
        said: u64,
        /// Gets the answer.
        done: Sender<Stored>,
    },
    /// Delete something.
    Deletion(DeleteJob),
    /// Commit what has come, and end.
    End,
}

/// How much of what was said is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// All of it.
    All,
    /// What was said before this stamp: the disk takes no more at this moment.
    UpTo(Stamp),
    /// There is no file any more.
    Nowhere,
}

/// The thread, and what it owns.
pub(super) struct HistoryWriter {
    /// `None`: it was damaged or removed, and no new one could be begun.
    database: Option<Database>,
    /// Which files those of the database are.
    files: Files,
    orders: Receiver<Command>,
    events: EventSink,
    /// What has come and is not committed, and its bytes.
    group: VecDeque<Message>,
    bytes: usize,
    /// How many have come since the start.
    taken: u64,
    /// Who waits until so many are committed.
    asked: Vec<(u64, Sender<Stored>)>,
    /// When it is to be.
    due: Option<Instant>,
    /// The last commit failed, and that was told.
    in_trouble: bool,
    /// Messages that were given up since.
    lost: u64,
    chores: VecDeque<DeleteJob>,
    /// Looks for old messages; `None`: they are kept for good.
    aging: Option<Aging>,
    /// Messages are stamped ahead of the clock, and that was told.
    ahead: bool,
}

impl HistoryWriter {
    pub(super) fn new(
        database: Database,
        orders: Receiver<Command>,
        events: EventSink,
        keep: Option<Duration>,
    ) -> rusqlite::Result<HistoryWriter> {
        database.connection.busy_timeout(BUSY_MAX)?;
        let aging = keep.map(|keep| Aging::new(&database.connection, keep)).transpose()?;
        let newest = store::total(&database.connection)?.newest;
        let mut scribe = HistoryWriter {
            files: Files::of(database.file()),
            database: Some(database),
            orders,
            events,
            group: VecDeque::new(),
            bytes: 0,
            taken: 0,
            asked: Vec::new(),
            due: None,
            in_trouble: false,
            lost: 0,
            chores: VecDeque::new(),
            aging,
            ahead: false,
        };
        scribe.compare_with_clock(newest);
        Ok(scribe)
    }

    /// The life of the thread.
    pub(super) fn run(mut self) {
        loop {
            activity::set(Task::Gathering);
            match self.next_order() {
                Ok(Command::Store(message)) => self.take(message),
                Ok(Command::Commit { said, done }) => self.asked.push((said, done)),
                Ok(Command::Deletion(chore)) => {
                    // What is to be forgotten may have been said just now.
                    self.commit();
                    self.chores.push_back(chore);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Command::End) | Err(RecvTimeoutError::Disconnected) => return self.finish(),
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
            if self.aging.as_ref().is_some_and(|aging| aging.due <= now) {
                self.look_for_old(now);
            }
        }
    }

    fn next_order(&self) -> Result<Command, RecvTimeoutError> {
        let look = self.aging.as_ref().map(|aging| aging.due);
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

    /// Tells those who wait for no more than what has come that it is committed, or that it cannot be.
    fn answer(&mut self) {
        let taken = self.taken;
        if self.asked.iter().any(|(said, _)| *said <= taken) {
            // In trouble it is tried when it is due: not as often as people ask.
            if !self.in_trouble {
                self.commit();
            }
            if self.files_are_gone() {
                self.begin_again();
            }
            if self.due.is_some() && !self.in_trouble {
                // Into a new file.
                self.commit();
            }
            let stored = match (&self.database, self.group.iter().map(|message| message.stamp).min()) {
                (None, _) => Stored::Nowhere,
                (_, Some(missing)) => Stored::UpTo(missing),
                (_, None) => Stored::All,
            };
            for (_, done) in self.asked.extract_if(.., |(said, _)| *said <= taken) {
                // Whoever asked may have given up.
                let _ = done.send(stored);
            }
        }
    }

    /// Commits all that has come, or sees to it that it is tried again.
    fn commit(&mut self) {
        self.due = None;
        if self.database.is_none() {
            self.lost += self.group.len() as u64;
            self.group.clear();
            self.bytes = 0;
        }
        if self.group.is_empty() {
            return;
        }
        activity::set_count(Task::Committing, self.group.len());
        match self.try_commit() {
            Ok(false) => self.begin_again(),
            Ok(true) => {
                if std::mem::take(&mut self.in_trouble) {
                    self.events.report(EventKind::HistoryWorks { lost: std::mem::take(&mut self.lost) });
                }
            }
            Err(_) if self.files_are_gone() => self.begin_again(),
            Err(error) if is_damage(&error) => self.begin_anew(),
            Err(error) => {
                self.due = Some(Instant::now() + AGAIN);
                if !std::mem::replace(&mut self.in_trouble, true) {
                    self.events.report(EventKind::HistoryFails { error: error.to_string() });
                }
            }
        }
    }

    /// `false`: the file is not there any more, and what was committed last is still in the group.
    fn try_commit(&mut self) -> rusqlite::Result<bool> {
        let mut newest = 0;
        while !self.group.is_empty() {
            let count = self.group.len().min(GROUP_MAX);
            newest = self.group[count - 1].stamp;
            if let Some(database) = &mut self.database {
                let transaction = database.connection.transaction()?;
                store::insert(&transaction, self.group.range(..count))?;
                transaction.commit()?;
                if !self.files.are_there(database.file()) {
                    return Ok(false);
                }
            }
            self.bytes -= self.group.drain(..count).map(|message| message.memory()).sum::<usize>();
        }
        self.compare_with_clock(newest);
        Ok(true)
    }

    fn files_are_gone(&self) -> bool {
        self.database.as_ref().is_some_and(|database| !self.files.are_there(database.file()))
    }

    /// The file was removed or replaced: goes on with what is there now, or with a new one.
    fn begin_again(&mut self) {
        let Some(gone) = self.database.take() else { return };
        let file = gone.file().to_owned();
        if !self.files.database_is_there(&file) {
            // Closing would delete the log that has that name now, which may be another's. Should that not be prevented,
            // there is nothing else to do about it.
            let _ = gone.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
        drop(gone);
        self.events.report(EventKind::HistoryGone { file: file.clone() });
        match Database::open(&file, &store::SCHEMA) {
            Ok((database, aside)) => {
                if let Some(aside) = aside {
                    self.events.report(EventKind::SetAside { file, aside });
                }
                self.go_on_with(database);
            }
            Err(why) => self.events.report(EventKind::NoHistory { file, why: why.to_string() }),
        }
    }

    /// Stores what could not be stored before into another file.
    fn go_on_with(&mut self, database: Database) {
        // It keeps the limit it has, if that cannot be set.
        let _ = database.connection.busy_timeout(BUSY_MAX);
        self.files = Files::of(database.file());
        self.database = Some(database);
        self.due = (!self.group.is_empty()).then(Instant::now);
        // Nor does the new one know the time.
        self.store_age();
    }

    /// The file turned out to be damaged.
    fn begin_anew(&mut self) {
        let Some(damaged) = self.database.take() else { return };
        let file = damaged.file().to_owned();
        match damaged.replace(&store::SCHEMA) {
            Ok((database, aside)) => {
                self.events.report(EventKind::SetAside { file, aside });
                self.go_on_with(database);
            }
            Err(why) => self.events.report(EventKind::NoHistory { file, why: why.to_string() }),
        }
    }

    /// A part of what is to be deleted.
    fn do_chore(&mut self) {
        let (Some(chore), Some(database)) = (self.chores.front_mut(), &mut self.database) else {
            // Dropping them tells whoever waits.
            self.chores.clear();
            return;
        };
        activity::set(Task::Deleting);
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

    /// Marks for deletion what has become too old.
    fn look_for_old(&mut self, now: Instant) {
        if let Some(aging) = &mut self.aging {
            self.chores.push_back(DeleteJob::too_old(aging.look(now, &self.events)));
            if aging.is_to_be_stored() {
                self.store_age();
            }
        }
    }

    fn store_age(&mut self) {
        if let (Some(aging), Some(database)) = (&mut self.aging, &self.database) {
            aging.store(&database.connection);
        }
    }

    /// Tells once when a message that was stored is stamped ahead of the clock.
    fn compare_with_clock(&mut self, newest: Stamp) {
        let by = Duration::from_micros(newest.saturating_sub(stamps::now()));
        let ahead = by > AHEAD_MAX;
        if ahead && !self.ahead {
            self.events.report(EventKind::FromTheFuture { by });
        }
        self.ahead = ahead;
    }

    fn finish(mut self) {
        self.commit();
        if !self.in_trouble {
            // Into a new file, if the old one was gone.
            self.commit();
        }
        self.look_for_old(Instant::now());
        self.store_age();
        let lost = self.lost + self.group.len() as u64;
        if lost > 0 {
            self.events.report(EventKind::HistoryEnds { lost });
        }
    }
}

/// Nothing that we write can violate a constraint: if it does, the index does not fit the table any more.
fn is_damage(error: &rusqlite::Error) -> bool {
    sqlite::is_damage(error) || error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}
