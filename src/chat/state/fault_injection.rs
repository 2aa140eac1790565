//! What is done to the connection to see what comes of it: experiments, and lines that are sent as they were typed. Runs on the
//! UI thread; the connection's own threads do the work.

use std::time::Instant;

use super::Chat;
use super::session::Outcome;
use super::session::Phase;
use crate::client::{Experiment, NotSent};
use crate::wire::Tap;

const NOT_CONNECTED: &str = "There is no connection: press Connect first";

impl Chat {
    /// From the next connection on, lines are seen at this tap.
    pub fn set_tap(&mut self, tap: Tap) {
        self.tap = tap;
    }

    /// Begins an experiment, or ends it if it is going on.
    pub fn experiment(&mut self, experiment: Experiment) {
        match &self.session {
            Some(session) if session.phase == Phase::Online => {
                session.connection.experiment(experiment, !self.is_on(experiment));
            }
            _ => self.remark(NOT_CONNECTED),
        }
    }

    /// Whether an experiment goes on.
    pub fn is_on(&self, experiment: Experiment) -> bool {
        self.session.as_ref().is_some_and(|session| session.connection.laboratory().is_on(experiment))
    }

    /// Ends the connection without a word, as if this computer had lost its power.
    pub fn vanish(&mut self, now: Instant) {
        let Some(session) = &mut self.session else { return self.remark(NOT_CONNECTED) };
        session.connection.vanish();
        self.retry = None;
        self.end(Outcome::ByUser, now);
        self.remark("You have vanished, without a goodbye");
    }

    /// Sends bytes as they are. What the server answers is taken as an answer to what was said before.
    pub fn send_raw(&mut self, bytes: Vec<u8>) -> Result<(), String> {
        let session = self.session.as_ref().ok_or(NOT_CONNECTED)?;
        session.connection.send_raw(bytes).map_err(|why| match why {
            NotSent::Busy => "Too much waits to be sent already: try again in a moment".into(),
            NotSent::Ended => NOT_CONNECTED.into(),
        })
    }

    /// Which experiments go on, in words.
    pub(crate) fn faults_in_words(&self) -> Option<String> {
        self.session.as_ref()?.connection.laboratory().in_words()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_connection_nothing_is_tried_and_that_is_said() {
        let mut chat = Chat::default();
        assert!(chat.send_raw(b"WHO\n".to_vec()).unwrap_err().contains("press Connect first"));
        chat.experiment(Experiment::Flood);
        assert!(chat.status().1.starts_with("There is no connection"), "{}", chat.status().1);
        chat.remark("");
        chat.vanish(Instant::now());
        assert!(chat.status().1.starts_with("There is no connection"), "{}", chat.status().1);
    }
}
