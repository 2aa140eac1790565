//! State of the chat window, without the window: the connection, the conversations, the people in the room, and the
//! messages that were not sent.
//!
//! A [`Chat`] belongs to the UI thread. The window passes it the user's actions ([`connect`](Chat::connect),
//! [`send`](Chat::send), [`leave`](Chat::leave)), calls [`tick`](Chat::tick) thirty times a second, and draws what it
//! finds. Nothing here blocks and nothing here knows FLTK, so all of it is tested without a display.
//!
//! | file | owns |
//! | --- | --- |
//! | `session.rs`, `lifecycle.rs` | one connection: its phase, and why it ended; beginning and ending one |
//! | `receive.rs` | what each line of the server changes |
//! | `send.rs` | which line is sent, and when |
//! | `queue.rs` | lines without an answer, and how answers are matched to them |
//! | `whom.rs` | the recipient of a message |
//! | `message_log.rs` | what was said in one conversation |
//! | `conversation.rs`, `private.rs` | a log with its unsent texts; the private conversations |
//! | `commands.rs` | carrying out a line that begins with a slash |
//! | `trust_prompt.rs` | the question about an unknown certificate |
//! | `register.rs` | registering the user's name |
//! | `roster.rs`, `people.rs` | who is in the room, and the rows of that list |
//! | `presence.rs`, `typing.rs` | away and typing: the user's own and that of others |
//! | `privacy.rs` | how much of that is sent and asked for |
//! | `draft.rs` | what may be sent, and what came back unsent |
//! | `other_servers.rs` | drafts that belong to another server |
//! | `retry.rs` | when to reconnect |
//! | `backfill.rs`, `backfill/gaps.rs` | older messages: loaded on demand, and replayed after a reconnect |
//! | `search.rs` | searching the server's history |
//! | `status.rs`, `error_text.rs` | the status line, and errors in words |
//! | `unread.rs` | what arrived while the window had no focus |
//! | `fault_injection.rs` | faults that the user injects into the connection |

use std::time::Instant;

pub mod backfill;
pub mod commands;
pub mod conversation;
pub mod draft;
pub mod error_text;
pub mod fault_injection;
pub mod lifecycle;
pub mod message_log;
pub mod other_servers;
pub mod people;
pub mod presence;
pub mod privacy;
pub mod private;
pub mod queue;
pub mod receive;
pub mod register;
pub mod retry;
pub mod roster;
pub mod search;
pub mod send;
pub mod session;
pub mod status;
pub mod trust_prompt;
pub mod typing;
pub mod unread;
pub mod whom;

pub use commands::Entered;
pub use conversation::Conversation;
pub use draft::{bytes_left, counter};
pub use message_log::{Entry, Kind, MessageLog, Position, SETTLED_MAX, Splice, shown_name};
pub use people::Row;
pub use privacy::Privacy;
pub use private::WindowRequest;
pub use queue::{PENDING_MAX, Pending, RequestKind};
pub use roster::{Away, Roster};
pub use search::{Hit, Search};
pub use session::{InvalidField, Phase};
pub use status::StatusParts;
pub use trust_prompt::{About, TrustPrompt};
pub use unread::{UnreadTracker, counted};
pub use whom::Whom;

use crate::client::{Password, Security};
use crate::clock::stamp_now;
use crate::protocol::Stamp;
use crate::wire::Tap;
use backfill::Backfill;
use draft::Unconfirmed;
use other_servers::OtherServers;
use presence::Presence;
use private::Privates;
use queue::Queue;
use retry::Retry;
use session::{Outcome, Session};
use typing::Typing;

/// One user's view of the chat.
#[derive(Debug, Default)]
pub struct Chat {
    session: Option<Session>,
    /// Reason for the end of the last session.
    last_end: Outcome,
    /// The next attempt, after a connection was lost.
    retry: Option<Retry>,
    /// The conversation with the whole room.
    room: Conversation,
    privates: Privates,
    roster: Roster,
    /// Lines sent or to be sent that have no answer yet.
    queue: Queue,
    /// Messages without an answer when the connection was lost.
    unconfirmed: Unconfirmed,
    other_servers: OtherServers,
    backfill: Backfill,
    search: Search,
    /// Time before which the server wants no further line (`SLOW_DOWN`).
    send_after: Option<Instant>,
    privacy: Privacy,
    presence: Presence,
    typing: Typing,
    /// The user's name in the last connection. It outlives that connection.
    last_name: String,
    /// The open question about a server's certificate.
    trust_prompt: Option<TrustPrompt>,
    /// A password that was just registered, for the field that holds it.
    new_password: Option<Password>,
    /// Tap that records the lines of every connection.
    tap: Tap,
    /// Faults that were active at the last tick, in words.
    active_faults: Option<String>,
    /// Microseconds by which the server's clock is ahead of the local one; 0 if its lines carry no stamps.
    clock_offset: i64,
    /// Time of the last tick.
    now: Option<Instant>,
}

