//! Typing notifications: those of others, shown for a few seconds, and sending the user's own. Typing notifications
//! are transient: a client repeats TYPING while its user types. Runs on the UI thread.

use std::time::{Duration, Instant};

use super::People;
use crate::chat::state::talks::message_log::shown_name;
use crate::chat::state::talks::private::is_same_name;
use crate::chat::state::talks::whom::Whom;

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
    pub(super) others: Vec<Typist>,
    announced: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct Typist {
    pub(super) name: String,
    /// Typing to the user alone, not to the room.
    is_private: bool,
    expires: Instant,
}

impl People {
    /// Records that a person is typing, to the user alone or to the room.
    pub(crate) fn is_typing(&mut self, name: &str, is_private: bool, now: Instant) {
        self.has_said(name, is_private);
        if self.privacy.show_typing && self.roster.has(name) && self.typing.others.len() < TYPISTS_MAX {
            self.typing.others.push(Typist { name: name.to_owned(), is_private, expires: now + SHOWN_FOR });
        }
    }

    /// Records that a message of a person has arrived, which ends their typing.
    pub(crate) fn has_said(&mut self, name: &str, is_private: bool) {
        self.typing.others.retain(|typist| typist.name != name || typist.is_private != is_private);
    }

    /// Removes the notifications of some people.
    pub(crate) fn stop_typing(&mut self, of: impl Fn(&str) -> bool) {
        self.typing.others.retain(|typist| !of(&typist.name));
    }

    /// Returns whether a typing notification for this text is to be sent, and to whom: the room, or one person. Only if
    /// the text is to be seen by others and the user allows it. The caller sends it, or leaves it out.
    pub(crate) fn typing_to_tell<'a>(&mut self, whom: &'a Whom, text: &str, now: Instant) -> Option<&'a str> {
        // A command is for this program, so no one waits for its text.
        let is_message = !text.trim().is_empty() && (!text.starts_with('/') || text.starts_with("//"));
        let (is_here, to) = match whom {
            Whom::All => (self.roster.len() > 1, ""),
            Whom::One(name) => (self.roster.find(name).is_some(), name.as_str()),
            Whom::OnOtherServer(..) | Whom::AllOnOtherServer(_) => (false, ""),
        };
        let waited = self.typing.announced.map(|announced| now.saturating_duration_since(announced));
        let may_tell = self.privacy.tell_typing && waited.is_none_or(|waited| waited >= ANNOUNCE_INTERVAL);
        (is_message && is_here && may_tell).then(|| {
            self.typing.announced = Some(now);
            to
        })
    }

    /// Removes expired notifications. Returns whether there were any.
    pub(crate) fn expire_typing(&mut self, now: Instant) -> bool {
        let before = self.typing.others.len();
        self.typing.others.retain(|typist| now < typist.expires);
        self.typing.others.len() != before
    }

    /// Returns who is typing in a conversation, as a text; empty if no one is.
    pub fn typing_words(&self, whom: &Whom) -> String {
        let types_here = |typist: &&Typist| match whom {
            Whom::All => !typist.is_private,
            Whom::One(name) => typist.is_private && is_same_name(name, &typist.name),
            Whom::OnOtherServer(..) | Whom::AllOnOtherServer(_) => false,
        };
        let here = self.typing.others.iter().filter(types_here);
        in_words(&here.map(|typist| shown_name(&typist.name)).collect::<Vec<_>>())
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
        let mut people = People::default();
        people.roster.add("ann");
        people.is_typing("ann", false, now);
        people.is_typing("ann", false, after(5));
        assert!(!people.expire_typing(after(10)));
        assert!(people.expire_typing(after(11)) && people.typing.others.is_empty());
    }

    #[test]
    fn people_without_end_are_not_kept() {
        let mut people = People::default();
        for n in 0..1000 {
            people.roster.add(&n.to_string());
            people.is_typing(&n.to_string(), false, Instant::now());
        }
        assert_eq!(people.typing.others.len(), TYPISTS_MAX);
    }
}
