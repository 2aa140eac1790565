//! Two people want one name at the same moment. How often do both get it, if the check and the change are two locks? And if
//! they are one?

use std::collections::BTreeSet;
use std::hint;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What happens between the check and the change.
#[derive(Clone, Copy)]
enum Gap {
    /// The lock is released and taken again, and a moment passes in between.
    Millisecond,
    /// The lock is released and taken again.
    None,
    /// The lock is held.
    OneLock,
}

fn main() {
    for (title, gap, rounds) in [
        ("two locks, and a millisecond between them", Gap::Millisecond, 500),
        ("two locks, one right after the other", Gap::None, 5_000),
        ("one lock", Gap::OneLock, 5_000),
    ] {
        println!("{title}: both got the name in {} of {rounds} rounds", both_got_it(gap, rounds));
    }
}

/// Two threads take the same names in the same order. Returns how many names both of them got.
fn both_got_it(gap: Gap, rounds: usize) -> usize {
    let (room, arrived) = (Mutex::default(), AtomicUsize::new(0));
    let take_all = || -> Vec<bool> {
        let one = |round| {
            // They wait for each other without sleep: a thread that has to be woken comes too late for the race.
            arrived.fetch_add(1, Ordering::SeqCst);
            for spin in 0.. {
                if arrived.load(Ordering::SeqCst) >= 2 * (round + 1) {
                    break;
                }
                // The other thread may want this very processor.
                if spin % 1000 == 999 { thread::yield_now() } else { hint::spin_loop() }
            }
            take(&room, &format!("ann{round}"), gap)
        };
        (0..rounds).map(one).collect()
    };
    let both =
        thread::scope(|scope| [scope.spawn(take_all), scope.spawn(take_all)].map(|one| one.join().unwrap_or_default()));
    both[0].iter().zip(&both[1]).filter(|(one, other)| **one && **other).count()
}

fn take(room: &Mutex<BTreeSet<String>>, name: &str, gap: Gap) -> bool {
    let lock = || room.lock().unwrap_or_else(PoisonError::into_inner);
    if let Gap::OneLock = gap {
        return lock().insert(name.into());
    }
    let is_free = !lock().contains(name);
    if let Gap::Millisecond = gap {
        thread::sleep(Duration::from_millis(1));
    }
    if is_free {
        lock().insert(name.into());
    }
    is_free
}
