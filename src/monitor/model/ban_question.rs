//! The question whether to ban a client: by what, for how long, and the consequence of each choice.
//!
//! Pure data on the main thread.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use super::confirm::{About, Confirmation, Input, Subject};
use crate::monitor::messages::{Action, Command};
use crate::server::network::Network;
use crate::server::{Ban, BanTarget};

/// Properties by which a ban recognises a client: the name, and every name that looks like it; or the address and its network.
pub const BAN_BY: [&str; 2] = ["Name", "Address"];
const BY_ADDRESS: usize = 1;

/// Durations of a ban, the shortest first: the label, the end of a sentence, and the time; `None` is until the operator lifts the
/// ban.
pub const BAN_DURATIONS: [(&str, &str, Option<Duration>); 4] = [
    ("10 min", "for 10 minutes", Some(Duration::from_mins(10))),
    ("1 hour", "for an hour", Some(Duration::from_hours(1))),
    ("1 day", "for a day", Some(Duration::from_hours(24))),
    ("Permanent", "permanently", None),
];

/// Returns the question whether to ban a client. `on_network` is the number of clients on the client's network, and `chosen` has
/// the indices into [`BAN_BY`] and [`BAN_DURATIONS`].
///
/// # Panics
/// The index of the duration is out of range.
pub fn ban(subject: Subject, on_network: usize, chosen: [usize; 2]) -> Confirmation {
    let (by_address, (_, words, lasts)) = (chosen[0] == BY_ADDRESS, BAN_DURATIONS[chosen[1]]);
    let (name, network) = (subject.shown(), Network::of(subject.address));
    let here = if on_network == 1 { "1 person".into() } else { format!("{on_network} people") };
    let is_this_computer = by_address && network.is_loopback();
    let consequence = if is_this_computer {
        format!("{network} is this computer: this bans everyone on it ({here} now) {words}")
    } else if by_address {
        format!("This bans everyone from {network} ({here} now) {words}")
    } else {
        format!("This bans {name}, and names that look like it, {words}")
    };
    let target = if by_address {
        BanTarget::Address(subject.address.to_canonical())
    } else {
        BanTarget::Name(subject.name.clone())
    };
    Confirmation {
        title: format!("Ban {name}"),
        consequence,
        is_grave: is_this_computer || lasts.is_none(),
        yes: "Ban",
        input: Input::Choices { chosen, other: Rc::new(move |chosen| ban(subject.clone(), on_network, chosen)) },
        about: About::Clients,
        action: Rc::new(move |_, _| {
            let until = lasts.map(|lasts| SystemTime::now() + lasts);
            Ok(Command::Action(Action::Ban(Ban { target: target.clone(), until })))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::model::Model;
    use crate::protocol::Username;
    use crate::server::id::ConnectionId;

    const BY_NAME: usize = 0;
    const HOUR: usize = 1;
    const FOR_GOOD: usize = 3;

    fn question(address: &str, on_network: usize, by: usize, duration: usize) -> Confirmation {
        let name = Username::parse("ann").unwrap();
        ban(Subject { id: ConnectionId(7), name, address: address.parse().unwrap() }, on_network, [by, duration])
    }

    #[test]
    fn a_ban_that_does_not_expire_is_grave() {
        for (by, address, is_grave) in [
            (BY_NAME, "192.0.2.7", [false, false, false, true]),
            (BY_ADDRESS, "192.0.2.7", [false, false, false, true]),
            (BY_ADDRESS, "127.0.0.1", [true; 4]),
            (BY_ADDRESS, "::ffff:127.0.0.1", [true; 4]),
            (BY_ADDRESS, "::1", [true; 4]),
        ] {
            let seen = [0, 1, 2, 3].map(|duration| question(address, 1, by, duration).is_grave);
            assert_eq!(seen, is_grave, "{by} {address}");
        }
    }

    #[test]
    fn a_ban_of_this_computer_says_that_it_shuts_out_everybody_on_it() {
        let text = |address, here, duration| question(address, here, BY_ADDRESS, duration).consequence;
        assert_eq!(
            text("127.0.0.1", 3, HOUR),
            "127.0.0.1 is this computer: this bans everyone on it (3 people now) for an hour"
        );
        assert_eq!(text("192.0.2.7", 1, FOR_GOOD), "This bans everyone from 192.0.2.7 (1 person now) permanently");
        assert_eq!(
            text("2001:db8::7", 2, FOR_GOOD),
            "This bans everyone from 2001:db8::/64 (2 people now) permanently"
        );
    }

    #[test]
    fn a_yes_becomes_a_ban() {
        let ban = |by, duration| match (question("::ffff:192.0.2.7", 1, by, duration).action)(&Model::default(), "") {
            Ok(Command::Action(Action::Ban(ban))) => ban,
            _ => panic!("no ban"),
        };
        assert_eq!(ban(BY_NAME, FOR_GOOD).to_string(), "name ann forever");
        for (duration, secs) in [600, 3600, 86_400].into_iter().enumerate() {
            let before = SystemTime::now();
            let Ban { target, until } = ban(BY_ADDRESS, duration);
            assert_eq!(target, BanTarget::Address("192.0.2.7".parse().unwrap()));
            let lasts = Duration::from_secs(secs);
            assert!((before + lasts..=SystemTime::now() + lasts).contains(&until.unwrap()), "{until:?}");
        }
    }
}
