//! Who is typing: what others say of themselves, shown for a few seconds, and when to say it of ourselves.
//! Runs on the UI thread.

use std::time::{Duration, Instant};

use super::Chat;
use super::message_log::shown_name;
use super::private::is_same_name;
use super::session::Phase;
use super::whom::Whom;
use crate::protocol::ClientLine;

/// For how long somebody who said so is taken to be typing.
const SHOWN_FOR: Duration = Duration::from_secs(6);

/// We say so at most this often.
const ANNOUNCE_INTERVAL: Duration = Duration::from_secs(3);

/// People who are kept in mind; more than that nobody reads.
const TYPISTS_MAX: usize = 100;

/// Names that are written out.
const NAMES_MAX: usize = 3;

/// Who is typing, and when we last said that we are.
#[derive(Debug, Default)]
pub(crate) struct Typing {
    others: Vec<Typist>,
    announced: Option<Instant>,
}

#[derive(Debug)]
struct Typist {
    name: String,
    /// To us alone, not to all.
    privately: bool,
    until: Instant,
}

impl Typing {
    /// Somebody is typing.
    pub(crate) fn start(&mut self, name: &str, privately: bool, now: Instant) {
        self.stop(name, privately);
        if self.others.len() < TYPISTS_MAX {
            self.others.push(Typist { name: name.to_owned(), privately, until: now + SHOWN_FOR });
        }
    }

    /// The message has come.
    pub(crate) fn stop(&mut self, name: &str, privately: bool) {
        self.others.retain(|typist| typist.name != name || typist.privately != privately);
    }

    /// Somebody has left.
    pub(crate) fn remove(&mut self, name: &str) {
        self.others.retain(|typist| typist.name != name);
    }

    /// Nobody is typing, as far as we know.
    pub(crate) fn clear(&mut self) {
        self.others.clear();
    }

    /// Forgets those who have not said it again; were there any?
    pub(crate) fn expire(&mut self, now: Instant) -> bool {
        let before = self.others.len();
        self.others.retain(|typist| now < typist.until);
        self.others.len() != before
    }

    /// May we say that we are typing?
    fn may_announce(&self, now: Instant) -> bool {
        self.announced.is_none_or(|announced| now.saturating_duration_since(announced) >= ANNOUNCE_INTERVAL)
    }
}

impl Chat {
    /// Something was typed into an entry, and this is in it now. Others are told, if they are to know.
    pub fn typed(&mut self, whom: &Whom, text: &str, now: Instant) {
        // A command is for this program: nobody needs to wait for it.
        let is_said = !text.trim().is_empty() && (!text.starts_with('/') || text.starts_with("//"));
        let is_here = match whom {
            Whom::All => self.roster.len() > 1,
            Whom::One(name) => self.roster.find(name).is_some(),
            Whom::OnOtherServer(..) => false,
        };
        if !(is_said && is_here && self.privacy.tell_typing && self.typing.may_announce(now)) {
            return;
        }
        if let Some(session) = self.session.as_ref().filter(|session| session.phase == Phase::Online) {
            let to = match whom {
                Whom::One(name) => name,
                Whom::All | Whom::OnOtherServer(..) => "",
            };
            // There is no answer to it. If the writer is busy, this is the first thing that can be left out.
            let _ = session.connection.send(&ClientLine::Typing(to));
            self.typing.announced = Some(now);
        }
    }

    /// Who is typing in a talk, in words; empty if nobody is.
    pub fn typing_words(&self, whom: &Whom) -> String {
        let names: Vec<_> = self
            .typing
            .others
            .iter()
            .filter(|typist| match whom {
                Whom::All => !typist.privately,
                Whom::One(name) => typist.privately && is_same_name(name, &typist.name),
                Whom::OnOtherServer(..) => false,
            })
            .map(|typist| shown_name(&typist.name))
            .collect();
        in_words(&names)
    }
}

/// `ann is typing`, `ann and ben are typing`.
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
