//! The bans: names, addresses and networks that the server rejects, for a time or for good.
//!
//! The list is kept in a text file that the operator can read and, while the server is stopped, edit: one ban per line, with
//! its target and its end. Any thread may query the list, which takes the lock of the list for a moment. Only the operator
//! changes the list; the thread that does so writes the file with that lock released, since a write may wait for the disk.
//!
//! Several servers can share one file. Each change is applied to the file as it is then, so no server loses what another has
//! written, and each server takes over the other servers' changes with its own next change.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::SystemTime;

use jiff::Timestamp;

use crate::files;
use crate::protocol::Username;
use crate::server::delivery::client::Client;
use crate::server::network::{Network, Subnet};
use crate::sync::{Mutex, lock};

/// The comment at the top of the file, for an operator who opens it.
const HEAD: &str = "\
# Names, addresses and networks that this multichat server rejects. Stop the server before you change this file.
# An IPv6 address stands for its /64.
# name <username> forever
# address <IP address> until 2030-12-31T23:59:59Z
# network <first address>/<bits> forever
";

/// One entry of the list of bans.
///
/// ```
/// use multichat::client::{ConnectOptions, Connection};
/// use multichat::protocol::Username;
/// use multichat::server::{Ban, BanTarget, Config, Server};
///
/// let (server, _events) = Server::start(Config { listen: "127.0.0.1:0".into(), ..Config::default() })?;
/// let mallory = Username::parse("mallory")?;
/// server.ban(Ban { target: BanTarget::Name(mallory.clone()), until: None })?;
/// assert!(Connection::connect(ConnectOptions::new(server.addr().into(), mallory.clone())).is_err());
/// server.unban(&BanTarget::Name(mallory))?;
/// assert!(server.bans().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// The name, address or network that is rejected.
    pub target: BanTarget,
    /// End of the ban, to the second; `None` is never.
    pub until: Option<SystemTime>,
}

/// The name, address or network that a ban applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BanTarget {
    /// A username, and every name that could be mistaken for it.
    Name(Username),
    /// An IP address. An IPv6 address stands for its /64, the least that a subscriber is assigned: see `server/network.rs`.
    Address(IpAddr),
    /// A block of addresses: a banned user may come back from another address of the same site.
    Network(Subnet),
}

impl fmt::Display for BanTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BanTarget::Name(name) => write!(f, "name {name}"),
            BanTarget::Address(address) => write!(f, "address {address}"),
            BanTarget::Network(network) => write!(f, "network {network}"),
        }
    }
}

impl fmt::Display for Ban {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.end() {
            None => write!(f, "{} forever", self.target),
            Some(until) => write!(f, "{} until {until:.0}", self.target),
        }
    }
}

impl BanTarget {
    /// Returns the targets by which a ban can match a client: its name and its address.
    pub(crate) fn of(client: &Client) -> [BanTarget; 2] {
        [BanTarget::Name(client.name.clone()), BanTarget::Address(client.addr.ip())]
    }

    /// Returns whether a ban of this target applies to a client.
    pub(crate) fn applies_to(&self, client: &Client) -> bool {
        BanTarget::of(client).iter().any(|target| target.matches(self))
    }

    /// Returns whether a ban of one applies to the other: two names that could be mistaken for each other, two addresses of
    /// one network, or an address and a block that it is in.
    pub(crate) fn matches(&self, other: &BanTarget) -> bool {
        match (self, other) {
            (BanTarget::Name(one), BanTarget::Name(other)) => one.key().clashes_with(other.key()),
            (BanTarget::Address(one), BanTarget::Address(other)) => Network::of(*one) == Network::of(*other),
            (BanTarget::Network(one), BanTarget::Network(other)) => one == other,
            (BanTarget::Address(address), BanTarget::Network(network))
            | (BanTarget::Network(network), BanTarget::Address(address)) => network.contains(*address),
            _ => false,
        }
    }

    /// Returns whether a ban of one takes the place of a ban of the other, and is lifted with it. A ban of a block and one of an
    /// address in it are two.
    fn replaces(&self, other: &BanTarget) -> bool {
        let is_block = |target: &BanTarget| matches!(target, BanTarget::Network(_));
        is_block(self) == is_block(other) && self.matches(other)
    }
}

impl Ban {
    /// Parses one line of the file.
    ///
    /// # Errors
    /// Says what is wrong with the line, and what would be right.
    fn parse(line: &str) -> Result<Ban, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (kind, target, until) = match words[..] {
            [kind, target, "forever"] => (kind, target, None),
            [kind, target, "until", time] => {
                let time: Timestamp = time.parse().map_err(|error| format!("{time} is not a time: {error}"))?;
                (kind, target, Some(time.into()))
            }
            _ => return Err("write «name <username> forever» or «address <IP address> until <time>»".into()),
        };
        let target = match kind {
            "name" => BanTarget::Name(Username::stored(target).map_err(|error| error.to_string())?),
            "address" => BanTarget::Address(target.parse().map_err(|_| format!("{target} is not an IP address"))?),
            "network" => BanTarget::Network(target.parse()?),
            _ => return Err(format!("«{kind}» is neither «name» nor «address» nor «network»")),
        };
        Ok(Ban { target, until })
    }

    /// Returns the end of the ban. A time beyond the calendar's last year is as good as never.
    fn end(&self) -> Option<Timestamp> {
        Timestamp::try_from(self.until?).ok()
    }

    fn has_expired(&self) -> bool {
        self.until.is_some_and(|until| until <= SystemTime::now())
    }

    /// Returns the detail of the `ERR BANNED` line.
    pub(crate) fn detail(&self) -> String {
        match self.end() {
            None => "permanently".into(),
            Some(until) => format!("until {until:.0}"),
        }
    }
}

