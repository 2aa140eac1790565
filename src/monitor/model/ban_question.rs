//! The question whether to ban a client: by what, for how long, and the consequence of each choice.
//!
//! Pure data on the main thread.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use super::confirm::{About, Confirmation, Input, Subject};
use crate::monitor::messages::{Action, Command};
use crate::server::network::Network;
use crate::server::{Ban, BanTarget};

/// A ban as it is chosen so far.
#[derive(Clone)]
struct BanQuestion {
    subject: Subject,
    /// Number of clients on the subject's network.
    on_network: usize,
    by: BanBy,
    duration: BanDuration,
}

/// Returns the question whether to ban a client. `on_network` is the number of clients on the client's network.
pub fn ban(subject: Subject, on_network: usize) -> Confirmation {
    BanQuestion { subject, on_network, by: BanBy::default(), duration: BanDuration::default() }.confirmation()
}

/// The property by which a ban recognises a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BanBy {
    /// The name, and every name that looks like it.
    #[default]
    Name,
    /// The address and its network.
    Address,
}

/// The duration of a ban.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BanDuration {
    /// Long enough to calm down.
    #[default]
    TenMinutes,
    /// For the rest of a lesson.
    Hour,
    /// Until tomorrow.
    Day,
    /// Until the operator lifts the ban.
    ForGood,
}

impl BanBy {
    /// Both, in the order of the segments.
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
    /// All durations, the shortest first.
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

impl BanQuestion {
    fn confirmation(self) -> Confirmation {
        let (is_grave, consequence) = self.consequence();
        let chosen = [self.by as usize, self.duration as usize];
        let (ban, title) = (self.clone(), format!("Ban {}", self.subject.shown()));
        let other = move |[by, duration]: [usize; 2]| {
            let by = BanBy::ALL.get(by).copied().unwrap_or_default();
            let duration = BanDuration::ALL.get(duration).copied().unwrap_or_default();
            BanQuestion { by, duration, ..self.clone() }.confirmation()
        };
        Confirmation {
            title,
            consequence,
            is_grave,
            yes: "Ban",
            input: Input::Choices { chosen, other: Rc::new(other) },
            about: About::Clients,
            action: Rc::new(move |_, _| Ok(Command::Action(Action::Ban(ban.beginning(SystemTime::now()))))),
        }
    }

    /// Returns true if the consequence is grave, and the consequence.
    fn consequence(&self) -> (bool, String) {
        let (for_good, words) = (self.duration == BanDuration::ForGood, self.duration.words());
        let network = Network::of(self.subject.address);
        let here = if self.on_network == 1 { "1 person".into() } else { format!("{} people", self.on_network) };
        match self.by {
            BanBy::Name => {
                (for_good, format!("{}, or a name that looks like it, is not let in {words}", self.subject.shown()))
            }
            BanBy::Address if network.is_loopback() => {
                (true, format!("{network} is this computer: everybody on it ({here} now) is shut out {words}"))
            }
            BanBy::Address => (for_good, format!("Nobody from {network} ({here} now) is let in {words}")),
        }
    }

    /// Returns the ban that begins at `now`.
    fn beginning(&self, now: SystemTime) -> Ban {
        let target = match self.by {
            BanBy::Name => BanTarget::Name(self.subject.name.clone()),
            BanBy::Address => BanTarget::Address(self.subject.address.to_canonical()),
        };
        Ban { target, until: self.duration.until(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Username;
    use crate::server::id::ConnectionId;

    fn question(address: &str, on_network: usize, by: BanBy, duration: BanDuration) -> BanQuestion {
        let name = Username::parse("ann").unwrap();
        let subject = Subject { id: ConnectionId(7), name, address: address.parse().unwrap() };
        BanQuestion { subject, on_network, by, duration }
    }

    #[test]
    fn a_ban_that_does_not_expire_is_grave() {
        for (by, address, is_grave) in [
            (BanBy::Name, "192.0.2.7", [false, false, false, true]),
            (BanBy::Address, "192.0.2.7", [false, false, false, true]),
            (BanBy::Address, "127.0.0.1", [true; 4]),
            (BanBy::Address, "::ffff:127.0.0.1", [true; 4]),
            (BanBy::Address, "::1", [true; 4]),
        ] {
            let seen = BanDuration::ALL.map(|duration| question(address, 1, by, duration).confirmation().is_grave);
            assert_eq!(seen, is_grave, "{by:?} {address}");
        }
    }

    #[test]
    fn a_ban_of_this_computer_says_that_it_shuts_out_everybody_on_it() {
        let text =
            |address, here, duration| question(address, here, BanBy::Address, duration).confirmation().consequence;
        assert_eq!(
            text("127.0.0.1", 3, BanDuration::Hour),
            "127.0.0.1 is this computer: everybody on it (3 people now) is shut out for an hour"
        );
        assert_eq!(
            text("192.0.2.7", 1, BanDuration::ForGood),
            "Nobody from 192.0.2.7 (1 person now) is let in until you lift the ban"
        );
        assert_eq!(
            text("2001:db8::7", 2, BanDuration::ForGood),
            "Nobody from 2001:db8::/64 (2 people now) is let in until you lift the ban"
        );
    }

    #[test]
    fn a_yes_becomes_a_ban() {
        let ban =
            |by, duration| question("::ffff:192.0.2.7", 1, by, duration).beginning(SystemTime::UNIX_EPOCH).to_string();
        assert_eq!(ban(BanBy::Name, BanDuration::ForGood), "name ann forever");
        assert_eq!(ban(BanBy::Address, BanDuration::TenMinutes), "address 192.0.2.7 until 1970-01-01T00:10:00Z");
        assert_eq!(ban(BanBy::Address, BanDuration::Day), "address 192.0.2.7 until 1970-01-02T00:00:00Z");
    }
}
