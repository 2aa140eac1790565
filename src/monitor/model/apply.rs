//! The model's input of the server worker, of its server, and of the clock: replies, snapshots, events, and ticks.
//!
//! Runs on the main thread, from the window's timer. It only changes the [`Model`] and notes what must be redrawn.

use std::time::{Instant, SystemTime};

use ::log::Level;

use super::{Line, Model, Rate, State};
use crate::monitor::messages::{Action, MemberAction, Reply, Update};
use crate::monitor::units;
use crate::protocol::escape::escape;
use crate::server::{Event, EventKind, Snapshot, Totals};

impl Model {
    /// Takes a reply of the server worker.
    pub fn apply_reply(&mut self, reply: &Reply) {
        match reply {
            Reply::Listening { addresses, fingerprint, .. } => {
                self.reset();
                self.fingerprint.clone_from(fingerprint);
                // Stop may have been pressed meanwhile, and its command is still queued.
                if self.state != State::Stopping {
                    self.enter(State::Listening(addresses.clone()));
                }
            }
            Reply::Failed { at, why } => self.failed(*at, why),
            Reply::Stopped => {
                self.reset();
                // Otherwise it stopped only to start again, on another address.
                if !matches!(self.state, State::Starting(_)) {
                    self.enter(State::Stopped);
                }
            }
            Reply::ActionDone { at, action, outcome } => {
                if outcome.is_err() || matches!(action, Action::Member(MemberAction::Remove, _)) {
                    self.members.password = None;
                }
                self.actions_mut().action_done(action, outcome);
                let words = match (action, outcome) {
                    (Action::Announce(text), Ok(_)) => Ok(format!("announced: {}", escape(text))),
                    _ => outcome.clone(),
                };
                self.log_outcome(*at, words);
            }
            Reply::Options(overview) => {
                self.settings.set(overview);
                // What others need to connect may be among them.
                self.changes.state = true;
            }
            Reply::OptionsRefused { keys, why } => self.settings.refused(keys, why),
            Reply::HistorySummary(summary) => self.changes.history |= self.history.set(summary),
            Reply::HistoryChanged(summary) => self.history.refresh(summary),
            Reply::Bans(bans) => self.bans.set(bans.clone()),
            Reply::Members(members) => self.members.list.set(members.clone()),
            Reply::Interfaces(interfaces) => {
                self.changes.state |= self.interfaces != *interfaces;
                self.interfaces.clone_from(interfaces);
            }
            Reply::RoomPassword(password) => {
                self.room_password.clone_from(password);
                self.changes.state = true;
            }
            Reply::Password { name, password } => {
                self.members.password = Some((name.to_string(), password.clone()));
            }
            Reply::Saved { at, outcome } => {
                let words = outcome.clone().map(|file| format!("Saved as {}", escape(&file.to_string_lossy())));
                self.actions_mut().saved(&words);
                if words.is_err() {
                    self.log_outcome(*at, words);
                }
            }
        }
    }

    /// Takes an update of the running server.
    pub fn apply_update(&mut self, update: Update) {
        self.apply_snapshot(update.snapshot);
        self.changes.state |= self.announced != update.announced;
        self.announced = update.announced;
        self.threads.set(update.threads);
        update.chat.into_iter().for_each(|news| self.chat.take(news));
    }

    /// Takes a snapshot of the running server.
    pub fn apply_snapshot(&mut self, snapshot: Snapshot) {
        let before = self.figures();
        self.deliveries.add(snapshot.taken, snapshot.totals.deliveries);
        self.totals = snapshot.totals;
        self.disconnects.set(snapshot.disconnects);
        self.clients.set(snapshot.people);
        self.changes.totals |= before != self.figures();
    }

    /// Returns what the totals show.
    fn figures(&self) -> impl PartialEq + use<> {
        (self.totals, self.deliveries_per_second(), self.deliveries.frame(), self.clients.version())
    }

    /// Takes an event of the server.
    pub fn apply_event(&mut self, event: &Event) {
        // The certificate may have been read again.
        if let (State::Listening(_), EventKind::Encrypts { fingerprint }) = (&self.state, &event.kind) {
            self.fingerprint = Some(fingerprint.clone());
            self.changes.state = true;
        }
        self.push(event.at, event.kind.level(), event.kind.to_string());
    }

    /// Takes the total number of lost events. If it has grown, a line of the log says by how many.
    pub fn set_lost_events(&mut self, lost: u64, at: SystemTime) {
        if lost > self.lost_events {
            let new = lost - self.lost_events;
            let events = if new == 1 { "1 event".into() } else { units::count(new) + " events" };
            self.push(at, Level::Warn, format!("{events} not shown: too many at once"));
            self.lost_events = lost;
        }
    }

    /// Takes a warning for the user that does not concern the server.
    pub fn warn(&mut self, at: SystemTime, text: String) {
        self.push(at, Level::Warn, text);
    }

    /// Takes the fact that the server worker has ended without being asked to, which is a defect of this program. Further
    /// calls change nothing.
    pub fn worker_died(&mut self, at: SystemTime) {
        let why = "the server's thread has ended unexpectedly: close this window and start the program again";
        if *self.state() != State::Failed(why.into()) {
            self.failed(at, why);
        }
    }

    /// Lets time pass: a result that has been shown long enough is removed.
    pub fn tick(&mut self, now: Instant) {
        self.changes.actions |= self.actions.tick(now);
    }

    fn log_outcome(&mut self, at: SystemTime, outcome: Result<String, String>) {
        match outcome {
            Ok(text) => self.push(at, Level::Info, format!("operator: {text}")),
            Err(why) => self.push(at, Level::Error, format!("operator: {why}")),
        }
    }

    fn push(&mut self, at: SystemTime, level: Level, text: String) {
        self.log.push(Line { at, level, text });
    }

    fn failed(&mut self, at: SystemTime, why: &str) {
        // The reason may quote the address field, which can contain any character.
        let why = escape(why).into_owned();
        self.push(at, Level::Error, why.clone());
        self.reset();
        self.enter(State::Failed(why));
    }

    /// Drops everything that belonged to one run of the server. The log and the order of the lists stay.
    fn reset(&mut self) {
        self.clients.clear();
        self.totals = Totals::default();
        self.deliveries = Rate::default();
        self.actions_mut().reset();
        self.bans.clear();
        self.chat.clear();
        self.members.list.clear();
        self.members.password = None;
        self.fingerprint = None;
        self.announced = None;
        self.room_password = None;
        self.threads.set(Vec::new());
        self.disconnects.clear();
        self.changes.totals = true;
    }
}
