//! Login throttling: the more passwords of a network were wrong, the longer its next check waits before it begins.
//!
//! The delay comes before the password is looked at, so it costs the server no hash, and a right password waits as long
//! as a wrong one. A connection that waits keeps its permit. So the number of checks that one network has under way is
//! limited, and a check that is rejected for that reason counts as a failure.
//!
//! Called by connections' own threads. The lock is held for a few assignments; the caller waits, and not in here.

use std::time::{Duration, Instant};

use crate::server::network::{Network, PASSWORD_CHECKS_MAX};
use crate::server::recent::Recent;
use crate::sync::{Mutex, lock};

/// Delay of the check after the first failure. Each further failure doubles it.
const DELAY_START: Duration = Duration::from_millis(250);

/// Maximum delay.
const DELAY_MAX: Duration = Duration::from_secs(8);

/// Failed logins by network; see the [module](self).
#[derive(Debug, Default)]
pub(crate) struct LoginThrottle {
    by_network: Mutex<Recent<Record>>,
}

#[derive(Debug, Default)]
struct Record {
    failures: u32,
    under_way: usize,
}

/// A check under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    throttle: &'a LoginThrottle,
    network: Network,
    /// Time that has to pass before the password is looked at.
    pub(crate) delay: Duration,
}

impl LoginThrottle {
    /// Begins a check. `None`: the network has too many under way, which counts as a failure.
    pub(crate) fn begin(&self, network: Network, now: Instant) -> Option<Attempt<'_>> {
        let mut by_network = lock(&self.by_network);
        let record = by_network.entry(network, now, Record::default);
        if record.under_way >= PASSWORD_CHECKS_MAX {
            record.failures = record.failures.saturating_add(1);
            return None;
        }
        record.under_way += 1;
        Some(Attempt { throttle: self, network, delay: record.delay() })
    }
}

impl Attempt<'_> {
    /// Counts a failure: the password was wrong, or there was no time to find out.
    pub(crate) fn count_failure(&self, now: Instant) {
        let mut by_network = lock(&self.throttle.by_network);
        let record = by_network.entry(self.network, now, Record::default);
        record.failures = record.failures.saturating_add(1);
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        // Where too many networks are active, the entry of this one may have been forgotten meanwhile.
        if let Some(record) = lock(&self.throttle.by_network).get_mut(self.network) {
            record.under_way = record.under_way.saturating_sub(1);
        }
    }
}

impl Record {
    fn delay(&self) -> Duration {
        match self.failures {
            0 => Duration::ZERO,
            failures => DELAY_START.saturating_mul(1 << (failures - 1).min(16)).min(DELAY_MAX),
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

    /// Fails once; returns how long the check had to wait.
    fn guess(throttle: &LoginThrottle, network: Network, now: Instant) -> Duration {
        let attempt = throttle.begin(network, now).unwrap();
        attempt.count_failure(now);
        attempt.delay
    }

    #[test]
    fn each_failure_doubles_the_delay_of_the_next_check_up_to_a_limit_and_is_forgotten_in_time() {
        let (throttle, now) = (LoginThrottle::default(), Instant::now());
        let delays: Vec<_> = (0..9).map(|_| guess(&throttle, network(1), now).as_millis()).collect();
        assert_eq!(delays, [0, 250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
        assert_eq!(guess(&throttle, network(2), now), Duration::ZERO, "another network");
        assert_eq!(guess(&throttle, network(1), now + FORGOTTEN_AFTER), Duration::ZERO);
    }

    #[test]
    fn a_network_has_so_many_checks_under_way_and_one_that_is_rejected_is_a_failure() {
        let (throttle, now) = (LoginThrottle::default(), Instant::now());
        let mut attempts: Vec<_> = (0..PASSWORD_CHECKS_MAX).map(|_| throttle.begin(network(1), now).unwrap()).collect();
        assert!(attempts.iter().all(|attempt| attempt.delay.is_zero()), "a crowd without a failure does not wait");
        assert!(throttle.begin(network(1), now).is_none());
        assert!(throttle.begin(network(2), now).is_some());
        attempts.pop();
        assert_eq!(throttle.begin(network(1), now).unwrap().delay, DELAY_START);
    }
}
