//! The state of the server as the window shows it: a sentence, its level, and the commands that are possible.
//!
//! Plain data on the main thread.

use std::fmt;
use std::net::SocketAddr;

use crate::mood::Mood;
use crate::protocol::escape::escape;

/// The state of the server. Displays as a sentence for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// No server runs.
    #[default]
    Stopped,
    /// A start on this address was requested.
    Starting(String),
    /// The server accepts connections on this address.
    Listening(SocketAddr),
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
            State::Starting(listen) => write!(f, "Starting on {} …", escape(listen)),
            State::Listening(addr) if addr.ip().is_loopback() => {
                write!(f, "Listening on {addr}, for this computer only")
            }
            State::Listening(addr) => write!(f, "Listening on {addr}"),
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
        let listening = State::Listening("127.0.0.1:5555".parse().unwrap());
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
        let shown = |addr: &str| State::Listening(addr.parse().unwrap()).to_string();
        assert_eq!(shown("127.0.0.1:5555"), "Listening on 127.0.0.1:5555, for this computer only");
        assert_eq!(shown("[::1]:81"), "Listening on [::1]:81, for this computer only");
        assert_eq!(shown("0.0.0.0:5555"), "Listening on 0.0.0.0:5555");
    }
}
