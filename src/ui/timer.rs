//! The tick: how news from the worker threads reaches a window.
//!
//! Workers send over crossbeam channels and never touch a widget. The window looks at its channel about thirty times a
//! second, takes a bounded batch, and draws once. FLTK has wake-ups of its own (`app::awake`), but a busy network
//! would call them so often that the window no longer answers; a timer costs the same however much happens.

use std::time::Instant;

use crossbeam_channel::{Receiver, TryRecvError};
use fltk::app;

/// Seconds between two ticks: faster than the eye asks for, and next to nothing for the processor.
const TICK: f64 = 1.0 / 30.0;

/// Calls `tick` again and again, as long as the program's loop runs. Call it once for each window: FLTK keeps the
/// closure for ever.
pub fn every_tick(mut tick: impl FnMut() + 'static) {
    app::add_timeout3(TICK, move |handle| {
        // First of all: the binding catches a panic of the rest, and with nothing re-armed the window would be deaf.
        app::repeat_timeout3(TICK, handle);
        let began = Instant::now();
        tick();
        // For `examples/windows`, and whoever else wonders. Unless it is wanted, this is one comparison.
        log::trace!("a tick took {} us", began.elapsed().as_micros());
    });
}

/// How a channel was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// It has nothing more at present.
    Empty,
    /// The batch was full; the rest comes with the next tick.
    More,
    /// It has nothing more, ever: the workers have dropped their ends.
    Disconnected,
}

/// Gives what waits in the channel to `each`, at most `batch` of it, so that a flood cannot keep the window from
/// answering its user.
pub fn drain<T>(channel: &Receiver<T>, batch: usize, mut each: impl FnMut(T)) -> Drained {
    for _ in 0..batch {
        match channel.try_recv() {
            Ok(news) => each(news),
            Err(TryRecvError::Empty) => return Drained::Empty,
            Err(TryRecvError::Disconnected) => return Drained::Disconnected,
        }
    }
    Drained::More
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
        assert_eq!(drain(&receiver, 3, |n| seen.push(n)), Drained::More);
        assert_eq!(seen, [0, 1, 2]);
        assert_eq!(drain(&receiver, 3, |n| seen.push(n)), Drained::Empty);
        drop(sender);
        assert_eq!(drain(&receiver, 3, |n| seen.push(n)), Drained::Disconnected);
        assert_eq!(seen, [0, 1, 2, 3, 4]);
    }
}