impl Chat {
    /// Returns the estimated time of the server's clock, by which messages are stamped.
    pub(crate) fn stamp(&self) -> Stamp {
        stamp_now().saturating_add_signed(self.clock_offset)
    }

    /// Clears every remark: a connection has begun or ended, and remarks were about the one before.
    pub(crate) fn forget_remarks(&mut self) {
        self.room.remark = None;
        self.privates.all_mut().for_each(|conversation| conversation.remark = None);
    }

    /// Clears a remark in every conversation, once its cause is gone.
    pub(crate) fn forget_remark(&mut self, remark: &str) {
        for conversation in [&mut self.room].into_iter().chain(self.privates.all_mut()) {
            conversation.remark.take_if(|told| told == remark);
        }
    }

    /// Shows a remark about the user's last action. It stays in the status line until the next action.
    pub fn remark(&mut self, text: impl Into<String>) {
        self.room.remark = Some(text.into());
    }

    /// Appends a notice of this program to the room's log, without a time.
    pub fn notice(&mut self, text: impl Into<String>) {
        self.room.log.settle(None, Kind::Notice(text.into()));
    }

    /// Takes a message that was not sent, for an empty entry.
    pub fn take_returned(&mut self, whom: &Whom) -> Option<String> {
        self.conversation_mut(whom)?.returned.take()
    }

    /// Processes events from the network, with a limit that keeps the window responsive, and does what is due.
    /// Returns whether the window may have to be redrawn.
    pub fn tick(&mut self, now: Instant) -> bool {
        let before = self.now.replace(now);
        let mut changed = self.receive_events(now);
        if changed && self.queue.room() > 0 {
            self.forget_remark(&send::queue_is_full());
        }
        changed |= before.is_some_and(|before| self.unanswered_for(before) != self.unanswered_for(now));
        if let Some(end) = self.session.as_ref().and_then(|session| session.timed_out(now)) {
            self.end(end, now);
            changed = true;
        }
        if let Some(retry) = &mut self.retry {
            changed |= before.is_none_or(|before| retry.seconds(before) != retry.seconds(now));
            if retry.is_due(now) {
                let options = retry.options.clone();
                self.dial(options, now);
            }
        }
        changed |= self.typing.expire(now);
        let faults_in_words = self.faults_in_words();
        if faults_in_words != self.active_faults {
            self.active_faults = faults_in_words;
            changed = true;
        }
        changed |= self.check_idle(now);
        changed |= self.send_queued(now);
        changed | self.send_query_if_idle(now)
    }

    /// Returns the phase of the connection.
    pub fn phase(&self) -> Phase {
        match (&self.session, &self.retry) {
            (Some(session), _) => session.phase,
            (None, Some(_)) => Phase::Waiting,
            (None, None) => Phase::Offline,
        }
    }

    /// Returns the field that is most likely wrong, after a failed attempt.
    pub fn invalid_field(&self) -> InvalidField {
        if let Outcome::Refused(_, blame) = self.last_end { blame } else { InvalidField::Server }
    }

    /// Returns the security of the connection, while the user is in the room.
    pub fn security(&self) -> Option<&Security> {
        self.session.as_ref().filter(|session| session.phase == Phase::Online)?.security.as_ref()
    }

    /// Returns whether the connection was restored by an automatic attempt.
    pub fn was_restored(&self) -> bool {
        self.retry.is_some()
    }

    /// Returns the user's name while the user is in the room.
    pub fn online_name(&self) -> Option<&str> {
        self.session
            .as_ref()
            .filter(|session| session.phase == Phase::Online)
            .map(|session| session.options.username.as_str())
    }

    /// Returns the user's name in what was said: the name of the last connection.
    pub fn last_name(&self) -> &str {
        &self.last_name
    }

    /// Returns the name of the current connection, accepted or only requested; empty without a connection.
    pub fn requested_name(&self) -> &str {
        self.session.as_ref().map_or("", |session| session.options.username.as_str())
    }

    /// Returns the room's log.
    pub fn log(&self) -> &MessageLog {
        &self.room.log
    }

    /// Returns the conversation with the room, or with one person if there is one.
    pub fn conversation(&self, whom: &Whom) -> Option<&Conversation> {
        match whom {
            Whom::All => Some(&self.room),
            whom => self.privates.get(whom),
        }
    }

    fn conversation_mut(&mut self, whom: &Whom) -> Option<&mut Conversation> {
        match whom {
            Whom::All => Some(&mut self.room),
            whom => self.privates.get_mut(whom),
        }
    }

    /// Returns the user's messages in a conversation that have no answer yet, in the order in which they were
    /// written.
    pub fn pending(&self, whom: &Whom) -> impl Iterator<Item = &Pending> {
        let unconfirmed = self.unconfirmed.lines().filter(move |_| *whom == Whom::All);
        unconfirmed.chain(self.queue.pending_for(whom))
    }

    /// Returns the people in the room.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }
}

#[cfg(test)]
mod tests;
