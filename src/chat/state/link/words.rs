//! The state of the connection in words, for the status line. Runs on the UI thread.

use std::time::Instant;

use super::retry::Retry;
use super::session::{Outcome, Phase, Session};
use super::{Link, NOT_CONNECTED};
use crate::chat::state::error_text::reason_after;
use crate::chat::state::talks::whom::shown_server;
use crate::mood::Mood;

impl Link {
    /// Returns the state of the connection in words.
    pub(in crate::chat::state) fn in_words(&self, now: Instant) -> (Mood, String) {
        match (&self.session, &self.retry) {
            (Some(Session { phase, options, .. }), retry) => {
                let server = shown_server(&options.server);
                match (phase, retry) {
                    (Phase::Online, _) => (Mood::Good, format!("Connected as {} to {server}", options.username)),
                    (Phase::Leaving, _) => (Mood::Busy, format!("Disconnecting from {server} …")),
                    (_, None) => (Mood::Busy, format!("Connecting to {server} …")),
                    (_, Some(Retry { reason, .. })) => {
                        (Mood::Warn, format!("Reconnecting to {server} … {}", lost(reason)))
                    }
                }
            }
            (None, Some(retry)) => {
                let seconds = retry.seconds(now).unwrap_or(0);
                // The countdown comes first: in a small window the end of the line is cut off.
                (Mood::Warn, format!("Trying again in {seconds} s. {}", lost(&retry.reason)))
            }
            (None, None) => match (&self.trust_prompt, &self.last_end) {
                (Some(trust_prompt), _) => (Mood::Warn, trust_prompt.summary()),
                (None, Outcome::ByUser) => (Mood::Idle, NOT_CONNECTED.into()),
                (None, Outcome::Refused(reason, _)) => (Mood::Error, reason_after("Refused", reason)),
                (None, Outcome::Failed(reason)) => (Mood::Error, reason_after(NOT_CONNECTED, reason)),
                (None, Outcome::Lost { reason, .. }) => (Mood::Error, lost(reason)),
            },
        }
    }
}

fn lost(reason: &str) -> String {
    reason_after("Connection lost", reason)
}
