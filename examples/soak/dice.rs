//! Random choices that a seed repeats: a generator of our own is ten lines, and the choices need no quality.

use std::time::Duration;

/// xorshift64* (Vigna 2016).
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Each `actor` of a run throws dice of its own.
    pub(crate) fn new(seed: u64, actor: usize) -> Dice {
        let mixed = (seed ^ (actor as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Dice((mixed ^ (mixed >> 31)).max(1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// 0 to `end` - 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // Where it does not fit, any number below `end` does.
        usize::try_from(self.next() >> 33).unwrap_or(0) % end.max(1)
    }

    /// `start` to `end` - 1.
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
