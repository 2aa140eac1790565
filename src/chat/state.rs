//! State of the chat window, without the window: the connection, the conversations, the people in the room, and the
//! messages that were not sent.
//!
//! A [`Chat`] belongs to the UI thread. The window passes it the user's actions ([`connect`](Chat::connect),
//! [`enter`](Chat::enter), [`leave`](Chat::leave)), calls [`tick`](Chat::tick) thirty times a second, and draws what it
//! finds. Nothing here blocks and nothing here knows FLTK, so all of it is tested without a display.
//!
//! Six parts own the state. None of them knows the [`Chat`] or changes another one: a method returns what follows from
//! it, such as a remark, a line to send or options to connect with, and the [`Chat`] passes that on.
//!
//! | part | owns |
//! | --- | --- |
//! | [`Link`] | the connection, why the last one ended, when to reconnect, the question about a certificate, faults that the user injects |
//! | [`Outgoing`] | lines without an answer, by label |
//! | [`Backfill`] | older messages: loaded on demand, replayed after a reconnect, and searched |
//! | [`People`] | who is in the room, away or typing, the user included; how much of that is sent and asked for |
//! | [`Ignored`] | whose messages are hidden on each server |
//! | [`Alerts`] | the alerts about messages in conversations that are not in front |
//! | [`Talks`] | the conversations on all servers: what was said, what came back unsent, remarks |
//!
//! The [`Chat`] coordinates them:
//!
//! | file | what happens |
//! | --- | --- |
//! | `lifecycle.rs` | a session begins and ends |
//! | `receive.rs` | a line of the server arrives |
//! | `send.rs` | the user sends something, and the server answers |
//! | `deleted.rs` | the operator has deleted messages |
//! | `commands.rs` | the user enters a text, which may be a command |
//! | `rename.rs` | the user comes back under another name |
//! | `ignore.rs` | the user ignores a person, or no longer does |
//! | `status.rs` | the status line is composed |

use std::collections::BTreeSet;
use std::time::Instant;

pub mod alerts;
pub mod backfill;
pub mod commands;
pub mod deleted;
pub mod error_text;
pub mod ignore;
pub mod lifecycle;
pub mod link;
pub mod outgoing;
pub mod people;
pub mod receive;
pub mod rename;
pub mod send;
pub mod status;
pub mod talks;

pub use alerts::{Alert, AlertOn, AlertSettings, Alerts};
pub use backfill::Backfill;
pub use backfill::search::{Hit, Search};
pub use commands::Entered;
pub use ignore::{IGNORED_ON, Ignored, IgnoredNames, Treatment};
pub use link::Link;
pub use link::session::{InvalidField, Phase};
pub use link::trust_prompt::{About, TrustPrompt};
pub use outgoing::draft::{counter, spoken};
pub use outgoing::{Outgoing, PENDING_MAX, Pending, RequestKind};
pub use people::People;
pub use people::joins::Joins;
pub use people::privacy::Privacy;
pub use people::rows::Row;
pub use status::StatusParts;
pub use talks::Talks;
pub use talks::conversation::Conversation;
pub use talks::message_log::{Entry, Kind, MessageLog, Position, SETTLED_MAX, Splice, shown_name};
pub use talks::private::{TalkId, TalkRequest};
pub use talks::rows::{Match, Seen, TalkRow};
pub use talks::unread::{UnreadTracker, counted};
pub use talks::whom::{Whom, shown_server};

use crate::clock::Clock;
use crate::protocol::Stamp;

/// One user's view of the chat.
#[derive(Debug, Default)]
pub struct Chat {
    /// The connection to the server.
    pub link: Link,
    /// Lines without an answer, sent or waiting.
    pub outgoing: Outgoing,
    /// Older messages of the room, and the search among them.
    pub backfill: Backfill,
    /// The people in the room.
    pub people: People,
    /// The people whose messages are hidden.
    pub ignored: Ignored,
    /// The conversations.
    pub talks: Talks,
    /// Alerts about messages that the user does not see.
    pub alerts: Alerts,
    /// Stamps of messages that the operator has deleted, until they are taken out of the log and the rest.
    deleted: BTreeSet<Stamp>,
    /// The change of the user's name, while it is under way.
    rename: Option<rename::Rename>,
    /// Time of the last tick.
    now: Option<Instant>,
}

