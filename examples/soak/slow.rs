//! Clients that read too slowly, or not at all. They also send private messages to themselves, so that their queues fill soon. No
//! other client may be delayed. The lines that they receive have no gap, and they are disconnected at their queue limit.

use std::thread;
use std::time::{Duration, Instant};

use multichat::protocol::ServerLine;

use crate::good;
use crate::numbered::{self, Sequence};
use crate::peer::{DEADLINE, Heard, Peer, Wrong, parse};
use crate::rng::Rng;
use crate::room::Room;

/// Outcome: disconnected, with the `ERR TOO_SLOW` line received.
pub(crate) const TOLD: &str = "told TOO_SLOW";

/// Outcome: disconnected, without room in the socket for that line.
pub(crate) const CUT: &str = "cut off as too slow";

/// A slow client, with the messages that it has sent to itself and received.
struct Slow<'a> {
    name: &'a str,
    peer: Peer,
    heard: Sequence,
    told: Sequence,
    sent: u64,
    /// `ERR TOO_SLOW` has come.
    was_told: bool,
}

/// The result of catching up.
enum Caught {
    /// Everything is received.
    Up,
    /// The server has closed the connection.
    End,
    /// Neither, before the timeout.
    Late,
}

/// Reads one line at a time with a pause after each, or reads fast with long pauses now and then.
pub(crate) fn reader(room: &Room, name: &str, rng: &mut Rng) -> Result<&'static str, Wrong> {
    let mut slow = Slow::join(room, name)?;
    let until = Instant::now() + rng.millis(500, 15_000);
    let pause = Duration::from_micros(rng.between(10, 5000) as u64);
    let sleepy = rng.one_in(2);
    let length = rng.between(10, 3900);
    // Sending to a connection that the server has closed causes a reset, which discards the reason in the receive buffer. So
    // some clients stop sending early.
    let silent = Instant::now() + rng.millis(100, 10_000);
    let mut next = Instant::now();
    while Instant::now() < until && !room.is_over() {
        if Instant::now() >= next && Instant::now() < silent {
            if slow.tell_itself(length).is_err() {
                break;
            }
            // Below the rate limit.
            next = Instant::now() + Duration::from_millis(4);
        }
        match slow.peer.hear(Instant::now() + Duration::from_millis(1))? {
            Heard::Line(line) => slow.check(&line)?,
            Heard::Silence => {}
            Heard::End(_) => return Ok(slow.outcome()),
        }
        if !sleepy {
            thread::sleep(pause);
        } else if rng.one_in(1000) {
            thread::sleep(rng.millis(1000, 8000));
        }
    }
    // Answers come in order, so everything has come before this PONG. If the server disconnects first, it is cut off.
    let asked = slow.peer.try_send("PING all\n").is_ok();
    match slow.catch_up(room)? {
        Caught::Up if asked && slow.told.next_of(name) == slow.sent => {
            slow.peer.send("BYE\n")?;
            slow.peer.expect_close(|_, _| Ok(()))?;
            Ok("caught up")
        }
        Caught::Up => Err(format!("lost: {} of {} messages to itself came", slow.told.next_of(name), slow.sent)),
        Caught::End => Ok(slow.outcome()),
        Caught::Late => Ok("still behind"),
    }
}

/// Does not read at all, until it is disconnected.
pub(crate) fn stalled(room: &Room, name: &str, rng: &mut Rng) -> Result<&'static str, Wrong> {
    let mut slow = Slow::join(room, name)?;
    if rng.one_in(3) {
        thread::sleep(rng.millis(100, 4000));
        slow.peer.reset();
        return Ok("did nothing");
    }
    let until = Instant::now() + 2 * DEADLINE;
    while slow.tell_itself(3900).is_ok() {
        if room.is_over() {
            slow.peer.reset();
            return Ok("stopped with the rest");
        }
        if Instant::now() > until {
            return Err(format!("was not disconnected after {} messages that it did not read", slow.sent));
        }
        thread::sleep(Duration::from_millis(4));
    }
    match slow.catch_up(room)? {
        Caught::Up => Err("a PONG came that was not asked for".into()),
        Caught::End => Ok(slow.outcome()),
        Caught::Late => Ok("still behind"),
    }
}

impl Slow<'_> {
    fn join<'a>(room: &Room, name: &'a str) -> Result<Slow<'a>, Wrong> {
        let mut peer = Peer::connect_with_small_buffer(room.addr)?;
        peer.join(name, "")?;
        let mut told = Sequence::default();
        told.expect_all_of(name);
        Ok(Slow { name, peer, heard: Sequence::default(), told, sent: 0, was_told: false })
    }

    fn tell_itself(&mut self, length: usize) -> std::io::Result<()> {
        let text = numbered::of(self.sent, 'z', length);
        self.peer.try_send(format!("TELL {} {text}\n", self.name))?;
        self.sent += 1;
        Ok(())
    }

    fn check(&mut self, line: &str) -> Result<(), Wrong> {
        match parse(line)?.1 {
            other if self.was_told => Err(format!("{other:?} came behind ERR TOO_SLOW")),
            ServerLine::Msg { from, text } if good::senders().any(|sender| sender == from) => {
                self.heard.hear(from, text).map(|_| ())
            }
            ServerLine::Tell { from, text } => self.told.hear(from, text).map(|_| ()),
            ServerLine::Err { code: "TOO_SLOW", .. } => {
                self.was_told = true;
                Ok(())
            }
            ServerLine::Err { .. } => Err(format!("refused: {line}")),
            _ => Ok(()),
        }
    }

    /// Reads as fast as it can, until the PONG or end of file. That may take long, since megabytes come through a small window, but
    /// bytes must come all the time.
    fn catch_up(&mut self, room: &Room) -> Result<Caught, Wrong> {
        let limit = room.until.max(Instant::now()) + DEADLINE / 4;
        loop {
            match self.peer.hear(Instant::now() + DEADLINE)? {
                Heard::Line(line) if line == "PONG all" => return Ok(Caught::Up),
                Heard::Line(line) => self.check(&line)?,
                Heard::Silence => return Err("nothing more came, neither PONG nor the end of the stream".into()),
                Heard::End(_) => return Ok(Caught::End),
            }
            if Instant::now() > limit {
                return Ok(Caught::Late);
            }
        }
    }

    /// Returns the outcome after a disconnect. The socket may have been too full even for the line with the reason.
    fn outcome(&self) -> &'static str {
        if self.was_told { TOLD } else { CUT }
    }
}
