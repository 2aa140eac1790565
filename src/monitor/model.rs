//! What the monitor window shows, with no window in it.
//!
//! The window's timer carries notices, snapshots and events in here, on the main thread; the model decides what they
//! mean and [says what changed](Model::take_changes), and the window draws that. It must name no toolkit, and it must never
//! wait: everything that it is given has happened already.

pub mod confirm;
pub mod desk;
pub mod disconnects;
pub mod filter;
pub mod history;
pub mod log;
pub mod members;
pub mod rate;
pub mod sorting;
pub mod state;
pub mod table;
pub mod threads;
pub mod traffic;
pub mod units;

use std::time::{Instant, SystemTime};

use ::log::Level;

use super::worker::{Action, MemberAct, Reply};
use crate::protocol::escape::escape;
use crate::server::{Event, EventKind, Snapshot, StoredMessage, ThreadInfo, Totals};
pub use confirm::{BanBy, BanDuration, Confirmation, Subject};
pub use desk::Desk;
pub use filter::{LEVELS, Reading};
pub(crate) use history::LISTED;
pub use history::Past;
pub use log::{LINES_MAX, Line, Log, Page};
pub use members::MemberList;
use rate::Rate;
pub use sorting::Sorting;
pub use state::{Mood, State};
pub use table::{Cell, Column, Health, Table};
pub use threads::{ThreadColumn, Threads};
pub use traffic::{SECONDS, Traffic};

/// Everything that the window shows.
#[derive(Debug, Default)]
pub struct Model {
    state: State,
    table: Table,
    totals: Totals,
    pace: Rate,
    traffic: Traffic,
    log: Log,
    reading: Reading,
    threads: Threads,
    desk: Desk,
    past: Past,
    members: MemberList,
    /// By what people can tell that it is this server, if it speaks TLS.
    fingerprint: Option<String>,
    /// Why connections ended, in words, the most frequent first.
    endings: Vec<(&'static str, u64)>,
    /// Events that are known to have been lost.
    lost: u64,
    changes: Changes,
}

/// Which parts of the window are to be drawn anew. The log is not among them: its lines are numbered, and the window
/// knows which it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The state of the server.
    pub state: bool,
    /// The clients, the totals, why connections ended.
    pub people: bool,
    /// The threads.
    pub threads: bool,
    /// The totals alone, and the graph beside them: it moves every second, for which the table need not be drawn.
    pub totals: bool,
    /// The operator's desk.
    pub desk: bool,
    /// What was said before.
    pub past: bool,
}

impl Model {
    /// What the server is doing.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Who is here.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Marks the client in a row of the table, and follows it when rows move. A row beyond the last stands for the last.
    pub fn mark(&mut self, row: usize) {
        self.table.mark(row);
        self.changes.people = true;
    }

    /// What sends these bytes to whoever is marked.
    pub fn raw(&self, bytes: Vec<u8>) -> Result<Action, String> {
        let subject = self.table.subject().ok_or("Mark somebody in the table, who is to get it")?;
        Ok(Action::Raw { id: subject.id, name: escape(subject.name.as_str()).into_owned(), bytes })
    }

