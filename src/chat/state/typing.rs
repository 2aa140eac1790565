//! Typing notifications: those of others, shown for a few seconds, and sending the user's own. Typing notifications
//! are transient: a client repeats TYPING while its user types. Runs on the UI thread.

use std::time::{Duration, Instant};

use super::Chat;
use super::message_log::shown_name;
use super::private::is_same_name;
use super::session::Phase;
use super::whom::Whom;
use crate::protocol::ClientLine;

/// Time for which a notification is shown.
const SHOWN_FOR: Duration = Duration::from_secs(6);

/// Minimum interval between two notifications of the user.
const ANNOUNCE_INTERVAL: Duration = Duration::from_secs(3);

/// Maximum number of notifications kept; a longer list is of no use to the user.
const TYPISTS_MAX: usize = 100;

/// Maximum number of names to write out.
const NAMES_MAX: usize = 3;

/// People who are typing, and the time of the user's own last notification.
#[derive(Debug, Default)]
pub(crate) struct Typing {
    others: Vec<Typist>,
    announced: Option<Instant>,
}

#[derive(Debug)]
struct Typist {
    name: String,
    /// Typing to the user alone, not to the room.
    is_private: bool,
    expires: Instant,
}

impl Typing {
    /// Records a notification.
    pub(crate) fn start(&mut self, name: &str, is_private: bool, now: Instant) {
        self.stop(name, is_private);
        if self.others.len() < TYPISTS_MAX {
            self.others.push(Typist { name: name.to_owned(), is_private, expires: now + SHOWN_FOR });
        }
    }

    /// Removes a notification whose message has arrived.
    pub(crate) fn stop(&mut self, name: &str, is_private: bool) {
        self.others.retain(|typist| typist.name != name || typist.is_private != is_private);
    }

    /// Removes the notifications of a person who has left.
    pub(crate) fn remove(&mut self, name: &str) {
        self.others.retain(|typist| typist.name != name);
    }

    /// Removes all notifications.
    pub(crate) fn clear(&mut self) {
        self.others.clear();
    }

    /// Removes expired notifications. Returns whether there were any.
    pub(crate) fn expire(&mut self, now: Instant) -> bool {
        let before = self.others.len();
        self.others.retain(|typist| now < typist.expires);
        self.others.len() != before
    }

    /// Returns whether the minimum interval has passed.
    fn may_announce(&self, now: Instant) -> bool {
        self.announced.is_none_or(|announced| now.saturating_duration_since(announced) >= ANNOUNCE_INTERVAL)
    }
}

impl Chat {
    /// Records that the text of an entry has changed: a reason why the text before was not sent goes with it. Sends a
    /// typing notification, if the contents of the entry are to be seen by others and the user allows it. Returns
    /// whether the status line has changed.
    pub fn typed(&mut self, whom: &Whom, text: &str, now: Instant) -> bool {
        let changed = self.conversation_mut(whom).is_some_and(|conversation| conversation.entry_changed(text));
        // A command is for this program, so no one waits for its text.
        let is_message = !text.trim().is_empty() && (!text.starts_with('/') || text.starts_with("//"));
        let is_here = match whom {
            Whom::All => self.roster.len() > 1,
            Whom::One(name) => self.roster.find(name).is_some(),
            Whom::OnOtherServer(..) => false,
        };
        if !(is_message && is_here && self.privacy.tell_typing && self.typing.may_announce(now)) {
            return changed;
        }
        if let Some(session) = self.session.as_ref().filter(|session| session.phase == Phase::Online) {
            let to = match whom {
                Whom::One(name) => name,
                Whom::All | Whom::OnOtherServer(..) => "",
            };
            // A notification has no answer. If the writer is busy, it is the first thing to leave out.
            let _ = session.connection.send(&ClientLine::Typing(to));
            self.typing.announced = Some(now);
        }
        changed
    }

    /// Returns who is typing in a conversation, as a text; empty if no one is.
    pub fn typing_words(&self, whom: &Whom) -> String {
        let names: Vec<_> = self
            .typing
            .others
            .iter()
            .filter(|typist| match whom {
                Whom::All => !typist.is_private,
                Whom::One(name) => typist.is_private && is_same_name(name, &typist.name),
                Whom::OnOtherServer(..) => false,
            })
            .map(|typist| shown_name(&typist.name))
            .collect();
        in_words(&names)
    }
}

/// Formats `ann is typing`, `ann and ben are typing`.
fn in_words(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => format!("{name} is typing …"),
        [first @ .., last] if first.len() < NAMES_MAX => format!("{} and {last} are typing …", first.join(", ")),
        names => {
            let more = names.len() - NAMES_MAX;
            format!("{} and {more} more are typing …", names[..NAMES_MAX].join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_named_and_many_are_counted() {
        let words = |count: usize| {
            let names: Vec<_> = ["ann", "ben", "carl", "dora", "eve"].map(String::from).into();
            in_words(&names[..count])
        };
        assert_eq!(words(0), "");
        assert_eq!(words(1), "ann is typing …");
        assert_eq!(words(2), "ann and ben are typing …");
        assert_eq!(words(3), "ann, ben and carl are typing …");
        assert_eq!(words(5), "ann, ben, carl and 2 more are typing …");
    }

    #[test]
    fn it_lasts_six_seconds_from_the_last_time_that_it_was_said() {
        let now = Instant::now();
        let after = |seconds| now + Duration::from_secs(seconds);
        let mut typing = Typing::default();
        typing.start("ann", false, now);
        typing.start("ann", false, after(5));
        assert!(!typing.expire(after(10)));
        assert!(typing.expire(after(11)) && typing.others.is_empty());
    }

    #[test]
    fn people_without_end_are_not_kept() {
        let mut typing = Typing::default();
        for n in 0..1000 {
            typing.start(&n.to_string(), false, Instant::now());
        }
        assert_eq!(typing.others.len(), TYPISTS_MAX);
    }
}
