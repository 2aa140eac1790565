//! The rate limit: a token bucket, which limits how often something may happen in the long run, and how often at once.
//!
//! A bucket belongs to one thread at a time, or lies under its owner's lock. No thread refills it: the tokens that time
//! has added are computed when the bucket is used.

use std::time::{Duration, Instant};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_the_rate_holds_and_waiting_helps() {
        let start = Instant::now();
        let mut bucket = TokenBucket::full(10.0, 20, start);
        let passed = (0..50).filter(|_| bucket.take(start).is_ok()).count();
        assert_eq!(passed, 20);
        let wait = bucket.take(start).unwrap_err();
        assert!(wait > Duration::from_millis(90) && wait <= Duration::from_millis(100), "{wait:?}");
        assert!(bucket.take(start + wait + Duration::from_millis(1)).is_ok());
        let later = start + Duration::from_hours(1);
        assert!(bucket.is_full(later));
        assert_eq!((0..50).filter(|_| bucket.take(later).is_ok()).count(), 20, "silence is not saved up");
    }
}
