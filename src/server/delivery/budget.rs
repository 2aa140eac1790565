//! How much may wait for slow readers: for each, and for all together.
//!
//! A reader that keeps up costs nothing here. Once its socket is full, its outbox opens a [`Reservation`] of the budget and
//! settles it at every change, until its queue is empty again. When all shares together pass the limit, whoever has more
//! than an equal part may add nothing more. Somebody has, by the pigeonhole principle; and those who are only a little
//! behind do not pay for those who are far.
//!
//! The sums are atomics that any thread adds to under the lock of its own outbox. They guard no other data, so `Relaxed`.

use crate::sync::{AtomicUsize, Ordering};

/// See the [module](self). In bytes.
#[derive(Debug)]
pub(crate) struct Budget {
    each: usize,
    all: usize,
    /// The sum of the open shares.
    drawn: AtomicUsize,
    /// How many shares are open.
    open: AtomicUsize,
}

/// What one outbox has drawn. It lives under the outbox's lock.
#[derive(Debug, Default)]
pub(crate) struct Reservation {
    drawn: usize,
    is_open: bool,
}

impl Budget {
    /// So much for each client, and so much for all who are behind.
    pub(crate) fn new(each: usize, all: usize) -> Budget {
        Budget { each, all, drawn: AtomicUsize::new(0), open: AtomicUsize::new(0) }
    }

    /// May an outbox grow to this size?
    pub(crate) fn allows(&self, size: usize, share: &Reservation) -> bool {
        if size > self.each {
            return false;
        }
        !share.is_open
            || self.drawn.load(Ordering::Relaxed) <= self.all
            || size <= self.all / self.open.load(Ordering::Relaxed).max(1)
    }

    /// Bytes that wait for all who are behind.
    pub(crate) fn drawn(&self) -> usize {
        self.drawn.load(Ordering::Relaxed)
    }
}

impl Reservation {
    /// The client's socket is full: from now on it counts.
    pub(crate) fn open(&mut self, budget: &Budget) {
        if !std::mem::replace(&mut self.is_open, true) {
            budget.open.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The outbox has this size now.
    pub(crate) fn set(&mut self, size: usize, budget: &Budget) {
        if !self.is_open {
            return;
        }
        if size > self.drawn {
            budget.drawn.fetch_add(size - self.drawn, Ordering::Relaxed);
        } else {
            budget.drawn.fetch_sub(self.drawn - size, Ordering::Relaxed);
        }
        self.drawn = size;
    }

    /// The client has caught up, or is gone.
    pub(crate) fn give_back(&mut self, budget: &Budget) {
        self.set(0, budget);
        if std::mem::take(&mut self.is_open) {
            budget.open.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    #[test]
    fn those_who_keep_up_are_not_counted() {
        let (budget, mut share) = (Budget::new(100, 50), Reservation::default());
        share.set(90, &budget);
        assert_eq!(budget.drawn(), 0);
        assert!(budget.allows(100, &share));
        assert!(!budget.allows(101, &share));
    }

    #[test]
    fn when_all_is_used_up_those_with_more_than_their_part_may_not_add() {
        let budget = Budget::new(100, 120);
        let mut shares = [80, 30, 11].map(|size| {
            let mut share = Reservation::default();
            share.open(&budget);
            share.set(size, &budget);
            share
        });
        assert_eq!(budget.drawn(), 121);
        assert!(!budget.allows(81, &shares[0]));
        assert!(budget.allows(31, &shares[1]));
        shares[0].give_back(&budget);
        assert!(budget.allows(90, &shares[1]));
        shares[1].give_back(&budget);
        shares[2].give_back(&budget);
        assert_eq!((budget.drawn(), budget.open.load(Ordering::Relaxed)), (0, 0));
    }
}
