//! What the chat window shows, without a window: the connection, the conversation, who is here, and what was not sent.
//!
//! A [`Chat`] belongs to the UI thread. The window tells it what the user wants ([`connect`](Chat::connect),
//! [`say`](Chat::say), [`leave`](Chat::leave)), calls [`tick`](Chat::tick) thirty times a second, and draws what it finds.
//! Nothing here waits, and nothing here knows fltk, so all of it is tested without a display.
//!
//! | file | owns |
//! | --- | --- |
//! | `session.rs` | one connection: how far it has come, why it ended |
//! | `hear.rs` | what each line of the server changes |
//! | `laboratory.rs` | what is done to the connection to see what comes of it |
//! | `speak.rs` | what is sent, and when |
//! | `queue.rs` | what waits for its answer, and how answers find their lines |
//! | `talk.rs`, `private.rs` | a conversation with all, and those with one person each |
//! | `conversation.rs` | what was said |
//! | `commands.rs` | what begins with a slash |
//! | `stranger.rs` | whether a server is the one that the user means |
//! | `register.rs` | making our name our own |
//! | `roster.rs`, `people.rs` | who is here, and how that is listed |
//! | `presence.rs`, `typing.rs` | being away, and typing: ours and that of others |
//! | `manners.rs` | how much of that is told and asked |
//! | `draft.rs` | what may be sent, and what was not |
//! | `other_servers.rs` | what belongs to another server than the one that we are on |
//! | `retry.rs` | when to connect again |
//! | `past.rs` | what was said before: loaded when it is wanted, and replayed to a new connection |
//! | `status.rs`, `words.rs` | what is happening, and what went wrong, in words |
//! | `styled.rs`, `lines.rs` | text with a style for each byte; the conversation as such text |
//! | `page.rs` | that text as it stands on the screen: selections, links, the mark before what is new |
//! | `plain.rs` | the conversation as plain text |
//! | `links.rs`, `mentions.rs` | what is special within a text: addresses, our own name |
//! | `attention.rs` | what was missed while somebody looked elsewhere |
//! | `find.rs` | finding text in it |
//! | `search.rs` | finding text in all that the server remembers |
//! | `recall.rs`, `complete.rs` | what Up, Down and Tab do in an entry |
//! | `shortcuts.rs` | the keys of a window, in words |

use std::time::Instant;

pub mod backfill;
pub mod commands;
pub mod conversation;
pub mod draft;
pub mod error_text;
pub mod fault_injection;
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
pub use status::{Mood, StatusParts};
pub use trust_prompt::{About, TrustPrompt};
pub use unread::{UnreadTracker, counted};
pub use whom::Whom;

use crate::client::{ConnectOptions, Connection, Password, Security};
use crate::clock::stamp_now;
use crate::protocol::{Capabilities, Stamp};
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

/// One person's view of the chat.
#[derive(Debug, Default)]
pub struct Chat {
    session: Option<Session>,
    /// Why the last one ended.
    last_end: Outcome,
    /// The next attempt, after a connection was lost.
    retry: Option<Retry>,
    /// The talk with everybody.
    room: Conversation,
    privates: Privates,
    roster: Roster,
    /// What we say, until the server has answered it.
    queue: Queue,
    /// What we said when the connection was lost.
    unconfirmed: Unconfirmed,
    other_servers: OtherServers,
    backfill: Backfill,
    search: Search,
    /// Before then, the server does not want to hear more from us.
    send_after: Option<Instant>,
    privacy: Privacy,
    presence: Presence,
    typing: Typing,
    /// Our own name in the last connection. It stays when that has ended.
    last_name: String,
    /// What is asked about the certificate of a server.
    trust_prompt: Option<TrustPrompt>,
    /// The password that our name has just got.
    new_password: Option<Password>,
    /// Where the lines of every connection are seen as they go by.
    tap: Tap,
    /// The experiments that went on at the last tick, in words.
    active_faults: Option<String>,
    /// How many microseconds the server's clock is ahead of ours; 0 if it does not say what it shows.
    clock_offset: i64,
    /// The time of the last tick.
    now: Option<Instant>,
}

