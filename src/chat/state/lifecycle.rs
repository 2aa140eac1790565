//! Beginning and end of a session: connecting, leaving, and what is kept of it for the next one. Runs on the UI thread.
//!
//! Ending a session never waits for the network: the connection is dropped, or its threads end by themselves.

use std::time::Instant;

use super::Chat;
use super::queue::RequestKind;
use super::retry::Retry;
use super::session::{Outcome, Phase, Session};
use super::whom::Whom;
use crate::client::{ConnectOptions, Connection};
use crate::protocol::Capabilities;

impl Chat {
    /// Starts connecting. An earlier connection is dropped.
    pub fn connect(&mut self, options: ConnectOptions, now: Instant) {
        self.retry = None;
        self.trust_prompt = None;
        self.reset_presence(now);
        self.dial(options, now);
    }

    pub(super) fn dial(&mut self, options: ConnectOptions, now: Instant) {
        let options = self.prepared(options);
        self.begin(Connection::open_tapped(options.clone(), self.tap.clone()), options, now);
    }

    /// Returns the options with the capabilities to request in HELLO.
    pub(super) fn prepared(&self, mut options: ConnectOptions) -> ConnectOptions {
        let since = self.backfill.since(&options);
        options.capabilities = Capabilities { since, ..self.privacy.capabilities() };
        options
    }

    pub(super) fn begin(&mut self, connection: Connection, options: ConnectOptions, now: Instant) {
        self.end(Outcome::ByUser, now);
        self.switch_server(&options.server);
        self.backfill.begin(&options, self.room.log.end());
        self.room.set_remark(None);
        self.send_after = None;
        options.username.as_str().clone_into(&mut self.last_name);
        self.session = Some(Session::new(connection, options, now));
    }

    /// Leaves the room, or cancels connecting, including later attempts.
    pub fn leave(&mut self, now: Instant) {
        self.retry = None;
        self.trust_prompt = None;
        self.return_unconfirmed();
        match &mut self.session {
            Some(session) if session.phase == Phase::Online => {
                // The writer sends what is queued before the BYE, and its echoes arrive before the end of file.
                session.connection.leave();
                session.enter(Phase::Leaving, now);
            }
            Some(session) if session.phase == Phase::Leaving => {}
            _ => self.end(Outcome::ByUser, now),
        }
    }

    /// Takes the connection out, to be closed once the window is gone.
    pub fn into_connection(self) -> Option<Connection> {
        self.session.map(|session| session.connection)
    }

    /// Shows why Connect was not tried. Clears the reason why the last attempt failed, which is outdated now.
    pub fn cannot_connect(&mut self, why: impl std::fmt::Display) {
        self.trust_prompt = None;
        self.last_end = Outcome::ByUser;
        self.remark(format!("Cannot connect: {why}"));
    }

    /// Ends the session. Unconfirmed messages go back to the user.
    pub(super) fn end(&mut self, end: Outcome, now: Instant) {
        if let Some(session) = self.session.take() {
            self.forget_remarks();
            // The replay of the next connection shows which of them have arrived.
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

    /// Decides whether to reconnect: only if the connection was lost without the user or the server wanting that.
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
        if self.retry.is_none() {
            self.return_unconfirmed();
        }
    }

    /// Moves messages that may not have arrived back to the user.
    pub(super) fn return_unconfirmed(&mut self) {
        self.unconfirmed.take().for_each(|text| self.room.returned.keep(text));
    }
}
