//! A token bucket: how fast a client may speak in the long run, and how much at once.
//!
//! Owned by one client's thread; no lock.

use std::time::{Duration, Instant};

/// Holds up to `burst` tokens and gains `rate` of them a second; a line costs one.
#[derive(Debug)]
pub(super) struct TokenBucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    counted: Instant,
}

impl TokenBucket {
    /// A full bucket; `None` if the rate is 0, which means no limit.
    pub(super) fn new(rate: u32, burst: u32, now: Instant) -> Option<TokenBucket> {
        let burst = f64::from(burst.max(1));
        (rate > 0).then(|| TokenBucket { rate: rate.into(), burst, tokens: burst, counted: now })
    }

    /// Takes a token.
    ///
    /// # Errors
    /// There is none yet: how long until there is.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let gained = now.saturating_duration_since(self.counted).as_secs_f64() * self.rate;
        self.tokens = (self.tokens + gained).min(self.burst);
        self.counted = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - self.tokens) / self.rate))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_the_rate_holds_and_waiting_helps() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(10, 20, start).unwrap();
        let passed = (0..50).filter(|_| bucket.take(start).is_ok()).count();
        assert_eq!(passed, 20);
        let wait = bucket.take(start).unwrap_err();
        assert!(wait > Duration::from_millis(90) && wait <= Duration::from_millis(100), "{wait:?}");
        assert!(bucket.take(start + wait + Duration::from_millis(1)).is_ok());
        let later = start + Duration::from_hours(1);
        assert_eq!((0..50).filter(|_| bucket.take(later).is_ok()).count(), 20, "silence is not saved up");
    }

    #[test]
    fn a_rate_of_zero_is_no_limit() {
        assert!(TokenBucket::new(0, 20, Instant::now()).is_none());
    }
}
