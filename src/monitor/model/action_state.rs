//! The operator's actions in progress: the question that waits for an answer, and the result of the last action.
//!
//! Runs on the main thread and performs nothing itself. A text is validated before it goes to the server worker, so that
//! one that cannot be sent stays in its field. The outcome of an action comes back as a reply.

use std::time::{Duration, Instant};

use super::confirm::{About, Confirmation, Input};
use crate::monitor::messages::{Action, Command};
use crate::mood::Mood;
use crate::protocol::escape::escape;
use crate::protocol::{CLIENT_LINE_MAX, is_text};
use crate::server::REASON_MAX;

/// Time for which a success is shown. A failure is shown until the operator does something else.
const SUCCESS_SHOWN: Duration = Duration::from_secs(8);

/// The pending question, the last result, and the announcement on its way.
#[derive(Debug, Default)]
pub struct ActionState {
    pending: Option<Confirmation>,
    version: u64,
    /// The result of the last action as a sentence, and the time until which a success is shown; `None` for a failure.
    result: Option<(String, Option<Instant>)>,
    /// If set, the server worker has not answered the last announcement yet, and a second press of Enter sends nothing.
    announcing: bool,
}

impl ActionState {
    /// Returns the question that waits for an answer.
    pub fn pending(&self) -> Option<&Confirmation> {
        self.pending.as_ref()
    }

    /// Returns a number that changes whenever a question appears, disappears or replaces another. Another choice for a ban is
    /// the same question.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Asks a question, replacing a pending one.
    pub fn ask(&mut self, question: Confirmation) {
        self.result = None;
        self.set_pending(Some(question));
    }

    /// Chooses the kind and the duration of the pending ban.
    pub fn choose(&mut self, chosen: [usize; 2]) {
        if let Some(Confirmation { input: Input::Choices { other, .. }, .. }) = &self.pending {
            self.pending = Some(other(chosen));
        }
    }

    /// Answers the pending question, if there is one, with no.
    pub fn cancel(&mut self) {
        self.result = None;
        self.set_pending(None);
    }

    /// Takes the command that the pending question's yes stands for, and returns it. After an error the question stays, and the
    /// note shows the error.
    pub(super) fn confirmed(&mut self, command: Result<Command, String>) -> Option<Command> {
        let is_about_file = self.pending().is_some_and(|question| matches!(question.input, Input::File(_)));
        match &command {
            Ok(_) if is_about_file => {}
            Ok(_) => self.cancel(),
            Err(why) => self.report_error(why.clone()),
        }
        command.ok()
    }

    /// Returns the action that sends an announcement. Returns `None` for an empty text, while another announcement is on its
    /// way, and for a text that cannot be sent; then the note says why.
    pub fn announce(&mut self, text: &str) -> Option<Action> {
        let text = text.trim();
        if self.announcing || text.is_empty() {
            return None;
        }
        if let Some(why) = unsendable(text, "MSG server \n") {
            self.report_error(format!("The announcement {why}"));
            return None;
        }
        self.announcing = true;
        Some(Action::Announce(text.to_owned()))
    }

    /// Returns the line below the action bar and its level: the result of the last action or, while a question waits, the
    /// consequence of a yes.
    pub fn note(&self) -> Option<(Mood, &str)> {
        match (&self.result, &self.pending) {
            (Some((text, expires)), _) => Some((if expires.is_some() { Mood::Good } else { Mood::Error }, text)),
            (None, Some(question)) => {
                let level = if question.is_grave { Mood::Error } else { Mood::Idle };
                Some((level, &question.consequence))
            }
            (None, None) => None,
        }
    }

    /// Takes the outcome of an action.
    pub(super) fn action_done(&mut self, action: &Action, outcome: &Result<String, String>) {
        self.announcing &= !matches!(action, Action::Announce(_));
        self.set_outcome(outcome);
    }

    /// Takes the outcome of saving a text. After a failure the question stays, so that the user can give another name.
    pub(super) fn saved(&mut self, outcome: &Result<String, String>) {
        if outcome.is_ok() && matches!(self.pending, Some(Confirmation { input: Input::File(_), .. })) {
            self.set_pending(None);
        }
        self.set_outcome(outcome);
    }

    /// Shows why something cannot be done.
    pub fn report_error(&mut self, why: String) {
        self.result = Some((why, None));
    }

    fn set_outcome(&mut self, outcome: &Result<String, String>) {
        self.result = Some(match outcome {
            Ok(text) => (text.clone(), Some(Instant::now() + SUCCESS_SHOWN)),
            Err(why) => (why.clone(), None),
        });
    }

    /// Removes a success that has been shown long enough. Returns true if it did.
    pub(super) fn tick(&mut self, now: Instant) -> bool {
        self.result.take_if(|(_, expires)| expires.is_some_and(|expires| expires <= now)).is_some()
    }

    /// Drops what belonged to a server that has stopped: also a question about its clients or lists.
    pub(super) fn reset(&mut self) {
        self.announcing = false;
        if self.pending.as_ref().is_some_and(|question| question.about != About::Log) {
            self.cancel();
        }
    }

