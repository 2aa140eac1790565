//! The state of the server as the window shows it: a sentence, its level, and the commands that are possible.
//!
//! Plain data on the main thread.

use std::fmt;
use std::net::SocketAddr;

use crate::mood::Mood;
use crate::protocol::escape::escape;
use crate::server::Listen;

/// The state of the server. Displays as a sentence for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// No server runs.
    #[default]
    Stopped,
    /// A start on these addresses was requested.
    Starting(Listen),
    /// The server accepts connections on these addresses.
    Listening(Vec<SocketAddr>),
    /// A stop was requested.
    Stopping,
    /// The server could not be started, for this reason.
    Failed(String),
    /// A stop was requested, and the program ends after it.
    Closing,
}

impl State {
    /// Returns true if Start has an effect.
    pub fn can_start(&self) -> bool {
        matches!(self, State::Stopped | State::Failed(_))
    }

    /// Returns true if Stop has an effect. It has one during a start, too: the operator need not wait for an address lookup,
    /// which can take long.
    pub fn can_stop(&self) -> bool {
        matches!(self, State::Starting(_) | State::Listening(_))
    }

    /// Returns the level of the state.
    pub fn level(&self) -> Mood {
        match self {
            State::Stopped => Mood::Idle,
            State::Starting(_) | State::Stopping | State::Closing => Mood::Busy,
            State::Listening(_) => Mood::Good,
            State::Failed(_) => Mood::Error,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Stopped => write!(f, "Stopped"),
            State::Starting(listen) => write!(f, "Starting on {} …", escape(&listen.to_string())),
            State::Listening(addresses) => {
                write!(f, "Listening on {}", Listen::from(addresses.as_slice()))?;
                let is_local = addresses.iter().all(|address| address.ip().is_loopback());
                f.write_str(if is_local { ", for this computer only" } else { "" })
            }
            State::Stopping | State::Closing => write!(f, "Stopping …"),
            State::Failed(why) => write!(f, "{why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_and_stop_are_offered_only_when_they_do_something() {
        let listening = State::Listening(vec!["127.0.0.1:5555".parse().unwrap()]);
        for (state, start, stop) in [
            (State::Stopped, true, false),
            (State::Starting("127.0.0.1:5555".into()), false, true),
            (listening, false, true),
            (State::Stopping, false, false),
            (State::Failed("in use".into()), true, false),
            (State::Closing, false, false),
        ] {
            assert_eq!((state.can_start(), state.can_stop()), (start, stop), "{state:?}");
        }
    }

    #[test]
    fn on_loopback_the_state_says_who_can_connect() {
        let shown = |addresses: &[&str]| {
            State::Listening(addresses.iter().map(|address| address.parse().unwrap()).collect()).to_string()
        };
        assert_eq!(shown(&["127.0.0.1:5555"]), "Listening on 127.0.0.1:5555, for this computer only");
        assert_eq!(shown(&["127.0.0.1:81", "[::1]:81"]), "Listening on 127.0.0.1:81, [::1]:81, for this computer only");
        assert_eq!(shown(&["[::1]:81", "192.0.2.7:81"]), "Listening on [::1]:81, 192.0.2.7:81");
    }
}
