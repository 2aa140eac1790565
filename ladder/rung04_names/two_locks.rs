//! Two people want one name at the same moment. How often do both get it, if the check and the change are two locks? And if
//! they are one?

use std::collections::BTreeSet;
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

const ROUNDS: usize = 500;

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
    for (title, gap) in [
        ("two locks, and a millisecond between them", Gap::Millisecond),
        ("two locks, one right after the other", Gap::None),
        ("one lock", Gap::OneLock),
    ] {
        let both = (0..ROUNDS).filter(|_| both_get_it(gap)).count();
        println!("{title}: both got the name in {both} of {ROUNDS} rounds");
    }
}

fn both_get_it(gap: Gap) -> bool {
    let (room, start) = (Mutex::default(), Barrier::new(2));
    let ask = || {
        start.wait();
        take(&room, gap)
    };
    thread::scope(|scope| [scope.spawn(ask), scope.spawn(ask)].map(|one| one.join().unwrap_or_default()))
        == [true, true]
}

fn take(room: &Mutex<BTreeSet<String>>, gap: Gap) -> bool {
    let lock = || room.lock().unwrap_or_else(PoisonError::into_inner);
    if let Gap::OneLock = gap {
        return lock().insert("ann".into());
    }
    let is_free = !lock().contains("ann");
    if let Gap::Millisecond = gap {
        thread::sleep(Duration::from_millis(1));
    }
    if is_free {
        lock().insert("ann".into());
    }
    is_free
}
