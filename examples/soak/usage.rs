//! The resources of this process: threads, descriptors, memory. Read from /proc, so on Linux only.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::peer::DEADLINE;

/// Resources that must be released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    threads: u64,
    descriptors: usize,
}

impl Usage {
    pub(crate) fn now() -> Option<Usage> {
        Some(Usage { threads: status("Threads:")?, descriptors: fs::read_dir("/proc/self/fd").ok()?.count() })
    }

    /// Waits until no more is held than before; returns a description of what is still held at the deadline. The wait is needed,
    /// since a joined thread may still be counted for a moment, and a socket is closed by the last thread that drops it.
    pub(crate) fn left_over(before: Option<Usage>) -> Option<String> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let (before, now) = (before?, Usage::now()?);
            if now == before {
                return None;
            }
            if Instant::now() > deadline {
                return Some(format!("before: {before:?}, now: {now:?}"));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Returns the resident memory, in KiB.
pub(crate) fn memory() -> Option<u64> {
    status("VmRSS:")
}

fn status(field: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Reports memory that grows without a bound. It compares the peaks of the second and of the last quarter of the run: in the second
/// quarter, all permanent buffers, stacks and arenas exist.
pub(crate) fn grows(samples: &[u64]) -> Option<String> {
    let quarter = samples.len() / 4;
    if quarter < 5 {
        return None;
    }
    let early = samples[quarter..2 * quarter].iter().max()?;
    let late = samples[3 * quarter..].iter().max()?;
    (*late > early + early / 4 + 16 * 1024).then(|| format!("memory grew from {early} to {late} KiB"))
}
