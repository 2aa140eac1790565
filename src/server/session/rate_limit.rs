//! The rate limit: a token bucket, which limits how often something may happen in the long run, and how often at once.
//!
//! A bucket belongs to one thread at a time, or lies under its owner's lock. No thread refills it: the tokens that time
//! has added are computed when the bucket is used.

use std::time::{Duration, Instant};

use super::Session;
use crate::server::config::Config;

/// The limit of a client's lines: the rate in the upper half of the word, the burst in the lower half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineLimit(pub(super) u64);

impl LineLimit {
    pub(super) fn of(config: &Config) -> LineLimit {
        LineLimit(u64::from(config.rate) << 32 | u64::from(config.burst))
    }

    /// Returns the lines per second in the long run; 0 is no limit.
    pub(super) fn rate(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Returns a bucket for this limit, in which is spent what was spent in the bucket of another one. `None`: there is no limit.
    pub(super) fn bucket(self, before: Option<TokenBucket>, now: Instant) -> Option<TokenBucket> {
        (self.rate() > 0).then(|| match before {
            Some(mut bucket) => {
                bucket.change(self, now);
                bucket
            }
            None => TokenBucket::of(self, now),
        })
    }

    /// Returns the lines at once after a silence.
    #[allow(clippy::cast_possible_truncation)] // The lower half is what is wanted.
    pub(super) fn burst(self) -> u32 {
        self.0 as u32
    }
}

/// Holds up to `burst` tokens and gains `rate` of them per second; a line costs one.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    rate: f64,
    burst: f64,
    /// Tokens at the time `counted`. Fractions, so that time between two looks is not lost.
    tokens: f64,
    counted: Instant,
}

impl TokenBucket {
    /// Creates a full bucket. The rate is in tokens per second and greater than 0.
    pub(crate) fn full(rate: f64, burst: u32, now: Instant) -> TokenBucket {
        let burst = f64::from(burst.max(1));
        TokenBucket { rate, burst, tokens: burst, counted: now }
    }

    /// Creates a full bucket for a client's lines, whose limit is not 0.
    fn of(limit: LineLimit, now: Instant) -> TokenBucket {
        TokenBucket::full(limit.rate().into(), limit.burst(), now)
    }

    /// Takes over another limit, which is not 0. Tokens that were spent stay spent.
    fn change(&mut self, limit: LineLimit, now: Instant) {
        let spent = self.burst - self.tokens(now);
        *self = TokenBucket::of(limit, now);
        self.tokens = (self.burst - spent).max(0.0);
    }

    /// Takes a token.
    ///
    /// # Errors
    /// There is none: the time until there is.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.tokens = self.tokens(now);
        self.counted = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - self.tokens) / self.rate))
        }
    }

    /// Puts back a token that was not used.
    pub(crate) fn put_back(&mut self) {
        self.tokens = (self.tokens + 1.0).min(self.burst);
    }

    /// Returns the number of tokens at a moment, fractions included.
    pub(crate) fn tokens(&self, now: Instant) -> f64 {
        let gained = now.saturating_duration_since(self.counted).as_secs_f64() * self.rate;
        (self.tokens + gained).min(self.burst)
    }

    /// Returns whether the bucket is no different from a new one.
    pub(crate) fn is_full(&self, now: Instant) -> bool {
        self.tokens(now) >= self.burst
    }
}

impl Session<'_> {
    /// Takes over the limit of lines if the operator has changed it.
    pub(super) fn follow_limit(&mut self, now: Instant) {
        let limit = self.context.quotas.limit();
        if limit == self.limit {
            return;
        }
        self.limit = limit;
        self.bucket = limit.bucket(self.bucket.take(), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_limit_leaves_spent_what_was_spent() {
        let now = Instant::now();
        let limit = |rate, burst| LineLimit::of(&Config { rate, burst, ..Config::default() });
        let mut bucket = TokenBucket::of(limit(1, 10), now);
        let left = |bucket: &mut TokenBucket| (0..99).filter(|_| bucket.take(now).is_ok()).count();
        bucket.take(now).unwrap();
        bucket.take(now).unwrap();
        bucket.change(limit(u32::MAX, 5), now);
        assert_eq!((left(&mut bucket), bucket.rate), (3, f64::from(u32::MAX)));
        bucket.change(limit(1, 7), now);
        assert_eq!(left(&mut bucket), 2);
        bucket.change(limit(1, 3), now);
        bucket.change(limit(1, 4), now);
        assert_eq!(left(&mut bucket), 1, "more than the burst was never spent");
    }

    #[test]
    fn there_is_no_bucket_without_a_limit_whatever_the_burst_becomes() {
        let now = Instant::now();
        let limit = |rate, burst| LineLimit::of(&Config { rate, burst, ..Config::default() });
        assert!(limit(0, 20).bucket(None, now).is_none() && limit(0, 5).bucket(None, now).is_none());
        let bucket = limit(1, 5).bucket(None, now).unwrap();
        assert!(limit(0, 5).bucket(Some(bucket), now).is_none());
    }

    #[test]
    fn a_burst_passes_then_the_rate_holds_and_waiting_helps() {
        let start = Instant::now();
        let mut bucket = TokenBucket::full(10.0, 20, start);
        let passed = (0..50).filter(|_| bucket.take(start).is_ok()).count();
        assert_eq!(passed, 20);
        let wait = bucket.take(start).unwrap_err();
        assert!(wait > Duration::from_millis(90) && wait <= Duration::from_millis(100), "{wait:?}");
        let rest = bucket.take(start + Duration::from_millis(60)).unwrap_err();
        assert!(rest > Duration::from_millis(39) && rest < Duration::from_millis(41), "{rest:?}");
        assert!(bucket.take(start + wait + Duration::from_millis(1)).is_ok());
        let later = start + Duration::from_hours(1);
        assert!(bucket.is_full(later));
        assert_eq!((0..50).filter(|_| bucket.take(later).is_ok()).count(), 20, "silence is not saved up");
    }
}
