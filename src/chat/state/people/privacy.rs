//! Privacy: what this client sends about its user automatically, and what it requests about others. The user chooses.
//! Runs on the UI thread.

use std::time::Duration;

use crate::protocol::Capabilities;

/// The user's choice. What is requested of the server is requested when connecting; everything else takes effect at
/// once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Privacy {
    /// Send typing notifications.
    pub tell_typing: bool,
    /// Request and show typing notifications of others.
    pub show_typing: bool,
    /// Request and show who is away.
    pub show_away: bool,
    /// Time without input after which the user is automatically away; `None` for never.
    pub away_after: Option<Duration>,
}

impl Default for Privacy {
    fn default() -> Privacy {
        let away_after = Some(Duration::from_mins(10));
        Privacy { tell_typing: true, show_typing: true, show_away: true, away_after }
    }
}

impl Privacy {
    /// Returns the capabilities to request in HELLO.
    pub(crate) fn capabilities(self) -> Capabilities {
        Capabilities {
            stamp: true,
            echo: true,
            away: self.show_away,
            typing: self.show_typing,
            label: true,
            deleted: true,
            since: None,
        }
    }
}
