//! The well-behaved clients, which check everything. They are connected from the first message to the last, so every message of
//! each of them, and of the operator, must reach each of them exactly once, in one order.

use std::collections::{BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use multichat::protocol::{RESERVED, ServerLine, Stamp};

use crate::numbered::{self, Sequence};
use crate::peer::{DEADLINE, End, Heard, Peer, Wrong, parse};
use crate::rng::Rng;
use crate::room::Room;

/// Number of well-behaved clients.
pub(crate) const COUNT: usize = 6;

/// Number of messages between two entries of [`Good::entries`].
const ENTRY: u64 = 1000;

/// A well-behaved client.
#[derive(Debug)]
struct Good<'a> {
    room: &'a Room,
    name: String,
    rng: Rng,
    peer: Peer,
    /// Messages to all, by sender.
    heard: Sequence,
    /// Private messages, by sender.
    told: Sequence,
    /// Lines that were sent and must be answered, the oldest first.
    awaited: VecDeque<Awaited>,
    /// The names in the room, as HELLO and BYE have announced them.
    roster: BTreeSet<String>,
    last_stamp: Stamp,
    order: DefaultHasher,
    ordered: u64,
    /// The hash of the order after every [`ENTRY`] messages, and at the end.
    entries: Vec<u64>,
    sent: u64,
    whispered: u64,
}

#[derive(Debug, PartialEq, Eq)]
enum Awaited {
    Echo(u64),
    Pong(String),
}

pub(crate) fn name(index: usize) -> String {
    format!("good-{index}")
}

/// Runs one client from joining to leaving. Returns the order of all messages as hashes, which must be the same for all clients.
pub(crate) fn live(room: &Room, index: usize, rng: Rng) -> Result<Vec<u64>, Wrong> {
    let name = name(index);
    let joined = Peer::connect(room.addr).and_then(|mut peer| {
        let roster = peer.join(&name, "stamp echo away typing")?;
        Ok((peer, roster))
    });
    room.listening.fetch_add(1, Ordering::SeqCst);
    let (peer, roster) = joined?;
    let mut good = Good {
        room,
        rng,
        peer,
        heard: Sequence::default(),
        told: Sequence::default(),
        awaited: VecDeque::new(),
        roster: roster.into_iter().chain([name.clone()]).collect(),
        last_stamp: 0,
        order: DefaultHasher::new(),
        ordered: 0,
        entries: Vec::new(),
        sent: 0,
        whispered: 0,
        name,
    };
    for sender in senders() {
        good.heard.expect_all_of(&sender);
        good.told.expect_all_of(&sender);
    }
    let neighbour = self::name((index + 1) % COUNT);
    let talked = good.talk(&neighbour);
    room.has_said(&good.name, good.sent);
    room.has_said(&whisper(&good.name, &neighbour), good.whispered);
    talked?;
    good.hear_the_rest(index)?;
    good.leave()?;
    good.entries.push(good.order.finish());
    Ok(good.entries)
}

/// Returns the names whose messages all clients must receive.
pub(crate) fn senders() -> impl Iterator<Item = String> {
    (0..COUNT).map(name).chain([RESERVED.into()])
}

/// Returns the key under which private messages are counted.
fn whisper(from: &str, to: &str) -> String {
    format!("{from} to {to}")
}

