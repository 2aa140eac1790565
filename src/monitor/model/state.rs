//! The state of the server as the window shows it: one sentence, and what may be done next.

use std::fmt;
use std::net::SocketAddr;

use crate::protocol::escape::escape;

/// What the server is doing. Displays as a sentence for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It does not run.
    #[default]
    Stopped,
    /// It was asked to listen on this address.
    Starting(String),
    /// It accepts connections.
    Listening(SocketAddr),
    /// It was asked to stop.
    Stopping,
    /// It could not be started, and this sentence says why.
    Failed(String),
    /// It was asked to stop, and the program ends with it.
    Closing,
}

/// What a state means to whoever looks: the window gives each a colour and a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Nothing goes on.
    Idle,
    /// It will be something else in a moment.
    Busy,
    /// All is well.
    Good,
    /// Something is to be done.
    Bad,
}

impl State {
    /// Whether Start does something.
    pub fn can_start(&self) -> bool {
        matches!(self, State::Stopped | State::Failed(_))
    }

    /// Whether Stop does something: looking up an address can take long, and is not to be waited for in vain.
    pub fn can_stop(&self) -> bool {
        matches!(self, State::Starting(_) | State::Listening(_))
    }

    /// What it means to whoever looks.
    pub fn mood(&self) -> Mood {
        match self {
            State::Stopped => Mood::Idle,
            State::Starting(_) | State::Stopping | State::Closing => Mood::Busy,
            State::Listening(_) => Mood::Good,
            State::Failed(_) => Mood::Bad,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Stopped => write!(f, "Stopped"),
            State::Starting(listen) => write!(f, "Starting on {} …", escape(listen)),
            // Who wonders why nobody else gets in is told here.
            State::Listening(addr) if addr.ip().is_loopback() => {
                let everywhere = if addr.is_ipv4() { "0.0.0.0" } else { "[::]" };
                write!(f, "Listening on {addr}, for this computer only ({everywhere}:{} is for all)", addr.port())
            }
            State::Listening(addr) => write!(f, "Listening on {addr}"),
            State::Stopping | State::Closing => write!(f, "Stopping: saying goodbye to everybody …"),
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
    fn whoever_listens_on_loopback_is_told_who_can_reach_it_and_what_lets_others_in() {
        let shown = |addr: &str| State::Listening(addr.parse().unwrap()).to_string();
        assert_eq!(
            shown("127.0.0.1:5555"),
            "Listening on 127.0.0.1:5555, for this computer only (0.0.0.0:5555 is for all)"
        );
        assert_eq!(shown("[::1]:81"), "Listening on [::1]:81, for this computer only ([::]:81 is for all)");
        assert_eq!(shown("0.0.0.0:5555"), "Listening on 0.0.0.0:5555");
    }
}
