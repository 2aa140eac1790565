//! The operator's actions in progress: the question that waits for an answer, and the result of the last action.
//!
//! Runs on the main thread and performs nothing itself. A text is validated before it goes to the server worker, so that
//! one that cannot be sent stays in its field. The outcome of an action comes back as a reply.

use std::time::{Duration, Instant, SystemTime};

use super::confirm::{BanBy, BanDuration, Confirmation, Subject, too_long};
use crate::monitor::messages::Action;
use crate::mood::Mood;
use crate::protocol::escape::escape;
use crate::protocol::{CLIENT_LINE_MAX, is_text};

/// Time for which a success is shown. A failure is shown until the operator does something else.
const SUCCESS_SHOWN: Duration = Duration::from_secs(8);

/// The pending question, the last result, and the announcement on its way.
#[derive(Debug, Default)]
pub struct ActionState {
    pending: Option<Confirmation>,
    result: Option<LastResult>,
    /// The announcement that the server worker has not answered yet. While it is set, a second press of Enter sends nothing.
    announcing: Option<String>,
    changed: bool,
}

/// The result of the last action, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LastResult {
    is_success: bool,
    text: String,
    expires: Option<Instant>,
}

impl ActionState {
    /// Returns the question that waits for an answer.
    pub fn pending(&self) -> Option<&Confirmation> {
        self.pending.as_ref()
    }

    /// Asks a question, replacing a pending one.
    pub(super) fn ask(&mut self, question: Confirmation) {
        self.result = None;
        self.pending = Some(question);
        self.changed = true;
    }

    /// Asks for the file to save the log in.
    pub fn ask_save_log(&mut self) {
        self.ask(Confirmation::SaveLog);
    }

    /// Asks for the file to save the history in.
    pub fn ask_export_history(&mut self) {
        self.ask(Confirmation::ExportHistory);
    }

    /// Changes the pending ban to one by name or by address.
    pub fn set_ban_by(&mut self, to: BanBy) {
        if let Some(Confirmation::Ban(_, by, _)) = &mut self.pending {
            *by = to;
            self.changed = true;
        }
    }

    /// Changes the duration of the pending ban.
    pub fn set_ban_duration(&mut self, to: BanDuration) {
        if let Some(Confirmation::Ban(_, _, duration)) = &mut self.pending {
            *duration = to;
            self.changed = true;
        }
    }

    /// Answers the pending question with no.
    pub fn cancel(&mut self) {
        (self.pending, self.result) = (None, None);
        self.changed = true;
    }

    /// Answers the pending question with yes and returns the action to perform.
    ///
    /// If `reason` cannot be sent, the question stays, and the note says why.
    pub fn confirm(&mut self, reason: &str, now: SystemTime) -> Option<Action> {
        let action = self.pending.as_ref()?.action(reason, now)?;
        if let Action::Kick { reason, .. } = &action
            && !reason.is_empty()
            && let Some(why) = too_long(reason).or_else(|| unsendable(reason, "ERR KICKED \n"))
        {
            self.set_result(false, format!("The reason {why}"), None);
            return None;
        }
        self.cancel();
        Some(action)
    }

    /// Returns the action that sends an announcement. Returns `None` for an empty text, while another announcement is on its
    /// way, and for a text that cannot be sent; then the note says why.
    pub fn announce(&mut self, text: &str) -> Option<Action> {
        let text = text.trim();
        if self.announcing.is_some() || text.is_empty() {
            return None;
        }
        if let Some(why) = unsendable(text, "MSG server \n") {
            self.set_result(false, format!("The announcement {why}"), None);
            return None;
        }
        self.announcing = Some(text.to_owned());
        Some(Action::Announce(text.to_owned()))
    }

    /// Returns the line below the action bar and its level: the result of the last action or, while a question waits, the
    /// consequence of a yes. `on_network` is the number of clients on the network of the question's subject.
    pub fn note(&self, on_network: usize) -> Option<(Mood, String)> {
        let result = self
            .result
            .as_ref()
            .map(|result| (if result.is_success { Mood::Good } else { Mood::Error }, result.text.clone()));
        result.or_else(|| {
            let (is_severe, text) = self.pending.as_ref()?.consequence(on_network);
            Some((if is_severe { Mood::Error } else { Mood::Idle }, text))
        })
    }

    /// Returns the client that the pending question is about.
    pub(super) fn subject(&self) -> Option<&Subject> {
        match self.pending.as_ref()? {
            Confirmation::Kick(subject) | Confirmation::Ban(subject, ..) => Some(subject),
            Confirmation::SaveLog
            | Confirmation::DeleteMessage(_)
            | Confirmation::DeleteAllFrom(_)
            | Confirmation::ExportHistory
            | Confirmation::ResetPassword(_)
            | Confirmation::Unregister(_) => None,
        }
    }

    /// Takes the outcome of an action.
    pub(super) fn action_done(&mut self, action: &Action, outcome: &Result<String, String>) {
        if let Action::Announce(_) = action {
            self.announcing = None;
        }
        self.set_outcome(outcome);
    }

