//! In the place of `history`, in a build without that feature: nothing is kept.
//!
//! Both types have no value, so the compiler knows that what is done with one never happens.

pub(crate) mod types;

use std::io;
use std::path::Path;

use super::message::Message;
use crate::clock::Clock;
use crate::protocol::{Capabilities, Rejected, Stamp};
use crate::server::config::Config;
use crate::server::delivery::WriterContext;
use crate::server::network::Network;
use crate::server::observe::event::EventKind;
use types::{Deletion, HistorySummary};

#[derive(Debug)]
pub(crate) enum History {}

#[derive(Debug)]
pub(crate) enum Ring {}

#[derive(Debug)]
pub(crate) struct Asker;

impl Asker {
    pub(crate) fn new(_: Network) -> Asker {
        Asker
    }
}

pub(crate) struct Answer {
    pub(crate) messages: Vec<Message>,
    pub(crate) more: bool,
}

impl History {
    pub(crate) fn start(config: &Config, writers: &WriterContext) -> (Option<History>, Option<Ring>) {
        if let Some(file) = config.history.clone() {
            let why = "this server was built without its history (feature `storage`)".into();
            writers.events.report(EventKind::NoHistory { file, why });
        }
        (None, None)
    }

    pub(crate) fn store(&self, _: impl Iterator<Item = Message>) {
        match *self {}
    }

    pub(crate) fn past(&self, _: &Asker, _: u64, _: Stamp, _: usize) -> Result<Answer, Rejected> {
        match *self {}
    }

    pub(crate) fn find(&self, _: &mut Asker, _: u64, _: &str) -> Result<Answer, Rejected> {
        match *self {}
    }

    pub(crate) fn archive(&self, _: u64, _: &str, _: usize) -> Result<HistorySummary, String> {
        match *self {}
    }

    pub(crate) fn forget(&self, _: u64, _: &Deletion) -> Result<Option<u64>, String> {
        match *self {}
    }

    pub(crate) fn export(&self, _: &Path, _: &Clock) -> io::Result<u64> {
        match *self {}
    }

    pub(crate) fn close(&self) {
        match *self {}
    }

    pub(crate) fn stop(&self) {
        match *self {}
    }
}

impl Ring {
    pub(crate) fn add(&mut self, _: Message) {
        match *self {}
    }

    pub(crate) fn newest(&self) -> Stamp {
        match *self {}
    }

    pub(crate) fn taken(&self) -> u64 {
        match *self {}
    }

    pub(crate) fn forget(&mut self, _: &Deletion) {
        match *self {}
    }

    pub(crate) fn replay(&self, _: Capabilities) -> Vec<u8> {
        match *self {}
    }
}