    fn set_pending(&mut self, pending: Option<Confirmation>) {
        self.version += u64::from(self.pending.is_some() || pending.is_some());
        self.pending = pending;
    }
}

/// Validates the reason of a kick, which may be empty.
///
/// # Errors
/// It cannot be sent, or the server would truncate it: a sentence that says so.
pub fn check_reason(reason: &str) -> Result<(), String> {
    let over = reason.chars().count().saturating_sub(REASON_MAX);
    let why = match over {
        0 => unsendable(reason, "ERR KICKED \n").filter(|_| !reason.is_empty()),
        1 => Some(format!("is 1 character too long (at most {REASON_MAX})")),
        _ => Some(format!("is {over} characters too long (at most {REASON_MAX})")),
    };
    why.map_or(Ok(()), |why| Err(format!("The reason {why}")))
}

/// Returns why `text` cannot be sent as part of one line, as the end of a sentence that begins with "The reason". `around`
/// is the rest of the line, which counts towards its maximum length.
fn unsendable(text: &str, around: &str) -> Option<String> {
    let max = CLIENT_LINE_MAX - around.len();
    if text.len() > max {
        return Some(format!(
            "is {} bytes too long (at most {max}; some letters take several bytes)",
            text.len() - max
        ));
    }
    let control = text.chars().find(|c| c.is_control());
    let shown = control.map(|c| escape(c.encode_utf8(&mut [0; 4])).into_owned());
    (!is_text(text)).then(|| format!("cannot contain {}", shown.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    fn note(state: &ActionState) -> &str {
        state.note().map(|(_, text)| text).unwrap_or_default()
    }

    fn question(input: Input, about: About) -> Confirmation {
        Confirmation {
            title: "Stop".into(),
            consequence: "It stops".into(),
            is_grave: false,
            yes: "Stop",
            input,
            about,
            action: Rc::new(|_, _| Ok(Command::Stop)),
        }
    }

    #[test]
    fn a_question_goes_with_its_answer_and_one_about_a_file_when_the_file_is_saved() {
        let mut state = ActionState::default();
        state.cancel();
        assert_eq!(state.version(), 0, "nothing was asked");
        state.ask(question(Input::YesOrNo, About::Clients));
        assert_eq!((state.version(), state.note()), (1, Some((Mood::Idle, "It stops"))));
        assert!(state.confirmed(Err("It cannot be".into())).is_none());
        assert_eq!((state.version(), state.note()), (1, Some((Mood::Error, "It cannot be"))));
        assert!(state.confirmed(Ok(Command::Stop)).is_some());
        assert_eq!((state.version(), state.note(), state.pending().is_some()), (2, None, false));
        state.ask(question(Input::File(String::new()), About::Log));
        assert!(state.confirmed(Ok(Command::Stop)).is_some() && state.pending().is_some());
        state.saved(&Err("The disk is full".into()));
        assert!(state.pending().is_some());
        state.saved(&Ok("Saved as log.txt".into()));
        assert_eq!((state.pending().is_some(), note(&state)), (false, "Saved as log.txt"));
    }

    #[test]
    fn a_question_about_the_log_outlives_the_server() {
        let mut state = ActionState::default();
        for (about, stays) in [(About::Clients, false), (About::History, false), (About::Log, true)] {
            state.ask(question(Input::YesOrNo, about));
            state.reset();
            assert_eq!(state.pending().is_some(), stays, "{about:?}");
        }
    }

    #[test]
    fn a_reason_that_cannot_be_sent_is_rejected_with_the_reason() {
        for reason in ["", "calm down", &"ü".repeat(400)] {
            assert_eq!(check_reason(reason), Ok(()));
        }
        for (reason, hint) in [("two\nlines", "<U+000A>"), (&"ü".repeat(410), "10 characters too long (at most 400)")]
        {
            let why = check_reason(reason).unwrap_err();
            assert!(why.contains(hint), "{why}");
        }
    }

    #[test]
    fn an_announcement_is_sent_once_and_one_that_cannot_be_stays_with_the_reason() {
        let mut state = ActionState::default();
        assert_eq!(state.announce("  "), None);
        assert_eq!(state.announce("a\tb"), None);
        assert_eq!(note(&state), "The announcement cannot contain <U+0009>");
        let action = state.announce(" closing at noon ").unwrap();
        assert_eq!(action, Action::Announce("closing at noon".into()));
        assert_eq!(state.announce("closing at noon"), None, "it is on its way");
        state.action_done(&action, &Ok("Announced to everyone".into()));
        assert_eq!(state.note(), Some((Mood::Good, "Announced to everyone")));
        assert!(state.announce("again").is_some());
    }

    #[test]
    fn a_success_goes_by_itself_and_a_failure_stays() {
        let mut state = ActionState::default();
        let later = Instant::now() + Duration::from_mins(1);
        state.set_outcome(&Ok("ann was kicked".into()));
        assert!(!state.tick(Instant::now()));
        assert_eq!(note(&state), "ann was kicked");
        assert!(state.tick(later));
        assert_eq!(state.note(), None);
        state.set_outcome(&Err("The disk is full".into()));
        assert!(!state.tick(later));
        assert_eq!(note(&state), "The disk is full");
    }
}
