//! Every interleaving of a few threads at one outbox, by loom: `--cfg loom`, see `script/test`.
//!
//! The socket is a vector behind a flag that says whether somebody is writing to it. What must hold: nobody writes while
//! another does, every piece is written once, each thread's pieces in their order, and nothing is left behind.
//! That the model can fail is shown too: each step that makes the outbox right is left out once.

use crate::server::delivery::outbox::*;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

/// What was written, byte by byte, and a check that one thread at a time does it.
struct Socket {
    budget: Budget,
    busy: AtomicBool,
    /// It was full once: the first write took one byte.
    was_full: AtomicBool,
    bytes: Mutex<Vec<u8>>,
}

impl Default for Socket {
    fn default() -> Socket {
        Socket {
            budget: Budget::new(99, 99),
            busy: AtomicBool::default(),
            was_full: AtomicBool::default(),
            bytes: Mutex::default(),
        }
    }
}

impl Socket {
    fn write(&self, bytes: &[u8]) {
        assert!(!self.busy.swap(true, Ordering::SeqCst), "two threads write to one socket");
        lock(&self.bytes).extend_from_slice(bytes);
        self.busy.store(false, Ordering::SeqCst);
    }
}

/// What the holder of the claim does, and what the tests leave out of it.
#[derive(Clone, Copy, PartialEq)]
enum Writer {
    Correct,
    /// Stops after one write, without the take that ends the claim.
    TakesOnce,
    /// Writes although it found the flag raised.
    IgnoresTheFlag,
    /// Lowers the flag in a second critical section, after the one that found the queue empty.
    LowersTheFlagLate,
    /// Finds the socket full after one byte, and passes the claim to another thread.
    HandsOver,
}

fn say(outbox: &Arc<Outbox>, socket: &Arc<Socket>, text: &[u8], writer: Writer) {
    let pushed = outbox.push(&text.into(), &socket.budget);
    if pushed == Pushed::Claimed || writer == Writer::IgnoresTheFlag && pushed == Pushed::Left {
        write(outbox, socket, writer);
    }
}

fn write(outbox: &Arc<Outbox>, socket: &Arc<Socket>, writer: Writer) {
    let (mut written, mut pieces) = (0, Vec::new());
    loop {
        if writer == Writer::LowersTheFlagLate {
            let mut state = lock(&outbox.state);
            state.report(std::mem::take(&mut written));
            let is_empty = state.queue.is_empty();
            drop(state);
            if is_empty {
                lock(&outbox.state).writing = false;
                return;
            }
        }
        let Taken::Pieces { begun } = outbox.take(std::mem::take(&mut written), &mut pieces, &socket.budget) else {
            return;
        };
        if writer == Writer::HandsOver && !socket.was_full.swap(true, Ordering::SeqCst) {
            socket.write(&pieces[0][begun..=begun]);
            outbox.put_back(1, &mut pieces, begun + 1, &socket.budget);
            let (outbox, socket) = (outbox.clone(), socket.clone());
            thread::spawn(move || write(&outbox, &socket, Writer::Correct)).join().unwrap();
            return;
        }
        let bytes = pieces.drain(..).flat_map(|piece| piece.to_vec()).collect::<Vec<_>>();
        socket.write(&bytes[begun..]);
        written = bytes.len() - begun;
        if writer == Writer::TakesOnce {
            return;
        }
    }
}

/// Three threads say `AB`, `CD` (one after the other in one thread), `ab` and `xy`.
fn three_speakers(writer: Writer) {
    loom::model(move || {
        let (outbox, socket) = (Arc::new(Outbox::default()), Arc::new(Socket::default()));
        let speak = |texts: &'static [&'static str]| {
            let (outbox, socket) = (outbox.clone(), socket.clone());
            move || texts.iter().for_each(|text| say(&outbox, &socket, text.as_bytes(), writer))
        };
        let others = [thread::spawn(speak(&["ab"])), thread::spawn(speak(&["xy"]))];
        speak(&["AB", "CD"])();
        for other in others {
            other.join().unwrap();
        }
        let bytes = lock(&socket.bytes);
        let all = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(all.len(), 8, "written: {all}");
        let at = |piece: &str| all.find(piece).unwrap_or_else(|| panic!("{piece} is not whole: {all}"));
        assert!(at("AB") < at("CD"), "written: {all}");
        let _ = (at("ab"), at("xy"));
        assert_eq!((outbox.backlog(), socket.budget.drawn()), (0, 0));
        assert!(!lock(&outbox.state).writing, "the flag stayed up");
    });
}

#[test]
fn loom_everything_is_written_once_by_one_writer_at_a_time() {
    three_speakers(Writer::Correct);
}

#[test]
fn loom_a_claim_that_is_handed_over_loses_nothing() {
    three_speakers(Writer::HandsOver);
}

#[test]
#[should_panic(expected = "written")]
fn loom_notices_a_writer_that_does_not_take_again() {
    three_speakers(Writer::TakesOnce);
}

#[test]
#[should_panic]
fn loom_notices_a_second_writer() {
    three_speakers(Writer::IgnoresTheFlag);
}

#[test]
#[should_panic(expected = "written")]
fn loom_notices_a_flag_that_is_lowered_late() {
    three_speakers(Writer::LowersTheFlagLate);
}

#[test]
fn loom_a_last_line_is_the_last_and_ends_the_claim_once() {
    loom::model(|| {
        let (outbox, socket) = (Arc::new(Outbox::default()), Arc::new(Socket::default()));
        let ends = Arc::new(loom::sync::atomic::AtomicUsize::new(0));
        let run = |work: fn(&Outbox, &Budget) -> Pushed| {
            let (outbox, socket, ends) = (outbox.clone(), socket.clone(), ends.clone());
            move || {
                if work(&outbox, &socket.budget) != Pushed::Claimed {
                    return;
                }
                let (mut written, mut pieces) = (0, Vec::new());
                loop {
                    match outbox.take(std::mem::take(&mut written), &mut pieces, &socket.budget) {
                        Taken::Pieces { .. } => {
                            let bytes = pieces.drain(..).flat_map(|piece| piece.to_vec()).collect::<Vec<_>>();
                            socket.write(&bytes);
                            written = bytes.len();
                        }
                        Taken::Empty => return,
                        Taken::Finished => {
                            ends.fetch_add(1, Ordering::SeqCst);
                            return;
                        }
                    }
                }
            }
        };
        let speaker = thread::spawn(run(|outbox, budget| outbox.push(&(*b"hi ").into(), budget)));
        let operator =
            thread::spawn(run(|outbox, budget| outbox.finish(Some((*b"ERR").into()), OnClose::Flush, budget)));
        run(|outbox, budget| outbox.finish(Some((*b"ERR").into()), OnClose::Flush, budget))();
        speaker.join().unwrap();
        operator.join().unwrap();
        let bytes = lock(&socket.bytes);
        assert!(*bytes == b"hi ERR" || *bytes == b"ERR", "written: {}", String::from_utf8_lossy(&bytes));
        assert_eq!(ends.load(Ordering::SeqCst), 1, "the socket is shut once");
    });
}
