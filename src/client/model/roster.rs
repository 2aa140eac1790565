//! Who is here: a fold over HELLO, which adds a name, and BYE, which removes it. Runs on the UI thread.

use std::collections::BTreeSet;

/// Names that are kept. A server has at most a tenth of that; one that sends names without end must not fill the memory.
const NAMES_MAX: usize = 10_000;

/// The names of those who are here, in the order in which they are shown.
#[derive(Debug, Default)]
pub struct Roster {
    /// Small letters first, so that the order is that of the alphabet, and then as written.
    names: BTreeSet<(String, String)>,
    /// Counts the changes, so that a view sees whether it is out of date.
    version: u64,
}

impl Roster {
    /// Somebody is here; was that news?
    pub fn add(&mut self, name: &str) -> bool {
        let news = self.names.len() < NAMES_MAX && self.names.insert(key(name));
        self.version += u64::from(news);
        news
    }

    /// Somebody is gone; was that news?
    pub fn remove(&mut self, name: &str) -> bool {
        let news = self.names.remove(&key(name));
        self.version += u64::from(news);
        news
    }

    /// Nobody is here, as far as we know.
    pub fn clear(&mut self) {
        self.names.clear();
        self.version += 1;
    }

    /// The names as the server sent them, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(_, name)| name.as_str())
    }

    /// How many are here.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Is nobody here?
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Differs whenever the names may differ.
    pub fn version(&self) -> u64 {
        self.version
    }
}

fn key(name: &str) -> (String, String) {
    (name.to_lowercase(), name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hello_adds_and_bye_removes_and_the_rest_is_no_news() {
        let mut roster = Roster::default();
        assert!(roster.add("carl") && roster.add("Ann") && roster.add("bob"));
        assert_eq!(roster.names().collect::<Vec<_>>(), ["Ann", "bob", "carl"]);
        let version = roster.version();
        assert!(!roster.add("bob") && !roster.remove("dora"));
        assert_eq!(roster.version(), version);
        assert!(roster.remove("bob"));
        assert_ne!(roster.version(), version);
        assert_eq!(roster.len(), 2);
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
