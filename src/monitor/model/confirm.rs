//! What the operator is asked before somebody is kicked or banned: of whom, how, for how long, and what will come of it.
//!
//! The window shows the question in a row of its own, with the consequence below it, and nothing is done before it is
//! answered. It is asked about a connection and not about a row of the table: rows move while one thinks.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use crate::monitor::worker::{Act, MemberAct};
use crate::protocol::Username;
use crate::protocol::escape::escape;
use crate::server::id::ConnectionId;
use crate::server::network::Network;
use crate::server::{Ban, Forget, Kept, REASON_MAX, Whom};

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
pub enum By {
    /// By name.
    #[default]
    Name,
    /// By address.
    Address,
}

/// For how long somebody is not let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
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
pub enum Ask {
    /// Kick them? The reason is in the window's field.
    Kick(Subject),
    /// Ban them?
    Ban(Subject, By, Span),
    /// Save the log? Where to is in the window's field.
    Save,
    /// Delete this message?
    Forget(Kept),
    /// Delete everything that was said under this name?
    ForgetAllOf(String),
    /// Save all that is kept as text? Where to is in the window's field.
    Export,
    /// Think up another password for this registered name?
    NewPassword(Username),
    /// Let anybody have this registered name?
    Unregister(Username),
}

impl By {
    /// Both, in the order in which they are offered.
    pub const ALL: [By; 2] = [By::Name, By::Address];

    /// As it is offered.
    pub fn label(self) -> &'static str {
        match self {
            By::Name => "Name",
            By::Address => "Address",
        }
    }
}

impl Span {
    /// All, the shortest first.
    pub const ALL: [Span; 4] = [Span::TenMinutes, Span::Hour, Span::Day, Span::ForGood];

    /// As it is offered.
    pub fn label(self) -> &'static str {
        match self {
            Span::TenMinutes => "10 min",
            Span::Hour => "1 hour",
            Span::Day => "1 day",
            Span::ForGood => "For good",
        }
    }

    /// As the end of a sentence.
    fn words(self) -> &'static str {
        match self {
            Span::TenMinutes => "for 10 minutes",
            Span::Hour => "for an hour",
            Span::Day => "for a day",
            Span::ForGood => "until you lift the ban",
        }
    }

    fn until(self, now: SystemTime) -> Option<SystemTime> {
        Some(match self {
            Span::TenMinutes => now + Duration::from_mins(10),
            Span::Hour => now + Duration::from_hours(1),
            Span::Day => now + Duration::from_hours(24),
            Span::ForGood => return None,
        })
    }
}

impl Ask {
    /// What is asked, short enough to stand before a field.
    pub fn title(&self) -> String {
        match self {
            Ask::Kick(subject) => format!("Kick {}, because", subject.shown()),
            Ask::Ban(subject, ..) => format!("Ban {}", subject.shown()),
            Ask::Save => "Save the log as".into(),
            Ask::Forget(kept) => format!("Delete what {} said: {}", escape(&kept.from), escape(&kept.text)),
            Ask::ForgetAllOf(name) => format!("Delete everything that {} has said", escape(name)),
            Ask::Export => "Save all as".into(),
            Ask::NewPassword(name) => format!("Replace the password of {}", escape(name.as_str())),
            Ask::Unregister(name) => format!("Let anybody have the name {}", escape(name.as_str())),
        }
    }

    /// What will come of it, and whether that is to be thought about twice. `from_there` is how many are here from
    /// the subject's network.
    pub fn consequence(&self, from_there: usize) -> (bool, String) {
        match self {
            Ask::Kick(subject) => {
                let name = subject.shown();
                (false, format!("{name} is told so, and may come back at once; the reason may be left out"))
            }
            Ask::Ban(subject, By::Name, span) => {
                let name = subject.shown();
                (
                    *span == Span::ForGood,
                    format!("{name}, or a name that looks like it, is not let in {}", span.words()),
                )
            }
            Ask::Ban(subject, By::Address, span) => {
                let (network, words) = (Network::of(subject.address), span.words());
                let here = if from_there == 1 { "1 person".into() } else { format!("{from_there} people") };
                if network.is_loopback() {
                    (true, format!("{network} is this computer: everybody on it ({here} now) is shut out {words}"))
                } else {
                    (*span == Span::ForGood, format!("Nobody from {network} ({here} now) is let in {words}"))
                }
            }
            Ask::Save => (false, "The lines that the filter lets through, as text".into()),
            Ask::Forget(_) => {
                (true, "It is deleted for good; only who has it on the screen already can still read it".into())
            }
            Ask::ForgetAllOf(name) => {
                let name = escape(name);
                (true, format!("All that {name}, or a name that looks like it, has said is deleted for good"))
            }
            Ask::Export => (false, "Everything that is kept, as text, a line for each message".into()),
            Ask::NewPassword(name) => (
                true,
                format!(
                    "{} cannot come in with the old one any more: you will have to tell the new one",
                    escape(name.as_str())
                ),
            ),
            Ask::Unregister(name) => (
                true,
                format!("The password of {} is forgotten, and the name belongs to nobody", escape(name.as_str())),
            ),
        }
    }

