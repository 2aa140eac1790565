//! A claim: the right, and the duty, to write for one client. One step of it takes what waits, and writes it once.
//!
//! It belongs to one thread at a time, which may be any of the server's: a speaker's, a relief thread, a drain thread.

use std::io::{self, IoSlice};
use std::sync::Arc;

use super::WriterContext;
use super::client::Client;
use super::outbox::{Chunk, TAKE_MAX, Taken};
use crate::server::observe::activity::ThreadRole;
use crate::server::observe::event::{DisconnectReason, EventKind};
use crate::transport::{IfFull, Sent};
use crate::wire::Origin;

/// The right, and the duty, to write for one client. Whoever holds it takes from the outbox until that is empty, or
/// hands it on. Dropping it before that ends the client: its stream may have been cut anywhere.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) writers: Arc<WriterContext>,
    pub(super) client: Arc<Client>,
    /// Bytes written since the last take.
    written: usize,
    /// Pieces were taken that are neither reported as written nor put back.
    pub(super) in_hand: bool,
    /// The outbox said that the claim is over.
    over: bool,
}

/// Up to so many bytes are put together and written as one. To look at many small pieces takes the kernel longer than to
/// copy them takes us; of large ones it is the other way round.
const GATHER_MAX: usize = 8 * 1024;

/// Where taken pieces pass through, kept for its memory from one write to the next.
#[derive(Debug, Default)]
pub(super) struct WriteScratch {
    pub(super) pieces: Vec<Chunk>,
    gathered: Vec<u8>,
}

/// How one write went.
pub(super) enum Step {
    /// The socket took everything; more may have come.
    Written,
    /// The socket is full. Did it take something before it was?
    Full { moved: bool },
    /// The claim is over.
    Over,
    /// The claim is over, and the last line is out.
    Finished,
}

impl Claim {
    pub(super) fn new(writers: Arc<WriterContext>, client: Arc<Client>) -> Claim {
        Claim { writers, client, written: 0, in_hand: false, over: false }
    }

    /// Takes what waits, and writes it once.
    pub(super) fn step(&mut self, tray: &mut WriteScratch, if_full: IfFull) -> Step {
        // Of what was taken before, with TLS, the socket may have some still to take.
        match self.client.transport.send(&mut [], if_full) {
            Ok(Sent { left: false, .. }) => {}
            Ok(Sent { moved, .. }) => return Step::Full { moved },
            Err(error) => {
                self.abort(DisconnectReason::Broken(error.to_string()));
                return Step::Over;
            }
        }
        let begun =
            match self.client.outbox.take(std::mem::take(&mut self.written), &mut tray.pieces, &self.writers.budget) {
                Taken::Pieces { begun } => begun,
                Taken::Empty => {
                    self.over = true;
                    return Step::Over;
                }
                Taken::Finished => {
                    self.over = true;
                    // Whoever does not read it sees the end of TCP instead.
                    let _ = self.client.transport.end();
                    return Step::Finished;
                }
            };
        self.in_hand = true;
        let total = tray.pieces.iter().map(|piece| piece.len()).sum::<usize>() - begun;
        let step = match write_once(&self.client, tray, begun, if_full) {
            Ok(Sent { taken, left: false, .. }) if taken == total => {
                self.show(&tray.pieces, begun + taken);
                self.written = taken;
                tray.pieces.clear();
                Step::Written
            }
            Ok(Sent { taken, moved, .. }) => {
                self.show(&tray.pieces, begun + taken);
                let begun = skip(&mut tray.pieces, begun + taken);
                self.client.outbox.put_back(taken, &mut tray.pieces, begun, &self.writers.budget);
                Step::Full { moved }
            }
            Err(error) => {
                tray.pieces.clear();
                self.abort(DisconnectReason::Broken(error.to_string()));
                Step::Over
            }
        };
        self.in_hand = false;
        step
    }

    /// Lets the lines of those pieces be seen that lie wholly within the first `bytes`: this thread wrote their last byte.
    fn show(&self, pieces: &[Chunk], mut bytes: usize) {
        let Some(tap) = self.writers.events.tap.open() else { return };
        for piece in pieces {
            let Some(left) = bytes.checked_sub(piece.len()) else { return };
            tap.record_out(Origin::Server, &self.client.name, piece);
            bytes = left;
        }
    }

    /// Leaves the claim to a thread that may wait.
    pub(super) fn hand_over(&mut self) {
        let heir = Claim {
            writers: self.writers.clone(),
            client: self.client.clone(),
            written: std::mem::take(&mut self.written),
            in_hand: false,
            over: std::mem::replace(&mut self.over, true),
        };
        let (name, duty) = (format!("drain {}", heir.client.name), ThreadRole::Drain(heir.client.id));
        // If there is no thread to be had, the closure is dropped, with it the claim, and with that the client.
        if let Err(error) = self.writers.threads.spawn(name, duty, move || heir.drain()) {
            let what = "start a drain thread";
            self.writers.events.report(EventKind::OutOfResources { what, error: error.to_string() });
        }
    }

    /// Gives the client up.
    pub(super) fn abort(&mut self, why: DisconnectReason) {
        self.over = true;
        self.client.abort(why, &self.writers.budget);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.over {
            self.abort(DisconnectReason::Broken("the thread that wrote to it could not go on".into()));
        }
    }
}

/// One write of all pieces but the first `begun` bytes.
fn write_once(
    client: &Client,
    WriteScratch { pieces, gathered }: &mut WriteScratch,
    begun: usize,
    if_full: IfFull,
) -> io::Result<Sent> {
    let small = pieces.iter().map(|piece| piece.len()).sum::<usize>() <= GATHER_MAX;
    let whole: &[u8] = match &**pieces {
        [one] => one,
        several if small => {
            gathered.clear();
            several.iter().for_each(|piece| gathered.extend_from_slice(piece));
            gathered
        }
        several => {
            let mut slices = [IoSlice::new(&[]); TAKE_MAX];
            for (slice, piece) in slices.iter_mut().zip(several) {
                *slice = IoSlice::new(piece);
            }
            slices[0] = IoSlice::new(&several[0][begun..]);
            return client.transport.send(&mut slices[..several.len()], if_full);
        }
    };
    client.transport.send(&mut [IoSlice::new(&whole[begun..])], if_full)
}

/// Removes the pieces that lie wholly within the first `bytes`; returns how much of the then first piece does.
fn skip(pieces: &mut Vec<Chunk>, mut bytes: usize) -> usize {
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
