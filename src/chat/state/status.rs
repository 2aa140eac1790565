//! The status line: the state of the connection and what waits, as text. Runs on the UI thread.

use std::time::{Duration, Instant};

use super::Chat;
use super::conversation::Conversation;
use super::message_log::shown_name;
use super::people::away_in_words;
use super::retry::Retry;
use super::session::{Outcome, Phase};
use super::trust_prompt::TrustPrompt;
use super::whom::Whom;
use crate::clock::Clock;
use crate::mood::Mood;
use crate::protocol::escape::escape;

/// Time without an answer after which the status line says so.
const UNANSWERED_AFTER: Duration = Duration::from_secs(5);

/// The parts of the status line of a conversation. All texts are escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusParts {
    /// Level of the state.
    pub mood: Mood,
    /// Outcome of the user's last action.
    pub remark: Option<String>,
    /// State of the connection, and what waits.
    pub state: String,
}

impl StatusParts {
    /// Joins the remark and the state, in this order.
    pub fn in_one_line(self) -> (Mood, String) {
        let mood = if self.remark.is_some() { Mood::Warn } else { self.mood };
        let parts: Vec<_> = self.remark.into_iter().chain([self.state]).filter(|part| !part.is_empty()).collect();
        (mood, sentences(&parts))
    }
}

const NOT_CONNECTED: &str = "Not connected";

/// Joins sentences. A part that ends in a question mark or the like gets no full stop.
fn sentences(parts: &[String]) -> String {
    let mut line = String::new();
    for part in parts {
        if !line.is_empty() {
            line += if line.ends_with(['?', '!', '.', '…']) { " " } else { ". " };
        }
        line += part;
    }
    line
}

impl Chat {
    /// Returns the status line of the room.
    pub fn status(&self) -> (Mood, String) {
        self.status_parts().in_one_line()
    }

    /// Returns the status line of a conversation.
    pub fn status_of(&self, whom: &Whom, clock: &Clock) -> (Mood, String) {
        self.status_parts_of(whom, clock).in_one_line()
    }

    fn status_parts(&self) -> StatusParts {
        let (mut mood, mut state) = self.connection_status();
        if let (Some(away), Phase::Online) = (self.own_away(), self.phase()) {
            mood = Mood::Idle;
            state = format!("{state}. You are away: {}", escape(&away.reason));
        }
        if let Some(faults_in_words) = self.faults_in_words() {
            mood = Mood::Warn;
            state = format!("{faults_in_words}. {state}");
        }
        (mood, state) = self.with_unanswered(mood, state);
        self.with_waiting(&Whom::All, &self.room, mood, state)
    }

    /// Returns the parts of the status line of a conversation.
    pub fn status_parts_of(&self, whom: &Whom, clock: &Clock) -> StatusParts {
        let (server, name) = match whom {
            Whom::All => return self.status_parts(),
            Whom::One(name) => (None, name),
            Whom::OnOtherServer(server, name) => (Some(server.to_string()), name),
        };
        let Some(conversation) = self.conversation(whom) else { return StatusParts::default() };
        let shown = shown_name(name);
        let (mood, state) = if let Some(server) = server {
            (Mood::Idle, format!("{shown} is on {}, where you are not connected now", escape(&server)))
        } else if self.phase() != Phase::Online {
            self.connection_status()
        } else if let Some(name) = self.roster.find(name) {
            match self.away(name) {
                Some(away) => (Mood::Idle, format!("{shown} is {}", away_in_words(away, clock, self.stamp()))),
                None => (Mood::Good, format!("{shown} is here")),
            }
        } else {
            (Mood::Warn, format!("{shown} has left"))
        };
        let (mood, state) =
            if matches!(whom, Whom::One(_)) { self.with_unanswered(mood, state) } else { (mood, state) };
        self.with_waiting(whom, conversation, mood, state)
    }