    /// What is to be done if the answer is yes; nothing that the server does, for a file.
    pub fn act(&self, reason: &str, now: SystemTime) -> Option<Act> {
        match self {
            Ask::Kick(subject) => {
                Some(Act::Kick { id: subject.id, name: subject.shown(), reason: reason.trim().to_owned() })
            }
            Ask::Ban(subject, by, span) => {
                let whom = match by {
                    By::Name => Whom::Name(subject.name.clone()),
                    By::Address => Whom::Address(subject.address.to_canonical()),
                };
                Some(Act::Ban(Ban { whom, until: span.until(now) }))
            }
            Ask::Forget(kept) => Some(Act::Forget(Forget::One(kept.stamp))),
            Ask::ForgetAllOf(name) => Some(Act::Forget(Forget::AllOf(name.clone()))),
            Ask::NewPassword(name) => Some(Act::Member(MemberAct::Reset, name.clone())),
            Ask::Unregister(name) => Some(Act::Member(MemberAct::Remove, name.clone())),
            Ask::Save | Ask::Export => None,
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
            (By::Name, "192.0.2.7", [false, false, false, true]),
            (By::Address, "192.0.2.7", [false, false, false, true]),
            (By::Address, "127.0.0.1", [true; 4]),
            (By::Address, "::ffff:127.0.0.1", [true; 4]),
            (By::Address, "::1", [true; 4]),
        ] {
            let seen = Span::ALL.map(|span| Ask::Ban(subject(address), by, span).consequence(1).0);
            assert_eq!(seen, grave, "{by:?} {address}");
        }
    }

    #[test]
    fn a_ban_of_this_computer_says_that_it_shuts_out_everybody_on_it() {
        let (_, text) = Ask::Ban(subject("127.0.0.1"), By::Address, Span::Hour).consequence(3);
        assert_eq!(text, "127.0.0.1 is this computer: everybody on it (3 people now) is shut out for an hour");
        let (_, text) = Ask::Ban(subject("192.0.2.7"), By::Address, Span::ForGood).consequence(1);
        assert_eq!(text, "Nobody from 192.0.2.7 (1 person now) is let in until you lift the ban");
        let (_, text) = Ask::Ban(subject("2001:db8::7"), By::Address, Span::ForGood).consequence(2);
        assert_eq!(text, "Nobody from 2001:db8::/64 (2 people now) is let in until you lift the ban");
    }

    #[test]
    fn a_yes_becomes_an_act() {
        let now = SystemTime::UNIX_EPOCH;
        let kick = Ask::Kick(subject("192.0.2.7")).act("  calm down ", now);
        assert_eq!(kick, Some(Act::Kick { id: ConnectionId(7), name: "ann".into(), reason: "calm down".into() }));
        let ann = subject("192.0.2.7").name;
        let act = |ask: Ask| ask.act("", now);
        assert_eq!(act(Ask::NewPassword(ann.clone())), Some(Act::Member(MemberAct::Reset, ann.clone())));
        assert_eq!(act(Ask::Unregister(ann.clone())), Some(Act::Member(MemberAct::Remove, ann)));
        let ban = |by, span| match Ask::Ban(subject("::ffff:192.0.2.7"), by, span).act("", now) {
            Some(Act::Ban(ban)) => ban.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(ban(By::Name, Span::ForGood), "name ann forever");
        assert_eq!(ban(By::Address, Span::TenMinutes), "address 192.0.2.7 until 1970-01-01T00:10:00Z");
        assert_eq!(ban(By::Address, Span::Day), "address 192.0.2.7 until 1970-01-02T00:00:00Z");
    }
}
