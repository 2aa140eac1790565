//! One client of the room: it joins, hears and is heard.

use std::io;

use hdrhistogram::Histogram;

use crate::log::Log;
use crate::net::Link;
use crate::receiver::{Faults, Receiver};
use crate::wire::{self, Heard, Template};

/// The longest time that is told from longer ones, in nanoseconds.
const LATENCY_MAX: u64 = 100_000_000_000;

/// How far a client has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It has said HELLO.
    Joining,
    /// It has heard its own HELLO.
    Here,
    /// What it hears is compared with what all others hear.
    Checked,
    /// It does not read any more, on purpose.
    Silent,
}

/// See the [module](self).
pub(crate) struct Client {
    pub(crate) link: Link,
    pub(crate) name: String,
    index: usize,
    pub(crate) phase: Phase,
    /// HELLO lines before the checks began: who was here, and who came since.
    pub(crate) hellos: u64,
    pub(crate) receiver: Receiver,
    /// Messages that came to it.
    pub(crate) received: u64,
    /// How long messages took to come to it, in nanoseconds, while that is measured.
    pub(crate) latencies: Option<Histogram<u32>>,
    /// Messages that it said, and those of them that came back.
    pub(crate) sent: u64,
    pub(crate) confirmed: u64,
    /// How many of its messages may be on their way: if not 0, it speaks on as soon as fewer are.
    pub(crate) window: u64,
    template: Template,
    /// Where messages are put together; kept for its memory.
    out: Vec<u8>,
    faults: Faults,
    refused: Option<String>,
}

impl Client {
    pub(crate) fn new(index: usize, link: Link) -> Client {
        Client {
            link,
            name: wire::name(index),
            index,
            phase: Phase::Joining,
            hellos: 0,
            receiver: Receiver::default(),
            received: 0,
            latencies: None,
            sent: 0,
            confirmed: 0,
            window: 0,
            template: Template::new(index, 0),
            out: Vec::new(),
            faults: Faults::default(),
            refused: None,
        }
    }

    /// From now on its messages are lines of this many bytes.
    pub(crate) fn set_size(&mut self, size: usize) {
        self.template = Template::new(self.index, size);
    }

    /// From now on it is measured how long messages take.
    pub(crate) fn measure(&mut self) {
        // The bounds are constants that make sense, so there is a histogram.
        self.latencies = Histogram::new_with_bounds(1000, LATENCY_MAX, 2).ok();
    }

    /// Takes the whole lines at the beginning of `bytes`; returns how many bytes they are.
    pub(crate) fn hear(&mut self, bytes: &[u8], log: &mut Log, now: u64) -> usize {
        let mut used = 0;
        while self.phase != Phase::Checked {
            let Some(lf) = memchr::memchr(b'\n', &bytes[used..]) else { return used };
            self.before_the_start(&bytes[used..=used + lf]);
            used += lf + 1;
        }
        let Client { receiver, received, confirmed, latencies, index, .. } = self;
        used + receiver.read(log, &bytes[used..], |run, lines| {
            let Some(first) = run.first else { return };
            *received += lines;
            if first.speaker == *index {
                *confirmed += lines;
            }
            if let Some(latencies) = latencies {
                latencies.saturating_record_n(now.saturating_sub(first.sent), u32::try_from(lines).unwrap_or(u32::MAX));
            }
        })
    }

    fn before_the_start(&mut self, line: &[u8]) {
        match wire::read(line) {
            Heard::Hello(name) => {
                self.hellos += 1;
                if name == self.name.as_bytes() && self.phase == Phase::Joining {
                    self.phase = Phase::Here;
                }
            }
            Heard::Start => self.phase = Phase::Checked,
            Heard::Bye | Heard::Said(_) => {}
            Heard::Strange => {
                self.faults.strange += 1;
                self.refused.get_or_insert_with(|| String::from_utf8_lossy(line).trim_end().to_owned());
            }
        }
    }

    /// Says so many messages.
    pub(crate) fn speak(&mut self, count: u64, now: u64) -> io::Result<()> {
        self.out.clear();
        for _ in 0..count {
            self.template.put(&mut self.out, self.sent, now);
            self.sent += 1;
        }
        self.link.send(&self.out)
    }

    /// Says as many messages as its window allows.
    pub(crate) fn speak_on(&mut self, now: u64) -> io::Result<()> {
        let free = (self.confirmed + self.window).saturating_sub(self.sent);
        if self.window > 0 && free > 0 { self.speak(free, now) } else { Ok(()) }
    }

    /// The first thing that it heard and that made no sense.
    pub(crate) fn strange(&self) -> Option<&str> {
        self.refused.as_deref().or(self.receiver.strangest.as_deref())
    }

    /// What was wrong, when nothing more will come.
    pub(crate) fn faults(&self, log: &Log, never_came: u64) -> Faults {
        let mut faults = self.receiver.faults(log, never_came);
        faults += self.faults;
        faults
    }
}
