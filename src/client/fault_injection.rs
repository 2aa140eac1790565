//! Fault injection: switches that make a connection misbehave, so that a class can watch the effect on the server's threads and on
//! other clients. In the window's menu it is called the laboratory.
//!
//! A [`FaultInjection`] is a few switches. The UI thread sets them, which never blocks. The threads `reader` and `writer` of the
//! connection check them before each read and each write, and act on them. Each connection has its own switches, all of them off
//! at first.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::sync::{Condvar, Mutex, lock};

/// A fault that lasts as long as its switch is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The client does not read: bytes from the server accumulate in the socket buffers, and then in the server's outbox.
    StopReading,
    /// Lines are sent byte by byte, each byte in a packet of its own.
    Dribble,
    /// Messages are sent at the rate of `FLOOD_LINES` every `FLOOD_TICK`, up to [`FLOOD_MAX`] of them.
    Flood,
}

/// Pause of `writer` after each byte that it dribbles.
pub(super) const DRIBBLE_PAUSE: Duration = Duration::from_millis(50);

/// Number of lines that a flood sends every [`FLOOD_TICK`]: 1000 a second.
pub(super) const FLOOD_LINES: u64 = 20;
/// Interval of a flood.
pub(super) const FLOOD_TICK: Duration = Duration::from_millis(20);

/// Number of lines in one flood. A server that accepts ten lines a second from each client rejects nearly all of them.
pub(crate) const FLOOD_MAX: u64 = 5000;

/// Length of the text of such a line in bytes. A flood is then 7 MB: more than a kernel buffers for a client that does not read
/// (on Linux the last number of `tcp_wmem`, 4 MiB, with the kernel's own overhead), so that the rest waits in its outbox.
const FLOOD_TEXT: usize = 1400;

/// Returns the text of a flood's line: its number, filled up.
pub(super) fn flood_text(number: u64) -> String {
    format!("{:.<FLOOD_TEXT$}", format!("flood {number} "))
}

/// The switches of a connection. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultInjection(Arc<Switches>);

#[derive(Debug, Default)]
struct Switches {
    /// A mutex with a condition variable, because `reader` blocks here while it is on. Set by the UI thread.
    stop_reading: Mutex<bool>,
    stop_reading_changed: Condvar,
    /// Set by the UI thread, and at the end of a flood by `writer`; read by `writer`. `Relaxed`: they guard no other data.
    dribble: AtomicBool,
    flood: AtomicBool,
    /// The connection is to end with a reset, without BYE. Set by the UI thread before it unblocks the other two.
    abort: AtomicBool,
}

impl FaultInjection {
    /// Turns a switch on or off.
    pub(crate) fn set(&self, fault: Fault, on: bool) {
        match fault {
            Fault::StopReading => {
                *lock(&self.0.stop_reading) = on;
                self.0.stop_reading_changed.notify_all();
            }
            Fault::Dribble => self.0.dribble.store(on, Ordering::Relaxed),
            Fault::Flood => self.0.flood.store(on, Ordering::Relaxed),
        }
    }

    /// Returns whether a switch is on.
    pub(crate) fn is_on(&self, fault: Fault) -> bool {
        match fault {
            Fault::StopReading => *lock(&self.0.stop_reading),
            Fault::Dribble => self.0.dribble.load(Ordering::Relaxed),
            Fault::Flood => self.0.flood.load(Ordering::Relaxed),
        }
    }

    /// Returns the switches that are on, as a text for the window; `None` if all are off.
    pub(crate) fn summary(&self) -> Option<String> {
        let words = [(Fault::StopReading, "not reading"), (Fault::Dribble, "dribbling"), (Fault::Flood, "flooding")];
        let on: Vec<_> = words.into_iter().filter(|(fault, _)| self.is_on(*fault)).map(|(_, word)| word).collect();
        (!on.is_empty()).then(|| format!("Laboratory: {}", on.join(", ")))
    }

    /// Blocks the calling thread, `reader`, while [`Fault::StopReading`] is on.
    pub(super) fn wait_to_read(&self) {
        let mut stopped = lock(&self.0.stop_reading);
        while *stopped {
            stopped = self.0.stop_reading_changed.wait(stopped).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }

    /// Marks the connection to be aborted: see [`Connection::abort`](super::Connection::abort).
    pub(super) fn set_abort(&self) {
        self.0.abort.store(true, Ordering::Release);
    }

    /// Returns whether the connection is being aborted.
    pub(super) fn is_aborted(&self) -> bool {
        self.0.abort.load(Ordering::Acquire)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn what_is_on_is_said() {
        let faults = FaultInjection::default();
        assert_eq!(faults.summary(), None);
        faults.set(Fault::StopReading, true);
        faults.set(Fault::Flood, true);
        assert_eq!(faults.summary().as_deref(), Some("Laboratory: not reading, flooding"));
        faults.set(Fault::StopReading, false);
        assert_eq!(faults.summary().as_deref(), Some("Laboratory: flooding"));
    }

    #[test]
    fn a_reader_that_was_stopped_goes_on_when_it_is_told() {
        let faults = FaultInjection::default();
        faults.set(Fault::StopReading, true);
        thread::scope(|scope| {
            let reader = scope.spawn(|| faults.wait_to_read());
            assert!(!reader.is_finished());
            faults.set(Fault::StopReading, false);
            reader.join().unwrap();
        });
    }
}
