//! The questions that must be confirmed before an action: their subject, their choices, and their consequence.
//!
//! The window shows a question in a row of its own, with the consequence below it, and nothing is done before it is answered.
//! A question is about a connection and not about a row of the table, because rows move while the operator thinks. Pure
//! data on the main thread.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use crate::monitor::messages::{Action, MemberAction};
use crate::protocol::Username;
use crate::protocol::escape::escape;
use crate::server::id::ConnectionId;
use crate::server::network::Network;
use crate::server::{Ban, BanTarget, Deletion, REASON_MAX, StoredMessage};

/// The client that a question is about. It may have left by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its connection.
    pub id: ConnectionId,
    /// Its name.
    pub name: Username,
    /// Its address.
    pub address: IpAddr,
}

words! {
    /// The property by which a ban recognises a client.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum BanBy {
        /// The name, and every name that looks like it.
        #[default]
        Name = "Name",
        /// The address and its network.
        Address = "Address",
    }
    /// As it is offered.
    pub fn label(self) -> &'static str;
}

words! {
    /// The duration of a ban.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum BanDuration {
        /// Long enough to calm down.
        #[default]
        TenMinutes = "10 min",
        /// For the rest of a lesson.
        Hour = "1 hour",
        /// Until tomorrow.
        Day = "1 day",
        /// Until the operator lifts the ban.
        ForGood = "For good",
    }
    /// As it is offered.
    pub fn label(self) -> &'static str;
}

/// A question about an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Kick this client? The reason is in the window's field.
    Kick(Subject),
    /// Ban this client?
    Ban(Subject, BanBy, BanDuration),
    /// Save the log? The file is in the window's field.
    SaveLog,
    /// Delete this message?
    DeleteMessage(StoredMessage),
    /// Delete every message that was sent under this name?
    DeleteAllFrom(String),
    /// Save the whole history as text? The file is in the window's field.
    ExportHistory,
    /// Generate another password for this registered name?
    ResetPassword(Username),
    /// Remove the registration of this name?
    Unregister(Username),
}

impl BanDuration {
    /// Returns the duration as the end of a sentence.
    fn words(self) -> &'static str {
        match self {
            BanDuration::TenMinutes => "for 10 minutes",
            BanDuration::Hour => "for an hour",
            BanDuration::Day => "for a day",
            BanDuration::ForGood => "until you lift the ban",
        }
    }

    /// Returns the time at which a ban that begins at `now` expires; `None` if it does not.
    fn until(self, now: SystemTime) -> Option<SystemTime> {
        Some(match self {
            BanDuration::TenMinutes => now + Duration::from_mins(10),
            BanDuration::Hour => now + Duration::from_hours(1),
            BanDuration::Day => now + Duration::from_hours(24),
            BanDuration::ForGood => return None,
        })
    }
}

impl Confirmation {
    /// Returns whether the question is about messages of the history.
    pub fn is_about_history(&self) -> bool {
        matches!(self, Confirmation::DeleteMessage(_) | Confirmation::DeleteAllFrom(_) | Confirmation::ExportHistory)
    }

    /// Returns the question, short enough to stand before a field.
    pub fn title(&self) -> String {
        match self {
            Confirmation::Kick(subject) => format!("Kick {}, because", subject.shown()),
            Confirmation::Ban(subject, ..) => format!("Ban {}", subject.shown()),
            Confirmation::SaveLog => "Save the log as".into(),
            Confirmation::DeleteMessage(kept) => {
                format!("Delete what {} said: {}", escape(&kept.from), escape(&kept.text))
            }
            Confirmation::DeleteAllFrom(name) => format!("Delete everything that {} has said", escape(name)),
            Confirmation::ExportHistory => "Save all as".into(),
            Confirmation::ResetPassword(name) => format!("Replace the password of {}", escape(name.as_str())),
            Confirmation::Unregister(name) => format!("Let anybody have the name {}", escape(name.as_str())),
        }
    }

    /// Returns the consequence of a yes as a sentence, and true if the consequence is severe: if it cannot be undone, or
    /// falls on more than the subject. `on_network` is the number of clients on the subject's network.
    pub fn consequence(&self, on_network: usize) -> (bool, String) {
        match self {
            Confirmation::Kick(subject) => {
                let name = subject.shown();
                (false, format!("{name} is told so, and may come back at once; the reason may be left out"))
            }
            Confirmation::Ban(subject, BanBy::Name, duration) => {
                let name = subject.shown();
                (
                    *duration == BanDuration::ForGood,
                    format!("{name}, or a name that looks like it, is not let in {}", duration.words()),
                )
            }
            Confirmation::Ban(subject, BanBy::Address, duration) => {
                let (network, words) = (Network::of(subject.address), duration.words());
                let here = if on_network == 1 { "1 person".into() } else { format!("{on_network} people") };
                if network.is_loopback() {
                    (true, format!("{network} is this computer: everybody on it ({here} now) is shut out {words}"))
                } else {
                    (*duration == BanDuration::ForGood, format!("Nobody from {network} ({here} now) is let in {words}"))
                }
            }
            Confirmation::SaveLog => (false, "The lines that the filter lets through, as text".into()),
            Confirmation::DeleteMessage(_) => {
                (true, "It is deleted for good; only who has it on the screen already can still read it".into())
            }
            Confirmation::DeleteAllFrom(name) => {
                let name = escape(name);
                (true, format!("All that {name}, or a name that looks like it, has said is deleted for good"))
            }
            Confirmation::ExportHistory => (false, "Everything that is kept, as text, a line for each message".into()),
            Confirmation::ResetPassword(name) => (
                true,
                format!(
                    "{} cannot come in with the old one any more: you will have to tell the new one",
                    escape(name.as_str())
                ),
            ),
            Confirmation::Unregister(name) => (
                true,
                format!("The password of {} is forgotten, and the name belongs to nobody", escape(name.as_str())),
            ),
        }
    }

