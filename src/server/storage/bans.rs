//! Whom the operator does not let in, by name or by address, for a time or for good.
//!
//! The list is kept in a text file that a person can read and, while the server is stopped, edit: one ban a line, what and
//! until when. Any thread asks the list, which takes its lock for a moment; only the operator changes it, and the file
//! is written by the thread that does, with that lock released. Several servers can share one file: none loses what another
//! has written, and each goes by that from its own next change on.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::SystemTime;

use jiff::Timestamp;

use crate::files;
use crate::protocol::Username;
use crate::server::delivery::client::Client;
use crate::server::network::Network;
use crate::sync::{Mutex, lock};

/// The head of the file, for who opens it.
const HEAD: &str = "\
# BanTarget this multichat server does not let in. Stop the server before you change this file.
# An IPv6 address stands for its /64.
# name <username> forever
# address <IP address> until 2030-12-31T23:59:59Z
";

/// Somebody who is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// Who.
    pub whom: BanTarget,
    /// Until when; `None` is for good. Seconds count.
    pub until: Option<SystemTime>,
}

/// By what somebody is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BanTarget {
    /// A username, and every name that could pass for it.
    Name(Username),
    /// An IP address. One of IPv6 stands for its /64, the least that a subscriber has: see `server/network.rs`.
    Address(IpAddr),
}

impl fmt::Display for BanTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BanTarget::Name(name) => write!(f, "name {name}"),
            BanTarget::Address(address) => write!(f, "address {address}"),
        }
    }
}

impl fmt::Display for Ban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until.map(Timestamp::try_from) {
            // A time that no calendar holds is for good.
            None | Some(Err(_)) => write!(f, "{} forever", self.whom),
            Some(Ok(until)) => write!(f, "{} until {until:.0}", self.whom),
        }
    }
}

impl BanTarget {
    /// Returns the targets by which a ban can match a client: its name and its address.
    pub(crate) fn of(client: &Client) -> [BanTarget; 2] {
        [BanTarget::Name(client.name.clone()), BanTarget::Address(client.addr.ip())]
    }

    /// Do both name the same? For names: could one pass for the other?
    pub(crate) fn is(&self, other: &BanTarget) -> bool {
        match (self, other) {
            (BanTarget::Name(one), BanTarget::Name(other)) => one.key().clashes_with(other.key()),
            (BanTarget::Address(one), BanTarget::Address(other)) => Network::of(*one) == Network::of(*other),
            _ => false,
        }
    }
}

impl Ban {
    /// Reads a line of the file.
    fn parse(line: &str) -> Result<Ban, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (kind, whom, until) = match words[..] {
            [kind, whom, "forever"] => (kind, whom, None),
            [kind, whom, "until", time] => {
                let time: Timestamp = time.parse().map_err(|error| format!("{time} is no time: {error}"))?;
                (kind, whom, Some(time.into()))
            }
            _ => return Err("write «name <username> forever» or «address <IP address> until <time>»".into()),
        };
        let whom = match kind {
            "name" => BanTarget::Name(Username::parse(whom).map_err(|error| error.to_string())?),
            "address" => BanTarget::Address(whom.parse().map_err(|_| format!("{whom} is no IP address"))?),
            _ => return Err(format!("«{kind}» is neither «name» nor «address»")),
        };
        Ok(Ban { whom, until })
    }

    fn is_over(&self) -> bool {
        self.until.is_some_and(|until| until <= SystemTime::now())
    }

    /// What is told to somebody who is not let in.
    pub(crate) fn detail(&self) -> String {
        match self.until.map(Timestamp::try_from) {
            None | Some(Err(_)) => "the operator does not let you in".into(),
            Some(Ok(until)) => format!("the operator does not let you in until {until:.0}"),
        }
    }
}

/// Something that the operator does to the list.
#[derive(Clone, Debug)]
enum Change {
    Add(Ban),
    Remove(BanTarget),
}

