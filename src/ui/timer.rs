//! The tick: how events from the worker threads reach a window.
//!
//! Workers send over crossbeam channels and never touch a widget. About thirty times a second the window checks its
//! channel, takes a bounded batch, and draws once. FLTK has wake-ups of its own (`app::awake`), but a busy network
//! would call them so often that the window no longer responds; a timer costs the same however much happens. Runs on
//! the UI thread.

use std::time::Instant;

use crossbeam_channel::{Receiver, TryRecvError};
use fltk::app;

/// Seconds between two ticks: faster than the eye can tell, and next to no load for the processor.
const TICK: f64 = 1.0 / 30.0;

/// Calls `tick` periodically, as long as the event loop runs. Must be called once for each window, because FLTK never
/// frees the closure.
pub fn every_tick(mut tick: impl FnMut() + 'static) {
    app::add_timeout3(TICK, move |handle| {
        // First of all: the binding catches a panic of the rest, and without a re-armed timer the window would get no
        // more events.
        app::repeat_timeout3(TICK, handle);
        let began = Instant::now();
        tick();
        // For `examples/windows`, and for profiling. While trace logging is off, this is one comparison.
        log::trace!("a tick took {} us", began.elapsed().as_micros());
    });
}

/// Passes the waiting items of a channel to `each`, at most `batch` of them, so that a flood cannot keep the window
/// from responding. Returns true if the channel is empty for good, because the workers have dropped their senders.
pub fn drain<T>(channel: &Receiver<T>, batch: usize, mut each: impl FnMut(T)) -> bool {
    for _ in 0..batch {
        match channel.try_recv() {
            Ok(item) => each(item),
            Err(error) => return error == TryRecvError::Disconnected,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::unbounded;

    #[test]
    fn a_flood_is_taken_in_batches_and_the_end_is_told_last() {
        let (sender, receiver) = unbounded();
        (0..5).for_each(|n| sender.send(n).unwrap());
        let mut seen = Vec::new();
        assert!(!drain(&receiver, 3, |n| seen.push(n)));
        assert_eq!(seen, [0, 1, 2]);
        assert!(!drain(&receiver, 3, |n| seen.push(n)));
        drop(sender);
        assert!(drain(&receiver, 3, |n| seen.push(n)));
        assert_eq!(seen, [0, 1, 2, 3, 4]);
    }
}
