//! What others are told of us without our saying it, and what we ask to be told of them: the user's choice.
//! Runs on the UI thread.

use std::time::Duration;

use crate::protocol::Capabilities;

/// The user's choice. What is asked of the server is asked when connecting; all else counts at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Privacy {
    /// Tell others when we are typing.
    pub tell_typing: bool,
    /// Ask to be told who is typing, and show it.
    pub show_typing: bool,
    /// Ask to be told who is away, and show it.
    pub show_away: bool,
    /// Say that we are away when nothing was typed or clicked for so long.
    pub away_after: Option<Duration>,
}

impl Default for Privacy {
    fn default() -> Privacy {
        let away_after = Some(Duration::from_mins(10));
        Privacy { tell_typing: true, show_typing: true, show_away: true, away_after }
    }
}

impl Privacy {
    /// What is asked for in our HELLO.
    pub(crate) fn capabilities(self) -> Capabilities {
        Capabilities { stamp: true, echo: true, away: self.show_away, typing: self.show_typing, since: None }
    }
}
