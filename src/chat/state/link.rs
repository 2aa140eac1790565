//! The link to the server: the connection, why the last one ended, when the next one is tried, and the question about a
//! certificate.
//!
//! It decides what is to be done next, and the [`Chat`](super::Chat) does it, since a new connection concerns all the
//! other parts. Runs on the UI thread and never waits: a connection is dropped, or its threads end by themselves.

use std::time::Instant;

use crossbeam_channel::TryRecvError;

pub mod fault_injection;
pub mod retry;
pub mod session;
pub mod trust_prompt;
mod words;

use super::error_text;
use crate::client::{
    ConnectOptions, Connection, ConnectionError, Encryption, Event, NotSent, Password, Security, TrustPolicy,
};
use crate::clock::stamp_now;
use crate::protocol::{Capabilities, ErrorCode, Stamp};
use crate::wire::Tap;
use retry::Retry;
use session::{InvalidField, Outcome, Phase, Session};
use trust_prompt::TrustPrompt;

pub(super) const NOT_CONNECTED: &str = "Not connected";

/// The connection to the server, past and future ones included.
#[derive(Debug, Default)]
pub struct Link {
    session: Option<Session>,
    /// Reason for the end of the last session.
    last_end: Outcome,
    /// The next attempt, after a connection was lost.
    retry: Option<Retry>,
    /// The open question about a server's certificate.
    trust_prompt: Option<TrustPrompt>,
    /// The user's name in the last connection.
    own_name: String,
    /// A password that was just registered, for the field that holds it.
    new_password: Option<Password>,
    /// Tap that records the lines of every connection.
    tap: Tap,
    /// Faults that were active at the last tick, in words.
    active_faults: Option<String>,
    /// Microseconds by which the server's clock is ahead of the local one; 0 if its lines carry no stamps.
    clock_offset: i64,
}

impl Link {
    /// Returns the open question about a server's certificate.
    pub fn trust_prompt(&self) -> Option<&TrustPrompt> {
        self.trust_prompt.as_ref()
    }

    /// Takes the question away.
    pub fn take_trust_prompt(&mut self) -> Option<TrustPrompt> {
        self.trust_prompt.take()
    }

    /// Takes a password that was just registered, for the field that holds it.
    pub fn take_new_password(&mut self) -> Option<Password> {
        self.new_password.take()
    }

    /// Sets the tap that records the lines of every connection from now on.
    pub fn set_tap(&mut self, tap: Tap) {
        self.tap = tap;
    }

    /// Returns the phase of the connection.
    pub fn phase(&self) -> Phase {
        match (&self.session, &self.retry) {
            (Some(session), _) => session.phase,
            (None, Some(_)) => Phase::Waiting,
            (None, None) => Phase::Offline,
        }
    }

    pub(super) fn is_online(&self) -> bool {
        self.phase() == Phase::Online
    }

    /// Returns the session while the user is in the room.
    fn online(&self) -> Option<&Session> {
        self.session.as_ref().filter(|session| session.phase == Phase::Online)
    }

    /// Returns the user's name in the current connection, be it accepted or only requested, or in the last one; empty
    /// before the first.
    pub fn own_name(&self) -> &str {
        &self.own_name
    }

    /// Returns the user's name while the user is in the room.
    pub fn online_name(&self) -> Option<&str> {
        self.online().map(|session| session.options.username.as_str())
    }

    /// Returns the security of the connection, while the user is in the room.
    pub fn security(&self) -> Option<&Security> {
        self.online()?.security.as_ref()
    }

    /// Returns the field that is most likely wrong after a failed attempt, and the reason.
    pub fn failure(&self) -> Option<(InvalidField, &str)> {
        match &self.last_end {
            _ if self.phase() != Phase::Offline => None,
            Outcome::Refused(reason, field) => Some((*field, reason)),
            Outcome::Failed(reason) => Some((InvalidField::Server, reason)),
            Outcome::ByUser | Outcome::Lost { .. } => None,
        }
    }

    /// Returns whether the connection was restored by an automatic attempt, or is to be.
    pub fn was_restored(&self) -> bool {
        self.retry.is_some()
    }

