//! The locks and atomics of the model-checked code: those of std, or those of loom under `--cfg loom`.
//!
//! A poisoned lock is used as it is. Each critical section is a few assignments, so a thread that panics leaves no state half
//! changed, and a panic in one client's thread must not spread to all others.

use std::sync::PoisonError;
use std::time::Instant;

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering};
#[cfg(loom)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicUsize, Ordering};
#[cfg(not(loom))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};

/// Waits on a condition variable until a condition is over, or the deadline has passed. The lock is released meanwhile.
pub(crate) fn wait_while<'a, T>(
    changed: &Condvar,
    mut guard: MutexGuard<'a, T>,
    deadline: Instant,
    condition: impl Fn(&T) -> bool,
) -> MutexGuard<'a, T> {
    // A loop, since a condition variable may wake without a cause.
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || !condition(&guard) {
            return guard;
        }
        guard = changed.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// Locks a mutex, ignoring poison.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
