//! Time of the next attempt after a connection was lost: exponential backoff with jitter.
//!
//! When a server with hundreds of clients restarts, all of them have lost the connection at the same instant. Each
//! client waits a random part longer or shorter than the others (jitter), and twice as long after each failure
//! (backoff). Runs on the UI thread.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::{Duration, Instant};

use crate::client::ConnectOptions;

/// First wait, before jitter.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// Longest wait, before jitter.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Time for which the user's own lost connection may still hold the name. The server has to notice the loss first,
/// which takes about two minutes after a pulled cable.
const GHOST_TIME: Duration = Duration::from_mins(5);

/// A scheduled attempt to reconnect.
#[derive(Clone, Debug)]
pub(crate) struct Retry {
    pub(crate) options: ConnectOptions,
    /// Reason why there is no connection, as a text.
    pub(crate) reason: String,
    /// When the connection was lost.
    lost: Instant,
    /// Number of consecutive failures.
    failures: u32,
    /// When to try; `None` while an attempt is under way.
    at: Option<Instant>,
}

impl Retry {
    /// Schedules the first attempt, right after the connection was lost.
    pub(crate) fn new(options: ConnectOptions, reason: String, now: Instant) -> Retry {
        let mut retry = Retry { options, reason, lost: now, failures: 0, at: None };
        retry.wait(now);
        retry
    }

    /// Records a failure, and schedules the next attempt.
    pub(crate) fn failed(&mut self, reason: String, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.reason = reason;
        self.wait(now);
    }

    /// Returns whether the server may still hold the lost connection.
    pub(crate) fn was_just_lost(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.lost) < GHOST_TIME
    }

    fn wait(&mut self, now: Instant) {
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST_WAIT);
        self.at = Some(now + wait.mul_f64(jitter(random())));
    }

    /// Returns whether the attempt is due, and marks it as under way.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        self.at.take_if(|at| *at <= now).is_some()
    }

    /// Marks an attempt that waits as under way, before it is due. Returns whether one waited.
    pub(crate) fn start(&mut self) -> bool {
        self.at.take().is_some()
    }

    /// Returns the seconds until the attempt, rounded up; `None` while it is under way.
    pub(crate) fn seconds(&self, now: Instant) -> Option<u64> {
        let left = self.at?.saturating_duration_since(now);
        Some(left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX))
    }
}

/// Maps a random number to a factor between 0.75 and 1.25.
fn jitter(random: u64) -> f64 {
    0.75 + 0.5 * (random as f64 / u64::MAX as f64)
}

/// Returns a number that differs between computers and calls. std has no random numbers, but the keys of its hash
/// maps are random. Nothing here has to withstand an adversary.
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
