//! The operator's desk: the question that waits for an answer, what was said about the last act, and the bans in force.
//!
//! Nothing is done here. A text is looked at before it goes to the operator's thread, so that one which cannot be sent
//! stays where it was written; what came of an act comes back as a notice.

use std::time::{Duration, Instant, SystemTime};

use super::confirm::{BanBy, BanDuration, Confirmation, Subject, too_long};
use super::state::Mood;
use crate::monitor::worker::Action;
use crate::protocol::escape::escape;
use crate::protocol::{CLIENT_LINE_MAX, is_text};
use crate::server::{Ban, BanTarget};

/// For how long good news stays; bad news stays until something else is done.
const GOOD_NEWS: Duration = Duration::from_secs(8);

/// The question, what was said, and the bans.
#[derive(Debug, Default)]
pub struct Desk {
    ask: Option<Confirmation>,
    said: Option<Said>,
    /// What is on its way to everybody: Enter, pressed twice, is not to say it twice.
    announcing: Option<String>,
    bans: Vec<Ban>,
    /// By whom and not by row: the rows move when a ban is over.
    marked: Option<BanTarget>,
    changed: bool,
}

/// What was said about the last act.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    went_well: bool,
    text: String,
    until: Option<Instant>,
}

impl Desk {
    /// The question that waits.
    pub fn ask(&self) -> Option<&Confirmation> {
        self.ask.as_ref()
    }

    /// Asks something, in the place of what was asked before.
    pub(super) fn put(&mut self, ask: Confirmation) {
        self.said = None;
        self.ask = Some(ask);
        self.changed = true;
    }

    /// Asks where the log is to be saved.
    pub fn ask_save(&mut self) {
        self.put(Confirmation::Save);
    }

    /// Asks where all that is kept is to be saved.
    pub fn ask_export(&mut self) {
        self.put(Confirmation::Export);
    }

    /// By what the ban that is asked about is to recognise somebody.
    pub fn set_by(&mut self, to: BanBy) {
        if let Some(Confirmation::Ban(_, by, _)) = &mut self.ask {
            *by = to;
            self.changed = true;
        }
    }

    /// For how long the ban that is asked about is to be.
    pub fn set_span(&mut self, to: BanDuration) {
        if let Some(Confirmation::Ban(_, _, span)) = &mut self.ask {
            *span = to;
            self.changed = true;
        }
    }

    /// The answer is no.
    pub fn cancel(&mut self) {
        (self.ask, self.said) = (None, None);
        self.changed = true;
    }

    /// The answer is yes. Gives what is to be done, unless the reason cannot be sent: then the question stays, and
    /// that is said.
    pub fn confirm(&mut self, reason: &str, now: SystemTime) -> Option<Action> {
        let act = self.ask.as_ref()?.act(reason, now)?;
        if let Action::Kick { reason, .. } = &act
            && !reason.is_empty()
            && let Some(why) = too_long(reason).or_else(|| unsendable(reason, "ERR KICKED \n"))
        {
            self.say(false, format!("The reason {why}"), None);
            return None;
        }
        self.cancel();
        Some(act)
    }

    /// Enter was pressed behind an announcement. Gives it to be sent, unless it cannot be: then that is said.
    pub fn announce(&mut self, text: &str) -> Option<Action> {
        let text = text.trim();
        if self.announcing.is_some() || text.is_empty() {
            return None;
        }
        if let Some(why) = unsendable(text, "MSG server \n") {
            self.say(false, format!("The announcement {why}"), None);
            return None;
        }
        self.announcing = Some(text.to_owned());
        Some(Action::Announce(text.to_owned()))
    }

    /// The bans in force.
    pub fn bans(&self) -> &[Ban] {
        &self.bans
    }

    /// Marks the ban in a row of the list.
    pub fn mark_ban(&mut self, row: usize) {
        self.marked = self.bans.get(row).map(|ban| ban.target.clone());
        self.changed = true;
    }

    /// The row of the ban that is marked, if it is still in force.
    pub fn marked_ban(&self) -> Option<usize> {
        let marked = self.marked.as_ref()?;
        self.bans.iter().position(|ban| ban.target == *marked)
    }

    /// What lets in again whoever is marked.
    pub fn let_in(&self) -> Option<Action> {
        self.marked_ban().map(|row| Action::Unban(self.bans[row].target.clone()))
    }

    /// What was said about the last act or, while a question waits, what would come of it; and how that is to be taken.
    /// `from_there` is how many are here from the network of the question's subject.
    pub fn note(&self, from_there: usize) -> Option<(Mood, String)> {
        let said =
            self.said.as_ref().map(|said| (if said.went_well { Mood::Good } else { Mood::Bad }, said.text.clone()));
        said.or_else(|| {
            let (grave, text) = self.ask.as_ref()?.consequence(from_there);
            Some((if grave { Mood::Bad } else { Mood::Idle }, text))
        })
    }

    /// About whom the question is.
    pub(super) fn subject(&self) -> Option<&Subject> {
        match self.ask.as_ref()? {
            Confirmation::Kick(subject) | Confirmation::Ban(subject, ..) => Some(subject),
            Confirmation::Save
            | Confirmation::Deletion(_)
            | Confirmation::ForgetAllOf(_)
            | Confirmation::Export
            | Confirmation::NewPassword(_)
            | Confirmation::Unregister(_) => None,
        }
    }