impl Change {
    fn apply(&self, list: &mut Vec<Ban>) {
        match self {
            Change::Add(ban) => {
                // A ban of a name that only looks like it stays, since it holds for other names as well.
                list.retain(|other| match (&other.whom, &ban.whom) {
                    (BanTarget::Name(other), BanTarget::Name(name)) => !name.is_written(other.as_str()),
                    (other, whom) => !other.is(whom),
                });
                list.push(ban.clone());
            }
            Change::Remove(whom) => list.retain(|other| !other.whom.is(whom)),
        }
    }
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Bans {
    list: Mutex<Vec<Ban>>,
    /// Held while the file is written, so that two changes are written one after the other.
    kept: Mutex<StoredMessage>,
}

/// The file, and what it lacks.
#[derive(Debug, Default)]
struct StoredMessage {
    file: Option<PathBuf>,
    /// What could not be written, and is tried again with the next change.
    unwritten: Vec<Change>,
}

impl Bans {
    /// Reads the list; a file that does not exist yet is an empty one. `None`: the list is not kept.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it cannot be understood: better no server than one that lets everybody in.
    pub(crate) fn load(file: Option<PathBuf>) -> io::Result<Bans> {
        let list = file.as_ref().map_or(Ok(Vec::new()), |file| files::read_list(file, Ban::parse))?;
        Ok(Bans { list: Mutex::new(list), kept: Mutex::new(StoredMessage { file, unwritten: Vec::new() }) })
    }

    /// The ban that keeps somebody out, if there is one.
    pub(crate) fn find(&self, whom: &BanTarget) -> Option<Ban> {
        lock(&self.list).iter().find(|ban| ban.whom.is(whom) && !ban.is_over()).cloned()
    }

    /// All that are in force.
    pub(crate) fn all(&self) -> Vec<Ban> {
        lock(&self.list).iter().filter(|ban| !ban.is_over()).cloned().collect()
    }

    /// Adds a ban, in the place of an earlier one of the same. One of a lookalike stays: what could pass for that need not
    /// pass for this.
    ///
    /// # Errors
    /// The file cannot be written. The ban is in force all the same, until the server stops.
    pub(crate) fn add(&self, ban: Ban) -> io::Result<()> {
        self.change(Change::Add(ban))
    }

    /// Lets somebody in again.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn remove(&self, whom: &BanTarget) -> io::Result<()> {
        self.change(Change::Remove(whom.clone()))
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let mut kept = lock(&self.kept);
        {
            let mut list = lock(&self.list);
            change.apply(&mut list);
            list.retain(|ban| !ban.is_over());
        }
        if kept.file.is_some() {
            kept.unwritten.push(change);
        }
        self.write(&mut kept)
    }

    /// Writes what could not be written before, if there is any.
    ///
    /// # Errors
    /// It still cannot be written.
    pub(crate) fn retry(&self) -> io::Result<()> {
        self.write(&mut lock(&self.kept))
    }

    /// Another server may use the same file: what that one has changed stays, and holds here, too, from now on.
    fn write(&self, kept: &mut StoredMessage) -> io::Result<()> {
        let (Some(file), false) = (&kept.file, kept.unwritten.is_empty()) else { return Ok(()) };
        let change = |list: &mut Vec<Ban>| {
            kept.unwritten.iter().for_each(|change| change.apply(list));
            list.retain(|ban| !ban.is_over());
            true
        };
        let list = files::change_list(file, Ban::parse, change, written)?;
        kept.unwritten.clear();
        *lock(&self.list) = list;
        Ok(())
    }
}

