//! Without the feature `discovery`, nothing is announced and nothing is heard.

use crate::discovery::{Announcement, HeardServer};

/// The announcement of a server: there is none.
#[derive(Debug)]
pub enum Announcer {}

/// The names under which a server is announced: none.
pub type Names = std::iter::Empty<Result<String, String>>;

impl Announcer {
    /// Announces nothing.
    ///
    /// # Errors
    /// Never.
    pub fn start(_: &Announcement) -> Result<Option<(Announcer, Names)>, String> {
        Ok(None)
    }

    /// Returns true.
    pub fn withdraw(self) -> bool {
        true
    }
}

/// The list of servers: there is none.
#[derive(Debug)]
pub struct Listener;

impl Listener {
    /// Listens to nothing.
    pub fn start() -> Listener {
        Listener
    }

    /// Returns false.
    pub fn has_news(&self) -> bool {
        false
    }

    /// Returns nothing.
    pub fn news(&self) -> Option<Vec<HeardServer>> {
        None
    }
}
