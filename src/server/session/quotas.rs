//! Quotas of networks: limits on joins, registrations and lines that outlast a connection.
//!
//! A token bucket that ended with its connection would be full again in the next one. So a connection returns its
//! bucket to its network, and within a minute a new connection from there takes over the emptiest one. Each of the
//! thirty people behind one address still has a bucket of their own, and reconnecting gains nothing. Joins and
//! registrations have one bucket for each network. This computer's own network is no exception; a rate of 0 turns all
//! of this off.
//!
//! Called by clients' own threads. The lock is taken when a client joins, leaves or registers, and never for a message:
//! a bucket in use belongs to its session.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::rate_limit::{LineLimit, TokenBucket};
use crate::server::config::Config;
use crate::server::network::Network;
use crate::server::recent::Recent;
use crate::sync::{Mutex, lock};

/// Joins of one network at once: a class that comes back after a restart is in within seconds.
const JOINS_AT_ONCE: u32 = 200;

/// Joins of one network in the long run.
const JOINS_PER_SECOND: f64 = 20.0;

/// Registrations of one network at once.
const REGISTRATIONS_AT_ONCE: u32 = 50;

/// Registrations of one network in the long run.
const REGISTRATIONS_PER_SECOND: f64 = 0.1;

/// Time for which a returned bucket waits to be taken over.
const REUSE_TIME: Duration = Duration::from_mins(1);

/// Maximum number of returned buckets of one network. Beyond it the fullest are dropped.
const RETURNED_MAX: usize = 256;

/// The quotas of all networks; see the [module](self).
#[derive(Debug)]
pub(crate) struct NetworkQuotas {
    /// The [`LineLimit`] of one client, as one word. The operator's thread changes it, and every client's thread reads
    /// it once per batch. It guards no other data, so `Relaxed`.
    limit: AtomicU64,
    networks: Mutex<Recent<Quota>>,
}

/// The quota of one network.
#[derive(Debug)]
struct Quota {
    joins: TokenBucket,
    registrations: TokenBucket,
    returned: Vec<Returned>,
}

/// The bucket of a connection that has ended.
#[derive(Debug)]
struct Returned {
    bucket: TokenBucket,
    at: Instant,
}

impl NetworkQuotas {
    pub(crate) fn new(config: &Config) -> NetworkQuotas {
        NetworkQuotas { limit: AtomicU64::new(LineLimit::of(config).0), networks: Mutex::default() }
    }

    /// Changes the limit of lines, also for the clients that are here.
    pub(crate) fn set(&self, config: &Config) {
        self.limit.store(LineLimit::of(config).0, Ordering::Relaxed);
    }

    /// Returns the limit of one client's lines.
    pub(crate) fn limit(&self) -> LineLimit {
        LineLimit(self.limit.load(Ordering::Relaxed))
    }

    /// Counts a join.
    ///
    /// # Errors
    /// There were too many: the time until the next may join.
    pub(crate) fn join(&self, network: Network, now: Instant) -> Result<(), Duration> {
        self.with(network, now, |quota| quota.joins.take(now)).unwrap_or(Ok(()))
    }

    /// Takes back the count of a join that was rejected.
    pub(crate) fn forgive_join(&self, network: Network, now: Instant) {
        self.with(network, now, |quota| quota.joins.put_back());
    }

    /// Counts a registration, which costs the server a hash.
    ///
    /// # Errors
    /// There were too many: the time until the next.
    pub(crate) fn register(&self, network: Network, now: Instant) -> Result<(), Duration> {
        self.with(network, now, |quota| quota.registrations.take(now)).unwrap_or(Ok(()))
    }

    /// Takes back the count of a registration that was rejected without a hash.
    pub(crate) fn forgive_registration(&self, network: Network, now: Instant) {
        self.with(network, now, |quota| quota.registrations.put_back());
    }

    /// Returns the bucket for a client that has joined: the emptiest that its network has, or a full one. `None`: there
    /// is no limit.
    pub(crate) fn bucket(&self, network: Network, now: Instant) -> Option<TokenBucket> {
        let returned = self.with(network, now, |quota| quota.take_over(now))?;
        // The operator may have turned the limit off by now.
        self.limit().bucket(returned, now)
    }

    /// Returns a bucket to its network, for the next client from there.
    pub(crate) fn leave(&self, network: Network, bucket: TokenBucket, now: Instant) {
        if bucket.is_full(now) {
            // No different from a new one.
            return;
        }
        self.with(network, now, |quota| {
            quota.returned.retain(|returned| returned.is_usable(now));
            quota.returned.push(Returned { bucket, at: now });
            if quota.returned.len() > RETURNED_MAX {
                quota.returned.sort_by(|one, other| one.bucket.tokens(now).total_cmp(&other.bucket.tokens(now)));
                quota.returned.truncate(RETURNED_MAX);
            }
        });
    }

    /// Calls `act` with the quota of a network, under the lock; returns `None` if there are no limits.
    fn with<T>(&self, network: Network, now: Instant, act: impl FnOnce(&mut Quota) -> T) -> Option<T> {
        (self.limit().rate() > 0).then(|| act(lock(&self.networks).entry(network, now, || Quota::new(now))))
    }
}