impl Chat {
    /// Begins to connect. An earlier connection is dropped.
    pub fn connect(&mut self, options: ConnectOptions, now: Instant) {
        self.retry = None;
        self.trust_prompt = None;
        self.reset_presence(now);
        self.dial(options, now);
    }

    fn dial(&mut self, options: ConnectOptions, now: Instant) {
        let options = self.prepared(options);
        self.begin(Connection::open_tapped(options.clone(), self.tap.clone()), options, now);
    }

    /// With what is to be asked for in our HELLO.
    fn prepared(&self, mut options: ConnectOptions) -> ConnectOptions {
        let since = self.backfill.since(&options);
        options.capabilities = Capabilities { since, ..self.privacy.capabilities() };
        options
    }

    fn begin(&mut self, connection: Connection, options: ConnectOptions, now: Instant) {
        self.end(Outcome::ByUser, now);
        self.switch_server(&options.server);
        self.backfill.begin(&options, self.room.log.end());
        self.room.remark = None;
        self.send_after = None;
        options.username.as_str().clone_into(&mut self.last_name);
        self.session = Some(Session::new(connection, options, now));
    }

    /// Leaves the room, or gives up connecting to it, now and later.
    pub fn leave(&mut self, now: Instant) {
        self.retry = None;
        self.trust_prompt = None;
        self.return_unconfirmed();
        match &mut self.session {
            Some(session) if session.phase == Phase::Online => {
                // What was said arrives before the BYE, and its echoes before the end.
                session.connection.leave();
                session.enter(Phase::Leaving, now);
            }
            Some(session) if session.phase == Phase::Leaving => {}
            _ => self.end(Outcome::ByUser, now),
        }
    }

    /// Takes the connection out, to be closed after the window is.
    pub fn into_connection(self) -> Option<Connection> {
        self.session.map(|session| session.connection)
    }

    /// What the user asked for with Connect cannot be tried. Why the last attempt failed is of the past now.
    pub fn cannot_connect(&mut self, why: impl std::fmt::Display) {
        self.trust_prompt = None;
        self.last_end = Outcome::ByUser;
        self.remark(format!("Cannot connect: {why}"));
    }

    /// The time by the server's clock, as far as we know it: what is said is stamped by that.
    pub(crate) fn stamp(&self) -> Stamp {
        stamp_now().saturating_add_signed(self.clock_offset)
    }

    /// The connection has come or gone, and so has what was said about it.
    pub(crate) fn forget_remarks(&mut self) {
        self.room.remark = None;
        self.privates.all_mut().for_each(|conversation| conversation.remark = None);
    }

    /// Forgets a remark wherever it stands, now that it is true no more.
    pub(crate) fn forget_remark(&mut self, remark: &str) {
        for conversation in [&mut self.room].into_iter().chain(self.privates.all_mut()) {
            conversation.remark.take_if(|told| told == remark);
        }
    }

    /// A remark about something that the user has tried, which the status line shows until the next try.
    pub fn remark(&mut self, text: impl Into<String>) {
        self.room.remark = Some(text.into());
    }

    /// Says something of our own in the conversation, at no particular time.
    pub fn notice(&mut self, text: impl Into<String>) {
        self.room.log.settle(None, Kind::Notice(text.into()));
    }

    /// A message that was not sent, for an entry that is empty.
    pub fn take_returned(&mut self, whom: &Whom) -> Option<String> {
        self.conversation_mut(whom)?.returned.take()
    }

    /// Takes what the network has to tell, at most so much that the window stays quick, and does what is due. Returns
    /// whether anything may look different.
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

