//! The servers that the user was connected to last, each with the name that the user had there. Pure; used on the UI
//! thread, which reads and writes the settings.

use crate::client::ServerAddress;

/// Maximum number of servers.
pub const RECENT_MAX: usize = 5;

/// A server, and the user's name there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentServer {
    /// The address.
    pub server: ServerAddress,
    /// The user's name.
    pub name: String,
}

/// The servers, the newest first; none is there twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentServers(Vec<RecentServer>);

impl RecentServers {
    /// Reads them from settings of which `get` returns the value for a key. Values that cannot be read are left out.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> RecentServers {
        let mut all = RecentServers::default();
        // The newest last, so that it comes to the front.
        for value in (0..RECENT_MAX).rev().filter_map(|at| get(&key(at))) {
            if let Some((name, server)) = value.split_once(' ')
                && let Ok(server) = server.parse()
            {
                all.remember(server, name);
            }
        }
        all
    }

    /// Writes them to settings, each as a key and a value. An empty value removes the key.
    pub fn write(&self, mut set: impl FnMut(&str, &str)) {
        for at in 0..RECENT_MAX {
            let value = self.0.get(at).map(|recent| format!("{} {}", recent.name, recent.server));
            set(&key(at), &value.unwrap_or_default());
        }
    }

    /// Puts a server at the front, with the name that the user has there now.
    pub fn remember(&mut self, server: ServerAddress, name: &str) {
        self.0.retain(|recent| recent.server != server);
        self.0.insert(0, RecentServer { server, name: name.to_owned() });
        self.0.truncate(RECENT_MAX);
    }

    /// Forgets a server.
    pub fn forget(&mut self, at: usize) {
        if at < self.0.len() {
            self.0.remove(at);
        }
    }

    /// Returns the servers, the newest first.
    pub fn all(&self) -> &[RecentServer] {
        &self.0
    }
}

fn key(at: usize) -> String {
    format!("recent_{}", at + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn remember(all: &mut RecentServers, server: &str, name: &str) {
        all.remember(server.parse().unwrap(), name);
    }

    fn words(all: &RecentServers) -> Vec<String> {
        all.all().iter().map(|recent| format!("{}@{}", recent.name, recent.server)).collect()
    }

    #[test]
    fn the_newest_comes_first_and_none_is_there_twice() {
        let mut all = RecentServers::default();
        remember(&mut all, "one", "ann");
        remember(&mut all, "two:7000", "bob");
        remember(&mut all, "one:5555", "cleo");
        assert_eq!(words(&all), ["cleo@one:5555", "bob@two:7000"]);
        for n in 0..9 {
            remember(&mut all, &format!("host{n}"), "bob");
        }
        assert_eq!(all.all().len(), RECENT_MAX);
        assert_eq!(words(&all)[0], "bob@host8:5555");
        all.forget(0);
        all.forget(99);
        assert_eq!(words(&all)[0], "bob@host7:5555");
    }

    #[test]
    fn the_next_start_has_the_same_ones_and_none_that_was_forgotten() {
        let (mut all, mut settings) = (RecentServers::default(), BTreeMap::new());
        remember(&mut all, "[::1]:7000", "ann");
        remember(&mut all, "two", "bob");
        let mut write = |all: &RecentServers| {
            all.write(|key, value| _ = settings.insert(key.to_owned(), value.to_owned()));
            RecentServers::read(|key| settings.get(key).cloned().filter(|value| !value.is_empty()))
        };
        assert_eq!(write(&all), all);
        all.forget(1);
        assert_eq!(write(&all), all);
        assert_eq!(words(&all), ["bob@two:5555"]);
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let settings = [("recent_1", "no-server"), ("recent_3", "ann host:x"), ("recent_5", "bob host")];
        let get = |key: &str| settings.iter().find(|(is, _)| *is == key).map(|(_, value)| (*value).to_owned());
        assert_eq!(words(&RecentServers::read(get)), ["bob@host:5555"]);
    }
}
