//! The laboratory: what a class may do to a connection of its own, to watch what becomes of the server's threads and of
//! everybody else.
//!
//! A [`FaultInjection`] is a few switches. The window turns them, which never waits; the connection's own two threads look at them
//! before each read and each write, and do the work. Each connection has its own, so all is off in the next one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::sync::{Condvar, Mutex, lock};

/// Something that is done for as long as its switch is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Experiment {
    /// Nothing is read: the server's bytes pile up in the kernel's buffers, and then on the server.
    StopReading,
    /// What is sent goes out byte by byte, each in a packet of its own.
    Dribble,
    /// Messages are sent as fast as `FLOOD_LINES` says, until there were `FLOOD_MAX`.
    Flood,
}

/// How long `writer` waits behind each byte that it dribbles.
pub(super) const DRIBBLE_PAUSE: Duration = Duration::from_millis(50);

/// A flood is so many lines, so often: 1000 a second.
pub(super) const FLOOD_LINES: u64 = 20;
pub(super) const FLOOD_TICK: Duration = Duration::from_millis(20);

/// Lines in one flood. A server that lets each client say ten lines a second refuses nearly all of them.
pub const FLOOD_MAX: u64 = 5000;

/// The switches. Clones are the same ones.
#[derive(Clone, Debug, Default)]
pub struct FaultInjection(Arc<Switches>);

#[derive(Debug, Default)]
struct Switches {
    /// `reader` waits here while it is not to read; everybody else only turns it.
    stops_reading: Mutex<bool>,
    turned: Condvar,
    /// Written by the window, and at its end by the flood; read by `writer`. They guard no other data, so `Relaxed`.
    dribbles: AtomicBool,
    floods: AtomicBool,
    /// The connection is to end with a reset, and without a word. Written by the window before it wakes the threads.
    vanishes: AtomicBool,
}

impl FaultInjection {
    /// Turns a switch.
    pub fn set(&self, experiment: Experiment, on: bool) {
        match experiment {
            Experiment::StopReading => {
                *lock(&self.0.stops_reading) = on;
                self.0.turned.notify_all();
            }
            Experiment::Dribble => self.0.dribbles.store(on, Ordering::Relaxed),
            Experiment::Flood => self.0.floods.store(on, Ordering::Relaxed),
        }
    }

    /// Whether a switch is on.
    pub fn is_on(&self, experiment: Experiment) -> bool {
        match experiment {
            Experiment::StopReading => *lock(&self.0.stops_reading),
            Experiment::Dribble => self.0.dribbles.load(Ordering::Relaxed),
            Experiment::Flood => self.0.floods.load(Ordering::Relaxed),
        }
    }

    /// What is on, in words; nothing if nothing is.
    pub fn in_words(&self) -> Option<String> {
        let words = [
            (Experiment::StopReading, "not reading"),
            (Experiment::Dribble, "dribbling"),
            (Experiment::Flood, "flooding"),
        ];
        let on: Vec<_> = words.into_iter().filter(|(what, _)| self.is_on(*what)).map(|(_, word)| word).collect();
        (!on.is_empty()).then(|| format!("Laboratory: {}", on.join(", ")))
    }

    /// For `reader`: waits until it may read.
    pub(super) fn wait_to_read(&self) {
        let mut stops = lock(&self.0.stops_reading);
        while *stops {
            stops = self.0.turned.wait(stops).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }

    pub(super) fn vanish(&self) {
        self.0.vanishes.store(true, Ordering::Release);
    }

    pub(super) fn vanishes(&self) -> bool {
        self.0.vanishes.load(Ordering::Acquire)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn what_is_on_is_said() {
        let laboratory = FaultInjection::default();
        assert_eq!(laboratory.in_words(), None);
        laboratory.set(Experiment::StopReading, true);
        laboratory.set(Experiment::Flood, true);
        assert_eq!(laboratory.in_words().as_deref(), Some("Laboratory: not reading, flooding"));
        laboratory.set(Experiment::StopReading, false);
        assert_eq!(laboratory.in_words().as_deref(), Some("Laboratory: flooding"));
    }

    #[test]
    fn a_reader_that_was_stopped_goes_on_when_it_is_told() {
        let laboratory = FaultInjection::default();
        laboratory.set(Experiment::StopReading, true);
        thread::scope(|scope| {
            let reader = scope.spawn(|| laboratory.wait_to_read());
            assert!(!reader.is_finished());
            laboratory.set(Experiment::StopReading, false);
            reader.join().unwrap();
        });
    }
}
