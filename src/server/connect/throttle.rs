//! Wrong passwords, counted for each network: the more there were, the longer the next check waits before it begins.
//!
//! The wait comes before the password is looked at, so it costs the server no hash, and a right password waits as long as
//! a wrong one. Whoever waits keeps its place in the lobby; so a network has so many checks under way at once and no
//! more, and one that is refused for that reason counts like a wrong password. Any client's thread comes here; the lock
//! is held for a few assignments, and nothing is waited for under it.

use std::time::{Duration, Instant};

use crate::server::network::{LOGIN_CHECKS_MAX, Network};
use crate::server::recent::Recent;
use crate::sync::{Mutex, lock};

/// How long the check after the first mistake waits. Each further mistake doubles it.
const DELAY_START: Duration = Duration::from_millis(250);

/// Maximum wait.
const DELAY_MAX: Duration = Duration::from_secs(8);

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct LoginThrottle {
    by_network: Mutex<Recent<Record>>,
}

#[derive(Debug, Default)]
struct Record {
    mistakes: u32,
    under_way: usize,
}

/// A check that is under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct Check<'a> {
    strikes: &'a LoginThrottle,
    network: Network,
    /// Time that has to pass before the password is looked at.
    pub(crate) delay: Duration,
}

impl LoginThrottle {
    /// Begins a check. `None`: too many of that network are under way, which counts as a mistake.
    pub(crate) fn begin(&self, network: Network, now: Instant) -> Option<Check<'_>> {
        let mut by_network = lock(&self.by_network);
        let record = by_network.entry(network, now, Record::default);
        if record.under_way >= LOGIN_CHECKS_MAX {
            record.mistakes = record.mistakes.saturating_add(1);
            return None;
        }
        record.under_way += 1;
        Some(Check { strikes: self, network, delay: record.delay() })
    }
}

impl Check<'_> {
    /// Counts a mistake: the password was wrong, or there was no time to find out.
    pub(crate) fn strike(&self, now: Instant) {
        let mut by_network = lock(&self.strikes.by_network);
        let record = by_network.entry(self.network, now, Record::default);
        record.mistakes = record.mistakes.saturating_add(1);
    }
}

impl Drop for Check<'_> {
    fn drop(&mut self) {
        // Where too many networks are active, this one may have been forgotten.
        if let Some(record) = lock(&self.strikes.by_network).get_mut(self.network) {
            record.under_way = record.under_way.saturating_sub(1);
        }
    }
}

impl Record {
    fn delay(&self) -> Duration {
        match self.mistakes {
            0 => Duration::ZERO,
            mistakes => DELAY_START.saturating_mul(1 << (mistakes - 1).min(16)).min(DELAY_MAX),
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;
    use crate::server::recent::FORGOTTEN_AFTER;

    fn network(number: u32) -> Network {
        Network::of(std::net::IpAddr::V4(number.into()))
    }

    /// Makes a mistake; returns how long the check had to wait.
    fn guess(strikes: &LoginThrottle, network: Network, now: Instant) -> Duration {
        let check = strikes.begin(network, now).unwrap();
        check.strike(now);
        check.delay
    }

    #[test]
    fn each_mistake_doubles_the_wait_of_the_next_check_up_to_a_limit_and_is_forgotten_in_time() {
        let (strikes, now) = (LoginThrottle::default(), Instant::now());
        let delays: Vec<_> = (0..9).map(|_| guess(&strikes, network(1), now).as_millis()).collect();
        assert_eq!(delays, [0, 250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
        assert_eq!(guess(&strikes, network(2), now), Duration::ZERO, "another network");
        assert_eq!(guess(&strikes, network(1), now + FORGOTTEN_AFTER), Duration::ZERO);
    }

    #[test]
    fn a_network_has_so_many_checks_under_way_and_one_that_is_refused_is_a_mistake() {
        let (strikes, now) = (LoginThrottle::default(), Instant::now());
        let mut checks: Vec<_> = (0..LOGIN_CHECKS_MAX).map(|_| strikes.begin(network(1), now).unwrap()).collect();
        assert!(checks.iter().all(|check| check.delay.is_zero()), "a crowd without a mistake does not wait");
        assert!(strikes.begin(network(1), now).is_none());
        assert!(strikes.begin(network(2), now).is_some());
        checks.pop();
        assert_eq!(strikes.begin(network(1), now).unwrap().delay, DELAY_START);
    }
}
