//! What is happening, in one line of words. Runs on the UI thread.

use std::time::Instant;

use super::session::{End, Phase};
use super::{Chat, Retry};
use crate::protocol::escape::escape;

/// How good the news in the status line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Nothing is going on.
    Idle,
    /// Something is under way.
    Busy,
    /// All is well.
    Good,
    /// Something needs attention.
    Warn,
    /// Something failed.
    Error,
}

impl Chat {
    /// What is happening, in words that are fit to be shown: first what the user has just tried, then the connection,
    /// then the messages that wait.
    pub fn status(&self) -> (Mood, String) {
        let (mut mood, state) = self.connection_in_words();
        let mut parts = Vec::new();
        if let Some(remark) = &self.remark {
            mood = Mood::Warn;
            parts.push(remark.clone());
        }
        parts.push(state);
        let waiting = self.conversation.waiting();
        if waiting > 0 {
            mood = Mood::Warn;
            let messages = if waiting == 1 { "message waits" } else { "messages wait" };
            parts.push(format!("{waiting} {messages}, since the server takes only so many at once"));
        }
        parts.extend(self.unsent.hint());
        (mood, parts.join(". "))
    }

    fn connection_in_words(&self) -> (Mood, String) {
        match (&self.session, &self.retry) {
            (Some(session), retry) => {
                let server = session.server.to_string();
                let server = escape(&server);
                match (session.phase, retry) {
                    (Phase::Online, _) => (Mood::Good, format!("Connected as {} to {server}", session.me)),
                    (Phase::Leaving, _) => (Mood::Busy, format!("Leaving {server} …")),
                    (_, None) => (Mood::Busy, format!("Connecting to {server} …")),
                    (_, Some(Retry { reason, .. })) => {
                        (Mood::Warn, format!("Connection lost: {reason}. Connecting to {server} again …"))
                    }
                }
            }
            (None, Some(retry)) => {
                let seconds = retry.seconds(self.now.unwrap_or_else(Instant::now)).unwrap_or(0);
                (Mood::Warn, format!("Connection lost: {}. Trying again in {seconds} s", retry.reason))
            }
            (None, None) => match &self.last_end {
                End::Wanted => (Mood::Idle, "Not connected".into()),
                End::Refused(reason) => (Mood::Error, format!("Refused: {reason}")),
                End::Failed(reason) => (Mood::Error, format!("Not connected: {reason}")),
                End::Lost { reason, .. } => (Mood::Error, format!("Connection lost: {reason}")),
            },
        }
    }
}
