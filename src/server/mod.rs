//! The server: starting it, watching it, stopping it.

mod config;
mod event;
mod snapshot;

use std::fmt;

pub use config::Config;
pub use event::{Ending, Event, EventSink, Happening};
pub use snapshot::{Person, Snapshot, Totals};

/// One connection, counted from 1 in the life of a server and never used again. Things are removed by it and not by
/// name: by the time of a late clean-up, the name may be somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(crate) u64);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