impl Good<'_> {
    /// Sends about a hundred lines per second, and receives meanwhile.
    fn talk(&mut self, neighbour: &str) -> Result<(), Wrong> {
        while self.room.listening.load(Ordering::SeqCst) < COUNT && !self.room.is_over() {
            self.hear(Instant::now() + Duration::from_millis(10))?;
        }
        while !self.room.is_over() {
            match self.rng.below(20) {
                0 => {
                    let text = numbered::text(self.whispered, neighbour, &mut self.rng);
                    self.peer.send(format!("TELL {neighbour} {text}\n"))?;
                    self.whispered += 1;
                }
                1 => {
                    let token = format!("{} {}", self.sent, self.rng.below(1000));
                    self.peer.send(format!("PING {token}\n"))?;
                    self.awaited.push_back(Awaited::Pong(token));
                }
                _ => {
                    let text = numbered::text(self.sent, &self.name, &mut self.rng);
                    self.peer.send(format!("MSG {} {text}\n", self.name))?;
                    self.awaited.push_back(Awaited::Echo(self.sent));
                    self.sent += 1;
                }
            }
            let pause = self.rng.millis(1, 20);
            self.hear(Instant::now() + pause)?;
        }
        Ok(())
    }

    /// Receives until all messages of all senders have come and all other clients are disconnected.
    fn hear_the_rest(&mut self, index: usize) -> Result<(), Wrong> {
        let whisperer = name((index + COUNT - 1) % COUNT);
        let deadline = Instant::now() + 2 * DEADLINE;
        loop {
            let missing = senders().find(|from| self.room.said_by(from) != Some(self.heard.next_of(from)));
            let whispers = self.room.said_by(&whisper(&whisperer, &self.name));
            let whispers_missing = whispers != Some(self.told.next_of(&whisperer));
            let quiet = self.room.quiet.load(Ordering::SeqCst);
            if missing.is_none() && !whispers_missing && quiet && self.awaited.is_empty() {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(match missing {
                    Some(from) => {
                        let (said, came) = (self.room.said_by(&from), self.heard.next_of(&from));
                        format!("lost: {from} said {said:?} messages, {came} came")
                    }
                    None if whispers_missing => format!("lost: {whispers:?} of {whisperer}'s private messages"),
                    None if quiet => format!("lost: no answer to {:?}", self.awaited.front()),
                    None => "the other clients are still connected".into(),
                });
            }
            self.hear(Instant::now() + Duration::from_millis(10))?;
        }
    }

    /// Compares the answer to WHO with the announced names, and leaves.
    fn leave(&mut self) -> Result<(), Wrong> {
        self.peer.send("WHO\n")?;
        let (own, roster) = (self.name.clone(), &mut self.roster);
        let mut answer = BTreeSet::new();
        self.peer.wait_for("the answer to WHO", |_, line| match line {
            ServerLine::Bye(name) if roster.remove(name) => Ok(None),
            ServerLine::Hello(name) => {
                answer.insert(name.to_owned());
                Ok((name == own).then_some(()))
            }
            other => Err(format!("{other:?} came in a quiet room")),
        })?;
        if answer != self.roster {
            return Err(format!("WHO says {answer:?}, and HELLO and BYE said {:?}", self.roster));
        }
        if let Some(ghost) = answer.iter().find(|name| !senders().any(|sender| sender == **name)) {
            return Err(format!("{ghost} was left over"));
        }
        self.peer.send("BYE\n")?;
        self.peer.expect_close(|_, line| match line {
            ServerLine::Bye(_) => Ok(()),
            other => Err(format!("{other:?} came in a quiet room")),
        })
    }

    /// Receives until a point in time.
    fn hear(&mut self, until: Instant) -> Result<(), Wrong> {
        loop {
            match self.peer.hear(until)? {
                Heard::Line(line) => {
                    let (stamp, line) = parse(&line)?;
                    self.check(stamp, line)?;
                }
                Heard::Silence => return Ok(()),
                Heard::End(end @ (End::Closed | End::Cut | End::Reset)) => {
                    return Err(format!("the server ended the connection ({end:?})"));
                }
            }
        }
    }

    fn check(&mut self, stamp: Option<Stamp>, line: ServerLine<'_>) -> Result<(), Wrong> {
        self.room.checked.fetch_add(1, Ordering::Relaxed);
        let is_answer = matches!(line, ServerLine::Pong(_) | ServerLine::Err { .. });
        match stamp {
            None if is_answer => {}
            Some(stamp) if !is_answer && stamp > self.last_stamp => self.last_stamp = stamp,
            _ => return Err(format!("the stamp {stamp:?} of {line:?} came after {}", self.last_stamp)),
        }
        match line {
            ServerLine::Hello(name) if self.roster.insert(name.into()) => Ok(()),
            ServerLine::Hello(name) => Err(format!("HELLO {name} came a second time")),
            ServerLine::Bye(name) if self.roster.remove(name) => Ok(()),
            ServerLine::Bye(name) => Err(format!("BYE {name} came without a HELLO")),
            ServerLine::Msg { from, .. } if from != RESERVED && !self.roster.contains(from) => {
                Err(format!("{from} sent a message without having joined"))
            }
            ServerLine::Away { name, .. } if self.roster.contains(name) => Ok(()),
            ServerLine::Typing { from, to } if self.roster.contains(from) && (to.is_empty() || to == self.name) => {
                Ok(())
            }
            ServerLine::Away { .. } | ServerLine::Typing { .. } => {
                Err(format!("{line:?} came, although it is invalid here"))
            }
            ServerLine::Msg { from, text } if senders().any(|sender| sender == from) => {
                let number = self.heard.hear(from, text)?;
                (stamp, from, number).hash(&mut self.order);
                self.ordered += 1;
                if self.ordered.is_multiple_of(ENTRY) {
                    self.entries.push(self.order.finish());
                }
                if from == self.name { self.back(&Awaited::Echo(number)) } else { Ok(()) }
            }
            ServerLine::Tell { from, text } if senders().any(|sender| sender == from) => {
                self.told.hear(from, text).map(|_| ())
            }
            ServerLine::Msg { .. } | ServerLine::Tell { .. } => Ok(()),
            ServerLine::Pong(token) => self.back(&Awaited::Pong(token.into())),
            ServerLine::Err { code, detail } => Err(format!("refused: {code} {detail}")),
            ServerLine::Past { .. }
            | ServerLine::Found { .. }
            | ServerLine::End { .. }
            | ServerLine::Gap(_)
            | ServerLine::Deleted(_)
            | ServerLine::Registered(_)
            | ServerLine::Ok => Err(format!("{line:?} came without being asked for")),
        }
    }

    /// Handles an echo or a PONG, which must answer the oldest line.
    fn back(&mut self, came: &Awaited) -> Result<(), Wrong> {
        match self.awaited.pop_front() {
            Some(oldest) if oldest == *came => Ok(()),
            oldest => Err(format!("{came:?} came back, {oldest:?} was to come")),
        }
    }
}
