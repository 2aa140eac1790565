//! Watches the server as its monitor does: its events, its snapshots and its memory.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use multichat::server::{DisconnectReason, Event, EventKind, Server};

use crate::room::Room;
use crate::usage;

/// The observations of a run. See the [module](self).
pub(crate) struct Watch<'a> {
    room: &'a Room,
    server: &'a Server,
    events: Receiver<Event>,
    /// Number of connections by disconnect reason.
    pub(crate) endings: BTreeMap<&'static str, u64>,
    /// The last second that was sampled.
    seconds: u64,
    /// Samples of the resident memory, in KiB, once a second.
    pub(crate) memory: Vec<u64>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(room: &'a Room, server: &'a Server, events: Receiver<Event>) -> Watch<'a> {
        Watch { room, server, events, endings: BTreeMap::new(), seconds: 0, memory: Vec::new() }
    }

    /// Watches until `done` returns true.
    pub(crate) fn until(&mut self, done: impl Fn() -> bool) {
        while !done() {
            self.read_events(Instant::now() + Duration::from_millis(50));
            let seconds = self.room.seconds();
            if seconds > self.seconds {
                self.seconds = seconds;
                self.memory.extend(usage::memory());
                if seconds.is_multiple_of(5) {
                    self.print_progress();
                }
            }
        }
    }

    /// Counts events until a deadline.
    pub(crate) fn read_events(&mut self, until: Instant) {
        while let Ok(event) = self.events.recv_deadline(until) {
            match event.kind {
                EventKind::Left { why: DisconnectReason::Panicked, name, .. } => {
                    self.room.report(name.as_str(), "its thread in the server panicked");
                }
                EventKind::Left { why, .. } | EventKind::Rejected { why, .. } => {
                    *self.endings.entry(why.kind()).or_insert(0) += 1;
                }
                what @ EventKind::OutOfResources { .. } => self.room.report("the server", &what.to_string()),
                _ => {}
            }
            // Under load the channel may never be empty.
            if Instant::now() > until {
                return;
            }
        }
    }

    fn print_progress(&self) {
        let snapshot = self.server.snapshot();
        println!(
            "{:4} s: {:3} here, {:7} messages, {:9} deliveries, {:9} lines checked, {:5} KiB wait, {:6} KiB resident, {} wrong",
            self.seconds,
            snapshot.people.len(),
            snapshot.totals.messages,
            snapshot.totals.deliveries,
            self.room.checked.load(Ordering::Relaxed),
            snapshot.totals.waiting / 1024,
            self.memory.last().unwrap_or(&0),
            self.room.findings(),
        );
    }
}

/// Prints the outcomes of all clients, and the disconnect reasons.
pub(crate) fn print_table(room: &Room, endings: &BTreeMap<&'static str, u64>, events_not_seen: u64) {
    println!("\nclient       outcome                           number");
    for ((kind, outcome), count) in room.lives() {
        println!("{kind:12} {outcome:28} {count:10}");
    }
    println!("\nhow connections ended, as the server saw it ({events_not_seen} events not seen)");
    for (ending, count) in endings {
        println!("{ending:41} {count:10}");
    }
    println!();
}
