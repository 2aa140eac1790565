//! Retention: when to look for messages that are too old, and up to which stamp they are.
//!
//! Owned by the thread `history`, which deletes them. The decision whether to trust the clock is in `trusted_time.rs`.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::store;
use super::trusted_time::{TrustedTime, micros};
use crate::protocol::Stamp;
use crate::server::observe::event::{EventKind, EventSink};
use crate::server::stamps;

/// Interval between two checks for messages that are too old.
const CHECK_INTERVAL: Duration = Duration::from_mins(1);

/// Maximum lead of the trusted time in memory over the one in the database. A crash loses that much of it, which only
/// delays deletion.
const STORE_INTERVAL: Duration = Duration::from_hours(1);

/// The retention limit of a running server.
#[derive(Debug)]
pub(super) struct Retention {
    /// Time of the next check.
    pub(super) due: Instant,
    /// Time of the last check; `None`: the server has just started.
    checked: Option<Instant>,
    keep: Duration,
    trusted: TrustedTime,
    /// The trusted time that the database has.
    stored: TrustedTime,
    /// The clock is doubted, and that was reported.
    is_doubted: bool,
}

impl Retention {
    /// Reads the trusted time from the database. Messages are kept for `keep`.
    pub(super) fn new(connection: &Connection, keep: Duration) -> rusqlite::Result<Retention> {
        let trusted = store::trusted_time(connection, stamps::now())?;
        Ok(Retention { due: Instant::now(), checked: None, keep, trusted, stored: trusted, is_doubted: false })
    }

    /// Keeps messages for another time from now on. The next check is at once.
    pub(super) fn change(&mut self, keep: Duration) {
        if self.keep != keep {
            self.keep = keep;
            self.due = Instant::now();
        }
    }

    /// Compares with the clock, and returns the stamp before which messages are too old. Reports a doubted clock, once.
    pub(super) fn check(&mut self, now: Instant, events: &EventSink) -> Stamp {
        self.due = now + CHECK_INTERVAL;
        let passed = self.checked.replace(now).map(|before| now.duration_since(before));
        let check = self.trusted.advance(stamps::now(), passed, self.keep);
        if let Some(by) = check.ahead
            && !self.is_doubted
        {
            events.report(EventKind::ClockAhead { by });
        }
        self.is_doubted = check.ahead.is_some();
        check.cutoff
    }

    /// Returns whether the database is behind by [`STORE_INTERVAL`].
    pub(super) fn needs_storing(&self) -> bool {
        self.trusted.time.abs_diff(self.stored.time) >= micros(STORE_INTERVAL)
    }

    /// Stores the trusted time in the database, for the next start.
    pub(super) fn store(&mut self, connection: &Connection) {
        // An error is not reported: then no message can be stored either, which is.
        if store::set_trusted_time(connection, self.trusted).is_ok() {
            self.stored = self.trusted;
        }
    }
}