    /// The operator's desk.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// The operator's desk, to work at.
    pub fn desk_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }

    /// What was said before.
    pub fn past(&self) -> &Past {
        &self.past
    }

    /// What was said before, to be looked at.
    pub fn past_mut(&mut self) -> &mut Past {
        &mut self.past
    }

    /// Asks whether a message is to be deleted.
    pub fn ask_forget(&mut self, kept: StoredMessage) {
        self.desk.put(Confirmation::Deletion(kept));
    }

    /// Asks whether everything that was said under a name is to be deleted.
    pub fn ask_forget_all_of(&mut self, name: String) {
        self.desk.put(Confirmation::ForgetAllOf(name));
    }

    /// The registered names.
    pub fn members(&self) -> &MemberList {
        &self.members
    }

    /// Marks the registered name in a row of their list.
    pub fn mark_member(&mut self, row: usize) {
        self.members.mark(row);
        self.changes.desk = true;
    }

    /// Asks whether the registered name that is marked is to get another password.
    pub fn ask_new_password(&mut self) {
        if let Some(name) = self.members.marked_name() {
            self.desk.put(Confirmation::NewPassword(name));
        }
    }

    /// Asks whether the registered name that is marked is to be anybody's.
    pub fn ask_unregister(&mut self) {
        if let Some(name) = self.members.marked_name() {
            self.desk.put(Confirmation::Unregister(name));
        }
    }

    /// What registers a name; nothing if it is none, and then that is said.
    pub fn add_member(&mut self, name: &str) -> Option<Action> {
        match MemberList::add(name) {
            Ok(act) => Some(act),
            Err(why) => {
                self.desk.complain(why);
                None
            }
        }
    }

    /// By what people can tell that it is this server, if it speaks TLS.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// Asks whether whoever is marked is to be kicked.
    pub fn ask_kick(&mut self) {
        if let Some(subject) = self.table.subject() {
            self.desk.put(Confirmation::Kick(subject));
        }
    }

    /// Asks whether and how whoever is marked is to be banned.
    pub fn ask_ban(&mut self) {
        if let Some(subject) = self.table.subject() {
            self.desk.put(Confirmation::Ban(subject, BanBy::default(), BanDuration::default()));
        }
    }

    /// What is said at the desk, and how that is to be taken.
    pub fn note(&self) -> Option<(Mood, String)> {
        let from_there = self.desk.subject().map_or(0, |subject| self.table.how_many_from(subject.address));
        self.desk.note(from_there)
    }

    /// Why connections ended since the server was started, in words, and how many for each reason.
    pub fn endings(&self) -> &[(&'static str, u64)] {
        &self.endings
    }

    /// Puts the clients into another order.
    pub fn sort(&mut self, sorting: Sorting) {
        self.table.sort(sorting);
        self.changes.people = true;
    }

    /// What was counted since the server was started.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Messages handed to recipients per second, lately, in words.
    pub fn deliveries_per_second(&self) -> String {
        units::rate(self.pace.per_second())
    }

    /// Messages handed to recipients, second by second.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// How the log is read.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// What the threads of the server do.
    pub fn threads(&self) -> &Threads {
        &self.threads
    }

    /// Takes what the threads do at this moment; none, if nobody looks.
    pub fn set_threads(&mut self, threads: Vec<ThreadInfo>) {
        // Nearly always something is different, if only for how long.
        self.changes.threads |= self.threads.total() + threads.len() > 0;
        self.threads.set(threads);
    }

    /// Lists only the threads that have these words in their names or in what they do.
    pub fn filter_threads(&mut self, words: &str) {
        self.threads.filter(words);
        self.changes.threads = true;
    }

    /// Lets only those lines of the log through which deserve so much attention and have these words in them.
    pub fn filter(&mut self, least: Level, words: &str) {
        self.reading.filter(&self.log, least, words);
    }

    /// Stops reading the log where it is, or goes on.
    pub fn pause(&mut self, paused: bool) {
        self.reading.pause(&self.log, paused);
    }

    /// The lines of the log that are let through, paused or not.
    pub fn lines(&self) -> Vec<Line> {
        self.log.since(0).filter(|line| self.reading.shows(line)).cloned().collect()
    }

    /// What has happened.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// What changed since the last call.
    pub fn take_changes(&mut self) -> Changes {
        self.changes.desk |= self.desk.take_changed();
        std::mem::take(&mut self.changes)
    }

    /// The operator was asked to listen on this address.
    pub fn starting(&mut self, listen: &str) {
        self.enter(State::Starting(listen.into()));
    }

    /// The operator was asked to stop the server.
    pub fn stopping(&mut self) {
        self.enter(State::Stopping);
    }

    /// The operator was asked to finish: the program ends as soon as the server has stopped.
    pub fn closing(&mut self) {
        self.enter(State::Closing);
    }

    /// The operator's thread has ended without being asked to, which is a defect of ours. May be told again and again.
    pub fn operator_is_gone(&mut self, at: SystemTime) {
        let why = "the server's thread has ended unexpectedly: close this window and start the program again";
        if *self.state() != State::Failed(why.into()) {
            self.failed(at, why);
        }
    }

    /// Takes what the operator says.
    pub fn notice(&mut self, notice: &Reply) {
        match notice {
            Reply::Listening { addr, fingerprint, .. } => {
                self.forget_run();
                self.fingerprint.clone_from(fingerprint);
                // Stop may have been pressed meanwhile, and is on its way.
                if self.state != State::Stopping {
                    self.enter(State::Listening(*addr));
                }
            }
            Reply::Failed { at, why } => self.failed(*at, why),
            Reply::Stopped => {
                self.forget_run();
                self.enter(State::Stopped);
            }
            Reply::Acted { at, act, outcome } => {
                if outcome.is_err() || matches!(act, Action::Member(MemberAct::Remove, _)) {
                    self.members.forget_password();
                }
                self.desk.acted(act, outcome);
                let words = match (act, outcome) {
                    (Action::Announce(text), Ok(_)) => Ok(format!("announced: {}", escape(text))),
                    _ => outcome.clone(),
                };
                self.log_outcome(*at, words);
            }
            Reply::HistorySummary(archive) => self.changes.past |= self.past.set(archive),
            Reply::Bans(bans) => self.desk.set_bans(bans),
            Reply::Members(members) => {
                self.members.set(members);
                self.changes.desk = true;
            }
            Reply::Password { name, password } => {
                self.members.set_password(name.as_str(), password);
                self.changes.desk = true;
            }
            Reply::Saved { at, outcome } => {
                let words = outcome.clone().map(|file| format!("Saved as {}", escape(&file.to_string_lossy())));
                self.desk.saved(&words);
                if words.is_err() {
                    self.log_outcome(*at, words);
                }
            }
        }
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Instant) {
        self.desk.tick(now);
    }

    /// Takes what a running server looks like.
    pub fn snapshot(&mut self, snapshot: Snapshot) {
        let before = (self.totals, self.deliveries_per_second(), self.traffic.seen());
        self.pace.add(snapshot.taken, snapshot.totals.deliveries);
        self.traffic.add(snapshot.taken, snapshot.totals.deliveries);
        self.totals = snapshot.totals;
        self.set_endings(snapshot.disconnects);
        self.changes.people |= self.table.set(snapshot.people);
        self.changes.totals |= before != (self.totals, self.deliveries_per_second(), self.traffic.seen());
    }

    /// Takes what happened in the server.
    pub fn event(&mut self, event: &Event) {
        // The certificate may have been read again.
        if let (State::Listening(_), EventKind::Encrypts { fingerprint }) = (&self.state, &event.kind) {
            self.fingerprint = Some(fingerprint.clone());
            self.changes.state = true;
        }
        self.push(event.at, event.kind.level(), event.kind.to_string());
    }

    /// Takes something that the user should know, though the server has nothing to do with it.
    pub fn warn(&mut self, at: SystemTime, text: String) {
        self.push(at, Level::Warn, text);
    }

    /// Takes how many events were lost so far, and says so in the log if there are more than before.
    pub fn lost(&mut self, lost: u64, at: SystemTime) {
        if lost > self.lost {
            let events =
                if lost - self.lost == 1 { "1 event".into() } else { units::count(lost - self.lost) + " events" };
            self.push(at, Level::Warn, format!("{events} not shown: there were too many at once"));
            self.lost = lost;
        }
    }

    fn set_endings(&mut self, mut endings: Vec<(&'static str, u64)>) {
        for (why, _) in &mut endings {
            *why = disconnects::words(why);
        }
        endings.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        if endings != self.endings {
            self.endings = endings;
            self.changes.people = true;
        }
    }

    fn log_outcome(&mut self, at: SystemTime, outcome: Result<String, String>) {
        match outcome {
            Ok(text) => self.push(at, Level::Info, format!("operator: {text}")),
            Err(why) => self.push(at, Level::Error, format!("operator: {why}")),
        }
    }

    fn push(&mut self, at: SystemTime, level: Level, text: String) {
        let line = Line { at, level, text };
        self.reading.came(&line);
        self.log.push(line);
    }

    fn failed(&mut self, at: SystemTime, why: &str) {
        // It may quote what was written in the address field.
        let why = escape(why).into_owned();
        self.push(at, Level::Error, why.clone());
        self.forget_run();
        self.enter(State::Failed(why));
    }

    fn forget_run(&mut self) {
        self.table.clear();
        self.totals = Totals::default();
        self.pace = Rate::default();
        self.traffic = Traffic::default();
        self.desk.forget_run();
        self.members = MemberList::default();
        self.fingerprint = None;
        self.set_threads(Vec::new());
        self.set_endings(Vec::new());
        self.changes.people = true;
    }

    fn enter(&mut self, state: State) {
        // Whatever is still heard of the server, the window is about to close.
        if self.state != State::Closing && self.state != state {
            self.state = state;
            self.changes.state = true;
        }
    }
}

#[cfg(test)]
mod tests;
