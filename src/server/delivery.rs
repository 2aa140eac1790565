//! Writing what is in the outboxes: who does it, for how long, and what happens to a reader that has stalled.
//!
//! A thread that has something to say pushes it to every recipient (under the registry's lock), and comes away with a
//! [`Claim`] for each recipient that nobody else is writing for. Then, with no lock held, it goes round its claims:
//! one write each, again while more has come, until their queues are empty. It never waits for a reader: when a socket is
//! full, the claim is handed to a `drain` thread that waits in its place. And it does not write for ever: when others speak
//! so fast that there is always more, it hands all its claims to one `relief` thread, and listens to its own client again.
//!
//! What is written here can block for one tick of the kernel's clock when a socket turns out to be full ([`FULL_AFTER`]). From
//! then until it has caught up the drain thread holds the claim, and every speaker just leaves its bytes.

use std::io::{self, ErrorKind, IoSlice, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::budget::Budget;
use super::client::Client;
use super::crew::Crew;
use super::event::{Ending, EventSink, Happening};
use super::outbox::{Backlog, Piece, Pushed, TAKE_MAX, Taken};
use crate::protocol::ErrorCode;

/// How long a write waits before its socket counts as full: the shortest time-out there is. Linux rounds it up to one
/// tick (1 to 10 ms, see time(7)). On Windows a timed-out send leaves a socket unusable, so there it is the
/// client's whole patience.
const FULL_AFTER: Duration = if cfg!(windows) { Duration::from_secs(5) } else { Duration::from_millis(1) };

/// How often a drain thread looks up from a socket that takes nothing.
const DRAIN_TICK: Duration = Duration::from_millis(250);

/// How long the socket of a client that is being ended may take nothing of what it still gets.
pub(super) const LAST_LINE: Duration = Duration::from_secs(1);

/// How long a drain thread waits for a client that is being ended and takes nothing. Longer than [`LAST_LINE`], since a
/// socket shows that its peer reads slowly only when a large part of its buffer has become free.
const CLOSING_PATIENCE: Duration = Duration::from_secs(3);

/// How long that may go on in all, for a client that takes it byte by byte.
const LAST_LINES: Duration = Duration::from_secs(10);

/// How often a speaker goes round its claims before it leaves the rest to a relief thread, and reads on.
const ROUNDS: usize = 8;

/// What every thread that writes needs.
#[derive(Debug)]
pub(super) struct Postman {
    pub(super) crew: Arc<Crew>,
    pub(super) events: EventSink,
    /// How much may wait.
    pub(super) budget: Budget,
    /// How long a socket may take nothing.
    pub(super) patience: Duration,
    /// The server has stopped and nobody's last lines are waited for any more: set once by whoever stops it, read by drain
    /// threads. It guards no other data, so `Relaxed`.
    pub(super) hurry: AtomicBool,
}

impl Postman {
    pub(super) fn new(events: EventSink, budget: Budget, patience: Duration) -> Arc<Postman> {
        Arc::new(Postman { crew: Arc::default(), events, budget, patience, hurry: AtomicBool::new(false) })
    }
}

/// The right, and the duty, to write for one client. Whoever holds it takes from the outbox until that is empty, or
/// hands it on. Dropping it before that ends the client: its stream may have been cut anywhere.
#[derive(Debug)]
struct Claim {
    postman: Arc<Postman>,
    client: Arc<Client>,
    /// Bytes written since the last take.
    written: usize,
    /// Pieces were taken that are neither reported as written nor put back.
    in_hand: bool,
    /// The outbox said that the claim is over.
    over: bool,
}

/// How one write went.
enum Step {
    /// The socket took everything; more may have come.
    Written,
    /// The socket is full.
    Full,
    /// The claim is over.
    Over,
    /// The claim is over, and the last line is out.
    Finished,
}

/// Makes a socket fit for [`Claims`]: writes give up quickly, and small ones are sent at once (without it, Nagle's
/// algorithm and delayed acknowledgements together add up to 40 ms).
pub(super) fn prepare(socket: &std::net::TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    socket.set_write_timeout(Some(FULL_AFTER))
}

/// What a thread has pushed and must now write. Made empty, filled under the registry's lock, delivered outside it:
/// at the latest when it is dropped, so that a thread that returns early or panics leaves nothing unwritten.
#[derive(Debug)]
pub(super) struct Claims {
    postman: Arc<Postman>,
    held: Vec<Claim>,
    /// Where taken pieces pass through; kept for its memory.
    pieces: Vec<Piece>,
}

impl Claims {
    pub(super) fn new(postman: &Arc<Postman>) -> Claims {
        Claims { postman: postman.clone(), held: Vec::new(), pieces: Vec::new() }
    }

    /// Leaves a piece for a client. One for whom too much waits already is ended instead. `true`: it was left.
    pub(super) fn push(&mut self, client: &Arc<Client>, piece: &Piece) -> bool {
        match client.outbox.push(piece, &self.postman.budget) {
            Pushed::Claimed => self.claim(client),
            Pushed::Left => {}
            Pushed::Closed => return false,
            Pushed::Overflow => {
                let detail = "too much waited for you to read it";
                self.end(client, ErrorCode::TooSlow, detail, Backlog::Drop);
                return false;
            }
        }
        true
    }

    /// Ends a client with a last line.
    pub(super) fn end(&mut self, client: &Arc<Client>, code: ErrorCode, detail: &str, backlog: Backlog) {
        if client.end(code, detail, backlog, &self.postman.budget) == Pushed::Claimed {
            self.claim(client);
        }
    }

    /// Writes what waits for a client, then closes its connection.
    pub(super) fn finish(&mut self, client: &Arc<Client>) {
        if client.outbox.finish(None, Backlog::Keep, &self.postman.budget) == Pushed::Claimed {
            self.claim(client);
        }
    }

    fn claim(&mut self, client: &Arc<Client>) {
        let (postman, client) = (self.postman.clone(), client.clone());
        self.held.push(Claim { postman, client, written: 0, in_hand: false, over: false });
    }

    /// Writes. To be called with no lock held.
    pub(super) fn deliver(&mut self) {
        if self.held.is_empty() {
            return;
        }
        for _ in 0..ROUNDS {
            self.go_round();
            if self.held.is_empty() {
                return;
            }
        }
        // The others have much to say, and this thread has a client of its own to listen to.
        let mut heir = Claims::new(&self.postman);
        heir.held.append(&mut self.held);
        // If there is no thread to be had, the closure is dropped, with it the claims, and dropping them writes.
        if let Err(error) = self.postman.crew.spawn("relief".into(), move || heir.deliver_all()) {
            let what = "start a relief thread";
            self.postman.events.report(Happening::OutOfResources { what, error: error.to_string() });
        }
    }

    /// Writes until nothing is left, however long others go on to speak: the life of a relief thread.
    fn deliver_all(&mut self) {
        while !self.held.is_empty() {
            self.go_round();
        }
    }

    /// One write for each claim.
    fn go_round(&mut self) {
        // Others who are ready to speak may leave their bytes first: then one write carries them all.
        thread::yield_now();
        let pieces = &mut self.pieces;
        self.held.retain_mut(|claim| match claim.step(pieces) {
            Step::Written => true,
            Step::Over => false,
            Step::Finished => {
                claim.client.shut();
                false
            }
            Step::Full => {
                claim.hand_over();
                false
            }
        });
    }
}

impl Drop for Claims {
    fn drop(&mut self) {
        // Was it a panic in the middle of a write? Nobody knows how much of that came out, so that one client is ended.
        self.pieces.clear();
        self.held.retain(|claim| !claim.in_hand);
        self.deliver_all();
    }
}

impl Claim {
    /// Takes what waits, and writes it once.
    fn step(&mut self, pieces: &mut Vec<Piece>) -> Step {
        let begun = match self.client.outbox.take(std::mem::take(&mut self.written), pieces, &self.postman.budget) {
            Taken::Pieces { begun } => begun,
            Taken::Empty => {
                self.over = true;
                return Step::Over;
            }
            Taken::Finished => {
                self.over = true;
                return Step::Finished;
            }
        };
        self.in_hand = true;
        let total = pieces.iter().map(|piece| piece.len()).sum::<usize>() - begun;
        let step = match write_once(&self.client, pieces, begun) {
            Ok(written) if written == total => {
                self.written = written;
                pieces.clear();
                Step::Written
            }
            Ok(written) => {
                let begun = skip(pieces, begun + written);
                self.client.outbox.put_back(written, pieces, begun, &self.postman.budget);
                Step::Full
            }
            Err(error) => {
                pieces.clear();
                self.abort(Ending::Broken(error.to_string()));
                Step::Over
            }
        };
        self.in_hand = false;
        step
    }

    /// Leaves the claim to a thread that may wait.
    fn hand_over(&mut self) {
        let heir = Claim {
            postman: self.postman.clone(),
            client: self.client.clone(),
            written: std::mem::take(&mut self.written),
            in_hand: false,
            over: std::mem::replace(&mut self.over, true),
        };
        let name = format!("drain {}", heir.client.name);
        // If there is no thread to be had, the closure is dropped, with it the claim, and with that the client.
        if let Err(error) = self.postman.crew.spawn(name, move || heir.drain()) {
            let what = "start a drain thread";
            self.postman.events.report(Happening::OutOfResources { what, error: error.to_string() });
        }
    }

    /// Gives the client up.
    fn abort(&mut self, why: Ending) {
        self.over = true;
        self.client.abort(why, &self.postman.budget);
    }

    /// The life of a drain thread: writes until the outbox is empty, or the client has taken nothing for too long.
    ///
    /// It waits in longer writes than a speaker. The time-out belongs to the socket, so it is put back before the
    /// take that may end the claim.
    fn drain(mut self) {
        let (socket, patience) = (self.client.socket.clone(), self.postman.patience);
        let mut pieces = Vec::with_capacity(TAKE_MAX);
        let mut stalled: Option<Instant> = None;
        let mut closing: Option<Instant> = None;
        loop {
            let taken_before = self.client.outbox.written();
            match self.step(&mut pieces) {
                Step::Over => break,
                Step::Finished => {
                    // Much of what was written may still wait in the kernel for the reader. It would be lost with a
                    // reset, which is what input gets that comes after the reading half is shut (RFC 1122, section
                    // 4.2.2.13). So that half stays open for a while, and the client's thread reads its input away.
                    let _ = socket.shutdown(Shutdown::Write);
                    thread::sleep(LAST_LINE);
                    self.client.shut();
                    break;
                }
                Step::Written => {
                    if stalled.take().is_some() {
                        self.client.set_stalled(None);
                        // It can fail only on a broken socket, which the next write finds.
                        let _ = socket.set_write_timeout(Some(FULL_AFTER));
                    }
                }
                Step::Full if cfg!(windows) => {
                    let detail = "a write to your connection timed out";
                    self.abort(Ending::Ended(ErrorCode::TooSlow, detail.into()));
                    break;
                }
                Step::Full => {
                    let moved = self.client.outbox.written() > taken_before;
                    let since = match stalled {
                        Some(since) if !moved => since,
                        _ => {
                            let _ = socket.set_write_timeout(Some(DRAIN_TICK));
                            Instant::now()
                        }
                    };
                    stalled = Some(since);
                    self.client.set_stalled(stalled);
                    if self.client.outbox.is_closing() {
                        closing.get_or_insert_with(Instant::now);
                    }
                    let limit = if closing.is_some() { CLOSING_PATIENCE.min(patience) } else { patience };
                    if since.elapsed() >= limit
                        || closing.is_some_and(|since| since.elapsed() >= LAST_LINES)
                        || self.postman.hurry.load(Ordering::Relaxed)
                    {
                        // Whoever is being ended has a reason already, which stays.
                        let detail = format!("you read nothing for {} s", since.elapsed().as_secs());
                        self.abort(Ending::Ended(ErrorCode::TooSlow, detail));
                        break;
                    }
                }
            }
        }
        self.client.set_stalled(None);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.over {
            self.abort(Ending::Broken("the thread that wrote to it could not go on".into()));
        }
    }
}

/// One write of all pieces but the first `begun` bytes. A full socket takes 0 bytes.
fn write_once(client: &Client, pieces: &[Piece], begun: usize) -> io::Result<usize> {
    let mut slices = [IoSlice::new(&[]); TAKE_MAX];
    for (slice, piece) in slices.iter_mut().zip(pieces) {
        *slice = IoSlice::new(piece);
    }
    slices[0] = IoSlice::new(&pieces[0][begun..]);
    loop {
        match (&*client.socket).write_vectored(&slices[..pieces.len()]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => return Ok(written),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                // Which of the two a timed-out write gives depends on the system.
                ErrorKind::WouldBlock | ErrorKind::TimedOut => return Ok(0),
                _ => return Err(error),
            },
        }
    }
}

/// Removes the pieces that lie wholly within the first `bytes`; returns how much of the then first piece does.
fn skip(pieces: &mut Vec<Piece>, mut bytes: usize) -> usize {
    let whole = pieces
        .iter()
        .take_while(|piece| {
            let written = piece.len() <= bytes;
            if written {
                bytes -= piece.len();
            }
            written
        })
        .count();
    pieces.drain(..whole);
    bytes
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