    pub(super) fn set_bans(&mut self, bans: &[Ban]) {
        self.bans = bans.to_vec();
        self.changed = true;
    }

    /// What came of an act.
    pub(super) fn acted(&mut self, act: &Action, outcome: &Result<String, String>) {
        if let Action::Announce(_) = act {
            self.announcing = None;
        }
        self.outcome(outcome);
    }

    /// A text was saved, or not: then the question stays, for another name.
    pub(super) fn saved(&mut self, outcome: &Result<String, String>) {
        if outcome.is_ok() && matches!(self.ask, Some(Confirmation::Save | Confirmation::Export)) {
            self.ask = None;
        }
        self.outcome(outcome);
    }

    /// Something cannot be done.
    pub fn complain(&mut self, why: String) {
        self.say(false, why, None);
    }

    fn outcome(&mut self, outcome: &Result<String, String>) {
        match outcome {
            Ok(text) => self.say(true, text.clone(), Some(Instant::now() + GOOD_NEWS)),
            Err(why) => self.say(false, why.clone(), None),
        }
    }

    /// Good news has been there for long enough.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.said.as_ref().and_then(|said| said.until).is_some_and(|until| until <= now) {
            self.said = None;
            self.changed = true;
        }
    }

    /// The server has stopped: what was asked about people makes no sense any more.
    pub(super) fn forget_run(&mut self) {
        self.bans.clear();
        self.announcing = None;
        if self.ask.as_ref().is_some_and(|ask| *ask != Confirmation::Save) {
            self.cancel();
        }
        self.changed = true;
    }

    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn say(&mut self, went_well: bool, text: String, until: Option<Instant>) {
        self.said = Some(Said { went_well, text, until });
        self.changed = true;
    }
}

/// Why a text cannot be one line that stands where `around` leaves room for it; how it goes on after "The reason".
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

    fn note(desk: &Desk) -> String {
        desk.note(1).map(|(_, text)| text).unwrap_or_default()
    }

    #[test]
    fn nothing_is_done_before_the_question_is_answered() {
        let mut desk = Desk::default();
        desk.put(Confirmation::Ban(ann(), BanBy::Name, BanDuration::TenMinutes));
        desk.set_by(BanBy::Address);
        desk.set_span(BanDuration::ForGood);
        assert_eq!(desk.note(2).map(|(mood, _)| mood), Some(Mood::Bad));
        assert!(note(&desk).contains("everybody on it"));
        desk.cancel();
        assert_eq!((desk.confirm("", SystemTime::now()), desk.note(2)), (None, None));
        desk.put(Confirmation::Kick(ann()));
        assert!(matches!(desk.confirm("", SystemTime::now()), Some(Action::Kick { .. })));
        assert_eq!(desk.ask(), None, "answered");
    }

    #[test]
    fn a_reason_that_cannot_be_sent_leaves_the_question_and_is_told() {
        let mut desk = Desk::default();
        desk.put(Confirmation::Kick(ann()));
        for (reason, hint) in [("two\nlines", "<U+000A>"), (&"ü".repeat(410), "10 characters too long: 400")] {
            assert_eq!(desk.confirm(reason, SystemTime::now()), None);
            assert!(note(&desk).contains(hint), "{}", note(&desk));
            assert!(desk.ask().is_some());
        }
    }

    #[test]
    fn an_announcement_is_sent_once_and_one_that_cannot_be_is_told_why() {
        let mut desk = Desk::default();
        assert_eq!(desk.announce("  "), None);
        assert_eq!(desk.announce("a\tb"), None);
        assert_eq!(note(&desk), "The announcement has <U+0009> in it, which is no letter: take it out");
        let act = desk.announce(" closing at noon ").unwrap();
        assert_eq!(act, Action::Announce("closing at noon".into()));
        assert_eq!(desk.announce("closing at noon"), None, "it is on its way");
        desk.acted(&act, &Ok("Everybody was told".into()));
        assert_eq!(desk.note(0), Some((Mood::Good, "Everybody was told".into())));
        assert!(desk.announce("again").is_some());
    }

    #[test]
    fn good_news_goes_by_itself_and_bad_news_stays() {
        let mut desk = Desk::default();
        let later = Instant::now() + Duration::from_mins(1);
        desk.outcome(&Ok("ann was kicked".into()));
        desk.tick(Instant::now());
        assert_eq!(note(&desk), "ann was kicked");
        desk.tick(later);
        assert_eq!(desk.note(0), None);
        desk.outcome(&Err("The disk is full".into()));
        desk.tick(later);
        assert_eq!(note(&desk), "The disk is full");
    }

    #[test]
    fn the_mark_stays_with_the_ban_when_another_is_over() {
        let mut desk = Desk::default();
        let ban = |name: &str| Ban { target: BanTarget::Name(Username::parse(name).unwrap()), until: None };
        desk.set_bans(&[ban("ann"), ban("ben")]);
        desk.mark_ban(1);
        desk.set_bans(&[ban("ben")]);
        assert_eq!(desk.marked_ban(), Some(0));
        assert_eq!(desk.let_in(), Some(Action::Unban(ban("ben").target)));
        desk.set_bans(&[]);
        assert_eq!((desk.marked_ban(), desk.let_in()), (None, None));
    }
}
