//! People: who is in the room, who of them is away or typing, and the user's own presence. The user chooses how much of
//! that is sent and requested ([`Privacy`]).
//!
//! A method returns what has to be sent, and the [`Chat`](super::Chat) sends it. Runs on the UI thread.

pub mod joins;
mod natural;
pub mod presence;
pub mod privacy;
pub mod roster;
pub mod rows;
pub mod typing;

use joins::Joins;
use presence::Presence;
use privacy::Privacy;
use roster::{Away, Roster};
use typing::Typing;

/// The people in the room, the user among them.
#[derive(Debug, Default)]
pub struct People {
    /// The people in the room.
    roster: Roster,
    typing: Typing,
    presence: Presence,
    privacy: Privacy,
    joins: Joins,
}

impl People {
    /// Returns the people in the room.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Adds a user. Returns whether the user is new.
    pub(super) fn join(&mut self, name: &str) -> bool {
        self.roster.add(name)
    }

    /// Returns the user's choice of what to send to others and to request of them.
    pub fn privacy(&self) -> Privacy {
        self.privacy
    }

    /// Sets the user's choice.
    pub(super) fn set_privacy(&mut self, privacy: Privacy) {
        if !privacy.show_typing {
            self.typing.others.clear();
        }
        self.privacy = privacy;
        // A setting changes how every row is shown.
        self.roster.version += 1;
    }

    /// Returns the user's choice of what is shown of joins and leaves.
    pub fn joins(&self) -> Joins {
        self.joins
    }

    /// Sets that choice, which takes effect at once.
    pub fn set_joins(&mut self, joins: Joins) {
        self.joins = joins;
    }

    /// Removes a person. Returns whether they were in the room.
    pub(super) fn left(&mut self, name: &str) -> bool {
        self.typing.others.retain(|typist| typist.name != name);
        self.roster.remove(name)
    }

    /// Removes all, at the end of a connection.
    pub(super) fn clear(&mut self) {
        self.roster.clear();
        self.typing.others.clear();
    }

    /// Records that a person is away, or back if the reason is empty.
    pub(super) fn set_away(&mut self, name: &str, away: Away) {
        self.roster.set_away(name, Some(away).filter(|away| !away.reason.is_empty()));
    }

    /// Returns whether a person is away; always `None` if the user has turned that off.
    pub(super) fn away(&self, name: &str) -> Option<&Away> {
        self.roster.away(name).filter(|_| self.privacy.show_away)
    }

    /// Returns a number that changes whenever the list may have changed.
    pub(super) fn version(&self) -> u64 {
        self.roster.version + self.presence.version
    }
}
