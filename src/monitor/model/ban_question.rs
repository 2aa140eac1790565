//! The question whether to ban the marked clients: by what, for how long, and the consequence of each choice.
//!
//! Pure data on the main thread.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use super::confirm::{About, Confirmation, Input, Subject, people};
use super::list::List;
use crate::monitor::messages::{Action, Command};
use crate::monitor::units;
use crate::server::network::Network;
use crate::server::{Ban, BanTarget, ClientInfo, Subnet};

/// Properties by which a ban recognises a client: the name, and every name that looks like it; the address, an IPv6 address with
/// its /64; or the network around the address.
pub const BAN_BY: [&str; 3] = ["Name", "Address", "Network"];
/// Indices of the last two.
pub const BY_ADDRESS: usize = 1;
/// See [`BY_ADDRESS`].
pub const BY_NETWORK: usize = 2;

/// Durations of a ban, the shortest first: the label, the end of a sentence, and the time; `None` is until the operator lifts the
/// ban.
pub const BAN_DURATIONS: [(&str, &str, Option<Duration>); 4] = [
    ("10 min", "for 10 minutes", Some(Duration::from_mins(10))),
    ("1 hour", "for an hour", Some(Duration::from_hours(1))),
    ("1 day", "for a day", Some(Duration::from_hours(24))),
    ("Permanent", "permanently", None),
];

/// The targets of a ban by one of [`BAN_BY`], and its reach at this moment.
#[derive(Debug)]
struct Reach {
    targets: Vec<BanTarget>,
    /// The targets in a sentence.
    shown: String,
    /// Number of clients that it disconnects. `None`: only those that are marked.
    ends: Option<usize>,
    /// It shuts out this computer.
    is_this_computer: bool,
}

/// Returns the question whether to ban the marked clients, if there are any. `chosen` has the indices into [`BAN_BY`] and
/// [`BAN_DURATIONS`].
pub fn ban(clients: &List<ClientInfo>, chosen: [usize; 2]) -> Option<Confirmation> {
    let subjects = clients.subjects();
    let reaches = [by_name(&subjects), by_address(&subjects, clients), by_network(&subjects, clients)];
    (!subjects.is_empty()).then(|| question(people(&subjects), Rc::new(reaches), chosen))
}

fn by_name(subjects: &[Subject]) -> Reach {
    let shown = match subjects {
        [one] => format!("{}, and names that look like it,", one.shown()),
        several => format!("{} names, and names that look like them,", several.len()),
    };
    let targets = subjects.iter().map(|subject| BanTarget::Name(subject.name.clone())).collect();
    Reach { targets, shown, ends: None, is_this_computer: false }
}

fn by_address(subjects: &[Subject], clients: &List<ClientInfo>) -> Reach {
    let networks = distinct(subjects, Network::of);
    Reach {
        targets: networks.values().map(|address| BanTarget::Address(address.to_canonical())).collect(),
        shown: everyone_from(&networks, "addresses"),
        ends: Some(clients.count(|address| networks.contains_key(&Network::of(address)))),
        is_this_computer: networks.keys().any(|network| network.is_loopback()),
    }
}

fn by_network(subjects: &[Subject], clients: &List<ClientInfo>) -> Reach {
    let networks = distinct(subjects, Subnet::around);
    Reach {
        targets: networks.keys().copied().map(BanTarget::Network).collect(),
        shown: everyone_from(&networks, "networks"),
        ends: Some(clients.count(|address| networks.contains_key(&Subnet::around(address)))),
        is_this_computer: networks.keys().any(Subnet::is_loopback),
    }
}

/// Returns what `part` makes of the addresses, each with one of the addresses.
fn distinct<T: Ord>(subjects: &[Subject], part: impl Fn(IpAddr) -> T) -> BTreeMap<T, IpAddr> {
    subjects.iter().map(|subject| (part(subject.address), subject.address)).collect()
}

fn everyone_from<T: Ord + ToString>(origins: &BTreeMap<T, IpAddr>, several: &str) -> String {
    match origins.first_key_value() {
        Some((one, _)) if origins.len() == 1 => format!("everyone from {}", one.to_string()),
        _ => format!("everyone from {} {several}", units::count(origins.len() as u64)),
    }
}

