//! The wire: every line as it goes by, for whoever wants to see how the protocol is spoken.
//!
//! Both programs have a [`Tap`] where their lines are whole: behind framing on the way in, and on the way out where a line has
//! just been given to the kernel, in the thread that did so. It is off until somebody looks: then one relaxed load for each
//! read and each write is all that it costs. On, each line is copied into a bounded channel, and what does not fit is
//! counted. So nobody who speaks ever waits for somebody who looks.
//!
//! **Passwords do not come this far**: they are [masked](mask()) before a line is copied.
//!
//! | file | owns |
//! | --- | --- |
//! | `wire/redact.rs` | leaving passwords out |
//! | `wire/meaning.rs` | what a line means, in a few words |
//! | `wire/trace.rs` | the last lines, filtered and paused: what a window shows |
//! | `wire/raw.rs` | a line as somebody typed it, with `\x00` and the like, as bytes |

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

pub use meaning::meaning;
pub use raw::{BadEscape, unescape};
pub use redact::mask;
pub use trace::{Item, LINES_MAX, TraceLog};

use crate::protocol::framing::Frame;

/// Lines that may wait for whoever looks.
const WAITING_MAX: usize = 4096;

/// Bytes of a line that are kept to be shown.
const SHOWN_MAX: usize = 1024;

/// Who has spoken a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A client, to the server.
    Client,
    /// The server, to a client.
    Server,
}

/// Which way a line went, seen from this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It came in.
    In,
    /// It went out.
    Out,
}

/// One line that went by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine {
    /// When, by this computer's clock.
    pub at: SystemTime,
    /// Which way.
    pub direction: Direction,
    /// Who spoke it.
    pub speaker: Origin,
    /// Who is at the other end: a user's name, or a connection that has none yet.
    pub peer: String,
    /// The thread that read or wrote it.
    pub thread: String,
    /// The line without its LF, passwords masked, cut if it is long.
    pub bytes: Vec<u8>,
    /// How many bytes it had.
    pub length: usize,
}

/// Where lines are seen. Clones are the same tap.
#[derive(Clone, Debug, Default)]
pub struct Tap {
    shared: Arc<Shared>,
    /// `None` if nobody could look.
    sender: Option<Sender<TraceLine>>,
}

/// The other end of a tap. Clones share what comes out.
#[derive(Clone, Debug)]
pub struct Wire {
    shared: Arc<Shared>,
    passed: Receiver<TraceLine>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Somebody looks: written by them, read by every thread with each read and write. A line more or less at the beginning
    /// makes no difference, so `Relaxed`.
    on: AtomicBool,
    /// Lines that did not fit: written by any thread, read by whoever looks.
    lost: AtomicU64,
}

/// A tap, and where its lines come out. It is off.
pub fn tap() -> (Tap, Wire) {
    let (sender, passed) = bounded(WAITING_MAX);
    let shared = Arc::<Shared>::default();
    (Tap { shared: shared.clone(), sender: Some(sender) }, Wire { shared, passed })
}

impl Tap {
    /// The tap, if somebody looks. To be asked once for each read or write, and not for each line.
    pub fn open(&self) -> Option<&Tap> {
        self.shared.on.load(Ordering::Relaxed).then_some(self)
    }

    /// The calling thread has read a line.
    pub fn came(&self, speaker: Origin, peer: &impl Display, frame: &Frame<'_>) {
        match frame {
            Frame::Line(line) => self.line(Direction::In, speaker, peer, line),
            // Its bytes were thrown away, so nobody can say what was in it.
            Frame::TooLong => self.line(Direction::In, speaker, peer, b"(a line that is too long)"),
        }
    }

    /// The calling thread has written these lines.
    pub fn went(&self, speaker: Origin, peer: &impl Display, lines: &[u8]) {
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            self.line(Direction::Out, speaker, peer, line.strip_suffix(b"\n").unwrap_or(line));
        }
    }

    fn line(&self, direction: Direction, speaker: Origin, peer: &impl Display, line: &[u8]) {
        let Some(sender) = &self.sender else { return };
        // Under a flood this is what happens to most: it must cost next to nothing.
        if sender.is_full() {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let mut bytes = mask(line).into_owned();
        bytes.truncate(SHOWN_MAX);
        let passed = TraceLine {
            at: SystemTime::now(),
            direction,
            speaker,
            peer: peer.to_string(),
            thread: thread::current().name().unwrap_or_default().to_owned(),
            bytes,
            length: line.len(),
        };
        if sender.try_send(passed).is_err() {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Wire {
    /// Begins to look, or stops.
    pub fn look(&self, looks: bool) {
        self.shared.on.store(looks, Ordering::Relaxed);
    }

    /// The lines.
    pub fn passed(&self) -> &Receiver<TraceLine> {
        &self.passed
    }

    /// How many lines did not fit, since the last call.
    pub fn take_lost(&self) -> u64 {
        self.shared.lost.swap(0, Ordering::Relaxed)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    fn texts(wire: &Wire) -> Vec<String> {
        wire.passed.try_iter().map(|passed| String::from_utf8(passed.bytes).unwrap()).collect()
    }

    #[test]
    fn it_is_off_until_somebody_looks() {
        let (tap, wire) = tap();
        assert!(tap.open().is_none());
        wire.look(true);
        tap.open().unwrap().went(Origin::Server, &"ann", b"HELLO ann\nMSG ben hi\n");
        assert_eq!(texts(&wire), ["HELLO ann", "MSG ben hi"]);
        wire.look(false);
        assert!(tap.open().is_none());
        assert!(Tap::default().open().is_none(), "and one that nobody can look at stays off");
    }

    #[test]
    fn a_line_says_which_way_it_went_and_which_thread_had_it() {
        let (tap, wire) = tap();
        let reads = || tap.came(Origin::Client, &"ann", &Frame::Line(b"WHO"));
        thread::scope(|scope| {
            thread::Builder::new().name("client #1".into()).spawn_scoped(scope, reads).unwrap();
        });
        let passed = wire.passed.recv().unwrap();
        assert_eq!(
            (passed.direction, passed.thread.as_str(), passed.peer.as_str()),
            (Direction::In, "client #1", "ann")
        );
    }

    #[test]
    fn what_does_not_fit_is_counted_and_nobody_waits() {
        let (tap, wire) = tap();
        for _ in 0..WAITING_MAX + 7 {
            tap.went(Origin::Server, &"ann", b"MSG ben hi\n");
        }
        assert_eq!((wire.take_lost(), wire.take_lost()), (7, 0));
        assert_eq!(texts(&wire).len(), WAITING_MAX);
    }

    #[test]
    fn a_long_line_is_cut_and_a_password_is_gone_before_it_is_copied() {
        let (tap, wire) = tap();
        tap.came(Origin::Client, &"ann", &Frame::Line(&[b'x'; 4000]));
        let long = wire.passed.recv().unwrap();
        assert_eq!((long.bytes.len(), long.length), (SHOWN_MAX, 4000));
        tap.came(Origin::Client, &"ann", &Frame::Line(b"PASS secret"));
        tap.went(Origin::Client, &"", b"REGISTER secret\n");
        let shown = texts(&wire).join(" ");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
