//! Beginning and end of a session: connecting, leaving, and what is kept of it for the next one. Runs on the UI thread.

use std::time::Instant;

use super::Chat;
use super::error_text::reason_after;
use super::link::session::Outcome;
use super::talks::whom::Whom;
use crate::client::{ConnectOptions, Connection, ConnectionError, Fault};
use crate::protocol::Capabilities;

impl Chat {
    /// Starts connecting. An earlier connection is dropped.
    pub fn connect(&mut self, options: ConnectOptions, now: Instant) {
        self.link.cancel();
        self.rename = None;
        self.people.reset_presence(now);
        self.dial(options, now);
    }

    pub(super) fn dial(&mut self, options: ConnectOptions, now: Instant) {
        let options = self.prepared(options);
        let connection = self.link.open(options.clone());
        self.begin(connection, options, now);
    }

    /// Returns the options with the capabilities to request in HELLO.
    pub(super) fn prepared(&self, mut options: ConnectOptions) -> ConnectOptions {
        let since = self.backfill.since(&options);
        options.capabilities = Capabilities { since, ..self.people.privacy().capabilities() };
        options
    }

    pub(super) fn begin(&mut self, connection: Connection, options: ConnectOptions, now: Instant) {
        self.end(Outcome::ByUser, now);
        if self.talks.server() != Some(&options.server) {
            // Another server will never show whether they have arrived.
            self.return_unconfirmed();
            self.talks.switch_server(&options.server);
        }
        self.ignored.begin(&options.server, options.username.as_str());
        self.backfill.begin(&options);
        self.talks.forget_remarks();
        self.outgoing.begin();
        self.link.begin(connection, options, now);
    }

    /// Makes the next attempt to connect again at once, if one waits.
    pub fn connect_now(&mut self, now: Instant) {
        if let Some(options) = self.link.retry_at_once() {
            self.dial(options, now);
        }
    }

    /// Leaves the room, or cancels connecting, including later attempts.
    pub fn leave(&mut self, now: Instant) {
        self.link.cancel();
        self.rename = None;
        self.return_unconfirmed();
        if !self.link.leave(now) {
            self.end(Outcome::ByUser, now);
        }
    }

    /// Accepts the certificate that the user is asked about, and connects.
    pub fn accept_certificate(&mut self, now: Instant) {
        if let Some(options) = self.link.accept_certificate(now) {
            self.connect(options, now);
        }
    }

    /// Toggles a fault of the connection.
    pub fn toggle_fault(&mut self, fault: Fault) {
        self.talks.remark_if(self.link.toggle_fault(fault).err().map(str::to_owned));
    }

    /// Aborts the connection without a BYE, as if this computer had lost power.
    pub fn abort(&mut self, now: Instant) {
        if let Err(why) = self.link.abort() {
            return self.talks.remark(why);
        }
        self.end(Outcome::ByUser, now);
        self.talks.remark("The connection was reset without BYE");
    }

    /// Handles the end of a connection, which may leave a question for the user.
    pub(super) fn on_connection_ended(&mut self, error: &ConnectionError, now: Instant) {
        if let Some(options) = self.link.take_redial() {
            self.dial(options, now);
        } else if let Some(outcome) = self.link.outcome(error, now) {
            self.end(outcome, now);
        }
    }

    /// Ends the session, if there is one. Unconfirmed messages go back to the user.
    pub(super) fn end(&mut self, outcome: Outcome, now: Instant) {
        let words = match &outcome {
            Outcome::Lost { reason, .. } => reason_after("Connection lost", reason),
            _ => "You disconnected".into(),
        };
        let Some((options, was_in_room)) = self.link.end(outcome, now) else { return };
        self.talks.forget_remarks();
        // The replay of the next connection shows which of them have arrived.
        let will_be_seen = self.backfill.since(&options).is_some();
        let was_registering = self.outgoing.is_registering();
        for (whom, text) in self.outgoing.end(will_be_seen) {
            self.talks.give_back(&whom, text, None);
        }
        self.backfill.search_mut().failed("the connection has ended");
        self.people.clear();
        if was_in_room {
            self.notice_now(&words);
        }
        if was_registering {
            let name = &options.username;
            self.notice_now(&format!("The server did not answer: {name} may be registered or not"));
        }
        if !self.link.was_restored() {
            self.return_unconfirmed();
        }
    }

    /// Moves messages that may not have arrived back to the user.
    pub(super) fn return_unconfirmed(&mut self) {
        for text in self.outgoing.take_unconfirmed() {
            self.talks.give_back(&Whom::All, text, None);
        }
    }
}
