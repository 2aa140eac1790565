//! Wrong passwords, counted for each network: the more there were, the longer the next check waits before it begins.
//!
//! The wait comes before the password is looked at, so it costs the server no hash, and a right password waits as long as
//! a wrong one. Whoever waits keeps its place in the lobby; so a network has so many checks under way at once and no
//! more, and one that is refused for that reason counts like a wrong password. Any client's thread comes here; the lock
//! is held for a few assignments, and nothing is waited for under it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::network::Network;
use crate::sync::{Mutex, lock};

/// Maximum number of checks of one network that wait or are computed at once: a class that arrives at once, behind one
/// address.
pub(super) const UNDER_WAY_MAX: usize = 40;

/// How long the check after the first mistake waits. Each further mistake doubles it.
const DELAY_START: Duration = Duration::from_millis(250);

/// Maximum wait.
const DELAY_MAX: Duration = Duration::from_secs(8);

/// Time after which a network is forgotten that has made no more mistakes.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(10);

/// Maximum number of networks that are remembered, beside those with a check under way. The one whose last mistake was
/// the longest ago is forgotten first.
const REMEMBERED_MAX: usize = 4096;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Strikes {
    by_network: Mutex<HashMap<Network, Record>>,
}

#[derive(Debug)]
struct Record {
    mistakes: u32,
    last: Instant,
    under_way: usize,
}

/// A check that is under way, until it is dropped.
#[derive(Debug)]
pub(super) struct Check<'a> {
    strikes: &'a Strikes,
    network: Network,
    /// Time that has to pass before the password is looked at.
    pub(super) delay: Duration,
}

impl Strikes {
    /// Begins a check. `None`: too many of that network are under way, which counts as a mistake.
    pub(super) fn begin(&self, network: Network, now: Instant) -> Option<Check<'_>> {
        let mut by_network = lock(&self.by_network);
        make_room(&mut by_network, network, now);
        let record = by_network.entry(network).or_insert(Record { mistakes: 0, last: now, under_way: 0 });
        if record.is_forgotten(now) {
            record.mistakes = 0;
        }
        if record.under_way >= UNDER_WAY_MAX {
            record.strike(now);
            return None;
        }
        record.under_way += 1;
        Some(Check { strikes: self, network, delay: record.delay() })
    }
}

impl Check<'_> {
    /// Counts a mistake: the password was wrong, or there was no time to find out.
    pub(super) fn strike(&self, now: Instant) {
        if let Some(record) = lock(&self.strikes.by_network).get_mut(&self.network) {
            record.strike(now);
        }
    }
}

impl Drop for Check<'_> {
    fn drop(&mut self) {
        let mut by_network = lock(&self.strikes.by_network);
        if let Some(record) = by_network.get_mut(&self.network) {
            record.under_way -= 1;
            if record.under_way == 0 && record.mistakes == 0 {
                by_network.remove(&self.network);
            }
        }
    }
}

impl Record {
    fn strike(&mut self, now: Instant) {
        *self = Record { mistakes: self.mistakes.saturating_add(1), last: now, ..*self };
    }

    fn is_forgotten(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) >= FORGOTTEN_AFTER
    }

    fn delay(&self) -> Duration {
        match self.mistakes {
            0 => Duration::ZERO,
            mistakes => DELAY_START.saturating_mul(1 << (mistakes - 1).min(16)).min(DELAY_MAX),
        }
    }
}

/// Forgets somebody, if `network` is new and there are too many.
fn make_room(by_network: &mut HashMap<Network, Record>, network: Network, now: Instant) {
    if by_network.len() < REMEMBERED_MAX || by_network.contains_key(&network) {
        return;
    }
    by_network.retain(|_, record| record.under_way > 0 || !record.is_forgotten(now));
    let idle = by_network.iter().filter(|(_, record)| record.under_way == 0);
    let oldest = idle.min_by_key(|(_, record)| record.last).map(|(network, _)| *network);
    if by_network.len() >= REMEMBERED_MAX
        && let Some(oldest) = oldest
    {
        by_network.remove(&oldest);
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    fn network(number: u32) -> Network {
        Network::of(std::net::IpAddr::V4(number.into()))
    }

    /// Makes a mistake; returns how long the check had to wait.
    fn guess(strikes: &Strikes, network: Network, now: Instant) -> Duration {
        let check = strikes.begin(network, now).unwrap();
        check.strike(now);
        check.delay
    }

    #[test]
    fn each_mistake_doubles_the_wait_of_the_next_check_up_to_a_limit_and_is_forgotten_in_time() {
        let (strikes, now) = (Strikes::default(), Instant::now());
        let delays: Vec<_> = (0..9).map(|_| guess(&strikes, network(1), now).as_millis()).collect();
        assert_eq!(delays, [0, 250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
        assert_eq!(guess(&strikes, network(2), now), Duration::ZERO, "another network");
        assert_eq!(guess(&strikes, network(1), now + FORGOTTEN_AFTER), Duration::ZERO);
    }

    #[test]
    fn a_network_has_so_many_checks_under_way_and_one_that_is_refused_is_a_mistake() {
        let (strikes, now) = (Strikes::default(), Instant::now());
        let mut checks: Vec<_> = (0..UNDER_WAY_MAX).map(|_| strikes.begin(network(1), now).unwrap()).collect();
        assert!(checks.iter().all(|check| check.delay.is_zero()), "a crowd without a mistake does not wait");
        assert!(strikes.begin(network(1), now).is_none());
        assert!(strikes.begin(network(2), now).is_some());
        checks.pop();
        assert_eq!(strikes.begin(network(1), now).unwrap().delay, DELAY_START);
        drop(checks);
        assert_eq!(lock(&strikes.by_network).len(), 1, "without mistakes and checks nothing is remembered");
    }

    #[test]
    fn so_many_networks_are_remembered_and_no_more() {
        let strikes = Strikes::default();
        let begun = Instant::now();
        let under_way = strikes.begin(network(1 << 20), begun);
        for number in 0..10_000u32 {
            guess(&strikes, network(number), begun + Duration::from_millis(number.into()));
        }
        assert_eq!(lock(&strikes.by_network).len(), REMEMBERED_MAX);
        assert!(lock(&strikes.by_network).contains_key(&network(1 << 20)), "a check is under way there");
        drop(under_way);
        let last = begun + Duration::from_secs(11);
        assert_eq!(guess(&strikes, network(9_999), last), DELAY_START, "the latest is remembered");
        assert_eq!(guess(&strikes, network(0), last), Duration::ZERO, "the first is not");
    }
}