impl Quota {
    fn new(now: Instant) -> Quota {
        Quota {
            joins: TokenBucket::full(JOINS_PER_SECOND, JOINS_AT_ONCE, now),
            registrations: TokenBucket::full(REGISTRATIONS_PER_SECOND, REGISTRATIONS_AT_ONCE, now),
            returned: Vec::new(),
        }
    }

    /// Takes out the emptiest bucket. The fullest would reward a client that reconnects after each burst.
    fn take_over(&mut self, now: Instant) -> Option<TokenBucket> {
        self.returned.retain(|returned| returned.is_usable(now));
        let tokens = |index: &usize| self.returned[*index].bucket.tokens(now);
        let emptiest = (0..self.returned.len()).min_by(|one, other| tokens(one).total_cmp(&tokens(other)))?;
        Some(self.returned.swap_remove(emptiest).bucket)
    }
}

impl Returned {
    fn is_usable(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.at) < REUSE_TIME && !self.bucket.is_full(now)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    fn quotas(rate: u32, burst: u32) -> NetworkQuotas {
        NetworkQuotas::new(&Config { rate, burst, ..Config::default() })
    }

    fn drain(bucket: &mut TokenBucket, now: Instant) -> usize {
        (0..1000).filter(|_| bucket.take(now).is_ok()).count()
    }

    #[test]
    fn a_newcomer_takes_over_the_emptiest_bucket_that_its_network_left_behind() {
        let (quotas, now) = (quotas(1, 300), Instant::now());
        let (one, other) = (network("2001:db8::1"), network("2001:db8::ffff"));
        let mut buckets = [one, one, other].map(|network| quotas.bucket(network, now).unwrap());
        assert_eq!(buckets.each_mut().map(|bucket| drain(bucket, now)), [300, 300, 300], "three people at once");
        let [mut first, second, third] = buckets;
        first.put_back();
        quotas.leave(one, first, now);
        quotas.leave(other, second, now);
        let mut back = quotas.bucket(network("2001:db8::2"), now).unwrap();
        assert_eq!(drain(&mut back, now), 0, "the emptiest");
        let mut back = quotas.bucket(one, now).unwrap();
        assert_eq!(drain(&mut back, now), 1, "then the next");
        assert_eq!(drain(&mut quotas.bucket(one, now).unwrap(), now), 300, "and then a new one");
        quotas.leave(one, third, now);
        let mut elsewhere = quotas.bucket(network("2001:db8:0:1::1"), now).unwrap();
        assert_eq!(drain(&mut elsewhere, now), 300, "another network");
        let mut late = quotas.bucket(one, now + REUSE_TIME).unwrap();
        assert_eq!(drain(&mut late, now + REUSE_TIME), 300, "after a minute");
    }

    #[test]
    fn joins_and_registrations_have_a_limit_for_each_network_that_loopback_has_too() {
        let (quotas, now) = (quotas(10, 20), Instant::now());
        for address in ["127.0.0.1", "::1", "192.0.2.1"] {
            let network = network(address);
            assert_eq!((0..999).filter(|_| quotas.join(network, now).is_ok()).count(), 200, "{address}");
            quotas.forgive_join(network, now);
            assert_eq!((0..9).filter(|_| quotas.join(network, now).is_ok()).count(), 1, "one was taken back");
            let second = now + Duration::from_secs(1);
            assert_eq!((0..999).filter(|_| quotas.join(network, second).is_ok()).count(), 20, "{address}");
            assert_eq!((0..999).filter(|_| quotas.register(network, now).is_ok()).count(), 50, "{address}");
            let wait = quotas.register(network, now).unwrap_err();
            assert!(wait > Duration::from_secs(9) && wait <= Duration::from_secs(10), "{wait:?}");
            quotas.forgive_registration(network, now);
            assert_eq!(quotas.register(network, now), Ok(()));
        }
    }

    #[test]
    fn a_rate_of_zero_is_no_limit() {
        let (quotas, now) = (quotas(0, 20), Instant::now());
        let network = network("192.0.2.1");
        assert!(quotas.bucket(network, now).is_none());
        assert!((0..9999).all(|_| quotas.join(network, now).is_ok() && quotas.register(network, now).is_ok()));
    }

    #[test]
    fn what_waits_to_be_taken_over_is_bounded() {
        let (quotas, now) = (quotas(1, 300), Instant::now());
        let network = network("192.0.2.1");
        for _ in 0..1000 {
            let mut bucket = TokenBucket::full(1.0, 300, now);
            drain(&mut bucket, now);
            quotas.leave(network, bucket, now);
        }
        assert_eq!(quotas.with(network, now, |quota| quota.returned.len()), Some(RETURNED_MAX));
        let full = quotas.bucket(self::network("192.0.2.2"), now).unwrap();
        quotas.leave(network, full, now);
        assert!(quotas.bucket(network, now).is_some_and(|bucket| bucket.tokens(now) < 1.0));
    }
}
