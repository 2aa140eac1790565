//! Wrong passwords, counted for each network: the more there were, the longer the next check is put off.
//!
//! A client that waits for its check can lose its place to a newcomer (see the [lobby](super::lobby)), and then its
//! password is not looked at. Any client's thread comes here; the lock is held for a few assignments, and nothing is
//! waited for under it.

use std::time::{Duration, Instant};

use super::network::Network;
use super::recent::Recent;
use crate::sync::{Mutex, lock};

/// Delay after the first wrong password. Each further one doubles it.
const DELAY_START: Duration = Duration::from_millis(250);

/// Longest delay.
const DELAY_MAX: Duration = Duration::from_secs(8);

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Strikes {
    /// Wrong passwords of each network.
    counts: Mutex<Recent<u32>>,
}

impl Strikes {
    /// Counts a wrong password.
    pub(super) fn add(&self, network: Network, now: Instant) {
        let mut counts = lock(&self.counts);
        let count = counts.entry(network, now, || 0);
        *count = count.saturating_add(1);
    }

    /// Returns the time to wait before a password from this network is checked.
    pub(super) fn delay(&self, network: Network, now: Instant) -> Duration {
        match lock(&self.counts).get(network, now) {
            None | Some(0) => Duration::ZERO,
            Some(count) => DELAY_START.saturating_mul(1 << (count - 1).min(16)).min(DELAY_MAX),
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;
    use crate::server::recent::FORGOTTEN_AFTER;

    fn network(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    #[test]
    fn each_mistake_costs_twice_as_much_up_to_a_limit_and_is_forgotten_in_time() {
        let (strikes, now, one) = (Strikes::default(), Instant::now(), network("192.0.2.1"));
        let mut delays = Vec::new();
        for _ in 0..8 {
            delays.push(strikes.delay(one, now).as_millis());
            strikes.add(one, now);
        }
        assert_eq!(delays, [0, 250, 500, 1000, 2000, 4000, 8000, 8000]);
        assert_eq!(strikes.delay(network("192.0.2.2"), now), Duration::ZERO, "another address");
        assert_eq!(strikes.delay(one, now + FORGOTTEN_AFTER), Duration::ZERO);
    }

    #[test]
    fn mistakes_count_for_the_whole_network() {
        let (strikes, now) = (Strikes::default(), Instant::now());
        strikes.add(network("2001:db8::1"), now);
        assert_eq!(strikes.delay(network("2001:db8::ffff:1"), now), DELAY_START);
        assert_eq!(strikes.delay(network("2001:db8:0:1::1"), now), Duration::ZERO);
    }
}