/// A change that the operator makes to the list.
#[derive(Clone, Debug)]
enum Change {
    Add(Ban),
    Remove(BanTarget),
}

impl Change {
    fn apply(&self, list: &mut Vec<Ban>) {
        match self {
            Change::Add(ban) => {
                // A ban of a name that only looks alike stays: the two bans reject different sets of names.
                list.retain(|other| match (&other.target, &ban.target) {
                    (BanTarget::Name(other), BanTarget::Name(name)) => !name.is_written(other.as_str()),
                    (other, target) => !other.replaces(target),
                });
                list.push(ban.clone());
            }
            Change::Remove(target) => list.retain(|other| !other.target.replaces(target)),
        }
    }
}

/// The list of bans in memory, and its file. See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Bans {
    /// Read by every thread that authenticates a client, written by the operator's thread. Never locked during I/O.
    list: Mutex<Vec<Ban>>,
    /// Locked while the file is written, so that two changes are written one after the other. Lock order: `file`, then `list`.
    file: Mutex<BanFile>,
}

/// The file, and the changes that it lacks.
#[derive(Debug, Default)]
struct BanFile {
    /// `None`: the list is kept in memory only.
    path: Option<PathBuf>,
    /// Changes that could not be written. They are tried again with the next change.
    unwritten: Vec<Change>,
}

impl Bans {
    /// Reads the list from its file; a file that does not exist is an empty list. With `None`, the list is not kept on disk.
    ///
    /// # Errors
    /// The file cannot be read, or has a line that cannot be parsed. The server does not start then: without its bans it would
    /// admit clients that the operator has banned.
    pub(crate) fn load(file: Option<PathBuf>) -> io::Result<Bans> {
        let list = file.as_ref().map_or(Ok(Vec::new()), |file| files::read_list(file, Ban::parse))?;
        Ok(Bans { list: Mutex::new(list), file: Mutex::new(BanFile { path: file, unwritten: Vec::new() }) })
    }

    /// Returns the ban in force that applies to this name or address.
    pub(crate) fn find(&self, target: &BanTarget) -> Option<Ban> {
        lock(&self.list).iter().find(|ban| ban.target.matches(target) && !ban.has_expired()).cloned()
    }

    /// Returns all bans that are in force.
    pub(crate) fn all(&self) -> Vec<Ban> {
        lock(&self.list).iter().filter(|ban| !ban.has_expired()).cloned().collect()
    }

    /// Adds bans. Each replaces an earlier ban of the same target, but not a ban of a lookalike name: a name that could be
    /// mistaken for the one need not be mistakable for the other.
    ///
    /// # Errors
    /// The file cannot be written. The bans are in force all the same, until the server stops.
    pub(crate) fn add(&self, bans: impl IntoIterator<Item = Ban>) -> io::Result<()> {
        self.change(bans.into_iter().map(Change::Add).collect())
    }

    /// Lifts every ban of these targets.
    ///
    /// # Errors
    /// The file cannot be written. The bans are lifted all the same, until the server stops.
    pub(crate) fn remove(&self, targets: &[BanTarget]) -> io::Result<()> {
        self.change(targets.iter().cloned().map(Change::Remove).collect())
    }

    fn change(&self, changes: Vec<Change>) -> io::Result<()> {
        let mut file = lock(&self.file);
        {
            let mut list = lock(&self.list);
            changes.iter().for_each(|change| change.apply(&mut list));
            list.retain(|ban| !ban.has_expired());
        }
        if file.path.is_some() {
            file.unwritten.extend(changes);
        }
        self.write(&mut file)
    }

    /// Writes the changes that could not be written before, if there are any.
    ///
    /// # Errors
    /// The file still cannot be written.
    pub(crate) fn retry(&self) -> io::Result<()> {
        self.write(&mut lock(&self.file))
    }

    /// Applies the unwritten changes to the file, and takes the result over as the list: another server that shares the file
    /// may have changed it.
    fn write(&self, file: &mut BanFile) -> io::Result<()> {
        let (Some(path), false) = (&file.path, file.unwritten.is_empty()) else { return Ok(()) };
        let change = |list: &mut Vec<Ban>| {
            file.unwritten.iter().for_each(|change| change.apply(list));
            list.retain(|ban| !ban.has_expired());
            true
        };
        let list = files::change_list(path, Ban::parse, change, format_list)?;
        file.unwritten.clear();
        *lock(&self.list) = list;
        Ok(())
    }
}

fn format_list(list: &[Ban]) -> String {
    list.iter().fold(HEAD.to_owned(), |text, ban| text + &format!("{ban}\n"))
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
