//! The tick: how events from the worker threads reach a window.
//!
//! Workers send over crossbeam channels and never touch a widget. About thirty times a second the window checks its
//! channel, takes a bounded batch, and draws once. FLTK has wake-ups of its own (`app::awake`), but a busy network
//! would call them so often that the window no longer responds; a timer costs the same however much happens.
//!
//! A tick looks at every part of a window, which costs more than a window may take while nothing happens. So it is left out
//! while nothing has: no event of the mouse, the keyboard or the window, and no news from the workers. Four times a second it
//! runs in any case, for what depends on the time. Runs on the UI thread.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use crossbeam_channel::{Receiver, TryRecvError};
use fltk::app;

/// Seconds between two ticks: faster than the eye can tell, and next to no load for the processor.
const TICK: f64 = 1.0 / 30.0;
/// Number of ticks after an event during which all are run: what it has begun may take some of them.
const AWAKE: u32 = 15;
/// Number of ticks of which one is run while nothing happens.
const ASLEEP: u32 = 8;

/// Calls `tick` periodically, as long as the event loop runs: thirty times a second while something happens, of which
/// `has_news` knows what FLTK does not. Must be called once for each window, because FLTK never frees the closure.
pub fn every_tick(mut has_news: impl FnMut() -> bool + 'static, mut tick: impl FnMut() + 'static) {
    let turns = Rc::new(Cell::new(0_u32));
    let counted = Rc::clone(&turns);
    app::add_check(move |_| counted.set(counted.get().saturating_add(1)));
    let (mut rest, mut before) = (Rest::default(), None);
    app::add_timeout3(TICK, move |handle| {
        // First of all: the binding catches a panic of the rest, and without a re-armed timer the window would get no
        // more events.
        app::repeat_timeout3(TICK, handle);
        // The event loop turns once for a timer, and once more for what else wakes it. What comes at the same time as the
        // timer shows in the last event.
        let event = Some((app::event(), app::event_key(), app::event_x_root(), app::event_y_root()));
        let is_awake = turns.take() > 1 || app::pushed().is_some() || std::mem::replace(&mut before, event) != event;
        if !rest.is_due(is_awake, has_news()) {
            return;
        }
        let began = Instant::now();
        tick();
        // For `examples/windows`, and for profiling. While trace logging is off, this is one comparison.
        log::trace!("a tick took {} us", began.elapsed().as_micros());
    });
}

/// The ticks since an event, and since one that was run.
#[derive(Debug, Default)]
struct Rest {
    since_event: u32,
    since_run: u32,
}

impl Rest {
    /// Counts a tick. Returns whether it is to be run.
    fn is_due(&mut self, is_awake: bool, has_news: bool) -> bool {
        self.since_event = if is_awake { 0 } else { self.since_event.saturating_add(1) };
        self.since_run += 1;
        let is_due = self.since_event <= AWAKE || has_news || self.since_run >= ASLEEP;
        if is_due {
            self.since_run = 0;
        }
        is_due
    }
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
    fn a_window_in_which_nothing_happens_ticks_rarely_until_something_does() {
        let mut rest = Rest::default();
        let mut second = |is_awake, has_news| (0..30).filter(|_| rest.is_due(is_awake, has_news)).count();
        assert_eq!(second(true, false), 30);
        assert!(second(false, false) >= 15, "what an event has begun is ended without delay");
        assert!((3..=4).contains(&second(false, false)));
        assert_eq!((second(false, true), second(true, false)), (30, 30));
    }

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
