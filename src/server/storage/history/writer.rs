//! The thread `history`: it owns the connection that writes, and commits messages in groups (group commit).
//!
//! Messages come over a bounded channel. A group is committed [`GROUP_DELAY`] after its first message arrived, or when it has
//! [`GROUP_MAX`] messages. With the commit itself, and the commit before it that may still run, a message is on the disk 200 ms
//! after it was relayed: a crash, a `kill -9` or a power failure loses no more than that. A stop of the server loses nothing.
//!
//! While the disk accepts nothing (it is full, for example), messages are buffered in memory, up to [`BUFFERED_MAX`], and the
//! commit is retried every second. The chat continues. Deletions run in small batches between two groups.
//!
//! After each commit the thread checks whether the file is still the one of that name. Data written to a file that was removed
//! or moved away is lost; then the group is committed again, to a new file (`writer/recover.rs`).
//!
//! No other thread waits for this one except over a channel: a client's thread that stores a message while the channel is
//! full, or that waits for a commit before it queries.

mod keep;
mod recover;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::delete::{DeleteJob, Progress};
use super::file_watch::FileIds;
use super::retention::Retention;
use super::types::{HistoryError, Keep};
use super::{BUSY_MAX, store};
use crate::protocol::Stamp;
use crate::server::observe::activity::{self, Task};
use crate::server::observe::event::{EventKind, EventSink};
use crate::server::stamps;
use crate::server::storage::message::Message;
use crate::server::storage::sqlite::Database;
use recover::is_damage;

/// Maximum time that a group waits for more messages.
const GROUP_DELAY: Duration = Duration::from_millis(100);

/// Maximum number of messages in one transaction.
const GROUP_MAX: usize = 1000;

/// Delay before a failed commit is retried.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Maximum memory of the messages that wait for a commit, in bytes. Beyond it the oldest are lost.
const BUFFERED_MAX: usize = 8 << 20;

/// Maximum time that the stamp of a message may be ahead of the clock without a warning: stamps rise even if the clock is set
/// back a little.
const AHEAD_MAX: Duration = Duration::from_mins(10);

/// A command to the thread.
#[derive(Debug)]
pub(super) enum Command {
    /// Store a message that was relayed.
    Store(Message),
    /// Wait until `relayed` messages have been received since the start, commit them, and answer.
    Commit {
        relayed: u64,
        done: Sender<Stored>,
    },
    Delete(DeleteJob),
    /// Look at [`Keep`] again.
    KeepChanged,
    /// Commit all received messages, and end the thread.
    End,
}

/// The part of the received messages that is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    All,
    /// The messages before this stamp. The disk accepts no more at the moment.
    UpTo(Stamp),
    /// None, since there is no file any more.
    Nowhere,
}

/// The state of the thread `history`. Only that thread touches it.
pub(super) struct HistoryWriter {
    /// `None`: the file was damaged or removed, and no new one could be created.
    database: Option<Database>,
    /// The identity of the database's files.
    files: FileIds,
    commands: Receiver<Command>,
    events: EventSink,
    /// Messages that are received and not committed, and their memory in bytes.
    group: VecDeque<Message>,
    bytes: usize,
    /// Number of messages received since the start.
    received: u64,
    /// Callers that wait until a number of messages is committed.
    waiting: Vec<(u64, Sender<Stored>)>,
    /// Time of the next commit; `None`: the group is empty.
    due: Option<Instant>,
    /// The last commit failed, and that was reported.
    is_failing: bool,
    /// Messages that were given up since commits began to fail.
    lost: u64,
    /// Deletions, the current one first.
    jobs: VecDeque<DeleteJob>,
    /// The time for which messages are kept, as the operator wants it.
    keep: Arc<Keep>,
    /// The same, as this thread has taken it over. `None`: messages are kept forever.
    retention: Option<Retention>,
    /// Messages are stamped ahead of the clock, and that was reported.
    is_ahead: bool,
}

impl HistoryWriter {
    /// Reads what the thread needs to know from the database.
    pub(super) fn new(
        database: Database,
        commands: Receiver<Command>,
        events: EventSink,
        keep: Arc<Keep>,
    ) -> rusqlite::Result<HistoryWriter> {
        database.connection.busy_timeout(BUSY_MAX)?;
        let retention = keep.get().map(|keep| Retention::new(&database.connection, keep)).transpose()?;
        let newest = store::total(&database.connection)?.newest;
        let mut writer = HistoryWriter {
            files: FileIds::of(&database.file),
            database: Some(database),
            commands,
            events,
            group: VecDeque::new(),
            bytes: 0,
            received: 0,
            waiting: Vec::new(),
            due: None,
            is_failing: false,
            lost: 0,
            jobs: VecDeque::new(),
            keep,
            retention,
            is_ahead: false,
        };
        writer.compare_with_clock(newest);
        Ok(writer)
    }

