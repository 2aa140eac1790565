//! What is happening, in one line of words. Runs on the UI thread.

use std::time::Instant;

use super::people::away_words;
use super::session::{End, Phase};
use super::{Chat, Retry, Talk, Whom, shown_name};
use crate::clock::Clock;
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
    /// What is happening in the room, in words that are fit to be shown: first what the user has just tried, then the
    /// connection, then the messages that wait.
    pub fn status(&self) -> (Mood, String) {
        let (mut mood, mut state) = self.connection_in_words();
        if let (Some(away), Phase::Online) = (self.own_away(), self.phase()) {
            mood = Mood::Idle;
            state = format!("{state}. You are away: {}", escape(&away.reason));
        }
        self.with_what_waits(&Whom::All, &self.room, mood, state)
    }

    /// What is happening in a talk: with the room, or with one person.
    pub fn status_of(&self, whom: &Whom, clock: &Clock) -> (Mood, String) {
        let Whom::One(name) = whom else { return self.status() };
        let Some(talk) = self.talk(whom) else { return (Mood::Idle, String::new()) };
        let shown = shown_name(name);
        let (mood, state) = if self.phase() != Phase::Online {
            self.connection_in_words()
        } else if let Some(name) = self.roster.find(name) {
            match self.away(name) {
                Some(away) => (Mood::Idle, format!("{shown} is {}", away_words(away, clock))),
                None => (Mood::Good, format!("{shown} is here")),
            }
        } else {
            (Mood::Warn, format!("{shown} has left"))
        };
        self.with_what_waits(whom, talk, mood, state)
    }

    fn with_what_waits(&self, whom: &Whom, talk: &Talk, mut mood: Mood, state: String) -> (Mood, String) {
        let mut parts = Vec::new();
        if let Some(remark) = &talk.remark {
            mood = Mood::Warn;
            parts.push(remark.clone());
        }
        parts.push(state);
        let waiting = self.queue.said_to(whom).filter(|line| !line.sent).count();
        // What only waits for the receipt of the line before it is gone before this could be read.
        if waiting > 1 || waiting == 1 && !self.queue.awaits_receipt() {
            mood = Mood::Warn;
            let messages = if waiting == 1 { "message waits" } else { "messages wait" };
            parts.push(format!("{waiting} {messages}, since the server takes only so many at once"));
        }
        parts.extend(talk.unsent.hint());
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