fn question(whom: String, reaches: Rc<[Reach; BAN_BY.len()]>, chosen: [usize; 2]) -> Confirmation {
    let by = chosen[0].min(BY_NETWORK);
    let (_, words, lasts) = BAN_DURATIONS[chosen[1].min(BAN_DURATIONS.len() - 1)];
    let Reach { targets, shown, ends, is_this_computer } = &reaches[by];
    let now = match ends {
        None => String::new(),
        Some(1) => " (1 person now)".into(),
        Some(ends) => format!(" ({} people now)", units::count(*ends as u64)),
    };
    let consequence = if *is_this_computer {
        format!("This bans {shown}{now} {words}: this computer, too")
    } else {
        format!("This bans {shown}{now} {words}")
    };
    let (targets, again) = (targets.clone(), Rc::clone(&reaches));
    Confirmation {
        title: format!("Ban {whom}"),
        consequence,
        is_grave: *is_this_computer || by == BY_NETWORK || lasts.is_none(),
        yes: "Ban",
        input: Input::Choices {
            chosen,
            other: Rc::new(move |chosen| question(whom.clone(), Rc::clone(&again), chosen)),
        },
        about: About::Clients,
        action: Rc::new(move |_, _| {
            let until = lasts.map(|lasts| SystemTime::now() + lasts);
            let bans = targets.iter().map(|target| Ban { target: target.clone(), until });
            Ok(Command::Action(Action::Ban(bans.collect())))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::model::Model;
    use crate::monitor::model::tests::{client, running};

    const BY_NAME: usize = 0;
    const HOUR: usize = 1;
    const FOR_GOOD: usize = 3;

    /// Returns the question about those marked, of whom there are as many as `marked`; the others come from the same addresses.
    fn question(addresses: &[&str], marked: usize, by: usize, duration: usize) -> Confirmation {
        let people = (1..).zip(addresses).map(|(id, address)| {
            let mut client = client(id, &format!("ann{id}"));
            client.addr.set_ip(address.parse().unwrap());
            client
        });
        let mut model = running(people.collect());
        model.clients.set_marks(0..marked, None);
        ban(&model.clients, [by, duration]).unwrap()
    }

    #[test]
    fn a_ban_that_does_not_expire_or_that_falls_on_many_is_grave() {
        for (by, address, is_grave) in [
            (BY_NAME, "192.0.2.7", [false, false, false, true]),
            (BY_ADDRESS, "192.0.2.7", [false, false, false, true]),
            (BY_NETWORK, "192.0.2.7", [true; 4]),
            (BY_ADDRESS, "127.0.0.1", [true; 4]),
            (BY_ADDRESS, "::ffff:127.0.0.1", [true; 4]),
            (BY_ADDRESS, "::1", [true; 4]),
        ] {
            let seen = [0, 1, 2, 3].map(|duration| question(&[address], 1, by, duration).is_grave);
            assert_eq!(seen, is_grave, "{by} {address}");
        }
    }

    #[test]
    fn the_consequence_says_whom_a_ban_falls_on() {
        let text = |addresses: &[&str], marked, by, duration| question(addresses, marked, by, duration).consequence;
        assert_eq!(
            text(&["127.0.0.1"; 3], 1, BY_ADDRESS, HOUR),
            "This bans everyone from 127.0.0.1 (3 people now) for an hour: this computer, too"
        );
        assert_eq!(
            text(&["192.0.2.7"], 1, BY_ADDRESS, FOR_GOOD),
            "This bans everyone from 192.0.2.7 (1 person now) permanently"
        );
        assert_eq!(
            text(&["2001:db8::7", "2001:db8::8"], 1, BY_ADDRESS, FOR_GOOD),
            "This bans everyone from 2001:db8::/64 (2 people now) permanently"
        );
        let school = ["192.0.2.7", "192.0.2.7", "192.0.2.8", "192.0.2.9", "198.51.100.1"];
        assert_eq!(
            text(&school, 1, BY_NETWORK, HOUR),
            "This bans everyone from 192.0.2.0/24 (4 people now) for an hour"
        );
        assert_eq!(
            text(&school, 3, BY_ADDRESS, HOUR),
            "This bans everyone from 2 addresses (3 people now) for an hour"
        );
        assert_eq!(text(&school, 3, BY_NAME, HOUR), "This bans 3 names, and names that look like them, for an hour");
        assert_eq!(question(&school, 3, BY_NAME, HOUR).title, "Ban 3 people");
    }

    #[test]
    fn a_yes_becomes_one_ban_for_each_target() {
        let bans = |addresses: &[&str], marked, by, duration| match (question(addresses, marked, by, duration).action)(
            &Model::default(),
            "",
        ) {
            Ok(Command::Action(Action::Ban(bans))) => bans,
            _ => panic!("no ban"),
        };
        let shown = |bans: Vec<Ban>| bans.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mapped = ["::ffff:192.0.2.7", "192.0.2.7", "192.0.3.7"];
        assert_eq!(shown(bans(&mapped, 2, BY_NAME, FOR_GOOD)), ["name ann1 forever", "name ann2 forever"]);
        assert_eq!(shown(bans(&mapped, 2, BY_ADDRESS, FOR_GOOD)), ["address 192.0.2.7 forever"]);
        assert_eq!(
            shown(bans(&mapped, 3, BY_NETWORK, FOR_GOOD)),
            ["network 192.0.2.0/24 forever", "network 192.0.3.0/24 forever"]
        );
        for (duration, secs) in [600, 3600, 86_400].into_iter().enumerate() {
            let before = SystemTime::now();
            let until = bans(&["::ffff:192.0.2.7"], 1, BY_ADDRESS, duration)[0].until;
            let lasts = Duration::from_secs(secs);
            assert!((before + lasts..=SystemTime::now() + lasts).contains(&until.unwrap()), "{until:?}");
        }
    }
}
