//! When to connect again after a connection was lost: soon, then later and later, and never all at the same moment.
//!
//! When a server with hundreds of clients comes back, all of them have lost it at the same instant. So each waits a
//! random part longer or shorter than the others (jitter), and twice as long after each failure (backoff). Runs on the
//! UI thread.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::{Duration, Instant};

use crate::client::ConnectOptions;

/// The first wait, before jitter.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait, before jitter.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How long our name may be taken after the connection was lost: until the server has noticed that too. With a cable
/// pulled that takes it two minutes or so.
const GHOST_TIME: Duration = Duration::from_mins(5);

/// An attempt that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct Retry {
    pub(crate) options: ConnectOptions,
    /// Why there is no connection, in words.
    pub(crate) reason: String,
    /// When it was lost.
    lost: Instant,
    /// How many attempts have failed in a row.
    failures: u32,
    /// When to make it; `None` while it is being made.
    at: Option<Instant>,
}

impl Retry {
    /// The connection was lost just now.
    pub(crate) fn new(options: ConnectOptions, reason: String, now: Instant) -> Retry {
        let mut retry = Retry { options, reason, lost: now, failures: 0, at: None };
        retry.wait(now);
        retry
    }

    /// The attempt has failed: the next one comes later.
    pub(crate) fn failed(&mut self, reason: String, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.reason = reason;
        self.wait(now);
    }

    /// May the server still think that we are there?
    pub(crate) fn was_just_lost(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.lost) < GHOST_TIME
    }

    fn wait(&mut self, now: Instant) {
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST_WAIT);
        self.at = Some(now + wait.mul_f64(jitter(random())));
    }

    /// Is it time? If so, the attempt is being made from now on.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        self.at.take_if(|at| *at <= now).is_some()
    }

    /// Whole seconds to go, none while an attempt is being made.
    pub(crate) fn seconds(&self, now: Instant) -> Option<u64> {
        let left = self.at?.saturating_duration_since(now);
        Some(left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX))
    }
}

/// From any number a factor between 0.75 and 1.25.
fn jitter(random: u64) -> f64 {
    0.75 + 0.5 * (random as f64 / u64::MAX as f64)
}

/// A number that differs from computer to computer and from time to time. std has no random numbers, but the keys of
/// its hash maps are random; nothing here has to withstand an adversary.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Username;

    fn options() -> ConnectOptions {
        ConnectOptions::new("host".parse().unwrap(), Username::parse("bob").unwrap())
    }

    #[test]
    fn waits_grow_up_to_half_a_minute_and_differ() {
        let now = Instant::now();
        let mut retry = Retry::new(options(), String::new(), now);
        let mut waits = Vec::new();
        for _ in 0..40 {
            waits.push(retry.at.unwrap() - now);
            retry.failed(String::new(), now);
        }
        assert!((0.75..=1.25).contains(&waits[0].as_secs_f64()), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= LONGEST_WAIT.mul_f64(1.25)), "{waits:?}");
        let last = &waits[10..];
        assert!(last.iter().all(|wait| *wait >= LONGEST_WAIT.mul_f64(0.75)), "{waits:?}");
        assert!(last.iter().any(|wait| wait != &last[0]), "no jitter: {waits:?}");
        assert_eq!((jitter(0), jitter(u64::MAX)), (0.75, 1.25));
    }

    #[test]
    fn it_is_due_once() {
        let now = Instant::now();
        let mut retry = Retry::new(options(), String::new(), now);
        assert!(!retry.is_due(now));
        assert!(retry.seconds(now).is_some_and(|seconds| (1..=2).contains(&seconds)));
        let later = now + Duration::from_secs(2);
        assert!(retry.is_due(later) && !retry.is_due(later));
        assert_eq!(retry.seconds(later), None);
    }
}
