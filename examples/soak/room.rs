//! What all who take part share: where the server is, how long to go on, and the book of what happened.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::dice::Dice;
use crate::peer::Wrong;

/// Lines per second that the server takes from each, which those who behave stay far below.
pub(crate) const RATE: u32 = 400;

/// Lines that it takes at once.
pub(crate) const BURST: u32 = 400;

/// How many findings are told in full.
const TOLD_MAX: usize = 20;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) addr: SocketAddr,
    /// When to stop beginning anything new.
    pub(crate) until: Instant,
    started: Instant,
    seed: u64,
    actors: AtomicUsize,
    /// Those who listen to everything, and have joined.
    pub(crate) listening: AtomicUsize,
    /// Nobody else is here any more: set when all others are gone.
    pub(crate) quiet: AtomicBool,
    /// By speaker: how many messages it has sent in all, known when it has sent the last.
    said: Mutex<BTreeMap<String, u64>>,
    /// What became of each life, by kind.
    lives: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    findings: Mutex<Vec<Wrong>>,
    /// Written by those who listen to everything, read for the progress.
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

    /// Dice for another thread; made in the same order in every run.
    pub(crate) fn dice(&self) -> Dice {
        Dice::new(self.seed, self.actors.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Whole seconds since the start.
    pub(crate) fn seconds(&self) -> u64 {
        self.started.elapsed().as_secs()
    }

    /// Something is not as it must be.
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

    /// A speaker has sent its last message.
    pub(crate) fn has_said(&self, speaker: &str, count: u64) {
        lock(&self.said).insert(speaker.into(), count);
    }

    /// How many messages a speaker has sent in all; `None` while it goes on.
    pub(crate) fn said_by(&self, speaker: &str) -> Option<u64> {
        lock(&self.said).get(speaker).copied()
    }

    /// One life after the other, each under a name of its own, until the time is over.
    pub(crate) fn live(&self, kind: &'static str, number: usize, mut dice: Dice, life: Life) {
        for turn in 0.. {
            if self.is_over() {
                return;
            }
            let name = format!("{kind}-{number}-{turn}");
            match life(self, &name, &mut dice) {
                Ok(outcome) => self.count_life(kind, outcome),
                Err(wrong) => {
                    self.count_life(kind, "WRONG");
                    self.report(&name, &wrong);
                }
            }
            // Not to wait for anything: so that there is time left for the others.
            thread::sleep(dice.millis(0, 50));
        }
    }
}

/// From connecting to the end of the connection. Says in a word how it went.
pub(crate) type Life = fn(&Room, &str, &mut Dice) -> Result<&'static str, Wrong>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
