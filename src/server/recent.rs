//! A map with an entry for each network that was active lately, in bounded memory.
//!
//! An entry expires ten minutes after its last use, or earlier if there are too many networks: then the one whose last
//! use is longest ago goes first. So a flood from many addresses cannot fill the memory. It has no lock: its owner puts
//! it behind one.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::network::Network;

/// Time after the last use of an entry at which it expires.
pub(crate) const FORGOTTEN_AFTER: Duration = Duration::from_mins(10);

/// Maximum number of entries.
const NETWORKS_MAX: usize = 4096;

/// A map from networks to values; see the [module](self).
#[derive(Debug)]
pub(crate) struct Recent<T> {
    entries: HashMap<Network, Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    value: T,
    used: Instant,
}

impl<T> Default for Recent<T> {
    fn default() -> Recent<T> {
        Recent { entries: HashMap::new() }
    }
}

impl<T> Recent<T> {
    /// Returns the value of a network, which counts as used. One that is missing or expired is made anew.
    pub(crate) fn entry(&mut self, network: Network, now: Instant, new: impl FnOnce() -> T) -> &mut T {
        let is_expired = self.entries.get(&network).is_some_and(|entry| entry.is_expired(now));
        if is_expired {
            self.entries.remove(&network);
        } else if !self.entries.contains_key(&network) {
            self.make_room(now);
        }
        let entry = self.entries.entry(network).or_insert_with(|| Entry { value: new(), used: now });
        entry.used = now;
        &mut entry.value
    }

    /// Returns the value of a network, if there is one. That does not count as a use.
    pub(crate) fn get_mut(&mut self, network: Network) -> Option<&mut T> {
        self.entries.get_mut(&network).map(|entry| &mut entry.value)
    }

    /// Removes expired entries if the map is full, and the oldest entry if it still is.
    fn make_room(&mut self, now: Instant) {
        if self.entries.len() < NETWORKS_MAX {
            return;
        }
        self.entries.retain(|_, entry| !entry.is_expired(now));
        let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(network, _)| *network);
        if self.entries.len() >= NETWORKS_MAX
            && let Some(oldest) = oldest
        {
            self.entries.remove(&oldest);
        }
    }
}

impl<T> Entry<T> {
    fn is_expired(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.used) >= FORGOTTEN_AFTER
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;
    use std::net::IpAddr;

    #[test]
    fn so_many_networks_are_remembered_and_no_more() {
        let network = |number: u32| Network::of(IpAddr::V4(number.into()));
        let (mut recent, begun) = (Recent::default(), Instant::now());
        let latest = u32::try_from(NETWORKS_MAX).unwrap() + 10;
        for number in 0..=latest {
            recent.entry(network(number), begun + Duration::from_millis(number.into()), || number);
        }
        let last = begun + Duration::from_secs(10);
        assert_eq!(recent.entries.len(), NETWORKS_MAX);
        assert_eq!(recent.get_mut(network(0)), None, "the first is not remembered");
        assert_eq!(*recent.entry(network(latest), last, || 0), latest, "the latest is");
        assert_eq!(*recent.entry(network(latest), last + FORGOTTEN_AFTER, || 0), 0, "but not for ever");
    }
}