fn written(list: &[Ban]) -> String {
    list.iter().fold(HEAD.to_owned(), |text, ban| text + &format!("{ban}\n"))
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    fn name(name: &str) -> BanTarget {
        BanTarget::Name(Username::parse(name).unwrap())
    }

    fn address(address: &str) -> BanTarget {
        BanTarget::Address(address.parse().unwrap())
    }

    #[test]
    fn a_ban_holds_for_every_name_that_could_pass_for_it_and_for_every_way_to_write_an_address() {
        let bans = Bans::default();
        bans.add(Ban { whom: name("mallory"), until: None }).unwrap();
        bans.add(Ban { whom: address("192.0.2.7"), until: None }).unwrap();
        assert!(bans.find(&name("MALL0RY")).is_some());
        assert!(bans.find(&address("::ffff:192.0.2.7")).is_some());
        assert!(bans.find(&address("192.0.2.8")).is_none());
        assert!(bans.find(&name("ann")).is_none());
        bans.remove(&name("Mallory")).unwrap();
        assert!(bans.find(&name("mallory")).is_none());
    }

    #[test]
    fn a_ban_of_an_ipv6_address_holds_for_its_network_and_is_lifted_for_it() {
        let bans = Bans::default();
        bans.add(Ban { whom: address("2001:db8::1"), until: None }).unwrap();
        assert!(bans.find(&address("2001:db8::ffff:1")).is_some());
        assert!(bans.find(&address("2001:db8:0:1::1")).is_none());
        assert!(bans.find(&address("::1")).is_none());
        bans.remove(&address("2001:db8::2")).unwrap();
        assert!(bans.all().is_empty());
    }

    #[test]
    fn a_ban_of_a_name_holds_for_what_looks_like_it_in_small_letters_or_as_it_is_written() {
        let bans = Bans::default();
        // Greek.
        bans.add(Ban { whom: name("\u{399}\u{3bd}"), until: None }).unwrap();
        assert!(bans.find(&name("lv")).is_some() && bans.find(&name("iv")).is_some());
        bans.add(Ban { whom: name("lv"), until: None }).unwrap();
        assert!(bans.find(&name("\u{3b9}\u{3bd}")).is_some(), "the ban of the other name is lost");
        bans.remove(&name("lv")).unwrap();
        assert_eq!(bans.all(), []);
    }

    #[test]
    fn a_ban_for_a_time_ends_by_itself() {
        let bans = Bans::default();
        let (past, future) = (SystemTime::now() - Duration::from_secs(1), SystemTime::now() + Duration::from_mins(1));
        bans.add(Ban { whom: name("ann"), until: Some(past) }).unwrap();
        bans.add(Ban { whom: name("ben"), until: Some(future) }).unwrap();
        assert!(bans.find(&name("ann")).is_none());
        assert!(bans.find(&name("ben")).is_some());
        assert_eq!(bans.all().len(), 1);
    }

    #[test]
    fn the_list_survives_a_restart() {
        let folder = std::env::temp_dir().join(format!("multichat-bans-{}", std::process::id()));
        let file = folder.join("data/bans.txt");
        let bans = Bans::load(Some(file.clone())).unwrap();
        bans.add(Ban { whom: name("ann"), until: None }).unwrap();
        let until = Timestamp::new(4_000_000_000, 0).unwrap().into();
        bans.add(Ban { whom: address("2001:db8::1"), until: Some(until) }).unwrap();
        assert_eq!(Bans::load(Some(file.clone())).unwrap().all(), bans.all());
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.ends_with("name ann forever\naddress 2001:db8::1 until 2096-10-02T07:06:40Z\n"), "{text}");
        fs::write(&file, "# mine\n\nname ann for ever\n").unwrap();
        let error = Bans::load(Some(file)).unwrap_err().to_string();
        assert!(error.starts_with("line 3: write «name"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn two_servers_with_one_file_keep_each_others_bans() {
        let folder = std::env::temp_dir().join(format!("multichat-bans-two-{}", std::process::id()));
        let file = folder.join("bans.txt");
        let [one, other] = [(); 2].map(|()| Bans::load(Some(file.clone())).unwrap());
        let ban = |text| Ban { whom: name(text), until: None };
        one.add(ban("ann")).unwrap();
        other.add(ban("ben")).unwrap();
        one.add(ban("carl")).unwrap();
        assert!(one.find(&name("ben")).is_some(), "it has read what the other one wrote");
        other.remove(&name("ann")).unwrap();
        let kept = Bans::load(Some(file)).unwrap().all();
        assert_eq!(kept, [ban("ben"), ban("carl")]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_ban_that_could_not_be_written_is_written_later_and_by_no_other_undone() {
        let folder = std::env::temp_dir().join(format!("multichat-bans-later-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("data/bans.txt");
        let bans = Bans::load(Some(file.clone())).unwrap();
        // A file where a folder would have to be.
        fs::write(folder.join("data"), "").unwrap();
        let ban = |text| Ban { whom: name(text), until: None };
        assert!(bans.add(ban("ann")).is_err() && bans.retry().is_err());
        assert!(bans.find(&name("ann")).is_some(), "it is in force all the same");
        fs::remove_file(folder.join("data")).unwrap();
        bans.add(ban("ben")).unwrap();
        assert_eq!(Bans::load(Some(file.clone())).unwrap().all(), [ban("ann"), ban("ben")]);
        assert_eq!(bans.all().len(), 2);
        fs::remove_dir_all(folder).unwrap();
    }
}
