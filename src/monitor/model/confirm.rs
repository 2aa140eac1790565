//! What the operator is asked before somebody is kicked or banned: of whom, how, for how long, and what will come of it.
//!
//! The window shows the question in a row of its own, with the consequence below it, and nothing is done before it is
//! answered. It is asked about a connection and not about a row of the table: rows move while one thinks.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use crate::monitor::worker::{Action, MemberAct};
use crate::protocol::Username;
use crate::protocol::escape::escape;
use crate::server::id::ConnectionId;
use crate::server::network::Network;
use crate::server::{Ban, BanTarget, Deletion, REASON_MAX, StoredMessage};

/// Somebody about whom something is asked; they may have left by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Which connection.
    pub id: ConnectionId,
    /// Its name.
    pub name: Username,
    /// From where it comes.
    pub address: IpAddr,
}

/// By what a ban recognises somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BanBy {
    /// By name.
    #[default]
    Name,
    /// By address.
    Address,
}

/// For how long somebody is not let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BanDuration {
    /// Long enough to calm down.
    #[default]
    TenMinutes,
    /// For the rest of a lesson.
    Hour,
    /// Until tomorrow.
    Day,
    /// Until the operator lets them in again.
    ForGood,
}

/// A question that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Kick them? The reason is in the window's field.
    Kick(Subject),
    /// Ban them?
    Ban(Subject, BanBy, BanDuration),
    /// Save the log? Where to is in the window's field.
    Save,
    /// Delete this message?
    Deletion(StoredMessage),
    /// Delete everything that was said under this name?
    ForgetAllOf(String),
    /// Save all that is kept as text? Where to is in the window's field.
    Export,
    /// Think up another password for this registered name?
    NewPassword(Username),
    /// Let anybody have this registered name?
    Unregister(Username),
}

impl BanBy {
    /// Both, in the order in which they are offered.
    pub const ALL: [BanBy; 2] = [BanBy::Name, BanBy::Address];

    /// As it is offered.
    pub fn label(self) -> &'static str {
        match self {
            BanBy::Name => "Name",
            BanBy::Address => "Address",
        }
    }
}

impl BanDuration {
    /// All, the shortest first.
    pub const ALL: [BanDuration; 4] =
        [BanDuration::TenMinutes, BanDuration::Hour, BanDuration::Day, BanDuration::ForGood];