    /// Returns the action that a yes stands for; `None` for a question about a file, which the window handles.
    pub fn action(&self, reason: &str, now: SystemTime) -> Option<Action> {
        match self {
            Confirmation::Kick(subject) => {
                Some(Action::Kick { id: subject.id, name: subject.shown(), reason: reason.trim().to_owned() })
            }
            Confirmation::Ban(subject, by, duration) => {
                let target = match by {
                    BanBy::Name => BanTarget::Name(subject.name.clone()),
                    BanBy::Address => BanTarget::Address(subject.address.to_canonical()),
                };
                Some(Action::Ban(Ban { target, until: duration.until(now) }))
            }
            Confirmation::DeleteMessage(kept) => Some(Action::Deletion(Deletion::One(kept.stamp))),
            Confirmation::DeleteAllFrom(name) => Some(Action::Deletion(Deletion::AllOf(name.clone()))),
            Confirmation::ResetPassword(name) => Some(Action::Member(MemberAction::Reset, name.clone())),
            Confirmation::Unregister(name) => Some(Action::Member(MemberAction::Remove, name.clone())),
            Confirmation::SaveLog | Confirmation::ExportHistory => None,
        }
    }
}

impl Subject {
    fn shown(&self) -> String {
        escape(self.name.as_str()).into_owned()
    }
}

/// Returns why the server would truncate `reason`, as the end of a sentence that begins with "The reason".
pub(super) fn too_long(reason: &str) -> Option<String> {
    let over = reason.chars().count().checked_sub(REASON_MAX).filter(|over| *over > 0)?;
    let characters = if over == 1 { "character" } else { "characters" };
    Some(format!("is {over} {characters} too long: {REASON_MAX} is the most"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(address: &str) -> Subject {
        let name = Username::parse("ann").unwrap();
        Subject { id: ConnectionId(7), name, address: address.parse().unwrap() }
    }

    #[test]
    fn a_ban_that_does_not_expire_is_severe() {
        for (by, address, is_severe) in [
            (BanBy::Name, "192.0.2.7", [false, false, false, true]),
            (BanBy::Address, "192.0.2.7", [false, false, false, true]),
            (BanBy::Address, "127.0.0.1", [true; 4]),
            (BanBy::Address, "::ffff:127.0.0.1", [true; 4]),
            (BanBy::Address, "::1", [true; 4]),
        ] {
            let seen =
                BanDuration::ALL.map(|duration| Confirmation::Ban(subject(address), by, duration).consequence(1).0);
            assert_eq!(seen, is_severe, "{by:?} {address}");
        }
    }

    #[test]
    fn a_ban_of_this_computer_says_that_it_shuts_out_everybody_on_it() {
        let (_, text) = Confirmation::Ban(subject("127.0.0.1"), BanBy::Address, BanDuration::Hour).consequence(3);
        assert_eq!(text, "127.0.0.1 is this computer: everybody on it (3 people now) is shut out for an hour");
        let (_, text) = Confirmation::Ban(subject("192.0.2.7"), BanBy::Address, BanDuration::ForGood).consequence(1);
        assert_eq!(text, "Nobody from 192.0.2.7 (1 person now) is let in until you lift the ban");
        let (_, text) = Confirmation::Ban(subject("2001:db8::7"), BanBy::Address, BanDuration::ForGood).consequence(2);
        assert_eq!(text, "Nobody from 2001:db8::/64 (2 people now) is let in until you lift the ban");
    }

    #[test]
    fn a_yes_becomes_an_action() {
        let now = SystemTime::UNIX_EPOCH;
        let kick = Confirmation::Kick(subject("192.0.2.7")).action("  calm down ", now);
        assert_eq!(kick, Some(Action::Kick { id: ConnectionId(7), name: "ann".into(), reason: "calm down".into() }));
        let ann = subject("192.0.2.7").name;
        let action = |question: Confirmation| question.action("", now);
        assert_eq!(
            action(Confirmation::ResetPassword(ann.clone())),
            Some(Action::Member(MemberAction::Reset, ann.clone()))
        );
        assert_eq!(action(Confirmation::Unregister(ann.clone())), Some(Action::Member(MemberAction::Remove, ann)));
        let ban = |by, duration| match Confirmation::Ban(subject("::ffff:192.0.2.7"), by, duration).action("", now) {
            Some(Action::Ban(ban)) => ban.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(ban(BanBy::Name, BanDuration::ForGood), "name ann forever");
        assert_eq!(ban(BanBy::Address, BanDuration::TenMinutes), "address 192.0.2.7 until 1970-01-01T00:10:00Z");
        assert_eq!(ban(BanBy::Address, BanDuration::Day), "address 192.0.2.7 until 1970-01-02T00:00:00Z");
    }
}
