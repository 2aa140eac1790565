//! The memory budget for slow readers: a limit for each client, and one for all of them together.
//!
//! A client that keeps up costs nothing here. When its socket is full for the first time, its outbox opens a [`Reservation`]
//! and resizes it at every change, until its queue is empty again. When all reservations together exceed the total, a client
//! with more than an equal part of it may not add to its queue. By the pigeonhole principle there is at least one such
//! client. Clients that are only a little behind do not pay for those that are far behind.
//!
//! The sums are atomics. Each thread updates them under the lock of its own outbox, so updates of one reservation never
//! race; updates of different ones may, and a sum can be slightly old when it is read. That is good enough for a limit. The
//! atomics guard no other data, so `Relaxed`.

use crate::sync::{AtomicUsize, Ordering};

/// The limits and the sums, in bytes: see the [module](self).
#[derive(Debug)]
pub(crate) struct Budget {
    /// Limit for one outbox.
    per_client: usize,
    /// Limit for all open reservations together.
    total: usize,
    /// Sum of the open reservations.
    reserved: AtomicUsize,
    /// Number of open reservations, which is the number of slow readers.
    open: AtomicUsize,
}

/// The part of the budget that one outbox has reserved. It lives under the outbox's lock.
#[derive(Debug, Default)]
pub(crate) struct Reservation {
    size: usize,
    is_open: bool,
}

impl Budget {
    /// Creates a budget of `per_client` bytes for each client and `total` bytes for all slow readers.
    pub(crate) fn new(per_client: usize, total: usize) -> Budget {
        Budget { per_client, total, reserved: AtomicUsize::new(0), open: AtomicUsize::new(0) }
    }

    /// Returns whether the outbox with this reservation may grow to `size` bytes.
    pub(crate) fn allows(&self, size: usize, reservation: &Reservation) -> bool {
        if size > self.per_client {
            return false;
        }
        // In the order of cost and likelihood: nearly all pushes are to clients that keep up, and end at the first test
        // without a look at the shared counters, for which the cores would compete.
        !reservation.is_open
            || self.reserved.load(Ordering::Relaxed) <= self.total
            // At least 1: another thread may have closed the last reservation since the sum was read.
            || size <= self.total / self.open.load(Ordering::Relaxed).max(1)
    }

    /// Returns the number of bytes that all slow readers have reserved.
    pub(crate) fn reserved(&self) -> usize {
        self.reserved.load(Ordering::Relaxed)
    }
}

impl Reservation {
    /// Opens the reservation, because the client's socket is full. Does nothing if it is open already.
    pub(crate) fn open(&mut self, budget: &Budget) {
        if !std::mem::replace(&mut self.is_open, true) {
            budget.open.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Sets the size, if the reservation is open.
    pub(crate) fn resize(&mut self, size: usize, budget: &Budget) {
        if !self.is_open {
            return;
        }
        // By the difference, in one atomic operation, so the sum is never missing a part that is about to come back.
        if size > self.size {
            budget.reserved.fetch_add(size - self.size, Ordering::Relaxed);
        } else {
            budget.reserved.fetch_sub(self.size - size, Ordering::Relaxed);
        }
        self.size = size;
    }

    /// Closes the reservation, because the client has caught up or is gone.
    pub(crate) fn release(&mut self, budget: &Budget) {
        self.resize(0, budget);
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
    fn a_client_that_keeps_up_is_not_counted() {
        let (budget, mut reservation) = (Budget::new(100, 50), Reservation::default());
        reservation.resize(90, &budget);
        assert_eq!(budget.reserved(), 0);
        assert!(budget.allows(100, &reservation));
        assert!(!budget.allows(101, &reservation));
    }

    #[test]
    fn when_the_total_is_used_up_a_client_with_more_than_an_equal_part_may_not_add() {
        let budget = Budget::new(100, 120);
        let mut reservations = [80, 30, 11].map(|size| {
            let mut reservation = Reservation::default();
            reservation.open(&budget);
            reservation.resize(size, &budget);
            reservation
        });
        assert_eq!(budget.reserved(), 121);
        assert!(!budget.allows(81, &reservations[0]));
        assert!(budget.allows(31, &reservations[1]));
        reservations[0].release(&budget);
        assert!(budget.allows(90, &reservations[1]));
        reservations[1].release(&budget);
        reservations[2].release(&budget);
        assert_eq!((budget.reserved(), budget.open.load(Ordering::Relaxed)), (0, 0));
    }
}