    /// Takes the outcome of saving a text. After a failure the question stays, so that the user can give another name.
    pub(super) fn saved(&mut self, outcome: &Result<String, String>) {
        if outcome.is_ok() && matches!(self.pending, Some(Confirmation::SaveLog | Confirmation::ExportHistory)) {
            self.pending = None;
        }
        self.set_outcome(outcome);
    }

    /// Shows why something cannot be done.
    pub fn report_error(&mut self, why: String) {
        self.set_result(false, why, None);
    }

    fn set_outcome(&mut self, outcome: &Result<String, String>) {
        match outcome {
            Ok(text) => self.set_result(true, text.clone(), Some(Instant::now() + SUCCESS_SHOWN)),
            Err(why) => self.set_result(false, why.clone(), None),
        }
    }

    /// Removes a success that has been shown long enough.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.result.as_ref().and_then(|result| result.expires).is_some_and(|expires| expires <= now) {
            self.result = None;
            self.changed = true;
        }
    }

    /// Drops what belonged to a server that has stopped. A question about its clients or lists makes no sense any more; the
    /// one about the log does.
    pub(super) fn reset(&mut self) {
        self.announcing = None;
        if self.pending.as_ref().is_some_and(|question| *question != Confirmation::SaveLog) {
            self.cancel();
        }
        self.changed = true;
    }

    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn set_result(&mut self, is_success: bool, text: String, expires: Option<Instant>) {
        self.result = Some(LastResult { is_success, text, expires });
        self.changed = true;
    }
}

/// Returns why `text` cannot be sent as part of one line, as the end of a sentence that begins with "The reason". `around`
/// is the rest of the line, which counts towards its maximum length.
fn unsendable(text: &str, around: &str) -> Option<String> {
    let max = CLIENT_LINE_MAX - around.len();
    if text.len() > max {
        return Some(format!(
            "is {} bytes too long: {max} is the most, and some letters take several",
            text.len() - max
        ));
    }
    let control = text.chars().find(|c| c.is_control());
    let shown = control.map(|c| escape(c.encode_utf8(&mut [0; 4])).into_owned());
    (!is_text(text)).then(|| format!("has {} in it, which is no letter: take it out", shown.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Username;
    use crate::server::id::ConnectionId;

    fn ann() -> Subject {
        let name = Username::parse("ann").unwrap();
        Subject { id: ConnectionId(1), name, address: "127.0.0.1".parse().unwrap() }
    }

    fn note(state: &ActionState) -> String {
        state.note(1).map(|(_, text)| text).unwrap_or_default()
    }

    #[test]
    fn nothing_is_done_before_the_question_is_answered() {
        let mut state = ActionState::default();
        state.ask(Confirmation::Ban(ann(), BanBy::Name, BanDuration::TenMinutes));
        state.set_ban_by(BanBy::Address);
        state.set_ban_duration(BanDuration::ForGood);
        assert_eq!(state.note(2).map(|(level, _)| level), Some(Mood::Error));
        assert!(note(&state).contains("everybody on it"));
        state.cancel();
        assert_eq!((state.confirm("", SystemTime::now()), state.note(2)), (None, None));
        state.ask(Confirmation::Kick(ann()));
        assert!(matches!(state.confirm("", SystemTime::now()), Some(Action::Kick { .. })));
        assert_eq!(state.pending(), None, "answered");
    }

    #[test]
    fn a_reason_that_cannot_be_sent_leaves_the_question_and_the_note_says_why() {
        let mut state = ActionState::default();
        state.ask(Confirmation::Kick(ann()));
        for (reason, hint) in [("two\nlines", "<U+000A>"), (&"ü".repeat(410), "10 characters too long: 400")] {
            assert_eq!(state.confirm(reason, SystemTime::now()), None);
            assert!(note(&state).contains(hint), "{}", note(&state));
            assert!(state.pending().is_some());
        }
    }

    #[test]
    fn an_announcement_is_sent_once_and_one_that_cannot_be_stays_with_the_reason() {
        let mut state = ActionState::default();
        assert_eq!(state.announce("  "), None);
        assert_eq!(state.announce("a\tb"), None);
        assert_eq!(note(&state), "The announcement has <U+0009> in it, which is no letter: take it out");
        let action = state.announce(" closing at noon ").unwrap();
        assert_eq!(action, Action::Announce("closing at noon".into()));
        assert_eq!(state.announce("closing at noon"), None, "it is on its way");
        state.action_done(&action, &Ok("Everybody was told".into()));
        assert_eq!(state.note(0), Some((Mood::Good, "Everybody was told".into())));
        assert!(state.announce("again").is_some());
    }

    #[test]
    fn a_success_goes_by_itself_and_a_failure_stays() {
        let mut state = ActionState::default();
        let later = Instant::now() + Duration::from_mins(1);
        state.set_outcome(&Ok("ann was kicked".into()));
        state.tick(Instant::now());
        assert_eq!(note(&state), "ann was kicked");
        state.tick(later);
        assert_eq!(state.note(0), None);
        state.set_outcome(&Err("The disk is full".into()));
        state.tick(later);
        assert_eq!(note(&state), "The disk is full");
    }
}
