//! Login throttling: the more passwords of a network were wrong, the longer its next check waits before it begins.
//!
//! The delay comes before the password is looked at, so it costs the server no hash, and a right password waits as long
//! as a wrong one. A connection that waits keeps its permit. So the number of checks that one network has under way is
//! limited. A check that is rejected for that reason counts as a failure in a network that has failures already: it would
//! be no slower to guess otherwise. A crowd that arrives at once with right passwords is not punished for its size.
//!
//! Failures are forgotten some time after the last of them, however many right passwords came in between.
//!
//! Called by connections' own threads. The lock is held for a few assignments; the caller waits, and not in here.

use std::time::{Duration, Instant};

use crate::server::network::{Network, PASSWORD_CHECKS_MAX};
use crate::server::recent::{FORGOTTEN_AFTER, Recent};
use crate::sync::{Mutex, lock};

/// The longest delay, as a multiple of the first.
const LONGEST: u32 = 32;

/// Failed logins by network; see the [module](self).
#[derive(Debug)]
pub(crate) struct LoginThrottle {
    /// Delay of the check after the first failure. Each further failure doubles it.
    first_delay: Duration,
    by_network: Mutex<Recent<Record>>,
}

#[derive(Debug, Default)]
struct Record {
    failures: u32,
    /// Time of the last failure. Not the last use of the entry, which right passwords move, too.
    failed: Option<Instant>,
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
    /// Creates a throttle without failures.
    pub(crate) fn new(first_delay: Duration) -> LoginThrottle {
        LoginThrottle { first_delay, by_network: Mutex::default() }
    }

    /// Begins a check. `None`: the network has too many under way.
    pub(crate) fn begin(&self, network: Network, now: Instant) -> Option<Attempt<'_>> {
        let mut by_network = lock(&self.by_network);
        let record = by_network.entry(network, now, Record::default);
        record.forget(now);
        if record.under_way >= PASSWORD_CHECKS_MAX {
            record.count_rejected(now);
            return None;
        }
        record.under_way += 1;
        Some(Attempt { throttle: self, network, delay: record.delay(self.first_delay) })
    }
}

impl Attempt<'_> {
    /// Counts a failure: the password was wrong.
    pub(crate) fn count_failure(&self, now: Instant) {
        self.with_record(now, |record| record.count_failure(now));
    }

    /// Counts a check that was rejected before the password was looked at. It is a failure in a network that has failures
    /// already.
    pub(crate) fn count_rejected(&self, now: Instant) {
        self.with_record(now, |record| record.count_rejected(now));
    }

    fn with_record(&self, now: Instant, count: impl FnOnce(&mut Record)) {
        let mut by_network = lock(&self.throttle.by_network);
        let record = by_network.entry(self.network, now, Record::default);
        record.forget(now);
        count(record);
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
    /// Forgets the failures if the last of them is long ago.
    fn forget(&mut self, now: Instant) {
        if self.failed.is_some_and(|last| now.saturating_duration_since(last) >= FORGOTTEN_AFTER) {
            (self.failures, self.failed) = (0, None);
        }
    }

    fn count_failure(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.failed = Some(now);
    }

    fn count_rejected(&mut self, now: Instant) {
        if self.failures > 0 {
            self.count_failure(now);
        }
    }

    fn delay(&self, first: Duration) -> Duration {
        match self.failures {
            0 => Duration::ZERO,
            failures => first.saturating_mul((1 << (failures - 1).min(16)).min(LONGEST)),
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    fn throttle() -> LoginThrottle {
        LoginThrottle::new(Duration::from_millis(250))
    }

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
        let (throttle, now) = (throttle(), Instant::now());
        let delays: Vec<_> = (0..9).map(|_| guess(&throttle, network(1), now).as_millis()).collect();
        assert_eq!(delays, [0, 250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
        assert_eq!(guess(&throttle, network(2), now), Duration::ZERO, "another network");
        assert_eq!(guess(&throttle, network(1), now + FORGOTTEN_AFTER), Duration::ZERO);
    }

    #[test]
    fn right_passwords_do_not_keep_old_failures_alive() {
        let (throttle, begun) = (throttle(), Instant::now());
        for _ in 0..6 {
            guess(&throttle, network(1), begun);
        }
        let delays: Vec<_> = (1..=3)
            .map(|turn| throttle.begin(network(1), begun + Duration::from_mins(4) * turn).unwrap().delay)
            .collect();
        assert_eq!(delays, [Duration::from_secs(8), Duration::from_secs(8), Duration::ZERO]);
    }

    #[test]
    fn a_network_has_so_many_checks_under_way_and_one_that_is_rejected_counts_only_after_a_failure() {
        let (throttle, now) = (throttle(), Instant::now());
        let mut attempts: Vec<_> = (0..PASSWORD_CHECKS_MAX).map(|_| throttle.begin(network(1), now).unwrap()).collect();
        assert!(attempts.iter().all(|attempt| attempt.delay.is_zero()), "a crowd without a failure does not wait");
        assert!(throttle.begin(network(1), now).is_none());
        assert!(throttle.begin(network(2), now).is_some());
        attempts[0].count_rejected(now);
        attempts.pop();
        let last = throttle.begin(network(1), now).unwrap();
        assert_eq!(last.delay, Duration::ZERO, "a crowd without a failure is not punished");
        last.count_failure(now);
        assert!(throttle.begin(network(1), now).is_none());
        last.count_rejected(now);
        drop(last);
        assert_eq!(throttle.begin(network(1), now).unwrap().delay, Duration::from_secs(1), "three failures");
    }

    #[test]
    fn all_the_connections_that_a_network_may_have_can_be_checked_at_once() {
        assert!(PASSWORD_CHECKS_MAX >= crate::server::config::Config::default().max_per_address);
    }
}
