//! State shared by all clients of a soak: the server's address, the end of the run, and the results.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::peer::Wrong;
use crate::rng::Rng;

/// Rate limit of the server, in lines per second. Well-behaved clients stay far below it.
pub(crate) const RATE: u32 = 400;

/// Burst limit of the server, in lines.
pub(crate) const BURST: u32 = 400;

/// Maximum number of findings that are printed.
const TOLD_MAX: usize = 20;

/// The shared state. See the [module](self).
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) addr: SocketAddr,
    /// Time after which no client starts anything new.
    pub(crate) until: Instant,
    started: Instant,
    seed: u64,
    actors: AtomicUsize,
    /// Number of well-behaved clients that have joined.
    pub(crate) listening: AtomicUsize,
    /// Set when all other clients are disconnected.
    pub(crate) quiet: AtomicBool,
    /// Total number of messages by sender, set when the sender has sent the last.
    said: Mutex<BTreeMap<String, u64>>,
    /// Number of lives by kind and outcome.
    lives: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    findings: Mutex<Vec<Wrong>>,
    /// Number of checked lines, written by the well-behaved clients, read for the progress.
    pub(crate) checked: AtomicU64,
}

impl Room {
    pub(crate) fn new(addr: SocketAddr, length: Duration, seed: u64) -> Room {
        let started = Instant::now();
        Room {
            addr,
            until: started + length,
            started,
            seed,
            actors: AtomicUsize::new(0),
            listening: AtomicUsize::new(0),
            quiet: AtomicBool::new(false),
            said: Mutex::default(),
            lives: Mutex::default(),
            findings: Mutex::default(),
            checked: AtomicU64::new(0),
        }
    }

    /// Returns the generator of another thread. They are created in the same order in every run.
    pub(crate) fn rng(&self) -> Rng {
        Rng::new(self.seed, self.actors.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Returns the whole seconds since the start.
    pub(crate) fn seconds(&self) -> u64 {
        self.started.elapsed().as_secs()
    }

    /// Reports a finding.
    pub(crate) fn report(&self, who: &str, wrong: &str) {
        let mut findings = lock(&self.findings);
        let finding = format!("after {:.1} s, {who}: {wrong}", self.started.elapsed().as_secs_f32());
        if findings.len() < TOLD_MAX {
            eprintln!("WRONG {finding}");
        }
        findings.push(finding);
    }

    pub(crate) fn findings(&self) -> usize {
        lock(&self.findings).len()
    }

    pub(crate) fn count_life(&self, kind: &'static str, outcome: &'static str) {
        *lock(&self.lives).entry((kind, outcome)).or_insert(0) += 1;
    }

    pub(crate) fn lives(&self) -> BTreeMap<(&'static str, &'static str), u64> {
        lock(&self.lives).clone()
    }

    /// Records the total number of messages of a sender.
    pub(crate) fn has_said(&self, sender: &str, count: u64) {
        lock(&self.said).insert(sender.into(), count);
    }

    /// Returns the total number of messages of a sender; `None` while it is still sending.
    pub(crate) fn said_by(&self, sender: &str) -> Option<u64> {
        lock(&self.said).get(sender).copied()
    }

    /// Runs one life after the other, each under a name of its own, until the run is over.
    pub(crate) fn live(&self, kind: &'static str, number: usize, mut rng: Rng, life: Life) {
        for turn in 0.. {
            if self.is_over() {
                return;
            }
            let name = format!("{kind}-{number}-{turn}");
            match life(self, &name, &mut rng) {
                Ok(outcome) => self.count_life(kind, outcome),
                Err(wrong) => {
                    self.count_life(kind, "WRONG");
                    self.report(&name, &wrong);
                }
            }
            // Leaves processor time to the other clients; it waits for nothing.
            thread::sleep(rng.millis(0, 50));
        }
    }
}

/// The life of a client, from connecting to the end of the connection. Returns the outcome in a few words.
pub(crate) type Life = fn(&Room, &str, &mut Rng) -> Result<&'static str, Wrong>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
