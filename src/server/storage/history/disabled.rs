//! In the place of `history`, in a build without that feature: nothing is kept.
//!
//! Both types have no value, so the compiler knows that what is done with one never happens.

use std::io;
use std::path::Path;

use super::config::Config;
use super::delivery::Postman;
use super::event::Happening;
use super::message::Message;
use super::network::Network;
use super::{Archive, Forget};
use crate::clock::Clock;
use crate::protocol::{Capabilities, Rejected, Stamp};

#[derive(Debug)]
pub(super) enum History {}

#[derive(Debug)]
pub(super) enum Ring {}

#[derive(Debug)]
pub(super) struct Asker;

impl Asker {
    pub(super) fn new(_: Network) -> Asker {
        Asker
    }
}

pub(super) struct Answer {
    pub(super) messages: Vec<Message>,
    pub(super) more: bool,
}

impl History {
    pub(super) fn start(config: &Config, postman: &Postman) -> (Option<History>, Option<Ring>) {
        if let Some(file) = config.history.clone() {
            let why = "this server was built without its history (feature `history`)".into();
            postman.events.report(Happening::NoHistory { file, why });
        }
        (None, None)
    }

    pub(super) fn store(&self, _: impl Iterator<Item = Message>) {
        match *self {}
    }

    pub(super) fn past(&self, _: &Asker, _: u64, _: Stamp, _: usize) -> Result<Answer, Rejected> {
        match *self {}
    }

    pub(super) fn find(&self, _: &mut Asker, _: u64, _: &str) -> Result<Answer, Rejected> {
        match *self {}
    }

    pub(super) fn archive(&self, _: u64, _: &str, _: usize) -> Result<Archive, String> {
        match *self {}
    }

    pub(super) fn forget(&self, _: u64, _: &Forget) -> Result<Option<u64>, String> {
        match *self {}
    }

    pub(super) fn export(&self, _: &Path, _: &Clock) -> io::Result<u64> {
        match *self {}
    }

    pub(super) fn close(&self) {
        match *self {}
    }

    pub(super) fn stop(&self) {
        match *self {}
    }
}

impl Ring {
    pub(super) fn add(&mut self, _: Message) {
        match *self {}
    }

    pub(super) fn newest(&self) -> Stamp {
        match *self {}
    }

    pub(super) fn taken(&self) -> u64 {
        match *self {}
    }

    pub(super) fn forget(&mut self, _: &Forget) {
        match *self {}
    }

    pub(super) fn replay(&self, _: Capabilities) -> Vec<u8> {
        match *self {}
    }
}
