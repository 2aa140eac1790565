//! The trace: every line that this process reads or writes, for the pane in which users watch the protocol.
//!
//! Both programs have a [`Tap`] at the places where lines are complete: after framing on the way in, and on the way out right
//! after the kernel accepted the line, in the thread that wrote it. The tap is closed until a [`TapReceiver`] opens it. Closed, it
//! costs one relaxed load for each read and each write. Open, each line is copied into a bounded channel, and lines that do not
//! fit are counted. A thread that reads or writes therefore never waits for the window that shows the trace.
//!
//! **Passwords never get here**: a line is [redacted](redact()) before it is copied.
//!
//! | file | owns |
//! | --- | --- |
//! | `wire/line.rs` | one line, with its time, direction, peer and thread |
//! | `wire/redact.rs` | replaces passwords |
//! | `wire/meaning.rs` | describes a line in a few words |
//! | `wire/trace.rs` | the most recent lines, filtered and paused, as a window shows them |
//! | `wire/raw.rs` | converts a typed line with escapes such as `\x00` to bytes |

mod line;
mod meaning;
mod raw;
mod redact;
mod trace;

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::SystemTime;

use crossbeam_channel::{Receiver, Sender, bounded};

pub use line::{Direction, Origin, TraceLine};
pub use meaning::meaning;
pub use raw::{BadEscape, unescape};
pub use redact::redact;
pub use trace::{Item, TraceLog};

use crate::protocol::framing::Frame;

/// Maximum number of lines that wait for the receiver.
const WAITING_MAX: usize = 4096;

/// Maximum number of bytes that are kept of a line.
const SHOWN_MAX: usize = 1024;

/// The sending end of a trace. Clones are the same tap. The default tap has no receiver and stays closed.
#[derive(Clone, Debug, Default)]
pub struct Tap {
    state: Arc<TapState>,
    /// `None` for a tap without a receiver.
    sender: Option<Sender<TraceLine>>,
}

/// The receiving end of a tap. Clones share one channel: each line arrives at one of them.
#[derive(Clone, Debug)]
pub struct TapReceiver {
    state: Arc<TapState>,
    lines: Receiver<TraceLine>,
}

#[derive(Debug, Default)]
struct TapState {
    /// Written by the receiver; read by every thread with each read and write. `Relaxed`: it guards no other data, and a line
    /// more or less at the beginning makes no difference.
    is_open: AtomicBool,
    /// Number of lines that did not fit. Written by any thread, taken by the receiver. `Relaxed`: it is only a count.
    lost: AtomicU64,
}

/// Creates a tap and its receiver. The tap is closed.
pub fn tap() -> (Tap, TapReceiver) {
    let (sender, lines) = bounded(WAITING_MAX);
    let state = Arc::<TapState>::default();
    (Tap { state: state.clone(), sender: Some(sender) }, TapReceiver { state, lines })
}

impl Tap {
    /// Returns the tap if it is open. To be called once for each read or write, not for each line.
    pub fn open(&self) -> Option<&Tap> {
        self.state.is_open.load(Ordering::Relaxed).then_some(self)
    }

    /// Records a line that the calling thread has read.
    pub fn record_in(&self, origin: Origin, peer: &impl Display, frame: &Frame<'_>) {
        match frame {
            Frame::Line(line) => self.record(Direction::In, origin, peer, line),
            // Framing has discarded its bytes.
            Frame::TooLong => self.record(Direction::In, origin, peer, b"(a line that is too long)"),
        }
    }

    /// Records the lines that the calling thread has written.
    pub fn record_out(&self, origin: Origin, peer: &impl Display, lines: &[u8]) {
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            self.record(Direction::Out, origin, peer, line.strip_suffix(b"\n").unwrap_or(line));
        }
    }

    fn record(&self, direction: Direction, origin: Origin, peer: &impl Display, line: &[u8]) {
        let Some(sender) = &self.sender else { return };
        // Under a flood most lines end here, so this path must cost next to nothing: no copy, no clock, no allocation.
        if sender.is_full() {
            self.state.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let mut bytes = redact(line).into_owned();
        bytes.truncate(SHOWN_MAX);
        let line = TraceLine {
            at: SystemTime::now(),
            direction,
            origin,
            peer: peer.to_string(),
            thread: thread::current().name().unwrap_or_default().to_owned(),
            bytes,
            length: line.len(),
        };
        if sender.try_send(line).is_err() {
            self.state.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl TapReceiver {
    /// Opens or closes the tap.
    pub fn set_open(&self, is_open: bool) {
        self.state.is_open.store(is_open, Ordering::Relaxed);
    }

    /// Returns the channel on which the lines arrive.
    pub fn lines(&self) -> &Receiver<TraceLine> {
        &self.lines
    }

    /// Returns the number of lines that did not fit into the channel since the last call.
    pub fn take_lost(&self) -> u64 {
        self.state.lost.swap(0, Ordering::Relaxed)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    fn texts(wire: &TapReceiver) -> Vec<String> {
        wire.lines.try_iter().map(|passed| String::from_utf8(passed.bytes).unwrap()).collect()
    }

    #[test]
    fn it_is_off_until_somebody_looks() {
        let (tap, wire) = tap();
        assert!(tap.open().is_none());
        wire.set_open(true);
        tap.open().unwrap().record_out(Origin::Server, &"ann", b"HELLO ann\nMSG ben hi\n");
        assert_eq!(texts(&wire), ["HELLO ann", "MSG ben hi"]);
        wire.set_open(false);
        assert!(tap.open().is_none());
        assert!(Tap::default().open().is_none(), "and one that nobody can look at stays off");
    }

    #[test]
    fn a_line_says_which_way_it_went_and_which_thread_had_it() {
        let (tap, wire) = tap();
        let reads = || tap.record_in(Origin::Client, &"ann", &Frame::Line(b"WHO"));
        thread::scope(|scope| {
            thread::Builder::new().name("client #1".into()).spawn_scoped(scope, reads).unwrap();
        });
        let passed = wire.lines.recv().unwrap();
        assert_eq!(
            (passed.direction, passed.thread.as_str(), passed.peer.as_str()),
            (Direction::In, "client #1", "ann")
        );
    }

    #[test]
    fn what_does_not_fit_is_counted_and_nobody_waits() {
        let (tap, wire) = tap();
        for _ in 0..WAITING_MAX + 7 {
            tap.record_out(Origin::Server, &"ann", b"MSG ben hi\n");
        }
        assert_eq!((wire.take_lost(), wire.take_lost()), (7, 0));
        assert_eq!(texts(&wire).len(), WAITING_MAX);
    }

    #[test]
    fn a_long_line_is_cut_and_a_password_is_gone_before_it_is_copied() {
        let (tap, wire) = tap();
        tap.record_in(Origin::Client, &"ann", &Frame::Line(&[b'x'; 4000]));
        let long = wire.lines.recv().unwrap();
        assert_eq!((long.bytes.len(), long.length), (SHOWN_MAX, 4000));
        tap.record_in(Origin::Client, &"ann", &Frame::Line(b"PASS secret"));
        tap.record_out(Origin::Client, &"", b"REGISTER secret\n");
        let shown = texts(&wire).join(" ");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