    /// Returns the options of the current connection.
    pub(super) fn options(&self) -> Option<&ConnectOptions> {
        self.session.as_ref().map(|session| &session.options)
    }

    /// Returns the reason for the end of the last session, unless the user wanted it.
    pub(super) fn why_ended(&self) -> Option<&str> {
        match &self.last_end {
            Outcome::ByUser => None,
            Outcome::Refused(why, _) | Outcome::Failed(why) | Outcome::Lost { reason: why, .. } => Some(why),
        }
    }

    /// Returns the capabilities that the connection asked for.
    pub(super) fn capabilities(&self) -> Option<Capabilities> {
        self.session.as_ref().map(|session| session.options.capabilities)
    }

    /// Returns the estimated time of the server's clock, by which messages are stamped.
    pub(super) fn stamp(&self) -> Stamp {
        stamp_now().saturating_add_signed(self.clock_offset)
    }

    /// Returns the connection, over which lines are sent.
    pub(super) fn connection(&self) -> Result<&Connection, NotSent> {
        self.session.as_ref().map(|session| &session.connection).ok_or(NotSent::Ended)
    }

    /// Starts connecting.
    pub(super) fn open(&self, options: ConnectOptions) -> Connection {
        Connection::open_tapped(options, self.tap.clone())
    }

    pub(super) fn begin(&mut self, connection: Connection, options: ConnectOptions, now: Instant) {
        options.username.as_str().clone_into(&mut self.own_name);
        self.session = Some(Session {
            connection,
            options,
            phase: Phase::Connecting,
            since: now,
            fatal_error: None,
            security: None,
            warned: false,
        });
    }

    /// Cancels the next attempt and the question: the user has decided otherwise.
    pub(super) fn cancel(&mut self) {
        self.retry = None;
        self.trust_prompt = None;
    }

    /// Forgets why the last attempt failed.
    pub fn forget_last_end(&mut self) {
        self.trust_prompt = None;
        self.last_end = Outcome::ByUser;
    }

    /// Leaves the room if the user is in it. Returns false if there is nothing to wait for.
    pub(super) fn leave(&mut self, now: Instant) -> bool {
        if let Some(session) = self.session.as_mut().filter(|session| session.phase == Phase::Online) {
            // The writer sends what is queued before the BYE, and its echoes arrive before the end of file.
            session.connection.leave();
            session.enter(Phase::Leaving, now);
        }
        self.phase() == Phase::Leaving
    }

    /// Takes the connection out, to be closed once the window is gone.
    pub fn into_connection(self) -> Option<Connection> {
        self.session.map(|session| session.connection)
    }

    /// Returns whether there is an event to take.
    pub fn has_events(&self) -> bool {
        self.session.as_ref().is_some_and(|session| !session.connection.events().is_empty())
    }

