//! A semaphore that is fair between networks: a number of permits, and a bounded queue of threads for each network.
//!
//! Work that is slow or large (a password hash, a search) takes a [`Permit`] first. A permit that comes back goes to the
//! next network in turn, and within a network to the thread that has waited longest. So a network that floods its queue
//! delays others by one piece of work at most. A permit is a guard: a panic gives it back, too.
//!
//! Clients' own threads wait here. The lock is held for a few assignments, and a waiting thread must hold no other lock.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::network::Network;
use crate::sync::{Condvar, Mutex, lock, wait_while};

/// The semaphore; see the [module](self).
#[derive(Debug)]
pub(crate) struct Permits {
    state: Mutex<State>,
    changed: Condvar,
    /// Maximum number of waiting threads of one network.
    waiting_max: usize,
}

#[derive(Debug, Default)]
struct State {
    free: usize,
    /// Waiting threads by network, in the order of the turns; in each queue the longest-waiting first. None is empty.
    queues: VecDeque<(Network, VecDeque<Ticket>)>,
    /// Tickets whose threads have a permit and have not woken yet. A condition variable cannot wake one certain thread,
    /// so all wake, and each looks here for its own ticket.
    granted: HashSet<Ticket>,
    tickets: Ticket,
    closed: bool,
}

/// The number of a thread that waits.
type Ticket = u64;

/// The right to do one piece of work, until it is dropped.
#[derive(Debug)]
pub(crate) struct Permit<'a>(&'a Permits);

/// The reason for which a thread gets no permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPermit {
    /// Too many threads of this network wait already, or the timeout has passed.
    Busy,
    /// The server is shutting down.
    Closed,
}

impl Permits {
    /// Creates a semaphore with `count` permits, for which `waiting_max` threads of each network may wait.
    pub(crate) fn new(count: usize, waiting_max: usize) -> Permits {
        let state = State { free: count, ..State::default() };
        Permits { state: Mutex::new(state), changed: Condvar::new(), waiting_max }
    }

    /// Takes a permit; waits for one for `limit` at most.
    ///
    /// # Errors
    /// The queue of this network is full, the limit has passed, or the server is shutting down.
    pub(crate) fn acquire(&self, network: Network, limit: Duration) -> Result<Permit<'_>, NoPermit> {
        let deadline = Instant::now() + limit;
        let mut state = lock(&self.state);
        if state.closed {
            return Err(NoPermit::Closed);
        }
        if state.free > 0 {
            state.free -= 1;
            return Ok(Permit(self));
        }
        let ticket = state.tickets;
        state.tickets += 1;
        match state.queues.iter_mut().find(|(other, _)| *other == network) {
            Some((_, queue)) if queue.len() >= self.waiting_max => return Err(NoPermit::Busy),
            Some((_, queue)) => queue.push_back(ticket),
            None => state.queues.push_back((network, VecDeque::from([ticket]))),
        }
        let is_waiting = |state: &State| !state.closed && !state.granted.contains(&ticket);
        state = wait_while(&self.changed, state, deadline, is_waiting);
        if state.granted.remove(&ticket) {
            return Ok(Permit(self));
        }
        state.forget(ticket);
        Err(if state.closed { NoPermit::Closed } else { NoPermit::Busy })
    }

    /// Wakes all waiting threads without a permit, and gives out no more: the server is shutting down.
    pub(crate) fn close(&self) {
        lock(&self.state).closed = true;
        self.changed.notify_all();
    }
}

impl State {
    /// Gives a permit that came back to the next network in turn, or keeps it if no thread waits.
    fn pass_on(&mut self) {
        let Some((network, mut queue)) = self.queues.pop_front() else {
            self.free += 1;
            return;
        };
        self.granted.extend(queue.pop_front());
        if !queue.is_empty() {
            self.queues.push_back((network, queue));
        }
    }

    fn forget(&mut self, ticket: Ticket) {
        self.queues.iter_mut().for_each(|(_, queue)| queue.retain(|other| *other != ticket));
        self.queues.retain(|(_, queue)| !queue.is_empty());
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).pass_on();
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    fn network(last: u8) -> Network {
        Network::of([192, 0, 2, last].into())
    }

    fn waiting(permits: &Permits) -> usize {
        lock(&permits.state).queues.iter().map(|(_, queue)| queue.len()).sum()
    }

    fn wait_for(permits: &Permits, count: usize) {
        let deadline = Instant::now() + LONG;
        while waiting(permits) != count {
            assert!(Instant::now() < deadline, "{} wait, not {count}", waiting(permits));
            thread::yield_now();
        }
    }

    #[test]
    fn networks_take_turns_and_each_has_a_queue_of_its_own() {
        let permits = Permits::new(1, 3);
        let served = Mutex::new(Vec::new());
        let held = permits.acquire(network(1), LONG).unwrap();
        thread::scope(|scope| {
            for (count, from) in [1, 1, 1, 2, 3].into_iter().enumerate() {
                scope.spawn({
                    let (permits, served) = (&permits, &served);
                    move || {
                        let _permit = permits.acquire(network(from), LONG).unwrap();
                        lock(served).push(from);
                    }
                });
                wait_for(&permits, count + 1);
            }
            assert_eq!(permits.acquire(network(1), LONG).unwrap_err(), NoPermit::Busy, "its queue is full");
            drop(held);
        });
        assert_eq!(*lock(&served), [1, 2, 3, 1, 1]);
        assert_eq!(lock(&permits.state).free, 1);
    }

    #[test]
    fn a_thread_that_gets_no_permit_in_time_leaves_the_queue() {
        let permits = Permits::new(1, 3);
        let held = permits.acquire(network(1), LONG).unwrap();
        assert_eq!(permits.acquire(network(2), Duration::from_millis(1)).unwrap_err(), NoPermit::Busy);
        assert_eq!(waiting(&permits), 0);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| permits.acquire(network(1), LONG).map(drop));
            wait_for(&permits, 1);
            assert_eq!(permits.acquire(network(1), Duration::from_millis(1)).unwrap_err(), NoPermit::Busy);
            assert_eq!(waiting(&permits), 1, "and no other thread does");
            drop(held);
            assert_eq!(waiter.join().unwrap(), Ok(()));
        });
        assert!(permits.acquire(network(2), Duration::ZERO).is_ok());
    }

    #[test]
    fn a_stop_wakes_all_that_wait() {
        let permits = Permits::new(1, 3);
        let held = permits.acquire(network(1), LONG).unwrap();
        thread::scope(|scope| {
            let waiter = scope.spawn(|| permits.acquire(network(1), LONG).map(drop));
            wait_for(&permits, 1);
            permits.close();
            assert_eq!(waiter.join().unwrap(), Err(NoPermit::Closed));
        });
        drop(held);
        assert_eq!(permits.acquire(network(1), LONG).unwrap_err(), NoPermit::Closed);
    }

    #[test]
    fn a_panic_gives_its_permit_back() {
        let permits = Permits::new(1, 0);
        let result = catch_unwind(AssertUnwindSafe(|| {
            let _permit = permits.acquire(network(1), LONG).unwrap();
            panic!("in the middle of its work");
        }));
        assert!(result.is_err());
        assert!(permits.acquire(network(1), LONG).is_ok());
    }
}