impl Chat {
    /// Processes events from the network, with a limit that keeps the window responsive, and does what is due.
    /// Returns whether the window may have to be redrawn.
    pub fn tick(&mut self, now: Instant) -> bool {
        let before = self.now.replace(now);
        let mut changed = self.receive_events(now);
        if changed && self.outgoing.room() > 0 {
            self.talks.forget_remark(&send::queue_is_full());
        }
        let seconds = |time| (self.unanswered_for(time), self.link.seconds_to_retry(time));
        changed |= before.is_some_and(|before| seconds(before) != seconds(now));
        if let Some(outcome) = self.link.timed_out(now) {
            self.end(outcome, now);
            changed = true;
        }
        changed |= self.go_on_renaming(now);
        if let Some(options) = self.link.due_retry(now) {
            self.dial(options, now);
            changed = true;
        }
        changed |= self.people.expire_typing(now);
        changed |= self.talks.expire_remarks(now);
        changed |= self.link.faults_have_changed();
        if self.link.is_online() {
            let idle = self.people.check_idle(now, self.link.stamp());
            changed |= idle.is_some();
            self.announce(idle);
            changed |= self.outgoing.send_waiting(&self.link, now);
            changed |= self.send_query(now);
        }
        changed
    }

    /// Ends queries without an answer, and sends the next one unless messages of the user wait. Returns whether anything
    /// shown has changed.
    fn send_query(&mut self, now: Instant) -> bool {
        if let Some(query) = self.outgoing.take_timed_out(now) {
            self.on_refusal(query.kind, query.text, None, "the server does not answer");
            return true;
        }
        if self.outgoing.has_waiting() {
            return false;
        }
        match self.backfill.next_query(&self.talks.room().log, now) {
            Ok(None) => false,
            Ok(Some((kind, text))) => {
                let query = self.pending(kind.clone(), text);
                if self.outgoing.send_now(query, &self.link, now).is_err() {
                    self.backfill.not_sent(&kind);
                }
                true
            }
            Err(remark) => {
                self.talks.remark_in(&Whom::All, Some(remark));
                true
            }
        }
    }

    /// Returns the time of the last tick.
    fn now(&self) -> Instant {
        self.now.unwrap_or_else(Instant::now)
    }

    /// Loads what is missing among the visible entries of the room or above them, after the user has scrolled up.
    pub fn scrolled_up(&mut self, top: Position, end: Position) {
        let remark = self.backfill.scrolled_up(&self.talks.room().log, top, end);
        self.talks.remark_in(&Whom::All, remark);
    }

    /// Scrolls to the message with this stamp, and loads it first if necessary.
    pub fn go_to(&mut self, stamp: Stamp) {
        self.talks.forget_remark(backfill::NOT_THERE);
        self.talks.forget_remark(backfill::NOT_LOADED);
        let remark = self.backfill.go_to(&self.talks.room().log, stamp, self.link.is_online());
        self.talks.remark_in(&Whom::All, remark);
    }

    /// Scrolls to one of the messages found.
    pub fn go_to_hit(&mut self, at: usize) {
        if let Some(hit) = self.backfill.search().hits.get(at) {
            self.go_to(hit.at);
        }
    }

    /// Starts a search for words in the server's history.
    pub fn search(&mut self, words: &str) {
        self.backfill.search_mut().start(words, self.link.is_online());
    }

    /// Returns the rows of the list of people: up to `most` of those in the room whose names contain `part`, and how many
    /// more there are.
    pub fn rows(&self, part: &str, most: usize, clock: &Clock) -> (Vec<Row>, usize) {
        self.people.rows(self.link.own_name(), part, most, clock, self.link.stamp())
    }

    /// Returns a number that changes whenever those rows, or those of the conversations, may have changed.
    pub fn rows_version(&self) -> u64 {
        self.people.version() + self.talks.version()
    }

    /// Returns the names for Tab completion, the user's own last.
    pub fn names_to_complete(&self) -> Vec<String> {
        let is_other = |name: &&str| self.link.online_name() != Some(name);
        let (others, own): (Vec<_>, Vec<_>) = self.people.roster().names().partition(is_other);
        others.into_iter().chain(own).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests;
