//! A seeded random number generator. Ten lines of our own are enough, since the choices of a soak need no quality.

use std::time::Duration;

/// xorshift64* (Vigna 2016, "An experimental exploration of Marsaglia's xorshift generators, scrambled").
#[derive(Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    /// Creates the generator of one thread: each `actor` of a run has a sequence of its own.
    pub(crate) fn new(seed: u64, actor: usize) -> Rng {
        let mixed = (seed ^ (actor as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Rng((mixed ^ (mixed >> 31)).max(1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns a number from 0 to `end` - 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // If the number does not fit into a `usize`, any number below `end` is as good.
        usize::try_from(self.next() >> 33).unwrap_or(0) % end.max(1)
    }

    /// Returns a number from `start` to `end` - 1.
    pub(crate) fn between(&mut self, start: usize, end: usize) -> usize {
        start + self.below(end - start)
    }

    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub(crate) fn millis(&mut self, start: usize, end: usize) -> Duration {
        Duration::from_millis(self.between(start, end) as u64)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[7]).collect()
    }
}