    /// There is no connection any more. What was not confirmed goes back to the user.
    fn end(&mut self, end: Outcome, now: Instant) {
        if let Some(session) = self.session.take() {
            self.forget_remarks();
            // What the next connection replays will show which of them have arrived.
            let will_be_seen = self.backfill.since(&session.options).is_some();
            for line in self.queue.take_all() {
                match &line.kind {
                    RequestKind::Say(Whom::All) if will_be_seen => self.unconfirmed.keep(line),
                    RequestKind::Say(whom) => {
                        if let Some(conversation) = self.conversation_mut(&whom.clone()) {
                            conversation.returned.keep(line.text);
                        }
                    }
                    RequestKind::Away | RequestKind::Past { .. } | RequestKind::Find => {}
                }
            }
            self.search.failed("the connection has ended");
            self.roster.clear();
            self.typing.clear();
            if matches!(session.phase, Phase::Online | Phase::Leaving) {
                match &end {
                    Outcome::Lost { reason, .. } => self.notice_now(&format!("The connection has ended: {reason}")),
                    _ => self.notice_now("You left"),
                }
            }
            self.retry_after(&end, session, now);
        }
        self.last_end = end;
    }

    /// Makes up its mind whether to connect again: only if the connection was lost without anybody wanting that.
    fn retry_after(&mut self, end: &Outcome, session: Session, now: Instant) {
        match (end, &mut self.retry) {
            // A server that lets us in and throws us out at once is not to be asked every second.
            (Outcome::Lost { reason, for_good: false }, Some(retry)) if session.was_short(now) => {
                retry.failed(reason.clone(), now);
            }
            (Outcome::Lost { reason, for_good: false }, retry) => {
                *retry = Some(Retry::new(session.options, reason.clone(), now));
            }
            (Outcome::Failed(reason), Some(retry)) => retry.failed(reason.clone(), now),
            (_, retry) => *retry = None,
        }
        if self.retry.is_none() {
            self.return_unconfirmed();
        }
    }

    /// What is not known to have arrived goes back to the user.
    fn return_unconfirmed(&mut self) {
        self.unconfirmed.take().for_each(|text| self.room.returned.keep(text));
    }

    /// How far the connection has come.
    pub fn phase(&self) -> Phase {
        match (&self.session, &self.retry) {
            (Some(session), _) => session.phase,
            (None, Some(_)) => Phase::Waiting,
            (None, None) => Phase::Offline,
        }
    }

    /// Which field is most likely to be wrong, after an attempt that has failed.
    pub fn invalid_field(&self) -> InvalidField {
        if let Outcome::Refused(_, blame) = self.last_end { blame } else { InvalidField::Server }
    }

    /// Whether what we say is encrypted, while we are in the room.
    pub fn security(&self) -> Option<&Security> {
        self.session.as_ref().filter(|session| session.phase == Phase::Online)?.security.as_ref()
    }

    /// Was the connection made again by itself?
    pub fn has_come_back(&self) -> bool {
        self.retry.is_some()
    }

    /// Our own name, while we are in the room.
    pub fn online_name(&self) -> Option<&str> {
        self.session
            .as_ref()
            .filter(|session| session.phase == Phase::Online)
            .map(|session| session.options.username.as_str())
    }

    /// Our own name in what was said: that of the last connection.
    pub fn last_name(&self) -> &str {
        &self.last_name
    }

    /// Our own name as long as there is a connection, and nothing without.
    pub fn requested_name(&self) -> &str {
        self.session.as_ref().map_or("", |session| session.options.username.as_str())
    }

    /// The conversation with everybody.
    pub fn log(&self) -> &MessageLog {
        &self.room.log
    }

    /// The talk with everybody, or with one person if there is one.
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

    /// What we have said in a talk and has no answer yet, in the order in which it was written.
    pub fn pending(&self, whom: &Whom) -> impl Iterator<Item = &Pending> {
        let unconfirmed = self.unconfirmed.lines().filter(move |_| *whom == Whom::All);
        unconfirmed.chain(self.queue.pending_for(whom))
    }

    /// Who is here.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }
}

#[cfg(test)]
mod tests;