    /// Takes the next event, if any.
    pub(super) fn next_event(&mut self) -> Option<Event> {
        match self.session.as_ref()?.connection.events().try_recv() {
            Ok(event) => Some(event),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                Some(Event::Ended(ConnectionError::Broken("its thread has ended".into())))
            }
        }
    }

    /// Records that the connection is established.
    pub(super) fn on_connected(&mut self, security: Security, now: Instant) {
        if let Some(session) = &mut self.session {
            session.security = Some(security);
            // The decision was for one attempt; the next one uses what is remembered.
            session.options.trust = TrustPolicy::Remembered;
            session.enter(Phase::Connecting, now);
        }
    }

    /// Handles the user's own HELLO, with its stamp. Returns the server if this is the one that lets the user in.
    pub(super) fn on_joined(&mut self, at: Option<Stamp>, now: Instant) -> Option<String> {
        let session = self.session.as_mut().filter(|session| session.phase == Phase::Connecting)?;
        session.enter(Phase::Online, now);
        // Even if the local clock is wrong, the user's own lines must sort among those of others.
        self.clock_offset = at.map_or(0, |at| at.cast_signed().saturating_sub(stamp_now().cast_signed()));
        Some(session.options.server.to_string())
    }

    /// Records an error after which the server ends the connection.
    pub(super) fn on_fatal_error(&mut self, code: ErrorCode, words: String) {
        if let Some(session) = &mut self.session {
            session.fatal_error = Some((code, words));
        }
    }

    /// Records the password under which the user's name is registered: reconnecting under this name needs it.
    pub(super) fn set_password(&mut self, password: Password) {
        self.new_password = Some(password.clone());
        if let Some(session) = &mut self.session {
            session.options.password = Some(password);
        }
    }

    /// Records that the server sends lines that this client does not understand. Returns whether that is new.
    pub(super) fn not_understood(&mut self) -> bool {
        self.session.as_mut().is_some_and(|session| !std::mem::replace(&mut session.warned, true))
    }

    /// Returns the outcome if the current phase has taken too long.
    pub(super) fn timed_out(&self, now: Instant) -> Option<Outcome> {
        self.session.as_ref()?.timed_out(now)
    }

    /// Returns the options of the attempt that is due.
    pub(super) fn due_retry(&mut self, now: Instant) -> Option<ConnectOptions> {
        let retry = self.retry.as_mut()?;
        retry.is_due(now).then(|| retry.options.clone())
    }

    /// Returns the options of the attempt that waits, which is made now.
    pub(super) fn retry_at_once(&mut self) -> Option<ConnectOptions> {
        let retry = self.retry.as_mut()?;
        retry.start().then(|| retry.options.clone())
    }

    /// Returns the seconds until the next attempt.
    pub(super) fn seconds_to_retry(&self, now: Instant) -> Option<u64> {
        self.retry.as_ref()?.seconds(now)
    }

    /// Takes the options of another attempt of which the user notices nothing: the server demands TLS, only this
    /// connection could show that, and the user has nothing to decide.
    pub(super) fn take_redial(&mut self) -> Option<ConnectOptions> {
        let session = self.session.take_if(|session| session.wants_tls())?;
        Some(ConnectOptions { encryption: Encryption::Always, ..session.options })
    }

    /// Returns the outcome of the connection that has ended, which may leave a question for the user.
    pub(super) fn outcome(&mut self, error: &ConnectionError, now: Instant) -> Option<Outcome> {
        let session = self.session.as_mut()?;
        self.trust_prompt = TrustPrompt::about(error, &session.options, now);
        let is_reconnecting = self.retry.as_ref().is_some_and(|retry| retry.was_just_lost(now));
        Some(session.end(error, is_reconnecting))
    }

    /// Ends the session, if there is one, and decides whether to reconnect. Returns its options, and whether the user was in
    /// the room.
    pub(super) fn end(&mut self, outcome: Outcome, now: Instant) -> Option<(ConnectOptions, bool)> {
        let ended = self.session.take().map(|session| {
            let was_in_room = matches!(session.phase, Phase::Online | Phase::Leaving);
            let options = session.options.clone();
            self.retry_after(&outcome, session, now);
            (options, was_in_room)
        });
        self.last_end = outcome;
        ended
    }

    /// Schedules another attempt, only if the connection was lost without the user or the server wanting that.
    fn retry_after(&mut self, end: &Outcome, session: Session, now: Instant) {
        match (end, &mut self.retry) {
            // A server that accepts this client and disconnects it at once must not be asked every second.
            (Outcome::Lost { reason, for_good: false }, Some(retry)) if session.was_short(now) => {
                retry.failed(reason.clone(), now);
            }
            (Outcome::Lost { reason, for_good: false }, retry) => {
                *retry = Some(Retry::new(session.options, reason.clone(), now));
            }
            (Outcome::Failed(reason), Some(retry)) => retry.failed(reason.clone(), now),
            (_, retry) => *retry = None,
        }
    }
}

#[cfg(test)]
impl Link {
    pub(super) fn session(&self) -> &Session {
        self.session.as_ref().unwrap()
    }

    pub(super) fn session_mut(&mut self) -> &mut Session {
        self.session.as_mut().unwrap()
    }

    pub(super) fn retry_mut(&mut self) -> &mut Option<Retry> {
        &mut self.retry
    }
}