    /// As it is offered.
    pub fn label(self) -> &'static str {
        match self {
            BanDuration::TenMinutes => "10 min",
            BanDuration::Hour => "1 hour",
            BanDuration::Day => "1 day",
            BanDuration::ForGood => "For good",
        }
    }

    /// As the end of a sentence.
    fn words(self) -> &'static str {
        match self {
            BanDuration::TenMinutes => "for 10 minutes",
            BanDuration::Hour => "for an hour",
            BanDuration::Day => "for a day",
            BanDuration::ForGood => "until you lift the ban",
        }
    }

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
    /// What is asked, short enough to stand before a field.
    pub fn title(&self) -> String {
        match self {
            Confirmation::Kick(subject) => format!("Kick {}, because", subject.shown()),
            Confirmation::Ban(subject, ..) => format!("Ban {}", subject.shown()),
            Confirmation::Save => "Save the log as".into(),
            Confirmation::Deletion(kept) => format!("Delete what {} said: {}", escape(&kept.from), escape(&kept.text)),
            Confirmation::ForgetAllOf(name) => format!("Delete everything that {} has said", escape(name)),
            Confirmation::Export => "Save all as".into(),
            Confirmation::NewPassword(name) => format!("Replace the password of {}", escape(name.as_str())),
            Confirmation::Unregister(name) => format!("Let anybody have the name {}", escape(name.as_str())),
        }
    }

    /// What will come of it, and whether that is to be thought about twice. `from_there` is how many are here from
    /// the subject's network.
    pub fn consequence(&self, from_there: usize) -> (bool, String) {
        match self {
            Confirmation::Kick(subject) => {
                let name = subject.shown();
                (false, format!("{name} is told so, and may come back at once; the reason may be left out"))
            }
            Confirmation::Ban(subject, BanBy::Name, span) => {
                let name = subject.shown();
                (
                    *span == BanDuration::ForGood,
                    format!("{name}, or a name that looks like it, is not let in {}", span.words()),
                )
            }
            Confirmation::Ban(subject, BanBy::Address, span) => {
                let (network, words) = (Network::of(subject.address), span.words());
                let here = if from_there == 1 { "1 person".into() } else { format!("{from_there} people") };
                if network.is_loopback() {
                    (true, format!("{network} is this computer: everybody on it ({here} now) is shut out {words}"))
                } else {
                    (*span == BanDuration::ForGood, format!("Nobody from {network} ({here} now) is let in {words}"))
                }
            }
            Confirmation::Save => (false, "The lines that the filter lets through, as text".into()),
            Confirmation::Deletion(_) => {
                (true, "It is deleted for good; only who has it on the screen already can still read it".into())
            }
            Confirmation::ForgetAllOf(name) => {
                let name = escape(name);
                (true, format!("All that {name}, or a name that looks like it, has said is deleted for good"))
            }
            Confirmation::Export => (false, "Everything that is kept, as text, a line for each message".into()),
            Confirmation::NewPassword(name) => (
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

    /// What is to be done if the answer is yes; nothing that the server does, for a file.
    pub fn act(&self, reason: &str, now: SystemTime) -> Option<Action> {
        match self {
            Confirmation::Kick(subject) => {
                Some(Action::Kick { id: subject.id, name: subject.shown(), reason: reason.trim().to_owned() })
            }
            Confirmation::Ban(subject, by, span) => {
                let whom = match by {
                    BanBy::Name => BanTarget::Name(subject.name.clone()),
                    BanBy::Address => BanTarget::Address(subject.address.to_canonical()),
                };
                Some(Action::Ban(Ban { target: whom, until: span.until(now) }))
            }
            Confirmation::Deletion(kept) => Some(Action::Deletion(Deletion::One(kept.stamp))),
            Confirmation::ForgetAllOf(name) => Some(Action::Deletion(Deletion::AllOf(name.clone()))),
            Confirmation::NewPassword(name) => Some(Action::Member(MemberAct::Reset, name.clone())),
            Confirmation::Unregister(name) => Some(Action::Member(MemberAct::Remove, name.clone())),
            Confirmation::Save | Confirmation::Export => None,
        }
    }
}

impl Subject {
    fn shown(&self) -> String {
        escape(self.name.as_str()).into_owned()
    }
}

/// Why a reason would be cut by the server; how it goes on after "The reason".
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
    fn what_cannot_be_undone_by_waiting_is_to_be_thought_about_twice() {
        for (by, address, grave) in [
            (BanBy::Name, "192.0.2.7", [false, false, false, true]),
            (BanBy::Address, "192.0.2.7", [false, false, false, true]),
            (BanBy::Address, "127.0.0.1", [true; 4]),
            (BanBy::Address, "::ffff:127.0.0.1", [true; 4]),
            (BanBy::Address, "::1", [true; 4]),
        ] {
            let seen = BanDuration::ALL.map(|span| Confirmation::Ban(subject(address), by, span).consequence(1).0);
            assert_eq!(seen, grave, "{by:?} {address}");
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
    fn a_yes_becomes_an_act() {
        let now = SystemTime::UNIX_EPOCH;
        let kick = Confirmation::Kick(subject("192.0.2.7")).act("  calm down ", now);
        assert_eq!(kick, Some(Action::Kick { id: ConnectionId(7), name: "ann".into(), reason: "calm down".into() }));
        let ann = subject("192.0.2.7").name;
        let act = |ask: Confirmation| ask.act("", now);
        assert_eq!(act(Confirmation::NewPassword(ann.clone())), Some(Action::Member(MemberAct::Reset, ann.clone())));
        assert_eq!(act(Confirmation::Unregister(ann.clone())), Some(Action::Member(MemberAct::Remove, ann)));
        let ban = |by, span| match Confirmation::Ban(subject("::ffff:192.0.2.7"), by, span).act("", now) {
            Some(Action::Ban(ban)) => ban.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(ban(BanBy::Name, BanDuration::ForGood), "name ann forever");
        assert_eq!(ban(BanBy::Address, BanDuration::TenMinutes), "address 192.0.2.7 until 1970-01-01T00:10:00Z");
        assert_eq!(ban(BanBy::Address, BanDuration::Day), "address 192.0.2.7 until 1970-01-02T00:00:00Z");
    }
}
