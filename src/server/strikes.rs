//! Wrong passwords, counted for each address: the more there were, the longer the answer takes.
//!
//! Whoever waits keeps its place in the lobby, so one address has only so many guesses under way at a time. Any
//! client's thread comes here; the lock is held for a few assignments, and nothing is waited for under it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::network::Network;
use crate::sync::{Mutex, lock};

/// How long the first answer takes. Each takes twice as long as the one before.
const DELAY_START: Duration = Duration::from_millis(250);

/// No answer takes longer.
const DELAY_MAX: Duration = Duration::from_secs(8);

/// When an address is forgotten that has made no more mistakes.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(10);

/// Addresses that are remembered. When there are more, whoever was wrong the longest ago is forgotten.
const REMEMBERED_MAX: usize = 4096;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Strikes {
    by_address: Mutex<HashMap<Network, Strike>>,
}

#[derive(Debug)]
struct Strike {
    count: u32,
    last: Instant,
}

impl Strikes {
    /// One more wrong password from there; returns how long the answer takes.
    pub(super) fn add(&self, address: IpAddr, now: Instant) -> Duration {
        let network = Network::of(address);
        let mut by_address = lock(&self.by_address);
        let forgotten = |strike: &Strike| now.saturating_duration_since(strike.last) >= FORGOTTEN_AFTER;
        if by_address.len() >= REMEMBERED_MAX && !by_address.contains_key(&network) {
            by_address.retain(|_, strike| !forgotten(strike));
            let oldest = by_address.iter().min_by_key(|(_, strike)| strike.last).map(|(network, _)| *network);
            if by_address.len() >= REMEMBERED_MAX
                && let Some(oldest) = oldest
            {
                by_address.remove(&oldest);
            }
        }
        let strike = by_address.entry(network).or_insert(Strike { count: 0, last: now });
        if forgotten(strike) {
            strike.count = 0;
        }
        let delay = DELAY_START.saturating_mul(1 << strike.count.min(16)).min(DELAY_MAX);
        *strike = Strike { count: strike.count.saturating_add(1), last: now };
        delay
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_mistake_costs_twice_as_much_up_to_a_limit_and_is_forgotten_in_time() {
        let (strikes, now) = (Strikes::default(), Instant::now());
        let delays: Vec<_> = (0..8).map(|_| strikes.add(address("192.0.2.1"), now).as_millis()).collect();
        assert_eq!(delays, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
        assert_eq!(strikes.add(address("192.0.2.2"), now), DELAY_START, "another address");
        assert_eq!(strikes.add(address("192.0.2.1"), now + FORGOTTEN_AFTER), DELAY_START);
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written_and_a_network_of_ipv6_counts_as_one() {
        let (strikes, now) = (Strikes::default(), Instant::now());
        for (first, second) in [("192.0.2.1", "::ffff:192.0.2.1"), ("2001:db8::1", "2001:db8::ffff:1")] {
            assert_eq!(strikes.add(address(first), now), DELAY_START);
            assert_eq!(strikes.add(address(second), now), DELAY_START * 2, "{second}");
        }
        assert_eq!(strikes.add(address("2001:db8:0:1::1"), now), DELAY_START);
    }

    #[test]
    fn so_many_addresses_are_remembered_and_no_more() {
        let strikes = Strikes::default();
        let begun = Instant::now();
        for number in 0..10_000u32 {
            strikes.add(IpAddr::V4(number.into()), begun + Duration::from_millis(number.into()));
        }
        assert_eq!(lock(&strikes.by_address).len(), REMEMBERED_MAX);
        let last = begun + Duration::from_secs(11);
        assert_eq!(strikes.add(IpAddr::V4(9_999.into()), last), DELAY_START * 2, "the latest is remembered");
        assert_eq!(strikes.add(IpAddr::V4(0.into()), last), DELAY_START, "the first is not");
    }
}
