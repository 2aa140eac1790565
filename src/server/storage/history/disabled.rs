//! The history in a build without the feature `storage`: no message is stored.
//!
//! [`History`] and [`Ring`] have no values, so the compiler knows that their methods are never called.

pub(crate) mod types;

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::message::Message;
use crate::clock::Clock;
use crate::protocol::{Capabilities, Rejected, Stamp};
use crate::server::config::Config;
use crate::server::network::Network;
use crate::server::observe::event::{EventKind, EventSink};
use crate::server::observe::threads::ThreadTracker;
use types::{Answer, Deletion, HistoryError, HistorySummary, Keep};

#[derive(Debug)]
pub(crate) enum History {}

#[derive(Debug)]
pub(crate) enum Ring {}

#[derive(Debug)]
pub(crate) struct QueryState;

impl QueryState {
    pub(crate) fn new(_: Network) -> QueryState {
        QueryState
    }
}

impl History {
    pub(crate) fn start(
        config: &Config,
        _: &Arc<Keep>,
        events: &EventSink,
        _: &Arc<ThreadTracker>,
    ) -> (Option<History>, Option<Ring>) {
        if let Some(file) = config.history.clone() {
            let why = "this server was built without the feature `storage`: build it with that feature".into();
            events.report(EventKind::NoHistory { file, why });
        }
        (None, None)
    }
}

never! {
    impl History {
        pub(crate) fn store(&self, _: impl Iterator<Item = Message>);
        pub(crate) fn past(&self, _: &QueryState, _: u64, _: Stamp, _: usize) -> Result<Answer, Rejected>;
        pub(crate) fn find(&self, _: &mut QueryState, _: u64, _: &str) -> Result<Answer, Rejected>;
        pub(crate) fn summary(&self, _: u64, _: &str, _: usize) -> Result<HistorySummary, HistoryError>;
        pub(crate) fn stamps(&self, _: u64, _: &Deletion, _: Stamp, _: usize) -> Vec<Stamp>;
        pub(crate) fn delete(&self, _: u64, _: &Deletion, _: Stamp) -> Result<Option<u64>, HistoryError>;
        pub(crate) fn export(&self, _: u64, _: &Path, _: &Clock) -> io::Result<u64>;
        pub(crate) fn keep_changed(&self);
        pub(crate) fn close(&self);
        pub(crate) fn stop(&self);
    }
}

never! {
    impl Ring {
        pub(crate) fn add(&self, _: Message);
        pub(crate) fn newest(&self) -> Stamp;
        pub(crate) fn taken(&self) -> u64;
        pub(crate) fn after(&self, _: Stamp, _: usize) -> (Vec<Message>, bool);
        pub(crate) fn delete(&self, _: &Deletion) -> Vec<Stamp>;
        pub(crate) fn replay(&self, _: Capabilities) -> Vec<u8>;
    }
}