    fn with_waiting(&self, whom: &Whom, conversation: &Conversation, mut mood: Mood, state: String) -> StatusParts {
        let remark = conversation.remark.clone().filter(|remark| !remark.is_empty());
        let mut parts = Vec::new();
        // A remark already implies that there is no connection.
        if remark.is_none() || state != NOT_CONNECTED {
            parts.push(state);
        }
        let waiting = self.queue.pending_for(whom).filter(|line| !line.sent).count();
        // A line that only waits for the receipt of the one before it is sent before the user could read this.
        if waiting > 1 || waiting == 1 && !self.queue.awaits_receipt() {
            mood = Mood::Warn;
            let messages = if waiting == 1 { "message waits" } else { "messages wait" };
            parts.push(format!("{waiting} {messages}, since the server takes only so many at once"));
        }
        parts.extend(conversation.returned.hint());
        StatusParts { mood, remark, state: sentences(&parts) }
    }

    /// Returns for how many seconds the oldest sent line has had no answer, from [`UNANSWERED_AFTER`] on.
    pub(crate) fn unanswered_for(&self, now: Instant) -> Option<u64> {
        let unanswered = now.saturating_duration_since(self.queue.unanswered_since()?);
        (self.phase() == Phase::Online && unanswered >= UNANSWERED_AFTER).then_some(unanswered.as_secs())
    }

    fn with_unanswered(&self, mood: Mood, state: String) -> (Mood, String) {
        match self.unanswered_for(self.now.unwrap_or_else(Instant::now)) {
            Some(seconds) => (Mood::Warn, format!("The server has not answered for {seconds} s. {state}")),
            None => (mood, state),
        }
    }

    fn connection_status(&self) -> (Mood, String) {
        match (&self.session, &self.retry) {
            (Some(session), retry) => {
                let server = session.options.server.to_string();
                let server = escape(&server);
                match (session.phase, retry) {
                    (Phase::Online, _) => {
                        (Mood::Good, format!("Connected as {} to {server}", session.options.username))
                    }
                    (Phase::Leaving, _) => (Mood::Busy, format!("Leaving {server} …")),
                    (_, None) => (Mood::Busy, format!("Connecting to {server} …")),
                    (_, Some(Retry { reason, .. })) => {
                        (Mood::Warn, format!("Connecting to {server} again … Connection lost: {reason}"))
                    }
                }
            }
            (None, Some(retry)) => {
                let seconds = retry.seconds(self.now.unwrap_or_else(Instant::now)).unwrap_or(0);
                // The countdown comes first: in a small window the end of the line is cut off.
                (Mood::Warn, format!("Trying again in {seconds} s. Connection lost: {}", retry.reason))
            }
            (None, None) if self.trust_prompt.is_some() => {
                (Mood::Warn, self.trust_prompt.as_ref().map(TrustPrompt::summary).unwrap_or_default())
            }
            (None, None) => match &self.last_end {
                Outcome::ByUser => (Mood::Idle, NOT_CONNECTED.into()),
                Outcome::Refused(reason, _) => (Mood::Error, format!("Refused: {reason}")),
                Outcome::Failed(reason) => (Mood::Error, format!("Not connected: {reason}")),
                Outcome::Lost { reason, .. } => (Mood::Error, format!("Connection lost: {reason}")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sentence_has_two_marks_at_its_end() {
        let line = |parts: &[&str]| sentences(&parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            line(&["Is it running?", "Trying again", "2 messages wait"]),
            "Is it running? Trying again. 2 messages wait"
        );
        assert_eq!(line(&["Connecting …", "Wait"]), "Connecting … Wait");
        assert_eq!(line(&[]), "");
    }

    #[test]
    fn somebody_who_is_told_why_is_not_told_twice() {
        let mut chat = Chat::default();
        assert_eq!(chat.status().1, "Not connected");
        chat.remark("Cannot connect: choose a username");
        assert_eq!(chat.status().1, "Cannot connect: choose a username");
    }
}