    /// Runs until [`Command::End`], or until the handle is gone.
    pub(super) fn run(mut self) {
        loop {
            activity::set(Task::Gathering);
            match self.next_command() {
                Ok(Command::Store(message)) => self.add(message),
                Ok(Command::Commit { relayed, done }) => self.waiting.push((relayed, done)),
                Ok(Command::Delete(job)) => {
                    // The messages to delete may still be in the group.
                    self.commit();
                    self.jobs.push_back(job);
                }
                Ok(Command::KeepChanged) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Command::End) | Err(RecvTimeoutError::Disconnected) => return self.finish(),
            }
            self.answer();
            self.follow_keep();
            // After every command, and not only after a timeout: under a flood there is always another command.
            let now = Instant::now();
            if self.due.is_some_and(|due| due <= now) {
                self.commit();
                self.run_job();
            } else if self.due.is_none() {
                self.run_job();
            }
            if self.retention.as_ref().is_some_and(|retention| retention.due <= now) {
                self.delete_old(now);
            }
        }
    }

    /// Waits for the next command, or until a commit, a check of the retention limit or a batch of a deletion is due.
    fn next_command(&self) -> Result<Command, RecvTimeoutError> {
        let check = self.retention.as_ref().map(|retention| retention.due);
        // A deletion continues at once, unless a group is gathering: then it continues after the commit.
        let job = self.jobs.front().filter(|_| self.due.is_none()).map(|_| Instant::now());
        match [self.due, check, job].into_iter().flatten().min() {
            Some(until) => self.commands.recv_deadline(until),
            None => self.commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// Adds a message to the group. Commits a full group, and drops the oldest messages beyond [`BUFFERED_MAX`].
    fn add(&mut self, message: Message) {
        self.due.get_or_insert_with(|| Instant::now() + GROUP_DELAY);
        self.received += 1;
        self.bytes += message.memory();
        self.group.push_back(message);
        if !self.is_failing && self.group.len() >= GROUP_MAX {
            self.commit();
        }
        while self.bytes > BUFFERED_MAX
            && let Some(oldest) = self.group.pop_front()
        {
            self.bytes -= oldest.memory();
            self.lost += 1;
        }
    }

    /// Commits, and answers the callers that wait for no more messages than have been received.
    fn answer(&mut self) {
        let received = self.received;
        if self.waiting.iter().any(|(relayed, _)| *relayed <= received) {
            // Failing commits are retried when due, and not as often as clients ask.
            if !self.is_failing {
                self.commit();
            }
            if self.files_are_gone() {
                self.reopen();
            }
            if self.due.is_some() && !self.is_failing {
                // The group, into a new file.
                self.commit();
            }
            let stored = match (&self.database, self.group.iter().map(|message| message.stamp).min()) {
                (None, _) => Stored::Nowhere,
                (_, Some(missing)) => Stored::UpTo(missing),
                (_, None) => Stored::All,
            };
            for (_, done) in self.waiting.extract_if(.., |(relayed, _)| *relayed <= received) {
                // The caller may have given up waiting.
                let _ = done.send(stored);
            }
        }
    }

    /// Commits the group. After a failure the group stays, and a retry is scheduled.
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
            Ok(false) => self.reopen(),
            Ok(true) => {
                if std::mem::take(&mut self.is_failing) {
                    self.events.report(EventKind::HistoryWorks { lost: std::mem::take(&mut self.lost) });
                }
            }
            Err(_) if self.files_are_gone() => self.reopen(),
            Err(error) if is_damage(&error) => self.replace_damaged(),
            Err(error) => {
                self.due = Some(Instant::now() + RETRY_DELAY);
                if !std::mem::replace(&mut self.is_failing, true) {
                    self.events.report(EventKind::HistoryFails { error: error.to_string() });
                }
            }
        }
    }

    /// Commits the group in transactions of at most [`GROUP_MAX`] messages. Returns `false` if the file is gone; then the last
    /// transaction is lost, and its messages are still in the group.
    fn try_commit(&mut self) -> rusqlite::Result<bool> {
        let mut newest = 0;
        while !self.group.is_empty() {
            let count = self.group.len().min(GROUP_MAX);
            newest = self.group[count - 1].stamp;
            if let Some(database) = &mut self.database {
                let transaction = database.connection.transaction()?;
                store::insert(&transaction, self.group.range(..count))?;
                transaction.commit()?;
                if !self.files.are_current(&database.file) {
                    return Ok(false);
                }
            }
            self.bytes -= self.group.drain(..count).map(|message| message.memory()).sum::<usize>();
        }
        self.compare_with_clock(newest);
        Ok(true)
    }

    /// Runs one batch of the first deletion.
    fn run_job(&mut self) {
        let (Some(job), Some(database)) = (self.jobs.front_mut(), &mut self.database) else {
            // Dropping a job disconnects its channel, which is an error for the waiting caller.
            self.jobs.clear();
            return;
        };
        activity::set(Task::Deleting);
        match job.run_batch(&mut database.connection) {
            Ok(Progress::More) => {}
            Ok(Progress::Done) => drop(self.jobs.pop_front()),
            Err(error) => {
                let damaged = is_damage(&error);
                if let Some(job) = self.jobs.pop_front() {
                    let _ = job.done.send(Err(HistoryError::NotDeleted(error.to_string())));
                }
                if damaged {
                    self.replace_damaged();
                }
            }
        }
    }

    /// Reports, once, that stored messages are stamped ahead of the clock.
    fn compare_with_clock(&mut self, newest: Stamp) {
        let by = Duration::from_micros(newest.saturating_sub(stamps::now()));
        let is_ahead = by > AHEAD_MAX;
        if is_ahead && !self.is_ahead {
            self.events.report(EventKind::FromTheFuture { by });
        }
        self.is_ahead = is_ahead;
    }

    /// Commits everything, and reports messages that cannot be stored. The database is closed by the drop.
    fn finish(mut self) {
        self.commit();
        if !self.is_failing {
            // Once more: into a new file, if the first commit found the old one gone.
            self.commit();
        }
        self.delete_old(Instant::now());
        self.store_trusted_time();
        let lost = self.lost + self.group.len() as u64;
        if lost > 0 {
            self.events.report(EventKind::HistoryEnds { lost });
        }
    }
}
