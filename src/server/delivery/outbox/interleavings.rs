//! Model tests of the outbox: loom runs a few threads under every interleaving (`--cfg loom`, see `script/test`).
//!
//! The socket is a vector behind a flag that is set while a thread writes. These must hold: no two threads write at the same
//! time, every chunk is written once, each thread's chunks keep their order, and the queue is empty in the end. Each step that
//! makes the outbox correct is also left out once, to show that the model then fails.

use crate::server::delivery::outbox::*;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

/// A socket that keeps what is written, and panics if two threads write at the same time.
struct Socket {
    budget: Budget,
    busy: AtomicBool,
    /// Set when the socket has been full: the first write was accepted for one byte only.
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

/// Behaviour of the holder of the claim: the correct one, and those in which one step is left out.
#[derive(Clone, Copy, PartialEq)]
enum Writer {
    Correct,
    /// Stops after one write, without the `take` that ends the claim.
    TakesOnce,
    /// Writes although it found `writing` set.
    IgnoresTheFlag,
    /// Clears `writing` in a second critical section, after the one that found the queue empty.
    ClearsTheFlagLate,
    /// Finds the socket full after one byte, and passes the claim to another thread.
    StartsDrain,
}

fn push(outbox: &Arc<Outbox>, socket: &Arc<Socket>, text: &[u8], writer: Writer) {
    let pushed = outbox.push(&text.into(), &socket.budget);
    if pushed == Pushed::Claimed || writer == Writer::IgnoresTheFlag && pushed == Pushed::Queued {
        write(outbox, socket, writer);
    }
}

fn write(outbox: &Arc<Outbox>, socket: &Arc<Socket>, writer: Writer) {
    let (mut written, mut chunks) = (0, Vec::new());
    loop {
        if writer == Writer::ClearsTheFlagLate {
            let mut state = lock(&outbox.state);
            state.report(std::mem::take(&mut written));
            let is_empty = state.queue.is_empty();
            drop(state);
            if is_empty {
                lock(&outbox.state).writing = false;
                return;
            }
        }
        let Taken::Chunks { offset } = outbox.take(std::mem::take(&mut written), &mut chunks, &socket.budget) else {
            return;
        };
        if writer == Writer::StartsDrain && !socket.was_full.swap(true, Ordering::SeqCst) {
            socket.write(&chunks[0][offset..=offset]);
            outbox.put_back(1, &mut chunks, offset + 1, &socket.budget);
            let (outbox, socket) = (outbox.clone(), socket.clone());
            thread::spawn(move || write(&outbox, &socket, Writer::Correct)).join().unwrap();
            return;
        }
        let bytes = chunks.drain(..).flat_map(|chunk| chunk.to_vec()).collect::<Vec<_>>();
        socket.write(&bytes[offset..]);
        written = bytes.len() - offset;
        if writer == Writer::TakesOnce {
            return;
        }
    }
}

/// Three threads push: one `AB` and then `CD`, one `ab`, one `xy`.
fn three_senders(writer: Writer) {
    loom::model(move || {
        let (outbox, socket) = (Arc::new(Outbox::default()), Arc::new(Socket::default()));
        let send = |texts: &'static [&'static str]| {
            let (outbox, socket) = (outbox.clone(), socket.clone());
            move || texts.iter().for_each(|text| push(&outbox, &socket, text.as_bytes(), writer))
        };
        let others = [thread::spawn(send(&["ab"])), thread::spawn(send(&["xy"]))];
        send(&["AB", "CD"])();
        for other in others {
            other.join().unwrap();
        }
        let bytes = lock(&socket.bytes);
        let all = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(all.len(), 8, "written: {all}");
        let at = |chunk: &str| all.find(chunk).unwrap_or_else(|| panic!("{chunk} is not whole: {all}"));
        assert!(at("AB") < at("CD"), "written: {all}");
        let _ = (at("ab"), at("xy"));
        assert_eq!((outbox.backlog(), socket.budget.reserved()), (0, 0));
        assert!(!lock(&outbox.state).writing, "`writing` stayed set");
    });
}

#[test]
fn loom_everything_is_written_once_by_one_writer_at_a_time() {
    three_senders(Writer::Correct);
}

#[test]
fn loom_a_claim_that_is_handed_over_loses_nothing() {
    three_senders(Writer::StartsDrain);
}

#[test]
#[should_panic(expected = "written")]
fn loom_notices_a_writer_that_does_not_take_again() {
    three_senders(Writer::TakesOnce);
}

#[test]
#[should_panic]
fn loom_notices_a_second_writer() {
    three_senders(Writer::IgnoresTheFlag);
}

#[test]
#[should_panic(expected = "written")]
fn loom_notices_a_flag_that_is_cleared_late() {
    three_senders(Writer::ClearsTheFlagLate);
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
                let (mut written, mut chunks) = (0, Vec::new());
                loop {
                    match outbox.take(std::mem::take(&mut written), &mut chunks, &socket.budget) {
                        Taken::Chunks { .. } => {
                            let bytes = chunks.drain(..).flat_map(|chunk| chunk.to_vec()).collect::<Vec<_>>();
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
        let sender = thread::spawn(run(|outbox, budget| outbox.push(&(*b"hi ").into(), budget)));
        let operator =
            thread::spawn(run(|outbox, budget| outbox.finish(Some((*b"ERR").into()), OnClose::Flush, budget)));
        run(|outbox, budget| outbox.finish(Some((*b"ERR").into()), OnClose::Flush, budget))();
        sender.join().unwrap();
        operator.join().unwrap();
        let bytes = lock(&socket.bytes);
        assert!(*bytes == b"hi ERR" || *bytes == b"ERR", "written: {}", String::from_utf8_lossy(&bytes));
        assert_eq!(ends.load(Ordering::SeqCst), 1, "the socket is shut once");
    });
}
