//! The status line: the state of the connection and what waits, as text. Runs on the UI thread.

use std::time::{Duration, Instant};

use super::Chat;
use super::link::NOT_CONNECTED;
use super::people::rows::away_in_words;
use super::talks::message_log::shown_name;
use super::talks::whom::{Whom, shown_server};
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
    /// Name of the other person, or their unusual state; only where `state` is that of the connection.
    pub about: Option<String>,
}

/// Joins sentences. A part that ends in a question mark or the like gets no full stop.
pub(super) fn sentences(parts: &[String]) -> String {
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
    fn room_state(&self) -> (Mood, String) {
        let (mut mood, mut state) = self.link.in_words(self.now());
        if let Some(away) = self.people.own_away().filter(|_| self.link.is_online()) {
            mood = Mood::Idle;
            state = format!("{state}. You are away: {}", escape(&away.reason));
        }
        if let Some(faults_in_words) = self.link.faults_in_words() {
            mood = Mood::Warn;
            state = format!("{faults_in_words}. {state}");
        }
        (mood, state)
    }

    /// Returns the parts of the status line of a conversation.
    pub fn status_parts_of(&self, whom: &Whom, clock: &Clock) -> StatusParts {
        let Some(conversation) = self.talks.get(whom) else { return StatusParts::default() };
        let (mut mood, mut state) = match whom {
            Whom::All => self.room_state(),
            Whom::One(name) => self.state_of(name, clock),
            Whom::AllOnOtherServer(server) => {
                let server = shown_server(server);
                (Mood::Idle, format!("This was said on {server}, where you are not connected now"))
            }
            Whom::OnOtherServer(server, name) => {
                let (shown, server) = (shown_name(name), shown_server(server));
                (Mood::Idle, format!("{shown} is on {server}, where you are not connected now"))
            }
        };
        if let (Whom::All | Whom::One(_), Some(seconds)) = (whom, self.unanswered_for(self.now())) {
            mood = Mood::Warn;
            state = format!("The server has not answered for {seconds} s. {state}");
        }
        let remark = conversation.remark().filter(|remark| !remark.is_empty()).map(str::to_owned);
        let mut parts = Vec::new();
        // A remark already implies that there is no connection.
        if remark.is_none() || state != NOT_CONNECTED {
            parts.push(state);
        }
        let waiting = self.outgoing.waiting_for(whom);
        if waiting > 0 {
            mood = Mood::Warn;
            let messages = if waiting == 1 { "message waits" } else { "messages wait" };
            parts.push(format!("{waiting} {messages}: the server limits how many you can send at once"));
        }
        parts.extend(conversation.returned.hint());
        StatusParts { mood, remark, state: sentences(&parts), about: None }
    }

    /// Returns the parts of the status line of the main window, whatever conversation it shows: the state is that of the
    /// connection.
    pub fn status_parts_in_main(&self, whom: &Whom, clock: &Clock) -> StatusParts {
        let connection = self.status_parts_of(&Whom::All, clock);
        if *whom == Whom::All {
            return connection;
        }
        let StatusParts { remark, state, .. } = self.status_parts_of(whom, clock);
        let about = match whom {
            Whom::One(name) if state == is_here(name) || state == connection.state => {
                format!("Private talk with {}", shown_name(name))
            }
            _ => state,
        };
        StatusParts { remark, about: Some(about), ..connection }
    }

    fn state_of(&self, name: &str, clock: &Clock) -> (Mood, String) {
        let shown = shown_name(name);
        if !self.link.is_online() {
            return self.link.in_words(self.now());
        }
        match self.people.roster().find(name).map(|name| self.people.away(name)) {
            Some(Some(away)) => (Mood::Idle, format!("{shown} is {}", away_in_words(away, clock, self.link.stamp()))),
            Some(None) => (Mood::Good, is_here(name)),
            None => (Mood::Warn, format!("{shown} has left")),
        }
    }

    /// Returns for how many seconds the oldest sent line has had no answer, from [`UNANSWERED_AFTER`] on.
    pub(super) fn unanswered_for(&self, now: Instant) -> Option<u64> {
        let unanswered = now.saturating_duration_since(self.outgoing.unanswered_since()?);
        (self.link.is_online() && unanswered >= UNANSWERED_AFTER).then_some(unanswered.as_secs())
    }
}

/// Returns the state of a person in the room who is not away.
fn is_here(name: &str) -> String {
    format!("{} is here", shown_name(name))
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
        chat.talks.remark("Cannot connect: choose a username");
        assert_eq!(chat.status().1, "Cannot connect: choose a username");
    }
}
