//! The roster: who is in the room, and who of them is away. A fold over HELLO, which adds a name, AWAY, which changes
//! it, and BYE, which removes it. Runs on the UI thread.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use super::natural;
use crate::protocol::{Stamp, fold_name};

/// Maximum number of names. A server has at most a tenth of that; one that sends names without end must not fill the
/// memory.
const NAMES_MAX: usize = 10_000;

/// The names of the people in the room, in display order.
#[derive(Debug, Default)]
pub struct Roster {
    names: BTreeSet<Name>,
    /// The folded name, then the name as written. Folding is expensive and happens once per name, since one word is
    /// looked up among thousands of names.
    folded: BTreeSet<(String, String)>,
    away: HashMap<String, Away>,
    /// Counts the changes, so that a view can tell whether it is outdated.
    pub(super) version: u64,
}

/// A name in the order of display: alphabetical whatever the case, with numbers by value; then as written.
#[derive(Debug, PartialEq, Eq)]
struct Name {
    lower: String,
    written: String,
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> Ordering {
        natural::compare(&self.lower, &other.lower).then_with(|| self.written.cmp(&other.written))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A person's absence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// Since when, if the server's line had a stamp.
    pub since: Option<Stamp>,
    /// The reason as it was sent, not escaped.
    pub reason: String,
}

impl Roster {
    /// Adds a name. Returns whether it is new.
    pub fn add(&mut self, name: &str) -> bool {
        let news = self.names.len() < NAMES_MAX && self.names.insert(key(name));
        if news {
            self.folded.insert((fold_name(name), name.to_owned()));
            self.version += 1;
        }
        news
    }

    /// Removes a name. Returns whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let news = self.names.remove(&key(name));
        if news {
            self.folded.remove(&(fold_name(name), name.to_owned()));
            self.away.remove(name);
            self.version += 1;
        }
        news
    }

    /// Sets a person in the room away, or back with `None`.
    pub fn set_away(&mut self, name: &str, away: Option<Away>) {
        if self.has(name) {
            self.away.remove(name);
            self.away.extend(away.map(|away| (name.to_owned(), away)));
            self.version += 1;
        }
    }

    /// Removes all names.
    pub fn clear(&mut self) {
        self.names.clear();
        self.folded.clear();
        self.away.clear();
        self.version += 1;
    }

    /// Returns the names as the server sent them, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| name.written.as_str())
    }

    /// Returns the names that begin with a part, in any case, and those that only contain it.
    pub fn matching(&self, part: &str) -> (Vec<&str>, Vec<&str>) {
        let part = part.to_lowercase();
        let (mut first, mut others) = (Vec::new(), Vec::new());
        for Name { lower, written } in self.names.iter().filter(|name| name.lower.contains(&part)) {
            let names = if lower.starts_with(&part) { &mut first } else { &mut others };
            names.push(written.as_str());
        }
        (first, others)
    }

    /// Returns whether exactly this name is in the room.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(&key(name))
    }

    /// Returns the name that a word refers to, as the server sent it. As on the server, case, normal form and width
    /// may differ.
    pub fn find(&self, word: &str) -> Option<&str> {
        if let Some(name) = self.names.get(&key(word)) {
            return Some(&name.written);
        }
        let first = (fold_name(word), String::new());
        let (folded, name) = self.folded.range(&first..).next()?;
        (*folded == first.0).then_some(name.as_str())
    }

    /// Returns whether a person is away, and why.
    pub fn away(&self, name: &str) -> Option<&Away> {
        self.away.get(name)
    }

    /// Returns the number of people in the room.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Returns whether the room is empty.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

fn key(name: &str) -> Name {
    Name { lower: name.to_lowercase(), written: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hello_adds_and_bye_removes_and_the_rest_is_no_news() {
        let mut roster = Roster::default();
        assert!(roster.add("carl") && roster.add("Ann") && roster.add("bob"));
        assert_eq!(roster.names().collect::<Vec<_>>(), ["Ann", "bob", "carl"]);
        let version = roster.version;
        assert!(!roster.add("bob") && !roster.remove("dora"));
        assert_eq!(roster.version, version);
        assert!(roster.remove("bob"));
        assert_ne!(roster.version, version);
        assert_eq!(roster.len(), 2);
    }

    #[test]
    fn numbers_in_names_are_in_the_order_of_their_values() {
        let mut roster = Roster::default();
        for name in ["p10", "P2", "p1", "p02", "ann"] {
            assert!(roster.add(name));
        }
        assert_eq!(roster.names().collect::<Vec<_>>(), ["ann", "p1", "p02", "P2", "p10"]);
        assert!(roster.has("p02") && roster.remove("p02") && roster.has("P2"));
    }

    #[test]
    fn who_leaves_is_not_away_any_more() {
        let lunch = || Some(Away { since: Some(7), reason: "lunch".into() });
        let mut roster = Roster::default();
        roster.set_away("ann", lunch());
        assert_eq!(roster.away("ann"), None, "nobody by that name is here");
        roster.add("ann");
        let version = roster.version;
        roster.set_away("ann", lunch());
        assert_eq!(roster.away("ann"), lunch().as_ref());
        assert_ne!(roster.version, version);
        roster.remove("ann");
        roster.add("ann");
        assert_eq!(roster.away("ann"), None);
    }

    #[test]
    fn a_word_means_the_name_that_the_server_would_take_it_for() {
        let mut roster = Roster::default();
        for name in ["Ann", "Zoë", "Neil"] {
            roster.add(name);
        }
        assert_eq!(roster.find("ANN"), Some("Ann"));
        assert_eq!(roster.find("zoe\u{308}"), Some("Zoë"));
        assert_eq!(roster.find("Nell"), None, "a lookalike is somebody else");
        roster.remove("Ann");
        assert_eq!(roster.find("ANN"), None);
    }

    #[test]
    fn names_without_end_are_not_kept() {
        let mut roster = Roster::default();
        for n in 0..2 * NAMES_MAX {
            roster.add(&n.to_string());
        }
        assert_eq!(roster.len(), NAMES_MAX);
    }
}
