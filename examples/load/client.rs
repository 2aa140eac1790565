//! One client of the room: it joins, sends and receives.

use std::io;

use hdrhistogram::Histogram;

use crate::log::Log;
use crate::net::Link;
use crate::receiver::{Faults, Receiver};
use crate::wire::{self, Heard, Template};

/// Maximum latency of the histogram, in nanoseconds. Longer ones are counted as this.
const LATENCY_MAX: u64 = 100_000_000_000;

/// The state of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// HELLO is sent.
    Joining,
    /// Its own HELLO is received.
    Joined,
    /// Everything that it receives is compared with what the others receive.
    Checked,
    /// It stopped reading, on purpose.
    Silent,
}

/// A client and its counters. See the [module](self).
pub(crate) struct Client {
    pub(crate) link: Link,
    pub(crate) name: String,
    index: usize,
    pub(crate) phase: Phase,
    /// Number of HELLO lines before the checks began.
    pub(crate) hellos: u64,
    pub(crate) receiver: Receiver,
    /// Number of messages received.
    pub(crate) received: u64,
    /// Latencies of the received messages, in nanoseconds, while they are measured.
    pub(crate) latencies: Option<Histogram<u32>>,
    /// Number of messages sent, and of those that were echoed.
    pub(crate) sent: u64,
    pub(crate) confirmed: u64,
    /// Maximum number of messages without an echo. If not 0, the client sends as soon as there are fewer.
    pub(crate) window: u64,
    template: Template,
    /// Buffer for encoded messages, reused.
    out: Vec<u8>,
    faults: Faults,
    unexpected: Option<String>,
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
            unexpected: None,
        }
    }

    /// Sets the size of its messages, in bytes of the whole line.
    pub(crate) fn set_size(&mut self, size: usize) {
        self.template = Template::new(self.index, size);
    }

    /// Starts to measure latencies.
    pub(crate) fn measure(&mut self) {
        // `new_with_bounds` fails only for bounds that make no sense, and these are constants.
        self.latencies = Histogram::new_with_bounds(1000, LATENCY_MAX, 2).ok();
    }

    /// Processes the whole lines at the beginning of `bytes`; returns their length in bytes.
    pub(crate) fn receive(&mut self, bytes: &[u8], log: &mut Log, now: u64) -> usize {
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
            if first.sender == *index {
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
                    self.phase = Phase::Joined;
                }
            }
            Heard::Start => self.phase = Phase::Checked,
            Heard::Bye | Heard::Said(_) => {}
            Heard::Strange => {
                self.faults.strange += 1;
                self.unexpected.get_or_insert_with(|| String::from_utf8_lossy(line).trim_end().to_owned());
            }
        }
    }

    /// Sends a number of messages.
    pub(crate) fn send(&mut self, count: u64, now: u64) -> io::Result<()> {
        self.out.clear();
        for _ in 0..count {
            self.template.put(&mut self.out, self.sent, now);
            self.sent += 1;
        }
        self.link.send(&self.out)
    }

    /// Sends as many messages as the window allows.
    pub(crate) fn fill_window(&mut self, now: u64) -> io::Result<()> {
        let free = (self.confirmed + self.window).saturating_sub(self.sent);
        if self.window > 0 && free > 0 { self.send(free, now) } else { Ok(()) }
    }

    /// Returns the first unexpected line.
    pub(crate) fn strange(&self) -> Option<&str> {
        self.unexpected.as_deref().or(self.receiver.strangest.as_deref())
    }

    /// Returns the faults, after the last line has come.
    pub(crate) fn faults(&self, log: &Log, never_came: u64) -> Faults {
        let mut faults = self.receiver.faults(log, never_came);
        faults += self.faults;
        faults
    }
}
